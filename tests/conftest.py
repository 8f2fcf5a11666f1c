"""No test here is timed: the machine may be busy. What many processes need alike is made once."""

import compileall
import gc
import os
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import HealthCheck, settings

from proxy.scratch import make
from tests.dealt import (  # noqa: F401
    STREETS,
    pytest_pycollect_makemodule,
    pytest_runtest_protocol,
    pytest_sessionstart,
    pytest_xdist_make_scheduler,
)
from tests.nursery import begin_nursery
from tests.plain_log import log_plainly
from tests.rewriting import rewrite_ahead
from tests.thorough import THOROUGH, drawn

settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=drawn(100)
)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
SWEPT = pytest.StashKey[tuple[list[Path], int]]()
"""Which files hold a value at the end of a run, and how many were searched."""


def pytest_configure(config: pytest.Config) -> None:
    """Make what all processes of a run need: compiled files, one build cache, for proxies start by the dozen."""
    log_plainly()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # what hundreds of modules have made stays; to look through it often finds nothing
    many = config.getoption("numprocesses", None)
    if hasattr(config, "workerinput"):
        return
    for package in ("detectors", "policies", "proxy"):  # where Python is told to leave no files, too
        compileall.compile_dir(ROOT / package, quiet=2)
    for file in (ROOT / "tests").rglob("[!t]*.py"):  # what tests import; they themselves are rewritten
        compileall.compile_file(file, quiet=2)
    folder = make("tests")
    os.environ["CACHE_DIRECTORY"] = str(folder)
    config.add_cleanup(lambda: rmtree(folder, ignore_errors=True))
    if many:  # the nursery fills the build cache, which each worker would else do for itself
        wait_until_open = begin_nursery()
        rewrite_ahead(config, ROOT / "tests")
        wait_until_open()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search what all proxies of the run have left behind; a value that a test handed them fails the run."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if hasattr(session.config, "workerinput") or factory is None or factory._basetemp is None:
        return
    from tests.sweep import sweep  # the end-to-end tests' world, which not every run needs

    session.config.stash[SWEPT] = found, _ = sweep(factory.getbasetemp())
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the files that hold a value, never the value."""
    found, searched = config.stash.get(SWEPT, ([], 0))
    if searched:
        terminalreporter.write_line(
            f"searched for confidential values: {searched} files that proxies of this run wrote"
        )
    if found:
        terminalreporter.section("FILES OF PROXIES HOLD CONFIDENTIAL VALUES", red=True)
        for path in found:
            terminalreporter.write_line(str(path))


ROOMS = "detecting documents inference observe overload publish rollout shell siem store trail workers"
PROCESSES = (
    STREETS,
    "tests/chaos/",
    "tests/deploy/",
    "tests/proxy/adapters/vendors/",
    *(f"tests/proxy/{room}/" for room in ROOMS.split()),
)
"""Where real processes, sockets, browsers and clients share a busy machine."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run a test of real processes that fails once more; the summary names every one that needed it.

    What is marked as slow is left out, unless the run is thorough or asks for it.
    """
    if not THOROUGH and "slow" not in (config.getoption("-m") or ""):
        slow = [item for item in items if item.get_closest_marker("slow")]
        if slow:
            config.hook.pytest_deselected(items=slow)
            items[:] = [item for item in items if item not in set(slow)]
    for item in items:
        if item.nodeid.startswith(PROCESSES):
            item.add_marker(pytest.mark.flaky(reruns=1))
