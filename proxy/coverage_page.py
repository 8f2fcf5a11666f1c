"""The page that says what is covered, made of the register of wire formats and the catalogue.

Enters: the rows of `proxy.coverage`. Leaves: the tables of `docs/coverage.md`, and lines for a terminal. Pure, but for
`main`, which writes the page: what stands above the mark was written by people and stays.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from rich.cells import cell_len

from proxy.adapters.choose import FALLBACK
from proxy.coverage import LACKS, PROVED, Covered, Served, covered, how_restored, served
from proxy.not_inside import why_not
from proxy.services.catalogue import load_catalogue
from proxy.services.service import Service

type Language = Literal["en", "zh"]

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final[Mapping[Language, Path]] = {"en": DOCS / "coverage.md", "zh": DOCS / "coverage.zh.md"}
WIDTHS: Final = (32, 6, 7, 8, 8, 18, 10)
"""Columns of a terminal that the cells of a line take up, but for the last."""
HEAD: Final = ("service", "redact", "restore", "model", "refusal", "files", "tested", "adapters")
CHINESE: Final[Mapping[str, str]] = {
    **dict(zip(HEAD, ("服务", "脱敏", "还原", "内部模型", "拒绝", "文件", "测试", "适配器"), strict=True)),
    "yes": "是",
    "partly": "部分",
    "in place": "对话中",
    "error": "报错",
    "in requests, apart": "请求中、单独上传",
    "in messages": "消息中",
    "sdk": "官方库",
    "replica": "仿真客户端",
    "format": "仅格式",
    "none": "格式未知",
    "interfaces by path": "按路径识别的接口",
}
"""Words of a terminal's line; names of services and adapters stay as they are."""
MARKS: Final[Mapping[Language, str]] = {
    "en": "<!-- What follows is made of the code: `make docs` writes it anew. -->",
    "zh": "<!-- 以下内容由代码生成，运行 `make docs` 更新。 -->",
}
IN_CHINESE: Final[Mapping[str, str]] = {
    "## By wire format": "## 按接口格式",
    "| adapter | calls | redact | restore in streams | company's model | turns before | refusal | tested against |":
        "| 适配器 | 调用 | 脱敏 | 流式还原 | 内部模型 | 之前的轮次 | 拒绝 | 测试依据 |",
    "## Where the company's model does not answer": "## 内部模型不回答之处",
    "A rule with `route: internal` refuses these, in their own words.":
        "写有 `route: internal` 的规则会拒绝以下内容，并使用其自身的报错格式。",
    "| adapters | why |": "| 适配器 | 原因 |",
    "## What an interface does not have": "## 接口本身没有的功能",
    "Of the interfaces for programs; the others have all that the first table says.":
        "仅指供程序使用的接口；其余接口具备第一张表所列的一切。",
    "| adapters | what | why |": "| 适配器 | 内容 | 原因 |",
    "## By service": "## 按服务",
    "| service | id | redact | restore in streams | company's model | refusal | files | tested against | read by |":
        "| 服务 | id | 脱敏 | 流式还原 | 内部模型 | 拒绝 | 文件 | 测试依据 | 读取者 |",
    "yes": "是",
    "partly": "部分",
    "all others": "其余一切",
    "client": "客户端",
    "kept": "代为保存",
    "kept, shown on reload": "代为保存，重新载入可见",
    "connection": "连接",
    "in the conversation": "在对话中",
    "the format's own error": "接口自身的报错",
    "in requests, apart": "请求中、单独上传",
    "in messages": "消息中",
    "the official client library": "官方客户端库",
    "a client like the vendor's": "仿厂商的客户端",
    "the format as described": "仅按格式描述",
    "no format is known": "格式未知",
    "texts in answers": "回答中的文本",
    "answers in pieces": "分段的回答",
    "calls of tools": "工具调用",
    "vectors come back": "返回的是向量",
    "vectors come back, all at once": "返回的是向量，一次给出",
    "results are fetched later, as a file that comes whole": "结果稍后取回，是一个完整的文件",
    "the interface knows no tools": "该接口没有工具",
    "a call has one answer, and no tools": "一次调用只有一个回答，没有工具",
    " and the other interfaces, by path": " 及其他接口，按路径识别",
    """
{} services more of the catalogue have no known format: the fallback reads every string of what is
sent to them, or policy decides unread. On their hosts, too, interfaces are known by their paths.""": """
目录中另有 {} 项服务格式未知：由通用处理读取发往它们的每个字符串，或由政策在不读取的情况下决定。在它们的主机上，
接口同样按路径识别。""",
}  # fmt: skip
"""What the page is made of; ids, paths and patterns stay as they are."""


def say(words: str, language: Language) -> str:
    """Return words in a language; without any in Chinese, they are a name."""
    return IN_CHINESE.get(words, words) if language == "zh" else words


def tables(services: Mapping[str, Service], language: Language = "en") -> str:
    """Return the generated part of the page."""
    rows = covered()
    parts = [MARKS[language], say("## By wire format", language), adapters(rows, language)]
    parts += [say("## Where the company's model does not answer", language), not_inside(rows, language)]
    parts += [say("## What an interface does not have", language), lacks(rows, language)]
    return "\n\n".join([*parts, say("## By service", language), by_service(services, rows, language)]) + "\n"


def page(kept: str, services: Mapping[str, Service], language: Language = "en") -> str:
    """Return the page with its tables written anew."""
    return kept.partition(MARKS[language])[0].rstrip() + "\n\n" + tables(services, language)


def table(head: str, rows: Iterable[Sequence[str]], language: Language) -> list[str]:
    """Return the lines of a table under its head."""
    under = "|" + "---|" * (head.count("|") - 1)
    return [say(head, language), under, *("| " + " | ".join(cells) + " |" for cells in rows)]


def adapters(rows: Sequence[Covered], language: Language) -> str:
    """Return the table of adapters."""
    head = (
        "| adapter | calls | redact | restore in streams | company's model | turns before | refusal | tested against |"
    )
    return "\n".join(table(head, (cells_of_adapter(one, language) for one in rows), language))


def not_inside(rows: Sequence[Covered], language: Language) -> str:
    """Return the table of the formats that a rule with `route: internal` refuses, by the reason."""
    held: dict[str, list[str]] = {}
    for one in rows:
        if not one.redirects:
            held.setdefault(why_not(one.id, language), []).append(f"`{one.id}`")
    told = [say("A rule with `route: internal` refuses these, in their own words.", language), ""]
    return "\n".join(
        [*told, *table("| adapters | why |", ((", ".join(ids), why) for why, ids in held.items()), language)]
    )


def lacks(rows: Sequence[Covered], language: Language) -> str:
    """Return the table of what interfaces do not have, so that nothing is done for it."""
    told = [say("Of the interfaces for programs; the others have all that the first table says.", language), ""]
    named = [
        (", ".join(f"`{one.id}`" for one in rows if re.fullmatch(ids, one.id)), say(what, language), say(why, language))
        for ids, what, why in LACKS
    ]
    return "\n".join([*told, *table("| adapters | what | why |", named, language)])


def cells_of_adapter(one: Covered, language: Language) -> Sequence[str]:
    """Return the line of one adapter."""
    calls = "<br>".join(f"`{call.replace('|', '\\|')}`" for call in one.calls) or "all others"
    can = [word(one.redacts), how_restored(one) or "–", word(one.redirects)]
    refusal = "in the conversation" if one.in_place else "the format's own error"
    cells = [calls, *can, one.turns or "–", refusal, PROVED[one.proved]]
    return [f"`{one.id}`", *(say(cell, language) for cell in cells)]


def by_service(services: Mapping[str, Service], rows: Sequence[Covered], language: Language) -> str:
    """Return the table of services: those whose format is known one by one, the others counted."""
    told = list(served(services, rows))
    known = [one for one in told if one.by.id != FALLBACK.id]
    head = (
        "| service | id | redact | restore in streams | company's model | refusal | files | tested against | read by |"
    )
    after = """
{} services more of the catalogue have no known format: the fallback reads every string of what is
sent to them, or policy decides unread. On their hosts, too, interfaces are known by their paths."""
    counted = say(after, language).format(len(told) - len(known))
    return "\n".join([*table(head, (cells_of_service(one, language) for one in known), language), counted])


def cells_of_service(one: Served, language: Language) -> Sequence[str]:
    """Return the line of one service."""
    adapters = f"`{one.by.id}`" + (say(" and the other interfaces, by path", language) if one.path else "")
    read_by = ", ".join([adapters, *(f"`{other}`" for other in one.others)])
    return [one.service.called[0], f"`{one.service.id}`", *(say(cell, language) for cell in cells_of(one)), read_by]


def cells_of(one: Served) -> tuple[str, ...]:
    """Return what is done for a service, in words."""
    refusal = "in the conversation" if one.by.in_place else "the format's own error"
    can = (word(one.by.redacts), one.restores or "–", word(one.by.redirects))
    return (*can, refusal, one.files or "–", PROVED[one.by.proved])


def word(can: bool) -> str:
    """Return yes, or a stroke."""
    return "yes" if can else "–"


def lines(services: Mapping[str, Service], language: str = "en") -> Iterator[str]:
    """Yield the coverage for a terminal, a line for each service below a head."""
    yield columns(HEAD, language)
    for one in served(services, covered()):
        told = one.by
        adapters = ["interfaces by path"] if one.path else [told.id, *one.others]
        can = [word(told.redacts), one.restores or "–", word(told.redirects)]
        refusal = "in place" if told.in_place else "error"
        yield columns((one.service.id, *can, refusal, one.files or "–", told.proved, ", ".join(adapters)), language)


def columns(cells: Sequence[str], language: str) -> str:
    """Return cells below each other, however wide their characters are."""
    told = [CHINESE.get(cell, cell) if language == "zh" else cell for cell in cells]
    padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(told, WIDTHS, strict=False)]
    return " ".join([*padded, told[-1]]).rstrip()


def main() -> None:
    """Write both pages anew."""
    services = load_catalogue().services
    for language, path in PAGES.items():
        path.write_text(page(path.read_text("utf-8"), services, language), "utf-8")


if __name__ == "__main__":
    main()
