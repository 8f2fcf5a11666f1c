"""Networks of their own for tests: a client behind a gateway, in namespaces, apart from the network of the machine."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.tools import run, tool

CLIENT, GATEWAY, WORLD, SERVICE = "10.77.1.2", "10.77.1.1", "203.0.113.1", "203.0.113.10"
"""The gateway has an address on either side; the service's is one of those for documentation (RFC 5737)."""
CLIENT6, GATEWAY6, WORLD6, SERVICE6 = "fd77:1::2", "fd77:1::1", "2001:db8::1", "2001:db8::10"
"""The same in IPv6 (RFC 3849)."""


type Pair = tuple[str, str]


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Let this thread, and whatever it starts, be in a namespace."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        os.setns(there, os.CLONE_NEWNET)
        yield
    finally:
        os.setns(here, os.CLONE_NEWNET)
        os.close(here)
        os.close(there)


@dataclass
class Net:
    """Three namespaces: a client, the gateway on which the proxy runs, and the world beyond."""

    client: str
    gateway: str
    world: str

    def load(self, rules: str) -> None:
        """Load rules of nftables on the gateway."""
        words = ["ip", "netns", "exec", self.gateway, tool("nft"), "-f", "-"]
        subprocess.run([tool(words[0]), *words[1:]], input=rules.encode(), check=True, capture_output=True)

    def curl(self, ca: Path, *words: str, proxy: str = "") -> subprocess.CompletedProcess[str]:
        """Ask as the client does."""
        through = ["--proxy", proxy] if proxy else ["--noproxy", "*", "--resolve", f"api.openai.com:443:{SERVICE}"]
        common = ["-sS", "--max-time", "60", "--cacert", str(ca), *through, *words]
        return run("ip", "netns", "exec", self.client, tool("curl"), *common, ok=False)


@contextmanager
def open_net() -> Iterator[Net]:
    """Make the namespaces; skips where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    mark = secrets.token_hex(3)
    net = Net(*(f"sluice-{name}-{mark}" for name in ("client", "gateway", "world")))
    try:
        for name in (net.client, net.gateway, net.world):
            if run("ip", "netns", "add", name, ok=False).returncode:
                pytest.skip("network namespaces are not allowed here")
            run("ip", "-n", name, "link", "set", "lo", "up")
        cable(net.client, (f"{CLIENT}/24", f"{CLIENT6}/64"), net.gateway, (f"{GATEWAY}/24", f"{GATEWAY6}/64"), "inner")
        cable(net.world, (f"{SERVICE}/24", f"{SERVICE6}/64"), net.gateway, (f"{WORLD}/24", f"{WORLD6}/64"), "outer")
        for name, ways in ((net.client, (GATEWAY, GATEWAY6)), (net.world, (WORLD, WORLD6))):
            for way in ways:
                run("ip", "-n", name, "route", "add", "default", "via", way)
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            run("ip", "netns", "exec", net.gateway, "sysctl", "-qw", f"{key}=1")
        yield net
    finally:
        for name in (net.client, net.gateway, net.world):
            run("ip", "netns", "del", name, ok=False)


def cable(left: str, left_addresses: Pair, right: str, right_addresses: Pair, name: str) -> None:
    """Lay a cable between two namespaces, each with an address of either kind."""
    run("ip", "link", "add", name, "netns", left, "type", "veth", "peer", "name", name, "netns", right)
    for namespace, addresses in ((left, left_addresses), (right, right_addresses)):
        for address in addresses:
            run("ip", "-n", namespace, "address", "add", address, "dev", name, *["nodad"] * (":" in address))
        run("ip", "-n", namespace, "link", "set", name, "up")
