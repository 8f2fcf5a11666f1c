"""Header fields of a request as parts: notes, titles and the page one came from carry text as a body does.

Enters: the header fields that will go out. Leaves: parts, and those fields that read differently now. Fields of the
protocol and the person's credentials are on the written list below and stay as they are; all others are read. A name
that is no word of an interface is a part, too, whatever the field: it cannot be written anew, so that a request is
refused whose names hold what must be taken out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from proxy.adapters.prompt import Rules, TreePrompt, read_tree
from proxy.errors import SealedName, WireError
from proxy.exchange import Headers, Part, header
from proxy.wire.target import read_target

RULES: Final = Rules(sealed=False)

UNREAD: Final = re.compile(
    r"""(?x)
    # HTTP itself
    host | origin | accept | accept-.* | user-agent | connection | keep-alive | te | trailer | transfer-encoding
    | upgrade | upgrade-insecure-requests | expect | date | pragma | cache-control | range | if-.* | priority | dnt
    | via | age | max-forwards | alt-used | http2-settings | early-data | save-data | last-event-id | forwarded
    | x-forwarded-.* | x-real-ip | content-(?:type|length|encoding|language|range|md5|digest) | digest
    | proxy-.* | sec-.* | :.* | access-control-request-.* | x-requested-with | x-http-method-override
    # credentials, which are the service's own
    | cookie2? | authorization
    | (?:.*-)? (?: api-?key | subscription-key | auth | [a-z]*token | secret | signature | csrf | xsrf ) (?:-.*)?
    # what client libraries say of themselves, and the numbers that traces go by
    | anthropic-(?:version|beta|dangerous-direct-browser-access) | openai-(?:organization|project|beta|version)
    | x-stainless-.* | x-goog-(?:api-client|user-project) | x-amz-.* | amz-sdk-.*
    | mcp-protocol-version | mcp-session-id | traceparent | tracestate | sentry-trace | baggage | newrelic
    | x-b3-.* | b3 | x-datadog-.* | x-cloud-trace-context
    | (?:x-)?(?:client-)?(?:request|correlation)-id | idempotency-key
    """
)
"""Names, in lower case, of fields that are never read."""

NAME: Final = re.compile(r":?[a-z][a-z_-]*[0-9]{0,3}(?:-[a-z][a-z_-]*[0-9]{0,3})*")
"""A name of an interface: words, and numbers of up to three digits; all other names are read."""

OTHER_PARAMETER: Final = re.compile(r"(?i);\s*(?!(?:charset|boundary|type|start|start-info|profile|version)\s*=)[^\s;]")
"""Of a media type: what says nothing of how the body is read, so that anything may stand there."""

PAGES: Final = frozenset({"referer", "http-referer"})
"""Fields that hold a URL; the second is what routers of models ask an application to send."""

RANGE: Final = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
"""Of a body that is part of something (RFC 9110, section 14.4)."""

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
        Raises `SealedName` where a name would read differently.
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
                raise SealedName("the name of a header field holds what must be taken out")
            if entry.prompt is not None:
                value = entry.start + entry.prompt.rewrite(mine[entry.named :]).decode("utf-8")
            values.setdefault(key, []).append(value)
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
        pointer = "header:" if entry.named else f"header:{key}"
        if entry.prompt is not None:
            parts += (Part(f"{pointer}{part.pointer}", part.role, part.text) for part in entry.prompt.parts)
    return Fields(headers, entries, tuple(parts))


def read_entry(name: str, value: str) -> Entry:
    """Return the value of the field `name` (lower case), read unless it is on the list; raises `WireError`."""
    named = NAME.fullmatch(name) is None
    if UNREAD.fullmatch(name) and not (name == "content-type" and OTHER_PARAMETER.search(value)):
        return Entry("", None, named)
    page = URL.fullmatch(value) if name in PAGES else None
    if page:
        return Entry(page[1], read_target(page[2]).prompt, named)
    try:
        body = value.encode()
    except UnicodeEncodeError:
        raise WireError("a header field is not valid UTF-8") from None
    return Entry("", read_tree(body, value, RULES, str.encode), named)


def is_piece(headers: Headers) -> bool:
    """Tell whether the body is only a piece of what is sent, by `Content-Range` or tus's `Upload-Offset`."""
    said = header(headers, "content-range")
    whole = RANGE.fullmatch(said) if said else None
    if said and not (whole and whole[1] == "0" and int(whole[2]) + 1 == int(whole[3])):
        return True
    length, offset = header(headers, "upload-length"), header(headers, "upload-offset")
    return bool(offset) and (offset != "0" or header(headers, "content-length") != length)
