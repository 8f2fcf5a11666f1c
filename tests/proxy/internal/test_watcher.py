"""Whether servers answer, and where their keys come from."""

import ssl
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from proxy.demo.authority import make_authority, server_context
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.server import Server
from proxy.internal.fleet import Fleet, State
from proxy.internal.models import Checks, InternalModels, InternalServer, KeySource
from proxy.internal.watcher import Probe, Watcher, fetch_key, teller, write_states
from proxy.trail.sinks import AuditFile
from tests.proxy.house import NOON, SERVER


class Model:
    """A server with one status for everything."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.status = 200
        self.server = Server(self.answer, tls)

    async def answer(self, _seen: Seen, reply: Reply) -> None:
        await send_whole(reply, self.status, "application/json", b"{}")


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    made.server.start()
    yield made
    made.server.stop()


def at(model: Model, **more: object) -> InternalServer:
    return replace(SERVER, host="127.0.0.1", port=model.server.port, check="/v1/models?v=1", **more)


@pytest.mark.parametrize(
    ("status", "wrong"),
    [(200, ""), (401, ""), (404, ""), (429, "status 429"), (500, "status 500"), (503, "status 503")],
)
def test_a_server_is_well_that_answers_with_anything_but_a_failure(model: Model, status: int, wrong: str) -> None:
    model.status = status
    assert Probe(2.0, {}).ask(at(model), "k") == wrong


def test_it_is_asked_by_its_own_path_with_its_own_key(model: Model) -> None:
    Probe(2.0, {}).ask(at(model, key_header="api-key"), "the-key")
    [seen] = model.server.requests
    assert (seen.method, seen.path, seen.header("api-key"), seen.header("authorization")) == (
        *("GET", "/v1/models?v=1", "the-key", ""),
    )


def test_a_server_that_is_not_there_is_told_as_such(model: Model) -> None:
    model.server.stop()
    assert Probe(2.0, {}).ask(at(model), "") == Probe(2.0, {}).reach(at(model)) == "connection refused"


@pytest.mark.parametrize(("trusted", "wrong"), [(True, ""), (False, "its certificate does not hold")])
def test_a_host_is_asked_at_its_other_address_and_by_its_own_name(tmp_path: Path, trusted: bool, wrong: str) -> None:
    authority = make_authority(tmp_path)
    model = Model(server_context(authority, ("llm.example",)))
    model.server.start()
    try:
        server = replace(SERVER, scheme="https", host="llm.example", port=443, check="/")
        resolve = {("llm.example", 443): ("127.0.0.1", model.server.port)}
        assert Probe(2.0, resolve, authority.pem if trusted else None).ask(server, "") == wrong
    finally:
        model.server.stop()


PRINT = (sys.executable, "-c")


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ((*PRINT, "print('token-1')"), "token-1"),
        ((*PRINT, "import sys; print('secret'); sys.exit(1)"), ""),
        ((*PRINT, "print('two\\nlines')"), ""),
        ((*PRINT, "print('密钥')"), ""),
        (("no-such-program-anywhere",), ""),
    ],
    ids=["printed", "failed", "two lines", "no ASCII", "no program"],
)
def test_a_command_gives_a_key_or_nothing(command: tuple[str, ...], key: str) -> None:
    assert fetch_key(replace(SERVER, key="old", source=KeySource(command=command))) == key


def test_a_file_gives_the_key_it_holds_now_and_one_that_is_gone_takes_none_away(tmp_path: Path, model: Model) -> None:
    path = tmp_path / "token"
    path.write_text("one\n", "utf-8")
    server = at(model, key="", source=KeySource(file=path, seconds=60))
    models = InternalModels({"m": (server,)}, "m", checks=Checks(every=0.0))
    fleet = Fleet(models)
    watcher = Watcher(models, fleet, Probe(2.0, {}))
    for moment, held, key in ((0.0, "one", "one"), (59.0, "two", "one"), (60.0, "two", "two"), (130.0, "", "two")):
        path.write_text(held, "utf-8")
        watcher.round(moment)
        assert fleet.key(server) == key


def test_a_round_finds_out_who_fails_and_who_is_back(model: Model) -> None:
    models = InternalModels({"m": (at(model),)}, "m", checks=Checks(every=10.0))
    fleet = Fleet(models, lambda: NOON)
    watcher = Watcher(models, fleet, Probe(2.0, {}))
    model.status = 500
    watcher.round(100.0)
    assert fleet.states() == (State(SERVER.name, False, "status 500", NOON),)
    model.status = 200
    watcher.round(105.0)
    assert not fleet.states()[0].healthy
    watcher.round(110.0)
    assert fleet.states()[0].healthy and len(model.server.requests) == 2


def test_servers_that_are_not_to_be_checked_are_asked_nothing(model: Model) -> None:
    models = InternalModels({"m": (at(model),)}, "m", checks=Checks(every=0.0))
    watcher = Watcher(models, Fleet(models), Probe(2.0, {}))
    watcher.start()
    watcher.round(1.0)
    watcher.stop()
    assert model.server.requests == []


def test_a_change_is_in_the_audit_and_in_the_file_of_states(tmp_path: Path) -> None:
    models = InternalModels({"m": (SERVER,)}, "m")
    audit = AuditFile(tmp_path / "audit.jsonl")
    fleet = Fleet(models, lambda: NOON, teller(tmp_path, audit, "n", lambda: NOON, lambda: fleet))
    write_states(tmp_path, fleet)
    before = orjson.loads((tmp_path / "internal.json").read_bytes())
    fleet.failed(SERVER, "status 500")
    audit.close()
    after = orjson.loads((tmp_path / "internal.json").read_bytes())
    assert before == {"servers": [{"server": SERVER.name, "healthy": True, "why": "", "since": ""}]}
    assert after["servers"][0] | {"since": ""} == before["servers"][0] | {"healthy": False, "why": "status 500"}
    [line] = [orjson.loads(line) for line in (tmp_path / "audit.jsonl").read_bytes().splitlines()]
    assert (line["event"], line["server"], line["state"]) == ("internal_server", SERVER.name, "unhealthy")
