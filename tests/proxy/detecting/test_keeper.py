"""Whatever befalls a process, what it was asked is found or unknown, never absent; and it comes back by itself."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from detectors.allowance import before
from detectors.effort import Effort
from detectors.interface import DetectorError, Scan, Searcher
from policies.own import TermList
from proxy.detecting import keeper
from proxy.detecting.interface import Brief, Standing
from proxy.detecting.keeper import Apart
from proxy.detecting.link import Down
from proxy.detecting.messages import Question, say_question
from proxy.settings.detection import Detection
from tests.nursery import take_the_place_of_popen
from tests.proxy.detecting.small import FATAL, NEVER, eventually, small_link

ASKED = frozenset({"SECRET", "ELSE"})
UNKNOWN = Scan((), ASKED)
AWAY = Scan((), ASKED, away=True)
"""Nobody could be asked: it may be asked again."""
SECONDS = 30.0
"""Long, for machines that are busy: no test waits for it."""

type Start = Callable[..., Apart]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    take_the_place_of_popen(monkeypatch.setattr)
    made: list[Apart] = []

    def begin(seconds: float = SECONDS, **detection: Any) -> Apart:
        apart = Apart(Detection(**detection), Path("state"), seconds, small_link)
        made.append(apart)
        return apart.start()

    yield begin
    for one in made:
        one.close()


def brief(*terms: str) -> Brief:
    return Brief(own=(TermList("CUSTOMER", terms=terms),))


def knows(searcher: Searcher) -> bool:
    """Tell whether somebody looks: what is found by a new process shows that it is there."""
    return [(one.start, one.end) for one in searcher.find("a SECRET", ASKED).findings] == [(2, 8)]


def pids(apart: Apart) -> list[int]:
    return [one.pid for one in apart.standing()]


def test_what_is_found_elsewhere_comes_back_and_what_nobody_looks_for_is_unknown(start: Start) -> None:
    apart = start()
    searcher = apart.searcher(brief("华星"))
    assert searcher.entities == {"SECRET", "CUSTOMER"} and apart.own_entities == {"STAFF_NUMBER"}
    first, second = searcher.find_all(["no", "华星 SECRET"], frozenset({"SECRET", "CUSTOMER", "ELSE"}))
    assert first == Scan((), frozenset({"ELSE"}))
    assert [(one.start, one.end, one.entity, one.because) for one in second.findings] == [
        (0, 2, "CUSTOMER", ("term",)),
        (3, 9, "SECRET", ("term",)),
    ]


def test_which_detector_could_not_tell_is_heard_here(start: Start) -> None:
    apart, heard = start(), []
    apart.overhear(heard.append)
    searcher = apart.searcher(Brief())
    assert knows(searcher) and heard == []
    assert searcher.find("a SECRET that FAILS", ASKED).findings
    assert heard == ["small: no time"]


def test_what_the_operator_must_hear_of_what_was_loaded_is_heard_here(start: Start) -> None:
    apart = start()
    assert apart.notes == ()
    apart.searcher(Brief())
    assert apart.notes == ("small: slower than was asked for",)


def test_nobody_waits_longer_than_the_request_does(start: Start) -> None:
    searcher = start().searcher(Brief())
    assert knows(searcher)
    with before(monotonic() + 0.5):
        assert searcher.find("SLEEPS 5 SECRET", ASKED) == UNKNOWN, "unknown, long before it is answered"


EFFORTS = {
    "nothing": ("SECRET", 60.0, 0.0, False),
    "it works": ("WORKS 0.2 SECRET", 60.0, 0.2, False),
    "it works, and lacks time": ("WORKS 0.2 LACKS SECRET", 60.0, 0.2, True),
    "it does not answer, and does not work": ("SLEEPS 5 SECRET", 0.3, 0.0, True),
}


@pytest.mark.parametrize(("text", "seconds", "least", "short"), EFFORTS.values(), ids=EFFORTS)
def test_what_was_worked_and_what_was_lacking_is_noted_here(
    start: Start, text: str, seconds: float, least: float, short: bool
) -> None:
    searcher, note = start().searcher(Brief()), Effort()
    assert knows(searcher)
    with before(monotonic() + seconds, effort=note):
        searcher.find(text, ASKED)
    assert note.short is short and not note.crowded
    assert least <= note.seconds < least + 0.2


def test_one_that_works_and_never_comes_to_an_end_has_used_the_time(start: Start) -> None:
    searcher, note = start().searcher(Brief()), Effort()
    assert knows(searcher)
    with before(monotonic() + 1.0, effort=note):
        assert searcher.find("WORKS 600 SECRET", ASKED) == UNKNOWN
    assert note.short and note.seconds > 0.0


def test_with_nothing_to_look_for_nobody_is_asked(start: Start) -> None:
    apart = start()
    searcher = apart.searcher(Brief())
    apart.close()
    assert searcher.find("SECRET", frozenset()) == Scan()
    assert searcher.find("SECRET", frozenset({"ELSE"})) == Scan((), frozenset({"ELSE"}))
    assert searcher.find_all([], ASKED) == []
    assert searcher.find("SECRET", ASKED) == AWAY, "after the end nobody looks"


BREAKS = {
    "it dies": ("SECRET DIES", AWAY),
    "it says what no detector says": ("SECRET LIES", AWAY),
    "it fails": ("SECRET RAISES", UNKNOWN),
}


@pytest.mark.parametrize(("text", "told"), BREAKS.values(), ids=BREAKS)
def test_a_text_that_breaks_it_is_unknown_and_the_next_one_is_looked_into(start: Start, text: str, told: Scan) -> None:
    searcher = start().searcher(Brief())
    assert searcher.find_all(["SECRET", text], ASKED) == [told, told]
    assert eventually(lambda: knows(searcher))


def test_one_that_is_killed_makes_what_it_was_asked_unknown_and_another_takes_its_place(start: Start) -> None:
    apart = start()
    told: list[Standing] = []
    apart.hear(told.append)
    searcher = apart.searcher(Brief())
    (pid,) = pids(apart)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(searcher.find, "SECRET SLEEPS 60 ", ASKED) for _ in range(3)]
        assert eventually(lambda: apart._places[0].link is not None and apart._places[0].link.load > 40)
        began = monotonic()
        os.kill(pid, signal.SIGKILL)
        assert [one.result() for one in waiting] == [AWAY] * 3
        assert monotonic() - began < SECONDS, "they waited for an answer that could not come"
    assert knows(searcher), "a question waits for the one that is coming"
    assert pids(apart) != [pid]
    assert [(one.works, one.why, one.starts) for one in told] == [
        (True, "", 1),
        (False, "it was ended by signal 9", 1),
        (True, "", 2),
    ]


def test_one_that_keeps_silent_is_ended_and_replaced(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "SILENT", 1.0)
    monkeypatch.setattr(keeper, "ROUND", 0.1)
    apart = start()
    searcher = apart.searcher(Brief())
    (pid,) = pids(apart)
    os.kill(pid, signal.SIGSTOP)
    assert searcher.find("SECRET", ASKED) == AWAY
    assert eventually(lambda: knows(searcher)) and pids(apart) != [pid]


def test_one_that_is_slow_is_waited_for_as_long_as_is_said_and_no_longer(start: Start) -> None:
    apart = start(seconds=1.0)
    searcher = apart.searcher(Brief())
    assert searcher.find("SECRET SLEEPS 60 ", ASKED) == UNKNOWN
    assert apart.standing()[0].works and eventually(lambda: knows(searcher)), "others are answered meanwhile"


def test_one_whose_threads_are_stuck_is_replaced(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "OVERDUE", 0.1)
    apart = start(seconds=0.5)
    searcher = apart.searcher(Brief())
    (pid,) = pids(apart)
    assert searcher.find("SLEEPS 600 ", ASKED) == searcher.find("SLEEPS 601 ", ASKED) == UNKNOWN
    assert eventually(lambda: pids(apart) != [pid] and knows(searcher))


def test_one_that_dies_again_and_again_is_paused_for_and_nobody_waits(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "PAUSES", (0.0, 600.0))
    apart = start()
    searcher = apart.searcher(Brief())
    assert searcher.find("DIES", ASKED) == AWAY and eventually(lambda: knows(searcher))
    assert searcher.find("DIES", ASKED) == AWAY
    assert eventually(lambda: not apart.standing()[0].works)
    began = monotonic()
    assert searcher.find("SECRET", ASKED) == AWAY and monotonic() - began < SECONDS / 2


def test_one_that_will_be_started_in_time_is_waited_for(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "PAUSES", (0.0, 1.5))
    apart = start()
    searcher = apart.searcher(Brief())
    assert searcher.find("DIES", ASKED) == AWAY and eventually(lambda: knows(searcher))
    assert searcher.find("DIES", ASKED) == AWAY
    assert eventually(lambda: not apart.standing()[0].works)
    assert not apart._places[0].coming and knows(searcher), "it stands still now, and a question waits for it"


def test_several_share_the_work_and_one_steps_in_for_another(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "PAUSES", (600.0,))
    apart = start(processes=2)
    searcher = apart.searcher(Brief())
    first, second = pids(apart)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(searcher.find, f"SLEEPS {number} ", ASKED) for number in (60, 61)]
        links = [place.link for place in apart._places]
        assert eventually(lambda: all(link is not None and link.load for link in links)), "both have one to look into"
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: [one.works for one in apart.standing()] == [False, True])
        assert knows(searcher)
        os.kill(second, signal.SIGKILL)
        assert [one.result() for one in waiting] == [AWAY, AWAY]


def test_versions_stand_beside_each_other_outlive_a_process_and_are_dropped_when_nobody_holds_them(
    start: Start,
) -> None:
    apart = start()
    held = {"old": apart.searcher(brief("华星")), "new": apart.searcher(brief("蓝鲸"))}
    text, asked = "华星 蓝鲸", frozenset({"CUSTOMER"})

    def seen(name: str) -> list[int]:
        return [one.start for one in held[name].find(text, asked).findings]

    assert (seen("old"), seen("new")) == ([0], [3])
    os.kill(pids(apart)[0], signal.SIGKILL)
    assert eventually(lambda: (seen("old"), seen("new")) == ([0], [3]))
    link = apart._places[0].link
    assert link is not None
    fields, body = say_question(Question(1, SECONDS, asked, (text,)))
    assert link.ask("find", fields, body, SECONDS).kind == "done"
    del held["old"]
    assert eventually(lambda: link.ask("find", fields, body, SECONDS).fields.get("why") == "no such version")
    assert seen("new") == [3] and list(apart._briefs) == [2]


def test_settings_that_cannot_be_loaded_stop_the_start_and_say_which(start: Start) -> None:
    with pytest.raises(DetectorError, match=r"none\.yaml: no such file") as raised:
        start(rules=(Path("none.yaml"),))
    assert raised.value.chinese == "none.yaml：没有这个文件"


def test_a_process_that_cannot_be_started_stops_the_start() -> None:
    def fails(_: object) -> Any:
        raise OSError("no more processes")

    with pytest.raises(DetectorError, match="OSError"):
        Apart(Detection(), Path("state"), SECONDS, fails).start()


def test_a_policy_that_cannot_be_loaded_is_told_and_changes_nothing(start: Start) -> None:
    apart = start()
    searcher = apart.searcher(Brief())
    (pid,) = pids(apart)
    with pytest.raises(DetectorError, match="there is no index called customers"):
        apart.searcher(brief(NEVER))
    assert knows(searcher) and pids(apart) == [pid]


def test_a_policy_that_ends_the_process_is_not_taken_up_and_not_tried_with_the_next_one(start: Start) -> None:
    apart = start()
    searcher = apart.searcher(Brief())
    with pytest.raises(Down, match="no process has loaded"):
        apart.searcher(brief(FATAL))
    assert eventually(lambda: knows(searcher))


def test_whoever_hears_of_changes_cannot_stop_them(start: Start) -> None:
    apart = start()
    searcher = apart.searcher(Brief())

    def fails(now: Standing) -> None:
        if now.starts > 1 or not now.works:
            raise RuntimeError

    apart.hear(fails)
    os.kill(pids(apart)[0], signal.SIGKILL)
    assert eventually(lambda: knows(searcher))
