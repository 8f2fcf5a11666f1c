"""Ways round the filter stay closed: a small run of what `make evasion` measures."""

import json

import pytest

from bench.evasion import live
from bench.evasion.__main__ import Results, measure
from bench.evasion.judge import reader
from bench.evasion.page import MISSES_ZH, NAMES_ZH, write
from bench.evasion.rows import ROWS, Row
from tests.rows import each

SEEDS = 6


@pytest.fixture(scope="module", autouse=True)
def _readers():
    yield
    reader().close()
    live.close()


def is_live(row: Row) -> bool:
    """Whether a row is told by a running proxy."""
    return any(wire.__module__ == live.__name__ for wire in row.wire)


def named(*, through_a_proxy: bool) -> list:
    return [pytest.param(row, id=f"{row.number} {row.name}") for row in ROWS if is_live(row) is through_a_proxy]


@each("row", named(through_a_proxy=False))
def test_nothing_slips_past_and_no_twin_is_taken_for_something(row: Row):
    nothing_slips_past(row)


@pytest.mark.slow  # tests/e2e/test_websocket.py and test_selective.py prove single ones of them each time
@each("row", named(through_a_proxy=True))
def test_nothing_slips_past_a_running_proxy(row: Row):
    nothing_slips_past(row)


def nothing_slips_past(row: Row) -> None:
    told = measure(row, SEEDS, {})
    assert sum(told["ours"].values()) == sum(told["twins"].values()) == SEEDS
    if row.feasible.startswith("yes"):
        assert "missed" not in told["ours"], told["missed"]
        assert "alarm" not in told["twins"], told["missed"]


def test_the_pages_are_written_from_the_results(tmp_path):
    row = next(row for row in ROWS if row.number == 13)
    told = {"seeds": 2, "peer_seeds": 2, "depth": 4, "rows": [measure(row, 2, {})]}
    (tmp_path / "evasion.json").write_text(json.dumps(told), "utf-8")
    write(tmp_path / "evasion.json", tmp_path)
    for name, called in (("evasion.md", row.name), ("evasion.zh.md", "号码中夹空格、短横、点、换行")):
        page = (tmp_path / name).read_text("utf-8")
        assert f"| 13 | 4 | {called} | yes | 100 % | – | – |" in page


def test_a_run_that_was_broken_off_goes_on_with_the_rows_that_are_missing(tmp_path):
    first, second = (next(row for row in ROWS if row.number == number) for number in (3, 13))
    peers = {"Presidio": {"found": 1, "missed": 1}}
    Results(tmp_path / "evasion.json", 2, 2).add(measure(second, 2, {}) | {"peers": peers})
    again = Results(tmp_path / "evasion.json", 2, 2)
    assert (again.has(first), again.has(second)) == (False, True)
    again.add(measure(first, 2, {}))
    again.add(measure(second, 2, {}))
    told = json.loads((tmp_path / "evasion.json").read_text("utf-8"))
    assert [(row["row"], row["peers"]) for row in told["rows"]] == [(3, {}), (13, peers)]
    assert not Results(tmp_path / "evasion.json", 3, 2).has(first), "a row with fewer seeds is measured anew"


def test_every_row_and_all_that_it_tells_of_has_a_name_in_chinese():
    assert NAMES_ZH.keys() == {row.name for row in ROWS}
    assert {kind for row in ROWS for kind in row.kinds} <= MISSES_ZH.keys()
