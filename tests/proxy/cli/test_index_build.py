"""A build that is killed goes on where it was, and two never write one index."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from detectors.company.exact import ExactMatch
from detectors.company.fingerprints import Fingerprints
from proxy.cli.index_build import Asked, alone, build, details, one_index
from proxy.errors import SettingsError
from tests.detectors.company.samples import values
from tests.detectors.company.test_fingerprints import MEMO, PLAN

COLUMNS = "name:name,phone:phone"
SLOWLY = """
import sys, time
from pathlib import Path
from detectors.company import exact_build
from proxy.cli import index_build
exact_build.BATCH, exact_build.RUN = 20, 40
keep = exact_build.ExactBuilder._keep
def slowly(self, waiting):
    keep(self, waiting)
    if self.rows >= 200:
        Path(sys.argv[2]).touch()
        time.sleep(60)
exact_build.ExactBuilder._keep = slowly
state = Path(sys.argv[1])
index_build.build(state, index_build.Asked("customers", csv=state / "c.csv", columns="name:name,phone:phone"))
"""


def table(count: int) -> str:
    return "name,phone\n" + "".join(f"客户{n}号人,139{n:08d}\n" for n in range(count))


def test_a_build_that_was_killed_goes_on_where_it_was(tmp_path: Path, capfd):
    (tmp_path / "c.csv").write_text(table(500), "utf-8")
    reached = tmp_path / "reached"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, str(tmp_path), str(reached)], cwd=Path(__file__).parents[3]
    )
    while not reached.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    index = build(tmp_path, Asked("customers", csv=tmp_path / "c.csv", columns=COLUMNS))
    assert "going on after 200 rows" in capfd.readouterr().err
    assert index.about["rows"] == 500
    match = ExactMatch("CUSTOMER", index)
    for number in (0, 199, 200, 499):
        assert values(match, f"客户{number}号人 139{number:08d}") == [f"客户{number}号人", f"139{number:08d}"]
    assert sorted(path.name for path in (tmp_path / "indexes").iterdir()) == ["customers.idx", "customers.lock"]


def test_two_builds_of_one_index_do_not_meet(tmp_path: Path):
    (tmp_path / "c.csv").write_text(table(3), "utf-8")
    (tmp_path / "indexes").mkdir()
    with alone(tmp_path / "indexes", "customers"), pytest.raises(SettingsError, match="another build"):
        build(tmp_path, Asked("customers", csv=tmp_path / "c.csv", columns=COLUMNS))


def test_a_folder_is_brought_up_to_date(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plan.txt").write_text(PLAN, "utf-8")
    asked = Asked("plans", folder=tmp_path / "docs")
    first = build(tmp_path, asked)
    (tmp_path / "docs" / "memo.txt").write_text(MEMO, "utf-8")
    second = build(tmp_path, asked)
    assert first.salt == second.salt
    assert first.about["documents"] == 1
    assert second.about["documents"] == 2
    assert all(len(values(Fingerprints("D", second), text)) == 1 for text in (PLAN, MEMO))
    assert values(Fingerprints("D", first), MEMO) == [], "who has the old one keeps it"


def test_the_stop_list_reaches_the_index(tmp_path: Path):
    (tmp_path / "c.csv").write_text(table(3), "utf-8")
    (tmp_path / "stop.txt").write_text("13900000001\n", "utf-8")
    asked = Asked("customers", csv=tmp_path / "c.csv", columns=COLUMNS, alone="phone", stop=tmp_path / "stop.txt")
    match = ExactMatch("CUSTOMER", build(tmp_path, asked))
    assert values(match, "13900000001 13900000002") == ["13900000002"]


def test_details_tell_what_an_index_is_made_of_and_none_of_its_data(tmp_path: Path):
    (tmp_path / "c.csv").write_text(table(3), "utf-8")
    build(tmp_path, Asked("customers", csv=tmp_path / "c.csv", columns=COLUMNS))
    told = "\n".join(one.en for one in details(one_index(tmp_path, "customers")))
    assert "column phone: phone, 3 values" in told
    assert "139" not in told
