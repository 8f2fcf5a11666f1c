"""Nodes behind HAProxy are exchanged one after the other, as docs/operations.md says, and nobody notices."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import yaml

from tests.deploy.balancer import balancer, control, running
from tests.e2e.nodes import open_nodes
from tests.e2e.street import CHAT, Street, again, completion, content_of, run_here
from tests.e2e.test_many_nodes import ups
from tests.e2e.test_workers import under_load, wait_for
from tests.ports import free_port
from tests.redis_servers import Server, needs_redis, until

pytestmark = needs_redis
BALANCER = "127.0.0.2"
"""What the balancer calls from."""
GUIDES = [Path(__file__).parents[2] / "docs" / name for name in ("operations.md", "operations.zh.md")]
SOCAT = """#!{python}
import socket, sys
assert sys.argv[1] == "-"
with socket.socket(socket.AF_UNIX) as one:
    one.connect(sys.argv[2])
    one.sendall(sys.stdin.buffer.read())
    one.shutdown(socket.SHUT_WR)
    while data := one.recv(65536):
        sys.stdout.buffer.write(data)
"""


def steps() -> dict[str, str]:
    """Return the commands of the guide, those in Chinese being the same: how a node is taken out, counted, put back."""
    told = []
    for guide in GUIDES:
        lines = [line.strip() for line in guide.read_text("utf-8").splitlines() if "socat - $H" in line]
        told.append([re.sub(r"\s+#.*", "", line) for line in lines])
    assert told[0] == told[1]
    out, left, back = told[0]
    assert "state drain" in out and "state ready" in back
    return {"out": out, "left": left, "back": back}


class Administrator:
    """Somebody who types what the guide says, on the balancer's machine."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.steps = folder, steps()
        program = folder / "socat"
        program.write_text(SOCAT.format(python=sys.executable), "utf-8")
        program.chmod(0o700)

    def types(self, step: str, node: int) -> str:
        script = f"H={control(self.folder)}; N={node}\n{self.steps[step]}"
        path = f"{self.folder}:{os.environ['PATH']}"
        done = subprocess.run(["sh", "-euc", script], env={"PATH": path}, capture_output=True, text=True, check=True)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Street, Street, Street, Administrator]]:
    """Two nodes with a worker each, the same behind the shipped HAProxy, and who looks after it."""
    folder = tmp_path_factory.mktemp("rolling")
    ports, admins = (free_port(), free_port()), (free_port(), free_port())
    one, second = (
        {"listen": f"127.0.0.1:{port}", "admin": {"listen": f"127.0.0.1:{admin}"}}
        for port, admin in zip(ports, admins, strict=True)
    )
    kept = {"workers": {"count": 1, "drain_seconds": 60}, "front": {"from": [f"{BALANCER}/32"]}}
    redis = Server(folder / "redis", "appendonly yes")
    try:
        with open_nodes(folder / "nodes", redis.url, second=second, **one, **kept) as both:
            port = free_port()
            proxies = list(zip((node.proxy.url for node in both), admins, strict=True))
            config = balancer(folder, port, proxies, source=BALANCER)
            with running("haproxy", "-f", str(config), log=folder / "haproxy.log"):
                until(lambda: ups(folder) == [2, 2], "HAProxy takes both for ready")
                front = replace(both[0].proxy, url=f"http://127.0.0.1:{port}")
                yield *both, replace(both[0], proxy=front, employees=[]), Administrator(folder)
    finally:
        redis.stop()


def test_each_node_is_exchanged_under_load_and_no_exchange_fails(
    nodes: tuple[Street, Street, Street, Administrator],
) -> None:
    *both, front, administrator = nodes
    with under_load(front) as load:
        for number, node in enumerate(both, 1):
            administrator.types("out", number)
            assert node.proxy.stop() == 0, "all that had begun has ended in time"
            node.proxy.process = again(node).process
            until(lambda node=node: ready(node), "the new one scans and records")
            administrator.types("back", number)
            until(lambda: ups(administrator.folder) == [2, 2], "HAProxy takes both for ready")
            recorded = len(node.request_records())
            # a client that keeps its connection stays where it is: whoever comes now is sent to the one with the fewest
            wait_for(lambda node=node, recorded=recorded: asked(front) and len(node.request_records()) > recorded, node)
    assert load.failed == []
    for node in both:
        done = run_here("audit", "verify", str(node.proxy.audit))
        assert done.returncode == 0, done.stdout.decode()
        assert [line["event"] for line in node.records()].count("start") == 2
    front.expect_no_leak()


def ready(node: Street) -> bool:
    listen = yaml.safe_load(node.proxy.config.read_text("utf-8"))["admin"]["listen"]
    try:
        return httpx.get(f"http://{listen}/readyz", trust_env=False, timeout=30).status_code == 200
    except httpx.HTTPError:
        return False


def asked(front: Street) -> bool:
    return content_of(front.post(CHAT, json=completion("hello"))) != ""


def test_what_is_left_on_a_node_is_counted(nodes: tuple[Street, Street, Street, Administrator]) -> None:
    """`show servers conn` says 0 of TCP whatever is there: the number must be one that tells."""
    *_, front, administrator = nodes

    def left() -> int:
        return int(administrator.types("left", 1)) + int(administrator.types("left", 2))

    until(lambda: left() == 0, "nobody is there")
    with front.client() as client:
        assert client.post(CHAT, json=completion("hello")).status_code == 200
        assert left() == 1, "it keeps its connection for the next request"
    until(lambda: left() == 0, "nobody is there any more")
