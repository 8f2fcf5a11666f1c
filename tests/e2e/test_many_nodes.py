"""Two nodes with one Redis behave as one: what is revoked, counted and kept on one counts on the other at once."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.balancer import balancer, running, tell
from tests.e2e.nodes import POLICY, open_nodes
from tests.e2e.street import CHAT, Street, command, completion, content_of, grant, load_planted
from tests.e2e.test_talks import Writer
from tests.ports import free_port
from tests.redis_servers import Server, needs_redis, until

pytestmark = needs_redis
MISTRAL = "https://api.mistral.ai/v1/chat/completions"
DEEPSEEK = "https://api.deepseek.com/chat/completions"
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")
ALICE = {"x-user": "alice"}
BALANCER = "127.0.0.2"
"""What the balancer calls from: who calls from elsewhere says no PROXY protocol."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"), "appendonly yes", "appendfsync always")
    yield server
    server.stop()


ADMIN = {"one": free_port(), "second": free_port()}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, redis: Server) -> Iterator[tuple[Street, Street]]:
    heard = {"front": {"from": [f"{BALANCER}/32"]}, "admin": {"listen": f"127.0.0.1:{ADMIN['one']}"}}
    second = {"admin": {"listen": f"127.0.0.1:{ADMIN['second']}"}}
    with open_nodes(tmp_path_factory.mktemp("nodes"), redis.url, second=second, **heard) as both:
        yield both
        for node in both:
            node.expect_no_leak()
            node.expect_silence()


@pytest.fixture(scope="module")
def front(nodes: tuple[Street, Street], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Street, Path]]:
    """The same two behind the shipped HAProxy, and where its control socket is."""
    folder, port = tmp_path_factory.mktemp("front"), free_port()
    proxies = list(zip((node.proxy.url for node in nodes), ADMIN.values(), strict=True))
    config = balancer(folder, port, proxies, source=BALANCER)
    with running("haproxy", "-f", str(config), log=folder / "haproxy.log"):
        until(lambda: ups(folder) == [2, 2], "HAProxy takes both for ready")
        yield replace(nodes[0], proxy=replace(nodes[0].proxy, url=f"http://127.0.0.1:{port}"), employees=[]), folder


def ups(folder: Path) -> list[int]:
    """Return the operational state of each server: 2 is up."""
    try:
        rows = tell(folder, "show servers state sluice").splitlines()
    except OSError:
        return []
    return [int(row.split()[5]) for row in rows[2:] if row.strip()]


def taken(nodes: tuple[Street, Street]) -> list[int]:
    return [len(node.request_records()) for node in nodes]


def test_behind_the_shipped_haproxy_both_nodes_count_revoke_and_remember_as_one(
    nodes: tuple[Street, Street], front: tuple[Street, Path]
) -> None:
    both, folder = front
    both.reset()
    before = taken(nodes)
    bob = {"x-user": "bob"}

    async def ask() -> list[httpx.Response]:
        async with through(both, bob) as client:
            return await asyncio.gather(*[client.post(DEEPSEEK, json=completion(f"b{n}")) for n in range(40)])

    assert Counter(answer.status_code for answer in asyncio.run(ask())) == {200: 30, 403: 10}
    assert len(both.external.requests) == 30
    shares = [now - then for now, then in zip(taken(nodes), before, strict=True)]
    assert sum(shares) == 40 and min(shares) > 0, "both of them were asked"

    grant(nodes[0])  # alice's
    assert both.post(MISTRAL, json=completion("hi"), front=ALICE).status_code == 200
    held = [line["grant"] for node in nodes for line in node.request_records() if line.get("grant")][-1]
    told(nodes[1], "grants", "revoke", held)
    before = taken(nodes)
    for _ in range(4):
        assert both.post(MISTRAL, json=completion("hi"), front=ALICE).status_code == 403
    assert all(now > then for now, then in zip(taken(nodes), before, strict=True)), "either of them refuses"

    both.reset()
    writer = Writer(both, "chatgpt-web")
    said = [writer.say("Summarise Project Falcon 华星科技."), *(writer.say(f"Shorter, {n}.") for n in range(3))]
    heard = [each["content"] for each in both.internal.requests[-1].json()["messages"]]
    assert heard[1::2] == said[:3] and both.external.requests == []

    # before a node is stopped it is taken out, and nobody notices
    tell(folder, "set server sluice/sluice-1 state drain")
    before = taken(nodes)
    for number in range(3):
        assert both.post(CHAT, json=completion(f"d{number}"), front=ALICE).status_code == 200
    assert [now - then for now, then in zip(taken(nodes), before, strict=True)] == [0, 3]
    tell(folder, "set server sluice/sluice-1 state ready")
    assert {line["address"] for node in nodes for line in node.request_records()} == {"127.0.0.1"}, "not the balancer's"


def told(node: Street, *words: str) -> str:
    done = command(node, *words)
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
    told(one, "grants", "revoke", other.last_record()["grant"])
    for node in (other, one):
        again = node.post(MISTRAL, json=completion("hi"), front=ALICE)  # the very next request
        assert again.json()["error"]["code"] == "authorization_required"
    assert len(one.external.requests) == sent
    assert "G-" in told(other, "grants", "list")


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


def through(node: Street, who: dict[str, str] = ALICE) -> httpx.AsyncClient:
    trust = ssl.create_default_context(cafile=str(node.proxy.ca))
    proxy = httpx.Proxy(node.proxy.url, headers=who)
    return httpx.AsyncClient(proxy=proxy, verify=trust, trust_env=False, timeout=100)


def test_a_number_that_comes_sign_by_sign_over_both_does_not_go_out_whole(nodes: tuple[Street, Street]) -> None:
    one, _ = nodes
    one.reset()
    for place, sign in enumerate(IDENTITY.value):
        answer = nodes[place % 2].post(CHAT, json=completion(sign), front={"x-user": "zhao"})
        assert answer.status_code == 200
    *seen, last = [each.json()["messages"][0]["content"] for each in one.external.requests]
    assert "".join(seen) == IDENTITY.value[:-1] and last.startswith("[")
    assert sum(nodes[(len(seen)) % 2].last_record()["redacted"].values()) == 1


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
    said = command(nodes[1], "doctor").stdout.decode()
    assert f"Redis at 127.0.0.1:{redis.port}" in said and "noeviction" in said
    redis.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        done = command(nodes[1], "doctor")
    finally:
        redis.client.config_set("maxmemory-policy", "noeviction")
    assert done.returncode and "maxmemory-policy noeviction" in done.stdout.decode()


# -- one policy for all of them ----------------------------------------------------------------------------------------

STRICT = POLICY.replace("version: 1\n", "version: 2\n").replace("terms: [Project Crow]", "terms: [Project Crow, Heron]")
STALE = STRICT.replace("version: 2\n", "version: 3\n")


def publish(node: Street, policy: str, *, done: int = 0) -> str:
    """Publish a policy from a file that no node has."""
    path = node.proxy.folder / "office" / "new.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(policy, "utf-8")
    ended = command(node, "policy", "publish", str(path), "--by", "张敏", "--wait", "60")
    assert ended.returncode == done, ended.stdout.decode() + ended.stderr.decode()
    return ended.stdout.decode()


def loads(node: Street) -> list[dict[str, Any]]:
    return [line for line in node.records() if line["event"].startswith("policy_")]


def in_force(node: Street) -> str:
    return str(loads(node)[-1]["policy"])


def forbids_heron(node: Street) -> bool:
    answer = node.post(CHAT, json=completion("about Heron"), headers=ALICE)
    return answer.status_code == 403


@pytest.fixture(scope="module")
def followers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Street, Street, Server]]:
    """Two nodes that follow the store of a server of their own."""
    folder = tmp_path_factory.mktemp("followers")
    server = Server(folder / "redis", "appendonly yes", "appendfsync always")
    try:
        with open_nodes(folder / "nodes", server.url, policy_from="store") as (one, other):
            yield one, other, server
    finally:
        server.stop()


def test_what_is_published_once_all_nodes_enforce_and_going_back_too(followers: tuple[Street, Street, Server]) -> None:
    one, other, _ = followers
    first = in_force(one)
    assert not forbids_heron(one) and not forbids_heron(other)  # each has its own file until something is published
    publish(one, POLICY)
    assert in_force(other) == first

    said = publish(one, STRICT)  # comes back once both have said that they enforce it
    assert said.count("enforces 2@") == 2 and "张敏" in said
    assert forbids_heron(one) and forbids_heron(other)
    line = loads(other)[-1]
    assert (line["event"], line["policy"][:2], line["before"], line["by"]) == ("policy_loaded", "2@", first, "张敏")

    nodes = told(other, "policy", "nodes")
    assert nodes.count("enforces 2@") == nodes.count(f"(Sluice {version('sluice')})") == 2 and "release 2" in nodes

    # the file of a node speaks no more
    file = other.proxy.config.with_name("policy.yaml")
    file.write_text(POLICY.replace("version: 1\n", "version: 9\n"), "utf-8")

    said = told(other, "policy", "rollback", "--by", "李四", "--wait", "60")
    assert said.count("enforces 1@") == 2 and "李四" in said, "each node is named, once it has gone back"
    until(lambda: in_force(one) == in_force(other) == first, "both went back")
    assert not forbids_heron(one) and not forbids_heron(other)
    assert loads(one)[-1]["event"] == "policy_rolled_back"

    # nothing is published that does not pass its own tests
    failing = STALE + "tests: [{name: x, service: openai-api, says: hi, expect: refused}]\n"
    publish(one, failing, done=5)
    assert in_force(one) == in_force(other) == first and len(loads(one)) == len(loads(other))


def test_a_node_that_rejects_a_release_keeps_its_own_and_is_shown(followers: tuple[Street, Street, Server]) -> None:
    one, other, _ = followers
    publish(one, POLICY)
    first = in_force(other)
    # an index of the company that only one of them has
    indexed = STRICT.replace("secret: {terms: [Project Crow, Heron]", "secret: {index: customers, terms: [Heron]")
    table = one.proxy.folder / "customers.csv"
    table.write_text("phone\n13812349999\n13812348888\n", "utf-8")
    told(one, "index", "build", "customers", "--csv", str(table), "--columns", "phone:phone", "--alone", "phone")
    said = publish(one, indexed, done=1)
    assert said.count("FAIL") == 1 and f"keeps {first}" in said and in_force(one)[:2] == "2@"
    assert forbids_heron(one) and not forbids_heron(other)
    line = loads(other)[-1]
    assert (line["event"], line["policy"]) == ("policy_rejected", first)
    done = command(one, "doctor")
    assert done.returncode and "keeps 1@" in done.stdout.decode()  # seen from the other node
    mended = publish(other, STRICT.replace("version: 2\n", "version: 3\n"))
    assert mended.count("enforces 3@") == 2 and forbids_heron(other)


def test_without_redis_nodes_go_on_and_a_release_that_was_lost_is_put_back(
    followers: tuple[Street, Street, Server],
) -> None:
    one, other, server = followers
    publish(one, STRICT)
    label = in_force(other)
    key = "sluice:{w}:rel"
    old = server.client.hgetall(key)
    server.stop()
    assert command(one, "policy", "publish").returncode == 3
    assert other.post(CHAT, json=completion("hi"), headers=ALICE).status_code == 503
    server.start()
    until(lambda: forbids_heron(one) and forbids_heron(other), "both go on with what they had")
    assert publish(one, STALE).count("enforces 3@") == 2 and in_force(other)[:2] == "3@" != label[:2]
    # somebody writes into Redis: what is no release of ours, then one that was good once, then none at all
    latest = server.client.hgetall(key)
    for forged in ({b"n": b"9", b"r": b"nonsense"}, old, {}):
        server.client.delete(key)
        if forged:
            server.client.hset(key, mapping=forged)
        until(lambda: server.client.hgetall(key) == latest, "the release was put back")
    assert in_force(one)[:2] == in_force(other)[:2] == "3@"
    assert any("release" in place for line in loads(one) + loads(other) for place in line.get("places", ()))
