"""The reference of the policy language, made of its grammar: every key and word, in English and in Chinese.

Enters: a language. Leaves: a page of Markdown. Pure, but for `main`, which writes the page of each language. What a key
means is said in the grammar and nowhere here: no key of the grammar is ever missing from the page, and no other one
ever stands on it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from detectors.entities import ENTITIES
from detectors.find import DEFAULT_ENTITIES
from policies.calendar import UNITS
from policies.decision import Text
from policies.define import CATEGORIES
from policies.format import LANGUAGES, translate
from policies.grammar import POLICY, RULE, SUITE
from policies.shapes import Either, Key, Keys, Line, ListOf, Name, Named, Number, Shape, Some, Word
from policies.words import alias

PAGES: Final = {"en": "policy-reference.md", "zh": "policy-reference.zh.md"}
GUIDES: Final = {"en": "policy.md", "zh": "policy.zh.md"}
ENDLESS: Final = 10**8
"""A greatest number that nobody will reach need not be told."""

RULE_PARTS: Final = (
    (
        Text("What a rule is, and when it applies", "规则本身与何时适用"),
        ("id", "name", "verdict", "when", "except", "mode", "stage"),
    ),
    (
        Text("What a rule demands", "规则的效果"),
        ("route", "send_to", "model", "redact", "withhold", "gate", "remind", "label", "quota"),
    ),
    (
        Text("What a rule records, and what it does with what cannot be checked", "记录，以及无法检查时怎么办"),
        ("record", "unreadable", "on_error"),
    ),
    (Text("What a rule says to people", "规则对员工说的话"), ("reason", "instead", "ask")),
)
"""The keys of a rule are too many for one table; one that no part names stands in the first."""

TITLE: Final = Text("The words of a policy", "政策用词一览")
INTRO: Final = Text(
    "Every key and every word that a policy may hold. To learn how one is written, begin with the [guide]({guide}). "
    "This page is made from the program itself (`make docs` writes it anew), so it says what Sluice understands, no "
    "more and no less.",
    "政策文件里可以写的每一个键和每一个词。想学怎样写政策，请先看[指南]({guide})。"
    "本页由程序自动生成（运行 `make docs` 重新生成），与 Sluice 实际认得的内容完全一致。",
)
BOTH: Final = Text(
    "Each word may be written in English or in Chinese, and both in one file. Names that you choose are yours, in any "
    "script. `sluice policy fmt` rewrites the words of a whole file in one language.",
    "每个词都可以写中文或英文，同一个文件里也可以混用。自己起的名称用什么文字都行。"
    "`sluice policy fmt` 可以把整个文件的词统一成一种语言。",
)
FORMS_TITLE: Final = Text("How values are written", "值的写法")
FORMS: Final = (
    Text(
        "**One, or several**: `x`, or a list `[x, y]`, or one a line, each after a hyphen. Of several, one is enough.",
        "**一个或多个**：写 `x`，或列表 `[x, y]`，也可以一行一个、前面加连字符。写多个时，符合任何一个即可。",
    ),
    Text(
        "**Name**: something that you chose, or the id of a service or person. In your own names and in people's, "
        "width and case of letters do not matter.",
        "**名称**：自己起的名称，或服务编号、用户名。自己起的名称和用户名不分大小写、全半角。",
    ),
    Text(
        "**Span of time**: a whole number and a unit: {units}. A month counts as 30 days, a year as 365.",
        "**时长**：整数加单位：{units}。一个月按 30 天、一年按 365 天计。",
    ),
    Text(
        '**Time**: in quotes, as `"09:00"`. **Date**: as `2026-10-01`; from one to another: `2026-10-01..2026-10-07`.',
        '**时间**：加引号，如 `"09:00"`。**日期**：如 `2026-10-01`；连续几天写 `2026-10-01..2026-10-07`。',
    ),
    Text(
        "**Text for people**: one text, or one in each language: `{zh: …, en: …}`. Put it in quotes where it holds a "
        "colon and a blank, or inside braces a comma, or begins with a sign.",
        "**给人看的文字**：只写一段，或中英文各写一段：`{zh: …, en: …}`。"
        "文字里有英文冒号加空格、花括号里有英文逗号，或以符号开头时，请加引号。",
    ),
)
HEAD_TITLE: Final = Text("The file as a whole", "文件的各部分")
HEADER: Final = Text(
    "| word | Chinese | must | what may stand there | meaning |", "| 词 | 英文 | 必填 | 可以填什么 | 含义 |"
)
SUITE_TITLE: Final = Text("Tests in a file of their own", "单独的测试文件")
SUITE_SAID: Final = Text(
    "Beside `policy.yaml` stands `policy_test.yaml`; in a folder, any file whose name ends so.",
    "政策是 `policy.yaml`，测试就是旁边的 `policy_test.yaml`；政策是文件夹时，其中以 `_test.yaml` 结尾的文件都是测试。",
)
TAGS_TITLE: Final = Text("Tags", "标签")
TAGS_SAID: Final = Text(
    "A category of the catalogue ({words}), the operator's country in two capital letters (`CN`, `US`), or `unlisted` "
    "(`未收录`): a host that looks like an AI service and is in no catalogue.",
    "目录的类别（{words}），运营方所在国的两个大写字母（`CN`、`US`），或 `未收录`（`unlisted`）："
    "不在目录里、但看起来是 AI 服务的主机。",
)
ENTITIES_TITLE: Final = Text("What can be found", "能识别什么")
ENTITIES_SAID: Final = Text(
    "These names stand under `entities`; the English name in capitals and the Chinese one mean the same. ✓ marks what "
    "`sluice scan` looks for when nobody says what; in a policy only what you name counts. Short numbers without a "
    "check digit are found only beside a word that tells what they are. Names of persons, organisations and places, "
    "and addresses, are found by models, which miss some and take other words for some. What rules and models of the "
    "company's own find may be named as well, once the settings list them under `detection`.",
    "以下名称写在“实体”（`entities`）里，大写英文名和中文名都可以。✓ 表示 `sluice scan` 在没有指定时会查找；"
    "政策里只查您写明的。没有校验位的短号码，只有旁边有说明它是什么的词时才会识别。"
    "人名、机构名、地名和地址由模型识别，会有遗漏，也会误认。公司自己的规则和模型能识别的，"
    "写进设置的 `detection` 之后也可以写在这里。",
)
ENTITIES_HEADER: Final = Text("| entity | English | 中文 | default |", "| 实体 | English | 中文 | 默认 |")

VALUE: Final = Text(" It holds: ", "写法：")
FULL_STOP: Final = Text(".", "。")
LINKS: Final = {
    "entity": Text("[entity](#what-can-be-found)", "[实体](#能识别什么)"),
    "tag": Text("[tag](#tags)", "[标签](#标签)"),
}
"""Words that are so many that they have a table of their own."""

IN_CHINESE: Final = {"30 days": "30天"}
"""Examples of the grammar that a Chinese writer would write otherwise."""

EXAMPLE: Final = """\
policy: {AI usage policy|生成式人工智能使用政策}
version: 4
owner: {Compliance|合规部}
approved_by: [zhangmin]
effective: 2026-12-01
review: {every: {6 months|6个月}, last: 2026-11-20}
record: full
time_zone: Asia/Shanghai
otherwise: forbid

hours:
  {working hours|工作时间}: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00", holidays: cn-2026}
  {night shift|夜班}: {days: [sat, sun], from: "22:00", to: "06:00"}

groups:
  {legal|法务部}: [wangfang, lilei]
  {research|研发部}: []

services:
  {chats|对话服务}: {category: [chat, search, writing]}
  {strangers|未收录服务}: {tags: unlisted}

data_classes:
  {personal data|个人信息}: {entities: [CN_ID_CARD, PHONE_NUMBER]}
  {customers|客户资料}: {terms: [华星科技, Project Falcon], placeholder: CUSTOMER}

notices:
  {care|注意事项}:
    zh: 回答可能有误，请核对后再使用。
    en: Answers can be wrong; check them before you use them.
    show: {once_per: week, acknowledge: yes}

quotas:
  {daily|每日用量}: {requests: 200, characters: 200000, per: day, of: person}

purpose:
  business: [{data: {customers|客户资料}}, {hours: {working hours|工作时间}}, {account: company}]
  personal: {outside_hours: {working hours|工作时间}, account: [free, personal]}

rules:
  - id: office-use
    name: {zh: 日常使用, en: Everyday use}
    verdict: allowed
    when: {service: {chats|对话服务}, activity: prompt}
    redact: {{personal data|个人信息}: placeholder}
    remind: {care|注意事项}
    quota: {daily|每日用量}
    label: {zh: 由人工智能生成, en: Made by AI}

  - id: customer-work
    verdict: authorized
    when: {data: {customers|客户资料}, group: {legal|法务部}}
    ask:
      zh: 请写明客户和用途。
      en: Please name the customer and the purpose.
      approvers: zhangmin
      four_eyes: no
      longest: {30 days|30天}
      answer_within: {2 days|2天}

  - id: customers-stay-inside
    verdict: forbidden
    when: {data: {customers|客户资料}}
    except: customer-work
    instead: {zh: 请使用公司内部模型。, en: Please use the company's own model.}

  - id: bulk
    verdict: allowed
    when: {service: {chats|对话服务}, amount: {more_than: {CN_ID_CARD: 3, characters: 20000}}}
    withhold: yes
    mode: enforce
    stage: {groups: {research|研发部}, percent: 20}

  - id: strangers
    verdict: forbidden
    when: {service: {strangers|未收录服务}, outside_hours: [{working hours|工作时间}, {night shift|夜班}]}
    instead: {zh: 请使用已批准的服务。, en: Please use an approved service.}

tests:
  - name: {an identity number is taken out|身份证号先隐去}
    as: zhaolei
    at: "2026-12-02 10:00"
    service: doubao
    says: 请整理：张三，身份证号 11010519491231002X。
    acknowledged: {care|注意事项}
    expect: {verdict: allowed, route: external, redact: {personal data|个人信息}}
    because: office-use
"""
"""A policy that uses most words; `{one|other}` is what the English and the Chinese page say, in this order."""


def reference(language: str) -> str:
    """Return the reference in `en` or `zh`, as Markdown."""
    return "\n\n".join(chain(_top(language), _head(language), _sections(language), _lists(language))) + "\n"


def example(language: str) -> str:
    """Return the example of the page in `en` or `zh`: a policy with tests."""
    return translate(re.sub(r"\{([^|{}]*)\|([^|{}]*)\}", r"\1" if language == "en" else r"\2", EXAMPLE), language)


def mappings(shape: Shape) -> Iterator[Keys]:
    """Give each mapping with keys of its own at a place and below it, the outer before the inner."""
    match shape:
        case Keys(keys=keys):
            yield shape
            for key in keys.values():
                yield from mappings(key.shape)
        case ListOf(item=item) | Some(item=item) | Named(item=item):
            yield from mappings(item)
        case Either(shapes=shapes):
            yield from chain.from_iterable(map(mappings, shapes))
        case _:
            pass


def _top(language: str) -> Iterator[str]:
    other = "zh" if language == "en" else "en"
    units = ", ".join(f"`{unit}`" for unit in UNITS)
    yield f"# {TITLE.in_language(language)}"
    yield f"[{'中文' if other == 'zh' else 'English'}]({PAGES[other]})"
    yield INTRO.in_language(language).format(guide=GUIDES[language])
    yield BOTH.in_language(language)
    yield f"## {FORMS_TITLE.in_language(language)}"
    yield "\n".join(f"- {each.in_language(language).replace('{units}', units)}" for each in FORMS)


def _head(language: str) -> Iterator[str]:
    yield f"## {HEAD_TITLE.in_language(language)}"
    yield _excerpt([word for word, key in POLICY.keys.items() if not _structured(key)], language)
    yield _table(POLICY.keys, language)


def _sections(language: str) -> Iterator[str]:
    """Give a section for each part of a policy that holds more than one value, with a table for each mapping in it."""
    told: set[Text] = set()
    for word, key in POLICY.keys.items():
        if not _structured(key):
            continue
        yield f"## {_title(word, language)}"
        yield f"{key.said.in_language(language)}{VALUE.in_language(language)}{_value(key.shape, language)}"
        if excerpt := _excerpt([word], language):
            yield excerpt
        for keys in mappings(key.shape):
            if keys.title not in told:
                told.add(keys.title)
                yield from _parts(keys, language)
    yield f"## {SUITE_TITLE.in_language(language)}"
    yield SUITE_SAID.in_language(language)
    yield _table(SUITE.keys, language)


def _lists(language: str) -> Iterator[str]:
    yield f"## {TAGS_TITLE.in_language(language)}"
    yield TAGS_SAID.in_language(language).format(words=_words(CATEGORIES, language))
    yield f"## {ENTITIES_TITLE.in_language(language)}"
    yield ENTITIES_SAID.in_language(language)
    rows = (
        f"| `{name}` | {entity.en} | {entity.zh} | {'✓' if name in DEFAULT_ENTITIES else ''} |"
        for name, entity in ENTITIES.items()
    )
    yield "\n".join([ENTITIES_HEADER.in_language(language), "|---|---|---|---|", *rows])


def _structured(key: Key) -> bool:
    """Tell whether a key of the policy has a section of its own."""
    return not isinstance(key.shape, Word | Line | Number | Some)


def _parts(keys: Keys, language: str) -> Iterator[str]:
    """Give a mapping's heading and table; of a rule, several."""
    if keys is not RULE:
        lead = re.split("[;；:：]", keys.title.in_language(language), maxsplit=1)[1:]
        yield f"### {_heading(keys, language)}"
        yield from (f"{each.strip()[:1].upper()}{each.strip()[1:]}{FULL_STOP.in_language(language)}" for each in lead)
        yield _table(keys.keys, language)
        return
    left = [word for word in keys.keys if not any(word in words for _, words in RULE_PARTS)]
    for title, words in RULE_PARTS:
        yield f"### {title.in_language(language)}"
        yield _table({word: keys.keys[word] for word in (*words, *left)}, language)
        left = []


def _heading(keys: Keys, language: str) -> str:
    title = RULE_PARTS[0][0] if keys is RULE else keys.title
    return re.split("[;；:：]", title.in_language(language))[0]


def _title(word: str, language: str) -> str:
    return f"{alias(word)}（{word}）" if language == "zh" else f"{word} ({alias(word)})"


def _table(keys: Mapping[str, Key], language: str) -> str:
    rows = []
    for word, key in keys.items():
        first, second = (alias(word), word) if language == "zh" else (word, alias(word))
        must = "✓" if key.needed else ""
        value, said = _value(key.shape, language), key.said.in_language(language)
        rows.append(f"| `{first}` | `{second}` | {must} | {value} | {said} |")
    return "\n".join([HEADER.in_language(language), "|---|---|---|---|---|", *rows])


def _value(shape: Shape, language: str) -> str:
    """Return what may stand at a place, in words."""
    zh = language == "zh"
    match shape:
        case Word(words=words, title=title):
            return LINKS[title].in_language(language) if title else _words(words, language)
        case Name(words=words):
            return "".join(["名称" if zh else "name", *_also(words, language)])
        case Line(example=example):
            shown = IN_CHINESE.get(example, example) if zh else example
            return (f"如 `{shown}`" if zh else f"as `{shown}`") if shown else ("文字" if zh else "text")
        case Number(least=least, most=most):
            upper = "" if most > ENDLESS else (f"，最大 {most}" if zh else f" to {most}")
            return (f"整数，最小 {least}" if zh else f"whole number from {least}") + upper
        case ListOf(item=item):
            return (f"列表，每项：{_value(item, language)}") if zh else f"list, each: {_value(item, language)}"
        case Some(item=item):
            return f"{_value(item, language)}{'（一个或多个）' if zh else ', one or several'}"
        case Keys():
            slug = re.sub(r"[^\w\- ]", "", _heading(shape, language).lower()).replace(" ", "-")
            return f"[{_heading(shape, language)}](#{slug})"
        case Named(item=item, words=words):
            name = "".join(["名称" if zh else "name", *_also(words, language)])
            return (f"每个{name}下写：" if zh else f"for each {name}: ") + _value(item, language)
        case Either(shapes=shapes):
            return ("；或" if zh else "; or ").join(_value(each, language) for each in shapes)


def _also(words: tuple[str, ...], language: str) -> Iterator[str]:
    """Yield the words that are allowed where a name is expected."""
    listed = [word for word in words if word not in ENTITIES]
    both = ([_words(listed, language)] if listed else []) + [
        LINKS["entity"].in_language(language) for _ in words[:1] if len(listed) < len(words)
    ]
    if both:
        yield ("或" if language == "zh" else " or ") + ("或" if language == "zh" else " or ").join(both)


def _words(words: Iterable[str], language: str) -> str:
    """Return the words in both languages; one that stands for several, as 是 for `yes` and `true`, is listed once."""
    told: set[str] = set()
    listed = []
    for word in words:
        pair = (alias(word), word) if language == "zh" else (word, alias(word))
        listed.append(" / ".join(f"`{each}`" for each in dict.fromkeys(pair) if each not in told))
        told.update(pair)
    return ("、" if language == "zh" else ", ").join(listed)


def _excerpt(words: list[str], language: str) -> str:
    """Return the statements of the example that begin with one of `words`, as a block; nothing where there is none."""
    spelt = [alias(word) if language == "zh" else word for word in words]
    statements = re.split(r"^(?=\S)", example(language), flags=re.MULTILINE)
    found = [each for each in statements if each.partition(":")[0] in spelt]
    return f"```yaml part\n{''.join(found).rstrip()}\n```" if found else ""


def main() -> None:
    """Write the page of each language."""
    folder = Path(__file__).parents[1] / "docs"
    for language in LANGUAGES:
        (folder / PAGES[language]).write_text(reference(language), "utf-8")


if __name__ == "__main__":
    main()
