"""The state behind an address in code: whether what follows joins a value to it, and for how long.

Enters: what stands around an address, and the characters behind it. Leaves: the phase in which the text is: behind the
address, in what is joined to it, in a list with it, in a slot of it. Which sign joins is not asked of each language:
whatever stands between as code does joins, but for what means data (rows, pairs of a key and a value), and what a
sentence has.
"""

from abc import ABC, abstractmethod
from copy import copy
from typing import Final, Self

from proxy.answers import signs
from proxy.answers.around import CALL, KEYED, LIST, REACH


class Joint(ABC):
    """The place behind an address."""

    __slots__ = (
        "apart", "before", "brackets", "comment", "depth", "gap", "inner", "last", "left", "lines", "named", "names",
        "nested", "open", "past", "phase", "quote", "resumed", "row", "sign", "span", "summed", "word",
    )  # fmt: skip

    def __init__(self, names: tuple[str, ...] = (), nested: int = 0) -> None:
        """Start outside of everything, but for the comments in which the text is nested."""
        self.word = ""  # since the last blank or quote
        self.past: list[str] = []  # what is before that, in pieces
        self.resumed = False  # a slot in this word has been closed, or a line continued: the address goes on
        self.names = names  # by which the text may speak of an address
        self.nested = nested
        self.end()

    @property
    def tail(self) -> str:
        """The end of what has been read."""
        if len(self.past) != 1:
            self.past = ["".join(self.past)[-REACH:]]
        return self.past[0][-REACH:]

    def keep(self, text: str) -> None:
        """Remember the end of what has been read."""
        self.past.append(text)
        if len(self.past) > REACH:
            self.past = [self.tail]

    def copy(self) -> Self:
        """Return a reader that is at the same place."""
        other = copy(self)
        other.past = [self.tail]
        return other

    @property
    @abstractmethod
    def exposed(self) -> bool:
        """Whether what is put here is joined to an address."""

    @abstractmethod
    def feed(self, text: str) -> None:
        """Go on over `text`."""

    def end(self) -> None:
        """Be outside of a joint."""
        self.brackets = ""  # that are open, as `around` tells them
        self.before = ""  # last sign before the address
        self.row = self.span = False  # whether it is a field of a row; in a code span
        self.named = ""  # how the address stands here, if not in quotes: by its name, or printed
        self.open = self.summed = False
        self.turn("")

    def turn(self, phase: str) -> None:
        """Go on in another way, with the same address."""
        self.phase = phase
        self.sign = ""  # where the next character decides
        self.quote = ""  # the sign that ends the string in which we are
        self.last = ""  # last character that is no blank
        self.comment = ""  # the end of the comment in which we are
        self.inner: Joint | None = None  # the reader of that comment
        self.apart = self.gap = False
        self.depth = self.lines = 0
        self.left = signs.LONGEST

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
        """Within a slot, up to its end, or to a sentence."""
        if self.sign:
            closed = char == self.sign
        else:
            self.depth += (char in "{(") - (char in "})")
            closed = self.depth <= 0
            if not self.held(char) and self.before != "$(" and not closed:
                return char not in signs.STOPS and signs.SENTENCE.search(self.tail[-64:] + char) is None
        if closed:
            self.end()
            self.word, self.resumed = self.word + signs.FILLED, True
        return True

    def held(self, char: str) -> bool:
        """Say whether a character stands in a string or a comment."""
        if self.quote:
            ends = char == self.quote and (char in signs.QUOTES or self.tail[-1:] == "*")
            self.quote = "" if ends else self.quote
            return True
        self.quote = char if char in signs.QUOTES else "/" if self.tail[-1:] + char == "/*" else ""
        return bool(self.quote)

    def behind(self, char: str) -> bool:
        """Right behind an address: does something join what follows to it?"""
        if self.inner is not None:
            return self.commented(self.inner, char)
        if self.sign:
            return self.decide(char)
        if char.isspace():
            self.apart = True
            self.lines += char == "\n"
            self.last = "\n" if char == "\n" else self.last
            return self.lines < 2
        if char in signs.QUOTES:
            return self.adjoins(char) and self.join(char)
        if char == "#":
            return self.comments("\n")
        if char == "\\" if self.apart else char in signs.EMPHASIS:
            return True  # the line goes on
        if char in "+^~" or (self.open and char == "%") or (self.open and self.last != "\n" and char in "(["):
            return self.join(char, summed=char in "+^~")
        if char == "," or (char == ";" and self.brackets[-1:] == CALL):
            return self.lists(char)
        if char in signs.CLOSING:
            self.open = self.open and char == ")"
            self.close(char)
            return True
        self.sign = "l" if signs.kind(char) == "letter" else char
        return self.sign in signs.DECIDED

    def adjoins(self, quote: str) -> bool:
        """Say whether a string that begins here is one with the address, as neighbours are in many languages."""
        if quote == "`" or self.named == "spoken":
            return self.open and self.last != "\n" and not (self.span and quote == "`")
        if self.last != "\n":
            return True
        return bool(self.brackets) or (self.before not in ("", ":") and self.tail[-1:] in (" ", "\t"))

    def lists(self, char: str) -> bool:
        """Behind an address and a comma: do the others in its list become one text with it?"""
        inmost = self.brackets[-1:]
        if CALL in self.brackets and inmost != KEYED:
            return self.join(char)
        if self.open and inmost != KEYED and (inmost or self.before != ":"):
            if self.row and not inmost:
                self.sign = char
                return True
            return self.join(char)
        if inmost != LIST:
            return False
        self.turn("listed")
        return self.joined(char)

    def comments(self, end: str) -> bool:
        """Begin a comment, which is read as a text of its own; False where comments are nested too deep."""
        if self.nested == signs.COMMENTS_WITHIN:
            return False
        self.sign, self.comment, self.inner = "", end, type(self)(self.names, self.nested + 1)
        return True

    def commented(self, inner: "Joint", char: str) -> bool:
        """Go on within a comment, up to its end."""
        inner.feed(char)
        if (self.tail + char).endswith(self.comment):
            self.inner, self.apart, self.lines = None, True, self.comment == "\n"
            self.last = "\n" if self.comment == "\n" else self.last
        return True

    def decide(self, char: str) -> bool:
        """Behind a sign that joins only with what follows it."""
        sign, what = self.sign, signs.kind(char)
        if (comment := signs.COMMENTS.get(sign + char)) is not None:
            return self.comments(comment)
        then = signs.DECIDED[sign].get(what)
        if sign.startswith("name") and self.named == "spoken" and char in "=+":
            then = signs.JOIN  # a part of the address is given a value
        elif (sign + char == "-f" and self.open) or (sign == "|" and self.before == "{"):
            then = signs.JOIN
        if then == signs.JOIN:
            return self.join(char, summed=sign != ",")
        if then == signs.BESIDE:
            return self.adjoins(char) and self.join(char)
        if then is None:
            return False
        self.sign = then
        self.lines += char == "\n"
        return self.lines < 2

    def join(self, char: str, *, summed: bool = False) -> bool:
        """Go on behind what joins."""
        self.turn("joined")
        self.summed = summed
        return self.joined(char)

    def close(self, char: str) -> None:
        """Go on behind the end of the bracket in which the address stood."""
        self.turn("behind")
        self.brackets, self.row, self.named = self.brackets[:-1], False, ""
        self.last = self.before = char

    def joined(self, char: str) -> bool:
        """Within what is joined: a sum, the rest of a list, arguments."""
        if self.comment or self.quote:
            return self.passed_over(char)
        if char.isspace():
            return self.blank(char)
        self.comment = signs.INSIDE.get(self.tail[-1:] + char) or (
            signs.INSIDE["#"] if char == "#" and self.gap else ""
        )
        if self.comment:
            self.last = self.last if char == "#" else self.tail[:-1].rstrip()[-1:]
            return True
        stray, before = self.is_stray(char), self.last
        self.gap, self.lines, self.last = False, 0, char
        if stray:
            return False
        if char in signs.QUOTES:
            self.quote = char
        elif char in signs.OPENING:
            self.depth += 1
        elif char in signs.CLOSING:
            self.depth -= 1
            if self.depth < 0:
                self.open = False
                self.close(char)
        elif not self.depth and (char in ",;" or (char == ":" and before and before in signs.QUOTES)):
            return self.goes_on(char)
        return True

    def passed_over(self, char: str) -> bool:
        """Within a comment or a string of what is joined."""
        if self.quote:
            if char == self.quote and self.last != "\\":
                self.quote = ""
            self.last = "" if self.last == char == "\\" else char
            return char != "\n" or self.quote == "`" or self.tail[-1:] != "\n"
        if not (self.tail + char).endswith(self.comment):
            return True
        self.comment = ""
        return char != "\n" or self.blank(char)

    def is_stray(self, char: str) -> bool:
        """Say whether a character is no part of a statement: of a word of a sentence, or behind a statement's end."""
        program = self.summed or CALL in self.brackets or self.phase == "listed"
        beside = self.gap and signs.is_word(char) and signs.is_word(self.last)
        if char == ";":
            return CALL not in self.brackets  # it divides arguments in spreadsheets, and statements of one
        if char == "`" and self.span:
            return True
        if not char.isascii():
            return not (program and signs.is_word(char)) or beside or (self.last != "" and self.last in signs.QUOTES)
        return beside and not (program and (self.depth or signs.BEFORE_WORDS.search(self.tail)))

    def goes_on(self, char: str) -> bool:
        """Tell whether what follows a comma or a key is joined to the address."""
        inmost = self.brackets[-1:]
        if self.phase == "joined" and (char != ":" or CALL in self.brackets) and inmost != KEYED:
            if self.open or CALL in self.brackets:
                return True
            if inmost == LIST:
                self.phase = "listed"
        return self.phase == "listed" and char == ","

    def blank(self, char: str) -> bool:
        """Within what is joined, over a blank: a line's end may end it."""
        self.gap = True
        if char != "\n":
            return True
        self.lines += 1
        if self.lines > 1:
            return False
        if not self.depth and self.last not in signs.GOES_ON and self.phase == "joined":
            self.turn("behind")
            self.apart, self.last, self.lines = True, char, 1
        return True


WAYS: Final = {
    "angle": Joint.angle,
    "slot": Joint.slot,
    "behind": Joint.behind,
    "joined": Joint.joined,
    "listed": Joint.joined,
}
