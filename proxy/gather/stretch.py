"""What a request that brings a stretch of a file says of it, in the protocols that can be answered for the service.

Enters: a request's head and its body. Leaves: where the stretch lies and whether it is the last; the word that a
service would say of one that is not; the head with which the whole file goes in its place. Pure. Only protocols are
here in which a service says no more of a stretch than how far it has come. Where it gives a name that is needed later
(S3's ETags, the ids of parts of OpenAI's Uploads) nobody else can: what we made up would be refused at the end.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from proxy.exchange import Answer, Headers, Request, header
from proxy.wire.body import codings_of
from proxy.wire.whole import NUMBER, RANGE, says_twice

type Protocol = Literal["google", "range", "tus"]

COMMANDS: Final = {"upload": False, "upload, finalize": True, "finalize": True}
"""Google's commands that bring bytes or end the file, and whether they end it."""
GOOGLE: Final = re.compile(r"(?:.+\.)?google(?:apis|usercontent)?\.com")
"""Hosts that answer 308 to a part of a file; Microsoft's answer the same request in other words."""
OF_THE_STRETCH: Final = frozenset({"upload-checksum", "content-md5", "content-digest", "digest", "x-goog-hash"})
"""Fields about the bytes of one request, which no longer hold for those of all."""
CHANGES: Final = OF_THE_STRETCH | {"x-goog-upload-command", "x-goog-upload-offset", "content-range", "upload-offset"}
"""Fields that are others, or none, when the whole file goes."""
NO_RANGE: Final = re.compile(r"bytes \*/(?:[0-9]+|\*)")
"""How Google is asked how far a file has come."""
PLACES: Final = ("x-goog-upload-command", "content-range", "upload-offset")
"""Fields by one of which each protocol is known."""
OF_THE_IETF: Final = ("upload-complete", "upload-incomplete", "upload-concat", "upload-draft-interop-version")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where the bytes of a request lie in their file."""

    protocol: Protocol
    start: int
    size: int
    total: int
    """How long the file is, 0 where nobody has said it yet."""
    last: bool
    """Whether the file ends with it."""

    @property
    def end(self) -> int:
        """How much of the file there is with it."""
        return self.start + self.size


def stretch_of(request: Request, body: bytes) -> Stretch | None:
    """Return where a body lies in its file; None for whatever cannot be gathered."""
    told = stretch_in(request, body)
    if told is None or (request.declared and told.total not in (0, request.declared)):
        return None  # the service was told another length
    return told


def stretch_in(request: Request, body: bytes) -> Stretch | None:
    """Return where a body lies in its file as the request itself says."""
    kind = header(request.headers, "content-type").strip().lower()
    if codings_of(request.headers) or kind.startswith("multipart/") or says_twice(request):
        return None
    if sum(bool(header(request.headers, name)) for name in PLACES) != 1:
        return None  # nobody says one thing by two protocols
    method, size = request.method.upper(), len(body)
    if command := header(request.headers, "x-goog-upload-command"):
        at, last = number(request, "x-goog-upload-offset"), COMMANDS.get(", ".join(words(command)))
        at = request.declared if at is None and not body else at
        return None if at is None or last is None else sound("google", at, size, request.declared or 0, last)
    if said := header(request.headers, "content-range").strip():
        given = RANGE.fullmatch(said)
        if given is None or method != "PUT" or not GOOGLE.fullmatch(request.host):
            return None
        first, behind, total = int(given[1]), int(given[2]) + 1, int(given[3])
        return sound("range", first, size, total, behind == total) if behind - first == size else None
    if method != "PATCH" or any(header(request.headers, name) for name in OF_THE_IETF):
        return None
    start, length = number(request, "upload-offset"), number(request, "upload-length") or request.declared
    return None if start is None or not length else sound("tus", start, size, length, start + size == length)


def sound(protocol: Protocol, start: int, size: int, total: int, last: bool) -> Stretch | None:
    """Return a stretch that is no whole file, and lies within it."""
    told = Stretch(protocol, start, size, total, last)
    if (start == 0 and last) or not (size or last) or (total and (told.end > total or (last and told.end != total))):
        return None
    return told


def cancels(request: Request) -> bool:
    """Return whether a request gives up the upload that it names."""
    return request.method.upper() == "DELETE" or "cancel" in words(header(request.headers, "x-goog-upload-command"))


def asks(request: Request, body: bytes) -> Protocol | None:
    """Return the protocol in which a request asks how far its file has come; None for any other."""
    if body:
        return None
    if words(header(request.headers, "x-goog-upload-command")) == ["query"]:
        return "google"
    if request.method.upper() == "HEAD":
        return "tus" if header(request.headers, "tus-resumable") else None
    said = header(request.headers, "content-range").strip()
    ours = request.method.upper() == "PUT" and GOOGLE.fullmatch(request.host)
    return "range" if ours and NO_RANGE.fullmatch(said) else None


def words(command: str) -> list[str]:
    """Return the words of a command as Google spells them."""
    return [word.strip().lower() for word in command.split(",")]


def number(request: Request, name: str) -> int | None:
    """Return the number in a field, or None."""
    value = header(request.headers, name).strip()
    return int(value) if NUMBER.fullmatch(value) else None


def waiting(protocol: Protocol, end: int, total: int = 0, *, asked: bool = False) -> Answer:
    """Return what a service says that has a file up to `end`, and waits for more of it.

    Where that was `asked` for, tus tells how long it will be, too, if that is known.
    """
    fields: Headers = (("cache-control", "no-store"),)
    if protocol == "google":
        fields = (("x-goog-upload-status", "active"), ("x-goog-upload-size-received", str(end)), *fields)
        return Answer(200, fields, b"")
    if protocol == "range":
        return Answer(308, (("range", f"bytes=0-{end - 1}"), *fields), b"")
    long: Headers = (("upload-length", str(total)),) if asked and total else ()
    return Answer(200 if asked else 204, (("tus-resumable", "1.0.0"), ("upload-offset", str(end)), *long, *fields), b"")


def as_whole(request: Request, stretch: Stretch) -> Request:
    """Return the head with which a whole file of which `stretch` is the last goes in one request."""
    begins = {
        "google": {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0"},
        "range": {"content-range": f"bytes 0-{stretch.end - 1}/{stretch.end}"},
        "tus": {"upload-offset": "0"},
    }[stretch.protocol] | {"content-length": str(stretch.end)}
    kept = [(name, value) for name, value in request.headers if name not in OF_THE_STRETCH | begins.keys()]
    return replace(request, headers=(*kept, *begins.items()))
