"""Where a text joins a value to an address that stands before it: a sum, a list behind an open query, a slot.

Enters: the text, in pieces cut anywhere. Leaves: whether what is put here belongs to an address that began earlier and
was closed with a quote or left open with a bracket, as programs write it: `"https://a/?q=" + X`, `https://a/?q=${ X }`,
`["https://a/?q=", X]`. What no program means, words of a sentence above all, ends it: there a value is for its reader.
"""

import re
from typing import Final

from proxy.answers.hosts import SIGNS_OF_START, STARTS_URL

QUOTES: Final = "\"'`"
BREAK: Final = re.compile("[\\s<\"'`]")
"""What ends a word in which an address may stand."""
LONGEST_WORD: Final = 2048
LONGEST: Final = 2048
"""Characters over which a joint lasts at most."""
OPEN_END: Final = re.compile(r"[=&?#]\Z|%[sv]|%\(\w*\)s|\{[^{}]*\}|\$\w")
"""What of an address awaits a value: an empty query, a place for one."""
UNCLOSED: Final = re.compile(r"[$#%]?(?<!\{)\{++[^{}]*+\Z|\$\([^()]*\Z")
"""A slot that is still open where a word ends."""
FILLED: Final = "-"
"""Stands for what a slot was filled with."""
EMPHASIS: Final = "*_~"
OPENING: Final = "([{"
CLOSING: Final = ")]}"
GOES_ON: Final = frozenset("+,.&|\\%([{")
"""Signs after which a statement goes on in the next line."""


class Joints:
    """The reader of what follows an address."""

    __slots__ = ("apart", "depth", "gap", "last", "left", "lines", "open", "phase", "quote", "resumed", "sign", "word")

    def __init__(self) -> None:
        """Start outside of everything."""
        self.word = ""  # since the last blank or quote
        self.resumed = False  # a slot in this word has been closed, or a line continued: the address goes on
        self.end()

    @property
    def exposed(self) -> bool:
        """Whether what is put here is joined to an address."""
        return self.resumed or self.phase in ("joined", "slot")

    @property
    def ends_open(self) -> bool:
        """Whether the text ends with an address that awaits a value."""
        return not self.phase and starts(self.word) and OPEN_END.search(self.word) is not None

    def end(self) -> None:
        """Be outside of a joint."""
        self.phase = ""
        self.sign = ""  # of a join, where the next character decides
        self.quote = ""  # the sign that ends the string in which we are
        self.last = ""  # last character that is no blank
        self.open = self.apart = self.gap = False
        self.depth = self.lines = 0
        self.left = LONGEST

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        at = 0
        while at < len(text):
            if not self.phase:
                at = self.look(text, at)
                continue
            self.left -= 1
            if self.left > 0 and self.follow(text[at]):
                at += 1
            else:
                self.end()
                self.word = ""

    def look(self, text: str, at: int) -> int:
        """Go on to the end of a word; return the place after it."""
        mark = BREAK.search(text, at)
        end = mark.start() if mark else len(text)
        self.word = (self.word + text[at:end])[-LONGEST_WORD:]
        if mark is None:
            return end
        whole, word = self.word, self.word.rstrip("\\")  # without what escapes the quote
        self.word, self.resumed = "", False
        if starts(word):
            if mark[0] == "\n" and word != whole:
                self.word, self.resumed = word, True  # a shell goes on in the next line
            elif slot := UNCLOSED.search(word):
                self.begin("slot")
                self.word, self.depth = word[: slot.start()], sum(map(slot[0].count, "{(")) - slot[0].count(")")
            elif mark[0] == "<":
                self.begin("angle")
                self.word = word
            elif mark[0] in QUOTES:
                self.begin("behind")
                self.open = OPEN_END.search(word) is not None
        return end + 1

    def begin(self, phase: str) -> None:
        """Be somewhere behind an address, or in a slot of it."""
        self.end()
        self.phase = phase

    def follow(self, char: str) -> bool:
        """Go on over one character; say whether it belongs to a joint."""
        return WAYS[self.phase](self, char)

    def angle(self, char: str) -> bool:
        """Behind an address and `<`: a template's own tag fills a slot."""
        word, self.word = self.word, ""
        if char not in "%?":
            return False
        self.phase, self.word, self.sign = "slot", word, ">"
        return True

    def slot(self, char: str) -> bool:
        """Within a slot, up to its end."""
        if self.sign:
            closed = char == self.sign
        else:
            self.depth += (char in "{(") - (char in "})")
            closed = self.depth <= 0
        if closed:
            self.end()
            self.word, self.resumed = self.word + FILLED, True
        return True

    def behind(self, char: str) -> bool:
        """Right behind an address in quotes: does something join what follows to it?"""
        if self.sign:
            return self.decide(char)
        if char.isspace():
            self.apart = True
        elif char == "\\" if self.apart else char in EMPHASIS:
            pass  # the line goes on
        elif char in ".&|":
            self.sign = char
        elif char == "+" or (self.open and (char in ",%\\" or (self.last != "\n" and char in OPENING + QUOTES))):
            return self.join(char)
        elif char in CLOSING:
            self.last = char  # methods behind it are not the address's
            self.open = self.open and char == ")"
        else:
            return False
        return True

    def decide(self, char: str) -> bool:
        """Behind a sign that joins only with what follows it."""
        sign, quoted = self.sign, char in QUOTES
        if sign == "name" and char != "(":
            return char.isascii() and (char.isalnum() or char == "_")
        joins = (
            sign == "name"  # of a method, and its bracket
            or (sign == char and char in ".|")
            or (sign == "&" and (quoted or char.isspace()))
            or (sign == ".+" and (quoted or char == "$"))
        )
        if joins:
            return self.join(char)
        if sign == "." and not self.last and char.isascii() and (char.isalpha() or char == "_"):
            self.sign = "name"
        elif sign in (".", ".+") and char in " \t":
            self.sign = ".+"
        else:
            return False
        return True

    def join(self, char: str) -> bool:
        """Go on behind what joins."""
        opened = self.open
        self.begin("joined")
        self.open = opened
        self.left = LONGEST
        return self.joined(char)

    def joined(self, char: str) -> bool:
        """Within what is joined: a sum, the rest of a list, arguments."""
        if self.quote:
            if char == self.quote and self.last != "\\":
                self.quote = ""
            self.last = "" if self.last == char == "\\" else char
            return char != "\n"
        if char.isspace():
            return self.blank(char)
        word, gap, before = char.isalnum() or char == "_", self.gap, self.last
        self.gap, self.lines, self.last = False, 0, char
        if not char.isascii() or char == ";" or (gap and word and (before.isalnum() or before == "_")):
            return False  # words of a sentence, or a statement's end
        if char in QUOTES:
            self.quote = char
        elif char in OPENING:
            self.depth += 1
        elif char in CLOSING:
            self.depth -= 1
            if self.depth < 0:
                self.begin("behind")
        elif not self.depth and (char == "," or (char == ":" and before in QUOTES)):
            return self.open and char == ","  # another argument, or the value of a key
        return True

    def blank(self, char: str) -> bool:
        """Within what is joined, over a blank: a line's end may end it."""
        self.gap = True
        if char != "\n":
            return True
        self.lines += 1
        if self.lines > 1:
            return False
        if not self.depth and self.last not in GOES_ON:
            opened = self.open
            self.begin("behind")
            self.open, self.apart, self.last = opened, True, char
        return True


WAYS: Final = {"angle": Joints.angle, "slot": Joints.slot, "behind": Joints.behind, "joined": Joints.joined}


def starts(word: str) -> bool:
    """Say whether an address has started in a word."""
    return SIGNS_OF_START.search(word) is not None and STARTS_URL.search(word) is not None
