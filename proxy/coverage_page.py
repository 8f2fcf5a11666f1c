"""The page that says what is covered, made of the register of wire formats and the catalogue.

Enters: the rows of `proxy.coverage`. Leaves: the tables of `docs/coverage.md`, and lines for a terminal. Pure, but for
`main`, which writes the page: what stands above the mark was written by people and stays.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from proxy.adapters.choose import FALLBACK
from proxy.coverage import LACKS, PROVED, Covered, Served, covered, served
from proxy.not_inside import why_not
from proxy.services.catalogue import load_catalogue
from proxy.services.service import Service

PAGE: Final = Path(__file__).parents[1] / "docs" / "coverage.md"
WIDTHS: Final = (32, 6, 7, 8, 8, 18, 10)
"""Columns of a terminal that the cells of a line take up, but for the last."""
HEAD: Final = ("service", "redact", "restore", "model", "refusal", "files", "tested", "adapters")
CHINESE: Final[Mapping[str, str]] = {
    **dict(zip(HEAD, ("服务", "脱敏", "还原", "内部模型", "拒绝", "文件", "测试", "适配器"), strict=True)),
    "yes": "是",
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
MARK: Final = "<!-- What follows is made of the code: `make docs` writes it anew. -->"


def tables(services: Mapping[str, Service]) -> str:
    """Return the generated part of the page."""
    rows = covered()
    outside = ["## Where the company's model does not answer", not_inside(rows)]
    without = ["## What an interface does not have", lacks(rows)]
    parts = [MARK, "## By wire format", adapters(rows), *outside, *without, "## By service", by_service(services, rows)]
    return "\n\n".join(parts) + "\n"


def page(kept: str, services: Mapping[str, Service]) -> str:
    """Return the page with its tables written anew."""
    return kept.partition(MARK)[0].rstrip() + "\n\n" + tables(services)


def adapters(rows: Sequence[Covered]) -> str:
    """Return the table of adapters."""
    head = [
        "| adapter | calls | redact | restore in streams | company's model | turns before | refusal | tested against |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *map(line, rows)])


def not_inside(rows: Sequence[Covered]) -> str:
    """Return the table of the formats that a rule with `route: internal` refuses, by the reason."""
    held: dict[str, list[str]] = {}
    for one in rows:
        if not one.redirects:
            held.setdefault(why_not(one.id), []).append(f"`{one.id}`")
    head = ["A rule with `route: internal` refuses these, in their own words.", "", "| adapters | why |", "|---|---|"]
    return "\n".join([*head, *(f"| {', '.join(ids)} | {why} |" for why, ids in held.items())])


def lacks(rows: Sequence[Covered]) -> str:
    """Return the table of what interfaces do not have, so that nothing is done for it."""
    head = ["Of the interfaces for programs; the others have all that the first table says.", ""]
    head += ["| adapters | what | why |", "|---|---|---|"]
    named = [(", ".join(f"`{one.id}`" for one in rows if re.fullmatch(ids, one.id)), *rest) for ids, *rest in LACKS]
    return "\n".join([*head, *(f"| {ids} | {what} | {why} |" for ids, what, why in named)])


def line(one: Covered) -> str:
    """Return the line of one adapter."""
    calls = "<br>".join(f"`{call.replace('|', '\\|')}`" for call in one.calls) or "all others"
    refusal = "in the conversation" if one.in_place else "the format's own error"
    cells = (
        f"`{one.id}`",
        calls,
        word(one.redacts),
        word(one.restores),
        word(one.redirects),
        one.turns or "–",
        refusal,
    )
    return "| " + " | ".join((*cells, PROVED[one.proved])) + " |"


def by_service(services: Mapping[str, Service], rows: Sequence[Covered]) -> str:
    """Return the table of services: those whose format is known one by one, the others counted."""
    told = list(served(services, rows))
    known = [one for one in told if one.by.id != FALLBACK.id]
    head = [
        "| service | id | redact | restore in streams | company's model | refusal | files | tested against | read by |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    after = f"""
{len(told) - len(known)} services more of the catalogue have no known format: the fallback reads every string of what is
sent to them, or policy decides unread. On their hosts, too, interfaces are known by their paths."""
    return "\n".join([*head, *map(service_line, known), after])


def service_line(one: Served) -> str:
    """Return the line of one service."""
    adapters = f"`{one.by.id}`" + (" and the other interfaces, by path" if one.path else "")
    cells = (
        one.service.called[0],
        f"`{one.service.id}`",
        *cells_of(one),
        ", ".join([adapters, *(f"`{other}`" for other in one.others)]),
    )
    return "| " + " | ".join(cells) + " |"


def cells_of(one: Served) -> tuple[str, ...]:
    """Return what is done for a service, in words."""
    refusal = "in the conversation" if one.by.in_place else "the format's own error"
    can = (word(one.by.redacts), word(one.by.restores), word(one.by.redirects))
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
        can = [word(told.redacts), word(told.restores), word(told.redirects)]
        refusal = "in place" if told.in_place else "error"
        yield columns((one.service.id, *can, refusal, one.files or "–", told.proved, ", ".join(adapters)), language)


def columns(cells: Sequence[str], language: str) -> str:
    """Return cells below each other, however wide their characters are."""
    told = [CHINESE.get(cell, cell) if language == "zh" else cell for cell in cells]
    padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(told, WIDTHS, strict=False)]
    return " ".join([*padded, told[-1]]).rstrip()


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text("utf-8"), load_catalogue().services), "utf-8")


if __name__ == "__main__":
    main()
