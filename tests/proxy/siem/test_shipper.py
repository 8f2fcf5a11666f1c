"""A log on its way to a SIEM, with a server that goes away and comes back: every record arrives, in order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from policies.decision import Text
from proxy.demo.authority import make_authority, server_context
from proxy.errors import SettingsError, StoreError
from proxy.siem import wire
from proxy.siem.mark import Mark
from proxy.siem.shipper import Shipper
from proxy.siem.wire import Server, connect, trust
from tests.proxy.siem.listener import Listener, until
from tests.proxy.siem.logs import write


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.Connection, "settles", 0.3)
    monkeypatch.setattr(wire.Datagrams, "settles", 0.3)


class Way:
    """A listener, and what carries a log to it."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind, self.told = folder, kind, list[str]()
        self.log = folder / "audit.jsonl"
        self.context = None
        secure = None
        if kind == "tls":
            authority = make_authority(folder)
            secure = server_context(authority, ("127.0.0.1", "localhost"))
            self.context = trust(authority.pem, None, None)
        self.listener = Listener(secure, datagrams=kind == "udp")

    def shipper(self, *, follow: bool = True, after: int = 0, mark: str = "sent.json") -> Shipper:
        server = Server(self.kind, "localhost" if self.kind == "tls" else "127.0.0.1", self.listener.port)  # type: ignore[arg-type]
        path = self.folder / mark if mark else None
        return Shipper(
            *(self.log, "syslog", partial(connect, server, self.context), server.told, Mark(path), self.tell),
            *(after, follow),
            pauses=(0.1,),
        )

    def tell(self, text: Text) -> None:
        self.told.append(text.en)
        assert text.zh

    @contextmanager
    def running(self, **options: int) -> Iterator[Shipper]:
        shipper = self.shipper(**options)  # type: ignore[arg-type]
        thread = threading.Thread(target=shipper.run, daemon=True)
        thread.start()
        yield shipper
        shipper.stop.set()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(params=["tcp", "tls", "udp"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    made = Way(tmp_path, request.param)
    yield made
    made.listener.stop()


@pytest.fixture
def tcp(tmp_path: Path) -> Iterator[Way]:
    made = Way(tmp_path, "tcp")
    yield made
    made.listener.stop()


def test_what_is_there_arrives_and_what_comes_later_too(way: Way) -> None:
    write(way.log, 3)
    with way.running():
        until(lambda: way.listener.seqs() == [1, 2, 3], "the first records")
        write(way.log, 2, user="王芳\n<6>1 forged")
        until(lambda: way.listener.seqs() == [1, 2, 3, 4, 5], "the later records")
    assert way.listener.broken == [] and way.told == []
    assert all(one.startswith(b"<110>1 2026-11-20T12:00:00.000+00:00 proxy-1") for one in way.listener.messages)


def test_the_next_run_goes_on_where_the_last_ended(way: Way) -> None:
    write(way.log, 3)
    way.shipper(follow=False).run()
    write(way.log, 1)
    way.shipper(follow=False).run()
    until(lambda: way.listener.seqs() == [1, 2, 3, 4], "each once")
    way.shipper(follow=False, after=2, mark="").run()
    until(lambda: way.listener.seqs() == [1, 2, 3, 4, 3, 4], "those after 2")


@pytest.mark.parametrize("way", ["tcp", "tls"], indirect=True)
def test_nothing_is_lost_when_the_server_is_away(way: Way) -> None:
    write(way.log, 2)
    with way.running() as shipper:
        until(lambda: shipper.counts.seq == 2, "what has settled counts")
        way.listener.stop()
        write(way.log, 400)
        until(lambda: bool(way.told), "it is told")
        way.listener.start()
        until(lambda: set(way.listener.seqs()) == set(range(1, 403)), "all of them")
        until(lambda: len(way.told) > 1, "that it is back is told")
    assert "records after 2 wait in the log" in way.told[0] and "takes records again" in way.told[1]
    first = list(dict.fromkeys(way.listener.seqs()))
    assert first == sorted(first)


def test_what_a_server_took_just_before_it_fell_comes_again(tcp: Way) -> None:
    write(tcp.log, 1)
    with tcp.running() as shipper:
        until(lambda: shipper.counts.seq == 1, "what has settled counts")
        write(tcp.log, 1)
        until(lambda: tcp.listener.seqs() == [1, 2], "the second")
        tcp.listener.stop()  # it may not have kept it: syslog knows no receipt
        tcp.listener.messages.clear()
        tcp.listener.start()
        until(lambda: 2 in tcp.listener.seqs(), "the second again")


def test_nobody_who_cannot_prove_who_he_is_gets_a_record(tmp_path: Path) -> None:
    way = Way(tmp_path, "tls")
    write(way.log, 1)
    way.context = trust(None, None, None)  # the public authorities did not sign it
    with pytest.raises(SettingsError, match=r"its certificate is not believed.*go on with --after 0"):
        way.shipper(follow=False).run()
    assert way.listener.messages == []
    way.listener.stop()


@pytest.mark.parametrize("way", ["tcp", "udp"], indirect=True)
def test_without_follow_a_server_that_is_away_is_told_with_where_to_go_on(way: Way) -> None:
    write(way.log, 2)
    way.shipper(follow=False).run()
    write(way.log, 1)
    way.listener.stop()
    with pytest.raises(SettingsError, match="it has the records up to 2: go on with --after 2"):
        way.shipper(follow=False).run()
    way.listener.start()
    way.shipper(follow=False).run()
    until(lambda: way.listener.seqs() == [1, 2, 3], "the third")


def test_a_log_that_was_moved_away_is_sent_to_its_end_and_the_new_one_from_its_beginning(tcp: Way) -> None:
    write(tcp.log, 2)
    with tcp.running():
        until(lambda: tcp.listener.seqs() == [1, 2], "the first log")
        write(tcp.log, 1)
        tcp.log.rename(tcp.folder / "old.jsonl")
        write(tcp.log, 1)
        until(lambda: tcp.listener.seqs() == [1, 2, 3, 1], "the end of the old, and the new")
    assert "sent up to record 3" in tcp.told[0]


def test_another_log_than_the_one_that_was_sent_is_told_and_sent_whole(tcp: Way) -> None:
    write(tcp.log, 3)
    tcp.shipper(follow=False).run()
    tcp.log.unlink()
    write(tcp.log, 2)
    tcp.shipper(follow=False).run()
    until(lambda: tcp.listener.seqs() == [1, 2, 3, 1, 2], "the new log")
    assert "record 3, the last that was sent, is not in this log" in tcp.told[0]


def test_a_torn_line_is_passed_over_and_half_a_line_is_waited_for(tcp: Way) -> None:
    write(tcp.log, 1)
    with tcp.log.open("ab") as file:
        file.write(b'{"torn')
    with tcp.running():
        until(lambda: tcp.listener.seqs() == [1], "the first")
        write(tcp.log, 1)  # owns up to the torn line, then goes on
        until(lambda: tcp.listener.seqs() == [1, 2, 3], "what is whole")


def test_a_record_that_no_datagram_holds_is_told(tmp_path: Path) -> None:
    way = Way(tmp_path, "udp")
    write(way.log, 1)
    line = way.log.read_bytes().replace("王芳".encode(), b"x" * 70_000)
    way.log.write_bytes(line)
    with pytest.raises(SettingsError, match="longer than a datagram; use syslog\\+tcp"):
        way.shipper(follow=False).run()
    way.listener.stop()


def test_a_place_that_cannot_be_kept_stops_before_anything_is_sent(tcp: Way) -> None:
    write(tcp.log, 1)
    with pytest.raises(StoreError, match="cannot be written"):
        tcp.shipper(follow=False, mark="nowhere/sent.json").run()
    assert tcp.listener.messages == []
