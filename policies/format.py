"""Writes the words of a policy in Chinese or in English, and leaves everything else as its author wrote it.

Enters: the text of a policy or of its tests, and a language. Leaves: the text with keywords and word-values in that
language; names, texts, comments, order and spacing stay as they were. Pure. A token is replaced only where the source
holds it letter for letter, so that nothing is ever rewritten by guess. Raises `PolicyError` for what is no YAML.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from policies.grammar import POLICY, SUITE
from policies.model import fold
from policies.problem import Report
from policies.shapes import Either, Key, Keys, ListOf, Name, Named, Shape, Some, Word
from policies.source import Entries, Items, Node, Scalar, canonical, read_source
from policies.words import alias
from policies.words import canonical as english

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the language where it stands."""

    scalar: Scalar
    word: str
    """In English."""


def translate(text: str, language: str, *, suite: bool = False, name: str = "") -> str:
    """Return `text` with its words in `zh` or `en`; `suite` says that it holds tests and not a policy.

    `name` stands in messages; raises `PolicyError` for what is no YAML of ours.
    """
    body = canonical(text)
    report = Report(name, body)
    root = read_source(body, report)
    report.stop()
    lines = body.split("\n")
    names = frozenset(_names(root, SUITE if suite else POLICY))
    tokens = sorted(_tokens(root, SUITE if suite else POLICY, names), key=lambda each: each.scalar.mark, reverse=True)
    for token in tokens:  # from the end, so that earlier places stay true
        _write(lines, token, alias(token.word) if language == "zh" else token.word)
    newline = "\r\n" if "\r\n" in text else "\n"
    return ("\ufeff" if text.startswith("\ufeff") else "") + newline.join(lines)


def _write(lines: list[str], token: Token, word: str) -> None:
    mark, said = token.scalar.mark, token.scalar.text
    line = lines[mark.line - 1]
    start = mark.column - 1 + (not token.scalar.plain)
    if line[start : start + len(said)] == said:
        lines[mark.line - 1] = line[:start] + word + line[start + len(said) :]


def _tokens(node: Node, shape: Shape, names: Collection[str]) -> Iterator[Token]:
    """Give every word of the language below `node`."""
    match shape:
        case Either(shapes):
            yield from _tokens(node, fitting(node, shapes), names)
        case Word(words):
            yield from _word(node, words)
        case Name(words):
            yield from _word(node, words, names)
        case ListOf(item):
            yield from _items(node, item, names)
        case Some(item):
            yield from _items(node if isinstance(node, Items) else Items((node,), node.mark), item, names)
        case Keys() | Named() if isinstance(node, Entries):
            for key, value in node.entries:
                yield from _entry(key, value, shape, names)


def _items(node: Node, item: Shape, names: Collection[str]) -> Iterator[Token]:
    for each in node.items if isinstance(node, Items) else ():
        yield from _tokens(each, item, names)


def _entry(key: Scalar, value: Node, shape: Keys | Named, names: Collection[str]) -> Iterator[Token]:
    if isinstance(shape, Named):
        yield from _word(key, shape.words, names)
        yield from _tokens(value, shape.item, names)
        return
    yield from _word(key, tuple(shape.keys))
    place = _key(shape, key)
    if place is not None:
        yield from _tokens(value, place.shape, names)


def _word(node: Node, words: Collection[str], names: Collection[str] = ()) -> Iterator[Token]:
    if isinstance(node, Scalar) and fold(node.text) not in names:
        word = english(node.text, words)
        if word in words:
            yield Token(node, word)


def _names(node: Node, shape: Shape) -> Iterator[str]:
    """Give the names that the file defines, folded; a word that is also a name is never translated."""
    if isinstance(shape, Keys) and isinstance(node, Entries):
        for key, value in node.entries:
            place = _key(shape, key)
            if place is not None:
                yield from _names(value, place.shape)
    elif isinstance(shape, Named) and not shape.words and isinstance(node, Entries):
        yield from (fold(key.text) for key, _ in node.entries)


def _key(shape: Keys, key: Scalar) -> Key | None:
    return shape.keys.get(english(key.text, tuple(shape.keys)))


def fitting(node: Node, shapes: Collection[Shape]) -> Shape:
    """Return the shape that fits the kind of node; the first where none does."""
    for shape in shapes:
        if isinstance(node, Entries) and isinstance(shape, Keys | Named):
            return shape
        if isinstance(node, Items) and isinstance(shape, ListOf | Some):
            return shape
        if isinstance(node, Scalar) and not isinstance(shape, Keys | Named | ListOf):
            return shape
    return next(iter(shapes))
