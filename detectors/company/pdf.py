"""The properties of a PDF file, in which labels stand: its information dictionary and its XMP metadata.

Enters: the bytes of a file. Leaves: properties by name. Pure. The file is searched and not parsed: every plain or
deflated stream of metadata and objects is looked through, within bounds. What is encrypted raises `UnreadableFile`.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from detectors.company.office import UnreadableFile

HEAD: Final = 1_024
"""Bytes within which a PDF says that it is one."""
DICTIONARY: Final = 2_048
"""Bytes before a stream in which what it is must stand."""
MOST: Final = 64 << 20
"""Bytes that streams may unpack to, together."""
STREAM: Final = re.compile(rb"stream\r?\n")
KIND: Final = re.compile(rb"/Type\s*/(?:ObjStm|Metadata)\b")
PLAIN_KEYS: Final = rb"Keywords|Subject|Title|Category|MSIP_Label_[0-9a-fA-F-]{36}_(?:Name|Enabled)"
ENTRY: Final = re.compile(
    rb"/(" + PLAIN_KEYS + rb")\s*(\((?:[^()\\]|\\.){0,4000}\)|<[0-9A-Fa-f\s]{0,8000}>)", re.DOTALL
)
XMP_KEYS: Final = rb"Keywords|subject|title|description|Category|MSIP_Label_[0-9a-fA-F-]{36}_(?:Name|Enabled)"
XMP: Final = re.compile(
    rb"<(?:[A-Za-z]+:)?(" + XMP_KEYS + rb")(?:\s[^>]{0,200})?>(.{0,8000}?)</(?:[A-Za-z]+:)?\1>", re.DOTALL
)
XMP_ATTRIBUTE: Final = re.compile(rb"\s(?:[A-Za-z]+:)(" + XMP_KEYS + rb")=\"([^\"]{0,4000})\"")
TAG: Final = re.compile(r"<[^>]*>")
ESCAPE: Final = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def is_pdf(data: bytes) -> bool:
    """Tell whether the bytes say that they are a PDF file."""
    return b"%PDF-" in data[:HEAD]


def properties(data: bytes) -> dict[str, str]:
    """Return the properties of a PDF file by name; raises `UnreadableFile`."""
    found: dict[str, str] = {}
    if re.search(rb"/Encrypt\s+\d+\s+\d+\s+R", data):
        raise UnreadableFile("the PDF file is encrypted")
    for piece in (data, *_streams(data)):
        for name, value in _entries(piece):
            if value.strip():
                found[name] = f"{found[name]}, {value}" if name in found and found[name] != value else value
    return found


def _streams(data: bytes) -> Iterator[bytes]:
    """Give the deflated streams of objects and metadata; raises `UnreadableFile` where they are too large."""
    left = MOST
    for found in STREAM.finditer(data):
        about = data[max(0, found.start() - DICTIONARY) : found.start()]
        about = about[about.rfind(b"obj") + 3 :]
        if KIND.search(about) and b"FlateDecode" in about:
            unpacker = zlib.decompressobj()
            try:
                piece = unpacker.decompress(data[found.end() :], left)
            except zlib.error:
                continue  # the word stood in another stream, or the file is broken there for everybody
            left -= len(piece)
            if left <= 0:
                raise UnreadableFile("the PDF file unpacks to more than metadata holds")
            yield piece


def _entries(piece: bytes) -> Iterator[tuple[str, str]]:
    for found in ENTRY.finditer(piece):
        yield found[1].decode(), _string(found[2])
    for pattern in (XMP, XMP_ATTRIBUTE):
        for found in pattern.finditer(piece):
            text = TAG.sub(" ", found[2].decode("utf-8", "replace"))
            for escaped, plain in ENTITIES:
                text = text.replace(escaped, plain)
            yield found[1].decode(), " ".join(text.split())


def _string(written: bytes) -> str:
    """Return the text of a PDF string, literal or hexadecimal."""
    if written.startswith(b"<"):
        digits = b"".join(written[1:-1].split())
        data = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    else:
        data = ESCAPE.sub(_unescaped, written[1:-1])
    if data.startswith(b"\xfe\xff"):
        return data[2:].decode("utf-16-be", "replace")
    return data.decode("utf-8", "replace") if data.startswith(b"\xef\xbb\xbf") else data.decode("latin-1")


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes([int(found[1], 8) & 0xFF])
    return ESCAPED.get(found[2], found[2])
