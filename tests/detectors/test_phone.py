"""Telephone numbers of the world are found, and figures are not taken for them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import phone
from detectors.interface import CannotTell
from detectors.phone import ANYWHERE, REGIONS, Phone, library, surely_valid
from tests.thorough import drawn

FOUND = {
    "country code": ("电话+1 415 555 0132谢谢", ["+1 415 555 0132"]),
    "country code, glued": ("拨打+442079460958即可", ["+442079460958"]),
    "full width": ("＋１　４１５　５５５　０１３２", ["＋１　４１５　５５５　０１３２"]),
    "two in one run": ("+1 415 555 0132, +44 20 7946 0958", ["+1 415 555 0132", "+44 20 7946 0958"]),
    "by its form, American": ("(415) 555-0132", ["(415) 555-0132"]),
    "by its form, British": ("020 7946 0958", ["020 7946 0958"]),
    "by a word, Hong Kong": ("手機 9123 4567", ["9123 4567"]),
    "by a word, Indian": ("phone: 9876543210", ["9876543210"]),
    "by a word, French": ("tél: 01 42 68 53 00, phone", ["01 42 68 53 00"]),
    "by a word, German": ("Telefon 030 901820", ["030 901820"]),
    "a country code, a dot and all of the number": ("tel +86.13800138000", ["+86.13800138000"]),
    "ten digits in a row beside a word": ("电话8008100000，4008100000 电话", ["8008100000", "4008100000"]),
    "a figure with its sign and a fraction": ("坐标 +35236450.6", []),
    "a number with its code beside QQ": ("QQ +1 415 555 0132", ["+1 415 555 0132"]),
    "a number behind a QQ number": ("QQ 2734918056，电话 9123 4567", ["9123 4567"]),
    "invisible characters inside": ("+1\u200b415\u200b5550132", ["+1\u200b415\u200b5550132"]),
}
NOT_FOUND = {
    "a company's line": "请拨打400-800-8820",
    "a company's line in a row": "客服热线 4008008820",
    "a company's line by its word": "服务电话4008100000",
    "an order of such digits": "订单 4008100000",
    "a company's line with its country": "客服热线 +86 400-800-8820",
    "an old one": "电话 800-810-0000",
    "an order number": "订单号 4155550132",
    "a timestamp": "1700000000 1700000000000",
    "a date and time": "call 2024-10-12 15:30:22",
    "a German date": "phone 12.10.2024",
    "an address": "联系 192.168.10.100",
    "a fraction": "call 3.1415926535",
    "a table of figures": "01 02 03 04 05 06 07",
    "a book": "ISBN 978-7-111-12345-6",
    "a hash": "contact 9f1101011990030744ab",
    "no such area": "123-456-7890",
    "QQ": "QQ 1234567",
    "QQ beside WeChat": "微信/QQ 2734918056",
    "WeChat beside QQ": "QQ/微信：403829175",
    "QQ beside a word for telephones": "联系 QQ号是 1729384756",
    "QQ in English": "contact me, my QQ number is 2734918056",
    "an IMEI": "手机串号 356938035643809",
    "an IMEI in English": "phone imei1=356938035643809",
}


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_telephone_numbers_are_found_exactly(text, want):
    found = Phone().find(text, frozenset({"PHONE_NUMBER"}))
    assert [text[one.start : one.end] for one in found] == want


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND)
def test_figures_are_not_taken_for_them(text):
    assert Phone().find(text, frozenset({"PHONE_NUMBER"})) == ()


def test_a_country_code_counts_for_more_than_a_word_and_a_word_for_more_than_form():
    scores = [
        Phone().find(text, Phone().entities)[0].score for text in ("+14155550132", "call 4155550132", "(415) 555-0132")
    ]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3


def test_a_text_of_nothing_but_figures_cannot_be_told(monkeypatch):
    monkeypatch.setattr(phone, "MOST", 10)
    with pytest.raises(CannotTell, match="too many runs of digits"):
        Phone().find("12345678;" * 20, frozenset({"PHONE_NUMBER"}))


@given(st.text("0123456789+-(). 电话号码\u200b", max_size=60))
@settings(max_examples=drawn(100), deadline=None)
def test_findings_of_any_text_lie_in_it(text):
    for finding in Phone().find(text, frozenset({"PHONE_NUMBER"})):
        assert 0 <= finding.start < finding.end <= len(text)


EXAMPLES = [
    (region, library().national_significant_number(number), number.country_code)
    for region in sorted(library().SUPPORTED_REGIONS)
    for kind in range(11)
    if (number := library().example_number_for_type(region, kind)) is not None
]


def by_the_library(digits: str, region: str) -> bool:
    """Tell what the library itself says of digits."""
    try:
        run, home = ("+" + digits, None) if region == ANYWHERE else (digits, region)
        return library().is_valid_number(library().parse(run, home))
    except library().NumberParseException:
        return False


@given(st.sampled_from(EXAMPLES), st.sampled_from(["", "0", "00", "1", "011", "86", "0086", "44"]), st.data())
@settings(max_examples=drawn(400))
def test_what_is_surely_a_number_is_one_by_the_library(example, ahead, data):
    region, national, code = example
    digits = list(ahead + national)
    for _ in range(data.draw(st.integers(0, 2))):
        digits[data.draw(st.integers(0, len(digits) - 1))] = data.draw(st.sampled_from("0123456789"))
    written = "".join(digits)
    for number, home in (
        (written, region),
        (written, data.draw(st.sampled_from(REGIONS))),
        (f"{code}{written}", ANYWHERE),
    ):
        if surely_valid(number, home):
            assert by_the_library(number, home), (number, home)


def test_most_numbers_need_no_library():
    sure = sum(surely_valid(f"{code}{national}", ANYWHERE) for _, national, code in EXAMPLES)
    assert sure > 0.9 * len(EXAMPLES)
