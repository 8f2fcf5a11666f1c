"""Path scopes: which requests on a shared host belong to a service.

A scope's text and a request's target enter, yes or no leaves. A target must never slip past a scope by another
spelling of the same path (percent-encoding, dot segments, doubled slashes, letter case): servers differ in what they
fold, and taking one path too many for the service is the safe mistake.
"""

import re
from dataclasses import dataclass
from posixpath import normpath
from typing import Final
from urllib.parse import parse_qsl, unquote

from proxy.services.service import Service

ESCAPED: Final = re.compile(rb"\\u00([2-7][0-9A-Fa-f])")
"""An ASCII sign as JSON's escape."""


@dataclass(frozen=True, slots=True)
class Target:
    """A request target, folded for comparison."""

    path: str
    fields: frozenset[tuple[str, str]]
    """The query's fields."""


@dataclass(frozen=True, slots=True)
class PathScope:
    """One `host/prefix` of a service."""

    service: Service
    host: str
    wild: bool
    """Whether it means the subdomains of `host` rather than the host itself."""
    pattern: re.Pattern[str]
    """Matches the beginning of a folded path."""
    fields: frozenset[tuple[str, str]]
    """Query fields that must all be there."""
    length: int
    """Length of the scope's text; the longest of those that match is the most specific."""
    word: str = ""
    """What a body must hold to be the service's; empty where the path alone says it."""

    def covers(self, target: Target) -> bool:
        """Return whether a request for `target` on the scope's host is in scope."""
        return self.fields <= target.fields and self.pattern.match(target.path) is not None


def read_scope(text: str, service: Service, word: str = "") -> PathScope:
    """Return the scope that the checked `text` writes, of bodies that hold `word`."""
    host, _, prefix = text.partition("/")
    path, _, query = prefix.partition("?")
    path = "/" + path.casefold()
    pattern = "[^/]+".join(re.escape(piece) for piece in path.rstrip("/").split("*"))
    return PathScope(
        service=service,
        host=host.removeprefix("*."),
        wild=host.startswith("*."),
        # A prefix ends where a segment ends, so that /copilot does not take a user called copilot-fan.
        pattern=re.compile(pattern + "(?:/|$)"),
        fields=frozenset(parse_qsl(query.casefold(), keep_blank_values=True)),
        length=len(text),
        word=word,
    )


def holds(body: bytes, word: str) -> bool:
    """Return whether a body holds `word`, also where some of its letters are written as JSON's escapes."""
    sought = word.encode("ascii")
    return sought in body or (
        b"\\u00" in body and sought in ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), body)
    )


def canonical_target(target: str) -> Target:
    """Return a request's path and query, folded: decoded, in one case, without dot segments or empty ones."""
    path, _, query = target.partition("?")
    path = unquote(path.partition("#")[0]).casefold()
    fields = frozenset(parse_qsl(query.casefold(), keep_blank_values=True))
    return Target(normpath("/" + path.replace("\\", "/").lstrip("/")), fields)
