"""What was found once is found wherever else it stands; what means something else elsewhere is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.interface import Finding, Scan
from detectors.repeats import BECAUSE, found_again
from tests.rows import each

VALUE = "fBAepfJBd0"


def again(texts: list[str], value: str, entity: str = "PASSWORD", in_text: int = 0) -> list[list[str]]:
    """Return what stands where a value is found that was found once, in one of the texts."""
    start = texts[in_text].index(value)
    scans = [Scan() for _ in texts]
    scans[in_text] = Scan((Finding(start, start + len(value), entity, 0.8, "told"),))
    found = found_again(texts, scans)
    return [[text[one.start : one.end] for one in scan.findings] for text, scan in zip(texts, found, strict=True)]


FOUND = {
    "the same text": [f"password: {VALUE}\nlogin {VALUE}"],
    "another text": [f"password: {VALUE}", f'auth("bob", "{VALUE}")'],
    "an earlier text": [f"{VALUE} 是什么", f"password: {VALUE}"],
    "between Chinese characters": [f"password: {VALUE}", f"把{VALUE}改掉"],
    "beside signs": [f"password: {VALUE}", f"bob:{VALUE}@h, --pw={VALUE}"],
}


@each("name", FOUND)
def test_a_password_is_found_wherever_it_stands_by_itself(name: str) -> None:
    texts = FOUND[name]
    told = next(number for number, text in enumerate(texts) if "password: " in text)
    start = texts[told].index("password: ") + len("password: ")
    scans = [Scan() for _ in texts]
    scans[told] = Scan((Finding(start, start + len(VALUE), "PASSWORD", 0.8, "told"),))
    found = found_again(texts, scans)
    for text, scan in zip(texts, found, strict=True):
        assert [text[one.start : one.end] for one in scan.findings] == [VALUE] * text.count(VALUE)
        assert all(one.entity == "PASSWORD" and one.score == 0.8 for one in scan.findings)
    assert sum(BECAUSE in one.because for scan in found for one in scan.findings) == "".join(texts).count(VALUE) - 1


NOT_AGAIN = {
    "a part of a longer word": (f"password: {VALUE}", f"x{VALUE} {VALUE}9", VALUE, "PASSWORD"),
    "a word": ("password: letmein", "please letmein", "letmein", "PASSWORD"),
    "a short value": ("password: ab1", "ab1 is a block", "ab1", "PASSWORD"),
    "the name of an algorithm": ("password: sha256", "use sha256", "sha256", "PASSWORD"),
    "few figures": ("QQ 123456", "step 123456 of it", "123456", "CN_QQ_NUMBER"),
    "a day": ("born 19880305", "logs/19880305", "19880305", "DATE_OF_BIRTH"),
    "a name": ("I am agent007x", "agent007x", "agent007x", "PERSON"),
}


@each("name", NOT_AGAIN)
def test_what_may_mean_something_else_is_found_where_it_was_told_alone(name: str) -> None:
    told, other, value, entity = NOT_AGAIN[name]
    assert again([told, other], value, entity) == [[value], []]


@pytest.mark.parametrize("value", ["!a1b2c3", "$x9y8z7!", "-4f5g6h-", "12190987654321"])
def test_signs_at_its_edges_belong_to_it(value: str) -> None:
    assert again([f"password: {value}", f"then <{value}>."], value) == [[value], [value]]


@given(st.lists(st.text(alphabet=f"{VALUE} :密x", max_size=60), max_size=4))
def test_what_is_found_again_is_the_value_itself_and_none_that_stands_alone_is_missed(others: list[str]) -> None:
    texts = [f"password: {VALUE}", *others]
    for text, found in zip(texts, again(texts, VALUE), strict=True):
        assert set(found) <= {VALUE}
        assert len(found) >= sum(word == VALUE for word in text.replace(":", " ").replace("密", " ").split())
