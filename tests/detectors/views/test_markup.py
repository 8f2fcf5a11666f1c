"""Values with markup in their midst are found and taken out whole; ordinary pages and code are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detectors.views.reading import CARD, ID, MAIL, MOBILE, found, redacted

MARKS = (
    "<b>",
    "</b>",
    "<br/>",
    '<span class="x">',
    "</font><b>",
    "<!-- a -->",
    "[b]",
    "**",
    "~~",
    '" + "',
    "' + '",
    "`",
)


def marked(value: str, places: list[int], mark: str) -> str:
    cuts = sorted({place % (len(value) - 1) + 1 for place in places})
    return mark.join(value[a:b] for a, b in zip([0, *cuts], [*cuts, len(value)], strict=True))


@given(
    st.sampled_from([(ID, "核对"), (MOBILE, "电话"), (CARD, "card "), (MAIL, "写给")]),
    st.lists(st.integers(0, 60), min_size=1, max_size=4),
    st.sampled_from(MARKS),
)
def test_a_value_with_markup_in_its_midst_is_found_and_taken_out_whole(value, places, mark):
    plain, word = value
    assert redacted(f"{word}{marked(plain, places, mark)} 谢谢") == f"{word}⟦⟧ 谢谢"


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("电话 138<br>0013<b>8000</b>", "PHONE_NUMBER", "138<br>0013<b>8000"),
        ("电话 138 <b>0013</b> 8000", "PHONE_NUMBER", "138 <b>0013</b> 8000"),
        ("电话 138+0013+8000", "PHONE_NUMBER", "138+0013+8000"),
        ("电话 **138**0013**8000**", "PHONE_NUMBER", "138**0013**8000"),
        ("zhang<span>@</span>corp.com", "EMAIL_ADDRESS", "zhang<span>@</span>corp.com"),
        ('mail = "zhang" + "@corp.com"', "EMAIL_ADDRESS", 'zhang" + "@corp.com'),
    ],
)
def test_what_is_taken_out_is_the_value_with_its_markup_and_no_more(text, entity, value):
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "<td>138</td><td>0013</td><td>8001</td>",
        "<b>12</b><i>34</i><b>5678901</b>",
        "x<sub>1</sub>x<sub>2</sub> = 13<sup>9</sup>12345678",
        'print("139" + "123" + "45")',
        "if a <b and c> d: 2**31 ** 2",
        "<span>def</span> <span>main12</span>(<span>x</span>)",
        "call 150 * 1024 * 1024",
        "call 150**1024**1025**2",
    ],
)
def test_ordinary_markup_makes_no_value(text):
    assert found(text) == []


@given(st.text(st.sampled_from("0139a@.c<b/>*` +\"'电话"), max_size=60))
def test_no_text_makes_it_raise_and_offsets_stay_inside(text):
    for _, value in found(text):
        assert value and value in text
