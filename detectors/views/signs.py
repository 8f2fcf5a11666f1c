"""What a text must have for each view of it: told of all views in one place, before any of them looks.

Enters: the reading of a text. Leaves: which views may see anything in it. Most texts are prose, and that their few
signs and digits allow of nothing is known much sooner than any engine knows it, above all of a text that it meets for
the first time. What a view sees is never without what is asked for here; what else has it costs time only.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

from detectors.needed import Words, marks_of
from detectors.reading import Reading
from detectors.views.figures import DIGITS, LETTERS, Figures, apart

FEWEST: Final = 10
"""Digits of the shortest number that is looked for, a mobile number, where one is told by a letter or a word."""
FARTHEST: Final = 512
"""Characters in which a number's digits stand, however it is told: five pieces with words between all of them."""
BLANKS: Final = b" \t\r\n\f"
JOINTS: Final = BLANKS + b"+.,&|\\_"
"""What stands between two strings of a program that are joined."""
ESCAPED: Final = re.compile(rb"=[0-9A-Fa-f]{2}=[0-9A-Fa-f]{2}")
MARKS: Final = ("<", "[", "`", "**", "~~")
SUMS: Final = frozenset({b"+", b".", b"&"})
"""Of which markup has one: the last between strings."""
OPENING: Final = ("\n", "[", "(", "{", "<")
"""Of which a list has one behind its heading."""
CASES: Final = bytes.maketrans(LETTERS, b"a" * 26 + b"A" * 26)
NO_LETTERS: Final = bytes(set(range(256)) - set(LETTERS))
HEADINGS: Final = (
    *("密码", "密碼", "口令", "密钥", "令牌", "身份证", "身分證", "证件", "護照", "护照", "通行证", "电话", "電話"),
    *("手机", "手機", "卡号", "卡號", "账号", "帐号", "账户", "帳號", "车牌", "生日", "出生", "微信", "社保", "医保"),
    *("病历", "税号", "信用代码"),
)
"""What says in Chinese what stands under the heading of a column."""
ORDERS: Final = (
    *("first", "second", "third", "fourth", "last", "next", "then", "rest", "remaining", "remainder", "final"),
    *("ending", "ends", "followed", "middle", "part", "half"),
)
"""What says in English that a number is told in pieces."""
SHORT: Final = 2048
"""Characters of a text in which words are looked for one by one."""


class Signs:
    """What stands in a text beside words."""

    def __init__(self, reading: Reading) -> None:
        """Take the text."""
        self._reading = reading
        self.signs: Final = reading.made(apart).translate(None, DIGITS).decode()
        """Its signs, one behind the other, with the ends of lines among them, and no digits nor blanks."""
        self.figures: Final = reading.made(Figures)
        self.text: Final = reading.text
        self.beyond: Final = reading.codes is not None
        """Whether the text has other characters than those of ASCII."""

    @cached_property
    def quotes(self) -> int:
        """How many quotation marks there are."""
        return self.signs.count('"') + self.signs.count("'")

    @cached_property
    def number(self) -> bool:
        """Whether there are digits enough for the number of somebody, as near each other as they may be told."""
        return self.figures.crowd(FEWEST, FARTHEST)

    @cached_property
    def dense(self) -> bool:
        """Whether they stand as near each other as those of a number do that nothing but signs divides."""
        return self.number and self.figures.crowd(FEWEST, 46)

    @property
    def each_digit(self) -> bool:
        """Whether each digit but nought stands in the text."""
        return all(map(self._reading.made(apart).__contains__, range(ord("1"), ord("9") + 1)))

    @cached_property
    def joints(self) -> frozenset[bytes]:
        """What stands between two quotation marks, where that joins strings; without blanks round it."""
        if self.quotes < 2:
            return frozenset()
        between = frozenset(self._reading.skeleton.replace(b"'", b'"').split(b'"')[1:-1])
        return frozenset(one.strip(BLANKS) for one in between if not one.strip(JOINTS))

    @cached_property
    def changing(self) -> bool:
        """Whether there are digits, or signs of another kind than those before them, enough for a code in pieces."""
        if len(self.figures) > 1:
            return True
        kinds = self._reading.skeleton.translate(CASES, NO_LETTERS)
        return kinds.count(b"aA") > (0 if len(self.figures) else 2)

    @property
    def escaped(self) -> bool:
        """Whether two bytes stand beside each other as quoted-printable writes them."""
        return ESCAPED.search(self._reading.skeleton) is not None

    def holds(self, rows: Iterable[str]) -> bool:
        """Tell whether some signs may stand beside each other, of one row at least."""
        return any(map(self.signs.__contains__, rows))

    def says(self, *words: str) -> bool:
        """Tell whether a text may say one of some words, in whatever case."""
        if len(self.text) > SHORT:
            return self._reading.made(Words).meet((marks_of(words),))
        return any(map(self._reading.made(lowered).__contains__, words))


def lowered(reading: Reading) -> str:
    """Return a text in small letters."""
    return reading.text.lower()


NEEDS: Final[Mapping[str, Callable[[Signs], bool]]] = {
    "amounts": lambda it: it.beyond and ("亿" in it.text or "億" in it.text),
    "armoured": lambda it: "-----" in it.signs or "$_;" in it.signs,
    "ascii85": lambda it: "<~" in it.signs,
    "base64 of figures": lambda it: it.says("mtm", "mtq", "mtu", "mty", "mtc", "mtg", "mtk"),
    "beneath": lambda it: (
        it.holds(OPENING) and it.says("pass", "pwd", "contrase", "mot de passe", "密码", "密碼", "口令")
    ),
    "blanks": lambda it: it.changing,
    "characters": lambda it: it.quotes > 17,
    "dumps": lambda it: len(it.figures) > 1,
    "exponents": lambda it: len(it.figures) > 1,
    "field": lambda it: "&" in it.signs,
    "given": lambda it: "=" in it.signs or (":" in it.signs and (it.quotes > 1 or "`" in it.signs)),
    "glued": lambda it: it.dense and it.figures.crowd(18, 19),
    "headings": lambda it: it.beyond and it.says(*HEADINGS),
    "inserts": lambda it: "(" in it.signs and it.says("into", "overwrite", "copy") and it.says("values", "from"),
    "lettered": lambda it: it.figures.crowd(4, 41),
    "lines": lambda it: "\n" in it.signs and it.changing,
    "mail word": lambda it: "=?" in it.signs,
    "manifests": lambda it: ":" in it.signs and it.says("secret"),
    "markup": lambda it: it.holds(MARKS) or not it.joints.isdisjoint(SUMS),
    "named": lambda it: it.says(*ORDERS),
    "numbered": lambda it: it.number and it.figures.crowd(10, 320) and it.each_digit,
    "numbers": lambda it: it.beyond or it.dense,
    "pages": lambda it: "<" in it.signs,
    "parted": lambda it: it.number,
    "printed": lambda it: it.figures.crowd(6, 400) or it.quotes > 17,
    "quoted-printable": lambda it: it.signs.count("=") > 1 and it.escaped,
    "spread": lambda it: it.dense and it.figures.crowd(11, 40),
    "strings": lambda it: bool(it.joints),
    "tagged": lambda it: it.signs.count(">") > 9,
    "tapped": lambda it: it.signs.count("...") + it.signs.count("---") > 9,
    "utf-7": lambda it: "+" in it.signs and it.says("+ac", "+ad", "+ae", "+af", "+ag", "+ah"),
    "uuencode": lambda it: len(it.figures) > 2 and "\n" in it.signs and it.says("begin "),
}
"""What a text has in which a view sees anything. A view that is not here looks at each text."""


def seen(reading: Reading) -> frozenset[str]:
    """Return which of these views may see anything in a text."""
    signs = Signs(reading)
    return frozenset(view for view, needs in NEEDS.items() if needs(signs))
