"""Files that are dealt out lose no test, no failure and no fixture, and a file that cannot be read fails the run."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from tests.dealt import HEAVY, StreetsKept

ROOT = Path(__file__).parents[1]

FILES = {
    "conftest.py": """
        import os, pytest
        from tests.dealt import *

        @pytest.fixture(scope="session")
        def street(tmp_path_factory):
            with open("opened", "a") as f:
                f.write(os.environ["PYTEST_XDIST_WORKER"] + chr(10))
            yield "open"
            with open("closed", "a") as f:
                f.write(os.environ["PYTEST_XDIST_WORKER"] + chr(10))

        def pytest_collection_modifyitems(config, items):
            left_out = [item for item in items if item.get_closest_marker("slow")]
            items[:] = [item for item in items if item not in left_out]
    """,
    "tests/e2e/test_one.py": "def test_it(street): assert street == 'open'",
    "tests/e2e/test_two.py": "def test_it(street): assert street == 'shut'",
    "tests/e2e/test_three.py": "def test_it(street): assert street == 'open'",
    "tests/a/test_rows.py": """
        import pytest

        @pytest.mark.parametrize("number", range(5))
        def test_row(number, street):
            assert number != 3
    """,
    "tests/a/test_left_out.py": "import pytest; pytest.importorskip('no_such_module')",
    "tests/b/test_slow.py": """
        import pytest

        @pytest.mark.slow
        def test_it(): raise AssertionError
    """,
    "tests/b/test_unreadable.py": "import no_such_module",
    "tests/b/test_warns.py": "import warnings; warnings.warn('a file that warns'); test_it = lambda: None",
    "tests/c/test_last.py": "def test_it(street): pass",
}


def run(folder, *words, as_xml=True):
    """Run pytest with two workers; return how it ended, what it printed, and, as XML tells it, each test's result."""
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = text.splitlines()
        file.write_text("\n".join(line.removeprefix("        ") for line in lines))
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\nfilterwarnings = error\n"
        "testpaths = tests\nmarkers = slow\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "xdist",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        *(("--junitxml", "results.xml") if as_xml else ()),
        *words,
    ]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=200, check=False)
    if not as_xml:
        return done.returncode, done.stdout, {}
    results = {
        f"{case.get('classname')}::{case.get('name')}": "".join(child.tag for child in case)
        for case in ElementTree.parse(folder / "results.xml").iter("testcase")
    }
    return done.returncode, done.stdout, results


def test_every_test_of_every_file_is_run_once_and_each_failure_is_told(tmp_path):
    code, told, results = run(tmp_path)
    assert code == 1, told
    assert results == {
        "tests.e2e.test_one::test_it": "",
        "tests.e2e.test_two::test_it": "failure",
        "tests.e2e.test_three::test_it": "",
        **{f"tests.a.test_rows::test_row[{number}]": "failure" if number == 3 else "" for number in range(5)},
        "::tests.a.test_left_out": "skipped",
        "::tests.b.test_unreadable": "error",
        "::tests.b.test_warns": "error",
        "tests.c.test_last::test_it": "",
    }
    assert "2 failed, 7 passed, 1 skipped, 2 errors" in told
    opened, closed = ((tmp_path / name).read_text().split() for name in ("opened", "closed"))
    assert len(opened) == len(set(opened)) <= 2, "what lasts for a session is made once a worker"
    assert sorted(opened) == sorted(closed)


def test_whoever_reads_no_xml_is_told_of_each_failure_and_of_what_took_long(tmp_path):
    (tmp_path / "tests" / "d").mkdir(parents=True)
    (tmp_path / "tests" / "d" / "test_ends.py").write_text(
        "import pytest, time\n\n"
        "@pytest.fixture\ndef ends():\n    time.sleep(0.1)\n    yield\n    raise AssertionError('in the end')\n\n"
        "def test_it(ends): pass\n"
    )
    code, told, _ = run(tmp_path, "--durations", "9", as_xml=False)
    assert code == 1 and "2 failed, 8 passed, 1 skipped, 3 errors" in told, told
    assert "in the end" in told and "s setup    tests/d/test_ends.py::test_it" in told


def test_a_test_that_is_picked_out_is_run_alone(tmp_path):
    code, told, results = run(tmp_path, "tests/a/test_rows.py", "-k", "row and 4")
    assert (code, results) == (0, {"tests.a.test_rows::test_row[4]": ""}), told


class Worker:
    """A worker as the dealer sees it: it begins a file once it knows what comes next, or that nothing does."""

    def __init__(self, name):
        self.gateway = SimpleNamespace(id=name)
        self.waiting, self.ran, self.shutting_down = [], [], False

    def send_runtest_some(self, places):
        self.waiting += places

    def shutdown(self):
        self.shutting_down = True

    @property
    def can_go_on(self):
        return len(self.waiting) > (0 if self.shutting_down else 1)


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
@pytest.mark.parametrize("files", [1, 2, 4, 7, 30])
def test_every_file_is_dealt_out_once_and_every_worker_is_told_the_end(tmp_path, files, workers):
    names = [f"tests/{'e2e' if number % 3 == 0 else 'a'}/test_{number}.py" for number in range(files)]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#" * len(name))
    option = SimpleNamespace(loadscopereorder=True, debug=False)
    config = SimpleNamespace(rootpath=tmp_path, option=option, getvalue=lambda _: ["popen"] * workers)
    dealer = StreetsKept(config)
    crew = [Worker(f"gw{number}") for number in range(workers)]
    for worker in crew:
        dealer.add_node(worker)
    for worker in crew:
        dealer.add_node_collection(worker, [f"{name}::all" for name in names])
    dealer.schedule()
    while ready := [worker for worker in crew if worker.can_go_on]:
        worker = ready[len(ready) // 2]
        place = worker.waiting.pop(0)
        worker.ran.append(place)
        dealer.mark_test_complete(worker, place)
    assert sorted(place for worker in crew for place in worker.ran) == list(range(files))
    assert all(worker.shutting_down and not worker.waiting for worker in crew)
    assert dealer.tests_finished


def test_files_with_the_same_heavy_imports_are_run_by_one_worker(tmp_path):
    heavy = (
        "import os\n\ndef test_it():\n    with open('heavy', 'a') as file:\n"
        "        print(os.environ['PYTEST_XDIST_WORKER'], file=file)\n"
    )
    for name in HEAVY:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(heavy)
        assert (ROOT / name).exists()
    _, told, _ = run(tmp_path, as_xml=False)
    assert "2 failed, 9 passed" in told, told
    one, other = (tmp_path / "heavy").read_text().split()
    assert one == other
