"""What the bytes of a code stand for: text, in UTF-8 or as others write it, and text that is packed.

Enters: bytes. Leaves: the text that they surely stand for, or none: most codes are keys and digests. What unpacks to
more than may be read is none. Pure.
"""

import re
import zlib
from typing import Final

import brotli

LEAST: Final = 11
"""Bytes of a code that is tried: a mobile number has as many."""
LARGEST: Final = 8 << 20
"""Bytes that a packed code may unpack to."""

GZIP: Final = b"\x1f\x8b"
PACKED: Final = (GZIP[:1], b"\x78")
"""How begins what is packed with a head, the only code of fewer bytes."""
UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
CHINESE: Final = re.compile("[\x00-\x7f\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]*")
"""What is written in China: ASCII, the common characters, and their signs, wide ones too."""

STORED, DYNAMIC, RESERVED, MOST_CODES = 0, 2, 3, 29
"""Kinds of blocks of deflate, and beyond which numbers of codes a block is invalid (RFC 1951, 3.2.7)."""


def text_of(data: bytes) -> str | None:
    """Return bytes as the UTF-8 text that they are; none where they are none."""
    if len(data) < LEAST:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if UNPRINTABLE.search(text) else text


def otherwise(data: bytes) -> str | None:
    """Return bytes as text of another charset, where they are hardly anything else."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and len(data) % 2 == 0:
        text = data.decode("utf-16", "replace")
        return None if UNPRINTABLE.search(text) else text
    for charset, ours in (("utf-16-le", data[1::2]), ("utf-16-be", data[::2])):
        if len(data) % 2 == 0 and ours.count(0) * 2 > len(ours):
            text = data.decode(charset, "replace")
            return None if UNPRINTABLE.search(text) else text
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return text if CHINESE.fullmatch(text) and not UNPRINTABLE.search(text) else None


def unpacked(data: bytes) -> str | None:
    """Return the text that is packed, or that another charset stands for; none where there is none."""
    if data[:2] == GZIP or (data[:1] == b"\x78" and len(data) > 2 and int.from_bytes(data[:2]) % 31 == 0):
        plain = inflated(data, 47)
        return None if plain is None else text_of(plain) or otherwise(plain)
    if len(data) < LEAST:
        return None
    found = otherwise(data)
    for unpack in (bare, unbrotlied) if found is None else ():
        plain = unpack(data)
        if plain is not None and (found := text_of(plain)) is not None:
            break
    return found


def inflated(data: bytes, form: int) -> bytes | None:
    """Return what zlib's one stream of this form holds; none where it is no such stream, or not all of it."""
    machine = zlib.decompressobj(form)
    try:
        plain = machine.decompress(data, LARGEST)
    except zlib.error:
        return None
    return plain if machine.eof and not machine.unused_data else None


def bare(data: bytes) -> bytes | None:
    """Return what deflate holds that has no head to tell it by.

    Its first block says of what kind it is, and of most bytes at random there is none of that kind (RFC 1951, 3.2.3).
    """
    kind = data[0] >> 1 & 3
    if kind == RESERVED or (kind == STORED and (data[1] ^ data[3], data[2] ^ data[4]) != (255, 255)):
        return None
    return None if kind == DYNAMIC and max(data[0] >> 3, data[1] & 31) > MOST_CODES else inflated(data, -15)


def unbrotlied(data: bytes) -> bytes | None:
    """Return what brotli holds; it has no head, either."""
    machine = brotli.Decompressor()
    try:
        plain = machine.process(data, output_buffer_limit=LARGEST)
    except brotli.error:
        return None
    return plain if machine.is_finished() and len(plain) < LARGEST else None
