"""Settings in text files (YAML, TOML, .env, .ini, .properties): which of their values stand under keys of secrets.

Enters: a text and the file's name. Leaves: the places of such values. The text is read as it is, and rules see each key
before its value; here is told what no rule can know of a bare word in any text: that it is a whole value.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.headings import heading, is_password, is_program, reaches
from detectors.typed import lone_word, mixed_password, typed_password
from detectors.views.beneath import ITEM, says_no_more
from proxy.adapters.pointer import BARE, NAMING, PAIRED
from proxy.exchange import Field

NAMED: Final = re.compile(
    r"(?i)(?:.*[/\\])?(?:\.?env(?:\.[\w.\-]+)?|.+\.(?:ya?ml|toml|ini|cfg|conf|cnf|config|properties|env|tfvars|hcl))"
)
LISTED: Final = re.compile(r"(?i)(?:.*[/\\])?([^/\\.]+)\.(?:txt|text|md|list|lst)")
"""Names of notes."""
LINE: Final = re.compile(
    r"""(?mx)
    ^ ([ \t]* (?: -[ \t]+ )?)                                                     # how far in, and an item of a list
    (?: (?: export | set | setx | env ) [ \t]+ )?
    (?: (?P<open>["']?) (?P<key>[^\s"'=:\#：] [^"'=:\#：\n]{0,63}?) (?P<shut>["']?)
        [ \t]* (?: => | := | [=：] | : (?= [ \t\n"'] | $ ) ) [ \t]* )?
    (?P<rest>[^\n]*) $
    """
)
VALUE: Final = re.compile(
    r"""(?x)
    (?: "((?: [^"\\] | \\. )*)" | '((?: [^'] | '' )*)'
        | ([^\s\#;,"'|>&*!{\[] (?: [^\s\#] | (?<=\S)\# | [ \t]+(?=[^\s\#]) )*?) )
    [,;]? [ \t]* (?= \s\# | \r?$ )
    """
)
INLINE: Final = re.compile(
    r"""(?x)
    (?: ["']? ([^\s"',:={}\[\]] [^"',:={}\[\]\n]{0,63}?) ["']? [ \t]* [:=] [ \t]* )?
    (?: "((?: [^"\\] | \\. )*)" | '([^']*)' | ([^\s"',:={}\[\]]+) )
    (?= [ \t]* (?: [,\]}] | $ ) )
    """
)
"""Within brackets: a value, or a key and its value."""
ANCHOR: Final = re.compile(r"(?:[&!][\w.\-/:]+[ \t]+)+")
COMMENT: Final = re.compile(r"[ \t]*(?:[#;\[]|//|---|\r?$)")

SAMPLE: Final = 200
"""Lines by which a text without a telling name is judged."""
FEWEST: Final = 2
SHARE: Final = 0.8
"""Of its lines that say a key and a value."""
MOST: Final = 4_000_000
"""Characters of a text beyond which it is no file of settings."""


def values(text: str, name: str) -> tuple[Field, ...]:
    """Return the values of secrets in a file of settings, or in a note that is named after them; none in any other."""
    if len(text) <= MOST and (note := LISTED.fullmatch(name)) is not None and is_password(note[1]):
        return tuple(_listed(text))
    if len(text) > MOST or not (NAMED.fullmatch(name) or looks_set(text)):
        return ()
    return tuple(_fields(text))


def looks_set(text: str) -> bool:
    """Tell whether a text is settings, line by line."""
    lines = [line for line in text.split("\n", SAMPLE)[:SAMPLE] if not COMMENT.match(line)]
    keyed = sum(_keyed(line) for line in lines)
    return keyed >= FEWEST and keyed >= SHARE * len(lines)


def _listed(text: str) -> Iterator[Field]:
    """Yield the values of a list of passwords: one word a line, or behind whose it is."""
    at = 0
    for line in text.split("\n"):
        item = ITEM.match(text, at, at + len(line))
        at += len(line) + 1
        if item is None or (item["key"] and not says_no_more("password", item["key"])):
            continue
        if mixed_password(item["value"]) or lone_word(item["value"]):
            yield Field(*item.span("value"), "password")


def _keyed(line: str) -> bool:
    found = LINE.match(line)
    return found is not None and found["key"] is not None and " " not in found["key"].strip()


def _fields(text: str) -> Iterator[Field]:
    above: list[tuple[int, str]] = []
    beside = ""
    for found in LINE.finditer(text):
        if COMMENT.match(found[0]):
            continue
        indent, key = len(found[1].expandtabs()), found["key"]
        while above and above[-1][0] >= indent:
            above.pop()
        parent = above[-1][1] if above else ""
        beside = "" if "-" in found[1] else beside
        bare = key is None or key in BARE or key in PAIRED or reaches(parent, key)
        name = (beside if key in PAIRED else "") or (parent if bare else key)
        held = list(_held(text, *_rest(text, found), name))
        if not held and key is not None:
            above.append((indent, parent if bare else key))
        if held and key in NAMING:
            beside = text[slice(*held[0][1:])]
        yield from (
            Field(start, end, heading(under))
            for under, start, end in held
            if under and start < end and holds(under, text[start:end])
        )


def _rest(text: str, found: re.Match[str]) -> tuple[int, int]:
    """Return from where to where a value may stand: of a key and a value in one pair of quotes, within these."""
    start, end = found.span("rest")
    if found["open"] and not found["shut"]:
        closing = text.rfind(found["open"], start, end)
        end = end if closing < 0 else closing
    return start, end


def _held(text: str, start: int, end: int, name: str) -> Iterator[tuple[str, int, int]]:
    """Yield what stands behind a key: a value, or all those in brackets, each with its name and its place."""
    if text[start:end].startswith(("{", "[")):
        for found in INLINE.finditer(text, start, end):
            yield found[1] or name, *found.span(next(each for each in (2, 3, 4) if found[each] is not None))
        return
    if anchor := ANCHOR.match(text, start, end):
        start = anchor.end()
    value = VALUE.match(text, start, end)
    if value is not None and value.lastindex:
        yield name, *value.span(value.lastindex)


def holds(name: str, value: str) -> bool:
    """Tell whether a setting of this name may hold a secret that is a word like any other."""
    return is_password(name) or (is_program(name) and typed_password(value))
