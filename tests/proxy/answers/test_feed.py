"""The function that mitmproxy calls never raises, never sends an empty piece, and never guesses."""

from typing import Any

import pytest

from proxy.answers.feed import Feeder


class Way:
    """A way back that can break at any step."""

    def __init__(self, breaks: str = "", translator: Any = None) -> None:
        self.breaks, self.translator, self.failed = breaks, translator, False

    def feed(self, chunk: bytes) -> bytes:
        if chunk.decode() == self.breaks:
            raise RuntimeError("13912345678")
        return chunk.upper() if chunk != b"held" else b""

    def end(self) -> bytes:
        if self.breaks == "end":
            raise RuntimeError("13912345678")
        return b"END"


def fed(feeder: Feeder, *chunks: bytes) -> list[bytes]:
    return [piece for chunk in (*chunks, b"") for piece in feeder(chunk)]


def test_chunks_are_fed_and_counted() -> None:
    feeder = Feeder(Way())
    assert fed(feeder, b"a", b"bc") == [b"A", b"BC", b"END"]
    assert (feeder.received, feeder.sent, feeder.code) == (3, 6, "")


def test_a_piece_is_never_empty() -> None:
    """An empty piece would end a chunked body."""
    assert Feeder(Way())(b"held") == []


def test_an_end_comes_once() -> None:
    feeder = Feeder(Way())
    assert fed(feeder) == [b"END"]
    assert feeder(b"more") == [] and feeder(b"") == []


def test_a_failure_that_the_translator_has_told_is_recorded_at_the_end() -> None:
    way = Way(translator=object())
    way.failed = True
    feeder = Feeder(way)
    assert (feeder(b"a"), feeder.code) == ([b"A"], "")
    assert (feeder(b""), feeder.code) == ([b"END"], "internal_model_unavailable")


CASES = {
    "a service's stream goes on as it came": (Way("b"), [b"A", b"b", b"c"]),
    "a service's end": (Way("end"), [b"A", b"B", b"C"]),
    "a translated stream stops": (Way("b", object()), [b"A"]),
    "a translated end": (Way("end", object()), [b"A", b"B", b"C"]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_way_back_that_breaks_is_told_and_never_raises(name: str, logged) -> None:
    way, pieces = CASES[name]
    feeder = Feeder(way)
    assert fed(feeder, b"a", b"b", b"c") == pieces
    assert feeder.code == "not_restored"
    assert "13912345678" not in logged.getvalue() and "RuntimeError" in logged.getvalue()
