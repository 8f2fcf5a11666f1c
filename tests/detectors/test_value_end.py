"""A password ends where its context says so: before markup and the next field, and not within what closes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.value_end import value_span
from tests.detectors.views.reading import finder

CASES = [
    # the text, with the value as a rule took it between two marks; what is left of it
    ("a⟦Abc1234<br>user⟧: bob", "Abc1234"),
    ("<td>密码：⟦Abc1234</td><td>next⟧</td>", "Abc1234"),
    ("<span>密码：⟦Abc1234</span>⟧", "Abc1234"),
    ("密码：⟦Abc1234<span⟧ class=x>y</span>", "Abc1234"),
    ("密码：⟦Abc1234<!--x-->⟧", "Abc1234"),
    ("密码：⟦Ab<b>c1d9⟧", "Ab<b>c1d9"),
    ("密码：⟦Ab</b>c1d9⟧", "Ab</b>c1d9"),
    ("密码：⟦Ab<b>c</b>1d9⟧", "Ab"),
    ("密码：⟦Ab<cd9⟧", "Ab<cd9"),
    ("密码：⟦<br>4567⟧", "<br>4567"),
    ('密码："⟦Ab<br>c1d9⟧"', "Ab<br>c1d9"),
    ('密码："⟦Ab<br>c1d9⟧', "Ab"),
    ("password: '⟦Ab&x=9][z⟧'", "Ab&x=9][z"),
    ("<password>⟦Ab&x=9⟧</password>", "Ab&x=9"),
    ("?password=⟦Abc1234&next=v⟧", "Abc1234"),
    ("a=1&password=⟦Abc1234&next=v⟧\n", "Abc1234"),
    ("password=⟦Ab&x=9⟧\nb=1", "Ab&x=9"),
    ("export DB_PASSWORD=⟦Ab&x=9⟧", "Ab&x=9"),
    ("password=⟦Abc1234&user=bob⟧", "Abc1234"),
    ("password=⟦Abc1234&next=v⟧ and more", "Abc1234"),
    ("password: ⟦Ab&x=9⟧", "Ab&x=9"),
    ("Tr: ⟦Tr0ub4dor&3⟧", "Tr0ub4dor&3"),
    ("[password=⟦Abc1234][next=v⟧]", "Abc1234"),
    ("password=⟦Ab][x9⟧", "Ab][x9"),
    ("user=alice&password=⟦&next=/home⟧", ""),
    ("password=⟦&x9z=7⟧", "&x9z=7"),
    ('PASSWORD="${PASSWORD:⟦?must⟧ be set}"', ""),
    ("PASSWORD=${PASSWORD⟦?unset}⟧", ""),
    ("password:⟦?must9⟧", "?must9"),
    ("[a] password: ⟦Ab][x9⟧", "Ab][x9"),
    ("PASSWORD=${PASSWORD:⟦-Zw99kk12}⟧", "Zw99kk12"),
    ("PASSWORD=⟦${DB⟧_PW:-Zw99kk12}/x", "Zw99kk12"),
    ("PASSWORD=⟦${DB_PW-Zw99kk12}⟧", "Zw99kk12"),
    ('"⟦${my-app.password:Zw99kk12}⟧"', "Zw99kk12"),
    ("PASSWORD=${PASSWORD:=⟦Zw99kk12}⟧", "Zw99kk12"),
    ("DB_PASSWORD=⟦${DB_PASSWORD:-MySecret!2024Prod}⟧", "MySecret!2024Prod"),
    ("spring.datasource.password=⟦${DB_PWD:TopSecret2024!}⟧", "TopSecret2024!"),
    ('password: "⟦${DB_PASS:Exampleville99!}⟧"', "Exampleville99!"),
    ("password: ⟦${DB_PASS:K9$mz!Lq27x}⟧", "K9$mz!Lq27x"),
    ("PASSWORD=⟦${DB_PW:-Pr0d$ecure!9}⟧", "Pr0d$ecure!9"),
    ("PASSWORD=⟦${DB_PW:-Kx92{a}!Lq}⟧", "Kx92{a}!Lq"),
    ("PASSWORD=⟦${DB_PW:-Kx92{!Lq}⟧", "${DB_PW:-Kx92{!Lq}"),
    ("PASSWORD=⟦${DB_PW:-Zw99$OTHER}⟧", "${DB_PW:-Zw99$OTHER}"),
    ("PASSWORD=⟦${DB_PW:-my-secret-1}⟧", ""),
    ("PASSWORD=⟦${DB_PW:-example_password2024}⟧", ""),
    ("PASSWORD=⟦${DB_PW:-Secret2024}⟧", "Secret2024"),
    ("PASSWORD=⟦${DB_PW:-Admin2023}⟧", "Admin2023"),
    ("PASSWORD=⟦${DB_PW:-Changeme2024}⟧", ""),
    ("PASSWORD=⟦${DB_PW:-secret2024}⟧", ""),
    ("PASSWORD=⟦${DB_PW:-Secret123}⟧", ""),
    ("PASSWORD=${PASSWORD:⟦-default}⟧", ""),
    ("PASSWORD=${PASSWORD:⟦-postgres}⟧", ""),
    ("PASSWORD=${PASSWORD:⟦-postgres1}⟧", ""),
    ("PASSWORD=${PASSWORD:⟦-changeme123}⟧", ""),
    ("PASSWORD=${PASSWORD:⟦-123456}⟧", ""),
    ("PASSWORD=${PASSWORD:⟦-$OTHER1}⟧", ""),
    ("PASSWORD=${PASSWORD:⟦-$(cat⟧ /run/x)}", ""),
    ("PASSWORD=⟦${PASSWORD:-}⟧", ""),
    ("PASSWORD=⟦${PASSWORD}⟧", "${PASSWORD}"),
]


@pytest.mark.parametrize(("marked", "want"), CASES)
def test_a_password_ends_where_its_context_says_so(marked: str, want: str) -> None:
    text = marked.replace("⟦", "").replace("⟧", "")
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    assert text[slice(*value_span(text, start, end, lambda _: 1))] == want


def test_a_sign_that_is_written_as_a_code_parts_nothing_where_others_are_not() -> None:
    text = "?password=Ab&x=9&y=1"
    assert text[slice(*value_span(text, 10, len(text), lambda at: 3 if at == 12 else 1))] == "Ab&x=9"
    assert text[slice(*value_span(text, 10, len(text), lambda _: 3))] == "Ab"
    assert text[slice(*value_span(text, 10, len(text), lambda at: 5 if at == 12 else 1))] == "Ab"


@given(st.text("aB1<>/&=][\"' \n${}:-", max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_an_end_lies_within_what_was_taken(text: str, first: int, second: int) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    first, last = value_span(text, start, end, lambda _: 1)
    assert start <= first <= last <= len(text)
    assert last <= end or "${" in text


@pytest.mark.parametrize("password", ["Sommer%8261z", "Sommer%82", "Som%41mer%8261z", "Zx9k%ff%fe!2", "Qwert%e4%zz10"])
def test_a_per_cent_sign_before_two_digits_ends_no_password(password: str) -> None:
    for text in (f"my password: {password} thanks", f"DB_PASSWORD={password}", f"密码：{password}，谢谢"):
        found = {text[one.start : one.end] for one in finder().find(text).findings if one.entity == "PASSWORD"}
        assert found == {password}


def test_a_sign_that_stands_for_a_byte_is_part_of_a_password_only_where_it_is_written_as_one() -> None:
    text = "password=Sommer\ufffd61z"
    assert text[slice(*value_span(text, 9, 15, lambda _: 3))] == "Sommer\ufffd61z"
    assert text[slice(*value_span(text, 9, 15, lambda _: 1))] == "Sommer"
