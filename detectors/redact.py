"""Take what was found out of a text, and leave a placeholder that says what stood there.

Enters: a text, findings in it and a user's key. Leaves: the text with placeholders, and the originals. Putting each
original back in place of its placeholder gives exactly the text that came in; nothing that was found stays in it; the
same value gets the same placeholder every time, and nobody without the key can make or guess one. What a policy wants
masked, named or dropped instead gets no placeholder, and can never be put back.
"""

import hmac
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import islice, takewhile
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from detectors.entities import ENTITIES, Entity
from detectors.interface import Finding, Redaction
from detectors.treat import Treatment, gap, instead, language_of, strictest

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as a digit, and no word that is read as an insult."""

NAME: Final = "[A-Z][A-Z0-9_]{0,39}"
FIT: Final = re.compile(NAME)
ORDER: Final = attrgetter("start", "end", "entity", "score", "detector")
SHORT: Final = 8
LONG: Final = 16
PLACEHOLDER: Final = re.compile(rf"\[({NAME})_(?:[{ALPHABET}]{{{LONG}}}|[{ALPHABET}]{{{SHORT}}})\]")
"""The form of every placeholder; group 1 is the entity."""

OPENING: Final = "[［【"
BREAK: Final = r"(?:\\{1,8}r)?\\{1,8}n|\r?\n"
"""The end of a line, also as it is escaped in a string."""

NO_PART: Final = re.compile(rf"{BREAK}|[\\\[\]［］【】]")
"""What an answer may write in a placeholder that is no part of its name."""

WRITTEN: Final = re.compile(
    rf"""(?x)
    (?: (?P<escaped>\\{{1,4}}) (?=\[) )?+ [\[［【]
    (?= [A-Za-z0-9_\\\r\n]{{10,128}} [\]］】] )
    (?P<inside> [A-Za-z] (?: [A-Za-z0-9] | \\{{0,4}}_ | {BREAK} )+ )
    (?(escaped) \\{{1,4}}\] | [\]］】] )
    """
)
"""A placeholder as answers may write it: escaped for Markdown, in other brackets, in other letters, over lines."""

WRITTEN_BEGINNING: Final = re.compile(r"(?x) \\{1,4} | \\{0,4}[\[［【] (?: [A-Za-z] [A-Za-z0-9_\\\r\n]{0,127} )?")
"""All that a placeholder so written may begin with, and more."""

LONGEST: Final = 40 + LONG + len("[_]")
"""Length of the longest placeholder, in characters."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
UNNAMED: Final[Mapping[str, Entity]] = MappingProxyType({})


def canonical(written: str) -> str | None:
    """Return the placeholder that an answer has written otherwise, or None where it is none."""
    bare = NO_PART.sub("", written)
    placeholder = f"[{bare.upper()}]"
    return placeholder if PLACEHOLDER.fullmatch(placeholder) else None


class Span(NamedTuple):
    """A place to be written anew, and how."""

    finding: Finding
    treatment: Treatment
    plain: bool
    """Whether one finding, or several of the same place, cover exactly this."""


def redact(
    text: str,
    findings: Iterable[Finding],
    key: bytes,
    taken: Mapping[str, str] = NOTHING,
    treat: Mapping[str, str] = NOTHING,
    names: Mapping[str, Entity] = UNNAMED,
) -> Redaction:
    """Return `text` with a placeholder for each finding, and what each one stands for.

    `taken` are placeholders that are in use already, with their originals: give those of the other parts of an exchange
    and two values never share one. `treat` gives the entities that get something else than a placeholder: `mask`,
    `generalise` or `drop`; `names` how people call entities that are the company's own. A finding inside an existing
    placeholder is left alone, and one that reaches over its edge takes it in whole. Raises `ValueError` for a finding
    outside the text, with an unfit name, or with a treatment that does not exist.
    """
    given = tuple(findings)
    if not given:
        return Redaction(text, NOTHING)
    spans = [_span(group, text, treat) for group in _groups(_beside_placeholders(text, given))]
    values = {(one.entity, text[one.start : one.end]) for one, treatment, _ in spans if treatment == "placeholder"}
    tokens = _names(values, key, text, taken)
    language = language_of(_between(text, spans)) if any(span.treatment == "generalise" for span in spans) else ""
    pieces: list[str] = []
    place = 0
    for one, treatment, plain in spans:
        pieces.append(text[place : one.start])
        value, place = text[one.start : one.end], one.end
        if treatment == "placeholder":
            pieces.append(tokens[one.entity, value])
        elif treatment == "drop":
            before = next((piece for piece in reversed(pieces) if piece), "")
            pieces.append(gap(before[-1:], text[place : place + 1]))
        else:
            name = names.get(one.entity)
            pieces.append(instead(treatment, one.entity, value, plain=plain, language=language, name=name))
    pieces.append(text[place:])
    originals = {name: value for (_, value), name in tokens.items()}
    treated = Counter(span.finding.entity for span in spans if span.treatment != "placeholder")
    return Redaction("".join(pieces), MappingProxyType(originals), MappingProxyType(treated))


def placeholder(entity: str, value: str, key: bytes, attempt: int = 0) -> str:
    """Return the placeholder of a value: `[ENTITY_XXXXXXXX]`, from HMAC-SHA256 over entity and exact value.

    `attempt` above nought gives other, longer ones, for the case that the first is taken. Raises `ValueError` for an
    entity that is not up to 40 capital letters, digits and underscores, or an empty key.
    """
    if not FIT.fullmatch(entity):
        raise ValueError("the name of an entity must be capital letters, digits and underscores, 40 at most")
    if not key:
        raise ValueError("a placeholder needs a key")
    # Lone halves of surrogate pairs are text too, as far as JSON is concerned.
    message = b"\0".join((entity.encode(), value.encode("utf-8", "surrogatepass")))
    digest = hmac.digest(key, b"%d\0" % attempt + message if attempt else message, "sha256")
    bits = 5 * (LONG if attempt else SHORT)
    number = int.from_bytes(digest[: bits // 8])
    letters = [ALPHABET[number >> place & 31] for place in range(bits - 5, -1, -5)]
    return f"[{entity}_{''.join(letters)}]"


def _groups(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Yield the findings that overlap together, in the order of the text."""
    group: list[Finding] = []
    reach = 0
    for finding in sorted(findings, key=ORDER):  # as they compare themselves, but sooner
        if group and finding.start >= reach:
            yield group
            group, reach = [], 0
        group.append(finding)
        reach = max(reach, finding.end)
    if group:
        yield group


def _span(group: list[Finding], text: str, treat: Mapping[str, str]) -> Span:
    """Return what is to be done where the findings of `group` stand; raises `ValueError`."""
    one = _one(group)
    if not 0 <= one.start < one.end <= len(text):
        raise ValueError("a finding lies outside the text")
    treatment = strictest({treat.get(finding.entity, "placeholder") for finding in group}) if treat else "placeholder"
    alone = all((finding.start, finding.end) == (one.start, one.end) for finding in group)
    return Span(one, treatment, alone and PLACEHOLDER.search(text, one.start, one.end) is None)


def _between(text: str, spans: list[Span]) -> str:
    """Return what is said around the spans: an address in Latin letters does not make a Chinese text English."""
    edges = [0, *(edge for span in spans for edge in (span.finding.start, span.finding.end)), len(text)]
    said = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return said if any(map(str.isalpha, said)) else text


def _one(group: list[Finding]) -> Finding:
    if len(group) == 1:
        return group[0]
    best = max(group, key=lambda one: (one.end - one.start, one.score, one.entity, one.detector))
    return Finding(
        min(one.start for one in group),
        max(one.end for one in group),
        best.entity,
        max(one.score for one in group),
        best.detector,
    )


def _beside_placeholders(text: str, findings: tuple[Finding, ...]) -> list[Finding]:
    """Return the findings that are left when existing placeholders are taken for what they are.

    A token is no placeholder when its name is neither ours nor found here, or when it ends in digits only: it could be
    a value dressed up as one.
    """
    tokens = list(PLACEHOLDER.finditer(text))
    if not tokens:
        return list(findings)
    names = ENTITIES.keys() | {finding.entity for finding in findings}
    ends = [token.end() for token in tokens]
    left = []
    for finding in findings:
        start, end = finding.start, finding.end
        touched = _touched(tokens, ends, start, end)
        if len(touched) == 1 and touched[0].start() <= start and end <= touched[0].end() and _ours(touched[0], names):
            continue
        if touched:
            start, end = min(start, touched[0].start()), max(end, touched[-1].end())
        left.append(Finding(start, end, finding.entity, finding.score, finding.detector))
    return left


def _touched(tokens: list[re.Match[str]], ends: list[int], start: int, end: int) -> list[re.Match[str]]:
    """Return the tokens that share a character with `start` to `end`."""
    following = islice(tokens, bisect_right(ends, start), None)
    return list(takewhile(lambda token: token.start() < end, following))


def _ours(token: re.Match[str], names: Set[str]) -> bool:
    return token.group(1) in names and not token.group()[len(token.group(1)) + 2 : -1].isdigit()


def _names(values: set[tuple[str, str]], key: bytes, text: str, taken: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Return a placeholder for each entity and value, none of them shared, whatever order the values come in."""
    first = {pair: placeholder(*pair, key) for pair in values}
    # One that stands in the text already would be restored there too, where it was never put.
    several = len(set(first.values())) < len(first)
    refused = {name for name, times in Counter(first.values()).items() if times > 1} if several else set[str]()
    refused |= {token.group() for token in PLACEHOLDER.finditer(text)}
    names: dict[tuple[str, str], str] = {}
    for pair in sorted(values):
        name, attempt = first[pair], 0
        while name in refused or taken.get(name, pair[1]) != pair[1]:
            attempt += 1
            name = placeholder(*pair, key, attempt)
        names[pair] = name
        refused.add(name)
    return names
