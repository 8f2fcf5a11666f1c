"""Models on a server find what they find here; whatever the server does wrong makes names unknown, never absent."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from detectors.interface import CannotTell, DetectorError
from detectors.ner.model import Absent
from detectors.ner.names import Names, names_by, shipped_names
from proxy.inference.client import Client
from proxy.inference.remote import FAILS, PAUSES, Breaker, Opener, name_of
from proxy.settings.detection import ModelServer
from tests.proxy.inference.server import FILES, Manner, serving

TEXTS = (
    "Please write to Margaret Thompson at Northwind Traders in Rotterdam before Friday.",
    "请把合同发给华星科技有限公司的王芳，她在上海市浦东新区世纪大道100号办公。",
    "Meeting with 李伟 and Sarah Connor about Contoso Ltd. 的报价。",
    "def main():\n    return 1\n",
    "The agenda is attached. " * 200 + "Signed, Jonathan Whitfield, Acme Corporation.",
)
PERSONS = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})


@pytest.fixture
def manner() -> Manner:
    return Manner()


OPENED: list[Opener] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def opener_at(url: str, seconds: float = 60.0, token: str = "") -> Opener:
    OPENED.append(Opener(Client(ModelServer(url, token=token, seconds=seconds)), seconds))
    return OPENED[-1]


@pytest.fixture
def remote(manner: Manner) -> Iterator[Names]:
    with serving(manner) as url:
        opener = opener_at(url)
        names = names_by("accurate", opener.device, opener)
        yield names
        names.close()


@pytest.mark.parametrize("binary", [True, False], ids=["raw bytes", "JSON"])
def test_a_server_finds_what_is_found_here(binary: bool) -> None:
    manner = Manner(binary=binary)
    with serving(manner) as url:
        opener = opener_at(url)
        names = names_by("accurate", opener.device, opener)
        here = shipped_names("accurate", "cpu", 1)
        assert names.find_all(TEXTS, PERSONS) == here.find_all(TEXTS, PERSONS)
        assert any(here.find(text, PERSONS) for text in TEXTS) and manner.rows
        names.close()


def test_no_text_travels_and_several_go_in_one_request(remote: Names, manner: Manner) -> None:
    with ThreadPoolExecutor(8) as callers:
        found = list(callers.map(lambda number: remote.find(f"{number}. {TEXTS[0]}", PERSONS), range(40)))
    assert all(found)
    assert sum(manner.rows) >= 40 and max(manner.rows) > 1, manner.rows
    assert manner.connections < 20, "connections are used again"
    for word in ("Margaret", "Thompson", "Northwind"):
        assert not any(word.encode() in body for body in manner.seen)


@pytest.mark.parametrize(
    ("spoilt", "binary"), [("short", True), ("short", False), ("shape", True), ("shape", False), ("json", False)]
)
def test_an_answer_that_is_none_makes_names_unknown(spoilt: str, binary: bool) -> None:
    manner = Manner(binary=binary)
    with serving(manner) as url:
        opener = opener_at(url)
        names = names_by("accurate", opener.device, opener)
        manner.spoils = spoilt
        with pytest.raises(CannotTell) as told:
            names.find(TEXTS[0], PERSONS)
        assert "Margaret" not in str(told.value)
        names.close()


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_another_status_makes_names_unknown(status: int, remote: Names, manner: Manner) -> None:
    manner.status = status
    with pytest.raises(CannotTell, match=str(status)):
        remote.find(TEXTS[0], PERSONS)


def test_a_slow_server_makes_names_unknown_within_its_time(manner: Manner) -> None:
    with serving(manner) as url:
        opener = opener_at(url, seconds=0.5)
        names = names_by("fast", opener.device, opener)
        manner.sleeps = 3.0
        with pytest.raises(CannotTell, match="in time"):
            names.find(TEXTS[1], PERSONS)
        names.close()


def test_a_server_that_is_away_at_the_start_is_waited_for_by_nobody_and_taken_when_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("proxy.inference.remote.PAUSES", (0.0,))
    with serving(Manner()) as url:
        port = int(url.rpartition(":")[2])
    opener = opener_at(url)
    names = names_by("accurate", opener.device, opener)
    for _ in range(FAILS):
        with pytest.raises(CannotTell):
            names.find(TEXTS[0], PERSONS)
    with serving(Manner(), port=port):
        assert names.find(TEXTS[0], PERSONS) == shipped_names("accurate", "cpu", 1).find(TEXTS[0], PERSONS)
    names.close()


def test_a_server_without_this_very_model_stops_the_start(tmp_path: Path) -> None:
    other = {name_of("hashed", FILES["hashed"]): FILES["hashed"], "sluice-latin-000000000000": FILES["latin"]}
    with serving(Manner(), other) as url:
        opener = opener_at(url)
        with pytest.raises(DetectorError, match="sluice models export"):
            names_by("accurate", opener.device, opener)
    assert name_of("own", tmp_path / "model.onnx") == "sluice-own", "one whose weights are only there"


def test_a_token_is_sent_and_shows_nowhere() -> None:
    with serving(Manner(token="secret-token")) as url:
        opener = opener_at(url, token="secret-token")
        names = names_by("fast", opener.device, opener)
        assert names.find(TEXTS[1], PERSONS)
        names.close()
        server = ModelServer(url, token="secret-token")
        assert "secret-token" not in repr(server) + repr(opener("hashed", FILES["hashed"], opener.device))


def test_a_server_that_keeps_failing_is_left_alone_and_tried_by_one() -> None:
    breaker = Breaker("x")
    for _ in range(FAILS):
        breaker.enter(0.0)
        breaker.failed(0.0, "down")
    with pytest.raises(Absent):
        breaker.enter(PAUSES[0] - 0.1)
    breaker.enter(PAUSES[0])
    with pytest.raises(Absent):
        breaker.enter(PAUSES[0])  # one tries, the others do not wait for it
    breaker.failed(PAUSES[0], "down")
    with pytest.raises(Absent):
        breaker.enter(PAUSES[0] + PAUSES[1] - 0.1)
    breaker.enter(PAUSES[0] + PAUSES[1])
    breaker.worked()
    breaker.enter(PAUSES[0] + PAUSES[1])
