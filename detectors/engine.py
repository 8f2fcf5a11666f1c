"""The linear-time engine, and what it needs beside it.

Enters: patterns in RE2 syntax and the bytes of a text. Leaves: compiled patterns, which of many match, and offsets in
characters. A pattern that does not compile stops the start; an engine that gives up is never taken for one that found
nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import re2

from detectors.build_cache import kept
from detectors.interface import DetectorError

MEMORY: Final = 64 << 20
"""Bytes that the states of one pattern, or of one set of patterns, may take."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine says of a pattern."""

    reason: str = ""
    """Why it does not compile, and what to write instead; empty where it does."""
    chinese: str = ""
    """The same in Chinese."""
    groups: tuple[tuple[str, int], ...] = ()
    """Names and numbers of its groups."""
    needs_nothing: bool = False
    """Whether it matches the empty text."""


class Later:
    """Something that is made when it is first used: most patterns are not used in most processes."""

    def __init__(self, make: Callable[[], Any]) -> None:
        """Take what makes it; made twice, by two threads at once, it is the same."""
        self._make = make
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        """Return a method of what is made, found at once from then on."""
        if name.startswith("__"):
            raise AttributeError(name)
        if self._made is None:
            self._made = self._make()
        method = getattr(self._made, name)
        setattr(self, name, method)
        return method


type Span = tuple[int, int]


class Match:
    """Where a pattern and its groups match in bytes, as `re.Match` tells it; (-1, -1) where a group takes no part."""

    __slots__ = ("_spans", "_text")

    def __init__(self, text: bytes, spans: Sequence[Span]) -> None:
        """Take the bytes, and where the pattern and each group match."""
        self._text, self._spans = text, spans

    def __getitem__(self, group: int) -> bytes | None:
        """Return what a group matches; none where it takes no part."""
        start, end = self._spans[group]
        return None if start < 0 else self._text[start:end]

    def group(self, group: int = 0) -> bytes | None:
        """Return what a group matches; none where it takes no part."""
        return self[group]

    def span(self, group: int = 0) -> Span:
        """Return where a group matches."""
        return self._spans[group]

    def start(self, group: int = 0) -> int:
        """Return where the match of a group begins."""
        return self._spans[group][0]

    def end(self, group: int = 0) -> int:
        """Return where the match of a group ends."""
        return self._spans[group][1]

    @property
    def lastindex(self) -> int | None:
        """The number of the group that ends last, the outermost of several; none where none takes part."""
        last, most = None, -1
        for group in range(1, len(self._spans)):
            if self._spans[group][1] > most:
                last, most = group, self._spans[group][1]
        return last


class Pattern:
    """A pattern on the linear-time engine, for bytes.

    It asks the engine itself: the way through its library in Python takes as long as most searches do.
    """

    __slots__ = ("_match", "groupindex", "groups")

    def __init__(self, pattern: str) -> None:
        """Compile it; raises `re2.error`."""
        made = re2.compile(pattern.encode(), _options(MEMORY))
        self._match = made._regexp.Match
        self.groupindex: dict[bytes, int] = made.groupindex
        """The numbers of the groups that have a name."""
        self.groups: int = made.groups
        """How many groups it has."""

    def search(self, data: bytes, first: int = 0, last: int | None = None) -> Match | None:
        """Return the first match in a stretch of `data`, whose ends are those of a text to it as they are to `re`."""
        return self._from(UNANCHORED, data, first, last)

    def match(self, data: bytes, first: int = 0, last: int | None = None) -> Match | None:
        """Return the match that begins where the stretch begins."""
        return self._from(AT_START, data, first, last)

    def fullmatch(self, data: bytes, first: int = 0, last: int | None = None) -> Match | None:
        """Return the match of the whole stretch."""
        return self._from(AT_BOTH, data, first, last)

    def finditer(self, data: bytes, first: int = 0, last: int | None = None) -> Iterator[Match]:
        """Yield the matches in a stretch, one behind the other."""
        end = len(data)
        first, end = min(max(0, first), end), end if last is None else min(max(0, last), end)
        while first <= end:
            spans = self._match(UNANCHORED, data, first, end)
            if spans[0][0] < 0:
                return
            yield Match(data, spans)
            first = spans[0][1] + (spans[0][1] == first)

    def _from(self, anchor: Any, data: bytes, first: int, last: int | None) -> Match | None:
        end = len(data)
        if last is None or last > end:  # compared, not clamped by calls: most searches take no longer than these
            last = end
        elif last < 0:
            last = 0
        if first < 0:
            first = 0
        elif first > end:
            first = end
        if first > last:
            return None
        spans = self._match(anchor, data, first, last)
        return None if spans[0][0] < 0 else Match(data, spans)


def compiled(pattern: str, where: str) -> Pattern:
    """Return the pattern on the linear-time engine; raises `DetectorError`."""
    try:
        return Pattern(pattern)
    except re2.error as error:
        raise _bad(where, _refused(pattern, error)) from error


REASONS: Final = {
    "missing )": "缺少右括号 )",
    "unexpected )": "多出一个右括号 )",
    "missing ]": "缺少右方括号 ]",
    "trailing \\": "末尾多出一个反斜杠",
    "no argument for repetition operator": "重复符号前面没有内容",
    "bad repetition operator": "重复符号连用",
    "invalid repetition size": "重复次数不合规定",
    "bad repetition size": "重复次数不合规定",
    "invalid character class range": "字符范围颠倒或无效",
    "invalid character class": "字符类无效",
    "invalid escape sequence": "不认识的转义",
    "invalid perl operator": "不支持的 (?… 写法",
    "invalid named capture group": "命名分组的写法不对",
    "pattern too large": "编译后过大，请缩短或减少重复次数",
}
"""What the engine refuses, in Chinese; where it says at what, that stands behind."""


def _refused(pattern: str, error: Exception) -> Verdict:
    """Return why a pattern does not compile, and what to do about what other engines know and this one does not."""
    said = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
    kind, _, place = said.partition(": ")
    known = next((chinese for english, chinese in REASONS.items() if kind.startswith(english)), "")
    told = f"{known}：{place}" if known and place else known or said
    if any(sign in pattern for sign in ("(?=", "(?!", "(?<=", "(?<!")):
        said += (
            "; this engine knows no look-around: say with `edges` what may stand beside it, with `context` what near it"
        )
        told += "；此引擎不支持环视：请用 `edges` 写明两侧可以是什么，用 `context` 写明附近须有什么"
    elif re.search(r"\\[1-9]", pattern):
        said += "; this engine knows no back-references: write what is repeated out, or use a `check`"
        told += "；此引擎不支持反向引用：请把重复的部分写全，或使用 `check`"
    return Verdict(said, told)


def _bad(where: str, found: Verdict) -> DetectorError:
    return DetectorError(f"{where}: bad pattern: {found.reason}", f"{where}：正则表达式有误：{found.chinese}")


def judged(pattern: str, where: str) -> Verdict:
    """Return what the engine says of a pattern that compiles; raises `DetectorError` for any other."""
    found = verdict(pattern)
    if found.reason:
        raise _bad(where, found)
    return found


@kept
def verdict(pattern: str) -> Verdict:
    """Return what the engine says of a pattern."""
    try:
        made = Pattern(pattern)
    except re2.error as error:
        return _refused(pattern, error)
    groups = tuple((name.decode(), number) for name, number in sorted(made.groupindex.items()))
    return Verdict(groups=groups, needs_nothing=bool(made.match(b"")))


def compiled_later(pattern: str, where: str) -> Any:
    """Return what `compiled` returns, made when it is first used; raises `DetectorError` at once."""
    judged(pattern, where)
    return Later(partial(compiled, pattern, where))


UNANCHORED, AT_START, AT_BOTH = re2._Anchor.UNANCHORED, re2._Anchor.ANCHOR_START, re2._Anchor.ANCHOR_BOTH

EDGED: Final = re.compile(r"(?:\((?:\?i?:)?)*\\[Ab]")
"""How a pattern begins that can match from an edge only."""
FEW: Final = 3
"""Patterns that are asked one by one, which end where the first match does."""


class Which:
    """Tells which of many patterns match somewhere in a text.

    Their states multiply in a set. A key drawn at random leads those that may begin anywhere and count to a new state
    with each character, so that these have no set together with those that begin at an edge.
    """

    def __init__(self, patterns: Iterable[str], memory: int = MEMORY) -> None:
        """Compile the patterns, which must each compile alone; raises `DetectorError` when `memory` is too little."""
        numbered = list(enumerate(patterns))
        edged = [one for one in numbered if EDGED.match(one[1])]
        free = [one for one in numbered if not EDGED.match(one[1])]
        few = len(free) <= FEW
        self._sets = [Together(several, memory) for several in (edged, () if few else free) if several]
        self._alone = [(number, compiled_later(pattern, "which")) for number, pattern in free if few]

    def can_match(self, data: bytes) -> list[int]:
        """Return the places of the patterns that match somewhere in `data`, in order."""
        matching = [number for several in self._sets for number in several.can_match(data)]
        matching += [number for number, pattern in self._alone if pattern.search(data)]
        return sorted(matching)


class Together:
    """One pass over a text that tells which patterns of a set match somewhere."""

    def __init__(self, patterns: Iterable[tuple[int, str]], memory: int) -> None:
        """Compile the patterns, each with its number; raises `DetectorError` when `memory` is too little."""
        self._set = re2.Set.SearchSet(_options(memory))
        # The beginning of a text is in every text. When it is missing from an answer the engine ran out of memory,
        # which it tells nobody but its log: then every pattern must be tried. It matches once: what matches at each
        # character is noted at each.
        self._witness = self._set.Add(r"\A")
        self._numbers = {self._set.Add(pattern): number for number, pattern in patterns}
        try:
            self._set.Compile()
        except re2.error as error:
            raise DetectorError(
                f"{len(self._numbers)} patterns need more than {memory} bytes of memory together"
            ) from error

    def can_match(self, data: bytes) -> list[int]:
        """Return the numbers of the patterns that match somewhere in `data`."""
        matching = self._set.Match(data) or ()  # none for nothing
        if self._witness not in matching:
            return list(self._numbers.values())
        return [self._numbers[one] for one in matching if one != self._witness]


class Offsets:
    """From bytes to characters, for offsets that are asked for mostly in rising order."""

    def __init__(self, data: bytes, text: str) -> None:
        """Take a text and its UTF-8 bytes."""
        self._data = data
        self._plain = len(data) == len(text)
        self._known: list[tuple[int, int]] = [(0, 0)]

    def character(self, offset: int) -> int:
        """Return the character that begins at byte `offset`, or the length of the text at its end."""
        if self._plain:
            return offset
        nearest = bisect_right(self._known, (offset, offset)) - 1
        byte, character = self._known[nearest]
        character += len(self._data[byte:offset].decode(errors="ignore"))
        if nearest == len(self._known) - 1 and offset > byte:
            self._known.append((offset, character))
        return character


def _options(memory: int) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    return options
