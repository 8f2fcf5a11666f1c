"""Rich Text Format: the text of every group, headers, notes, comments, fields and properties included.

Enters: bytes. Leaves: a document whose text cannot be put back. Pictures in it are read as pictures; embedded objects
cannot be looked into. Only tables of fonts, colours and styles are passed over.
"""

import re
from typing import Final

from proxy.documents.bundle import Bundle
from proxy.documents.document import Document
from proxy.documents.reading import Reading, Unread

TOKEN: Final = re.compile(
    rb"\\([a-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|([\r\n]+)|([^\\{}\r\n]+)|(.)",
    re.IGNORECASE | re.DOTALL,
)
PASSED: Final = frozenset(
    {
        *(b"fonttbl", b"colortbl", b"stylesheet", b"listtable", b"listoverridetable", b"rsidtbl", b"themedata"),
        *(b"colorschememapping", b"latentstyles", b"datastore", b"xmlnstbl", b"generator", b"filetbl"),
    }
)
"""Groups that hold how it looks."""
APART: Final = frozenset(
    {
        *(b"footnote", b"annotation", b"header", b"headerl", b"headerr", b"footer", b"footerl", b"footerr", b"fldinst"),
        *(b"author", b"title", b"subject", b"keywords", b"doccomm", b"company", b"operator", b"manager", b"category"),
    }
)
"""Groups whose text belongs to no line around them."""
LINES: Final = APART | {b"par", b"line", b"sect", b"page", b"row"}
SIGNS: Final = {
    b"tab": "\t",
    b"cell": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
}
ESCAPED: Final = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
CODEPAGES: Final = {936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949", 65001: "utf-8", 10000: "mac-roman"}
CHARSETS: Final = {134: 936, 136: 950, 128: 932, 129: 949}
"""Of fonts, as `\\fcharset` names them."""
DEEPEST: Final = 1_000
MOST_SKIPPED: Final = 16


class Group:
    """What holds up to the next closing brace."""

    __slots__ = ("ending", "into", "skipped")

    def __init__(self, into: str = "text", skipped: int = 1) -> None:
        """Take where the text goes, and how many characters stand in for one in Unicode."""
        self.into = into
        self.skipped = skipped
        self.ending = ""


def read_rtf(data: bytes, reading: Reading) -> Document:
    """Return the document; raises `Unread`."""
    bundle = Bundle(fixed=True)
    reader = _Reader(reading)
    reader.run(data)
    text = "".join(reader.said)
    reading.text(len(text))
    bundle.say("#", text)
    for number, picture in enumerate(reader.pictures):
        bundle.add(f"#picture{number}", reading.within(picture, ""))
    for number in range(reader.objects):
        bundle.close(f"#object{number}", "embedded")
    return bundle.document("rtf", data)


class _Reader:
    """Walks through the tokens."""

    def __init__(self, reading: Reading) -> None:
        self.said: list[str] = []
        self.pictures: list[bytes] = []
        self.objects = 0
        self._reading = reading
        self._groups = [Group()]
        self._bytes = bytearray()
        self._hex: list[bytes] = []
        self._codepage = 1252
        self._fonts: dict[int, int] = {}
        self._font = 0
        self._left = 0
        """Characters to come that stand in for one in Unicode."""

    def run(self, data: bytes) -> None:
        for number, found in enumerate(TOKEN.finditer(data)):
            if not number % 10_000:
                self._reading.wait()
            word, value, pair, escaped, brace, _, text, _ = found.groups()
            if pair is not None:
                self._byte(bytes.fromhex(pair.decode()))
            elif text is not None:
                self._text(text)
            else:
                self._flush()
                if brace is not None:
                    self._brace(brace)
                elif word is not None:
                    self._word(word.lower(), int(value) if value else None)
                elif escaped is not None:
                    self._escape(escaped)
        self._flush()
        self._finish_hex()

    def _brace(self, brace: bytes) -> None:
        if brace == b"{":
            if len(self._groups) > DEEPEST:
                raise Unread("too_deep")
            self._groups.append(Group(self._groups[-1].into, self._groups[-1].skipped))
            return
        if self._groups[-1].into == "picture":
            self._finish_hex()
        self._say(self._groups[-1].ending)
        if len(self._groups) > 1:
            self._groups.pop()

    def _word(self, word: bytes, value: int | None) -> None:
        group = self._groups[-1]
        if word in LINES or word in SIGNS:
            self._say(SIGNS.get(word, "\n"))
            group.ending = "\n" if word in APART else group.ending
        elif word in PASSED:
            group.into = "fonts" if word == b"fonttbl" else "nowhere"
        elif word == b"pict":
            self._finish_hex()
            group.into = "picture"
        elif word == b"objdata":
            group.into = "nowhere"
            self.objects += 1
        elif value is not None:
            self._number(group, word, value)

    def _number(self, group: Group, word: bytes, value: int) -> None:
        """Take a word that says something by its number."""
        match word:
            case b"u":
                self._say(chr(value & 0xFFFF))
                self._left = group.skipped
            case b"uc":
                group.skipped = max(0, min(value, MOST_SKIPPED))
            case b"ansicpg":
                self._codepage = value
            case b"f":
                self._font = value
            case b"fcharset" if group.into == "fonts":
                self._fonts[self._font] = CHARSETS.get(value, 0)
            case b"bin":
                raise Unread("embedded")

    def _escape(self, escaped: bytes) -> None:
        self._say(ESCAPED.get(escaped, ""))

    def _byte(self, byte: bytes) -> None:
        if self._left:
            self._left -= 1
        elif self._groups[-1].into == "text":
            self._bytes += byte

    def _text(self, text: bytes) -> None:
        into = self._groups[-1].into
        if into == "picture":
            self._hex.append(text)
        elif into == "text":
            skipped = min(self._left, len(text))
            self._left -= skipped
            self._bytes += text[skipped:]

    def _say(self, text: str) -> None:
        if self._groups[-1].into == "text":
            self.said.append(text)

    def _flush(self) -> None:
        if self._bytes:
            page = self._fonts.get(self._font) or self._codepage
            codec = CODEPAGES.get(page, f"cp{page}")
            try:
                text = self._bytes.decode(codec, "replace")
            except LookupError:
                text = self._bytes.decode("cp1252", "replace")
            self.said.append(text)
            self._bytes = bytearray()

    def _finish_hex(self) -> None:
        digits = b"".join(b"".join(self._hex).split())
        self._hex = []
        if digits:
            try:
                self.pictures.append(bytes.fromhex(digits[: len(digits) & ~1].decode("ascii")))
            except ValueError:
                self.objects += 1
