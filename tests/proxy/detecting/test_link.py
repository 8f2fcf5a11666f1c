"""Whatever a process does, whoever asked it is told, at once or in time; and it ends with whoever started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from detectors.allowance import Interest
from proxy.detecting import link as room
from proxy.detecting.interface import Brief
from proxy.detecting.link import GARBLED, STUCK, Down, Link
from proxy.detecting.messages import Question, say_brief, say_detection, say_question
from proxy.detecting.worker import SHORT_ONES
from proxy.settings.detection import Detection
from tests.proxy.detecting.small import COMMAND, eventually, small_link

PATIENCE = 60.0
SPOKEN = "the words of somebody, SLEEPS 30 seconds"


def begun(link: Link) -> Link:
    link.ask("settings", {}, say_detection(Detection(), Path("state")), PATIENCE)
    link.ask("build", {"version": 1}, say_brief(Brief()), PATIENCE)
    return link


@pytest.fixture
def link() -> Iterator[Link]:
    made = begun(small_link())
    yield made
    made.end("the test is over")


def ask(link: Link, text: str, seconds: float = PATIENCE) -> bytes:
    return link.ask("find", *say_question(Question(1, seconds, frozenset({"SECRET"}), (text,))), seconds).body


def test_questions_of_many_threads_are_answered_each_with_its_own(link: Link) -> None:
    texts = [f"{'x' * number}SECRET" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: ask(link, text), texts))
    assert [f'[{number},{number + 6},"SECRET"'.encode() in one for number, one in enumerate(answers)] == [True] * 40
    assert link.load == 0


def test_one_that_is_killed_tells_everybody_who_waits_and_who_comes_later(link: Link) -> None:
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(ask, link, SPOKEN) for _ in range(4)]
        assert eventually(lambda: link.load > 3 * len(SPOKEN))
        os.kill(link.pid, signal.SIGKILL)
        for one in waiting:
            with pytest.raises(Down, match=r"^it was ended by signal 9$"):
                one.result(PATIENCE)
    with pytest.raises(Down, match="signal 9"):
        ask(link, "anything")


def test_who_asks_one_that_is_just_gone_is_told_how_it_went(link: Link) -> None:
    with link._lock:  # nobody who listens can say so first
        os.kill(link.pid, signal.SIGKILL)
        link._process.wait(PATIENCE)
    with pytest.raises(Down, match=r"^it was ended by signal 9$"):
        link._send(b"a question", monotonic() + PATIENCE)


def test_one_that_ends_by_itself_tells_its_status(link: Link) -> None:
    with pytest.raises(Down, match=r"^it ended with status 7$"):
        ask(link, "DIES")


def test_who_has_left_is_waited_for_no_longer_and_the_process_is_told(link: Link) -> None:
    waits = Interest()
    told = say_question(Question(1, PATIENCE, frozenset({"SECRET"}), ("SLEEPS 1 SECRET",)))
    with ThreadPoolExecutor(9) as pool:
        busy = [pool.submit(ask, link, "SLEEPS 2 SECRET") for _ in range(SHORT_ONES)]
        left = pool.submit(link.ask, "find", *told, PATIENCE, (), waits)
        assert eventually(lambda: len(link._waiting) > SHORT_ONES)
        waits.end()
        with pytest.raises(TimeoutError):
            left.result(PATIENCE)
        assert not all(one.done() for one in busy)
        assert all(b"SECRET" in one.result(PATIENCE) for one in busy)
    assert eventually(lambda: link.overdue(-60) == 0), "it was answered without a look"


def test_an_answer_that_comes_late_is_waited_for_no_longer_and_harms_nobody(link: Link) -> None:
    with pytest.raises(TimeoutError):
        ask(link, "SLEEPS 1 second", 0.2)
    assert link.overdue(-60) == 1
    assert b"SECRET" in ask(link, "SECRET")
    assert eventually(lambda: link.overdue(-60) == 0), "it has come, for nobody"
    assert not link.why


def script(code: str) -> Callable[[], Link]:
    head = "import socket, sys, time; s = socket.socket(fileno=int(sys.argv[1]));"
    return lambda: Link((sys.executable, "-c", head + code))


NOISE = {
    "noise": "s.sendall(b'noise' * 100); time.sleep(60)",
    "an answer that nobody asked for": (
        's.recv(1); h = b\'{"id":9,"kind":"done"}\'; s.sendall(len(h).to_bytes(4) + bytes(4) + h); time.sleep(60)'
    ),
    "half an answer": "s.recv(999); s.sendall(bytes(3) + bytes([9]) + bytes(4) + b'{'); s.close(); time.sleep(60)",
}


@pytest.mark.parametrize("code", NOISE.values(), ids=NOISE)
def test_one_that_says_what_it_must_not_is_ended(code: str) -> None:
    link = script(code)()
    with pytest.raises(Down, match=GARBLED):
        link.ask("ping", {}, b"", PATIENCE)
    assert eventually(lambda: not Path(f"/proc/{link.pid}").exists()), "it runs on"


def test_one_that_takes_nothing_any_more_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SEND_SECONDS", 1)
    link = script("time.sleep(600)")()
    began = monotonic()
    with pytest.raises(Down, match=STUCK):
        link.ask("find", {}, b"x" * (8 << 20), PATIENCE)
    assert monotonic() - began < PATIENCE


def test_one_that_cannot_be_started_is_told() -> None:
    with pytest.raises(OSError, match="nothing/here"):
        Link(("nothing/here",))


def test_its_end_is_told_once(link: Link) -> None:
    ends: list[int] = []
    other = begun(small_link(lambda: ends.append(1)))
    os.kill(other.pid, signal.SIGKILL)
    assert eventually(lambda: ends == [1])
    other.end("again")
    assert ends == [1] and other.why == "it was ended by signal 9"
    assert ask(link, "SECRET"), "another one is none the worse"


def test_what_is_confidential_stands_in_no_argument_and_no_variable_and_no_core_is_left(link: Link) -> None:
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask, link, SPOKEN)
        assert eventually(lambda: link.load > len(SPOKEN) // 2)
        about = Path(f"/proc/{link.pid}")
        told = (about / "cmdline").read_bytes() + (about / "environ").read_bytes()
        assert b"detecting.small" in told and b"somebody" not in told
        assert "Max core file size        0                    0" in (about / "limits").read_text()
        link.end("the test is over")
        with pytest.raises(Down, match="the test is over"):
            asking.result(PATIENCE)


def test_it_does_not_end_with_a_signal_that_is_meant_for_the_proxy(link: Link) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(link.pid, number)
    assert ask(link, "SECRET")


PARENT = """
import sys, time
from proxy.detecting.link import Link
link = Link(tuple(sys.argv[1:]))
link.ask("ping", {}, b"", 60)
print(link.pid, flush=True)
time.sleep(600)
"""


def test_it_ends_with_whoever_started_it() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", PARENT, *COMMAND], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        about = Path(f"/proc/{int(parent.stdout.readline())}")
        assert about.exists()
        parent.kill()
    assert eventually(lambda: not about.exists() or "\nState:\tZ" in (about / "status").read_text())
