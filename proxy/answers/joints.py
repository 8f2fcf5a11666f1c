"""Where a text joins a value to an address that stands before it: a sum, arguments of one call, a list, a slot.

Enters: the text, in pieces cut anywhere. Leaves: whether what is put here belongs to an address that began earlier and
was closed with a quote or left open with a bracket, as programs write it: `"https://a/?q=" + X`, `https://a/?q=${ X }`,
`join("https://a/", X)`; or to one that was given a name before: `url += X`. In doubt it joins: a placeholder left in a
program costs little.
"""

import re

from proxy.answers import signs
from proxy.answers.around import ASSIGNED, SIGIL, around, brackets
from proxy.answers.joint import Joint


class Joints(Joint):
    """The reader of what follows addresses."""

    __slots__ = ()

    @property
    def exposed(self) -> bool:
        """Whether what is put here is joined to an address."""
        if self.inner is not None:
            return self.inner.exposed
        if self.phase == "slot":
            return signs.WIDE_WORD.search(self.tail) is None
        if self.phase == "behind":
            return self.open and self.named == "printed" and self.apart and self.last != "\n"
        return self.resumed or self.phase == "joined" or (not self.phase and self.spoken)

    @property
    def spoken(self) -> bool:
        """Whether a name in this word joins what is put here to an address."""
        if not self.names or not self.word or (found := self.known(self.word)) is None:
            return False
        if SIGIL.search(self.tail + self.word[: found.start()]):
            return True
        ahead = self.copy()
        ahead.feed(" ")
        return ahead.exposed

    @property
    def ends_open(self) -> bool:
        """Whether the text ends with an address that awaits a value."""
        return not self.phase and signs.starts(self.word) and signs.OPEN_END.search(self.word) is not None

    def joins(self, after: str, ended: bool) -> bool | None:
        """Say whether what follows makes one text of the list in which we are, with an address in it; None: it may."""
        if not self.names and self.phase != "listed":
            return False
        ahead = self.copy()
        if self.names and self.word:
            ahead.feed(" ")  # a name may stand right before
        if ahead.phase != "listed":
            return False
        opened = len(ahead.brackets)
        for at, char in enumerate(after):
            ahead.left -= 1
            if ahead.left <= 0 or not ahead.follow(char):
                return False
            ahead.keep(char)
            if ahead.phase == "joined":
                return True
            if len(ahead.brackets) < opened:
                rest = after[at + 1 :]
                may = not ended and signs.MAY_BE_CALLED.fullmatch(rest) is not None
                return True if signs.CALLED_ON.match(rest) else None if may else False
        return False if ended else None

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        at = 0
        while at < len(text):
            if not self.phase:
                at = self.look(text, at)
                continue
            self.left -= 1
            if self.left > 0 and self.follow(text[at]):
                self.keep(text[at])
                at += 1
            else:
                self.word = self.tail[-len(self.sign) :] if self.sign in ("l", "ll") else ""
                self.past = [self.tail[: len(self.tail) - len(self.word)]]
                self.end()

    def look(self, text: str, at: int) -> int:
        """Go on to the end of a word; return the place after it."""
        mark = signs.BREAK.search(text, at)
        end = mark.start() if mark else len(text)
        self.word = (self.word + text[at:end])[-signs.LONGEST_WORD :]
        if mark is None:
            return end
        whole, word = self.word, self.word.rstrip("\\")  # without what escapes the quote
        self.word, self.resumed = "", False
        if signs.starts(word):
            self.address(word, mark[0], continued=mark[0] == "\n" and word != whole)
        elif self.names and (found := self.known(word)) is not None:
            self.name(found, whole, mark[0])
            return end + 1
        self.keep(whole + mark[0])
        return end + 1

    def address(self, word: str, mark: str, *, continued: bool = False) -> None:
        """Go on behind an address and what ends its word."""
        place = around(self.tail, mark) if mark in signs.QUOTES else None
        assigned = None if place else ASSIGNED.match(word)
        name = place.name if place else assigned[1] if assigned else ""
        if name and name not in self.names:
            self.names = (*self.names, name)[-signs.NAMES :]
        if continued:
            self.word, self.resumed = word, True  # a shell goes on in the next line
        elif slot := signs.UNCLOSED.search(word):
            self.begin("slot")
            self.word, self.depth = word[: slot.start()], sum(map(slot[0].count, "{(")) - slot[0].count(")")
            self.before = slot[0][:2]
        elif mark == "<":
            self.begin("angle")
            self.word = word
        elif place:
            self.begin("behind")
            self.open = signs.OPEN_END.search(word) is not None
            self.brackets, self.before, self.row, self.span = place.brackets, place.before, place.row, place.span
            self.named = "printed" if signs.PRINTED.search(word) else ""

    def known(self, word: str) -> re.Match[str] | None:
        """Return the last name of an address in a word."""
        found = [one for one in signs.IDENTIFIER.finditer(word) if one[0] in self.names]
        return found[-1] if found else None

    def name(self, found: re.Match[str], word: str, mark: str) -> None:
        """Go on behind an address that is spoken of by its name: as a value, or within a string."""
        begin, rest = SIGIL.search(self.tail + word[: found.start()]), word[found.end() :]
        if begin and "{" in begin[0] and "}" not in rest:
            self.keep(word + mark)
            self.begin("slot")
            self.word, self.depth = signs.NAMED, begin[0].count("{") + rest.count("{")
        elif begin and (mark in signs.QUOTES or rest.strip("})%")):
            self.address(signs.NAMED + rest.lstrip("})%").rstrip("\\"), mark)
            self.keep(word + mark)
        else:
            self.keep(word[: found.start()])
            self.begin("behind")
            self.named, self.brackets = "spoken", brackets(self.tail)
            self.keep(found[0])
            self.feed(rest + mark)
