"""Header fields of a request as parts: notes, titles and the page one came from carry text as a body does.

Enters: the header fields that will go out. Leaves: parts, and those fields that read differently now. What a program
has written in a field that programs fill stays as it is (`lawful`); all else is read. A name that is no word of
an interface is a part, too, whatever the field. Names, and fields that make the request what it is, cannot be written
anew, so that a request is refused in which they hold what must be taken out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.headings import heading, is_password
from proxy.adapters.prompt import Rules, TreePrompt, read_tree
from proxy.errors import SealedField, WireError
from proxy.exchange import Headers, Part
from proxy.wire.lawful import is_filled_by_programs, is_lawful, is_sealed
from proxy.wire.target import read_target

RULES: Final = Rules(sealed=False, keyed=False)

NAME: Final = re.compile(r":?[a-z][a-z_-]*[0-9]{0,3}(?:-[a-z][a-z_-]*[0-9]{0,3})*")
"""A name of an interface: words, and numbers of up to three digits; all other names are read."""

PAGES: Final = frozenset({"referer", "http-referer", "origin"})
"""Fields that hold a URL; `http-referer` is what routers of models ask an application to send."""

URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of one field, read."""

    start: str = field(repr=False)
    """What of the value stays: scheme and host of a URL, or nothing."""
    prompt: TreePrompt | None = field(repr=False)
    """The rest of it; none for a field that is not read."""
    named: bool = False
    """Whether its name is read."""
    program: bool = False
    """Whether a program fills it, as a rule."""

    @property
    def count(self) -> int:
        """How many parts it has."""
        return self.named + (len(self.prompt.parts) if self.prompt is not None else 0)


@dataclass(frozen=True, slots=True)
class Fields:
    """The header fields of a request, read."""

    headers: Headers = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    """One for each field, in the same order."""
    parts: tuple[Part, ...]

    def rewrite(self, texts: Sequence[str]) -> Headers:
        """Return the fields that change when part *i* reads `texts[i]`, each name once.

        The values of a repeated field are joined by commas (RFC 9110, section 5.3), so that setting it loses none.
        Raises `SealedField` where a name would read differently, or a field without which it is another request.
        """
        if len(texts) != len(self.parts):
            raise ValueError("one text for each part")
        values: dict[str, list[str]] = {}
        changed: dict[str, None] = {}
        place = 0
        for (key, old), entry in zip(self.headers, self.entries, strict=True):
            value, mine = old, texts[place : place + entry.count]
            place += entry.count
            if entry.named and mine[0] != key:
                raise SealedField("the name of a header field holds what must be taken out")
            if entry.prompt is not None:
                value = entry.start + entry.prompt.rewrite(mine[entry.named :]).decode("utf-8")
            values.setdefault(key, []).append(value)
            if value != old and is_sealed(key):
                raise SealedField("a header field that cannot be written anew holds what must be taken out")
            if value != old:
                changed[key] = None
        return tuple((key, ", ".join(values[key])) for key in changed)


def read_fields(headers: Headers) -> Fields:
    """Read the header fields that will go out; raises `WireError` for one that is read and is not UTF-8."""
    entries = tuple(read_entry(key, value) for key, value in headers)
    parts: list[Part] = []
    for (key, _), entry in zip(headers, entries, strict=True):
        if entry.named:
            parts.append(Part("header", "other", key))
        label = heading(key) if is_password(key) else ""
        pointer = "header:" if entry.named else f"header:{key}"
        if entry.prompt is not None:
            parts += (
                replace(part, pointer=f"{pointer}{part.pointer}", program=entry.program, label=part.label or label)
                for part in entry.prompt.parts
            )
    return Fields(headers, entries, tuple(parts))


def read_entry(name: str, value: str) -> Entry:
    """Return the value of the field `name` (lower case), read unless a program wrote it; raises `WireError`."""
    named, program = NAME.fullmatch(name) is None, is_filled_by_programs(name)
    page = URL.fullmatch(value) if name in PAGES else None
    asks = page is not None and bool(page[2])  # an origin has no more than scheme and host
    if program and not asks and is_lawful(name, value):
        return Entry("", None, named, program)
    if page:
        return Entry(page[1], read_target(page[2]).prompt, named)
    try:
        return Entry("", read_tree(value.encode(), value, RULES, str.encode), named, program)
    except UnicodeEncodeError:
        pass  # it holds the value, so ours is raised outside: not even its context may
    raise WireError("a header field is not valid UTF-8")
