"""Nodes behind the shipped HAProxy are exchanged one after the other, as docs/operations.md says, and nobody notices.

The certificates that clients show it name them to the nodes, too.
"""

import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from proxy.demo.authority import Authority, blank_certificate, make_authority, usage
from tests.deploy.balancer import Certificates, balancer, control, running
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


def signed(authority: Authority, name: str) -> Path:
    """Return a certificate with its key, for the machine as a server and for a person called so."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    certificate = (
        blank_certificate(name, str(issuer), key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    file = authority.folder / f"{name}.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + key.private_bytes(*form))
    return file


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

    def __init__(self, folder: Path, secured: int, authority: Authority) -> None:
        self.folder, self.steps, self.secured, self.authority = folder, steps(), secured, authority
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
    front = {"from": [f"{BALANCER}/32"], "certificates": "yes"}
    kept = {"workers": {"count": 1, "drain_seconds": 60}, "front": front}
    redis = Server(folder / "redis", "appendonly yes")
    try:
        with open_nodes(folder / "nodes", redis.url, second=second, **one, **kept) as both:
            port = free_port()
            proxies = list(zip((node.proxy.url for node in both), admins, strict=True))
            authority = make_authority(folder / "authority")
            administrator = Administrator(folder, free_port(), authority)
            secured = Certificates(administrator.secured, signed(authority, "balancer"), authority.pem)
            config = balancer(folder, port, proxies, BALANCER, secured)
            with running("haproxy", "-f", str(config), log=folder / "haproxy.log"):
                until(lambda: ups(folder) == [2, 2], "HAProxy takes both for ready")
                before = replace(both[0].proxy, url=f"http://127.0.0.1:{port}")
                yield *both, replace(both[0], proxy=before, employees=[]), administrator
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
        return httpx.get(f"http://{listen}/readyz", trust_env=False, timeout=30, verify=False).status_code == 200
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


def test_a_certificate_of_the_company_names_whoever_shows_it_and_nobody_gets_in_without(
    nodes: tuple[Street, Street, Street, Administrator], tmp_path: Path
) -> None:
    one, other, front, administrator = nodes
    stranger = make_authority(tmp_path / "stranger")
    shown = {"wangfang": signed(administrator.authority, "wangfang"), "nobody": None}
    shown["stranger"] = signed(stranger, "wangfang")
    for name, certificate in shown.items():
        proxy = ssl.create_default_context(cafile=str(administrator.authority.pem))
        if certificate is not None:
            proxy.load_cert_chain(certificate)
        way = httpx.Proxy(f"https://localhost:{administrator.secured}", ssl_context=proxy)
        trust = ssl.create_default_context(cafile=str(front.proxy.ca))
        with httpx.Client(proxy=way, verify=trust, trust_env=False, timeout=60) as client:
            if name == "wangfang":
                assert client.post(CHAT, json=completion("hello")).status_code == 200
            else:
                with pytest.raises(httpx.HTTPError):
                    client.post(CHAT, json=completion("hello"))
    named = [line["user"] for node in (one, other) for line in node.request_records() if line["user"]]
    assert named == ["wangfang"]
