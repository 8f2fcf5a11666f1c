"""Whether a request brings all of a file, or a piece of one.

Enters: a request and its decoded body. Leaves: whether the body is the whole, what type it has, and whether it is still
as long as its service was told. Clients that can cut a file send most in one piece all the same, and that piece is the
file: it is read and judged as any. Of what goes in several, nobody here sees the whole, and none of them is taken for
it: nor what puts together several that went one by one.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import parse_qs

from proxy.adapters.multipart import Section, boundary_of, parse_multipart
from proxy.errors import SealedFile, SluiceError
from proxy.exchange import Request, header
from proxy.wire import json_text

RANGE: Final = re.compile(r"bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})", re.IGNORECASE)
"""Of a body that is part of something (RFC 9110, section 14.4)."""
NUMBER: Final = re.compile(r"[0-9]{1,15}")
LONGEST_NUMBER: Final = 15
DATA: Final = re.compile(r"(?!application/(?:[\w.+-]*\+)?(?:json|xml)\b|text/xml\b).*", re.DOTALL)
"""Types of a body that may be a file or a piece of one, and no word about it."""
RESUMABLE: Final = ("upload-offset", "upload-length", "upload-concat", "upload-complete", "upload-incomplete")
"""Fields of tus, and of the IETF's resumable uploads, that go with bytes of a file."""

PLACED: Final = frozenset({"x-goog-upload-command", "x-goog-upload-offset", "content-range", *RESUMABLE})
"""Fields that say where bytes lie in their file. Of two of one name a server heeds whichever it likes."""

UPLOADED: Final = frozenset({"application/offset+octet-stream", "application/partial-upload"})
PARTS: Final = re.compile(r"/uploads/[^/]+/parts$|/objects/[^/]*/uploads/[^/]+/([0-9]+)$|/(?:mkblk|bput)/.*", re.DOTALL)
"""Ends of paths to which pieces go: OpenAI's uploads, Qiniu's with the number of the piece, and its older ones."""
COUNTS: Final = frozenset(
    {"chunks", "totalchunks", "chunkcount", "dztotalchunkcount", "resumabletotalchunks", "flowtotalchunks"}
    | {"qqtotalparts", "totalparts", "partcount"}
)
"""Fields by which pages say in how many pieces a file goes, in lower case without `_` and `-`."""
FROM_NAUGHT: Final = frozenset({"chunkindex", "dzchunkindex", "qqpartindex"})
FROM_ONE: Final = frozenset({"partnumber", "chunknumber", "resumablechunknumber", "flowchunknumber"})

TOGETHER: Final = re.compile(rb"<(?:[\w.-]+:)?(?:Latest|Committed|Uncommitted|Part)[\s>]")
"""One of the pieces that a list names which puts them together: Azure's blocks, S3's parts."""


def is_piece(request: Request, body: bytes) -> bool:
    """Return whether a body is less than a whole file, or puts together what went in several."""
    if says_twice(request):
        return True
    kind = header(request.headers, "content-type").strip().lower()
    sections, declared = sections_of(body, header(request.headers, "content-type")), request.declared or 0
    size = len(body) if sections is None else max((len(section.content) for section in sections), default=0)
    command = header(request.headers, "x-goog-upload-command").lower()
    if "upload" in command:
        first = header(request.headers, "x-goog-upload-offset").strip() in ("", "0")
        return "finalize" not in command or not first or size != (declared or size)
    if said := header(request.headers, "content-range"):
        given = RANGE.fullmatch(said.strip())
        if given is None or given[1] != "0":
            return True
        return {int(given[2]) + 1, int(given[3]), declared or size} != {size}
    if any(header(request.headers, name) for name in RESUMABLE):
        return not is_whole_resumable(request, size)
    fields = fields_of(request, sections or ())
    if puts_together(request, fields, body):
        return True
    if firsts := list(firsts_of(request, fields)):
        only = any(value == "1" for name, value in fields.items() if name in COUNTS)
        return not (all(firsts) and (only or declared) and size == (declared or size))
    return bool(declared) and DATA.fullmatch(kind) is not None and size != declared


def says_twice(request: Request) -> bool:
    """Return whether a request says more than once where its bytes lie, so that nobody knows which word counts."""
    said = [name for name, _ in request.headers if name in PLACED]
    return len(said) != len(set(said))


def is_whole_resumable(request: Request, size: int) -> bool:
    """Return whether bytes of tus or of the IETF's resumable uploads begin at the start and are as many as was said."""
    offset, length, concat, complete, incomplete = (header(request.headers, name).strip() for name in RESUMABLE)
    if offset not in ("", "0") or concat or complete not in ("", "?1") or incomplete not in ("", "?0"):
        return False
    told = {int(length)} if NUMBER.fullmatch(length) else set[int]()
    told |= {request.declared} if request.declared else set()
    return told == {size} or (not told and not length and "?" in complete + incomplete)


def firsts_of(request: Request, fields: dict[str, str]) -> Iterator[bool]:
    """Yield for each word about pieces whether it allows for a first one that is all there is."""
    yield from (value in ("", "0") for name, value in fields.items() if name in FROM_NAUGHT)
    yield from (value in ("", "1") for name, value in fields.items() if name in FROM_ONE)
    yield from (value == "1" for name, value in fields.items() if name in COUNTS and NUMBER.fullmatch(value))
    if "append" in (*fields, fields.get("action")):
        yield fields.get("position") == "0"
    if (comp := fields.get("comp", "").lower()) in ("block", "appendblock", "page"):
        yield comp == "block"  # what the list of blocks puts together is looked at then; no list ends the others
    if found := PARTS.search(request.path.partition("?")[0].rstrip("/").lower()):
        yield found[0].endswith("/parts") or found[1] == "1"


def puts_together(request: Request, fields: dict[str, str], body: bytes) -> bool:
    """Return whether a request makes one file of several pieces, each of which may have gone as a whole."""
    if (blocks := fields.get("comp", "").lower() == "blocklist") or "uploadid" in fields:
        listed = body.replace(b"\0", b"")  # in UTF-16 as in UTF-8
        if blocks or b"CompleteMultipart" in listed:
            return b"<!" in listed or len(TOGETHER.findall(listed)) != 1
    if request.path.partition("?")[0].rstrip("/").lower().endswith("/complete"):
        try:
            said = json_text.parse(body)
        except SluiceError:
            return False  # no such request: it is read as what it is
        parts = said.get("part_ids") if isinstance(said, dict) else None
        return isinstance(parts, list) and len(parts) > 1
    return False


def fields_of(request: Request, sections: Sequence[Section]) -> dict[str, str]:
    """Return what the query and a form say besides the file, by names as they are compared; the last of a name."""
    query = request.path.partition("?")[2]
    said = {plain(name): values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    for section in sections:
        if len(section.content) <= LONGEST_NUMBER:
            name = dict(section.parameters).get("name", "")
            said[plain(name)] = section.content.decode("utf-8", "replace").strip()
    return said


def type_of(request: Request) -> str:
    """Return the type of a body; none for the bytes of a resumable upload, whose type says nothing of the file.

    Google's client calls them JSON, tus and the IETF's resumable uploads have types of their own for any bytes.
    """
    google = "upload" in header(request.headers, "x-goog-upload-command").lower()
    kind = header(request.headers, "content-type")
    return "" if google or kind.partition(";")[0].strip().lower() in UPLOADED else kind


def must_fit(request: Request, sent: bytes | None) -> None:
    """Raise `SealedFile` where a rewritten file would not be as long as its service was told."""
    if sent is None:
        return
    google = "upload" in header(request.headers, "x-goog-upload-command").lower()
    told = {request.declared} if request.declared or (google and request.declared is None) else set[int | None]()
    if given := RANGE.fullmatch(header(request.headers, "content-range").strip()):
        told.add(int(given[2]) - int(given[1]) + 1)
    if length := header(request.headers, "upload-length").strip():
        told.add(int(length) if NUMBER.fullmatch(length) else None)
    elif header(request.headers, "upload-offset") and not request.declared:
        told.add(None)  # to whoever asks for the next piece
    if told - {size_in(sent, header(request.headers, "content-type"))}:
        raise SealedFile("a file holds confidential data, and its service was told how long it is")


def size_in(body: bytes, content_type: str) -> int:
    """Return the bytes of the file in a body: all of it, or the longest section of a form."""
    sections = sections_of(body, content_type)
    return len(body) if sections is None else max((len(section.content) for section in sections), default=0)


def sections_of(body: bytes, content_type: str) -> Sequence[Section] | None:
    """Return the sections of a form; None for what is none, or cannot be read: whoever reads the body refuses that."""
    if not content_type.strip().lower().startswith("multipart/"):
        return None
    try:
        return parse_multipart(body, boundary_of(content_type))
    except SluiceError:
        return None


def plain(key: str) -> str:
    """Return a key as it is compared."""
    return key.lower().replace("_", "").replace("-", "")
