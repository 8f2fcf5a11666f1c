"""The process answers everything it is asked, in a fair order and within bounds, and finds what is found in ours."""

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from detectors.find import Finder, shipped_patterns
from detectors.interface import ANSWERING
from detectors.ner.names import shipped_names
from policies.own import TermList
from proxy.company import company_detectors
from proxy.detecting import worker
from proxy.detecting.frames import FORGET, Frame, pack, read_frame
from proxy.detecting.interface import Brief
from proxy.detecting.keeper import Apart
from proxy.detecting.messages import Question, read_scans, say_brief, say_detection, say_question
from proxy.settings.detection import Detection
from tests.detectors.company.samples import exact, prints
from tests.detectors.company.test_fingerprints import PLAN
from tests.proxy.detecting.small import SmallDetecting
from tests.thorough import THOROUGH

ASKED = frozenset({"SECRET"})


class Asking:
    """The proxy's end of the pipe, by hand."""

    def __init__(self, pipe: socket.socket) -> None:
        self.pipe = pipe
        self.numbers = count(1)

    def say(self, kind: str, fields: dict[str, Any] | None = None, body: bytes = b"") -> int:
        number = next(self.numbers)
        self.pipe.sendall(pack(Frame(number, kind, fields or {}, body)))
        return number

    def hear(self) -> Frame:
        frame = read_frame(self.pipe.recv)
        assert frame is not None
        return frame

    def find(self, *texts: str, version: int = 1, seconds: float = 60.0) -> int:
        return self.say("find", *say_question(Question(version, seconds, ASKED, texts)))


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    monkeypatch.setattr(worker.os, "_exit", lambda _: None)  # the test must go on
    ours, theirs = socket.socketpair()
    serving = threading.Thread(target=worker.Server(theirs, SmallDetecting).serve)
    serving.start()
    made = Asking(ours)
    made.say("settings", {}, say_detection(Detection(), Path("state")))
    assert made.hear().fields["entities"] == ["STAFF_NUMBER"]
    made.say("build", {"version": 1}, say_brief(Brief()))
    assert made.hear().fields["entities"] == ["SECRET"]
    yield made
    ours.shutdown(socket.SHUT_WR)
    serving.join()
    ours.close()
    theirs.close()


def test_a_short_question_is_answered_before_a_large_one_that_came_first(asking: Asking) -> None:
    large = {asking.find(f"SLEEPS 2 {'x' * worker.LARGE}") for _ in range(worker.LARGE_ONES + 1)}
    short = asking.find("SECRET")
    answer = asking.hear()
    assert answer.id == short and read_scans(answer.body, ["SECRET"], ASKED)[0].findings
    assert {asking.hear().id for _ in large} == large


def test_a_question_that_nobody_waits_for_any_more_is_not_looked_into(asking: Asking) -> None:
    busy = {asking.find("SLEEPS 1 ") for _ in range(worker.SHORT_ONES)}
    late = asking.find("SECRET", seconds=0.2)
    answers = {frame.id: frame for frame in (asking.hear() for _ in range(len(busy) + 1))}
    assert (answers[late].kind, answers[late].fields["why"]) == ("refused", "too late")
    assert answers[late].fields["short"] is True, "it was not for its text's sake"


def test_a_question_whose_client_has_left_is_not_looked_into(asking: Asking) -> None:
    busy = {asking.find("SLEEPS 1 ") for _ in range(worker.SHORT_ONES)}
    left = asking.find("SECRET")
    stayed = asking.find("SECRET")
    asking.pipe.sendall(pack(Frame(left, FORGET)))
    answers = {frame.id: frame for frame in (asking.hear() for _ in range(len(busy) + 2))}
    assert (answers[left].kind, answers[left].fields["why"]) == ("refused", "nobody waits")
    assert answers[stayed].kind == "done"
    asking.pipe.sendall(pack(Frame(left, FORGET)))
    asking.find("SECRET")
    assert asking.hear().kind == "done", "what is forgotten too late changes nothing"


def test_more_questions_than_may_wait_are_refused_at_once(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_WAITING", 2)
    waiting = {asking.find("SLEEPS 1 ") for _ in range(2)}
    too_many = asking.find("SECRET")
    answer = asking.hear()
    assert (answer.id, answer.kind, answer.fields["why"]) == (too_many, "refused", "too many texts wait")
    assert answer.fields["crowded"] is True
    assert {asking.hear().id for _ in waiting} == waiting
    asking.find("SECRET")
    assert asking.hear().kind == "done", "there is room again"


def test_more_text_than_may_wait_is_refused_unless_it_is_all_there_is(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MOST_BYTES", 10)
    first = asking.find("SLEEPS 1 SECRET")
    second = asking.find("SECRET")
    assert (asking.hear().id, asking.hear().id) == (second, first)


def test_whatever_goes_wrong_is_answered_without_a_word_of_the_text(asking: Asking) -> None:
    asking.find("RAISES confidential")
    answer = asking.hear()
    assert (answer.kind, answer.fields) == ("failed", {"why": "ValueError", "known": False})
    asking.find("SECRET", version=9)
    assert asking.hear().fields == {"why": "no such version"}
    asking.say("ping")
    assert asking.hear().kind == "done"


def test_a_version_is_held_until_it_is_dropped(asking: Asking) -> None:
    asking.say("build", {"version": 2}, say_brief(Brief(own=(TermList("CUSTOMER", terms=("华星",)),))))
    assert asking.hear().fields["entities"] == ["CUSTOMER", "SECRET"]
    asking.say("drop", {"version": 1})
    assert asking.hear().fields == {"versions": [2]}
    asking.find("SECRET", version=1)
    assert asking.hear().kind == "refused"


PROMPTS = Path(__file__).parents[2] / "cases" / "prompts"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    exact(folder)
    prints(folder, {"plan.txt": PLAN})
    return folder


OWN = (
    TermList("CUSTOMER", terms=("华星科技",), aliases=("HX-1",), indexes=("customers",), labels=("机密",)),
    TermList("PLANS", indexes=("plans",)),
)


def samples() -> list[str]:
    """Return the texts of the cases: prompts in both languages, and what is awkward about texts."""
    texts = [
        PLAN,
        "华星科技 HX-1 密级：机密。欧阳明月，13812340001。",
        "",
        "half \ud83d of a pair",
        "a\x00b",
        "😀" * 50,
    ]
    for path in sorted(PROMPTS.rglob("*")):
        if path.suffix in (".jsonl", ".txt", ".md", ".yaml"):
            text = path.read_text("utf-8")
            texts += text.splitlines()[:400:10] if path.suffix == ".jsonl" else [text[:2000]]
    return texts


def test_another_process_finds_the_very_same_in_all_cases(state: Path) -> None:
    finder = Finder((*shipped_patterns(), shipped_names(), *company_detectors(OWN, state)))
    texts = samples() if THOROUGH else samples()[::3]
    assert len(texts) >= 20
    apart = Apart(Detection(), state, 120.0).start()
    try:
        searcher = apart.searcher(Brief(names=True, own=OWN))
        assert searcher.entities == finder.entities
        wanted = finder.entities | {"NOBODY_LOOKS"}
        for group in [texts[at : at + 50] for at in range(0, len(texts), 50)]:
            here, there = finder.find_all(group, wanted), searcher.find_all(group, wanted)
            assert there == here
            because = [[one.because for one in scan.findings] for scan in here]
            assert [[one.because for one in scan.findings] for scan in there] == because
        with ThreadPoolExecutor(6) as pool:
            alone = list(pool.map(lambda text: searcher.find(f"{text} ", wanted), texts[:12]))
        assert alone == finder.find_all([f"{text} " for text in texts[:12]], wanted)
        halves, together = ["my card is 4111 1111 ", "1111 1111, thanks", "4111 1111 "], ["one", "one", None]
        here = finder.find_spread(halves, together, wanted)
        assert here[0].findings and here[1].findings, "a number spread over two texts of one message"
        assert searcher.find_spread(halves, together, wanted) == here
        between = ["my card is 4111 1111 ", "go on", "1111 1111, thanks"], ["one", ANSWERING, "two"]
        there = searcher.find_spread(*between, wanted)
        assert [bool(one.findings) for one in there] == [True, False, True], (
            "a model's turn parts nothing there, either"
        )
        (pid,) = [one.pid for one in apart.standing()]
        assert "onnxruntime" in Path(f"/proc/{pid}/maps").read_text()
        assert os.getpid() != pid
    finally:
        apart.close()
