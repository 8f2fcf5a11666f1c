"""The page on coverage is what the code says today."""

import pytest

from proxy import coverage_page as made
from proxy.coverage_page import MARK, PAGE, lines, page, tables
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
        assert cells in (3, 8), line


def test_the_terminal_gets_a_line_for_each_service() -> None:
    told = list(lines(SERVICES))
    assert len(told) == len(SERVICES)
    assert any(line.split() == ["openai-chatgpt", "chatgpt-web,", "chatgpt-web-beside"] for line in told)


def test_writing_the_page_keeps_it(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "coverage.md"
    copy.write_text(KEPT, "utf-8")
    monkeypatch.setattr(made, "PAGE", copy)
    made.main()
    assert copy.read_text("utf-8") == KEPT
