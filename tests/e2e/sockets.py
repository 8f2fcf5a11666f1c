"""A street for WebSockets: the proxy as a process, a stand-in that talks over them, and clients that go through it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from proxy.demo.authority import make_authority, server_context
from tests.e2e.poe_standin import PoeStandIn
from tests.e2e.socket_standin import SocketStandIn
from tests.e2e.street import CASES, Street, open_street

PATIENCE = 100.0

HOSTS = (
    *(
        "api.openai.com",
        "api.groq.com",
        "api.deepseek.com",
        "api.mistral.ai",
        "copilot.microsoft.com",
        "dashscope.aliyuncs.com",
    ),
    *("substrate.office.com", "m365.cloud.microsoft", "generativelanguage.googleapis.com"),
    *("character.ai", "neo.character.ai", "tch77.tch.poe.com", "spark-api.xf-yun.com"),
)
POE = "poe.com"
"""The host that takes questions; its answers come from one of `HOSTS`."""

POLICY = (
    (CASES / "policy.yaml")
    .read_text("utf-8")
    .replace(
        "openai-chatgpt]",
        "openai-chatgpt, ms-copilot, ms-m365-copilot, google-gemini-api, dashscope, character-ai, iflytek-spark]",
    )
    .replace(
        "\nrules:\n",
        "  secret: {terms: [Project Crow]}\n\nrules:\n  - {id: crow, verdict: forbidden, when: {data: secret}}\n\n",
    )
)
"""That of the other tests, with more services in use, and a project that is secret."""


@dataclass
class Sockets:
    """Everything running."""

    street: Street
    standin: SocketStandIn
    poe: PoeStandIn

    @property
    def trust(self) -> ssl.SSLContext:
        """What these clients trust.

        They read in one thread and write in another, which Python's TLS does not guard: while it reads the tickets that
        TLS 1.3 sends behind the handshake, what is written is lost now and then. TLS 1.2 sends none.
        """
        made = ssl.create_default_context(cafile=str(self.street.proxy.ca))
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        return made

    @contextmanager
    def connect(self, where: str, **options: Any) -> Iterator[ClientConnection]:
        """Open a WebSocket through the proxy."""
        usual = {"ssl": self.trust, "proxy": self.street.proxy.url, "max_size": None, "open_timeout": PATIENCE}
        with connect(f"wss://{where}", **(usual | options)) as connection:
            yield connection

    def messages(self) -> list[dict[str, Any]]:
        """Return the lines about messages of clients."""
        return [line for line in self.street.request_records() if line["method"] == "MESSAGE"]

    def expect_no_leak(self) -> None:
        assert self.street.leaks(self.standin.everything()) == []


@contextmanager
def open_sockets(folder: Path, policy: str = POLICY, **settings: Any) -> Iterator[Sockets]:
    """Start everything below `folder`."""
    authority = make_authority(folder / "authority")
    context = server_context(authority, HOSTS)
    context.num_tickets = 0  # as above: it has threads, too
    standin = SocketStandIn(context)
    standin.start()
    poe = PoeStandIn(server_context(authority, (POE,)), standin.updates.tell)
    poe.start()
    try:
        resolve = {f"{host}:443": standin.address for host in HOSTS} | {f"{POE}:443": poe.address}
        there = {"resolve": resolve, "upstream_ca": str(authority.pem)}
        with open_street(folder / "street", policy, **there, **settings) as street:
            yield Sockets(street, standin, poe)
            street.expect_silence()
    finally:
        poe.stop()
        standin.stop()
