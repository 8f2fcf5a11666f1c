"""Undoes Content-Encoding and names the charset, within limits.

Bytes of a body go in; the bytes that the server will read come out. Every byte that went in is accounted for: what
Python's own decoders skip in silence (a second gzip member, bytes after the end, a zstd skippable frame, a name in a
gzip header) is decoded or refused, since it would travel to the service unread. Memory never grows past the limit by
more than a chunk, and no error quotes the body.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import brotli
import zstandard

from proxy.errors import TooLarge, Unreadable, WireError
from proxy.exchange import Headers

CHUNK: Final = 1 << 16
"""Bytes taken from a decoder at a time."""
FREE_RATIO: Final = 1 << 20
"""Decoded bytes below which the ratio does not count: a page of spaces is no bomb."""
MAX_CODINGS: Final = 3
MAX_WINDOW: Final = 8 << 20
"""Bytes of a zstd window: a `zstd` content coding never needs more (RFC 9659)."""
MAX_PIECES: Final = 1000
"""Gzip members or zstd frames of one body; each costs a fresh decoder."""
MAX_BLOCKS: Final = 100_000
"""Blocks of one zstd frame; empty ones cost three bytes to send and a step to walk."""
CHARSETS: Final[dict[str, str]] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf-16": "utf-16",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "latin-1": "latin-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
"""Charsets as the wire names them, and Python's codec: a superset where servers read one. Never Python's own registry,
in which `rot13`, `hex` and `cp037` are charsets too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a body is read before it is too large to inspect."""

    max_body: int = 32 << 20
    """Bytes as sent, and bytes between two content codings."""
    max_decoded: int = 64 << 20
    """Bytes once all codings are undone."""
    max_ratio: int = 100
    """Decoded bytes for each byte sent, once past the first MiB."""
    max_text: int = 12_000_000
    """Characters that are looked through for what patterns find: more is refused at once, not when the time is over."""
    max_text_names: int = 2_000_000
    """The same where a policy asks for names, which models look for."""

    def characters(self, *, names: bool) -> int:
        """Return how much text is looked through, for names too or not."""
        return min(self.max_text, self.max_text_names) if names else self.max_text

    def cap(self, sent: int) -> int:
        """Return how many bytes a body of `sent` bytes may decode to."""
        return min(self.max_decoded, max(FREE_RATIO, self.max_ratio * sent))


def codings_of(headers: Headers) -> str:
    """Return all Content-Encoding fields as one list, as RFC 9110 section 5.3 joins them."""
    return ", ".join(value for name, value in headers if name == "content-encoding")


def identity_headers(headers: Headers) -> Headers:
    """Return the headers for a body that was changed: no coding, no length, no digest of the old bytes."""
    stale = {
        "content-encoding",
        "transfer-encoding",
        "content-length",
        "trailer",
        "content-md5",
        "digest",
        "content-digest",  # RFC 9530
        "repr-digest",
    }
    return tuple((name, value) for name, value in headers if name not in stale)


def faithful(content_encoding: str) -> bool:
    """Whether the coded bytes can carry nothing but what `decode` returns.

    Brotli's metadata blocks (RFC 7932 section 9.2) are skipped by every decoder and cannot be seen from outside, so a
    `br` body must be forwarded decoded, with `identity_headers`, even when nothing in it was changed.
    """
    return "br" not in _codings(content_encoding)


def charset_of(content_type: str) -> str:
    """Return Python's name of the codec that `content_type` calls for; `Unreadable` if it is none of ours.

    JSON is UTF-8 (RFC 8259 section 8.1): where another charset is declared, or two that differ, it is refused, for who
    knows which one the server heeds.
    """
    kind, *parameters = content_type.lower().split(";")
    kind = kind.strip()
    declared = {
        value.strip(" \t\"'")
        for name, _, value in (item.partition("=") for item in parameters)
        if name.strip() == "charset"
    }
    if not declared:
        return "utf-8"
    if len(declared) > 1 or not declared <= CHARSETS.keys():
        raise Unreadable("the charset is not one that Sluice reads")
    charset = CHARSETS[declared.pop()]
    if is_json(kind) and charset != "utf-8":
        raise Unreadable("JSON is declared in a charset that it cannot have")
    return charset


def is_json(kind: str) -> bool:
    """Tell whether a media type, in lower case and without parameters, is JSON or lines of it."""
    return kind in {"text/json", "application/jsonl"} or kind.endswith(("/json", "+json", "/x-ndjson", "/ndjson"))


def decode(body: bytes, content_encoding: str, limits: Limits) -> bytes:
    """Return `body` with all codings of `content_encoding` undone, the last applied first.

    Raises `Unreadable` for codings that are unknown and for bytes that no coding owns, `WireError` for broken or
    truncated streams, `TooLarge` over a limit.
    """
    codings = _codings(content_encoding)
    if len(body) > limits.max_body:
        raise TooLarge(f"the body is over {limits.max_body} bytes")
    if not body:
        return body
    cap = limits.cap(len(body))
    for depth, coding in enumerate(reversed(codings), start=1):
        body = _gather(DECODERS[coding](body), cap if depth == len(codings) else min(cap, limits.max_body))
    if len(body) > limits.max_decoded:
        raise TooLarge(f"the body is over {limits.max_decoded} bytes")
    return body


def _codings(content_encoding: str) -> list[str]:
    """Return the codings in the order they were applied, without `identity`."""
    names = [name for item in content_encoding.split(",") if (name := item.strip(" \t").lower())]
    codings = [name for name in names if name != "identity"]
    if any(name not in DECODERS for name in codings):
        raise Unreadable("the Content-Encoding is not one of gzip, deflate, br, zstd")
    if len(codings) > MAX_CODINGS:
        raise TooLarge(f"the body is coded more than {MAX_CODINGS} times over")
    return codings


def _gather(pieces: Iterator[bytes], cap: int) -> bytes:
    """Join the pieces, stopping as soon as they are over `cap` bytes."""
    out = BytesIO()
    for piece in pieces:
        if out.tell() + len(piece) > cap:
            raise TooLarge(f"the body decodes to more than {cap} bytes")
        out.write(piece)
    return out.getvalue()


def _inflate(body: bytes, start: int, wbits: int) -> Iterator[bytes | int]:
    """Yield the decoded bytes of the one zlib stream at `start`, then the offset of its end."""
    stream = zlib.decompressobj(wbits)
    view = memoryview(body)
    at = start
    while not stream.eof:
        fed = view[at : at + CHUNK]
        try:
            piece = stream.decompress(fed, CHUNK)
        except zlib.error as error:
            raise WireError("the compressed body is broken") from error
        at += len(fed) - len(stream.unconsumed_tail) - len(stream.unused_data)
        if not piece and not fed and not stream.eof:
            raise WireError("the compressed body is cut short")
        yield piece
    yield at


def _gzip(body: bytes) -> Iterator[bytes]:
    """Decode all members (RFC 1952 section 2.2: a file is a series of members)."""
    at = 0
    for _ in range(MAX_PIECES):
        _refuse_gzip_notes(body, at)
        for piece in _inflate(body, at, 31):
            if isinstance(piece, int):
                at = piece
            else:
                yield piece
        if at == len(body):
            return
        if body[at : at + 2] != b"\x1f\x8b":
            raise Unreadable("bytes follow the end of the gzip body")
    raise TooLarge(f"the gzip body has more than {MAX_PIECES} members")


def _refuse_gzip_notes(body: bytes, at: int) -> None:
    """Refuse FEXTRA, FNAME and FCOMMENT (RFC 1952 section 2.3.1): text that no server reads, but that goes out."""
    if body[at : at + 2] == b"\x1f\x8b" and len(body) > at + 3 and body[at + 3] & 0b1_1100:
        raise Unreadable("the gzip header carries a name, a comment or extra data")


def _deflate(body: bytes) -> Iterator[bytes]:
    """Decode zlib (RFC 1950), which is what `deflate` means, or raw deflate, which many send by that name.

    No encoder starts a raw stream with zlib's first byte: it would be a stored block with its padding set.
    """
    zlib_like = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    for piece in _inflate(body, 0, zlib.MAX_WBITS if zlib_like else -zlib.MAX_WBITS):
        if isinstance(piece, bytes):
            yield piece
        elif piece != len(body):
            raise Unreadable("bytes follow the end of the deflate body")


def _brotli(body: bytes) -> Iterator[bytes]:
    """Decode one brotli stream; the library takes bytes after its end for a broken stream, and so do we."""
    stream = brotli.Decompressor()
    view = memoryview(body)
    at = 0
    try:
        while not stream.is_finished():
            fed = view[at : at + CHUNK] if stream.can_accept_more_data() else b""
            at += len(fed)
            piece = stream.process(fed, output_buffer_limit=CHUNK)
            if not piece and at == len(body) and not fed and not stream.is_finished():
                raise WireError("the compressed body is cut short")
            yield piece
    except brotli.error as error:
        raise WireError("the compressed body is broken, or bytes follow its end") from error
    if at != len(body):
        raise WireError("the compressed body is broken, or bytes follow its end")


def _zstd(body: bytes) -> Iterator[bytes]:
    """Decode all frames (RFC 8878 section 3.1); skippable frames are refused, for they travel unread."""
    at = 0
    for _ in range(MAX_PIECES):
        end = _zstd_frame_end(body, at)
        try:
            with zstandard.ZstdDecompressor().stream_reader(memoryview(body)[at:end]) as reader:
                while piece := reader.read(CHUNK):
                    yield piece
        except zstandard.ZstdError as error:
            raise WireError("the compressed body is broken") from error
        at = end
        if at == len(body):
            return
    raise TooLarge(f"the zstd body has more than {MAX_PIECES} frames")


def _zstd_frame_end(body: bytes, at: int) -> int:
    """Return where the frame at `at` ends, by walking its block headers (RFC 8878 section 3.1.1)."""
    magic = int.from_bytes(body[at : at + 4], "little")
    if 0x184D2A50 <= magic <= 0x184D2A5F:
        raise Unreadable("the zstd body has a skippable frame")
    if magic != 0xFD2FB528 and at:
        raise Unreadable("bytes follow the end of the zstd body")
    view = memoryview(body)[at:]
    try:
        frame = zstandard.get_frame_parameters(view[:32])
        place = at + zstandard.frame_header_size(view[:32])
    except zstandard.ZstdError as error:
        raise WireError("the body does not begin as zstd does") from error
    if frame.window_size > MAX_WINDOW:
        raise TooLarge(f"the zstd body needs a window over {MAX_WINDOW} bytes")
    if frame.dict_id:
        raise Unreadable("the zstd body needs a dictionary")
    last, blocks = False, 0
    while not last:
        blocks += 1
        if blocks > MAX_BLOCKS:
            raise TooLarge(f"a zstd frame has more than {MAX_BLOCKS} blocks")
        block = int.from_bytes(body[place : place + 3], "little")
        last, kind, size = bool(block & 1), block >> 1 & 3, block >> 3
        place += 3 + (1 if kind == 1 else size)
        if place > len(body):
            raise WireError("the compressed body is cut short")
    place += 4 if frame.has_checksum else 0
    if place > len(body):
        raise WireError("the compressed body is cut short")
    return place


DECODERS: Final[dict[str, Callable[[bytes], Iterator[bytes]]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
