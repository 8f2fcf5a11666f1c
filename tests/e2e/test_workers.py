"""Several workers on one port behave as one proxy: one audit chain, one policy, no exchange lost when they change."""

import errno
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from proxy.demo.process import run_sluice
from proxy.workers.standing import Standing, read_standing
from tests.e2e.street import CHAT, Street, command, completion, open_street, run_here
from tests.ports import free_port
from tests.thorough import THOROUGH

PATIENCE = 120.0
PAUSE = 0 if THOROUGH else 0.1
"""Seconds between two questions of one client: of a load that fills the machine, the machine sees no more."""
"""Seconds; a busy machine needs some of them."""
POLICY = """
policy: Workers
version: {version}
owner: tests
otherwise: forbid
data_classes:
  personal: {{entities: [EMAIL_ADDRESS, PHONE_NUMBER]}}
rules:
  - {{id: all, verdict: allowed, redact: [personal]{more}}}
"""
MAIL = "wang.fang@huaxing-tech.com"


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("workers")
    workers = {"count": 2, "drain_seconds": 30, "websocket_seconds": 1}
    pages = {"admin": {"listen": f"127.0.0.1:{free_port()}"}, "pac": {"listen": f"127.0.0.1:{free_port()}"}}
    pages["pac"]["proxies"] = ["proxy.corp.example:8080"]
    with open_street(folder, POLICY.format(version=1, more=""), workers=workers, **pages) as street:
        yield street


def page(street: Street, listener: str, path: str) -> httpx.Response:
    settings = yaml.safe_load(street.proxy.config.read_text("utf-8"))
    return httpx.get(f"http://{settings[listener]['listen']}{path}", trust_env=False, timeout=PATIENCE, verify=False)


def counted(street: Street, name: str) -> float:
    families = text_string_to_metric_families(page(street, "admin", "/metrics").text)
    return sum(one.value for family in families for one in family.samples if one.name == name)


def standing(street: Street) -> Standing:
    found = read_standing(street.proxy.folder / "state")
    assert found is not None
    return found


def serving(street: Street) -> set[int]:
    return {one.pid for one in standing(street).workers if one.state == "ready"}


def wait_for(holds: Callable[[], bool], street: Street) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, street.proxy.log.read_text("utf-8")[-3000:]
        time.sleep(0.05)


def must_be_one_chain(street: Street) -> None:
    done = run_here("audit", "verify", str(street.proxy.audit))
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


@dataclass
class Load:
    """Clients that ask all the while, each on connections that it keeps."""

    street: Street
    done: int = 0
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def client(self, number: int, *, http2: bool, stream: bool) -> None:
        trust = ssl.create_default_context(cafile=str(self.street.proxy.ca))
        with httpx.Client(
            proxy=self.street.proxy.url, verify=trust, http2=http2, trust_env=False, timeout=PATIENCE
        ) as client:
            asked = 0
            while not self.stop.is_set():
                asked += 1
                mail = f"person{number}.{asked}@huaxing-tech.com"
                body = completion(f"Write to {mail} please", stream=stream)
                try:
                    with client.stream("POST", CHAT, json=body) as answer:
                        text = "".join(answer.iter_text())
                    whole = "[DONE]" in text if stream else text.rstrip().endswith("}")
                    if answer.status_code != 200 or not whole:
                        self.failed.append(f"{answer.status_code}: {text[-300:]}")
                except httpx.HTTPError as error:
                    self.failed.append(f"http2={http2} stream={stream}: {error!r}")
                self.done += 1
                self.stop.wait(PAUSE)


@contextmanager
def under_load(street: Street) -> Iterator[Load]:
    load = Load(street)
    kinds = [(False, False), (False, True), (True, False), (True, True)]
    with ThreadPoolExecutor(len(kinds)) as clients:
        running = [
            clients.submit(load.client, number, http2=http2, stream=stream)
            for number, (http2, stream) in enumerate(kinds)
        ]
        try:
            wait_for(lambda: load.done >= 8, street)
            yield load
        finally:
            load.stop.set()
        for one in running:
            one.result()


def test_two_workers_serve_and_write_one_chain(staffed: Street) -> None:
    assert len(serving(staffed)) == 2
    with under_load(staffed) as load:
        wait_for(lambda: load.done >= 40, staffed)
    assert load.failed == []
    must_be_one_chain(staffed)
    assert staffed.leaks(staffed.external.everything()) == []


def test_all_of_them_are_seen_as_one(staffed: Street) -> None:
    wait_for(lambda: page(staffed, "admin", "/readyz").status_code == 200, staffed)
    assert page(staffed, "admin", "/healthz").status_code == 200
    recorded = len(staffed.request_records())
    wait_for(lambda: counted(staffed, "sluice_exchanges_total") == recorded, staffed)
    assert counted(staffed, "sluice_ready") == 1 and counted(staffed, "sluice_connections_limit") > 0
    assert "proxy.corp.example:8080" in page(staffed, "pac", "/proxy.pac").text


def test_a_second_proxy_in_the_same_state_is_refused_and_changes_nothing(staffed: Street) -> None:
    before = standing(staffed)
    done = run_sluice("run", "--config", str(staffed.proxy.config), secrets=staffed.proxy.secrets)
    assert done.returncode == 3 and f"in use by process {before.supervisor} (" in done.stderr.decode()
    assert standing(staffed) == before


def test_a_value_in_two_requests_is_seen_whichever_workers_have_them(staffed: Street) -> None:
    staffed.reset()
    for number in range(4):  # each on a connection of its own, so on any worker
        for piece in (f"write to wang.fang{number}@", "huaxing-tech.com please"):
            assert staffed.post(CHAT, json=completion(piece)).status_code == 200
    seen = [one.json()["messages"][0]["content"] for one in staffed.external.requests]
    assert [text.startswith("[") for text in seen[1::2]] == [True] * 4


def test_a_rolling_restart_under_load_fails_no_exchange(staffed: Street) -> None:
    before = serving(staffed)
    with under_load(staffed) as load:
        done = command(staffed, "restart")
        assert done.returncode == 0, done.stderr.decode()
        wait_for(lambda: not any(one.state == "leaving" for one in standing(staffed).workers), staffed)
        after = load.done
        wait_for(lambda: load.done >= after + 8, staffed)
    assert load.failed == []
    assert not serving(staffed) & before and len(serving(staffed)) == 2
    states = [(line["state"], line["pid"]) for line in staffed.records() if line["event"] == "worker"]
    for pid in before:
        assert ("leaving", pid) in states and ("left", pid) in states
    must_be_one_chain(staffed)
    recorded = len(staffed.request_records())
    wait_for(lambda: counted(staffed, "sluice_exchanges_total") == recorded, staffed)


def test_a_worker_that_is_killed_takes_only_its_own_exchanges_along(staffed: Street) -> None:
    victim = min(serving(staffed))
    with under_load(staffed) as load:
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(serving(staffed) - {victim}) == 2, staffed)
        after = load.done
        wait_for(lambda: load.done >= after + 8, staffed)
    assert len(load.failed) <= 4, "each client has one exchange under way"
    told = [line for line in staffed.records() if line["event"] == "worker" and line["pid"] == victim]
    assert told[-1]["state"] == "gone" and "signal 9" in told[-1]["why"]
    must_be_one_chain(staffed)


def test_all_workers_take_a_new_version_and_none_takes_a_broken_one(staffed: Street) -> None:
    path = staffed.proxy.folder / "policy.yaml"

    def put(text: str) -> None:
        partial = path.with_suffix(".next")
        partial.write_text(text, "utf-8")
        partial.replace(path)
        staffed.proxy.process.send_signal(signal.SIGHUP)

    def followed(version: str) -> bool:
        now = standing(staffed)
        return now.policy.startswith(version) and {one.policy for one in now.workers} == {now.policy}

    put(POLICY.format(version=2, more=""))
    wait_for(lambda: followed("2@"), staffed)
    put(POLICY.format(version=3, more=", nonsense: 1"))
    wait_for(lambda: any(line["event"] == "policy_rejected" for line in staffed.records()), staffed)
    for _ in range(6):
        assert staffed.post(CHAT, json=completion("hello")).status_code == 200
        assert staffed.last_record()["policy"].startswith("2@")
    assert followed("2@")
    path.write_text(POLICY.format(version=2, more=""), "utf-8")


def test_a_stream_under_way_ends_whole_when_its_worker_leaves(staffed: Street) -> None:
    """The answer is read slowly, so that the worker has been told to leave before it has gone out."""
    trust = ssl.create_default_context(cafile=str(staffed.proxy.ca))
    asked = completion(f"Write to {MAIL}", stream=True)
    with (
        httpx.Client(proxy=staffed.proxy.url, verify=trust, trust_env=False, timeout=PATIENCE) as client,
        client.stream("POST", CHAT, json=asked) as answer,
    ):
        pieces = answer.iter_text()
        text = next(pieces)
        before = serving(staffed)
        os.kill(standing(staffed).supervisor, signal.SIGUSR2)
        wait_for(lambda: not serving(staffed) & before, staffed)
        text += "".join(pieces)
    assert "[DONE]" in text and MAIL.split("@")[0] in "".join(text.split())


def refuses(url: str) -> bool:
    """Whether nobody listens: who comes now goes elsewhere at once."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == errno.ECONNREFUSED


def test_sigterm_lets_all_leave_and_the_log_ends_with_that(staffed: Street) -> None:
    """The last one of these workers."""
    assert staffed.post(CHAT, json=completion("hello")).status_code == 200
    staffed.proxy.process.terminate()
    wait_for(lambda: refuses(staffed.proxy.url), staffed)
    assert staffed.proxy.process.wait(PATIENCE) == 0
    events = [line["event"] for line in staffed.records()]
    assert events[-1] == "stop" and events.count("worker") >= 4
    must_be_one_chain(staffed)
    assert read_standing(staffed.proxy.folder / "state") is None


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Workers that take their policy from the store; the last test takes their supervisor away."""
    folder = tmp_path_factory.mktemp("following")
    settings = {"workers": {"count": 2}, "policy_from": "store"}
    with open_street(folder, POLICY.format(version=1, more=""), **settings) as street:
        yield street


def test_with_sqlite_all_workers_take_what_is_published(following: Street, tmp_path: Path) -> None:
    path = tmp_path / "next.yaml"
    path.write_text(POLICY.format(version=2, more=""), "utf-8")

    def enforced(version: str) -> bool:
        return {one.policy[:2] for one in standing(following).workers} == {version}

    done = command(following, "policy", "publish", str(path), "--by", "张敏", "--wait", "100")
    assert done.returncode == 0 and b"enforces 2@" in done.stdout, done.stdout.decode() + done.stderr.decode()
    wait_for(lambda: enforced("2@"), following)
    assert following.post(CHAT, json=completion("hello")).status_code == 200
    assert following.last_record()["policy"].startswith("2@")
    assert command(following, "policy", "rollback", "--wait", "100").returncode == 0
    wait_for(lambda: enforced("1@"), following)
    closed = command(following, "policy", "close", "--by", "张敏")
    assert closed.returncode == 0 and b"CLOSED" in closed.stdout, closed.stderr.decode()
    wait_for(lambda: enforced("99"), following)
    answer = following.post(CHAT, json=completion("hello"))
    assert answer.status_code == 403 and "stopped all use of AI services" in answer.text
    opened = command(following, "policy", "open", "--by", "张敏")
    assert opened.returncode == 0, opened.stderr.decode()
    wait_for(lambda: enforced("1@"), following)
    assert following.post(CHAT, json=completion("hello")).status_code == 200
    assert [line["event"] for line in following.records() if line["event"].startswith("policy_")] == [
        *("policy_loaded", "policy_loaded", "policy_rolled_back", "policy_closed", "policy_rolled_back")
    ]
    must_be_one_chain(following)


def test_without_the_supervisor_no_worker_goes_on(following: Street) -> None:
    pids = serving(following)
    following.proxy.process.kill()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), following)
    must_be_one_chain(following)
