"""Secrets of Kubernetes: what stands under any key of `data` and `stringData`, however far the kind is from it.

Enters: the reading of a text, as `kubectl get secret -o json` or `-o yaml` writes it or a manifest has it. Leaves: each
value of a secret, behind words that say what it is, and the way back to the value. Whose a block is says the kind right
behind it (kubectl sorts keys), or else the last one before it; of other kinds nothing is taken.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from detectors.allowance import spend
from detectors.engine import compiled
from detectors.reading import Reading, utf8
from detectors.views.budget import Budget
from detectors.views.columns import WORK
from detectors.views.pieces import Piece, Pieces, Place

KIND: Final = "manifest"
GATE: Final = compiled(r"kind[\"']?[ \t]*:[ \t]*[\"']?Secret\b", "secrets of Kubernetes")
ANY_KIND: Final = re.compile(r"""(?:^|[\s,{])["']?kind["']?[ \t]*:[ \t]*["']?([A-Za-z]{2,60})""")
BLOCK: Final = re.compile(
    r"""(?m)(?P<indent>^[ \t]*(?:-[ \t]+)?|[{,]\s*)(?P<quote>["']?)(?P<name>data|stringData)(?P=quote)[ \t]*:[ \t]*"""
    r"""(?:(?P<open>\{)|\r?\n)"""
)
ENTRY: Final = re.compile(r"""["'][A-Za-z0-9_.\-]{1,253}["']\s*:\s*["'](?P<value>[^"'\s]{4,4096})["']""")
LINE: Final = re.compile(
    r"""(?P<indent>[ \t]+)["']?[A-Za-z0-9_.\-]{1,253}["']?:[ \t]+["']?(?P<value>[^"'\s]{4,4096})"""
)
INDENT: Final = re.compile(r"[ \t]*(?:-[ \t]+)?")
BEHIND: Final = re.compile(r"""\s{0,400}+,?\s{0,400}+["']?kind["']?[ \t]*:[ \t]*["']?([A-Za-z]{2,60})""")
WORDS: Final = {"data": ('{"kind":"Secret","data":{"value":"', '"}}'), "stringData": ('{"password":"', '"}')}
"""What is read round a value: in base64, and as it is."""
LONGEST: Final = 200_000
"""Characters of a block."""

NO_SECRET: Final = re.compile(
    r"""(?i)["']?(?:[\w.\-]*[_.\-])?(?:user(?:name)?|login|host(?:name)?|port|url|uri|endpoint|server|database|db(?:name)?"""
    r"""|name|namespace|region|e?mail|schema|type|mode)["']?\s*:"""
)
"""Keys under which even a secret has what is none, where it stands as it is; an address may hold a password, which has
a form of its own."""

type Span = tuple[int, int]
type Entry = tuple[int, int, int]
"""Where the key begins, and from where to where its value stands."""


def manifests(reading: Reading, pieces: Pieces, place: Callable[[int, int], Span], kinds: str = "") -> None:
    """Add to `pieces` the values of secrets; `place` tells where a stretch of the text stands."""
    text = reading.text
    if GATE.search(reading.made(utf8)) is None:
        return
    last, seen = "", 0
    budget = Budget(WORK)
    blocks = list(BLOCK.finditer(text))
    for block, following in zip(blocks, (*(one.start() for one in blocks[1:]), len(text)), strict=False):
        spend()
        for kind in ANY_KIND.finditer(text, seen, block.end()):
            last = kind[1]
        seen = block.end()
        if block["open"]:
            entries, end = in_braces(text, seen, following)
            beside = True
        else:
            name = text.rfind("\n", 0, block.start("quote")) + 1
            entries, end = in_lines(text, seen, wide(text, name))
            beside = wide(text, end) == wide(text, name)
        behind = BEHIND.match(text, end) if beside else None
        if (behind[1] if behind else last) != "Secret":
            continue
        before, after = WORDS[block["name"]]
        plain = block["name"] == "stringData"
        for key, start, stop in entries:
            spend()
            if plain and NO_SECRET.match(text, key):
                continue
            budget.spend(len(before) + stop - start + len(after))
            there = (Place(0, *place(start, stop)),)
            pieces.add(Piece(text[start:stop], there, f"{kinds}{KIND}", before, after))


def in_braces(text: str, start: int, following: int) -> tuple[list[Entry], int]:
    """Return the values between braces, but for those of a `following` block among them, and where these end."""
    end = text.find("}", start, start + LONGEST)
    end = len(text) if end < 0 else end
    found = [(one.start(), *one.span("value")) for one in ENTRY.finditer(text, start, min(end, following))]
    return found, min(end + 1, len(text))


def in_lines(text: str, start: int, deep: int) -> tuple[list[Entry], int]:
    """Return the values in the lines that are indented deeper than the block's name, and where these end."""
    found: list[Entry] = []
    at = start
    for first, end in lines(text, at):
        spend()
        if text[first:end].strip() and wide(text, first) <= deep:
            return found, first
        if one := LINE.match(text, first, end):
            found.append((one.end("indent"), *one.span("value")))
        at = end
    return found, at


def wide(text: str, start: int) -> int:
    """Return how far the name is indented that a line begins with, the dash of a list's item included."""
    indent = INDENT.match(text, start)
    return indent.end() - start if indent else 0


def lines(text: str, at: int) -> Iterator[Span]:
    """Yield where lines stand, as far as a block may be long."""
    limit = min(len(text), at + LONGEST)
    while at < limit:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield at, end
        at = end + 1
