"""Numbers that only people can read are found, exactly where they stand, and figures are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.checksums import cn_id_card
from detectors.views import numbers
from detectors.views.numbers import NUMERALS
from tests.detectors.views.reading import CARD, ID, MOBILE, finder, found, redacted

SIGNS = st.sampled_from(["-", ".", " ", "\n", "·", "_", "/", "、", " - ", "–", "…", "|", "\u3000"])


def divided(text: str, sizes: list[int], sign: str) -> str:
    groups, place = [], 0
    while place < len(text):
        size = sizes[len(groups) % len(sizes)]
        groups.append(text[place : place + size])
        place += size
    return sign.join(groups)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), SIGNS)
def test_a_citizen_number_is_found_however_it_is_divided_and_taken_out_whole(sizes, sign):
    written = divided(ID, sizes, sign)
    text = f"核对一下{written}的登记"
    assert redacted(text) == "核对一下⟦⟧的登记"
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.parametrize("sign", ["-", "·", "/", " ", "\n", "、", "–"])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_mobile_number_beside_a_word_for_it_is_found(sign, size):
    assert redacted(f"电话{divided(MOBILE, [size], sign)}找我") == "电话⟦⟧找我"


@pytest.mark.parametrize("sign", [*"|+*=~#^&,;:/_.", "><", "**", "、", "·"])
@pytest.mark.parametrize("code", ["", "86"])
def test_a_whole_mobile_number_is_found_whatever_one_sign_divides_it(sign, code):
    written = sign.join([*filter(None, [code]), "139", "1234", "5678"])
    assert redacted(f"找 {written} 吧") == "找 ⟦⟧ 吧"


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_card_number_beside_a_word_for_it_is_found(size):
    assert redacted(f"refund to card {divided(CARD, [size], '_')} please") == "refund to card ⟦⟧ please"


@pytest.mark.parametrize(
    "digits", ["零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "洞幺两三四五六拐八勾", "零壹貳參肆伍陸柒捌玖"]
)
@pytest.mark.parametrize("sign", ["", " ", "、"])
@pytest.mark.parametrize("value", [ID, MOBILE, CARD])
def test_chinese_numerals_are_read_as_digits(digits, sign, value):
    written = sign.join(digits[int(one)] if one.isdigit() else one for one in value)
    assert redacted(f"请记下{written}。") == "请记下⟦⟧。"


@pytest.mark.parametrize(("value", "words"), [(ID, "核对"), (MOBILE, "电话"), (CARD, "card ")])
def test_numbers_are_read_backwards_too(value, words):
    assert redacted(f"{words}{value[::-1]} 谢谢") == f"{words}⟦⟧ 谢谢"


def test_a_citizen_number_among_other_figures_is_found_by_whole_groups():
    assert ("CN_ID_CARD", "110105-19491231-002X") in found("20 30 40 110105-19491231-002X 50")


@pytest.mark.parametrize(
    "text",
    [
        "数列 1 3 5 7 9 2 4 6 8 0 1",
        "矩阵 6 2 2 2 0 2 1 2 3 4 5 6 7 8 9 4",
        "联系 192.168.10.100",
        "call 150 * 1024 * 1024",
        "plot([150,2000,3000])",
        "np.linspace(150, 2000, 3000)",
        "rgb(150;2000;3000)",
        "prices: 150/2000/3000",
        "tiles/138/2731/1399.png",
        "分辨率 158:1080:1920",
        "limit: 150*1024*1024",
        "x = 139+1234+5678",
        "139+1234+5678 = 7051",
        "| 139 | 1234 | 5678 |",
        "12|139|1234|5678|99",
        "2026-11-27 10:11:12.123",
        "[128, 256, 512, 1024]",
        "一二三四五,上山打老虎",
        "七八个星天外,两三点雨山前",
        "订单20260102030405060",
        "x = 0.123 0.456 0.789 0.1011",
        "4111-1111-1111-1112",
    ],
)
def test_figures_are_no_numbers_of_people(text):
    assert [one for one in found(text) if one[0] != "IP_ADDRESS"] == []


@given(st.text(st.sampled_from([*"0123456789 -.X", *NUMERALS]), max_size=80))
def test_what_is_found_through_a_view_is_a_slice_of_the_original_that_holds_the_number(text):
    for one in finder().find(text, frozenset({"CN_ID_CARD"})).findings:
        written = "".join(NUMERALS.get(sign, sign) for sign in text[one.start : one.end])
        digits = "".join(sign for sign in written if sign in "0123456789X")
        assert cn_id_card(digits) or cn_id_card(digits[::-1]) or len(digits) == 15


class Traced(str):
    """A text that notes how much of it is copied."""

    copied: list[int]

    def __getitem__(self, at):
        part = super().__getitem__(at)
        self.copied.append(len(part))
        return part


def test_of_a_long_text_only_a_little_is_copied_for_each_number():
    text = Traced("138*1234*5678 ok,\n" * 2000)
    text.copied = []
    start = text.index("138", len(text) // 2)
    assert numbers._by_one_sign(text, start, start + 13, {"*"})
    assert sum(text.copied) < 100


@pytest.mark.parametrize("sign", ["😀", "🎉", "⭐", "❤\ufe0f", '", "', "', '"])
@pytest.mark.parametrize(("digits", "word"), [(ID, "id "), (MOBILE, "电话 "), (CARD, "card ")])
def test_emoji_and_the_commas_of_a_list_of_strings_are_signs_between_digits(sign, digits, word):
    assert redacted(f"{word}{sign.join(digits)} 谢谢") == f"{word}⟦⟧ 谢谢"


def test_emoji_stand_between_chinese_numerals_too():
    written = ID.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    assert redacted(f"证件 {'🎉'.join(written)} 谢谢") == "证件 ⟦⟧ 谢谢"
