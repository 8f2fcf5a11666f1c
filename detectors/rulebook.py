"""Rules as data: a YAML file becomes frozen rules, or the program does not start.

Enters: a file of `rules/`. Leaves: rules whose patterns compile on a linear-time engine and which carry their proof.
Every scalar is read as text and typed here, a key that is unknown or given twice is an error, and an error names the
file, the line and the rule, so that no slip of the pen can weaken a rule in silence. All slips of a file are told at
once, a line each.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from detectors.build_cache import kept
from detectors.engine import Verdict, verdict
from detectors.interface import DetectorError
from detectors.slips import Slips, Where, meant, unread

ENTITY_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
OPENING: Final = "⟦"
CLOSING: Final = "⟧"
MARKED: Final = re.compile(f"{OPENING}([^{OPENING}{CLOSING}]+){CLOSING}")
"""In an example the wanted finding stands between these two."""

SOFT: Final = "¦"
"""Taken out of examples, where it keeps scanners of repositories from taking a made-up secret for a real one."""

EDGES: Final = ("number", "word", "none")
COMPULSORY: Final = frozenset({"id", "entity", "pattern", "edges", "score", "examples", "counterexamples"})
KEYS: Final = COMPULSORY | {"check", "context", "gate", "unless"}
HABITS: Final[Mapping[str, str]] = {
    other: key
    for key, others in {
        "id": "name rule 编号 名称 规则",
        "entity": "type label class 实体 类型 标签",
        "pattern": "regex regexp expression match 正则 正则表达式 模式 匹配",
        "edges": "edge boundary boundaries 边界",
        "score": "confidence weight 得分 分数 置信度",
        "examples": "example tests positives 例子 示例 样例 正例",
        "counterexamples": "counterexample negatives 反例",
        "check": "checksum validator validate 校验",
        "context": "near nearby 上下文 附近",
        "unless": "except exclude not_after 除非 排除",
        "words": "keywords terms 词 词语 关键词",
        "within": "distance window 距离 范围",
        "required": "must mandatory 必须 必需 必填",
        "raises": "boost raise 提高 加分",
    }.items()
    for other in others.split()
}
"""What people who know other tools, or write Chinese, call a key."""

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
    unless: tuple[str, ...] = ()
    """Words right before a match by which it is something else, as an IMEI is no bank card."""


# A dozen times faster where PyYAML was built with the C library; both read the same.
FASTEST: Final[type[yaml.BaseLoader]] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Entry(dict[Any, Any]):
    """A mapping of a file, which knows on which line it begins and which of its keys stand twice."""

    line: int = 0
    twice: tuple[tuple[str, int], ...] = ()
    """Key and line of each that stands there a second time."""


class TextLoader(FASTEST):  # type: ignore[misc, valid-type]
    """Load every scalar as text, and remember the line of each mapping and its duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Entry:  # noqa: ARG002
        """Return the mapping with its place; of a repeated key the first value."""
        mapping = Entry()
        mapping.line = node.start_mark.line + 1
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            if key in mapping:
                mapping.twice = (*mapping.twice, (key, key_node.start_mark.line + 1))
            else:
                mapping[key] = self.construct_object(value_node, deep=True)
        return mapping


def read_table(path: Path) -> Sequence[Entry]:
    """Return the list of mappings that a YAML file holds; raises `DetectorError` for anything else."""
    slips = Slips()
    table = _table(_text(path), path.name, slips)
    slips.stop()
    return table


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise unread(path.name, error) from error


def _table(text: str, name: str, slips: Slips) -> Sequence[Entry]:
    """Return the list of mappings that a YAML text holds, and tell each key that stands twice and each odd entry."""
    try:
        table = yaml.load(text, TextLoader)
    except yaml.YAMLError as error:
        raise unread(name, error) from error
    if not isinstance(table, list):
        raise DetectorError(
            f"{name}: must be a list of entries, each beginning with a dash",
            f"{name}：必须是列表，每一项以短横线（-）开头",
        )
    for place, entry in enumerate(table, start=1):
        if not isinstance(entry, Entry):
            slips.add(
                Where(name, name).wrong(f"entry {place} must have keys and values", f"第 {place} 项必须由键和值组成")
            )
    for key, line in (twice for entry in table for twice in _twice(entry)):
        slips.add(_at(name, line).wrong(f"`{key}` is given twice; keep one", f"`{key}` 写了两次；请只留一个"))
    return [entry for entry in table if isinstance(entry, Entry)]


def _twice(value: Any) -> Iterable[tuple[str, int]]:
    if isinstance(value, Entry):
        yield from value.twice
        for one in value.values():
            yield from _twice(one)
    elif isinstance(value, list):
        for one in value:
            yield from _twice(one)


def read_document(path: Path) -> Any:
    """Return what a YAML file of somebody else's format holds, typed as YAML types it; raises `DetectorError`."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise unread(path.name, error) from error


def load_rules(path: Path, checks: Mapping[str, Callable[[str], bool]], taken: Container[str] = ()) -> tuple[Rule, ...]:
    """Return the rules of one file; `checks` are the names that `check:` may use, `taken` ids of rules of Sluice.

    Raises `DetectorError`, which tells every slip in the file on a line of its own.
    """
    text, names = _text(path), tuple(sorted(checks))
    return _rules(text, path.name, names, taken) if taken else read_rules(text, path.name, names)


@kept
def read_rules(text: str, file: str, checks: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules that the text of a file holds; raises `DetectorError`."""
    return _rules(text, file, checks, ())


def _rules(text: str, file: str, checks: Sequence[str], taken: Container[str]) -> tuple[Rule, ...]:
    slips, rules = Slips(), []
    first: dict[str, int] = {}
    for place, entry in enumerate(_table(text, file, slips), start=1):
        name = str(entry.get("id") or place)
        at = _at(file, entry.line)
        where = Where(f"{at.en}: rule {name}", f"{at.zh}：规则 {name}")
        if name in first:
            slips.add(
                where.wrong(
                    f"this id is used twice, first in line {first[name]}; give each rule its own",
                    f"此 id 用了两次，第一次在第 {first[name]} 行；请给每条规则各取一个",
                )
            )
        first.setdefault(name, entry.line)
        if name in taken:
            slips.add(
                where.wrong(
                    "a rule of Sluice has this id; give this one another", "Sluice 自带的规则已用此 id；请换一个"
                )
            )
        with slips:
            rules.append(_rule(entry, where, checks))
    slips.stop()
    return tuple(rules)


def known_keys(entry: Mapping[str, Any], allowed: frozenset[str], compulsory: frozenset[str], where: Where) -> None:
    """Raise `DetectorError` when `entry` has keys outside `allowed` or lacks some of `compulsory`."""
    slips, known = Slips(), sorted(allowed)
    for key in entry:
        if key not in allowed:
            en, zh = meant(str(key), known, HABITS)
            slips.add(
                where.wrong(
                    f"unknown key `{key}`; {en}known are {', '.join(known)}",
                    f"没有 `{key}` 这个键；{zh}可以写的有 {'、'.join(known)}",
                )
            )
    for key in sorted(compulsory):
        if not entry.get(key):
            slips.add(where.wrong(f"`{key}` is missing or empty", f"缺少 `{key}` 或其为空"))
    slips.stop()


def share(value: object, where: Where, key: str) -> float:
    """Return a score from 0 to 1 read from text; raises `DetectorError`."""
    try:
        score = float(str(value))
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise where.wrong(f"`{key}` must be a number from 0 to 1", f"`{key}` 必须是 0 到 1 之间的数")
    return score


def flag(value: object, where: Where, key: str) -> bool:
    """Return `true` or `false` read from text; raises `DetectorError` for any other word."""
    if value not in ("true", "false"):
        raise where.wrong(f"`{key}` must be true or false", f"`{key}` 必须是 true 或 false")
    return value == "true"


def texts(value: object, where: Where, key: str) -> tuple[str, ...]:
    """Return a list of non-empty texts; raises `DetectorError`."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise where.wrong(f"`{key}` must be a list of texts", f"`{key}` 必须是文本的列表")
    return tuple(value)


def _at(file: str, line: int) -> Where:
    return Where(f"{file}:{line}", f"{file} 第 {line} 行")


def _judged(pattern: str, where: Where) -> Verdict:
    """Return what the engine says of a pattern; raises `DetectorError` for one that does not compile."""
    found = verdict(pattern)
    if found.reason:
        raise where.wrong(f"bad pattern: {found.reason}", f"正则表达式有误：{found.chinese}")
    return found


def _rule(entry: Mapping[str, Any], where: Where, checks: Sequence[str]) -> Rule:
    """Return one rule; raises `DetectorError` with all that is wrong with it."""
    slips = Slips()
    with slips:
        known_keys(entry, KEYS, COMPULSORY, where)
    said = {key: str(value) for key, value in entry.items() if value}
    if "entity" in said and not ENTITY_NAME.fullmatch(said["entity"]):
        slips.add(
            where.wrong(
                "`entity` must be capital letters, digits and underscores, 40 at most",
                "`entity` 只能由大写字母、数字和下划线组成，最多 40 个字符",
            )
        )
    if "edges" in said and said["edges"] not in EDGES:
        slips.add(where.wrong(f"`edges` must be one of {', '.join(EDGES)}", f"`edges` 必须是 {'、'.join(EDGES)} 之一"))
    check = said.get("check", "")
    if check and check not in checks:
        en, zh = meant(check, checks)
        slips.add(
            where.wrong(
                f"no check is called `{check}`; {en}known are {', '.join(checks)}",
                f"没有名为 `{check}` 的校验；{zh}可以写的有 {'、'.join(checks)}",
            )
        )
    with slips:
        _judged(said.get("gate", ""), where.under("gate"))
    with slips:
        if "pattern" in said and _judged(said["pattern"], where).needs_nothing:
            raise where.wrong(
                "the pattern matches nothing at all, so it would match everywhere; ask for a character",
                "此正则表达式连空文本也匹配，因而处处都会命中；请至少要求一个字符",
            )
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    score, context = 0.0, None
    with slips:
        examples = texts(entry["examples"], where, "examples") if "examples" in said else ()
    for number, example in enumerate(examples, start=1):
        if not MARKED.search(example) or not {OPENING, CLOSING}.isdisjoint(MARKED.sub("", example)):
            slips.add(
                where.wrong(
                    f"example {number}: mark what is to be found in each example as {OPENING}…{CLOSING}",
                    f"第 {number} 个例子：请在每个例子中用 {OPENING}…{CLOSING} 标出应识别的内容",
                )
            )
    with slips:
        counterexamples = texts(entry["counterexamples"], where, "counterexamples") if "counterexamples" in said else ()
    with slips:
        unless = texts(entry["unless"], where, "unless") if "unless" in said else ()
    with slips:
        score = share(entry["score"], where, "score") if "score" in said else 0.0
    with slips:
        context = _context(entry["context"], where) if "context" in entry else None
    slips.stop()
    return Rule(
        id=said["id"],
        entity=said["entity"],
        pattern=said["pattern"],
        edges=said["edges"],
        gate=said.get("gate", ""),
        check=check,
        context=context,
        score=score,
        examples=examples,
        counterexamples=counterexamples,
        unless=unless,
    )


def _context(entry: object, where: Where) -> Context:
    if not isinstance(entry, dict):
        raise where.wrong("`context` must be a mapping", "`context` 必须由键和值组成")
    slips = Slips()
    words: tuple[str, ...] = ()
    required, raises = False, 0.0
    with slips:
        known_keys(entry, CONTEXT_KEYS, frozenset({"words"}), where.under("context"))
    within = str(entry.get("within", "30"))
    if not within.isascii() or not within.isdigit() or not 1 <= int(within) <= 500:
        slips.add(where.wrong("`within` must be a whole number from 1 to 500", "`within` 必须是 1 到 500 之间的整数"))
    with slips:
        words = texts(entry["words"], where, "words") if entry.get("words") else ()
    with slips:
        required = flag(entry.get("required", "false"), where, "required")
    with slips:
        raises = share(entry.get("raises", "0"), where, "raises")
    slips.stop()
    return Context(words=words, within=int(within), required=required, raises=raises)
