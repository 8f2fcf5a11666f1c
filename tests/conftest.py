"""No test here is timed: the machine may be busy. What many processes need alike is made once."""

import compileall
import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the house, and give all processes of a run one build cache: proxies start by the dozen."""
    if hasattr(config, "workerinput"):
        return
    for package in ("detectors", "policies", "proxy"):  # where Python is told to leave no files, too
        compileall.compile_dir(ROOT / package, quiet=2)
    os.environ["CACHE_DIRECTORY"] = folder = mkdtemp(prefix="sluice-tests-")
    config.add_cleanup(lambda: rmtree(folder, ignore_errors=True))


class StreetsKept(LoadScopeScheduling):
    """Tests as they come, but for those end to end: a file of them stays on one worker, and opens its street once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith("tests/e2e/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Give the tests out so where `--dist loadgroup` asks for groups."""
    return StreetsKept(config, log) if config.getvalue("dist") == "loadgroup" else None
