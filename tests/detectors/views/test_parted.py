"""A number told in pieces within one text loses each of them, and figures with words between are left alone."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.parted import parted
from detectors.views.pieces import Pieces
from tests.detectors.views.reading import CARD, ID, MOBILE, found, redacted


@given(
    st.sampled_from([ID, MOBILE, CARD]),
    st.sampled_from(
        [
            "卡号/电话前{n}位是{a}，后{m}位是{b}。",
            "card or phone: first part {a}, last part {b}.",
            "电话/卡的前半 {a}\n后半 {b}",
            'card_phone: const p1 = "{a}", p2 = "{b}";',
            'phone card\na = "{a}"\nb = "{b}"\n',
            "card phone https://a.example/?x1={a}&x2={b}",
        ]
    ),
    st.data(),
)
def test_each_piece_is_taken_out_and_nothing_else(value, written, data):
    cut = data.draw(st.integers(3, len(value) - 3))
    first, last = value[:cut], value[cut:]
    lead = len(written.split("{a}")[0].format(n=len(first)))
    text = written.format(a=first, b=last, n=len(first), m=len(last))
    slices = {piece for _, piece in found(text)}
    assert {first, last} <= slices or any(first in one and last in one for one in slices)
    assert redacted(text)[:lead] == text[:lead]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("前6位：110105\n中间8位：19491231\n后4位：002X", "前6位：⟦⟧\n中间8位：⟦⟧\n后4位：⟦⟧"),
        ("后四位是002X，前14位是11010519491231", "后四位是⟦⟧，前14位是⟦⟧"),
        ("前17位 11010519491231002，最后一位 X", "前17位 ⟦⟧，最后一位 ⟦⟧"),
        ("手机 139 然后 1234 再 5678", "手机 ⟦⟧ 然后 ⟦⟧ 再 ⟦⟧"),
        ("电话前面几位 1391234，最后四位 5678", "电话前面几位 ⟦⟧，最后四位 ⟦⟧"),
        ("前三位１３９，后八位12345678", "前三位⟦⟧，后八位⟦⟧"),
        ('a="110105194912"; b="31002X"', 'a="⟦⟧"; b="⟦⟧"'),
        ("ID: the first part is 11010519491231 and the rest 002X", "ID: the first part is ⟦⟧ and the rest ⟦⟧"),
    ],
)
def test_pieces_are_read_in_either_order_and_in_any_signs(text, left):
    assert redacted(text) == left


@pytest.mark.parametrize(
    "told", ["手机号前三位是139，后八位是12345678", "ID: first part 11010519491231, the rest 002X"]
)
def test_pieces_that_are_told_within_a_code_take_the_whole_code_with_them(told):
    assert redacted(f"看 {b64encode(told.encode()).decode()} 完") == "看 ⟦⟧ 完"


@pytest.mark.parametrize(
    "text",
    [
        "前三个月卖出 139 件，后两个月 12345678 元",
        "first 139 rows, last 12345678 bytes",
        'width="139"; height="12345678"',
        "https://a.example/?page=139&size=12345678",
        "前14位是11010519491231，后四位是0021",
        "The first release had 4111 commits, the next 1111, then 1111 and the last 1111.",
        "步骤1，然后步骤2，最后步骤3",
        'a = "1.3.9"\nb = "1234.5678"',
        "手机订单 15800 台，后 123456 元",
        "Mobile app: 150 users in the first half, 23456789 hits",
        "tel_timeout_1 = 15000\ntel_timeout_2 = 300000\n",
        "Phone prices: 15000 then 300000",
    ],
)
def test_figures_with_words_between_are_left_alone(text):
    assert redacted(text) == text


def test_a_text_of_nothing_but_links_makes_work_in_proportion():
    def cores(size):
        pieces, reading = Pieces(), read_text("前三位139，后八位12345678。" * size)
        parted(reading, pieces, reading.view.span)
        return len(pieces.cores)

    assert cores(200) <= 2.2 * cores(100)
