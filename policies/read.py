"""From nodes to typed values: keys that are known, words of a list, names, texts, times.

Enters: nodes of `policies.source`. Leaves: values, or None where something is wrong; what is wrong goes to the
`Report`, with the nearest valid word, and reading goes on, so that one run shows all mistakes.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from detectors.entities import ENTITIES
from policies import messages, phrases
from policies.decision import Text
from policies.model import Mark, fold
from policies.problem import Report, key_of, nearest, say
from policies.recognise import offer
from policies.source import Entries, Items, Node, Scalar
from policies.words import alias, canonical

LONGEST_NAME = 100
LONGEST_TEXT = 4000
WORDS_LISTED = 12

QUOTES = ("“", "”", "‘", "’", "「", "『", "＂")
"""Quotation marks that YAML does not know."""

HABITS: Mapping[str, tuple[str, ...]] = {
    "deny": ("forbidden", "forbid", "verdict"),
    "block": ("forbidden", "forbid", "verdict"),
    "permit": ("allowed", "allow"),
    "pass": ("allowed", "allow"),
    "approval": ("authorized",),
    "action": ("verdict",),
    "class": ("verdict",),
    "timezone": ("time_zone",),
    "tz": ("time_zone",),
    "default": ("otherwise",),
    "all": ("any",),
    "*": ("any",),
} | {
    other: words
    for others, words in {
        "replace redaction anonymize anonymise desensitize mask hide remove": ("redact",),
        "替换 脱敏 打码 屏蔽 匿名 匿名化 遮盖 删除 隐藏": ("redact",),
        "拦截 阻断 阻止 拒绝 不允许": ("forbidden", "forbid", "verdict"),
        "放行 通过 可以": ("allowed", "allow"),
        "动作 处置 结论 判定": ("verdict",),
        "转发 转给 路由 目的地": ("route",),
        "if condition conditions match 条件 如果": ("when",),
        "exception exceptions unless 例外": ("except",),
        "message why 原因 说明": ("reason",),
        "默认 缺省 其他 其它": ("otherwise",),
        "log logging audit 日志 审计": ("record",),
        "limit limits 限额 额度": ("quota", "quotas"),
        "user users who 人 用户 员工": ("person",),
        "department team role 部门 组": ("group", "groups"),
        "schedule 时间 工作时间": ("hours",),
        "keywords dictionary words 关键词 词典 字典": ("terms",),
    }.items()
    for other in others.split()
}
"""What other tools call the same thing; spelling alone would not lead from one to the other."""

HALF = 0.5
"""How alike Chinese words must be for one to be a slip of the other: most have two characters."""
NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)
FLAGS: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False}


class Reader:
    """Reads nodes of one source."""

    def __init__(self, report: Report, own_entities: Collection[str] = ()) -> None:
        """Take where mistakes go, and the entities that only detectors of the company's own find."""
        self.report = report
        self.entities = tuple(dict.fromkeys((*ENTITIES, *sorted(own_entities))))
        """All entities that can be named."""

    def fields(self, node: Node, what: Text, keys: Collection[str], needed: Iterable[str] = ()) -> dict[str, Node]:
        """Return the values of a mapping whose keys must all be among `keys`, and hold all `needed`."""
        values: dict[str, Node] = {}
        meant: set[str] = set()
        places: dict[str, Mark] = {}
        for key, value in self.entries(node, what):
            word = canonical(key.text, keys)
            if word in values:
                twice = say(messages.TWICE, word=key.text, line=str(places[word].line))
                self.report.add(key.mark, twice, messages.REMOVE_IT)
            elif word in keys:
                values[word], places[word] = value, key.mark
            else:
                self._unknown_key(key, what, keys)
                meant.add(likely(re.split("[:：]", key.text)[0], keys))
        if isinstance(node, Entries) or blank(node):
            for each in needed:
                if each not in values.keys() | meant:
                    hint = messages.WRITE_OTHERWISE if each == "otherwise" else None
                    self.report.add(node.mark, say(messages.MISSING_KEY, what=what, word=key_of(each)), hint)
        return {key: value for key, value in values.items() if self._filled(key, value)}

    def entries(self, node: Node, what: Text) -> tuple[tuple[Scalar, Node], ...]:
        """Return keys and values of a mapping; a blank counts as an empty one."""
        if isinstance(node, Entries):
            return node.entries
        if isinstance(node, Scalar) and not node.blank and self._colon(node):
            return ()
        if isinstance(node, Items | Scalar) and not blank(node):
            self.report.add(node.mark, say(messages.WANT_MAPPING, what=what), messages.USE_COLON)
        return ()

    def items(self, node: Node, what: Text) -> tuple[Node, ...]:
        """Return the nodes of a list."""
        if isinstance(node, Items):
            return node.items
        if isinstance(node, Scalar | Entries) and not blank(node):
            self.report.add(node.mark, say(messages.WANT_LIST, what=what))
        return ()

    def scalar(self, node: Node, what: Text) -> Scalar | None:
        """Return the node if it is one piece of text."""
        if isinstance(node, Scalar):
            return node
        if isinstance(node, Items | Entries):
            self.report.add(node.mark, say(messages.WANT_WORD, what=what))
        return None

    def names(self, node: Node, what: Text) -> Iterator[tuple[str, Mark]]:
        """Give the names of a list, or the only one where there is no list."""
        if isinstance(node, Items) and not node.items:
            self.report.add(node.mark, messages.EMPTY_LIST)
        for each in node.items if isinstance(node, Items) else (node,):
            scalar = self.scalar(each, what)
            name = self.name(scalar) if scalar else None
            if name is not None:
                yield name, each.mark

    def name(self, scalar: Scalar) -> str | None:
        """Return a name in NFC; refuses what is empty, endless, invisible or typed with a Chinese comma for a comma."""
        name = unicodedata.normalize("NFC", scalar.text)
        problem: tuple[Text, Text | None] | None = None
        if not name.strip():
            problem = messages.EMPTY_NAME, None
        elif len(name) > LONGEST_NAME:
            problem = say(messages.TOO_LONG, most=str(LONGEST_NAME)), None
        elif name.strip("\u3000 ") != name:
            problem = messages.WIDE_SPACE, messages.USE_SPACE
        elif hidden := next((each for each in name if not each.isprintable()), ""):
            problem = say(messages.INVISIBLE, code=f"U+{ord(hidden):04X}", word=name), messages.RETYPE
        elif scalar.plain and name[0] in QUOTES:
            problem = say(messages.WIDE_QUOTES, word=name), messages.USE_QUOTES
        elif scalar.plain and (re.search(r",\s", name) or name[0] in "【〔"):
            problem = say(messages.NO_BRACKETS, word=name), messages.USE_BRACKETS
        elif scalar.plain and any(each in name for each in "，、"):
            problem = say(messages.WIDE_COMMA, word=name), messages.USE_COMMA
        elif scalar.plain and "：" in name:
            problem = say(messages.WIDE_COLON, word=name), messages.USE_COLON
        if problem:
            self.report.add(scalar.mark, *problem)
            return None
        return name

    def word(self, node: Node, what: Text, choices: Collection[str]) -> str | None:
        """Return one of the words of `choices`."""
        scalar = self.scalar(node, what)
        if scalar is None:
            return None
        word = canonical(scalar.text, choices)
        if word in choices:
            return word
        self.refuse_word(scalar.text, scalar.mark, what, choices)
        return None

    def flag(self, node: Node, what: Text) -> bool:
        """Return whether the node says yes; False, too, where it says neither."""
        word = self.word(node, what, tuple(FLAGS))
        return FLAGS[word] if word else False

    def number(self, node: Node, what: Text, least: int, most: int) -> int | None:
        """Return a whole number in digits, from `least` to `most`."""
        scalar = self.scalar(node, what)
        if scalar is None:
            return None
        if NUMBER.fullmatch(scalar.text) and least <= int(scalar.text) <= most:
            return int(scalar.text)
        hint = say(phrases.WRITE_NUMBER, least=str(least), most=str(most))
        self.report.add(scalar.mark, say(phrases.BAD_NUMBER, word=scalar.text, what=what), hint)
        return None

    def words(self, node: Node, what: Text, choices: Collection[str], besides: Text | None = None) -> frozenset[str]:
        """Return words of `choices`, from a list or a single word; any other is a mistake, with `besides` as hint."""
        chosen = [(canonical(word, choices), mark) for word, mark in self.names(node, what)]
        for word, mark in chosen:
            if word not in choices:
                self.refuse_word(word, mark, what, choices, besides)
        return frozenset(word for word, _ in chosen if word in choices)

    def refuse_word(
        self, word: str, mark: Mark, what: Text, choices: Collection[str], besides: Text | None = None
    ) -> None:
        """Report a word that is none of `choices`; `besides` follows the nearest one."""
        if self._look_alike(word, mark):
            return
        hint = suggest(word, choices)
        if besides is not None:
            hint = Text(f"{hint.en} {besides.en}".strip(), hint.zh + besides.zh)
        self.report.add(mark, say(messages.UNKNOWN_WORD, word=word, what=what), hint)

    def refuse_name(
        self,
        name: str,
        mark: Mark,
        what: Text,
        known: Collection[str],
        hint: Text | None = None,
        *,
        chosen: bool = False,
    ) -> None:
        """Report a reference to something that nothing in the policy defines; see `suggest` for `chosen`."""
        meant = nearest(name, known)
        advice = say(messages.DID_YOU_MEAN, word=meant) if meant else hint
        self.report.add(
            mark, say(messages.UNKNOWN_NAME, word=name, what=what), advice or suggest(name, known, chosen=chosen)
        )

    def refuse_service(self, name: str, mark: Mark, what: Text, known: Collection[str]) -> None:
        """Report a service that is none of `known`; the hint offers every one that the name may mean."""
        if self._look_alike(name, mark):
            return
        habits = any(each in known for each in HABITS.get(fold(name), ()))
        offered = "" if habits else offer(name, known)
        hint = say(messages.MAY_BE, words=Text(offered, offered)) if offered else suggest(name, known)
        told = hint if hint.en or not known else messages.LIST_SERVICES
        self.report.add(mark, say(messages.UNKNOWN_NAME, word=name, what=what), told)

    def text(self, node: Node, what: Text) -> Text:
        """Return a text in both languages: one string for both, or `zh` and `en`."""
        if isinstance(node, Scalar):
            written = self._sentence(node)
            return Text(written, written)
        fields = self.fields(node, messages.TEXTS, ("zh", "en"))
        scalars = {key: self.scalar(value, what) for key, value in fields.items()}
        said = {key: self._sentence(scalar) for key, scalar in scalars.items() if scalar}
        return Text(said.get("en", ""), said.get("zh", ""))

    def line(self, node: Node, what: Text) -> str:
        """Return one text that is not translated."""
        scalar = self.scalar(node, what)
        return self._sentence(scalar) if scalar else ""

    def _sentence(self, scalar: Scalar) -> str:
        text = unicodedata.normalize("NFC", scalar.text.strip())
        hidden = next((each for each in text if not each.isprintable() and each not in "\n\u200d\u3000"), "")
        if hidden:
            code = f"U+{ord(hidden):04X}"
            self.report.add(scalar.mark, say(messages.BAD_CHARACTER, code=code), messages.REMOVE_IT)
        if len(text) > LONGEST_TEXT:
            self.report.add(scalar.mark, say(messages.TOO_LONG, most=str(LONGEST_TEXT)))
        return text

    def _filled(self, key: str, value: Node) -> bool:
        if blank(value) and key not in MAY_BE_BLANK:
            self.report.add(value.mark, say(messages.NO_VALUE, word=key_of(key)))
            return False
        return True

    def _unknown_key(self, key: Scalar, what: Text, keys: Collection[str]) -> None:
        if not self._colon(key) and not self._look_alike(key.text, key.mark):
            self.report.add(key.mark, say(messages.UNKNOWN_KEY, word=key.text, what=what), suggest(key.text, keys))

    def _colon(self, scalar: Scalar) -> bool:
        """Report a word in which a colon was meant to part key and value."""
        wide, narrow = scalar.text.find("：") + 1, scalar.text.find(":") + 1
        if not scalar.plain or not (wide or narrow):
            return False
        message = messages.WIDE_COLON if wide else messages.GLUED_COLON
        if not wide and scalar.text.startswith("\u3000", narrow):
            message = messages.WIDE_SPACE_AFTER
        place = replace(scalar.mark, column=scalar.mark.column + (wide or narrow) - 1)
        on_first_line = "\n" not in scalar.text and " " not in scalar.text[: wide or narrow]
        self.report.add(place if on_first_line else scalar.mark, say(message, word=scalar.text), messages.USE_COLON)
        return True

    def _look_alike(self, word: str, mark: Mark) -> bool:
        """Report a letter of another alphabet among Latin ones."""
        if not any(each.isascii() and each.isalpha() for each in word):
            return False
        for each in word:
            if unicodedata.name(each, "").startswith(("CYRILLIC", "GREEK")):
                code = f"U+{ord(each):04X}"
                self.report.add(mark, say(messages.LOOK_ALIKE, word=word, code=code), messages.RETYPE)
                return True
        return False


MAY_BE_BLANK = frozenset({"hours", "groups", "services", "data_classes", "notices", "quotas"})
"""Sections in which nothing need be written."""


def blank(node: Node) -> bool:
    """Tell whether nothing is written there."""
    return isinstance(node, Scalar) and node.blank


def suggest(word: str, choices: Collection[str], *, chosen: bool = False) -> Text:
    """Return a hint with the nearest of `choices`, and with all of them where they are few.

    Who writes Chinese hears their Chinese names, but not where people have `chosen` them: nothing else leads to these.
    """
    if not choices:
        return messages.NONE_DEFINED
    meant = likely(word, choices)
    as_they_are = chosen or fold(word).isascii()
    shown = meant if as_they_are else alias(meant)
    listed = choices if as_they_are else [alias(each) for each in choices]
    few = Text(", ".join(choices), "、".join(listed)) if len(choices) <= WORDS_LISTED else None
    if meant and few:
        return say(messages.DID_YOU_MEAN_OF, word=shown, words=few)
    if meant:
        return say(messages.DID_YOU_MEAN, word=shown)
    return say(messages.ONE_OF, words=few) if few else Text()


def likely(word: str, choices: Collection[str]) -> str:
    """Return the choice that others call `word`, else the one that looks most like it; or an empty string."""
    habits = [each for each in HABITS.get(fold(word), ()) if each in choices]
    return habits[0] if habits else near(word, choices)


def near(word: str, choices: Collection[str]) -> str:
    """Return the choice that looks most like `word`, which may be meant for its Chinese name; or an empty string."""
    if fold(word).isascii():
        return nearest(word, choices)
    return canonical(nearest(word, [*map(alias, choices), *choices], HALF), choices)
