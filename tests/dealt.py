"""Files of tests dealt out to workers, each read by the one that runs it, when its turn comes.

Enters: what xdist asks of a plugin. Leaves: the same tests, reports and failures as of workers that collect everything
before they begin. That takes each of them as long as a tenth of the whole run: a worker that runs end-to-end tests has
no use for thousands of small ones, nor the others for a dozen vendors' clients, which are slow to import. So a worker
collects a stand-in for each file, and xdist deals those out; a file that cannot be read fails the run as ever. Where
single tests are picked out by name, expression or mark, workers collect as they always do. Of a test that passes, they
tell that it does, and of what came before and after it only what took long: a third of what small ones cost.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling, LoadScopeScheduling
from xdist.workermanage import WorkerController

LONG = 0.05
"""Seconds from which on it is told how long the set-up and the end of a test took."""

STREETS = "tests/e2e/"
"""Where a worker waits for processes and browsers more than it works."""

HEAVY = ("tests/e2e/test_clients.py", "tests/e2e/test_vendors_more.py")
"""Files that import the same dozens of clients, which takes longer than most files: one worker runs all of them."""


def dealt(config: pytest.Config) -> bool:
    """Return whether whole files are dealt out in this run, as those who deal and those who run them see it."""
    option = config.option
    chosen = option.keyword or option.markexpr or any("::" in arg for arg in config.args)
    return not chosen and (option.loadgroup if hasattr(config, "workerinput") else option.dist == "loadgroup")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a worker keep to itself what nobody reads."""
    config = session.config
    if not hasattr(config, "workerinput") or not dealt(config) or config.getoption("xmlpath", None):
        return
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__name__ == "WorkerInteractor":
            plugin.sendevent = wanted_only(plugin.sendevent)


def wanted_only(send: Callable[..., None]) -> Callable[..., None]:
    """Return what sends all but what nobody reads."""

    def sending(name: str, **told: Any) -> None:
        if name in ("logstart", "logfinish"):
            return
        report = told.get("data", {}) if name == "testreport" else {}
        if report.get("when") in ("setup", "teardown") and report["outcome"] == "passed" and report["duration"] < LONG:
            return
        send(name, **told)

    return sending


class Unread(pytest.Module):
    """A file of tests, which stands for all of them until it is opened."""

    opened = False

    def collect(self) -> Any:
        """Return what it holds, once it is opened; until then what stands for that."""
        return super().collect() if self.opened else [StandIn.from_parent(self, name="all")]


class StandIn(pytest.Item):
    """All tests of a file."""

    def runtest(self) -> None:
        """Never come to this: what it stands for is run."""
        raise AssertionError("a stand-in is no test")

    def tests(self) -> list[pytest.Item]:
        """Read the file, as pytest collects it."""
        file = self.parent
        assert isinstance(file, Unread)
        file.opened = True
        items = list(self.session.genitems(file))
        self.config.hook.pytest_collection_modifyitems(session=self.session, config=self.config, items=items)
        return items


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Leave a file for later."""
    later = hasattr(parent.config, "workerinput") and dealt(parent.config)
    return Unread.from_parent(parent, path=module_path) if later else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run the tests of a file in its place."""
    if not isinstance(item, StandIn):
        return None
    session = item.session
    place = session.items.index(item)
    tests = item.tests()
    for test, following in pairwise([*tests, nextitem]):
        assert test
        session.items[place] = test  # xdist's worker holds each report to it
        item.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if session.shouldfail or session.shouldstop:
            break
    session.items[place] = item
    if not tests:  # what the file before left for this one
        session._setupstate.teardown_exact(nextitem)
    return True


class StreetsKept(LoadScopeScheduling):
    """Files end to end from one side of the queue, all others from the other, until the workers meet.

    While those of the one side wait for their proxies, those of the other have the processor; of three workers two are
    on the first side. Of all others the longest files come first, so that where they meet none is left that takes long.
    """

    sorted = False

    def _split_scope(self, nodeid: str) -> str:
        return f"{STREETS}heavy" if nodeid.startswith(HEAVY) else nodeid

    def _reschedule(self, node: WorkerController) -> None:
        """Give a worker one file beside the one that it runs, and no more: it wants to know what comes next."""
        if node.shutting_down or not self.workqueue or self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        assert self.collection
        if not self.sorted:
            self.sorted = True
            others = [scope for scope in self.workqueue if not scope.startswith(STREETS)]
            for scope in sorted(others, key=self._length):
                self.workqueue.move_to_end(scope)
        scope, unit = self.workqueue.popitem(last=self.nodes.index(node) % 2 == 1)
        self.assigned_work[node][scope] = unit
        node.send_runtest_some([self.collection.index(nodeid) for nodeid in unit])

    def _length(self, scope: str) -> int:
        return (self.config.rootpath / scope.partition("::")[0]).stat().st_size


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Deal the files out where `--dist loadgroup` asks for groups."""
    if config.getvalue("dist") != "loadgroup":
        return None
    return StreetsKept(config, log) if dealt(config) else LoadFileScheduling(config, log)
