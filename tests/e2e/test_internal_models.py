"""Several models of the company with several servers each: which one is asked, and who steps in for one that fails.

The servers are stand-ins on loopback. Whatever happens to them, the external service must hear nothing.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson
import pytest

from proxy.demo.manner import Mode
from proxy.demo.standins import InternalStandIn, Json, path_of
from tests.e2e.street import CHAT, WAYS, Street, completion, content_of, open_street
from tests.thorough import crossed

POLICY = """\
policy: Several models
version: 1
otherwise: allow
data_classes:
  falcon: {terms: [Falcon]}
  merger: {terms: [Merger]}
rules:
  - {id: falcon-inside, verdict: allowed, when: {data: falcon}, route: internal}
  - {id: merger-inside, verdict: allowed, when: {data: merger}, route: internal, model: vault}
"""
FALCON = "Summarise Falcon."
MERGER = "Summarise the Merger, and Falcon."
MESSAGES = "https://api.anthropic.com/v1/messages"
KEYS = {"FIRST_KEY": "key-of-the-first", "SECOND_KEY": "key-of-the-second", "VAULT_KEY": "key-of-the-vault"}


class Named(InternalStandIn):
    """A model server that says in each answer which one it is."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.opening = {"en": f"{name} heard: ", "zh": f"{name} heard: "}
        self.busy = False

    async def speak(self, language: Any, seen: Any, reply: Any, manner: Any) -> None:
        """Answer 429 where it is busy."""
        if self.busy:
            body: Json = {"error": {"message": "too many requests", "type": "rate_limit"}}
            await self.whole(reply, manner, body, 429)
        else:
            await super().speak(language, seen, reply, manner)

    @property
    def asked(self) -> list[Any]:
        """Every prompt that came; not what was asked to see whether it lives."""
        return [seen for seen in self.requests if seen.method == "POST"]


class Company:
    """The street with three model servers: two of the model `general`, one of `vault`."""

    def __init__(self, street: Street, first: Named, second: Named, vault: Named) -> None:
        self.street, self.first, self.second, self.vault = street, first, second, vault

    def states(self) -> dict[str, bool]:
        """Return how each server stands, as the proxy's own file says."""
        told = orjson.loads((self.street.proxy.folder / "state" / "internal.json").read_bytes())
        return {one["server"]: one["healthy"] for one in told["servers"]}

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + 100
        while not holds():
            assert time.monotonic() < deadline, "it never came about"
            time.sleep(0.05)


def server(model: InternalStandIn, key: str, **more: Any) -> dict[str, Any]:
    return {"url": f"http://{model.address}/v1", "key_env": key, "models": {"*": "served"}, **more}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    servers = [Named(name) for name in ("first", "second", "vault")]
    for one in servers:
        one.start()
    first, second, vault = servers
    models = {
        "servers": {
            "vault": server(vault, "VAULT_KEY"),
            "general": [server(first, "FIRST_KEY"), server(second, "SECOND_KEY")],
        },
        "default": "general",
        "choose": {"o1-*": "vault"},
        "checks": {"every": 0.3, "timeout": 2, "answer": 1},
    }
    try:
        with open_street(
            tmp_path_factory.mktemp("company"), POLICY, KEYS, internal_model=None, internal_models=models
        ) as street:
            yield Company(street, first, second, vault)
    finally:
        for one in servers:
            one.stop()


@pytest.fixture
def company(running: Company) -> Iterator[Company]:
    """Everything well and nothing seen, before; nothing outside, no key where it does not belong, after."""
    for one in (running.first, running.second, running.vault):
        if one.server.thread is None or not one.server.thread.is_alive():
            one.start()
        one.busy = False
        one.reset()
    running.street.reset()
    running.until(lambda: all(running.states().values()))
    yield running
    assert running.street.external.requests == []
    keys = {"FIRST_KEY": running.first, "SECOND_KEY": running.second, "VAULT_KEY": running.vault}
    for name, owner in keys.items():
        others = [one for one in keys.values() if one is not owner]
        assert not any(KEYS[name].encode() in one.everything() for one in others)
    everything = running.street.proxy.log.read_bytes() + running.street.proxy.audit.read_bytes()
    assert not any(key.encode() in everything for key in KEYS.values())
    assert b"Falcon" not in everything and b"Merger" not in everything


def ask(company: Company, text: str = FALCON, url: str = CHAT, stream: bool = False, **more: Any) -> Any:
    body = completion(text, stream=stream, **more)
    return company.street.post(url, json=body | ({"max_tokens": 9} if url == MESSAGES else {}))


BROKEN: dict[str, Callable[[Named], None]] = {
    "stopped": lambda one: one.stop(),
    "failing": lambda one: setattr(one.manner, "mode", Mode.FAIL),
    "busy": lambda one: setattr(one, "busy", True),
    "silent": lambda one: setattr(one.manner, "mode", Mode.SLOW),
}
WHY = {"stopped": "no answer", "failing": "status 500", "busy": "status 429", "silent": "no answer"}


@crossed("url, stream", {"openai": CHAT, "anthropic": MESSAGES}, WAYS)
@pytest.mark.parametrize("how", BROKEN)
def test_another_server_steps_in_before_the_client_notices(company: Company, how: str, url: str, stream: bool) -> None:
    before = len(company.street.records())
    BROKEN[how](company.first)
    answer = ask(company, url=url, stream=stream)
    assert answer.status_code == 200
    assert len(company.second.asked) == 1 and "Falcon" in company.second.asked[0].body.decode()
    assert [line["code"] for line in company.street.answers(1, before)] == [""]
    new = company.street.records()[before:]
    [step] = [line for line in new if line["event"] == "internal_failover"] or [None]
    # A check may have found out first: then the second one is asked at once, and there is no step.
    if step is not None:
        assert (step["from"], step["to"], step["why"]) == ("general/1", "general/2", WHY[how])
        [request] = [line for line in new if line["event"] == "request"]
        assert step["id"] == request["id"]


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_on_one_connection_a_server_that_comes_back_is_asked_again(company: Company, http2: bool) -> None:
    with company.street.client(http2=http2) as client:
        assert content_of(client.post(CHAT, json=completion(FALCON))).startswith("first")
        company.first.stop()
        assert content_of(client.post(CHAT, json=completion(FALCON))).startswith("second")
        company.until(lambda: not company.states()["general/1"])
        assert content_of(client.post(CHAT, json=completion(FALCON))).startswith("second")
        company.first.start()
        company.until(lambda: company.states()["general/1"])
        assert content_of(client.post(CHAT, json=completion(FALCON))).startswith("first")
    changes = [line for line in company.street.records() if line["event"] == "internal_server"]
    assert [line["state"] for line in changes[-2:]] == ["unhealthy", "healthy"]


@pytest.mark.parametrize("how", BROKEN)
def test_where_all_fail_the_client_hears_a_native_error(company: Company, how: str) -> None:
    for one in (company.first, company.second):
        BROKEN[how](one)
    answer = ask(company)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "internal_model_unavailable"
    assert company.vault.asked == []


def test_an_answer_that_has_begun_is_not_begun_again(company: Company) -> None:
    company.first.manner.mode = Mode.RESET
    with pytest.raises(httpx.RemoteProtocolError):
        ask(company, stream=True)
    assert company.second.asked == []


@pytest.mark.parametrize(
    ("text", "model", "heard"),
    [(FALCON, "gpt-4o", "first"), (FALCON, "o1-mini", "vault"), (MERGER, "gpt-4o", "vault")],
    ids=["by default", "by the name asked for", "by the policy"],
)
def test_the_policy_then_the_settings_say_which_model_is_asked(
    company: Company, text: str, model: str, heard: str
) -> None:
    assert content_of(ask(company, text, model=model)).startswith(heard)


def test_no_other_model_steps_in_for_one_that_the_policy_names(company: Company) -> None:
    company.vault.stop()
    assert ask(company, MERGER).status_code == 503
    assert company.first.asked == company.second.asked == []


def test_a_server_is_asked_by_name_path_and_key_of_its_own(company: Company) -> None:
    ask(company)
    [seen] = company.first.asked
    assert (path_of(seen), seen.json()["model"]) == ("/v1/chat/completions", "served")
    assert seen.header("authorization") == f"Bearer {KEYS['FIRST_KEY']}"
