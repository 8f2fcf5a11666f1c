"""Bytes are read in whatever notation a program prints them, and only they are taken out; tables of numbers are not."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.printed import characters, notations, printed
from tests.detectors.views.reading import CARD, ID, MAIL, MOBILE, found, redacted
from tests.thorough import drawn

NOTATIONS = {
    "an array of C": (", ", "0x{:02x}"),
    "an array with suffixes": (", ", "0x{:02X}u"),
    "decimal": (", ", "{}"),
    "decimal, aligned": (",", "{:4d}"),
    "octal of a shell": ("", "\\{:03o}"),
    "octal of printf": ("", "\\0{:03o}"),
    "octal, short": ("", "\\{:o}"),
    "bits": (" ", "{:08b}"),
    "bits on lines": ("\n", "{:08b}"),
    "bits of a program": (", ", "0b{:08b}"),
    "bits as one": ("", "{:08b}"),
    "a byte on each line": ("\n", "{:02x}"),
    "an assembler's": (", ", "{:02x}h"),
    "a query's": ("||", "CHR({})"),
    "a macro's": (" & ", "ChrW$(&H{:02X})"),
    "a script's": (" + ", "String.fromCharCode({})"),
    "a shell's of Windows": ("+", "[char]{}"),
    "casts": (", ", "(byte)0x{:02x}"),
    "Pascal's": ("", "#{}"),
    "points of Unicode": (" ", "U+{:04X}"),
    "units of two bytes": (", ", "0x{:04x}"),
}


def written(way: str, data: bytes) -> str:
    sign, form = NOTATIONS[way]
    return sign.join(form.format(one) for one in data)


@pytest.mark.parametrize("way", NOTATIONS)
@given(value=st.sampled_from([ID, MOBILE, CARD, MAIL]), before=st.sampled_from(["看:\n", "x = [", "这里(", 'printf "']))
@settings(max_examples=drawn(20), deadline=None)
def test_a_value_in_any_notation_is_taken_out_from_its_first_number_to_its_last(way, value, before):
    code = written(way, value.encode())
    text = f"{before}{code}; 谢谢"
    left = redacted(text)
    assert left.startswith(before) and left.endswith("; 谢谢") and left.count("⟦⟧") == 1
    kept = left.removeprefix(before).removesuffix("; 谢谢").replace("⟦⟧", "")
    assert not any(map(str.isdigit, kept)), kept


def test_numbers_of_chinese_characters_are_read_among_those_of_a_value():
    said = f"身份证 {ID}"
    assert ("CN_ID_CARD", ",".join(str(ord(one)) for one in said)) in found(",".join(str(ord(one)) for one in said))


def test_bytes_of_text_among_others_are_found():
    rng = random.Random(1)
    data = rng.randbytes(40) + b"\0" + MAIL.encode() + b"\0" + rng.randbytes(40)
    assert [entity for entity, _ in found("{" + ", ".join(f"0x{one:02x}" for one in data) + "};")] == ["EMAIL_ADDRESS"]


def test_the_size_of_an_array_is_none_of_its_bytes():
    key = "AKIAIVMV6SDZHN6C7UVG"
    text = "let k: [u8; 64] = [" + ", ".join(f"0x{one:02x}" for one in key.encode()) + "];"
    assert redacted(text) == "let k: [u8; 64] = [⟦⟧];"


HARMLESS = (
    ", ".join(map(str, range(32, 127))),
    "\n".join(" ".join(str((x * y) % 97 + 10) for x in range(12)) for y in range(12)),
    "rgb(255, 128, 64), rgb(12, 34, 56), rgb(78, 90, 12), rgb(34, 56, 78), rgb(90, 12, 34)",
    "2024-01-02 03:04:05\n2024-01-03 04:05:06\n2024-01-04 05:06:07\n2024-01-05 06:07:08",
    "\n".join(random.Random(seed).randbytes(32).hex() for seed in range(8)),
    "{" + ", ".join(f"0x{one:02x}" for one in b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(7).randbytes(200)) + "}",
    "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01",
    "1024 2048 4096 8192 16384 32768\n1200 2400 4800 9600 19200 38400",
)


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_tables_of_numbers_are_nobodys(text):
    assert found(text) == []


@given(st.text("0123456789abcdefxXh,; \n()[]&+#\\'\"", max_size=120))
@settings(max_examples=drawn(200), deadline=None)
def test_any_text_can_be_read_and_rows_lie_in_it(text):
    reading = read_text(text)
    for start, end, _, made in printed(reading):
        assert 0 <= start < end <= len(reading.text) and isinstance(made, bytes | str)


def test_each_number_is_read_in_the_base_that_it_names():
    each = [("0x", "31"), ("", "51"), ("0o", "71"), ("0b", "00110001")]
    assert dict(notations(each)) == {}, "some base 2 beyond five digits is no decimal number"
    assert ("numbers of characters", b"13") in list(notations([("0x", "31"), ("", "51")]))


def test_numbers_that_are_hardly_ever_characters_are_none():
    assert characters([0x31, 0x4E00]) == "1一"
    assert characters([300, 301, 302]) is None and characters([0x4E00, 0x4E01, 0x31]) is None
