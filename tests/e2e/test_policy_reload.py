"""A policy changed under a running proxy: nothing is dropped, nothing mixed, nothing wrong is put in force."""

import os
import re
import signal
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.street import CASES, CHAT, OUTSIDE_HOST, Street, command, completion, content_of, open_street
from tests.e2e.test_workers import PAUSE

OPEN = (CASES / "policy.yaml").read_text("utf-8")
SHUT = OPEN.replace("ids: [deepseek-api, deepseek-chat]", "ids: [deepseek-api, deepseek-chat, openai-api]").replace(
    "version: 7", "version: 8"
)
BROKEN = OPEN.replace("verdict: forbidden", "verdict: forbiden")
SECONDS = 100.0


class Told:
    """What a street has said since a test began."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.before = len(street.records())

    def records(self, event: str) -> list[dict]:
        return [line for line in self.street.records()[self.before :] if line["event"] == event]

    def wait_for(self, event: str, count: int = 1) -> dict:
        """Return the last line about `event` once there are `count` of them."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            lines = self.records(event)
            if len(lines) >= count:
                return lines[-1]
            time.sleep(0.05)
        raise AssertionError(f"{event} did not come: {self.street.proxy.log.read_text('utf-8')[-2000:]}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A street of its own, for its policy is changed. It starts without a valid one."""
    with open_street(tmp_path_factory.mktemp("reload"), BROKEN) as street:
        yield street
        street.expect_silence()


@pytest.fixture
def street(running: Street) -> Street:
    """The street with the usual policy in force."""
    running.reset()
    if running.post(CHAT, json=completion("which one?")).status_code != 200:
        told = Told(running)
        put_in_force(running, OPEN)
        told.wait_for("policy_loaded")
    running.reset()
    return running


def write(street: Street, text: str) -> None:
    path = street.proxy.folder / "policy.yaml"
    partial = path.with_suffix(".partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)


def put_in_force(street: Street, text: str) -> None:
    """Write a policy, and have it read at once."""
    write(street, text)
    os.kill(street.proxy.process.pid, signal.SIGHUP)


def test_without_a_valid_policy_ai_is_refused_with_that_reason_until_it_is_mended(running: Street) -> None:
    log = running.proxy.log.read_text("utf-8")
    assert "forbiden" in log and "NO VALID POLICY" in log
    told = Told(running)
    refused = running.post(CHAT, json=completion("hello"), headers={"accept-language": "zh"})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (403, "blocked_by_policy")
    assert "政策目前无法使用" in error["message"] and running.external.requests == []
    assert outside(running).status_code == 200
    write(running, OPEN)
    told.wait_for("policy_loaded")
    assert running.post(CHAT, json=completion("hello")).status_code == 200


def test_under_load_nothing_is_dropped_and_no_versions_are_mixed(street: Street) -> None:
    """Each answer is what the policy in its own record says, and every request has one answer and one record."""
    first = in_force(street)
    told, stop = Told(street), threading.Event()
    with ThreadPoolExecutor(6) as crew:
        workers = [crew.submit(keep_asking, street, number, stop) for number in range(6)]
        for swap in range(6):
            put_in_force(street, SHUT if swap % 2 == 0 else OPEN)
            told.wait_for("policy_loaded", swap + 1)
            time.sleep(0.3)
        stop.set()
        answers = [answer for worker in workers for answer in worker.result()]
    second = next(line["policy"] for line in street.records() if line.get("policy", "").startswith("8@"))
    records = told.records("request")
    assert len(records) == len(answers) == len({line["id"] for line in records})
    assert {line["policy"] for line in records} == {first, second}
    ended = Counter((line["policy"], line["outcome"], line["deciding"]) for line in records)
    assert ended.keys() == {(first, "forwarded", "office-use"), (second, "refused", "no-deepseek")}
    by_id = {line["id"]: line["policy"] for line in records}
    for status, reference in answers:
        assert (status, by_id[reference] if reference else first) in {(200, first), (403, second)}
    assert sum(status == 200 for status, _ in answers) == ended[first, "forwarded", "office-use"]
    assert len(street.external.requests) == ended[first, "forwarded", "office-use"]


def in_force(street: Street) -> str:
    """Return the version that the last exchange was decided by."""
    assert street.post(CHAT, json=completion("hello")).status_code == 200
    street.reset()
    return str(street.last_record()["policy"])


def keep_asking(street: Street, number: int, stop: threading.Event) -> list[tuple[int, str]]:
    """Ask until told to stop; return the status of each answer, and the number that a refusal names."""
    answers = []
    with street.client() as client:
        while not stop.is_set():
            answer = client.post(CHAT, json=completion(f"worker {number}"))
            found = re.search(r"SLC-\d{8}-[0-9A-Z]{6}", answer.text)
            assert (answer.status_code == 200) != bool(found)
            answers.append((answer.status_code, found[0] if found else ""))
            stop.wait(PAUSE)
    return answers


def test_an_answer_under_way_ends_under_the_policy_it_began_with(street: Street) -> None:
    with street.client() as client, client.stream("POST", CHAT, json=completion("长" * 200, stream=True)) as answer:
        pieces = answer.iter_bytes()
        first = next(pieces)
        told = Told(street)
        put_in_force(street, SHUT)
        told.wait_for("policy_loaded")
        got = first + b"".join(pieces)
    assert got.endswith(b"data: [DONE]\n\n")
    assert street.post(CHAT, json=completion("x")).status_code == 403


def test_a_change_of_the_file_alone_is_enough_and_a_broken_one_changes_nothing(street: Street) -> None:
    assert street.post(CHAT, json=completion("hello")).status_code == 200
    told = Told(street)
    write(street, BROKEN)
    line = told.wait_for("policy_rejected")
    assert line["places"][0].startswith(str(street.proxy.folder / "policy.yaml")) and line["policy"].startswith("7@")
    assert content_of(street.post(CHAT, json=completion("hello"))).endswith("hello")
    health = httpx.Response(200, content=(street.proxy.folder / "state" / "health.json").read_bytes()).json()
    assert (health["sound"], health["rejected"]) == (False, line["places"])
    write(street, SHUT)
    told.wait_for("policy_loaded")
    assert street.post(CHAT, json=completion("hello")).status_code == 403


def outside(street: Street) -> httpx.Response:
    """Ask a host that no service has, through the proxy: it is tunnelled, and trusted by its own certificate."""
    trust = ssl.create_default_context(cafile=str(street.authority.pem))
    with httpx.Client(proxy=street.proxy.url, verify=trust, trust_env=False) as client:
        return client.post(f"https://{OUTSIDE_HOST}/x", json={"a": 1})


def test_going_back_is_one_command_and_stands_in_the_log(street: Street) -> None:
    first, told = in_force(street), Told(street)
    put_in_force(street, SHUT)
    told.wait_for("policy_loaded")
    assert street.post(CHAT, json=completion("hello")).status_code == 403
    done = command(street, "policy", "rollback", "--wait", "60")
    assert done.returncode == 0, done.stderr.decode()
    line = told.wait_for("policy_rolled_back")
    assert (line["policy"], line["before"][:2], bool(line["by"])) == (first, "8@", True)
    assert street.post(CHAT, json=completion("hello")).status_code == 200
    write(street, SHUT.replace("version: 8", "version: 9"))
    told.wait_for("policy_loaded", 2)
    assert street.post(CHAT, json=completion("hello")).status_code == 403
