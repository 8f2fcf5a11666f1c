"""A short share of `make fuzz` with every run: what has once broken a promise, and some inputs more a target."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.adapters.choose import ADAPTERS, FALLBACK
from tests.fuzz.draw import smaller
from tests.fuzz.engine import feed
from tests.fuzz.register import TARGETS
from tests.fuzz.target import Broken, Target, must, pick, picks, pieces
from tests.fuzz.wires import ALL
from tests.thorough import drawn

UNREAD = {"grpc", "connect-proto", "replicate-stream"}
"""Adapters that read no body, so that no request of theirs is listed."""
CRASHES = Path(__file__).parents[1] / "cases" / "fuzz"
"""Inputs that have broken a promise, each in a file that is called after its target."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Let libraries say nothing of broken files."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("file", sorted(CRASHES.iterdir()), ids=lambda file: file.name)
def test_what_has_broken_a_promise_does_so_no_more(file: Path) -> None:
    TARGETS[file.name.partition(".")[0]].run(file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_keeps_its_promise(name: str) -> None:
    one = TARGETS[name]
    few = Target(name, one.promise, one.run, lambda: list(one.seeds())[:12], one.words)
    told = feed(few, examples=drawn(1000, 6 if one.slow else 15))
    if told.failure is not None:
        told.failure.add_note(f"input: {told.data!r}; keep it in tests/cases/fuzz/{name}.WHY")
        raise told.failure


def test_every_adapter_of_the_register_is_fed() -> None:
    fed = {name.partition(": ")[0] for name in ALL}
    assert {entry.adapter.id for entry in ADAPTERS} | {FALLBACK.id} == fed | UNREAD


def test_a_promise_that_is_broken_is_found_and_kept(tmp_path: Path) -> None:
    def run(data: bytes) -> None:
        must(not (b"{" in data and b"abc" in data), "no such thing")

    broken = Target("planted", "x", run, lambda: [b"abc"])
    told = feed(broken, examples=3000, folder=tmp_path / "corpus", crashes=tmp_path / "crashes")
    assert isinstance(told.failure, Broken) and told.file is not None
    assert told.file.read_bytes() == told.data and b"{" in told.data


def test_what_fails_is_made_small() -> None:
    assert smaller(b"much before {" + b"x" * 500 + b"} and behind", lambda part: b"{" in part and b"}" in part) == b"{}"
    assert smaller(b"abc", lambda _: False) == b"abc"


def test_an_input_that_keeps_the_processor_busy_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.engine.LONGEST_RUN", 0.2)

    def run(data: bytes) -> None:
        while data == b"round and round":
            pass

    told = feed(Target("busy", "x", run, lambda: [b"round and round"]), examples=1)
    assert isinstance(told.failure, Broken) and "processor time" in str(told.failure)


def test_what_reaches_something_new_is_kept_and_gone_on_from(tmp_path: Path) -> None:
    from proxy.wire.target import read_target

    def run(data: bytes) -> None:
        if b"/" in data:
            read_target("/a")

    first = feed(Target("grows", "x", run, lambda: [b"x"], (b"/",)), examples=300, folder=tmp_path)
    again = feed(Target("grows", "x", run, lambda: [b"x"], (b"/",)), folder=tmp_path)
    assert first.kept == len(list((tmp_path / "grows").iterdir())) > 0
    assert again.runs == 1 + first.kept


def test_a_table_is_chosen_from_and_cuts_lose_nothing() -> None:
    table = {"a": 1, "b": 2}
    assert pick(table, picks(table, "b") + b"rest") == (2, b"rest") and pick(table, b"") == (1, b"")
    data = bytes(range(200))
    assert b"".join(pieces(data)) == data and len(pieces(data)) > 1 and pieces(b"") == []
