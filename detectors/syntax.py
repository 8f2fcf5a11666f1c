"""Parses regexes, in the syntax that RE2 and Python share, into a tree.

Enters: a pattern. Leaves: its sequences of characters, groups and repetitions. What is not understood for certain is
`Unreadable`, for a wrong reading would close a gate in front of something confidential.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

BEYOND: Final = "\x1f"
"""Stands for a character beyond ASCII in the bytes that gates are asked about; no view ever holds it."""

SINGLED: Final = {
    **dict.fromkeys("京津沪渝冀豫云滇辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼", "\x1e"),
    **dict.fromkeys("使领", "\x1d"),
}
"""Stand for characters that number plates are known by: with one for all, every year in a Chinese text is a plate."""

SIGNS_BEYOND: Final = "".join(sorted({BEYOND, *SINGLED.values()}))

ANY: Final = f"[{SIGNS_BEYOND}\\x00-\\x7f]"
"""A class that may hold anything: for what is understood well enough to know that it is one character."""

SETTINGS: Final = re.compile(r"\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
NAMED: Final = re.compile(r"\?P?<[A-Za-z_]\w*>")
COUNTED: Final = re.compile(r"\{(\d*)(,?)(\d*)\}")
BRACKETED: Final = re.compile(r"\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\]", re.S)
CODED: Final = re.compile(r"\\x\{([0-9A-Fa-f]+)\}|\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})")
LETTER: Final = re.compile(r"(?<!\\)[A-Za-z]")
PROPERTY: Final = re.compile(r"\\[pP](?:[A-Z]|\{\^?\w+\})")
FOREIGN: Final = re.compile(rf"\[(?:[^\x00-\x7f](?:-[^\x00-\x7f])?)+\]|\[[{SIGNS_BEYOND}]+\]|\[\^\\x00-\\x7[fF]\]")
"""A class of characters beyond ASCII only, or of what stands for them."""

BEYOND_ASCII: Final = ("\\p", "\\P", "[:", "\\x", "\\u", "\\N", "--", "&&", "||", "~~")
"""What in a class may single out characters beyond ASCII, or means more to one engine than to the other."""


class Unreadable(Exception):
    """The pattern has something this module does not know."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One character of a pattern, or an edge, which has none."""

    text: str = ""
    """A pattern for the character over ASCII, where `BEYOND` stands for all others."""
    literal: str = ""
    """The character itself where it is one beyond ASCII."""
    plain: bool = True
    """Whether it treats all characters beyond ASCII alike."""
    among: str = ""
    """The characters beyond ASCII of which it is one, where it lists them and no others."""
    mark: str = ""
    """An edge as it is written, where it asks for the same in RE2, whatever the settings."""

    @property
    def edge(self) -> bool:
        """Whether it matches a place, not a character."""
        return not self.text


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A part of a sequence and how often it stands there."""

    part: "Atom | Choice"
    least: int = 1
    most: int | None = 1
    """None for any number of times."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A group: one of several sequences."""

    branches: tuple[tuple[Item, ...], ...]


def standing_for(character: str) -> str:
    """Return the character of a skeleton for one of a view."""
    return character if character.isascii() else SINGLED.get(character, BEYOND)


def read(pattern: str, wide: bool = False) -> Choice:
    """Return the tree of a pattern, of an engine whose `\\w` is `wide` or only ASCII; raises `Unreadable`."""
    reader = Reader(pattern, wide)
    choice = reader.choice()
    if reader.place < len(pattern):
        raise Unreadable
    return choice


def ways_of(gate: Choice) -> Iterator[Choice]:
    """Yield the branches of a gate, each as a gate of its own."""
    for branch in gate.branches:
        if len(branch) == 1 and isinstance(branch[0].part, Choice) and (branch[0].least, branch[0].most) == (1, 1):
            yield from ways_of(branch[0].part)
        else:
            yield Choice((branch,))


def without_references(pattern: str) -> str:
    """Return the pattern with classes in place of what refers to a group that is one: looks aside, it matches more.

    What refers to any other group stays.
    """
    reader = Reader(pattern)
    try:
        reader.choice()
    except Unreadable:
        return pattern
    for start, end, text in reversed(reader.references):
        pattern = pattern[:start] + text + pattern[end:]
    return pattern


@dataclass(slots=True)
class Reader:
    """Reads a pattern once, from left to right."""

    pattern: str
    wide: bool = False
    place: int = 0
    folding: list[bool] = field(default_factory=lambda: [False])
    """Whether case is ignored, by depth of groups."""
    groups: list[str] = field(default_factory=list)
    """What a pattern can refer to by number: the class that a group is, or empty."""
    references: list[tuple[int, int, str]] = field(default_factory=list)
    """Start and end of what refers to a class, and the class."""

    def choice(self) -> Choice:
        """Return what stands up to the end of the group or of the pattern."""
        self.folding.append(self.folding[-1])
        branches = [tuple(self._sequence())]
        while self._take("|"):
            branches.append(tuple(self._sequence()))
        self.folding.pop()
        return Choice(tuple(branches))

    def _take(self, text: str) -> bool:
        taken = self.pattern.startswith(text, self.place)
        self.place += len(text) * taken
        return taken

    def _match(self, form: re.Pattern[str]) -> re.Match[str] | None:
        match = form.match(self.pattern, self.place)
        if match:
            self.place = match.end()
        return match

    def _sequence(self) -> Iterator[Item]:
        while self.place < len(self.pattern) and self.pattern[self.place] not in "|)":
            part = self._part()
            if part is not None:
                yield Item(part, *self._times())

    def _part(self) -> Atom | Choice | None:
        character = self.pattern[self.place]
        if character == "(":
            return self._group()
        if character == "\\":
            return self._escape()
        if character == "[":
            match = self._match(BRACKETED)
            if not match:
                raise Unreadable
            return self._class(match[0])
        if character in "*+?":
            raise Unreadable
        self.place += 1
        if character in "^$":
            return Atom()
        return self._class(character) if character == "." else self._character(character)

    def _escape(self) -> Atom | Choice:
        if match := self._match(CODED):
            return self._character(chr(int(next(code for code in match.groups() if code), 16)))
        if self._match(PROPERTY):
            return Atom(ANY, plain=False)
        letter = self.pattern[self.place + 1 : self.place + 2]
        self.place += 2
        if letter and letter in "bBAzZ":  # an edge dropped only opens the gate wider
            return Atom(mark="\\" + letter if letter in "bAz" else "")
        if letter and letter in "dDwWsStnrfv":
            return self._class("\\" + letter)
        if letter and letter in "123456789":
            return self._reference(int(letter))
        if not letter or letter.isalnum():
            raise Unreadable
        return self._character(letter)

    def _reference(self, number: int) -> Choice:
        """Return whatever a group matched before, and note it where the group is a class."""
        text = self.groups[number - 1] if number <= len(self.groups) else ""
        if text and not self.pattern[self.place : self.place + 1].isdigit():
            self.references.append((self.place - 2, self.place, text))
        return Choice(((Item(Atom(ANY, plain=False), 0, None),),))

    def _group(self) -> Atom | Choice | None:
        self.place += 1
        for look in ("?=", "?!", "?<=", "?<!"):
            if self._take(look):
                self._closed()
                return Atom()
        if self._take("?:") or self._take("?>"):
            return self._closed()
        if self._match(NAMED):
            return self._captured()
        match = self._match(SETTINGS)
        if not match:
            if self._take("?"):
                raise Unreadable
            return self._captured()
        if "x" in match[1] or "U" in match[1]:
            raise Unreadable
        folding = ("i" in match[1] or self.folding[-1]) and "i" not in (match[2] or "")
        if match[3] == ")":
            self.folding[-1] = folding
            return None
        self.folding.append(folding)
        choice = self._closed()
        self.folding.pop()
        return choice

    def _captured(self) -> Choice:
        """Return a group that has a number, and note it where it is a class."""
        number, start = len(self.groups), self.place
        self.groups.append("")
        choice = self._closed()
        text = self.pattern[start : self.place - 1]
        if BRACKETED.fullmatch(text):
            self.groups[number] = f"(?i:{text})" if self.folding[-1] else text
        return choice

    def _closed(self) -> Choice:
        choice = self.choice()
        if not self._take(")"):
            raise Unreadable
        return choice

    def _times(self) -> tuple[int, int | None]:
        least: int
        most: int | None
        if self._take("*"):
            least, most = 0, None
        elif self._take("+"):
            least, most = 1, None
        elif self._take("?"):
            least, most = 0, 1
        else:
            match = COUNTED.match(self.pattern, self.place)
            if not match or not match[1]:
                if match and match[3]:  # `{,3}` is a repetition to one engine and text to the other
                    raise Unreadable
                return 1, 1
            self.place = match.end()
            least = int(match[1])
            most = int(match[3]) if match[3] else None if match[2] else least
        if not self._take("?"):
            self._take("+")
        return least, most

    def _character(self, character: str) -> Atom:
        if not character.isascii() or character in SIGNS_BEYOND:
            if self.folding[-1] and character.lower() != character.upper():  # the Kelvin sign is a K
                return Atom(ANY, plain=False)
            return Atom(standing_for(character), character, plain=False)
        text = re.escape(character)
        return Atom(f"(?i:{text})" if self.folding[-1] and character.isalpha() else text)

    def _class(self, text: str) -> Atom:
        if FOREIGN.fullmatch(text) and not self.folding[-1]:
            listed = {*text[1:-1]}
            among = "" if listed & {"-", "^", *SIGNS_BEYOND} else "".join(sorted(listed))
            return Atom(_one_of(listed), plain=False, among=among)
        if not text.isascii() or any(sign in text[1:] for sign in (*BEYOND_ASCII, *SIGNS_BEYOND)):
            return Atom(ANY, plain=False)
        if self.wide and ("\\w" in text or "\\W" in text):
            return Atom(f"[{text}{SIGNS_BEYOND}]" if text[0] == "\\" else _widened(text), plain=False)
        return Atom(f"(?i:{text})" if self.folding[-1] and LETTER.search(text) else text)


def _widened(text: str) -> str:
    """Return a class that also holds what Python counts among the letters."""
    return ANY if text.startswith("[^") else f"{text[:-1]}{SIGNS_BEYOND}]"


def _one_of(characters: set[str]) -> str:
    """Return what stands for characters beyond ASCII; for any of them where there are ranges."""
    signs = sorted(SIGNS_BEYOND if characters & {"-", "^"} else {*map(standing_for, characters)})
    return signs[0] if len(signs) == 1 else f"[{''.join(signs)}]"
