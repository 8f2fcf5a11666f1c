"""The log for a SIEM, as the command carries it: on standard output, or to a syslog server, for as long as it grows."""

import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from proxy.cli.export import Asked, export
from proxy.demo.authority import make_authority, server_context
from proxy.errors import SettingsError
from tests import nursery
from tests.proxy.siem.listener import Listener, until
from tests.proxy.siem.logs import write

SLUICE = (sys.executable, "-m", "proxy.cli.main")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    write(path, 3)
    with path.open("ab") as file:
        file.write(b'{"torn')
    return path


def printed(*words: str) -> list[bytes]:
    running = nursery.begin([*SLUICE, "audit", "export", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, told = running.communicate(timeout=120)
    assert running.returncode == 0, told.decode()
    return said.splitlines()


def test_each_record_is_a_document_and_a_torn_line_is_none(log: Path) -> None:
    documents = [orjson.loads(line) for line in printed(str(log))]
    assert [one["event"]["sequence"] for one in documents] == [1, 2, 3]
    assert [one["event"]["original"] for one in documents] == log.read_text("utf-8").splitlines()[:3]
    after = printed(str(log), "--after", "2", "--as", "syslog")
    assert len(after) == 1 and after[0].startswith(b"<110>1 2026-11-20T12:00:00.000+00:00 proxy-1 sluice - request - ")


def test_what_is_printed_goes_on_where_it_ended(log: Path, tmp_path: Path) -> None:
    kept = ("--state", str(tmp_path / "sent.json"))
    assert len(printed(str(log), *kept)) == 3
    write(log, 1)
    assert [orjson.loads(one)["event"]["sequence"] for one in printed(str(log), *kept)] == [4, 5]
    assert printed(str(log), *kept) == []


def test_followed_by_tls_through_an_outage_and_a_restart_every_record_arrives(log: Path, tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    listener = Listener(server_context(authority, ("localhost",)))
    words = [*SLUICE, "audit", "export", str(log), "--follow", "--state", str(tmp_path / "sent.json")]
    words += ["--to", f"syslog+tls://localhost:{listener.port}", "--ca", str(authority.pem)]
    with nursery.begin(words, stderr=subprocess.PIPE) as running:
        until(lambda: listener.seqs() == [1, 2, 3], "what was there")
        listener.stop()
        write(log, 2)
        listener.start()
        until(lambda: set(listener.seqs()) == {1, 2, 3, 4, 5, 6}, "what came while it was away")
        running.send_signal(signal.SIGTERM)
        _, told = running.communicate(timeout=60)
        assert running.returncode == 0 and b"wait in the log, and it is tried again" in told
    write(log, 1)
    listener.messages.clear()
    with nursery.begin(words) as again:
        until(lambda: listener.seqs() == [7], "only what is new")
        again.kill()
    listener.stop()


WRONG = {
    "no form": (Asked(Path("log"), "cef"), "must be one of ecs, syslog"),
    "no such log": (Asked(Path("gone")), "cannot be read"),
    "documents to a server of messages": (Asked(Path("log"), "ecs", to="syslog+tls://a"), "leave --as out"),
    "no address": (Asked(Path("log"), to="siem.example"), "--to takes syslog"),
    "an authority for no TLS": (Asked(Path("log"), to="syslog+tcp://a", ca=Path("ca")), "--ca is for --to syslog"),
    "a key for nothing": (Asked(Path("log"), key=Path("key")), "--key is for --to syslog"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_told(name: str) -> None:
    asked, told = WRONG[name]
    with pytest.raises(SettingsError, match=told):
        export(asked, lambda _: None)
