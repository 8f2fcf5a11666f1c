"""Rules as data: a YAML file becomes frozen rules, or the program does not start.

Enters: a file of `rules/`. Leaves: rules whose patterns compile on a linear-time engine and which carry their proof.
Every scalar is read as text and typed here, a key that is unknown or given twice is an error, and an error names the
file and the rule, so that no slip of the pen can weaken a rule in silence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from detectors.build_cache import kept
from detectors.engine import judged
from detectors.interface import DetectorError

ENTITY_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
OPENING: Final = "⟦"
CLOSING: Final = "⟧"
"""In an example the wanted finding stands between these two."""

SOFT: Final = "¦"
"""Taken out of examples, where it keeps scanners of repositories from taking a made-up secret for a real one."""

EDGES: Final = ("number", "word", "none")
COMPULSORY: Final = frozenset({"id", "entity", "pattern", "edges", "score", "examples", "counterexamples"})
KEYS: Final = COMPULSORY | {"check", "context", "gate"}
CONTEXT_KEYS: Final = frozenset({"words", "within", "required", "raises"})


@dataclass(frozen=True, slots=True)
class Context:
    """Words that make a finding likelier when they stand near it."""

    words: tuple[str, ...]
    within: int = 30
    """How far away, in characters."""
    required: bool = False
    """Whether nothing is found without one of them."""
    raises: float = 0.0
    """Score with one of them, where it is higher."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern, what it finds and the proof that it does."""

    id: str
    entity: str
    pattern: str
    """RE2 syntax; a group whose name begins with `value`, where one takes part, is the finding."""
    edges: str
    """`number`: no digit beside it, not inside a longer token. `word`: no ASCII letter or digit beside it."""
    gate: str
    """RE2 that matches in whatever the pattern matches, where the pattern is dear to look for everywhere; or empty."""
    check: str
    """Name of a check, or empty."""
    context: Context | None
    score: float
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


# A dozen times faster where PyYAML was built with the C library; both read the same.
FASTEST: Final[type[yaml.BaseLoader]] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class TextLoader(FASTEST):  # type: ignore[misc, valid-type]
    """Read every scalar as text and refuse a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping, or raise `yaml.YAMLError` for a repeated key."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"`{key}` is given twice", node.start_mark)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def read_table(path: Path) -> list[Mapping[str, Any]]:
    """Return the list of mappings that a YAML file holds; raises `DetectorError` for anything else."""
    return _table(_text(path), path.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DetectorError(f"{path.name}: cannot be read: {error}") from error


def _table(text: str, name: str) -> list[Mapping[str, Any]]:
    try:
        table = yaml.load(text, TextLoader)
    except yaml.YAMLError as error:
        raise DetectorError(f"{name}: cannot be read: {error}") from error
    if not isinstance(table, list) or not all(isinstance(entry, dict) for entry in table):
        raise DetectorError(f"{name}: must be a list of entries")
    return table


def read_document(path: Path) -> Any:
    """Return what a YAML file of somebody else's format holds, typed as YAML types it; raises `DetectorError`."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DetectorError(f"{path.name}: cannot be read: {error}") from error


def load_rules(path: Path, checks: Mapping[str, Callable[[str], bool]]) -> tuple[Rule, ...]:
    """Return the rules of one file; `checks` are the names that `check:` may use. Raises `DetectorError`."""
    return read_rules(_text(path), path.name, tuple(sorted(checks)))


@kept
def read_rules(text: str, file: str, checks: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules that the text of a file holds; raises `DetectorError`."""
    rules = []
    for place, entry in enumerate(_table(text, file), start=1):
        where = f"{file}: rule {entry.get('id') or place}"
        rules.append(_rule(entry, where, checks))
    ids = [rule.id for rule in rules]
    for one in ids:
        if ids.count(one) > 1:
            raise DetectorError(f"{file}: rule {one}: this id is used twice")
    return tuple(rules)


def known_keys(entry: Mapping[str, Any], allowed: frozenset[str], compulsory: frozenset[str], where: str) -> None:
    """Raise `DetectorError` when `entry` has a key outside `allowed` or lacks one of `compulsory`."""
    for key in entry:
        if key not in allowed:
            raise DetectorError(f"{where}: unknown key `{key}`; known are {', '.join(sorted(allowed))}")
    for key in sorted(compulsory):
        if not entry.get(key):
            raise DetectorError(f"{where}: `{key}` is missing or empty")


def share(value: object, where: str, key: str) -> float:
    """Return a score from 0 to 1 read from text; raises `DetectorError`."""
    try:
        score = float(str(value))
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise DetectorError(f"{where}: `{key}` must be a number from 0 to 1")
    return score


def flag(value: object, where: str, key: str) -> bool:
    """Return `true` or `false` read from text; raises `DetectorError` for any other word."""
    if value not in ("true", "false"):
        raise DetectorError(f"{where}: `{key}` must be true or false")
    return value == "true"


def texts(value: object, where: str, key: str) -> tuple[str, ...]:
    """Return a list of non-empty texts; raises `DetectorError`."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise DetectorError(f"{where}: `{key}` must be a list of texts")
    return tuple(value)


def _rule(entry: Mapping[str, Any], where: str, checks: tuple[str, ...]) -> Rule:
    known_keys(entry, KEYS, COMPULSORY, where)
    if not ENTITY_NAME.fullmatch(str(entry["entity"])):
        raise DetectorError(f"{where}: `entity` must be capital letters, digits and underscores, 40 at most")
    if entry["edges"] not in EDGES:
        raise DetectorError(f"{where}: `edges` must be one of {', '.join(EDGES)}")
    check = str(entry.get("check", ""))
    if check and check not in checks:
        raise DetectorError(f"{where}: no check is called `{check}`; known are {', '.join(checks)}")
    pattern, gate = str(entry["pattern"]), str(entry.get("gate", ""))
    judged(gate, where)
    if judged(pattern, where).needs_nothing:
        raise DetectorError(f"{where}: the pattern matches nothing at all")
    examples = texts(entry["examples"], where, "examples")
    for example in examples:
        if example.count(OPENING) != 1 or example.count(CLOSING) != 1:
            raise DetectorError(f"{where}: mark what is to be found in each example as {OPENING}…{CLOSING}")
    return Rule(
        id=str(entry["id"]),
        entity=str(entry["entity"]),
        pattern=pattern,
        edges=str(entry["edges"]),
        gate=gate,
        check=check,
        context=_context(entry["context"], where) if "context" in entry else None,
        score=share(entry["score"], where, "score"),
        examples=examples,
        counterexamples=texts(entry["counterexamples"], where, "counterexamples"),
    )


def _context(entry: object, where: str) -> Context:
    if not isinstance(entry, dict):
        raise DetectorError(f"{where}: `context` must be a mapping")
    known_keys(entry, CONTEXT_KEYS, frozenset({"words"}), f"{where}: context")
    within = str(entry.get("within", "30"))
    if not within.isascii() or not within.isdigit() or not 1 <= int(within) <= 500:
        raise DetectorError(f"{where}: `within` must be a whole number from 1 to 500")
    return Context(
        words=texts(entry["words"], where, "words"),
        within=int(within),
        required=flag(entry.get("required", "false"), where, "required"),
        raises=share(entry.get("raises", "0"), where, "raises"),
    )
