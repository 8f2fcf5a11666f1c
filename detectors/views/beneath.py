"""Lists: what stands beneath the heading of passwords, line by line or within brackets.

Enters: the reading of a text. Leaves: each value beneath such a heading, behind it, and the way back to the value.
Beneath a heading stand the items of a list, `name: value` or lines of one word; a line of prose ends it. One value at
least must look like a password, so that no list of algorithms is taken for one of passwords.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from detectors.allowance import spend
from detectors.engine import Offsets, compiled
from detectors.headings import is_password, reaches
from detectors.reading import Reading, utf8
from detectors.typed import mixed_password
from detectors.views.budget import Budget
from detectors.views.columns import WORK, Cell, Target, add, line_end
from detectors.views.pieces import Pieces

WORDS: Final = (
    r"(?:(?i:pass[ ]?(?:words?|wds?|phrases?|codes?)|pwds?|passwort|contrase.{1,3}a|mot de passe)|密码|密碼|口令)"
)
GATE: Final = compiled(
    rf"(?m:^)[^\n]{{0,80}}{WORDS}[^\n]{{0,24}}\r?(?m:$)|(?m:^)[^\n]{{0,80}}{WORDS}[^\n]{{0,24}}[\[({{]|<[^<>\n]{{0,40}}{WORDS}[^<>\n]{{0,40}}>\s*<",
    "headings of lists of passwords",
)
HEADING: Final = re.compile(
    r"""(?x)
    [ \t]* (?: [#>]+[ \t]* | (?:[-*+•][ \t]+) | \d{1,2}[.)、][ \t]* )? (?: export[ \t]+ | (?:const|let|var)[ \t]+ )?
    (?P<dress> [*_`"'\[]{0,3} ) (?P<name> [^\s*_`"'\[\](){}:：=<>|;]
        [^*`"'\[\](){}:：=<>|;（）\n]{0,40} ) [*_`"'\]]{0,3}
    (?: [ \t]* [(（][^()（）\n]{0,20}[)）] )?
    [ \t]* (?P<mark> [:：] | :?=>? )? [*_]{0,2} [ \t]* (?P<open> [\[({] )? (?P<rest> [^\n]* )
    """
)
ITEM: Final = re.compile(
    r"""(?x)
    (?P<bullet> [ \t]* (?: [-*+•·][ \t]+ | \(?\d{1,3}[.)、）][ \t]* | [>|][ \t]* )? )
    (?: [*`"']{0,2} (?P<key> [^\s:：=*`"',|][^:：=*`"',|\n]{0,40}?) [*`"']{0,2}
        [ \t]* (?: [:：] (?=[ \t"'`]|[^\x00-\x7f]|(?<=：)) | =>? ) [ \t]* )?
    [*]{0,2} (?P<quote> ["'`]? ) (?P<value> [^\s"'`，。；,;]{3,64} ) (?P=quote) [*]{0,2} [ \t]* [,;，；。]? [ \t]* \r? $
    """
)
WITHIN: Final = re.compile(
    r"""(?x) (?: (?P<key> ["'] [^"'\n]{1,40} ["'] | [\w.\-]{1,40} ) \s* (?: => | [:=] ) \s* )?
    (?: "(?P<double> [^"\n]{3,64} )" | '(?P<single> [^'\n]{3,64} )' | (?P<bare> [^\s"'()\[\]{},:=]{3,64} ) )"""
)
ELEMENT: Final = re.compile(r"<(?P<name>[\w.:\-]{1,60})(?:\s[^<>]{0,100})?>(?=\s*<[\w!])")
INNER: Final = re.compile(r"<(?P<name>[\w.:\-]{1,60})(?:\s[^<>]{0,100})?>\s*(?P<value>[^<>\s]{3,64})\s*</")
CLOSING: Final = {"[": "]", "(": ")", "{": "}"}
LONGEST_HEADING: Final = 4_000
"""Characters of a line that may be a heading."""
LONGEST: Final = 1 << 18
"""Characters within brackets, or within an element."""


def beneath(reading: Reading, pieces: Pieces, place: Callable[[int, int], Cell], kinds: str = "") -> None:
    """Add to `pieces` what stands beneath headings of passwords; `place` tells where a stretch of the text stands."""
    text = reading.text
    data = reading.made(utf8)
    offsets = Offsets(data, text)
    target = Target(pieces, place, kinds, Budget(WORK))
    done = 0
    for found in GATE.finditer(data):
        start = offsets.character(found.start())
        if start < done:
            continue
        spend()
        values, done = listed(text, start, offsets.character(found.end()))
        add(text, values, "password", target)


def listed(text: str, start: int, seen: int) -> tuple[list[Cell], int]:
    """Return the values beneath the heading that stands from `start` to `seen`, and where they end."""
    for element in ELEMENT.finditer(text, start, min(len(text), seen + 1)):
        if not is_password(element["name"]):
            continue
        last = text.find(f"</{element['name']}", element.end(), element.end() + LONGEST)
        if last > 0:
            inner = INNER.finditer(text, element.end(), last)
            return [one.span("value") for one in inner if says_no_more(element["name"], one["name"])], last
    end = line_end(text, start)
    head = HEADING.match(text, start, min(end, start + LONGEST_HEADING))
    if head is None or not is_password(name := head["name"].strip()):
        return [], seen
    if head["open"] and head["mark"] and (held := in_brackets(text, head.start("open"), name)):
        return held
    section = "[" in head["dress"] or "#" in text[start : head.start("name")]
    if head["rest"].strip(" \t\r*_]") or head["open"]:
        return [], seen
    if not (head["mark"] or section):
        return in_a_column(text, start, end, name)
    indent = None if section else head.start("name") - start
    return in_lines(text, end, name, indent)


def in_a_column(text: str, start: int, end: int, name: str) -> tuple[list[Cell], int]:
    """Return the lines below a heading that stands alone: two at least, and each of them looks like a password."""
    if text[max(0, start - LONGEST_HEADING) : start].rpartition("\n\n")[2].strip():
        return [], end
    found, last = in_lines(text, end, name, 0)
    looks = all(mixed_password(text[slice(*cell)]) for cell in found)
    return (found if looks and len(found) > 1 else []), last


def says_no_more(above: str, key: str) -> bool:
    """Tell whether what stands under a key beneath a heading is what the heading says."""
    return reaches(above, key) or is_password(key) or key in ("item", "value", "li")


def in_brackets(text: str, start: int, name: str) -> tuple[list[Cell], int] | None:
    """Return the values within brackets, quoted but in an array of a shell; none where nothing closes them."""
    opens = text[start]
    last = text.find(CLOSING[opens], start, start + LONGEST)
    if last < 0:
        return None
    found: list[Cell] = []
    for one in WITHIN.finditer(text, start + 1, last):
        kind = one.lastgroup or ""
        if (kind != "bare" or opens == "(") and (not one["key"] or says_no_more(name, one["key"].strip("\"'"))):
            found.append(one.span(kind))
    return found, last


def in_lines(text: str, at: int, name: str, indent: int | None) -> tuple[list[Cell], int]:
    """Return the values in the lines below a heading that ends at `at`: items of a list, or one word each.

    A line `name: value` indented no deeper than the heading, by `indent`, stands beside it; all below a section (none)
    belongs to it.
    """
    found: list[Cell] = []
    bare = True
    begun = False
    for start, end in lines_from(text, at):
        if not text[start:end].strip():
            if begun:
                break
            continue
        item = ITEM.match(text, start, end)
        if item is None:
            if indent is not None or begun:
                return (found if not bare else []), start
            continue
        if indent is not None and item["key"] and not item["bullet"].strip() and len(item["bullet"]) <= indent:
            break
        begun = True
        bare = bare and not item["key"] and not item["bullet"].strip() and not item["quote"]
        if not item["key"] or says_no_more(name, item["key"]):
            found.append(item.span("value"))
        at = end
    looks = sum(mixed_password(text[slice(*cell)]) for cell in found)
    return (found if not bare or looks == len(found) else []), at


def lines_from(text: str, at: int) -> Iterator[Cell]:
    """Yield where the lines after the one that ends at `at` stand; whoever reads them goes on where the list ends."""
    while at < len(text):
        start, at = at + 1, line_end(text, at + 1)
        yield start, at
