"""The master of Redis is killed under load, before two proxies of two workers: nothing leaks, counts stay exact."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from proxy.demo.process import run_sluice
from tests.e2e.nodes import open_nodes
from tests.e2e.street import CHAT, Street, completion, content_of, load_planted
from tests.redis_servers import PASSWORD, Guarded, needs_redis, open_guarded, until

pytestmark = needs_redis
DEEPSEEK = "https://api.deepseek.com/chat/completions"
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")
ALICE = {"x-user": "alice"}
LIMIT = 30
"""Requests a day, by the rule `thirty-a-day`."""
PATIENCE = 60.0


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with open_guarded(tmp_path_factory.mktemp("guarded")) as made:
        yield made


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, servers: Guarded) -> Iterator[tuple[Street, Street]]:
    folder = tmp_path_factory.mktemp("nodes")
    password = folder / "password"
    password.write_text(PASSWORD, "utf-8")
    password.chmod(0o600)
    access = {"password_file": str(password), "replicas": 1}
    with open_nodes(folder, servers.url, redis=access, workers={"count": 2}) as both:
        yield both


class Load:
    """People who ask both nodes in turn, without a pause, until it is enough."""

    def __init__(self, nodes: tuple[Street, Street]) -> None:
        self.nodes, self.enough = nodes, threading.Event()
        self.answers: list[tuple[int, str]] = []
        self.odd: list[str] = []
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(3)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        asked = 0
        while not self.enough.is_set():
            asked += 1
            said = f"n{number}.{asked} {IDENTITY.text}"
            try:
                answer = self.nodes[asked % 2].post(CHAT, json=completion(said), front=ALICE)
            except httpx.HTTPError as error:
                self.odd.append(repr(error))
                continue
            if answer.status_code == 200:
                fine, code = content_of(answer).endswith(said), ""
            else:
                code = answer.json()["error"]["code"]
                fine = (answer.status_code, code) == (503, "store_unavailable") and IDENTITY.value not in answer.text
            if not fine:
                self.odd.append(f"{answer.status_code}: {answer.text[:200]}")
            self.answers.append((answer.status_code, code))

    def count(self, status: int) -> int:
        return Counter(status for status, _ in list(self.answers))[status]


def spend(nodes: tuple[Street, Street], asked: int) -> Counter[int]:
    """Ask the service that is counted so often, over both in turn; what is unavailable is asked again."""
    told: Counter[int] = Counter()
    until = time.monotonic() + PATIENCE
    for number in range(asked):
        while (status := nodes[number % 2].post(DEEPSEEK, json=completion("hi"), front=ALICE).status_code) == 503:
            assert time.monotonic() < until
            time.sleep(0.1)
        told[status] += 1
    return told


@pytest.mark.chaos
def test_the_master_is_killed_under_load(nodes: tuple[Street, Street], servers: Guarded) -> None:
    one, other = nodes
    first = one.post(CHAT, json=completion(f"before {IDENTITY.text}"), front=ALICE)
    assert IDENTITY.value in content_of(first)
    text = one.external.requests[-1].json()["messages"][0]["content"]
    placeholder = text[text.index("[CN_ID") :].partition("]")[0] + "]"
    spent = 10
    assert spend(nodes, spent) == {200: spent}
    one.reset()

    with Load(nodes) as load:
        until(lambda: load.count(200) >= 12, "some work before")
        servers.master.stop(signal.SIGKILL)
        until(lambda: servers.takes_changes() == servers.replica.port, "the replica takes over")
        servers.master.start()  # `replicas: 1` asks for one that follows
        after = load.count(200)
        until(lambda: load.count(200) >= after + 12, "it mends itself")
    assert load.count(503), "without a master nothing goes out"
    assert load.odd == [], "an answer, or an error that says what it is"
    assert len(one.external.requests) == load.count(200), "nothing goes out that is then refused"
    for node in nodes:
        node.expect_no_leak()

    # what was kept before is there, what was counted before still counts
    again = other.post(CHAT, json=completion(f"once more: {placeholder}"), front=ALICE)
    assert IDENTITY.value in content_of(again)
    told = spend(nodes, LIMIT)
    assert told == {200: LIMIT - spent, 403: spent}
    for node in nodes:
        assert run_sluice("audit", "verify", str(node.proxy.audit)).returncode == 0
