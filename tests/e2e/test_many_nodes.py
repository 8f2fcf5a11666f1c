"""Two nodes with one Redis behave as one: what is revoked, counted and kept on one counts on the other at once."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from proxy.demo.process import run_sluice
from tests.e2e.nodes import open_nodes
from tests.e2e.street import CHAT, Street, completion, content_of, grant, load_planted
from tests.e2e.test_talks import Writer
from tests.redis_servers import Server, needs_redis

pytestmark = needs_redis
MISTRAL = "https://api.mistral.ai/v1/chat/completions"
DEEPSEEK = "https://api.deepseek.com/chat/completions"
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")
ALICE = {"x-user": "alice"}


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"), "appendonly yes", "appendfsync always")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, redis: Server) -> Iterator[tuple[Street, Street]]:
    with open_nodes(tmp_path_factory.mktemp("nodes"), redis.url) as both:
        yield both
        for node in both:
            node.expect_no_leak()
            node.expect_silence()


def command(node: Street, *words: str) -> str:
    done = run_sluice(*words, "--config", str(node.proxy.config), secrets=node.proxy.secrets)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_a_grant_given_on_one_opens_on_the_other_and_revoked_there_is_refused_here(
    nodes: tuple[Street, Street],
) -> None:
    one, other = nodes
    refused = other.post(MISTRAL, json=completion("hi"), front=ALICE)
    assert refused.json()["error"]["code"] == "authorization_required"
    grant(one)
    for node in nodes:
        assert node.post(MISTRAL, json=completion("hi"), front=ALICE).status_code == 200
    sent = len(one.external.requests)
    command(one, "grants", "revoke", other.last_record()["grant"])
    for node in (other, one):
        again = node.post(MISTRAL, json=completion("hi"), front=ALICE)  # the very next request
        assert again.json()["error"]["code"] == "authorization_required"
    assert len(one.external.requests) == sent
    assert "G-" in command(other, "grants", "list")


def test_of_sixty_requests_at_once_over_both_exactly_thirty_go_out(nodes: tuple[Street, Street]) -> None:
    one, other = nodes
    one.reset()

    async def ask() -> list[httpx.Response]:
        async with through(one) as first, through(other) as second:
            asked = [(first, second)[number % 2].post(DEEPSEEK, json=completion(f"n{number}")) for number in range(60)]
            return await asyncio.gather(*asked)

    answers = asyncio.run(ask())
    assert Counter(answer.status_code for answer in answers) == {200: 30, 403: 30}
    assert len(one.external.requests) == 30


def through(node: Street) -> httpx.AsyncClient:
    trust = ssl.create_default_context(cafile=str(node.proxy.ca))
    proxy = httpx.Proxy(node.proxy.url, headers=ALICE)
    return httpx.AsyncClient(proxy=proxy, verify=trust, trust_env=False, timeout=100)


def test_one_value_has_one_placeholder_and_either_puts_it_back(nodes: tuple[Street, Street]) -> None:
    one, other = nodes
    one.reset()
    first = one.post(CHAT, json=completion(IDENTITY.text), front=ALICE)
    assert content_of(first).endswith(IDENTITY.text)
    (seen,) = one.external.requests
    placeholder = seen.json()["messages"][0]["content"]
    assert IDENTITY.value not in placeholder and "[CN_ID_CARD_" in placeholder
    # the other never saw the value: it knows the placeholder out of what both keep
    asked = other.post(CHAT, json=completion(f"once more: {placeholder}"), front=ALICE)
    assert content_of(asked).endswith(IDENTITY.text)
    stranger = other.post(CHAT, json=completion(f"once more: {placeholder}"), front={"x-user": "bob"})
    assert IDENTITY.value not in stranger.text


def test_a_conversation_of_the_companys_model_goes_on_on_either(nodes: tuple[Street, Street]) -> None:
    one, other = nodes
    one.reset()
    writer = Writer(one, "chatgpt-web")
    first = writer.say("Summarise Project Falcon 华星科技.")
    writer.street = other
    second = writer.say("And shorter, please.")  # by itself, policy would send this outside
    writer.street = one
    writer.say("ok")
    told = [each["content"] for each in one.internal.requests[2].json()["messages"]]
    assert told == ["Summarise Project Falcon 华星科技.", first, "And shorter, please.", second, "ok"]
    assert one.external.requests == []


def test_nothing_that_redis_keeps_is_in_clear(nodes: tuple[Street, Street], redis: Server) -> None:
    nodes[0].post(CHAT, json=completion(IDENTITY.text), front=ALICE)
    kept = b"".join(path.read_bytes() for path in Path(redis.folder).rglob("*.aof"))
    assert len(kept) > 1000
    for word in (b"alice", "张敏".encode(), IDENTITY.value.encode(), b"Falcon", b"mistral", b"chatgpt", b"Translation"):
        assert word not in kept, word


def test_doctor_says_how_redis_stands(nodes: tuple[Street, Street], redis: Server) -> None:
    told = run_sluice("doctor", "--config", str(nodes[1].proxy.config), secrets=nodes[1].proxy.secrets).stdout.decode()
    assert f"Redis at 127.0.0.1:{redis.port}" in told and "noeviction" in told
    redis.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        done = run_sluice("doctor", "--config", str(nodes[1].proxy.config), secrets=nodes[1].proxy.secrets)
    finally:
        redis.client.config_set("maxmemory-policy", "noeviction")
    assert done.returncode and "maxmemory-policy noeviction" in done.stdout.decode()
