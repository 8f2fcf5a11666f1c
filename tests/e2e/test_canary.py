"""`sluice canary` says what the filter really did, whatever the services answer."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from proxy.canary.judge import planted
from proxy.demo.act import KEY_VARIABLE
from tests.e2e.street import HOSTS, INTERNAL_KEY, Street, open_street
from tests.proxy.cli.invoke import sluice

POLICY = """
policy: 自检 / Self-test
version: 1
owner: 合规部
otherwise: forbid
services:
  filtered: {ids: [you-com, openai-api, openai-chatgpt, anthropic-api, botpress]}
  half: {ids: [groq]}
  inside: {ids: [mistral-api]}
data_classes:
  personal: {entities: [CN_ID_CARD]}
  secrets: {entities: [API_KEY]}
rules:
  - {id: filtered, verdict: allowed, when: {service: filtered}, redact: [personal, secrets], record: minimal}
  - {id: half, verdict: allowed, when: {service: half}, redact: [secrets]}
  - {id: inside, verdict: allowed, when: {service: inside}, route: internal}
"""
SETTINGS: dict[str, Any] = {"tunnel": ["chat.deepseek.com"]}

FATES = {
    "openai-api": ("caught", "", 200, []),
    "openai-chatgpt": ("caught", "", 200, []),
    "anthropic-api": ("caught", "", 200, []),
    "you-com": ("caught", "", 200, []),
    "groq": ("missed", "left", 200, ["CN_ID_CARD"]),
    "mistral-api": ("kept_inside", "", 200, []),
    "deepseek-api": ("forbidden", "blocked_by_policy", 403, []),
    "deepseek-chat": ("missed", "not_opened", 0, []),
    "lmarena": ("forbidden", "blocked_by_policy", 403, []),
    "botpress": ("no_adapter", "no_adapter", 200, []),
    "aws-bedrock": ("not_reached", "no_host", 0, []),
}
"""What becomes of a canary to each service: result, code, status and what went out."""


@pytest.fixture(scope="module")
def own_street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with open_street(
        tmp_path_factory.mktemp("canary"), POLICY, hosts=(*HOSTS, "botpress.com", "you.com"), **SETTINGS
    ) as street:
        yield street
        everything = street.proxy.log.read_bytes() + street.proxy.audit.read_bytes()
        assert b"sk-proj-" not in everything and b"11010519491231002X" not in everything


@pytest.fixture
def street(own_street: Street) -> Street:
    own_street.reset()
    return own_street


def canary(street: Street, *words: str, proxy: str = "") -> tuple[int, list[dict[str, Any]]]:
    """Run the command; return its exit code and what it printed."""
    where = proxy or street.proxy.url.removeprefix("http://")
    every = ("canary", "--json", "--config", str(street.proxy.config), "--proxy", where)
    done = sluice(*every, *words, **street.proxy.secrets)
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def test_each_service_is_told_as_the_proxy_dealt_with_it(street: Street) -> None:
    code, results = canary(street, *FATES)
    told = {each["service"]: (each["result"], each["code"], each["status"], each["left"]) for each in results}
    assert told == FATES
    assert code == 1, "what is not proven is found wrong"
    records = {line["id"]: line for line in street.request_records()}
    for each in (one for one in results if one["reference"]):
        record = records[each["reference"]]
        assert (record["service"], record["left"]) == (each["service"], each["left"])
        assert len(record["canary"]) == 24


def test_a_service_that_policy_forbids_whole_is_proven_whether_its_format_is_known_or_not(street: Street) -> None:
    code, results = canary(street, "lmarena", "deepseek-api")
    assert code == 0 and [one["result"] for one in results] == ["forbidden", "forbidden"]
    assert street.external.requests == []


def test_a_service_whose_format_nobody_knows_hears_no_planted_word(street: Street) -> None:
    canary(street, "botpress")
    assert [seen.body for seen in street.external.requests] == [b"{}"]


def test_a_caught_canary_left_without_its_values_and_its_mark(street: Street) -> None:
    code, (result,) = canary(street, "openai-api")
    assert (code, result["result"]) == (0, "caught")
    (seen,) = street.external.requests
    record = next(line for line in street.request_records() if line["id"] == result["reference"])
    for value in planted(record["canary"]).values():
        assert value.encode() not in seen.everything
    assert b"x-sluice-canary" not in seen.everything.lower()
    assert b"[API_KEY_" in seen.body and b"[CN_ID_CARD_" in seen.body


def test_the_proof_needs_no_service_that_answers(street: Street) -> None:
    street.external.stop()
    try:
        code, (result,) = canary(street, "openai-api")
    finally:
        street.external.start()
    assert (code, result["result"], result["code"]) == (0, "caught", "upstream_unreachable")


def test_a_proxy_that_is_down_proves_nothing(street: Street) -> None:
    code, (result,) = canary(street, "openai-api", proxy="127.0.0.1:1")
    assert (code, result["result"], result["code"]) == (1, "not_reached", "proxy")


def test_a_mark_that_the_proxy_did_not_sign_is_nobodys_self_test(street: Street) -> None:
    forged = {"x-sluice-canary": "ab" * 12 + ".AAAA"}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
    street.post("https://api.openai.com/v1/chat/completions", json=body, headers=forged)
    assert "canary" not in street.last_record()
    assert b"x-sluice-canary" not in street.external.requests[-1].everything.lower()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en_GB.UTF-8", ("MISSED", "went out: CN_ID_CARD")), ("zh_CN.UTF-8", ("漏出", "已发出：CN_ID_CARD"))],
    ids=["en", "zh"],
)
def test_the_table_speaks_the_readers_language(street: Street, language: str, said: tuple[str, ...]) -> None:
    where = street.proxy.url.removeprefix("http://")
    words = ("canary", "--config", str(street.proxy.config), "--proxy", where, "groq")
    done = sluice(*words, **{**street.proxy.secrets, "LC_ALL": language})
    assert done.exit_code == 1
    assert all(each in done.stdout for each in said), done.stdout


@pytest.fixture
def desk() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A webhook: its address, and what it was told."""
    heard: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", heard
    server.shutdown()
    server.server_close()


def test_the_running_proxy_proves_itself_and_raises_the_alarm(
    tmp_path: Path, desk: tuple[str, list[dict[str, Any]]]
) -> None:
    hook, heard = desk
    canaries = {"every_minutes": 60, "services": {"openai-api": {}, "groq": {"key_env": "GROQ_KEY"}}}
    settings = {"canary": canaries, "notify": {"webhook": hook}}
    with open_street(
        tmp_path, POLICY, secrets={KEY_VARIABLE: INTERNAL_KEY, "GROQ_KEY": "groq-key-of-the-company"}, **settings
    ) as street:
        wait_until(lambda: alarms(heard) and events(street, "canary_round"))
        (failed,) = events(street, "canary_failed")
        (told,) = events(street, "canary_round")
        assert (failed["service"], failed["result"], failed["left"]) == ("groq", "missed", ["CN_ID_CARD"])
        assert told["fates"] == {"caught": 1, "missed": 1}
        (alarm,) = alarms(heard)
        assert alarm["facts"]["service"] == "groq"
        assert "self-test" in alarm["text"] and "自检" in alarm["text"]
        keys = {seen.header("authorization") for seen in street.external.requests}
        assert keys == {"", "Bearer groq-key-of-the-company"}
        log = street.proxy.log.read_bytes() + street.proxy.audit.read_bytes()
        assert b"groq-key" not in log and b"sk-proj-" not in log


def events(street: Street, word: str) -> list[dict[str, Any]]:
    return [line for line in street.records() if line["event"] == word]


def alarms(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in heard if each["event"].startswith("canary_")]


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + 100
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)
