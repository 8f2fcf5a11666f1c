"""Text is read whatever desktop wrote it; what cannot be told is said to be so, and never read as something else."""

import codecs
import encodings.aliases

import pytest
from hypothesis import given
from hypothesis import strategies as some

from detectors.decode_text import Decoded, NotText, Undecided, decode, mend
from tests.silence import says_nothing_of

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


LOG = "2026-03-02 11:05:09 INFO 客户 王芳 已下单，电话 13800138000\n" * 40
PLAIN = "2026-03-02 11:05:09 INFO order placed by user 4711, all well\n" * 40
CUT = {
    "UTF-8 cut at its end": (LOG.encode() + "王".encode()[:2], "UTF-8", 2),
    "UTF-8 cut at its beginning": ("王".encode()[1:] + LOG.encode(), "UTF-8", 2),
    "one wrong byte in Chinese": (LOG.encode().replace(b"INFO", b"INF\xff", 1), "UTF-8", 1),
    "one wrong byte in English with little Chinese": (f"{PLAIN}王芳\n{PLAIN}".encode() + b"\xe7\x8e", "UTF-8", 2),
    "a short text": ("客户".encode() + "王".encode()[:2], "UTF-8", 2),
    "a mark before it": (codecs.BOM_UTF8 + LOG.encode() + b"\xe7", "UTF-8", 1),
    "GB18030 cut at its end": (LOG.encode("gb18030") + b"\xcd", "GB18030", 1),
    "UTF-16 cut at its end": (LOG.encode("utf-16-le")[:-1], "UTF-16", 1),
    "UTF-16 with a mark, cut": (LOG.encode("utf-16")[:-1], "UTF-16", 1),
    "half zeros, as after a crash": (b"\0" * len(LOG) + LOG.encode(), "UTF-8", 0),
    "zeros between fields": ("王芳\0\0\0\0\0\x0013800138000\0\0\0\0\0".encode() * 9, "UTF-8", 0),
    "zeros in GB18030": (LOG.encode("gb18030") + b"\0" * 4000, "GB18030", 0),
    "zeros and a cut": (b"\0" * 4000 + LOG.encode() + b"\xe7\x8e", "UTF-8", 2),
}


@pytest.mark.parametrize(("data", "encoding", "lost"), CUT.values(), ids=CUT.keys())
def test_who_only_looks_reads_what_is_text_around_bytes_that_are_none(data: bytes, encoding: str, lost: int) -> None:
    found = mend(data)
    assert (found.encoding, found.lost) == (encoding, lost)
    assert "王芳" in found.text or (encoding == "UTF-8" and "客户" in found.text)
    assert found.text.count("\ufffd") == lost


def test_a_replacement_character_that_somebody_wrote_is_no_lost_byte() -> None:
    assert mend(f"\ufffd{LOG}".encode() + b"\xe7").lost == 1


def test_a_named_encoding_may_have_few_wrong_bytes_and_no_more() -> None:
    assert mend(LOG.encode("big5", "replace") + b"\xa4", "big5").lost == 1
    with pytest.raises(Undecided):
        mend("Привет, это письмо на русском языке".encode("koi8-r"), "utf-8")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\0" * 500, NotText),
        (b"\x7fELF" + b"\0" * 20 + LOG.encode(), NotText),
        (bytes(range(1, 32)) * 3 + b"\0" * 40 + b"some words of a program", NotText),
        (b"MZ\0\0\x90", NotText),
        (b"x\x81\x8d", Undecided),
        ("Привет, это письмо на русском языке".encode("koi8-r"), Undecided),
        ("これは日本語のテキストです".encode("shift-jis"), Undecided),
    ],
    ids=["only zeros", "a program that says so", "controls", "a short program", "nothing", "Russian", "Japanese"],
)
def test_what_is_no_text_is_not_mended_into_one(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        mend(data)


CODECS = sorted({"", "undefined", *encodings.aliases.aliases.values()} - {"mbcs", "oem"})
BINARY = {name for name in CODECS if name.endswith("_codec") or name == "rot_13"}
"""Codecs of bytes or of texts alone, which Python does not take for encodings of texts."""


@given(some.sampled_from(sorted(set(CODECS) - BINARY)), some.binary(max_size=20), some.binary(max_size=20))
def test_what_cannot_be_decoded_is_neither_in_the_error_nor_behind_it(name: str, before: bytes, after: bytes) -> None:
    for read in (decode, mend):
        try:
            read(before + b"tr0ub4dor" + after, name)
        except (NotText, Undecided) as error:
            says_nothing_of(error, "tr0ub4dor")


@given(some.binary(max_size=300))
def test_what_can_be_read_whole_is_not_mended(data: bytes) -> None:
    try:
        whole = decode(data)
    except (NotText, Undecided):
        return
    mended = mend(data)
    assert mended == whole or (mended.encoding == "UTF-8" and whole.encoding not in ("UTF-8", "UTF-16"))
