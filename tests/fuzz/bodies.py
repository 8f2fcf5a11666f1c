"""Targets of what a body is before anybody knows its format: codings, charsets, strict JSON, head, target."""

import gzip
import json
import zlib
from collections.abc import Iterator
from functools import partial

import brotli
import zstandard

from proxy.errors import SluiceError, TooLarge, WireError
from proxy.exchange import Request
from proxy.wire.body import Limits, charset_of, decode
from proxy.wire.charset import as_utf8
from proxy.wire.head import read_head
from proxy.wire.json_text import dump, parse
from proxy.wire.whole import is_piece
from tests.fuzz.target import PLANTED, must, pick, picks, target

TEXT = f'{{"messages": [{{"role": "user", "content": "写信给 {PLANTED}，1.50, 2e3"}}]}}'.encode()
LIMITS = Limits(max_body=1 << 16, max_decoded=1 << 21)

CODINGS = {name: name for name in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "br, gzip", "gzip, zstd", "identity")}
ALONE = {
    "gzip": gzip.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True).read(),
    "br": brotli.decompress,
}
"""The same by others."""


def coded() -> Iterator[bytes]:
    """Yield bodies in each coding, of several members and stacked."""
    ways = {
        "gzip": [gzip.compress(TEXT), gzip.compress(TEXT) + gzip.compress(b"more"), gzip.compress(b"")],
        "deflate": [zlib.compress(TEXT), zlib.compress(TEXT)[2:-4]],
        "br": [brotli.compress(TEXT)],
        "zstd": [
            zstandard.compress(TEXT),
            zstandard.compress(TEXT) + zstandard.compress(b"more"),
            zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compress(TEXT * 50),
            b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstandard.compress(TEXT),
        ],
        "gzip, gzip": [gzip.compress(gzip.compress(TEXT))],
        "br, gzip": [gzip.compress(brotli.compress(TEXT))],
        "gzip, zstd": [zstandard.compress(gzip.compress(TEXT))],
        "identity": [TEXT],
    }
    for name, bodies in ways.items():
        yield from (picks(CODINGS, name) + body for body in bodies)


@target(
    "content-coding",
    "a coded body is decoded to its last byte, as others decode it, within its limits, or refused",
    coded,
    (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"),
)
def content_coding(data: bytes) -> None:
    coding, body = pick(CODINGS, data)
    try:
        made = decode(body, coding, LIMITS)
    except SluiceError:
        return
    must(len(made) <= LIMITS.max_decoded, "no more comes out than may")
    if coding in ALONE and body:
        must(made == ALONE[coding](body), "others read the same")
    if body and coding != "identity":
        try:
            decode(body + b"X", coding, LIMITS)
        except SluiceError:
            pass
        else:
            must(False, "a byte after the end is refused, not skipped")


TYPES = {
    kind: kind
    for kind in (
        *("application/json", "application/json; charset=gbk", "application/json; charset=utf-16", "text/plain"),
        *("text/plain; charset=gb18030", "text/plain; charset=big5", "text/plain; charset=utf-16", "text/json"),
        *("text/plain; charset=latin1", "application/x-ndjson; charset=GBK", 'application/json; charset="utf-8"'),
    )
}


def charsets() -> Iterator[bytes]:
    """Yield bodies in their charsets."""
    text = TEXT.decode()
    for kind, codec in (("gbk", "gbk"), ("utf-16", "utf-16"), ("utf-16", "utf-16-be")):
        yield picks(TYPES, f"application/json; charset={kind}") + text.encode(codec)
    for kind, codec in (("gb18030", "gb18030"), ("big5", "big5hkscs"), ("utf-16", "utf-16")):
        yield picks(TYPES, f"text/plain; charset={kind}") + "寫信給王芳".encode(codec)
    yield picks(TYPES, "application/json") + text.encode("utf-16-le")


@target(
    "charset",
    "JSON and text are read in one charset, told of in the type that goes on, or refused",
    charsets,
    (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"),
)
def charset(data: bytes) -> None:
    kind, body = pick(TYPES, data)
    try:
        made, told = as_utf8(body, kind)
    except WireError:
        made, told = body, ""
    if told:
        must(made.decode("utf-8") is not None and charset_of(told) == "utf-8", "what goes on is UTF-8, and says so")
    else:
        must(made == body, "what is not told of anew is not changed")


@target(
    "json",
    "JSON is read as every other parser reads it, written so that it is read the same, or refused",
    lambda: [TEXT, b'{"a":[1,-0.0,1e5,123456789012345678901234567890,0.1],"b":"\\u4e2d\\ud83d\\ude00"}', b'"x"', b"[]"],
    (b'"a":', b"1.0", b"1E400", b"\\u0041", b"[" * 199, b"]" * 199),
)
def strict_json(data: bytes) -> None:
    try:
        value = parse(data)
    except (WireError, TooLarge):
        return
    must(value == json.loads(data), "Python reads the same")
    again = parse(dump(value))
    must(again == value and dump(again) == dump(value), "what is written is read the same")
    literal = partial(json.loads, parse_float=str, parse_int=lambda text: "0" if text == "-0" else text)
    must(literal(dump(value)) == literal(data), "no digit is lost")


HEADS = (
    f"/v1/chat?q={PLANTED}&key=AIzaSyA1234567890abcdefghijk\nreferer: https://a.example/x?y={PLANTED}\nx-note: 你好",
    '/a%20b/%E4%BD%A0?x=1&y#z\ncookie: a=b\ncontent-range: bytes 0-1/2\nx-json: {"a": [1]}',
    "/" + "%25" * 5 + "41\nuser-agent: x\nauthorization: Bearer abc",
)


@target(
    "head",
    "address and header fields go on as they came where nothing changes, and what is written is read again",
    lambda: [head.encode() for head in HEADS],
    (b"%", b"%25", b"%E4%BD", b"?", b"&", b"=", b"+", b"#", b"\nx-a: ", b"://"),
)
def head(data: bytes) -> None:
    line, *rest = data.decode("utf-8", "surrogateescape").split("\n")
    split = (one.partition(": ") for one in rest)
    headers = tuple((name.lower(), value) for name, _, value in split)
    request = Request("POST", "https", "a.example", 443, line, headers)
    is_piece(request, b"1")
    try:
        read = read_head(request, frozenset())
    except SluiceError:
        return
    texts = [part.text for part in read.parts]
    path, changed = read.rewrite(texts)
    must(path == line.partition("#")[0], "an address that is not changed goes on as it came")
    kept = {(name, value.partition("#")[0]) for name, value in headers}
    must(kept >= {(name, value.partition("#")[0]) for name, value in changed if ", " not in value}, "fields, too")
    count = len(read.target.parts)
    other, _ = read.rewrite([f"新 {at}" for at in range(count)] + texts[count:])
    again = read_head(Request("POST", "https", "a.example", 443, other, ()), frozenset()).target
    must({f"新 {at}" for at in range(count)} <= {part.text for part in again.parts}, "what is written is read again")
