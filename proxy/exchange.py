"""The nouns of one exchange: a request, its parts, and the three ways it can end.

Values only. Whatever may hold confidential text is left out of `repr`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from proxy.internal.models import InternalServer

type Headers = tuple[tuple[str, str], ...]
"""Header fields in order; names in lower case."""

type Role = Literal["system", "user", "assistant", "tool", "other"]

type Inspection = Literal["full", "partial", "none", "not_needed"]
"""How much of a request was read: `none` means "not inspected", which is never the same as clean."""


def header(headers: Iterable[tuple[str, str]], name: str) -> str:
    """Return the first value of the field `name` (lower case), or an empty string."""
    return next((value for key, value in headers if key == name), "")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent, as the shell saw it."""

    method: str
    scheme: str
    host: str
    """Lower-case host name, without port."""
    port: int
    path: str = field(repr=False)
    """Path and query; the query may hold text, so the whole is kept out of `repr`."""
    headers: Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    """As it came over the wire, still content-encoded; empty while only the headers are known."""
    declared: int | None = None
    """Bytes of the file for which a service gave this address, 0 where it was not told; None for any other request."""


class Field(NamedTuple):
    """A value in a text, and what its key says of it: a heading, or nothing."""

    start: int
    end: int
    label: str

    def __repr__(self) -> str:
        """Return where it stands; what people wrote stays out of logs."""
        return f"Field({self.start}, {self.end})"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of user-controlled text in a request."""

    pointer: str
    """Where it stands, as a JSON pointer (RFC 6901) or a form field's name; holds no user text but keys."""
    role: Role
    text: str = field(repr=False)
    read: tuple[tuple[int, int], ...] = ()
    """Start and end of the files in the text that were read as files, whatever they look like as text."""
    program: bool = False
    """Whether a program fills the place where it stands, so that words which look like names are none."""
    label: str = field(default="", repr=False)
    """The key or the field that it stands under, where that may say what the text is."""
    keyed: bool = False
    """Whether it stands under a key at all, so that it begins and ends with its value."""
    fields: tuple[Field, ...] = field(default=(), repr=False)
    """The values of a file that it holds, where a file has keys."""
    signed: str = ""
    """Mark of the thought that it stands in, which a service has signed, so that it must come back as it was."""
    bounded: bool = False
    """Whether all that is outside of `fields` are keys, which hold the file together."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer made by Sluice."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Forward:
    """Send it to the service itself, changed as little as can be."""

    path: str = field(repr=False)
    """Path and query."""
    without: frozenset[str]
    """Header fields to take away, in lower case."""
    replaced: Headers
    """Header fields to set."""
    body: bytes | None = field(repr=False)
    """The new body, not content-encoded; `None` leaves the bytes as they came."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send it to the company's own model instead, with headers made afresh."""

    scheme: str
    host: str
    port: int
    path: str
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    server: InternalServer


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer in place of the company's model: it was asked what Sluice can say by itself."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer the client ourselves; nothing goes out."""

    code: str
    """Stable word for machines: `blocked_by_policy`, `authorization_required`, `body_too_large` …"""
    answer: Answer


type Outcome = Forward | Redirect | Reply | Refuse
