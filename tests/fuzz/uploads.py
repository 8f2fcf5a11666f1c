"""Targets: files that go in requests of their own, what announces them, and exchanges that are taken down."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import orjson

from proxy.capture.case import Captured, as_yaml, case_of, holds_marker
from proxy.capture.mask import SENTENCE
from proxy.errors import Overloaded, SealedFile, TooLarge
from proxy.exchange import Headers, Request
from proxy.framing.message import MESSAGES
from proxy.gather.held import Held
from proxy.gather.stretch import as_whole, stretch_of, waiting
from proxy.uploads import Uploads
from proxy.websocket.interface import MESSAGE
from proxy.wire.whole import is_piece, must_fit, type_of
from tests.fuzz.target import must, target

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
MOST = 1 << 12
WORD = "Zyxwvutsr"
"""What somebody wrote: in no file of the recorder."""


def split(data: bytes) -> tuple[str, Headers, bytes]:
    """Return a method with a path, header fields and a body out of an input: a request without its version."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\n")
    fields = tuple((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return first, fields, body


def request(data: bytes, declared: int | None) -> tuple[Request, bytes]:
    first, fields, body = split(data)
    method, _, path = first.partition(" ")
    return Request(method, "https", "storage.googleapis.com", 443, path or "/", fields, declared=declared), body


FORM = b'--b\nContent-Disposition: form-data; name="chunk_index"\n\n0\n--b\n'.replace(b"\n", b"\r\n")


def heads() -> Iterator[bytes]:
    yield b"\x14POST /up?upload_id=1\nx-goog-upload-command: upload, finalize\nx-goog-upload-offset: 10\n\n0123456789"
    yield b"\x14POST /up\nx-goog-upload-command: upload\nx-goog-upload-offset: 0\n\n0123456789"
    yield b"\x14PUT /up\ncontent-range: bytes 10-19/20\n\n0123456789"
    yield b"\x14PATCH /up\nupload-offset: 10\ntus-resumable: 1.0.0\nupload-checksum: sha1 x\n\n0123456789"
    yield b"\x00PATCH /up\nupload-offset: 0\nupload-complete: ?1\n\n0123456789"
    yield b"\x0aPUT /b/k?partNumber=1&uploadId=2\n\n0123456789"
    yield b"\x0aPUT /b/k?comp=blocklist\ncontent-type: application/xml\n\n<BlockList><Latest>MQ==</Latest></BlockList>"
    yield b"\x0aPOST /v1/uploads/u/complete\ncontent-type: application/json\n\n" + b'{"part_ids":["a","b"]}'
    yield b"\x0aPOST /chunk\ncontent-type: multipart/form-data; boundary=b\n\n" + FORM


@target(
    "pieces-of-files",
    "a file that is gathered goes out as the bytes that came, as a whole one of the right length; a piece is never one",
    heads,
    (b"upload, finalize", b"finalize", b"bytes 0-9/20", b"upload-offset: ", b"content-range: ", b"x-goog-hash: a\n"),
)
def pieces_of_files(data: bytes) -> None:
    asked, body = request(data[1:], data[0] if data and data[0] < 0xF0 else None)
    type_of(asked)
    piece = is_piece(asked, body)
    with suppress(SealedFile):
        must_fit(asked, body)
    stretch = stretch_of(asked, body)
    if stretch is None:
        return
    must(piece or not body, "what is whole goes its usual way")
    held, before = Held(), bytes(stretch.start)
    try:
        if not stretch.last:
            must(held.take(("a",), "p", stretch, body, MOST, NOW) == (stretch.start == 0), "nothing before it is here")
            must(waiting(stretch.protocol, stretch.end).body == b"", "a word, and no more")
            return
        must(held.end(("a",), stretch, body, MOST, NOW) is None, "nor here")
        held.cancel(("a",))
        first = type(stretch)(stretch.protocol, 0, stretch.start, stretch.total, last=False)
        held.take(("a",), "p", first, before, MOST, NOW)
        must(held.end(("a",), stretch, body, MOST, NOW) == before + body, "the file is what came")
    except (TooLarge, Overloaded):
        return
    whole = as_whole(asked, stretch)
    must(not is_piece(whole, before + body), "what was gathered is whole")
    if asked.declared is not None:  # else nobody knows what the service was told, and nothing may change
        must_fit(whole, before + body)


@target(
    "announced-files",
    "whatever an announcement and its answer say, what they name is remembered or not, and nothing is raised",
    lambda: [
        b'POST /backend-api/files\nupload-length: 5\n\n{"file_size":5}\0{"upload_url":"https://a.example/b?sig=1"}',
        b'POST /v1/uploads\nlocation: /v1/uploads/1\n\n{"bytes":9}\0{"id":"upload_1","bucketName":"abc-1"}',
        b'POST /x\nx-goog-upload-url: https://a.example:99/?upload_id=b\n\n\0["https://[::1]/x","https://\xc3\xa4.cn/"]',
    ],
    (b'"https://', b"upload_id=", b'"size":', b"location: ", b"xn--", b"//"),
)
def announced_files(data: bytes) -> None:
    asked, body = request(data, None)
    said, _, answer = body.partition(b"\0")
    uploads = Uploads(key=b"k" * 32)
    uploads.learn("it", asked, said, asked.headers, b"", NOW)
    uploads.learn("it", asked, said, (), answer, NOW)
    for method in ("PUT", "POST", "GET"):
        found = uploads.find(method, asked.host, asked.path, NOW)
        must(found is None or (found.service == "it" and method != "GET"), "it is the service's that announced it")
    uploads.watches(answer[:60].decode("utf-8", "replace"), NOW)


def captures() -> Iterator[bytes]:
    asked = orjson.dumps({"model": "m", "messages": [{"role": "user", "content": f"{WORD} {SENTENCE}"}], WORD: 1})
    said = b'event: delta\ndata: {"text":"[PERSON_7K2F9ABC] %b"}\n\n' % WORD.encode()
    yield b"\0/api/turn?a=%b\napplication/json\ntext/event-stream\n\n" % WORD.encode() + asked + b"\0" + said
    yield b"\1/c/api/chat\n\napplication/x-ndjson\n\n" + asked + b"\x1e\0" + said.partition(b"data: ")[2]
    yield b"\2/search?q=%5BPERSON_7K2F9ABC%5D+" + WORD.encode() + b"\n\ntext/event-stream\n\n\0" + said
    form = (
        f'--b\r\nContent-Disposition: form-data; name="q"; filename="{WORD}.txt"\r\n\r\n{WORD} {SENTENCE}\r\n--b--\r\n'
    )
    yield b"\0/up\nmultipart/form-data; boundary=b\napplication/json\n\n" + form.encode() + b"\0" + said


@target(
    "recorder",
    "an exchange is taken down or not, nothing is raised, and no word of a person comes into the files",
    captures,
    (SENTENCE.encode(), WORD.encode(), b"[PERSON_7K2F9ABC]", b"data: ", b"\x1e", b'"f.req"', b"%5B"),
)
def recorder(data: bytes) -> None:
    head, _, rest = data[1:].partition(b"\n\n")
    body, _, answer = rest.partition(b"\0")
    path, kind, answer_kind, *_ = [*head.decode("utf-8", "replace").split("\n"), "", "", ""]
    method = {0: "POST", 1: MESSAGE, 2: "GET"}.get(data[0] % 3 if data else 0, "POST")
    kind = MESSAGES if method == MESSAGE else kind
    captured = Captured("page.example", path or "/", kind, body, answer_kind, answer, method)
    holds_marker(captured)
    case = case_of(captured, "")
    if case is not None:
        told = as_yaml("t", case.request) + (as_yaml("t", case.answer) if case.answer else "")
        must(WORD.lower() not in told.lower(), "words stay out")
