"""Single recognizers of Presidio, without the rest of it.

Enters: the name of a class of Presidio's pattern recognizers. Leaves: what it says of itself, as data, and its own
checks of a match. Importing all of Presidio takes longer than all else at a start, for engines that are never used
here; so a class is taken out of its own file, and only when a match of it is to be checked. Where that cannot be, all
of Presidio is imported, and it is the same class.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Final

import regex  # type: ignore[import-untyped]  # ships no types

from detectors.borrow import Borrowed, NotAlone
from detectors.build_cache import kept
from detectors.engine import Later, Which

PACKAGE: Final = "presidio_analyzer"
ALL: Final = f"{PACKAGE}.predefined_recognizers"

HOMES: Final = {
    "AnalysisExplanation": f"{PACKAGE}.analysis_explanation",
    "EntityRecognizer": f"{PACKAGE}.entity_recognizer",
    "LocalRecognizer": f"{PACKAGE}.local_recognizer",
    "Pattern": f"{PACKAGE}.pattern",
    "PatternRecognizer": f"{PACKAGE}.pattern_recognizer",
    "RecognizerResult": f"{PACKAGE}.recognizer_result",
}
"""What recognizers of patterns ask the package for, and where that is."""

BORROWED: Final = Borrowed(PACKAGE, HOMES)


OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
SURE: Final = {"IpRecognizer": re.compile(rf"{OCTET}(?:\.{OCTET}){{3}}", re.ASCII)}
"""What a recognizer by its class holds for valid, as the most of what it is asked about: its own way is a long one."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of a recognizer."""

    name: str
    regex: str
    score: float


@dataclass(frozen=True, slots=True)
class About:
    """What a recognizer says of itself."""

    kind: str
    """Its class."""
    module: str
    """Where that is; empty where it is nobody's but the caller's."""
    name: str
    entity: str
    flags: int
    """Of the engine that Presidio compiles with."""
    validates: bool
    invalidates: bool
    """Whether it has such a check of its own."""
    context: tuple[str, ...]
    patterns: tuple[Pattern, ...]


class Lent:
    """A recognizer of Presidio."""

    def __init__(self, about: About, recognizer: Any = None) -> None:
        """Take what is known of it, and the recognizer itself, if it is there already."""
        self.about: Final = about
        self.compiled: Final = [Later(partial(regex.compile, one.regex, flags=about.flags)) for one in about.patterns]
        """Its patterns, on the engine that Presidio compiles with."""
        self._which: Any = None
        self._signs: tuple[tuple[tuple[bytes, int], ...], ...] = ()
        self._recognizer = recognizer
        self._sure: Final = SURE.get(about.kind) if about.module else None
        self._lock: Final = Lock()

    def sifted(self, gates: Sequence[str], signs: Sequence[Sequence[tuple[str, int]]]) -> "Lent":
        """Take what a text must have for each of the patterns, and the signs that all of that has, each so often."""
        self._which = Later(partial(Which, gates))
        self._signs = tuple(tuple((sign.encode(), times) for sign, times in each) for each in signs)
        return self

    def which(self, skeleton: bytes) -> list[int]:
        """Return which of the patterns may match in a text; one that no sign rules out needs no closer look."""
        may = [
            place
            for place, signs in enumerate(self._signs)
            if all(skeleton.count(sign) >= times for sign, times in signs)
        ]
        if len(may) == 1 < len(self._signs):
            return may
        places: list[int] = self._which.can_match(skeleton) if may else []
        return places

    def validate_result(self, value: str) -> bool | None:
        """Return what its check digits say, if it has any."""
        if not self.about.validates:
            return None
        valid: bool | None = self._own().validate_result(value)
        return valid

    def invalidate_result(self, value: str) -> bool | None:
        """Return whether it knows the value for something else."""
        if not self.about.invalidates or (self._sure and self._sure.fullmatch(value)):
            return None
        invalid: bool | None = self._own().invalidate_result(value)
        return invalid

    def _own(self) -> Any:
        with self._lock:
            if self._recognizer is None:
                self._recognizer = _class(self.about.module, self.about.kind)()
            return self._recognizer


def lent(name: str) -> Lent:
    """Return a recognizer by the name of its class; raises `LookupError` where Presidio has none of that name."""
    about = described(name)
    if not about.module:
        raise LookupError(name)
    return Lent(about)


def lent_by(recognizer: Any) -> Lent:
    """Return a recognizer that somebody made."""
    return Lent(_about(recognizer, ""), recognizer)


@kept
def described(name: str) -> About:
    """Return what the recognizer of a class says of itself; without a module where Presidio has none of that name."""
    module = _modules().get(name, ALL)
    kind = _class(module, name)
    if kind is None:
        return About(name, "", "", "", 0, False, False, (), ())
    return _about(kind(), str(kind.__module__))


def _about(recognizer: Any, module: str) -> About:
    kind: Any = type(recognizer)
    base = next(one for one in kind.__mro__ if one.__name__ == "PatternRecognizer")
    return About(
        kind=kind.__name__,
        module=module,
        name=str(recognizer.name),
        entity=str(recognizer.supported_entities[0]),
        flags=int(recognizer.global_regex_flags),
        validates=kind.validate_result is not base.validate_result,
        invalidates=kind.invalidate_result is not base.invalidate_result,
        context=tuple(recognizer.context or ()),
        patterns=tuple(Pattern(str(one.name), str(one.regex), float(one.score)) for one in recognizer.patterns),
    )


def _class(module: str, name: str) -> Any:
    """Return the class of this name if it is a recognizer of patterns, from its own file where that goes."""
    if module != ALL:
        try:
            base = vars(BORROWED.module(HOMES["PatternRecognizer"]))["PatternRecognizer"]
            kind = getattr(BORROWED.module(module), name)
            return kind if issubclass(kind, base) else None
        except (NotAlone, AttributeError):
            pass
    whole = import_module(ALL)
    kind = getattr(whole, name, None)
    base = import_module(PACKAGE).PatternRecognizer
    return kind if isinstance(kind, type) and issubclass(kind, base) else None


@cache
def _modules() -> dict[str, str]:
    """Return the module of each class that Presidio's package of recognizers imports, read from its text."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return {}
    source = Path(spec.origin).parent / ALL.rpartition(".")[2] / "__init__.py"
    try:
        return dict(_imported(ast.parse(source.read_bytes())))
    except (OSError, SyntaxError):
        return {}


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.util.resolve_name("." * node.level + node.module, ALL) if node.level else node.module
            for alias in node.names:
                if alias.asname is None:
                    yield alias.name, module
