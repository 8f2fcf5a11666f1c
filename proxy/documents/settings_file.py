"""Settings in text files (YAML, TOML, .env, .ini, .properties): which of their values stand under keys of secrets.

Enters: a text and the file's name. Leaves: the places of such values. The text is read as it is, and rules see each key
before its value; here is told what no rule can know of a bare word in any text: that it is a whole value.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.headings import heading, is_password, is_program
from detectors.typed import typed_password
from proxy.adapters.pointer import BARE, NAMING, PAIRED
from proxy.exchange import Field

NAMED: Final = re.compile(
    r"(?i)(?:.*[/\\])?(?:\.?env(?:\.[\w.\-]+)?|.+\.(?:ya?ml|toml|ini|cfg|conf|cnf|config|properties|env|tfvars|hcl))"
)
LINE: Final = re.compile(
    r"""(?mx)
    ^ ([ \t]* (?: -[ \t]+ )?)                                                     # how far in, and an item of a list
    (?: (?: export | set | setx | env ) [ \t]+ )?
    (?: ["']? ([^\s"'=:\#：] [^"'=:\#：\n]{0,63}?) ["']? [ \t]* (?: => | := | [=：] | : (?= [ \t\n"'] | $ ) ) [ \t]* )?
    ([^\n]*) $
    """
)
VALUE: Final = re.compile(
    r"""(?x)
    (?: "((?: [^"\\] | \\. )*)" | '([^']*)' | ([^\s\#;,"'|>&*!{\[] (?: [^\s\#] | (?<=\S)\# | [ \t]+(?=[^\s\#]) )*?) )
    [,;]? [ \t]* (?= \s\# | \r?$ )
    """
)
COMMENT: Final = re.compile(r"[ \t]*(?:[#;\[]|//|---|\r?$)")

SAMPLE: Final = 200
"""Lines by which a text without a telling name is judged."""
FEWEST: Final = 2
SHARE: Final = 0.8
"""Of its lines that say a key and a value."""
MOST: Final = 4_000_000
"""Characters of a text beyond which it is no file of settings."""


def values(text: str, name: str) -> tuple[Field, ...]:
    """Return the values of secrets in a file of settings; none in any other."""
    if len(text) > MOST or not (NAMED.fullmatch(name) or looks_set(text)):
        return ()
    return tuple(_fields(text))


def looks_set(text: str) -> bool:
    """Tell whether a text is settings, line by line."""
    lines = [line for line in text.split("\n", SAMPLE)[:SAMPLE] if not COMMENT.match(line)]
    keyed = sum(_keyed(line) for line in lines)
    return keyed >= FEWEST and keyed >= SHARE * len(lines)


def _keyed(line: str) -> bool:
    found = LINE.match(line)
    return found is not None and found[2] is not None and " " not in found[2].strip()


def _fields(text: str) -> Iterator[Field]:
    above: list[tuple[int, str]] = []
    beside = ""
    for found in LINE.finditer(text):
        if COMMENT.match(found[0]):
            continue
        indent, key = len(found[1].expandtabs()), found[2]
        while above and above[-1][0] >= indent:
            above.pop()
        parent = above[-1][1] if above else ""
        name = parent if key is None or key in BARE else key
        if "-" in found[1]:
            beside = ""
        if key in PAIRED:
            name = beside or parent
        value = VALUE.match(text, found.start(3), found.end(3))
        if value is None or not found[3].strip():
            if key is not None:
                above.append((indent, key if key not in BARE and key not in PAIRED else parent))
            continue
        group = value.lastindex or 3
        if key in NAMING:
            beside = value[group]
        if name and value[group] and holds(name, value[group]):
            yield Field(*value.span(group), heading(name))


def holds(name: str, value: str) -> bool:
    """Tell whether a setting of this name may hold a secret that is a word like any other."""
    return is_password(name) or (is_program(name) and typed_password(value))
