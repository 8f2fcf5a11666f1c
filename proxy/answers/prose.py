"""Tracks, in streamed prose and Markdown, whether a value may be restored here, or whether a client would send it out.

Enters: the text, in pieces cut anywhere. Leaves: whether this place belongs to an address, to the target of a Markdown
link, or to an HTML tag. In doubt a place is exposed: how a client reads the text is not known, so every reading counts.
"""

import re
from typing import Final

from proxy.answers.hosts import LONGEST_START, MARKUP, SIGNS_OF_START, STARTS_URL, UNSPACED, plain
from proxy.answers.joints import Joints

ENDS_RUN: Final = " \t\r\n<"
"""What ends an address; other punctuation, full-width too, is taken into a link by common renderers."""
MAY_END_RUN: Final = re.compile('[">]')
"""What ends one where it closes what was opened: renderers take both into a link, too."""
BEHIND_QUOTE: Final = re.compile(
    rf"[,;:)\]}}{UNSPACED}\u2010-\u2027\u2030-\u205e\u3001-\u300f\u3011-\u303f\uff01-\uff0f\uff1a-\uff20\uff3d-\uff40\uff5b-\uff65]"
)
"""What follows a quote behind an address, and not one within it: signs of lists, and Chinese."""
LIST_SIGNS: Final = ",;:)]}([{="
"""Of them, those of lists: a value right behind one is taken into the link with it."""
WHOLE_TAG: Final = re.compile(
    r"""/[a-z][a-z0-9-]*+\s*+
      | [a-z][a-z0-9-]*+(?:\s+[a-z_:][a-z0-9_.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?)*+\s*+/?
      | (?:[a-z][a-z0-9+.-]{1,31}:|[\w-]++(?:\.[\w-]++)++)[^\s<>]*+""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands between `<` and `>` in a tag or an address in angles (CommonMark 6.5 and 6.6)."""
EMPHASIS: Final = "*_~`"
OPENS_TARGET: Final = re.compile(r"\]\(|(?<![\w-])url\(", re.IGNORECASE)
LONGEST_OPENING: Final = 4
"""Characters of what opens a target, and one before it, but for the last."""
LONGEST_INNER: Final = 2048
"""Characters of it that are kept to be looked at."""
MARKERS: Final = re.compile(r"[ \t\r\n>*+\-0-9.):]*")
"""What may stand before a reference definition: quotes, lists, blanks."""
LINE_END: Final = re.compile(r"[\r\n]")
LABEL_MARK: Final = re.compile(r"[\\\]]")

LONGEST_TAG: Final = 16_384
BLANKS: Final = frozenset(" \t\r\n\f")
TAG_STEPS: Final = {
    "name": {" ": "attributes", "/": "attributes", ">": ""},
    "attributes": {" ": "attributes", "/": "attributes", ">": "", "": "attribute"},
    "attribute": {" ": "named", "/": "attributes", ">": "", "=": "value"},
    "named": {" ": "named", "/": "attributes", ">": "", "=": "value", "": "attribute"},
    "value": {" ": "value", '"': "double", "'": "single", ">": "", "": "unquoted"},
    "double": {'"': "attributes"},
    "single": {"'": "attributes"},
    "unquoted": {" ": "attributes", ">": ""},
}
"""HTML's own states of a tag (WHATWG HTML 13.2.5.8 and 13.2.5.32 to 13.2.5.40): the empty key is any other character,
the empty state is the tag's end."""


class Run:
    """The characters since the last blank, in which an address may have started."""

    __slots__ = ("closing", "exposed", "inner", "listed", "quoted", "shown", "tail")

    def __init__(self) -> None:
        """Start outside of an address."""
        self.inner: str | None = None  # what has come since `<`, while it may be a tag
        self.begin()

    def begin(self, *, quoted: bool = False) -> None:
        """Start anew behind what ends a run."""
        self.exposed = False
        self.quoted = quoted  # whether the run began with `<`
        self.closing = False  # whether a quote stands behind an address, and nothing yet behind it
        self.listed = False  # whether signs of a list stand behind that quote
        self.tail = ""
        self.shown: str | None = None  # the tail as it is shown, once that is something else

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        start = 1 + max(map(text.rfind, ENDS_RUN))
        if start:
            self.note(text[:start])
            self.begin(quoted=text[start - 1] == "<")
        at = start
        for mark in MAY_END_RUN.finditer(text, start):
            self.go(text[at : mark.start()])
            self.stop(mark[0])
            at = mark.end()
        self.go(text[at:])

    def note(self, text: str) -> None:
        """Keep what has come since the last `<`."""
        opened = text.rfind("<")
        if opened >= 0:
            self.inner = text[opened + 1 :]
        elif self.inner is not None:
            self.inner = self.inner + text if len(self.inner) <= LONGEST_INNER else None

    def stop(self, mark: str) -> None:
        """Go on over a sign that may end an address; outside of one, it begins another word."""
        whole = mark == ">" and self.inner is not None and WHOLE_TAG.fullmatch(self.inner)
        if not self.exposed or self.listed or whole or (mark == '"' and self.escaping()):
            self.begin()
        else:
            self.closing = mark == '"'
        self.note(mark)

    def escaping(self) -> bool:
        """Say whether it is but the backslashes of an escaped quote that look like the start of an address."""
        return len(self.tail) <= LONGEST_START and not STARTS_URL.search(self.tail.rstrip("\\"))

    def go(self, text: str) -> None:
        """Go on over what ends no address."""
        self.note(text)
        if self.closing:
            text = self.behind_quote(text)
        shown = MARKUP.sub("", plain(text))
        if self.shown is None and shown != text:
            self.shown = self.tail
        if self.shown is not None:
            self.shown = self.search(self.shown, shown)
        self.tail = self.search(self.tail, text)

    def behind_quote(self, text: str) -> str:
        """Go on behind a quote that may have ended an address; return what is left to be read."""
        rest = text.lstrip(EMPHASIS)
        if not self.listed and rest and BEHIND_QUOTE.match(rest) and rest[0] in LIST_SIGNS:
            self.listed = True
        if self.listed:
            rest = rest.lstrip(EMPHASIS + LIST_SIGNS)
        if not rest:
            return text
        if self.listed or BEHIND_QUOTE.match(rest):
            self.begin()
            return rest
        self.closing = False
        return text

    def search(self, tail: str, text: str) -> str:
        """Look for the start of an address; return the tail of what was read so far."""
        run = tail + text
        # The first character of a full tail was judged before; it is there to be looked back at.
        if not self.exposed and SIGNS_OF_START.search(run):
            self.exposed = STARTS_URL.search(run, len(tail) > LONGEST_START) is not None
        return run[-LONGEST_START - 1 :]


class Target:
    """Markdown's `](…)`, whose destination is fetched without a click when it is an image's (CommonMark 6.3).

    And `url(…)` of style sheets, which is fetched so, too.
    """

    __slots__ = ("angle", "before", "last", "parens", "solid")

    def __init__(self) -> None:
        """Start outside of a target."""
        self.before = ""  # the last characters outside of a target
        self.last = ""  # last character within one
        self.parens = 0  # open parentheses, 0 outside
        self.angle = False
        self.solid = ""  # last character of the target that is no blank

    @property
    def exposed(self) -> bool:
        """Whether we are in a target."""
        return self.parens > 0

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        at = 0
        while at < len(text):
            if not self.parens:
                at = self.find(text, at)
            else:
                self.follow(text[at])
                at += 1

    def find(self, text: str, at: int) -> int:
        """Return the place after what opens the next target, or the end of `text`."""
        seen = self.before + text[at:]
        opened = OPENS_TARGET.search(seen)
        if opened is None:
            self.before = seen[-LONGEST_OPENING:]
            return len(text)
        at += opened.end() - len(self.before)
        self.parens, self.angle, self.last, self.solid, self.before = 1, False, "(", "(", ""
        return at

    def follow(self, char: str) -> None:
        """Go on over one character: escapes, `<…>`, balanced parentheses."""
        if self.last == "\\":
            self.last = ""
            return
        if char == "\n" and self.solid == "\n":
            self.parens = 0  # a target never runs over a blank line
        elif char == "(":
            self.parens += 1  # in angles too: a target may begin in what only looks like angles
        elif self.angle:
            self.angle = char not in ">\n"
        elif char == "<" and self.last in ("(", " ", "\t", "\r", "\n"):
            self.angle = True
        elif char == ")":
            self.parens -= 1
        if char not in " \t":
            self.solid = char
        self.last = char


class Definition:
    """Markdown's `[label]: destination` at the beginning of a line (CommonMark 4.7), up to that line's end."""

    __slots__ = ("escaped", "lines", "state")

    def __init__(self) -> None:
        """Start at the beginning of a line."""
        self.state = "start"
        self.escaped = False
        self.lines = 0  # line feeds since the colon

    @property
    def exposed(self) -> bool:
        """Whether we are behind a definition's colon."""
        return self.state in ("waiting", "destination")

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        at = 0
        while at < len(text):
            at = self.step(text, at)

    def step(self, text: str, at: int) -> int:
        """Go on to the next character that changes the state; return the place after it."""
        if self.state in ("start", "waiting", "closed"):
            return self.judge(text, at)
        if self.escaped:
            self.escaped = False
            return at + 1
        mark = (LABEL_MARK if self.state == "label" else LINE_END).search(text, at)
        if mark is None:
            return len(text)
        if mark[0] == "\\":
            self.escaped = True
        else:
            self.state = "closed" if self.state == "label" else "start"
        return mark.end()

    def judge(self, text: str, at: int) -> int:
        """Say from one character what this line is; a character that ends a state belongs to the next."""
        if self.state == "start":
            at = MARKERS.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
            if at < len(text):
                self.state = "label" if text[at] == "[" else "line"
                at += 1
        elif self.state == "closed":
            self.state, self.lines = ("waiting" if text[at] == ":" else "line"), 0
            at += self.state == "waiting"
        elif text[at] in " \t\r\n":
            self.lines += text[at] == "\n"  # the destination may stand on the next line, not after a blank one
            self.state = "waiting" if self.lines < 2 else "start"
            at += 1
        else:
            self.state = "destination"
        return at


class Tags:
    """HTML tags, in whose attributes a value could be fetched, as a browser reads them.

    A `<` inside a tag may begin another one to a reader that did not take the first for a tag. All these readings are
    followed at once; there are never more of them than states.
    """

    __slots__ = ("angle", "left", "states")

    def __init__(self) -> None:
        """Start outside of a tag."""
        self.states: frozenset[str] = frozenset()
        self.angle = False  # the last character was `<`
        self.left = 0  # characters until an open tag is taken for prose

    @property
    def exposed(self) -> bool:
        """Whether we are in a tag."""
        return bool(self.states)

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        at = 0
        while at < len(text):
            if not self.states and not self.angle:
                found = text.find("<", at)
                if found < 0:
                    return
                at, self.angle = found + 1, True
            else:
                self.follow(text[at])
                at += 1

    def follow(self, char: str) -> None:
        """Go on over one character."""
        kind = " " if char in BLANKS else char
        states = {TAG_STEPS[state].get(kind, TAG_STEPS[state].get("", state)) for state in self.states}
        self.left -= 1
        if self.left <= 0:
            states.clear()
        if self.angle and char.isascii() and char.isalpha():
            states.add("name")
            self.left = LONGEST_TAG
        self.states = frozenset(states - {""})
        self.angle = char == "<"


class Prose:
    """A text for people, in which addresses, Markdown targets and HTML tags must be known."""

    __slots__ = ("joints", "readers")

    def __init__(self) -> None:
        """Start outside of everything."""
        self.joints = Joints()
        self.readers = (Run(), Target(), Definition(), Tags(), self.joints)

    @property
    def exposed(self) -> bool:
        """Whether text put here would travel with an address that a client may fetch."""
        return any(reader.exposed for reader in self.readers)

    @property
    def quoted(self) -> bool:
        """Whether what stands here since the last blank began with `<`."""
        return self.readers[0].quoted

    def feed(self, text: str) -> None:
        """Go on over `text`."""
        for reader in self.readers:
            reader.feed(text)
