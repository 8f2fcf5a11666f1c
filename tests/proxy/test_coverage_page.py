"""The page on coverage is what the code says today."""

from rich.cells import cell_len

from proxy.coverage_page import MARK, PAGE, WIDTHS, lines, page, tables
from proxy.services.catalogue import load_catalogue

KEPT = PAGE.read_text("utf-8")
SERVICES = load_catalogue().services


def test_the_page_is_up_to_date() -> None:
    assert page(KEPT, SERVICES) == KEPT, "adapters have changed: write the page anew with `make docs`"


def test_what_people_wrote_above_the_mark_stays() -> None:
    assert page(f"# Mine\n\n{MARK}\nold", SERVICES) == f"# Mine\n\n{tables(SERVICES)}"


def test_every_row_has_as_many_cells_as_its_head() -> None:
    rows = [line for line in tables(SERVICES).splitlines() if line.startswith("|")]
    for line in rows:
        cells = line.replace("\\|", "").strip("|").count("|") + 1
        assert cells in (2, 3, 8, 9), line


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
