"""The search at the end of a run finds what it is there for, in each spelling, and nothing that a test wrote itself."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.sweep import SHOWN, marks, spellings, sweep

PLACES = (
    "sluice.log",
    "state/audit.jsonl",
    "state/keys/deep/store.db",
    f"{SHOWN}/metrics",
    f"{SHOWN}/traces",
    "tmp/deep/file",
)
pytest_plugins = ["pytester"]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Path]:
    """A folder as a proxy leaves it; the run that this test is part of must not find what it plants."""
    folder = tmp_path / "gw0" / "test" / "sluice"
    for place in PLACES:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(b"nothing confidential\n")
    (folder / "ready.json").write_bytes(b"{}")
    yield folder
    rmtree(folder)


def test_a_value_is_found_in_every_spelling(tmp_path: Path, proxy: Path) -> None:
    assert sweep(tmp_path) == ([], len(PLACES))
    planted = set()
    for number, value in enumerate(marks()):
        for count, spelt in enumerate(spellings(value)):
            place = proxy / "state" / f"{number}-{count}"
            place.write_bytes(b"\x00{" + spelt + b"}")
            planted.add(place)
    assert len(planted) > 100 and set(sweep(tmp_path)[0]) == planted


def test_what_a_test_wrote_itself_is_none_of_a_proxys_files(tmp_path: Path, proxy: Path) -> None:
    value = marks()[0]
    for name in ("policy.yaml", "sluice.yaml", "prompt.txt"):
        (proxy / name).write_text(value, "utf-8")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "audit.jsonl").write_text(value, "utf-8")
    assert sweep(tmp_path) == ([], len(PLACES))


LEAKING = """
def test_that_passes(tmp_path):
    (tmp_path / "ready.json").write_text("{}")
    (tmp_path / "sluice.log").write_text("VALUE")
"""


def test_a_run_whose_tests_all_pass_fails_and_names_the_file(pytester: pytest.Pytester) -> None:
    """By the hooks of the whole suite, in a run of its own."""
    pytester.makeconftest("from tests.conftest import pytest_sessionfinish, pytest_terminal_summary")
    value = marks()[1]
    pytester.makepyfile(LEAKING.replace("VALUE", value))
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    done.assert_outcomes(passed=1)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    told = done.stdout.str()
    for leaking in pytester.path.parent.rglob("test_that_passes*/sluice.log"):
        leaking.unlink()  # the run that this one is part of must not find it
    assert "FILES OF PROXIES HOLD" in told and "sluice.log" in told and value not in told.replace(LEAKING, "")
