"""Workers that die are started anew, those that are replaced leave only for one that serves, and all end in time."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from proxy.observe.merge import merge
from proxy.trail.sinks import AuditFile
from proxy.workers import crew as crews
from proxy.workers.clerk import Clerk
from proxy.workers.crew import Crew, Worker
from proxy.workers.desk import Common
from proxy.workers.interface import Source, WorkerFailed, Workers
from proxy.workers.standing import FILE, Keeper, read_standing
from tests.nursery import take_the_place_of_popen

PATIENCE = 60.0


def source(text: str) -> Source:
    return Source(text, "sluice.yaml", Path("/etc"))


@pytest.fixture
def common(tmp_path: Path) -> Iterator[Common]:
    log = AuditFile(tmp_path / "audit.jsonl")
    clerk = Clerk(log)
    clerk.start()
    yield Common(clerk, lambda: None, None, lambda: {"version": "1@x", "turn": 0})
    clerk.stop()
    log.close()


Makes = Callable[..., Crew]


@pytest.fixture
def makes(common: Common, monkeypatch: pytest.MonkeyPatch) -> Iterator[Makes]:
    monkeypatch.setattr(crews, "COMMAND", (sys.executable, "-P", "-m", "tests.proxy.workers.small_worker"))
    monkeypatch.setattr(crews, "STOPS_WITHIN", 2.0)
    take_the_place_of_popen(monkeypatch.setattr)
    made: list[Crew] = []

    def make(text: str = "", heard: Any = lambda *_: None, **limits: Any) -> Crew:
        made.append(Crew(Workers(**{"count": 2, "drain_seconds": 20, **limits}), common, [], source(text), heard))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def wait_for(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def pids(crew: Crew) -> list[int]:
    return [place.now.process.pid for place in crew.places if place.now]


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_all_are_ready_and_know_the_policy(makes: Makes, tmp_path: Path) -> None:
    crew = makes()
    crew.start()
    wait_for(lambda: all(place.now and place.now.policy == "1@x" for place in crew.places))
    keeper = Keeper(tmp_path)
    keeper.write(crew, "1@x")
    said = read_standing(tmp_path)
    assert said is not None and said.supervisor == os.getpid() and said.refused == ""
    assert [(one.worker, one.pid, one.state, one.policy, one.starts) for one in said.workers] == [
        (1, pids(crew)[0], "ready", "1@x", 1),
        (2, pids(crew)[1], "ready", "1@x", 1),
    ]
    keeper.forget()
    assert read_standing(tmp_path) is None
    for broken in (b"", b"[]", b'{"supervisor": 1}', b'{"supervisor":1,"policy":"","refused":"","workers":[{}]}'):
        (tmp_path / FILE).write_bytes(broken)
        assert read_standing(tmp_path) is None


def test_one_that_is_killed_is_started_anew(makes: Makes) -> None:
    heard: list[tuple[int, str, str]] = []
    crew = makes(heard=lambda _, worker, word: heard.append((worker.process.pid, word, worker.why)))
    crew.start()
    victim, other = pids(crew)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in pids(crew) and len(pids(crew)) == 2)
    assert other in pids(crew) and crew.places[0].starts == 2
    assert (victim, "gone", "it was ended by signal 9") in heard


def test_the_file_names_each_that_is_ready_by_the_time_that_it_is_told_of(
    makes: Makes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, named, becomes_ready = Keeper(tmp_path), list[bool](), Crew._becomes_ready

    def late(crew: Crew, worker: Worker) -> bool:
        ready = becomes_ready(crew, worker)
        time.sleep(0.2)  # as on a busy machine
        return ready

    monkeypatch.setattr(Crew, "_becomes_ready", late)

    def heard(crew: Crew, worker: Worker, word: str) -> None:
        keeper.write(crew, "1@x")
        if word == "ready":
            said = read_standing(tmp_path)
            assert said is not None
            named.append(worker.process.pid in {one.pid for one in said.workers if one.state == "ready"})

    crew = makes(heard=heard)
    crew.start()
    wait_for(lambda: len(named) == 2)
    os.kill(pids(crew)[0], signal.SIGKILL)
    wait_for(lambda: len(named) == 3)
    assert all(named), "nothing changes after that, so the file would stay as it is"


def test_one_that_dies_again_and_again_is_started_with_pauses(makes: Makes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "PAUSES", (0.0, 0.0, 1000.0))
    crew = makes("dies", count=1)
    crew.start(lambda: False)
    wait_for(lambda: crew.places[0].failures == 3)
    time.sleep(0.3)
    assert crew.places[0].starts == 3 and crew.places[0].why == "it ended with status 7"


def test_one_that_does_not_become_ready_stops_the_start(makes: Makes) -> None:
    with pytest.raises(WorkerFailed, match="the settings say so"):
        makes("never ready").start()


def test_a_start_can_be_given_up(makes: Makes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "COMMAND", (sys.executable, "-c", "import time; time.sleep(1000)"))
    with pytest.raises(WorkerFailed):
        makes(count=1).start(lambda: True)


def test_all_are_replaced_and_each_leaves_only_for_one_that_serves(makes: Makes) -> None:
    states: list[tuple[int, str]] = []
    served: list[bool] = []

    def heard(crew: Crew, worker: Worker, word: str) -> None:
        states.append((worker.process.pid, word))
        if word == "leaving":
            now = crew.places[worker.place - 1].now
            served.append(now is not None and now is not worker and now.state == "ready")

    crew = makes(heard=heard)
    crew.start()
    before = pids(crew)
    assert crew.roll(source("new")) == ""
    after = pids(crew)
    assert not set(before) & set(after) and len(after) == 2
    wait_for(lambda: all((pid, "left") in states for pid in before))
    assert served == [True, True]
    assert crew.source.text == "new"


def test_where_a_successor_does_not_come_up_those_before_go_on(makes: Makes) -> None:
    crew = makes()
    crew.start()
    before = pids(crew)
    assert crew.roll(source("never ready")) == "the settings say so"
    assert pids(crew) == before and crew.source.text == ""
    os.kill(before[0], signal.SIGKILL)
    wait_for(lambda: before[0] not in pids(crew) and len(pids(crew)) == 2)
    assert crew.roll(source("")) == ""


def test_all_leave_in_peace_and_one_that_stays_is_ended_when_there_is_a_hurry(makes: Makes) -> None:
    crew = makes()
    crew.start()
    left = pids(crew)
    crew.drain(threading.Event())
    assert all(gone(pid) for pid in left)
    crew = makes("stays", drain_seconds=1000)
    crew.start()
    stayed = pids(crew)
    hurry = threading.Event()
    threading.Timer(0.5, hurry.set).start()
    crew.drain(hurry)
    assert all(gone(pid) for pid in stayed)


def counted(crew: Crew) -> dict[str, float]:
    families = text_string_to_metric_families(merge(crew.metrics()).decode())
    return {one.name: one.value for family in families for one in family.samples if not one.name.endswith("_created")}


def test_what_workers_have_counted_outlives_them(makes: Makes) -> None:
    crew = makes()
    assert not crew.serving and crew.metrics() == []
    crew.start()
    assert crew.serving
    wait_for(lambda: counted(crew).get("sluice_exchanges_total") == 2)
    assert crew.roll(source("")) == ""
    wait_for(lambda: not crew.leaving and counted(crew) == {"sluice_exchanges_total": 4, "sluice_waiting": 2})
    crew.stop()
    wait_for(lambda: counted(crew) == {"sluice_exchanges_total": 4})
    assert not crew.serving
