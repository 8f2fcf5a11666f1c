"""The prompt that every adapter returns: a tree of JSON-like values, its parts, and the way back to bytes.

Enters: a parsed body and what the format says of its leaves. Leaves: parts, and a body with some of them changed. A
leaf is left out only by a written rule; what cannot be looked into is listed as opaque, never silently dropped.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol, runtime_checkable

from detectors.headings import heading, is_program, is_spoken
from proxy.adapters.carries import LONG_NUMBER, is_name
from proxy.adapters.chosen import is_chosen
from proxy.adapters.interface import Prompt
from proxy.adapters.pointer import INSIDE, Hop, Leaf, Skip, Steps, held, never, pointer, replace, walk, words_in
from proxy.adapters.sealed import TEXTS, UNMARKED, is_sealed, mark_of
from proxy.adapters.wrapped import data_in, declared_type, wrap_data
from proxy.exchange import Field, Part, Role
from proxy.wire import json_text

TOKEN: Final = re.compile(r"[A-Za-z0-9._:/@+-]*")
"""What an ignored leaf must look like: a client that writes prose into `role` has that prose read."""

SCHEMA_WORD: Final = re.compile(r"[$@_]?[a-z][A-Za-z_-]{0,39}[0-9]{0,3}")
"""A key that is a field's name of some interface, not a person's word; all other keys are parts."""

SCHEMA_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
"""The seven values of `type` in JSON Schema, by the hundred in every list of tools."""

CALLED: Final = ("filename", "file_name", "fileName", "displayName", "display_name", "title", "name")
"""Keys beside encoded data under which its name stands."""

TYPED: Final = ("media_type", "mimeType", "mime_type", "mediaType", "content_type")
"""And its media type."""

NOTHING: Final[Mapping[int, bytes]] = MappingProxyType({})

type Shape = tuple[str | int, ...]
"""A path with each index as 0."""


def shapes(*patterns: str) -> frozenset[Shape]:
    """Return the shapes of pointers in which `*` stands for any index of an array."""
    return frozenset(tuple(0 if step == "*" else step for step in one.split("/")[1:]) for one in patterns)


def other(_path: Steps) -> Role:
    """Return the role of text that belongs to no message."""
    return "other"


def nothing(_leaf: Leaf, _name: str) -> bool:
    """Leave nothing out."""
    return False


def unnamed(_path: Steps) -> str:
    """Name nothing."""
    return ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a wire format says of the leaves of its bodies."""

    ignored: frozenset[Shape] = frozenset()
    """Leaves that are the interface's own words: read nevertheless unless they are a name, an id or a small number."""
    signed: Skip = never
    """Objects of an assistant that must go back unchanged (signed reasoning): their text is scanned; data in them that
    cannot be read is taken for the signature."""
    role: Callable[[Steps], Role] = other
    """Who wrote the leaf at a path."""
    sealed: bool = True
    """Whether encoded data counts as not inspected; otherwise it is taken for a token and scanned as text."""
    keyed: bool = True
    """Whether the body's own keys label their values, as keys do in JSON inside a text."""
    chosen: bool = True
    """Whether the body is that of an interface for programs, which leaves some keys to whoever asks (`chosen`): what is
    called a token or a key there is no token of a page."""
    unread: Callable[[Leaf, str], bool] = nothing
    """Leaves, with the names they stand under, that must arrive as they are, unread: by which somebody signs in."""

    def reads(self, leaf: Leaf) -> bool:
        """Return whether `leaf` is a part."""
        if leaf.kind == "key":
            return SCHEMA_WORD.fullmatch(leaf.text) is None
        if leaf.text in SCHEMA_TYPES and leaf.path[-1:] == ("type",):
            return False
        shape = tuple(0 if isinstance(step, int) else step for step in leaf.path)
        if shape not in self.ignored:
            return True
        if leaf.kind == "number":
            return sum(map(str.isdigit, leaf.text)) >= LONG_NUMBER
        return TOKEN.fullmatch(leaf.text) is None or not is_name(leaf.text)

    def label(self, tree: Any, leaf: Leaf, name: str) -> str:
        """Return what the name that `leaf` of `tree` stands under says of it; nothing where it may be a program's own.

        What programs call tokens and keys in a body of their own are theirs, without which a page does not go on.
        """
        if not INSIDE.isdisjoint(leaf.path) or SCHEMA_WORD.fullmatch(name) is None:
            return heading(name)
        own = not self.keyed or (is_program(name) and not (self.chosen and is_chosen(tree, leaf.path)))
        return "" if own else heading(name)


@dataclass(frozen=True, slots=True)
class File:
    """A file that a request carries: listed as opaque, for an adapter does not look into it."""

    pointer: str
    name: str = field(repr=False)
    """What the client calls it, or empty."""
    kind: str
    """The media type that the client gives it, or empty."""
    data: bytes = field(repr=False)
    path: Steps = field(repr=False)
    """Where it stands in the tree."""
    role: Role = "other"


@runtime_checkable
class Carrier(Prompt, Protocol):
    """A prompt that may carry files, and can be written with other bytes in their places."""

    @property
    def files(self) -> Sequence[File]:
        """The files whose bytes are known; each stands in `opaque`, too."""
        ...

    def rewrite(self, texts: Sequence[str], contents: Mapping[int, bytes] = NOTHING) -> bytes:
        """Return the body with part *i* reading `texts[i]`, and file *i* being `contents[i]` where it is given."""
        ...


@dataclass(frozen=True, slots=True)
class TreePrompt:
    """A request body, read; see `proxy.adapters.interface.Prompt`."""

    body: bytes = field(repr=False)
    tree: Any = field(repr=False)
    paths: tuple[Steps, ...] = field(repr=False)
    """Where the parts stand, in the same order."""
    parts: tuple[Part, ...]
    opaque: tuple[str, ...]
    encode: Callable[[Any], bytes] = field(repr=False)
    """Writes the tree, some of it changed, as a body."""
    model: str = ""
    stream: bool = False
    files: tuple[File, ...] = ()

    def rewrite(self, texts: Sequence[str], contents: Mapping[int, bytes] = NOTHING) -> bytes:
        """Return the body with part *i* reading `texts[i]`, and file *i* being `contents[i]` where it is given.

        These are the very same bytes if nothing changed. Raises `WireError` if two keys of one object become the same.
        """
        changes: dict[Steps, Any] = {
            path: text for path, part, text in zip(self.paths, self.parts, texts, strict=True) if text != part.text
        }
        for number, data in contents.items():
            path = self.files[number].path
            like = value_at(self.tree, path)
            changes[path] = wrap_data(like, data) if isinstance(like, str) else data
        return self.encode(replace(self.tree, changes)) if changes else self.body


def read_tree(
    body: bytes,
    tree: Any,
    rules: Rules,
    encode: Callable[[Any], bytes],
    *,
    name: Callable[[Steps], str] = pointer,
    named: Callable[[Steps], str] = unnamed,
    opaque: Sequence[str] = (),
    files: Sequence[File] = (),
) -> TreePrompt:
    """Return the prompt in `tree`; `name` writes the pointers, `named` knows what leaves under no key are called.

    `opaque` is what was already not looked into, and `files` are those of them whose bytes are known.
    """
    read: list[tuple[Leaf, str, str]] = []
    closed: list[str] = list(opaque)
    carried: list[File] = list(files)
    signed: dict[Steps, str] = {}

    def notice(path: Steps, value: Mapping[str, Any]) -> bool:
        if rules.signed(path, value) and rules.role(path) == "assistant":
            signed[path] = mark_of(value)
        return False

    for leaf in walk(tree, skip=notice):
        bound = mark_at(leaf.path, signed) if signed else ""
        if bound and is_sealed(leaf.text):
            continue
        under = "" if leaf.kind == "key" else leaf.name or named(leaf.path)
        if rules.unread(leaf, under):
            continue
        if leaf.kind == "blob" and rules.sealed:
            closed.append(name(leaf.path))
            if (data := data_in(leaf.text)) is not None:
                called, kind = described(tree, leaf)
                carried.append(File(closed[-1], called, kind, data, leaf.path, rules.role(leaf.path)))
        elif rules.reads(leaf):
            read.append((leaf, under, bound))
    return TreePrompt(
        body=body,
        tree=tree,
        paths=tuple(leaf.path for leaf, _, _ in read),
        parts=tuple(part_of(tree, leaf, under, rules, name(leaf.path), bound) for leaf, under, bound in read),
        opaque=tuple(closed),
        encode=encode,
        model=text_at(tree, "model"),
        stream=isinstance(tree, dict) and tree.get("stream") is True,
        files=tuple(carried),
    )


def mark_at(path: Steps, signed: Mapping[Steps, str]) -> str:
    """Return the mark of the signed object that a leaf at `path` stands in; of one beside what is signed, no real one.

    Nothing is returned for what stands in none.
    """
    for end in range(len(path)):
        if (found := signed.get(path[:end])) is not None:
            return found if found and path[end] in TEXTS else UNMARKED
    return ""


def part_of(tree: Any, leaf: Leaf, under: str, rules: Rules, place: str, signed: str = "") -> Part:
    """Return the part that a leaf is; of a description, single words are read behind the name of what it describes."""
    label = rules.label(tree, leaf, under)
    fields: tuple[Field, ...] = ()
    if label and leaf.path[-1:] == ("description",):
        label, fields = "", tuple(Field(*span, label) for span in words_in(leaf.text))
    keyed = leaf.kind == "key" or not is_spoken(under)
    return Part(place, rules.role(leaf.path), leaf.text, label=label, keyed=keyed, fields=fields, signed=signed)


def described(tree: Any, leaf: Leaf) -> tuple[str, str]:
    """Return the name and the media type that stand beside encoded data, in its object or in the one around it."""
    plain = [step for step in leaf.path if not isinstance(step, Hop)]
    around: list[Mapping[str, Any]] = []
    if len(plain) == len(leaf.path):
        around = [value for end in (-1, -2) if isinstance(value := value_at(tree, leaf.path[:end]), dict)]
    called = (value[key] for value in around for key in CALLED if isinstance(value.get(key), str))
    kinds = (value[key] for value in around for key in TYPED if isinstance(value.get(key), str))
    return next(called, ""), declared_type(leaf.text) or next(kinds, "")


def value_at(tree: Any, path: Steps) -> Any:
    """Return what stands at a path, inside strings too."""
    for step in path:
        tree = held(tree, step) if isinstance(step, Hop) else tree[step]
    return tree


def read_json(body: bytes, rules: Rules) -> TreePrompt:
    """Return the prompt in a body that is one JSON value; raises `WireError` or `TooLarge`."""
    return read_tree(body, json_text.parse(body), rules, json_text.dump)


def text_at(tree: Any, key: str) -> str:
    """Return the string under `key` of an object, or an empty string."""
    value = tree.get(key) if isinstance(tree, dict) else None
    return value if isinstance(value, str) else ""
