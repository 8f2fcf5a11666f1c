"""Redis is stopped, silent, paused, read-only or full under a real proxy: no byte goes out, and it mends itself."""

import re
import signal
import ssl
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.nodes import FAST, POLICY
from tests.e2e.street import CHAT, OUTSIDE_HOST, Street, completion, content_of, load_planted, open_street
from tests.redis_servers import Server, needs_redis, until

pytestmark = needs_redis
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")
PATIENCE = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"), "appendonly yes", "appendfsync always")
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Street]:
    with open_street(tmp_path_factory.mktemp("street"), POLICY, **{**FAST, "store": server.url}) as street:
        yield street
        street.expect_no_leak()
        street.expect_silence()


def ask(street: Street, note: str = "") -> httpx.Response:
    with street.client(front={"x-user": "alice"}) as client:
        said = completion(f"{note} {time.monotonic()} {IDENTITY.text}")
        return client.post(CHAT, json=said, timeout=PATIENCE)


def must_refuse(street: Street, reason: str) -> None:
    street.reset()
    answer = ask(street, "while it is broken:")
    assert street.external.everything() == b"", "bytes upstream before a verdict"
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable"), answer.text
    assert IDENTITY.value not in answer.text
    # The person hears no more than this; whoever is on call finds why in the running log, by the number.
    [said] = [line for line in street.logged(answer) if line["event"].startswith("refused: ")]
    assert (said["level"], said["code"]) == ("error", "store_unavailable")
    assert re.fullmatch(rf"refused: the store, [^,]+, cannot be used.*\b({reason})\b.*", said["event"]), said["event"]


def wait_until_it_works(street: Street) -> None:
    end = time.monotonic() + PATIENCE
    while (answer := ask(street)).status_code != 200:
        assert time.monotonic() < end, answer.text
        time.sleep(0.2)
    assert IDENTITY.value in content_of(answer)


SILENT = "TimeoutError|silent a moment ago"
FAULTS = {
    "stopped": (lambda server: server.stop(), lambda server: server.start(), "ConnectionError"),
    "killed": (lambda server: server.stop(signal.SIGKILL), lambda server: server.start(), "ConnectionError"),
    "silent": (
        lambda server: server.process.send_signal(signal.SIGSTOP),
        lambda server: server.process.send_signal(signal.SIGCONT),
        SILENT,
    ),
    "paused": (
        lambda server: server.client.execute_command("CLIENT", "PAUSE", 600_000, "WRITE"),
        lambda server: server.client.execute_command("CLIENT", "UNPAUSE"),
        SILENT,
    ),
    "a replica": (
        lambda server: server.client.replicaof("127.0.0.1", 1),
        lambda server: server.client.replicaof("NO", "ONE"),
        "ReadOnlyError",
    ),
    "full": (
        lambda server: server.client.config_set("maxmemory", 1),
        lambda server: server.client.config_set("maxmemory", 0),
        "OutOfMemoryError",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_goes_out_and_it_mends_itself(street: Street, server: Server, fault: str) -> None:
    wait_until_it_works(street)
    seen = street.external.requests[-1].json()["messages"][0]["content"]
    breaks, mends, reason = FAULTS[fault]
    breaks(server)
    try:
        for _ in range(2):
            must_refuse(street, reason)
        trust = ssl.create_default_context(cafile=str(street.authority.pem))
        with httpx.Client(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=PATIENCE) as client:
            passed = client.post(f"https://{OUTSIDE_HOST}/orders", json={"x": 1})
        assert passed.status_code == 200, "what is not for AI services passes by"
    finally:
        mends(server)
    wait_until_it_works(street)
    placeholder = seen[seen.index("[CN_ID") :]
    again = street.post(CHAT, json=completion(f"once more: {placeholder}"), front={"x-user": "alice"})
    assert IDENTITY.value in content_of(again), "nothing was lost"


def test_a_slow_answer_is_waited_for(street: Street, server: Server) -> None:
    wait_until_it_works(street)
    street.reset()
    server.client.execute_command("CLIENT", "PAUSE", 300, "ALL")
    answer = ask(street, "slow:")
    assert answer.status_code in (200, 503)
    assert len(street.external.requests) == (answer.status_code == 200)
    until(server.client.ping, "an answer")
