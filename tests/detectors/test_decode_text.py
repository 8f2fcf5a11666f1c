"""Text is read whatever desktop wrote it; what cannot be told is said to be so, and never read as something else."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as some

from detectors.decode_text import Decoded, NotText, Undecided, decode

SIMPLE = "客户身份证号码请核对，谢谢。\n联系人：王芳，电话 13800138000\n"
TRADITIONAL = "客戶身分證號碼請核對，謝謝。\n聯絡人：王芳，電話 13800138000\n"
WESTERN = "Herr Müller schrieb: “Grüße aus Köln” – the café was closed on Monday, and so was the bar next door.\n"


@pytest.mark.parametrize(
    ("text", "codec", "told"),
    [
        (SIMPLE, "utf-8", "UTF-8"),
        (SIMPLE, "utf-8-sig", "UTF-8"),
        (SIMPLE, "gb18030", "GB18030"),
        (SIMPLE, "gbk", "GB18030"),
        (TRADITIONAL, "big5", "Big5"),
        (SIMPLE, "utf-16", "UTF-16"),
        (SIMPLE, "utf-16-le", "UTF-16"),
        (SIMPLE, "utf-16-be", "UTF-16"),
        ("mail wang.fang@example.com\r\n", "utf-16-le", "UTF-16"),
        (SIMPLE, "utf-32", "UTF-32"),
        (WESTERN, "windows-1252", "Windows-1252"),
        ("", "utf-8", "UTF-8"),
        ("a\0b and much more text than zeros", "utf-8", "UTF-8"),
    ],
)
def test_text_is_read_as_it_was_written(text: str, codec: str, told: str) -> None:
    assert decode(text.encode(codec)) == Decoded(text, told)


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 text", b"PK\x03\x04 text", b"\x89PNG\r\n", b"\x1f\x8b\x08", b"\x00\xff\x80\x00\x01" * 9],
    ids=["pdf", "zip", "png", "gzip", "zeros"],
)
def test_a_picture_or_an_archive_is_no_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        "Привет, это письмо на русском языке".encode("koi8-r"),
        TRADITIONAL.encode("gb18030"),
        "これは日本語のテキストです".encode("shift-jis"),
        b"x\x81\x8d",
        codecs.BOM_UTF16_LE + b"\x00\xd8\x00",
    ],
    ids=["Russian", "traditional in GB18030", "Japanese", "nothing at all", "half a character"],
)
def test_what_cannot_be_told_is_not_guessed(data: bytes) -> None:
    with pytest.raises(Undecided):
        decode(data)


def test_an_encoding_that_is_named_is_taken_and_must_hold() -> None:
    assert decode(TRADITIONAL.encode("gb18030"), "gb18030") == Decoded(TRADITIONAL, "gb18030")
    with pytest.raises(Undecided):
        decode(b"\xff", "utf-8")


def test_a_text_is_not_in_what_it_says_of_itself() -> None:
    assert "王芳" not in repr(decode(SIMPLE.encode()))


@given(some.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        found = decode(data)
    except (NotText, Undecided):
        return
    assert found.encoding != "UTF-8" or found.text.encode() == data.removeprefix(codecs.BOM_UTF8)


@given(some.text(alphabet=some.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=80))
def test_utf8_is_always_taken_for_utf8(text: str) -> None:
    data = text.encode()
    if not data.startswith((b"%PDF-", b"PK", b"GIF8", b"BZh", b"Rar!", b"OggS", b"SQLite")):
        assert decode(data) == Decoded(text, "UTF-8")
