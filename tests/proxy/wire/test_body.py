"""Content codings and charsets: every byte is accounted for, and nothing grows without bound."""

import gzip
import tracemalloc
import zlib
from contextlib import suppress
from functools import cache
from itertools import product

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import TooLarge, Unreadable, WireError
from proxy.wire.body import (
    MAX_PIECES,
    Limits,
    charset_of,
    codings_of,
    decode,
    faithful,
    identity_headers,
)
from tests.thorough import drawn

LIMITS = Limits()
TEXT = "客户张三的身份证号 and an English half. ".encode() * 40
WIDE = zstandard.ZstdCompressionParameters(window_log=24)
SKIPPABLE = (0x184D2A50).to_bytes(4, "little") + (6).to_bytes(4, "little") + b"SECRET"


def raw_deflate(data):
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def zstd(data, **options):
    return zstandard.ZstdCompressor(**options).compress(data)


def zstd_streamed(data, **options):
    stream = zstandard.ZstdCompressor(**options).compressobj()  # the frame does not say how long its content is
    return stream.compress(data) + stream.flush()


def gzip_noted(flag, extra):
    plain = gzip.compress(TEXT)
    return plain[:3] + bytes([flag]) + plain[4:10] + extra + plain[10:]


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd,
}


READABLE = {
    "no coding": ("", TEXT),
    "identity": ("identity", TEXT),
    "gzip": ("gzip", gzip.compress(TEXT)),
    "upper case and blanks": (" GZip\t", gzip.compress(TEXT)),
    "empty list items": (", gzip ,,", gzip.compress(TEXT)),
    "zlib deflate": ("deflate", zlib.compress(TEXT)),
    "raw deflate": ("deflate", raw_deflate(TEXT)),
    "brotli": ("br", brotli.compress(TEXT)),
    "zstd": ("zstd", zstd(TEXT)),
    "zstd with checksum": ("zstd", zstd(TEXT, write_checksum=True)),
    "zstd of unknown length": ("zstd", zstd_streamed(TEXT)),
    "gzip of two members": ("gzip", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])),
    "gzip with an empty last member": ("gzip", gzip.compress(TEXT) + gzip.compress(b"")),
    "zstd of two frames": ("zstd", zstd(TEXT[:99]) + zstd_streamed(TEXT[99:])),
    "gzip twice": ("gzip, gzip", gzip.compress(gzip.compress(TEXT))),
    "gzip, then brotli": ("gzip, br", brotli.compress(gzip.compress(TEXT))),
    "identity between": ("gzip, identity, zstd", zstd(gzip.compress(TEXT))),
}


@pytest.mark.parametrize(("coding", "body"), READABLE.values(), ids=READABLE)
def test_every_coding_is_undone_to_the_last_byte(coding, body):
    assert decode(body, coding, LIMITS) == TEXT


@pytest.mark.parametrize(
    ("coding", "body", "error", "reason"),
    [
        ("rot13", TEXT, Unreadable, "not one of"),
        ("hex", TEXT.hex().encode(), Unreadable, "not one of"),
        ("base64", TEXT, Unreadable, "not one of"),
        ("bz2", TEXT, Unreadable, "not one of"),
        ("aws-chunked", TEXT, Unreadable, "not one of"),
        ("utf-8", TEXT, Unreadable, "not one of"),
        ("compress", TEXT, Unreadable, "not one of"),
        ("gzip, rot13", TEXT, Unreadable, "not one of"),
        ("gzip;q=1", gzip.compress(TEXT), Unreadable, "not one of"),
        ("gzip", gzip.compress(TEXT) + b"SECRET", Unreadable, "follow the end"),
        ("gzip", gzip.compress(TEXT) + b"\0", Unreadable, "follow the end"),
        ("gzip", gzip.compress(TEXT) + b"\x1f\x8b\x07\0SECRET", WireError, "broken"),
        ("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:-3], WireError, "cut short"),
        ("gzip", gzip_noted(4, b"\x06\0SECRET"), Unreadable, "a comment"),
        ("gzip", gzip_noted(8, b"SECRET\0"), Unreadable, "a comment"),
        ("gzip", gzip_noted(16, b"SECRET\0"), Unreadable, "a comment"),
        ("gzip", gzip.compress(b"x") + gzip_noted(16, b"SECRET\0"), Unreadable, "a comment"),
        ("gzip", TEXT, WireError, "broken"),
        ("gzip, gzip", gzip.compress(TEXT), WireError, "broken"),
        ("gzip, gzip", gzip.compress(b""), WireError, "cut short"),
        ("gzip", gzip.compress(TEXT)[:-1], WireError, "cut short"),
        ("deflate", zlib.compress(TEXT) + b"SECRET", Unreadable, "follow the end"),
        ("deflate", raw_deflate(TEXT) + b"SECRET", Unreadable, "follow the end"),
        ("deflate", zlib.compress(TEXT)[:-1], WireError, "cut short"),
        ("br", brotli.compress(TEXT) + b"SECRET", WireError, "follow its end"),
        ("br", brotli.compress(TEXT)[:-1], WireError, "cut short"),
        ("zstd", zstd(TEXT) + SKIPPABLE, Unreadable, "skippable"),
        ("zstd", SKIPPABLE + zstd(TEXT), Unreadable, "skippable"),
        ("zstd", zstd(TEXT) + b"SECRET", Unreadable, "follow the end"),
        ("zstd", zstd(TEXT)[:-1], WireError, "cut short"),
        ("zstd", zstd(TEXT, write_checksum=True)[:-1], WireError, "cut short"),
        ("zstd", zstd(TEXT)[:2], WireError, "begin"),
        ("zstd", TEXT, WireError, "begin"),
        ("zstd", zstd_streamed(TEXT, compression_params=WIDE), TooLarge, "window"),
        ("gzip, gzip, gzip, gzip", TEXT, TooLarge, "3 times"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else getattr(value, "__name__", value),
)
def test_what_no_decoder_would_read_is_refused_for_its_reason(coding, body, error, reason):
    with pytest.raises((WireError, TooLarge), match=reason) as caught:
        decode(body, coding, LIMITS)
    assert caught.type is error
    assert "SECRET" not in str(caught.value)


def test_a_zstd_dictionary_that_only_the_server_has_makes_the_body_unreadable():
    samples = [f"客户 {number} wrote line {number * 7}".encode() for number in range(2000)]
    dictionary = zstandard.train_dictionary(2000, samples)
    with pytest.raises(Unreadable, match="dictionary"):
        decode(zstd(TEXT, dict_data=dictionary), "zstd", LIMITS)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, br"])
def test_an_empty_body_stays_empty_whatever_its_coding(coding):
    assert decode(b"", coding, LIMITS) == b""


BOMBS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=3),
    "zstd": zstd,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
}


@cache
def bomb_of(coding):
    """Return what decodes to 200 MB; made where it is needed, and once: it takes a second."""
    return BOMBS[coding](bytes(200_000_000))


@pytest.mark.parametrize("limits", [Limits(), Limits(max_ratio=10**9, max_decoded=16 << 20)], ids=["ratio", "size"])
@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_refused_before_it_fills_the_memory(coding, limits):
    bomb = bomb_of(coding)
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="decodes to more than"):
            decode(bomb, coding, limits)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A growing buffer reserves an eighth more than it holds; decoders have windows of up to 8 MB.
    assert peak < limits.cap(len(bomb)) * 9 / 8 + (10 << 20)


def test_the_ratio_does_not_count_below_a_mebibyte():
    spaces = b" " * (1 << 20)
    assert decode(gzip.compress(spaces), "gzip", LIMITS) == spaces
    with pytest.raises(TooLarge):
        decode(gzip.compress(spaces + b" "), "gzip", LIMITS)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", b"x" * 101),
        ("gzip", b"x" * 101),
        ("gzip", gzip.compress(b"x" * 201)),
        ("gzip, br", brotli.compress(gzip.compress(b"x" * 150, compresslevel=0))),
    ],
    ids=["plain", "coded", "decoded", "between two codings"],
)
def test_each_size_has_its_limit(coding, body):
    with pytest.raises(TooLarge):
        decode(body, coding, Limits(max_body=100, max_decoded=200))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"") * (MAX_PIECES + 1)),
        ("zstd", zstd(b"") * (MAX_PIECES + 1)),
        ("zstd", zstd_streamed(b"")[:-3] + b"\0\0\0" * 100_001 + b"\1\0\0"),
    ],
    ids=["gzip members", "zstd frames", "zstd blocks"],
)
def test_crowds_of_empty_pieces_are_too_large(coding, body):
    with pytest.raises(TooLarge, match="more than"):
        decode(body, coding, LIMITS)


STACKS = [stack for size in (1, 2, 3) for stack in product(["gzip", "deflate", "br", "zstd"], repeat=size)]


@settings(max_examples=drawn(150), deadline=None)
@given(st.binary(max_size=5000), st.sampled_from(STACKS))
def test_decoding_undoes_compressing(data, stack):
    body = data
    for coding in stack:
        body = CODERS[coding](body)
    assert decode(body, ", ".join(stack), LIMITS) == data


@settings(max_examples=drawn(400), deadline=None)
@given(st.data(), st.sampled_from(sorted(CODERS)), st.binary(min_size=1, max_size=3000))
def test_hostile_bytes_raise_our_errors_and_nothing_else(data, coding, content):
    body = bytearray(CODERS[coding](content))
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=4)):
        body[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    with suppress(WireError, TooLarge):
        decode(bytes(body[:cut]), coding, Limits(max_decoded=1 << 20))


@pytest.mark.parametrize("coding", sorted(CODERS))
def test_no_cut_of_a_stream_passes(coding):
    whole = CODERS[coding](TEXT[:300])
    for end in range(1, len(whole)):
        with pytest.raises(WireError):
            decode(whole[:end], coding, LIMITS)


def test_several_content_encoding_fields_are_one_list():
    headers = (("content-encoding", "gzip"), ("accept", "*/*"), ("content-encoding", "br"))
    assert codings_of(headers) == "gzip, br"
    assert decode(brotli.compress(gzip.compress(TEXT)), codings_of(headers), LIMITS) == TEXT


def test_a_changed_body_goes_out_without_words_about_the_old_bytes():
    headers = (
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
        ("content-length", "12"),
        ("transfer-encoding", "chunked"),
        ("content-digest", "sha-256=:x:"),
        ("authorization", "Bearer x"),
    )
    assert identity_headers(headers) == (("content-type", "application/json"), ("authorization", "Bearer x"))


def test_brotli_is_not_faithful_since_its_metadata_blocks_are_skipped_unseen():
    bits = "0" + "0" + "11" + "0" + "10" + f"{6 - 1:08b}"[::-1] + "0"  # window, not last, metadata, of six bytes
    block = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    assert decode(block + b"SECRET" + b"\x03", "br", LIMITS) == b""
    assert {coding: faithful(coding) for coding in ("", "gzip", "br", "gzip, BR", "zstd")} == {
        "": True,
        "gzip": True,
        "br": False,
        "gzip, BR": False,
        "zstd": True,
    }


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("", "utf-8"),
        ("text/plain", "utf-8"),
        ("application/json; charset=utf-8", "utf-8"),
        ("application/vnd.api+json", "utf-8"),
        ("application/x-ndjson;charset=us-ascii", "utf-8"),
        ("text/plain; charset=UTF-8", "utf-8"),
        ('text/plain; charset="gb2312"', "gb18030"),
        ("text/plain;charset=GBK", "gb18030"),
        ("text/plain; charset=big5", "big5hkscs"),
        ("text/plain; charset=ISO-8859-1", "latin-1"),
        ("text/plain; charset=windows-1252", "cp1252"),
        ("text/plain; charset=utf-8; format=flowed; charset=utf-8", "utf-8"),
    ],
)
def test_known_charsets_are_named(content_type, charset):
    assert charset_of(content_type) == charset


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=cp037",
        "application/json; charset=cp037",
        "application/json; charset=latin-1",
        "application/vnd.api+json; charset=utf-16",
        "application/x-ndjson;charset=gbk",
        "text/plain; charset=utf-7",
        "text/plain; charset=rot13",
        "text/plain; charset=hex",
        "text/plain; charset=idna",
        "text/plain; charset=",
        "text/plain; charset=utf-8; charset=gbk",
        "text/json-like; charset=utf-7",
    ],
)
def test_other_charsets_make_a_body_unreadable(content_type):
    with pytest.raises(Unreadable, match="charset"):
        charset_of(content_type)
