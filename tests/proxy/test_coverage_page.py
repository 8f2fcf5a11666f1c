"""The page on coverage is what the code says today."""

import re

import pytest
from rich.cells import cell_len

from proxy.coverage import LACKS, PROVED
from proxy.coverage_page import IN_CHINESE, MARKS, PAGES, WIDTHS, Language, lines, page, tables
from proxy.services.catalogue import load_catalogue

SERVICES = load_catalogue().services
both = pytest.mark.parametrize("language", PAGES)


@both
def test_the_page_is_up_to_date(language: Language) -> None:
    kept = PAGES[language].read_text("utf-8")
    assert page(kept, SERVICES, language) == kept, "adapters have changed: write the pages anew with `make docs`"


@both
def test_what_people_wrote_above_the_mark_stays(language: Language) -> None:
    kept = f"# Mine\n\n{MARKS[language]}\nold"
    assert page(kept, SERVICES, language) == f"# Mine\n\n{tables(SERVICES, language)}"


@both
def test_every_row_has_as_many_cells_as_its_head(language: Language) -> None:
    rows = [line for line in tables(SERVICES, language).splitlines() if line.startswith("|")]
    for line in rows:
        cells = line.replace("\\|", "").strip("|").count("|") + 1
        assert cells in (2, 3, 8, 9), line


def test_the_chinese_tables_hold_no_english_words_but_names_and_every_word_of_them_is_used() -> None:
    said, told = tables(SERVICES, "en"), tables(SERVICES, "zh")
    spoken = {*PROVED.values(), *(words for _, *both in LACKS for words in both)} - {PROVED["none"]}
    assert spoken <= IN_CHINESE.keys()
    for words, chinese in IN_CHINESE.items():
        first = words.format("").strip().splitlines()[0]
        assert first in said or words in PROVED.values(), f"nothing says {words!r} any more"
        assert chinese.format("").strip().splitlines()[0][:6] in told or words == PROVED["none"]
    plain = [
        cell
        for line in told.splitlines()
        if line.startswith("|")
        for number, cell in enumerate(re.sub(r"`[^`]*`", "", line).strip("|").split("|"))
        if number and re.search(r"[a-z]{3,} [a-z]{2,}", cell)
    ]
    assert plain == []


def test_the_terminal_gets_a_line_for_each_service() -> None:
    head, *told = lines(SERVICES)
    assert len(told) == len(SERVICES)
    assert head.split()[:4] == ["service", "redact", "restore", "model"]
    (page,) = [line for line in told if line.startswith("openai-chatgpt ")]
    assert page.split()[:5] == ["openai-chatgpt", "yes", "yes", "yes", "in"]
    assert page.split()[-3:] == ["replica", "chatgpt-web,", "chatgpt-web-beside"]


def test_the_terminal_gets_its_lines_in_chinese_with_their_columns_below_each_other() -> None:
    told = list(lines(SERVICES, "zh"))
    assert told[0].split()[:4] == ["服务", "脱敏", "还原", "内部模型"]
    for line in told:
        before = next(at for at in range(len(line)) if cell_len(line[:at]) == sum(WIDTHS) + len(WIDTHS))
        assert line[before - 1] == " " != line[before], line
        assert not {"yes", "error", "format", "sdk", "replica", "none", "in"} & set(line[:before].split()), line
