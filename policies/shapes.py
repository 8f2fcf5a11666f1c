"""The kinds of places that a policy file has: what may stand there, and what a reader is told about it; nouns only.

The grammar is built of these; the formatter walks it to find the words, and the schema is made of it. Nothing here
decides whether a policy is right: that is the loader's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.decision import Text


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the language."""

    words: tuple[str, ...]
    title: str = ""
    """What such words are called, where they are so many that the schema lists them once."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that people chose, or a reference to one; may also be one of `words`."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Text that is written in one language, or in none."""

    pattern: str = ""
    """ECMA regular expression over the whole text, for editors."""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Some:
    """One, or a list of several."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping."""

    shape: "Shape"
    said: Text
    """What it means, for people who complete it in an editor."""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping whose keys are words of the language."""

    title: Text
    keys: Mapping[str, Key] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping from names, which people chose, to what they mean; a name may also be one of `words`."""

    item: "Shape"
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes, told apart by whether a word, a list or a mapping stands there."""

    shapes: tuple["Shape", ...]


type Shape = Word | Name | Line | Number | ListOf | Some | Keys | Named | Either
