"""The kinds of server that docs/internal-models.md shows, simulated: each asks for what its maker's documents say.

The settings are the page's own examples, hosts and all. A simulated server refuses a wrong address, version or key as
the real one would; none of this was seen live.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from proxy.demo import speak_openai
from proxy.demo.authority import make_authority, server_context
from proxy.demo.manner import Manner
from proxy.demo.seen import Reply, Seen
from proxy.demo.standins import InternalStandIn
from tests.e2e.street import CHAT, WAYS, Street, completion, content_of, open_street
from tests.thorough import crossed

PAGE = Path(__file__).parents[2] / "docs" / "internal-models.md"
MESSAGES = "https://api.anthropic.com/v1/messages"
KEYS = {name: f"value-of-{name}" for name in ("VLLM_KEY", "AZURE_OPENAI_KEY", "CHATAI_KEY")}
VERTEX = "/v1/projects/our-project/locations/europe-west4/endpoints/openapi"
AZURE = "/openai/deployments/our-large-deployment/chat/completions?api-version=2024-10-21"
WANTED = {
    "vllm": ("/v1/chat/completions", "authorization", "Bearer value-of-VLLM_KEY", "Qwen/Qwen3-32B"),
    "ollama": ("/v1/chat/completions", "authorization", "", "qwen3:8b"),
    "azure": (AZURE, "api-key", "value-of-AZURE_OPENAI_KEY", "our-large-deployment"),
    "vertex": (f"{VERTEX}/chat/completions", "authorization", "Bearer token-1", "google/gemini-2.5-flash"),
    "watsonx": ("/ml/gateway/v1/chat/completions", "authorization", "Bearer token-1", "our-provider/our-model"),
    "chatai": ("/v1/chat/completions", "authorization", "Bearer value-of-CHATAI_KEY", "our-agent"),
}
"""Path and query, the field of the key and its value, and the model, by the name of the example."""


def examples() -> dict[str, dict[str, Any]]:
    """Return the servers of the page's examples by name."""
    found = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    named = [yaml.safe_load(text)["internal_models"]["servers"] for text in found]
    return {name: server for servers in named for name, server in servers.items() if name in WANTED}


class Maker(InternalStandIn):
    """Every simulated server at once, told apart by the host it is asked as; strict in what it takes."""

    def __init__(self, tls: Any = None) -> None:
        super().__init__(tls)
        self.token = "token-1"

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer what is asked rightly, in the words of Azure where it is Azure; refuse the rest."""
        if seen.method == "GET":
            await self.whole(reply, manner, {"object": "list", "data": []})
            return
        name = next((name for name, host in HOSTS.items() if seen.host.partition(":")[0] == host), "")
        path, field, key, model = WANTED[name]
        key = key.replace("token-1", self.token)
        body = seen.json()
        if seen.path != path:
            await self.whole(reply, manner, speak_openai.failure(404, "Resource not found"), 404)
        elif (seen.header(field), body["model"]) != (key, model):
            await self.whole(reply, manner, speak_openai.failure(401, "wrong key or model"), 401)
        elif body.get("stream"):
            first = {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]} if name == "azure" else None
            frames = [b"data: " + orjson.dumps(first) + b"\n\n"] if first else []
            await self.stream(reply, manner, iter([*frames, *speak_openai.frames(body, f"{name} heard: ", 5)]))
        else:
            answer = speak_openai.whole(body, f"{name} heard: ")
            if name == "azure":
                answer["prompt_filter_results"] = [{"prompt_index": 0}]
                answer["choices"][0]["content_filter_results"] = {"hate": {"filtered": False}}
            await self.whole(reply, manner, answer)


HOSTS = {
    name: server["url"].partition("://")[2].partition("/")[0].partition(":")[0] for name, server in examples().items()
}


@pytest.fixture(scope="module")
def makers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Street, Maker, Maker, Path]]:
    folder = tmp_path_factory.mktemp("makers")
    token = folder / "token"
    token.write_text("token-1\n", "utf-8")
    program = folder / "bin" / "gcloud"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat '{token}'\n", "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    servers = examples()
    assert servers.keys() == WANTED.keys()
    servers["watsonx"]["key_command"] = [str(program)]
    servers["vertex"]["key_seconds"] = 1  # the page waits longer than a test can
    plain, secure = Maker(), None
    authority = make_authority(folder)
    plain.start()
    try:
        secure = Maker(server_context(authority, tuple(HOSTS.values())))
        secure.start()
        resolve = {
            f"{HOSTS[name]}:{port_of(server['url'])}": (secure if server["url"].startswith("https") else plain).address
            for name, server in servers.items()
        }
        rules = "".join(
            f"  - {{id: {name}, verdict: allowed, when: {{data: {name}}}, route: internal, model: {name}}}\n"
            for name in servers
        )
        classes = "".join(f"  {name}: {{terms: [Project {name}]}}\n" for name in servers)
        policy = f"policy: p\nversion: 1\notherwise: forbid\ndata_classes:\n{classes}rules:\n{rules}"
        with open_street(
            folder / "street",
            policy,
            KEYS | {"PATH": f"{program.parent}:{os.environ['PATH']}"},
            internal_model=None,
            internal_models={"servers": servers, "checks": {"every": "never"}},
            resolve=resolve,
            upstream_ca=str(authority.pem),
        ) as street:
            yield street, plain, secure, token
    finally:
        plain.stop()
        if secure is not None:
            secure.stop()


def port_of(url: str) -> str:
    """Return the port that an address means."""
    scheme, _, rest = url.partition("://")
    return rest.partition("/")[0].partition(":")[2] or {"https": "443", "http": "80"}[scheme]


@crossed("url, stream", {"openai": CHAT, "anthropic": MESSAGES}, WAYS)
@pytest.mark.parametrize("name", WANTED)
def test_each_is_asked_as_its_maker_says(makers: Any, name: str, url: str, stream: bool) -> None:
    street, *_ = makers
    body = completion(f"Summarise Project {name}.", stream=stream, max_tokens=9)
    answer = street.post(url, json=body)
    assert answer.status_code == 200, answer.text
    if stream:
        assert "event: error" not in answer.text and '"error"' not in answer.text
        assert "gpt-4o" in answer.text and WANTED[name][3] not in answer.text
    elif url == CHAT:
        assert content_of(answer) == f"{name} heard: Summarise Project {name}." and answer.json()["model"] == "gpt-4o"
    else:
        assert answer.json()["content"][0]["text"] == f"{name} heard: Summarise Project {name}."


def test_a_token_that_has_expired_is_replaced_while_the_proxy_runs(makers: Any) -> None:
    street, _, secure, token = makers
    body = completion("Summarise Project vertex.")
    assert street.post(CHAT, json=body).status_code == 200
    for fresh in ("token-2", "token-1"):
        secure.token = fresh
        assert street.post(CHAT, json=body).status_code == 503
        token.write_text(f"{fresh}\n", "utf-8")
        deadline = time.monotonic() + 100
        while street.post(CHAT, json=body).status_code != 200:
            assert time.monotonic() < deadline, "the new token was never used"


def test_no_key_or_token_is_in_log_or_audit_and_nothing_goes_outside(makers: Any) -> None:
    street, *_ = makers
    for name in WANTED:
        assert street.post(CHAT, json=completion(f"Summarise Project {name}.")).status_code == 200
    everything = street.proxy.log.read_bytes() + street.proxy.audit.read_bytes()
    assert not any(word.encode() in everything for word in (*KEYS.values(), "token-1", "token-2"))
    assert street.external.requests == []
