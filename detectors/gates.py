"""From a pattern, a shorter one that matches in whatever the pattern matches, so that most texts are done with at once.

Enters: a pattern in the syntax of RE2 or of Python. Leaves: a `Gate`, which may let too much through and never too
little: what cannot be read becomes a gate that is always open. Gates are short on purpose: the engine remembers every
state it meets, and a pattern that counts to sixteen has many.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from detectors.build_cache import kept
from detectors.needed import Group, groups_of, needed, rareness
from detectors.shapes import digits_of
from detectors.syntax import BEYOND, SINGLED, Atom, Choice, Item, Unreadable, read, ways_of

MOST_ATOMS: Final = 7
"""How many characters in a row a gate asks for."""

WIDE, MOST_WIDE = 2.6, 3
"""Bits of a class of letters, and how many of those in a row: counting runs of many classes at once has no end."""

LONG_TOKEN: Final = r"[0-9A-Za-z_\-]{20}|[0-9A-Za-z]{16}"
"""What keys have and words have not; asked for by itself, for what has no other mark."""

IN_A_WORD: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
IN_A_TOKEN: Final = IN_A_WORD | frozenset("_-")
BITS_OF_A_TOKEN: Final = 12.0

ENOUGH: Final = 22.0
"""Bits after which a gate is rare enough; more would only cost states."""

BITS_OF_A_LETTER: Final = 8.0
"""How rare a letter of a script beyond ASCII is, at least."""

LONGEST: Final = 32
"""Characters that a gate matches at most."""

RARE: Final = 11.5
"""Bits of a word by which a gate is looked for."""

MOST_CLOSER: Final = 128
"""Characters that what is looked for around an opening matches at most."""

SEEN: Final = {
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 2.8 / 26),
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0.4 / 26),
    **dict.fromkeys("0123456789", 0.15 / 10),
    **dict.fromkeys("!#$%&*+;<>?@[\\]^`{|}~", 0.02 / 20),
    **dict.fromkeys(".,:-/=_\"'()", 0.01),
    " ": 0.15,
    "\n": 0.02,
    BEYOND: 0.3,
    **dict.fromkeys(SINGLED.values(), 0.01),
}
"""How often a character stands in texts, roughly: only what is rarer than what matters. Letters, digits and capitals
come in runs and words, so each counts as likelier than it is alone."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What a text must have before a pattern is tried."""

    pattern: str = ""
    """RE2 over skeletons, or empty."""
    literals: tuple[str, ...] = ()
    """Texts beyond ASCII, each of which opens the gate as well."""
    token: bool = False
    """Whether a long token opens it, too. Without any of the three it is always open."""
    bits: float = 0.0
    """How rare what opens it is, in bits."""
    longest: int | None = None
    """How many characters a match of the whole pattern has at most; none where there is no telling."""
    plain: bool = False
    """Whether the whole pattern treats all characters beyond ASCII alike."""
    needs: tuple[Group, ...] = ()
    """Words without which the whole pattern matches nowhere in a text."""
    figures: int = 0
    """How many digits stand in whatever the whole pattern matches, at least."""
    words: tuple[str, ...] = ()
    """Words that open it as well, whatever their case, each with `closer` around it."""
    closer: str = ""
    """What must match around a word or a text that opens it, in RE2 over texts; empty where that is enough."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A pattern, how many characters it matches at least and at most, and how rare it is."""

    text: str
    least: int
    most: int
    bits: float
    literals: tuple[str, ...] = ()
    """Texts beyond ASCII that would do instead."""
    token: bool = False
    """Whether a long token would do instead."""

    @property
    def open(self) -> bool:
        """Whether it asks for nothing."""
        return not (self.text or self.literals or self.token)


NOTHING: Final = Piece("", 0, 0, 0.0)


@cache
@kept
def gate_of(pattern: str, wide: bool = False) -> Gate:
    """Return the gate of a pattern; always open where the pattern cannot be read.

    `wide` is for engines whose `\\w` holds the letters of all scripts. Digits and blanks of other scripts need no
    thought: a view has none.
    """
    try:
        choice = read(pattern, wide)
        found = _rarest(choice)
    except Unreadable:
        return Gate()
    finally:
        for learnt in (_whole, _written, _rarest, _end_of):
            learnt.cache_clear()  # the trees are not needed again
    return Gate(
        pattern=found.text if found.bits > 0 else "",
        literals=found.literals,
        token=found.token,
        bits=found.bits,
        longest=longest_of(choice),
        plain=_plain(choice),
        needs=needed(choice),
        figures=digits_of(choice),
    )


@kept
def gate_as_written(pattern: str) -> Gate:
    """Return a gate that somebody wrote: as it stands where it is short and in ASCII, else around words of its own.

    What has no longest match is looked for by its rarest piece alone.
    """
    if pattern == LONG_TOKEN:
        return Gate(token=True, bits=BITS_OF_A_TOKEN, plain=True)
    gate = gate_of(pattern)
    if gate.longest is None or gate.longest > MOST_CLOSER:
        return gate
    if pattern.isascii() and gate.longest <= LONGEST and gate.plain and not _counts(pattern):
        return replace(gate, pattern=pattern, literals=(), token=False, bits=max(gate.bits, BITS_OF_A_TOKEN))
    branches = [(way.branches[0], _words_of(way.branches[0])) for way in ways_of(read(pattern))]
    others = [_rarest_of(branch) for branch, words in branches if not words]
    if any(other.open for other in others):
        return gate
    found = _either(others) if others else NOTHING
    words = tuple(dict.fromkeys(word for _, words in branches for word in words))
    likely = sum(2.0**-bits for bits in (*map(rareness, words), *(other.bits for other in others)))
    return replace(
        gate,
        pattern=found.text,
        literals=found.literals,
        token=found.token,
        bits=max(gate.bits, -math.log2(min(1.0, likely))),
        words=words,
        closer=pattern,
    )


def _words_of(branch: Sequence[Item]) -> tuple[str, ...]:
    """Return the rare words of which one stands in whatever a sequence matches, whatever its case; nothing if none."""
    group = next(iter(groups_of(branch)), ())
    return group if min(map(rareness, group), default=0.0) >= RARE else ()


def _counts(pattern: str) -> bool:
    """Tell whether a pattern counts letters further than a gate should."""
    try:
        return _counting(read(pattern))
    except Unreadable:
        return True


def _counting(choice: Choice) -> bool:
    return any(
        _counting(item.part)
        if isinstance(item.part, Choice)
        else item.least > MOST_WIDE + 1 and rarity(item.part.text) < WIDE
        for branch in choice.branches
        for item in branch
    )


def gate_of_words(terms: Iterable[str]) -> Gate:
    """Return a gate that any of the words opens, where it stands whole."""
    terms = tuple(terms)
    latin = [term for term in terms if term.isascii()]
    others = tuple(term for term in terms if not term.isascii())
    spelt = sorted({_shortened(term) for term in latin})
    pattern = f"(?:^|[^A-Za-z0-9])(?i:{'|'.join(spelt)})" if spelt else ""
    return Gate(pattern, others, bits=BITS_OF_A_TOKEN)


def _shortened(term: str) -> str:
    """Return a pattern for a word, or for its beginning where it is long."""
    first = term.split()
    kept = first[0][: LONGEST - 8]
    if len(first) > 1 or kept != first[0]:
        return re.escape(kept) + ("" if kept != first[0] else r"\s")
    return re.escape(kept) + ("(?:'?s|es)?" if kept[-1:].isalpha() else "") + "(?:[^A-Za-z0-9]|$)"


@cache
def rarity(text: str) -> float:
    """Return the bits of a class or character, which is written alike for RE2 and for Python."""
    try:
        pattern = re.compile(text, re.S)
    except re.error:
        raise Unreadable from None
    share = sum(often for character, often in SEEN.items() if pattern.fullmatch(character))
    return -math.log2(min(1.0, max(share, 1e-3)))


def _atom(atom: Atom) -> Piece:
    if atom.edge:
        return NOTHING
    return Piece(atom.text, 1, 1, rarity(atom.text))


@cache
def _whole(item: Item) -> Piece | None:
    """Return the item as it stands, if it is short enough for the middle of a gate."""
    if item.most is None or item.most > 4:
        return None
    inner = _written(item.part)
    if inner is None or (inner.bits < WIDE * inner.least and item.least > MOST_WIDE):
        return None
    if not inner.text or (item.least, item.most) == (1, 1):
        return inner
    times = "?" if (item.least, item.most) == (0, 1) else f"{{{item.least},{item.most}}}"
    text = inner.text if isinstance(item.part, Atom) else f"(?:{inner.text})"
    return Piece(text + times, inner.least * item.least, inner.most * item.most, inner.bits * item.least)


@cache
def _written(part: Atom | Choice) -> Piece | None:
    """Return an atom or a group as it stands, if it is short enough."""
    if isinstance(part, Atom):
        return _atom(part)
    branches = []
    for branch in part.branches:
        piece = NOTHING
        for item in branch:
            one = _whole(item)
            if one is None:
                return None
            piece = _joined(piece, one)
        branches.append(piece)
    texts = list(dict.fromkeys(branch.text for branch in branches))
    most = max(branch.most for branch in branches)
    if most > LONGEST // 2:
        return None
    bits = -math.log2(min(1.0, sum(2.0**-branch.bits for branch in branches)))
    text = texts[0] if len(texts) == 1 else f"(?:{'|'.join(texts)})"
    return Piece(text, min(branch.least for branch in branches), most, bits)


def _joined(one: Piece, other: Piece) -> Piece:
    return Piece(one.text + other.text, one.least + other.least, one.most + other.most, one.bits + other.bits)


def _either(branches: Sequence[Piece]) -> Piece:
    if any(branch.open for branch in branches):
        return NOTHING
    texts = list(dict.fromkeys(branch.text for branch in branches if branch.text))
    return Piece(
        text=texts[0] if len(texts) == 1 else f"(?:{'|'.join(texts)})" if texts else "",
        least=min(branch.least for branch in branches),
        most=max(branch.most for branch in branches),
        bits=-math.log2(min(1.0, sum(2.0**-branch.bits for branch in branches))),
        literals=tuple(dict.fromkeys(literal for branch in branches for literal in branch.literals)),
        token=any(branch.token for branch in branches),
    )


@cache
def _end_of(item: Item) -> Piece:
    """Return what the item surely has both at its beginning and at its end."""
    inner = _written(item.part) if item.least else None
    if inner is None or not inner.least:
        return NOTHING
    most = MOST_WIDE if inner.bits < WIDE * inner.least else MOST_ATOMS
    times = max(1, min(item.least, most // inner.least, (LONGEST - 4) // inner.most))
    if times == 1:
        return inner
    text = inner.text if isinstance(item.part, Atom) else f"(?:{inner.text})"
    return Piece(f"{text}{{{times}}}", inner.least * times, inner.most * times, inner.bits * times)


def _head(item: Item) -> Piece:
    """Return what the item surely begins with."""
    if isinstance(item.part, Atom) or not item.least or _written(item.part) is not None:
        return _end_of(item)
    heads = []
    for branch in item.part.branches:
        head = NOTHING
        for part in branch:
            whole = _whole(part)
            more = _joined(head, whole or _head(part))
            if more.most > LONGEST // 2:
                break
            head = more
            if whole is None or head.least >= MOST_ATOMS:
                break
        heads.append(head)
    return NOTHING if any(head.open for head in heads) else _either(heads)


@cache
def _rarest(choice: Choice) -> Piece:
    """Return the rarest short piece that each branch has one of."""
    return _either([_rarest_of(branch) for branch in choice.branches])


def _rarest_of(branch: Sequence[Item]) -> Piece:
    best = _spelt(branch)
    for first, item in enumerate(branch):
        short = _written(item.part) is not None
        if isinstance(item.part, Choice) and item.least:
            best = _better(best, _rarest(item.part))
        if not short:
            continue  # what is in there has no place of its own to join anything to
        whole = _whole(item)
        if whole is None and isinstance(item.part, Choice):
            continue  # only its end could be joined to what follows
        piece = whole or _end_of(item)
        best = _better(best, piece)
        if _in_a_token(item):
            best = _better(best, Piece("", 0, 0, BITS_OF_A_TOKEN, token=True))
        for following in branch[first + 1 :]:
            more = _whole(following)
            piece = _joined(piece, more or _head(following))
            if piece.most > LONGEST:
                break
            best = _better(best, piece)
            if more is None or piece.bits >= ENOUGH or piece.least >= MOST_ATOMS:
                break
    return best


def _in_a_token(item: Item) -> bool:
    """Tell whether the item is a run of characters that makes a long token."""
    if not isinstance(item.part, Atom) or item.part.edge or item.part.literal or item.least < 16:
        return False
    pattern = re.compile(item.part.text, re.S)
    members = {chr(code) for code in range(128) if pattern.fullmatch(chr(code))}
    return members <= IN_A_WORD or (item.least >= 20 and members <= IN_A_TOKEN)


def _spelt(branch: Sequence[Item]) -> Piece:
    """Return the longest run of characters beyond ASCII that the sequence spells out."""
    runs = [""]
    for item in branch:
        if isinstance(item.part, Atom) and item.part.edge:
            continue
        if isinstance(item.part, Atom) and item.part.literal and (item.least, item.most) == (1, 1):
            runs[-1] += item.part.literal
        else:
            runs.append("")
    longest = max(runs, key=len)
    bits = BITS_OF_A_LETTER * (len(longest) if len(longest) > 1 else 0.5)  # one alone is in every text
    return Piece("", 0, 0, bits, (longest,)) if longest else NOTHING


def _better(one: Piece, other: Piece) -> Piece:
    """Return the rarer piece, and the first of two that are rare enough."""
    return other if min(other.bits, ENOUGH) > min(one.bits, ENOUGH) + 0.5 and other.most <= LONGEST else one


def longest_of(choice: Choice) -> int | None:
    """Return how many characters a match has at most; none where there is no telling."""
    most = 0
    for branch in choice.branches:
        length = 0
        for item in branch:
            inner = longest_of(item.part) if isinstance(item.part, Choice) else int(not item.part.edge)
            if inner is None or (item.most is None and inner):
                return None
            length += inner * (item.most or 0)
        most = max(most, length)
    return most


def _plain(choice: Choice) -> bool:
    return all(
        _plain(item.part) if isinstance(item.part, Choice) else item.part.plain
        for branch in choice.branches
        for item in branch
    )
