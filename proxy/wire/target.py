"""The target of a request, path and query, as parts: deep links and `/prompt/…` carry text as a body does.

Enters: path and query as sent. Leaves: parts, and the target with some of them rewritten; what did not change keeps its
very bytes. A fragment is never sent on: no server is told one, and no detector would look there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from detectors.checksums import cn_id_card
from detectors.headings import is_password
from detectors.normalise import LAYERS
from proxy.adapters.carries import carries
from proxy.adapters.pointer import Steps, pointer
from proxy.adapters.prompt import Rules, TreePrompt, read_tree
from proxy.errors import WireError
from proxy.exchange import Field, Part
from proxy.wire.lawful import is_drawn
from proxy.wire.sign_in import passing

RULES: Final = Rules(sealed=False, chosen=False)
PROSE: Final = re.compile(r"[^!-~]")
"""What no path of an interface has in it: blanks, controls, letters beyond ASCII."""

PARAMETER: Final = re.compile(r"(?:^|;)(?P<name>[^;=,/]{1,40})=(?P<value>[^;]+)")
"""A parameter of a segment of the path."""

SPELT: Final = re.compile(r"(?:/[^/]){14}")
"""So many segments of one character that together they may spell something."""

PIECE: Final = re.compile(r"[0-9]{1,17}[Xx]?|[Xx]")
PIECES: Final = 4
"""Segments of the path that one number is looked for in."""

CREDENTIALS: Final = frozenset(
    {
        *(
            "key",
            "api_key",
            "apikey",
            "api-key",
            "token",
            "access_token",
            "accesstoken",
            "auth",
            "authorization",
            "password",
            "secret",
        ),
        *("sig", "signature", "x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature"),
    }
)
"""Fields of a query that services take keys in."""


@dataclass(frozen=True, slots=True)
class Target:
    """Path and query, read."""

    prompt: TreePrompt = field(repr=False)
    """A tree of the segments, `None` for those that are no text, and of a name and a value for each field."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every segment that may be text, and every name and value of the query."""
        return self.prompt.parts

    def rewrite(self, texts: Sequence[str]) -> str:
        """Return path and query with part *i* reading `texts[i]`."""
        return self.prompt.rewrite(texts).decode("utf-8")


def read_target(path: str, *, signing_in: bool = False) -> Target:
    """Read path and query; raises `WireError` where the percent-encoding is not UTF-8.

    Where somebody is `signing_in`, the account and the tokens in the query pass; a password has no place there.
    """
    whole = path.partition("#")[0]
    bare, mark, query = whole.partition("?")
    segments = bare.split("/")
    fields = query.split("&") if mark else []
    tree = decoded(segments, fields)
    if tree is None:  # raised here, where no decoder's error, which holds the text, is its context
        raise WireError("the path or the query of the URL is not valid UTF-8")
    body = whole.encode()
    values = [((at, 1), *one) for at, one in enumerate(tree) if isinstance(one, list) and len(one) > 1]
    passed = passing(values, {"account", "token"}.__contains__) if signing_in else frozenset[tuple[int, int]]()
    prompt = read_tree(
        body,
        tree,
        replace(RULES, unread=lambda leaf, _: leaf.path in passed),
        partial(write, segments, fields, tree),
        name=partial(name, len(segments)),
        named=partial(field_of, tree),
    )
    return Target(replace(prompt, parts=tuple(map(with_fields, prompt.paths, prompt.parts))))


def decoded(segments: Sequence[str], fields: Sequence[str]) -> list[Any] | None:
    """Return the tree of the segments of a path and the fields of a query; none where they are not UTF-8."""
    spelt = SPELT.search("/".join(segments)) is not None
    pieces = told_in_pieces(segments)
    try:
        for raw in (*segments, *fields):
            raw.encode()  # raw bytes that are not UTF-8 came as surrogates
        tree: list[Any] = [
            raw if (spelt and len(raw) == 1) or at in pieces else read_segment(raw) for at, raw in enumerate(segments)
        ]
        return tree + [read_field(raw) for raw in fields]
    except UnicodeError:
        return None


def told_in_pieces(segments: Sequence[str]) -> frozenset[int]:
    """Return which segments of a path are pieces of a citizen's number, proven by its check digit."""
    found = set[int]()
    for at in range(len(segments)):
        row = list(takewhile(PIECE.fullmatch, segments[at : at + PIECES]))
        for size in range(2, len(row) + 1):
            if len(digits := "".join(row[:size])) == 18 and cn_id_card(digits):
                found.update(range(at, at + size))
    return frozenset(found)


def with_fields(path: Steps, part: Part) -> Part:
    """Return a part; a segment of the path with its parameters (`x;password=…`), which nobody sees but here."""
    if len(path) != 1:
        return part
    given = (Field(*one.span("value"), "password") for one in PARAMETER.finditer(part.text) if is_password(one["name"]))
    return replace(part, fields=tuple(given))


def read_segment(raw: str) -> str | None:
    """Return a path segment decoded, or `None` for one that is an interface's word or an id."""
    text = plain = unquote(raw, errors="strict")
    for _ in range(LAYERS):
        plain = unquote(plain)
    told = any(is_password(one["name"]) for one in PARAMETER.finditer(text))
    return text if told or PROSE.search(plain) or carries(plain) else None


def read_field(raw: str) -> list[str]:
    """Return name and value of a field of the query; of one that opens a door the name alone, for it must arrive."""
    key, _, value = raw.partition("=")
    name, text = unquote_plus(key, errors="strict"), unquote_plus(value, errors="strict")
    opens = name.lower() in CREDENTIALS and is_drawn(text)
    return [name] if opens else [name, text]


def write(segments: Sequence[str], fields: Sequence[str], old: Sequence[Any], new: Sequence[Any]) -> bytes:
    """Return the target with those segments and fields written anew that read differently now."""
    count = len(segments)
    path = [
        raw if now == before else quote(now, safe="".join({";", "=", ","}.intersection(raw)))
        for raw, before, now in zip(segments, old[:count], new[:count], strict=True)
    ]
    query = [
        raw if now == before else "=".join(map(quote_plus, now))
        for raw, before, now in zip(fields, old[count:], new[count:], strict=True)
    ]
    return ("/".join(path) + ("?" if query else "") + "&".join(query)).encode()


def field_of(tree: Sequence[Any], path: Steps) -> str:
    """Return the name of the field that a value of the query stands under."""
    held = tree[path[0]] if isinstance(path[0], int) else None
    return str(held[0]) if isinstance(held, list) and path[1] == 1 else ""


def name(segments: int, path: Steps) -> str:
    """Return where a part stands; names of fields are text, so they are counted, not told."""
    first, *rest = path
    place = first if isinstance(first, int) else 0
    if place < segments:
        return f"/{place}" + pointer(tuple(rest))
    return f"?{place - segments}/{'v' if rest[0] else 'k'}" + pointer(tuple(rest[1:]))
