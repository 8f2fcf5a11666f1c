"""The columns of registered rows: what kind of value stands in each, and how values are made comparable.

Enters: columns, and rows in batches. Leaves: for each column the keyed digests of its values. Pure. A value that says
nothing (too short, on the stop list, empty) is passed over here, so that it is never looked for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from detectors.company.mixing import Mixer, Places, Words, digests
from detectors.company.tokens import MOBILE, Manner, codes_of, cut, plain
from detectors.normalise import normalise


class Kind(StrEnum):
    """What stands in a column."""

    NAME = "name"
    """Names of people."""
    TEXT = "text"
    """Companies, products, addresses."""
    NUMBER = "number"
    """Any number of five digits or more."""
    ACCOUNT = "account"
    """Account and card numbers: the digits count."""
    PHONE = "phone"
    """Telephone numbers: the digits count, without the code of China."""
    ID = "id"
    """Letters and digits: identity cards, passports, contract numbers."""
    EMAIL = "email"
    """E-mail addresses."""


MANNERS: Final = {
    Kind.NAME: Manner.WORDS,
    Kind.TEXT: Manner.WORDS,
    Kind.NUMBER: Manner.DIGITS,
    Kind.ACCOUNT: Manner.DIGITS,
    Kind.PHONE: Manner.DIGITS,
    Kind.ID: Manner.CODES,
    Kind.EMAIL: Manner.ADDRESSES,
}
LEAST: Final = {Manner.WORDS: 2, Manner.DIGITS: 5, Manner.CODES: 5, Manner.ADDRESSES: 6}
"""Characters that a value must have."""
MOST: Final = 64
"""Characters that it may have."""
MOST_TOKENS: Final = {Kind.NAME: 8, Kind.TEXT: 24}
LEAST_TOKENS: Final = 2
"""A single word of a name or text is too common to be looked for."""
GROUPS: Final = 7
"""Groups in which somebody may write one number."""
ALONE: Final = {Manner.DIGITS: 8, Manner.CODES: 8, Manner.ADDRESSES: 6}
"""Characters that a value must have to match without another column; names and texts never do."""

STOP: Final = frozenset(
    (
        *(
            "张三",
            "李四",
            "王五",
            "赵六",
            "某某",
            "某某某",
            "无名氏",
            "测试",
            "测试用户",
            "未知",
            "不详",
            "暂无",
            "待定",
        ),
        *(
            "先生",
            "女士",
            "客户",
            "用户",
            "同上",
            "未填写",
            "John Doe",
            "Jane Doe",
            "N/A",
            "not available",
            "test user",
        ),
        *("12345", "123456", "1234567", "12345678", "123456789", "1234567890", "12345678901", "11111111", "00000000"),
        *("13800138000", "13812345678", "13800000000", "13888888888", "11010519491231002X", "123456789012345678"),
        *("test@example.com", "user@example.com", "test@test.com", "name@example.com"),
    )
)
"""Placeholders of forms and documentation: they stand in rows and mean nobody."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is registered."""

    name: str
    """As the source calls it."""
    kind: Kind
    alone: bool = False
    """Whether a value of it matches without another column of its row."""


@dataclass(slots=True)
class Learnt:
    """What the values of a column look like; says which pieces of a text are worth a look."""

    lengths: set[int] = field(default_factory=set)
    """Characters of a value, packed."""
    sizes: set[int] = field(default_factory=set)
    """Tokens of a value; of numbers this says nothing, for people group them as they like."""
    values: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"lengths": sorted(self.lengths), "sizes": sorted(self.sizes), "values": self.values}

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> "Learnt":
        """Return what `as_json` made plain."""
        return cls(set(told["lengths"]), set(told["sizes"]), told["values"])


@dataclass(frozen=True, slots=True)
class Digested:
    """A batch of one column."""

    rows: Places
    """Which rows of the batch have a value that counts."""
    digests: Words
    mixed: Words
    """Their hashes, for the filter."""


class Digester:
    """Digests batches of one column."""

    def __init__(self, column: Column, mixer: Mixer, key: bytes, stop: Collection[str] = ()) -> None:
        """Take the column, the index's hash and key, and values that mean nothing besides those known as such."""
        self._column, self._mixer, self._key = column, mixer, key
        self._manner = MANNERS[column.kind]
        self._stop = digests_of(key, self._manner, [*STOP, *stop])
        self.learnt = Learnt()

    def digest(self, values: Sequence[str]) -> Digested:
        """Return the digests of a batch."""
        text = comparable(values)
        codes = codes_of(text)
        tokens = cut(text, codes, self._manner)
        lines = np.flatnonzero(codes == ord("\n"))
        begins = np.append(0, np.searchsorted(tokens.places, lines))
        ends = np.append(begins[1:], len(tokens.places))
        if self._column.kind is Kind.PHONE:
            begins = _without_country(tokens.packed, begins, ends)
        lengths = ends - begins
        sizes = np.searchsorted(tokens.starts, ends) - np.searchsorted(tokens.starts, begins)
        good = (lengths >= LEAST[self._manner]) & (lengths <= MOST)
        if self._column.kind in MOST_TOKENS:
            good &= (sizes >= LEAST_TOKENS) & (sizes <= MOST_TOKENS[self._column.kind])
        if self._manner is Manner.ADDRESSES:
            good &= sizes == 1
        rows = np.flatnonzero(good)
        made = digests(self._key, tokens.packed, begins[rows], ends[rows])
        meant = ~np.isin(made, self._stop)
        rows, made = rows[meant], made[meant]
        mixed = self._mixer.pieces(self._mixer.sums(tokens.packed), begins[rows], ends[rows])
        self.learnt.lengths |= set(np.unique(lengths[rows]).tolist())
        self.learnt.sizes |= set(np.unique(sizes[rows]).tolist())
        self.learnt.values += len(rows)
        return Digested(rows, made, mixed)


def digests_of(key: bytes, manner: Manner, values: Sequence[str]) -> Words:
    """Return the digests of single values, cut in one manner."""
    made = []
    for value in values:
        text = comparable([value])
        packed = cut(text, codes_of(text), manner).packed
        made.append(digests(key, packed, np.zeros(1, np.int64), np.array([len(packed)], np.int64)))
    return np.concatenate(made) if made else np.zeros(0, np.uint64)


def comparable(values: Sequence[str]) -> str:
    """Return the values as texts are compared, one a line."""
    single = [
        value.replace("\n", " ").replace("\r", " ") if "\n" in value or "\r" in value else value for value in values
    ]
    text = normalise("\n".join(single)).text
    if text.count("\n") != len(single) - 1:  # some value holds an escaped line end
        text = "\n".join(normalise(value).text.replace("\n", " ") for value in single)
    return plain(text)


def _without_country(packed: Any, begins: Places, ends: Places) -> Places:
    """Pass over the code of China before a mobile number, however it was grouped."""
    begins = begins.copy()
    for code in ("86", "0086"):
        rows = np.flatnonzero(ends - begins == len(code) + MOBILE)
        for place, digit in enumerate(f"{code}1"):
            rows = rows[packed[begins[rows] + place] == ord(digit)]
        begins[rows] += len(code)
    return begins
