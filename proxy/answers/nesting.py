"""Tracks, in a streamed text, how many JSON strings we are inside of, and whether a value may be restored here.

Enters: the text, in pieces cut anywhere. Leaves: how often a value put in here must be escaped, and whether a value
may be put in here at all. A text that turns out not to be JSON is prose, and prose inside a JSON string is prose
again. What only looks like JSON is read as prose as well, for a client may show it as that.
"""

import re
from typing import Final

from proxy.answers.prose import Prose

CONTENT: Final = re.compile(r'[^"\\]*+(?:\\(?:[^u]|u.{4})[^"\\]*+)*+', re.DOTALL)
"""Content of a JSON string, up to its end or to an escape that is still incomplete."""
ESCAPE: Final = re.compile(r"\\(?:[^u]|u.{4})", re.DOTALL)
BETWEEN: Final = frozenset(' \t\r\n{}[]:,+-.0123456789eEtrufalsn"')
"""All that JSON has outside of strings."""
SECOND: Final = {"{": '"}', "[": '"{[]-0123456789'}
"""What follows the first bracket of JSON; `[PERSON_…]` and `[note]` are prose."""
UNESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
DEEPEST: Final = 8


class Level:
    """One text: prose, or JSON whose strings are texts of the next level."""

    __slots__ = ("child", "depth_left", "escape", "follows", "forced", "head", "kind", "opened", "prose")

    def __init__(self, *, json: bool = False, depth_left: int = DEEPEST) -> None:
        """Start a text; `json` when it is known to be JSON, whatever it looks like."""
        self.kind = "json" if json else "unknown"
        self.forced = json
        self.depth_left = depth_left
        self.head = ""
        self.opened = 0
        self.escape = ""
        self.child: Level | None = None
        self.follows = False  # whether an address in this list awaits the strings behind it
        self.prose = Prose()

    @property
    def strings(self) -> int:
        """Inside how many JSON strings we are."""
        return 0 if self.child is None else 1 + self.child.strings

    @property
    def exposed(self) -> bool:
        """Whether a value put here would be carried out, in this text or in one that it holds."""
        return self.prose.exposed or (self.child is not None and (self.follows or self.child.exposed))

    def joins(self, after: str, ended: bool) -> bool | None:
        """Say whether `after` makes one text with an address of the list in which we are; None: not certain yet.

        As for `exposed`, all levels of nesting are asked, each about the following text as unescaped for it.
        """
        verdicts, level = [], self
        while True:
            verdicts.append(level.prose.joints.joins(after, ended))
            if level.child is None:
                return True if True in verdicts else None if None in verdicts else False
            after, closed = within(after)
            ended, level = ended or closed, level.child

    @property
    def quoted(self) -> bool:
        """Whether a value put here stands in `<…>`, in this text or in one that it holds."""
        return self.prose.quoted or (self.child is not None and self.child.quoted)

    @property
    def bare(self) -> bool:
        """Whether only a JSON value may stand here: in none of the strings of what is known to be JSON.

        What has but the looks of JSON may be `[[[X]]]`, in which X had no quotation marks before it was taken out.
        """
        return self.forced and self.child is None

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        if not self.forced:
            self.prose.feed(text)
        text, self.escape = self.escape + text, ""
        at = 0
        while at < len(text):
            if self.child is not None:
                at = self.inside(self.child, text, at)
            elif self.kind == "prose":
                return
            else:
                at = self.outside(text, at)

    def ahead(self, text: str) -> tuple[str, bool]:
        """Return what follows here as the innermost text will read it, and whether that text ends in it."""
        ended = False
        for _ in range(self.strings):
            text, closed = within(text)
            ended = ended or closed
        return text, ended

    def inside(self, child: "Level", text: str, at: int) -> int:
        """Go on over the content of a string, unescaped for the next level; return where it stopped."""
        content = CONTENT.match(text, at)
        end = content.end() if content else at
        child.feed(ESCAPE.sub(unescape, text[at:end]))
        if text[end : end + 1] == '"':
            self.follows = self.follows or child.prose.joints.ends_open
            self.child = None
            return end + 1
        self.escape = text[end:]
        return len(text)

    def outside(self, text: str, at: int) -> int:
        """Go on over what stands between strings, or turn out to be prose; return where it stopped."""
        char = text[at]
        if self.kind == "unknown":
            if not char.isspace():
                self.head += char
                self.judge()
            if self.kind != "json":
                return at + 1
        elif not self.forced and (char not in BETWEEN or (self.opened == 0 and not char.isspace())):
            self.kind = "prose"
            return at
        self.opened += (char in "{[") - (char in "}]")
        if char in "{}[]:":
            self.follows = False
        if char == '"':
            self.child = Level(depth_left=self.depth_left - 1)
        return at + 1

    def judge(self) -> None:
        """Say from its first two characters whether this text is JSON."""
        if self.head in SECOND and self.depth_left:
            return
        if len(self.head) == 2 and self.head[1] in SECOND[self.head[0]]:
            self.kind, self.opened = "json", 1
        else:
            self.kind = "prose"


def within(text: str) -> tuple[str, bool]:
    """Return what of a text is in the string in which it begins, unescaped, and whether that ends in it."""
    content = CONTENT.match(text)
    end = content.end() if content else 0
    return ESCAPE.sub(unescape, text[:end]), text[end : end + 1] == '"'


def unescape(escape: re.Match[str]) -> str:
    """Return the character that a JSON escape stands for."""
    kind, digits = escape[0][1], escape[0][2:]
    if kind != "u":
        return UNESCAPED.get(kind, kind)
    try:
        return chr(int(digits, 16))
    except ValueError:
        return "?"
