"""A real house for tests: the end-to-end policy, the shipped catalogue, SQLite, an audit file, a small detector.

Enters: a folder. Leaves: a house, and flows such as mitmproxy hands to the addon.
"""

import asyncio
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pyrage
from mitmproxy import http
from mitmproxy.test import tflow, tutils

from detectors.dictionary import Dictionary
from detectors.entities import ENTITIES
from detectors.find import Finder
from detectors.interface import Finding
from detectors.vault import Sealer
from policies.decision import Grant
from policies.load import load_policy
from policies.model import Policy
from proxy.assemble import Works, here, portal_of
from proxy.caller import IdentitySources
from proxy.internal.models import InternalServer, only
from proxy.internal.watcher import Probe, Watcher
from proxy.keyring import Keyring
from proxy.ledger import Ledger
from proxy.passage import House
from proxy.pipeline import Street
from proxy.reload import Reloader
from proxy.services.catalogue import Catalogue, load_catalogue
from proxy.settings.interface import Settings
from proxy.shell.addon import SluiceAddon
from proxy.store.interface import Changes
from proxy.store.sqlite import SqliteStore
from proxy.trail.seal import Safe
from proxy.trail.sinks import AuditFile
from proxy.vault import Vault
from proxy.wire.body import Limits
from proxy.workflow.courier import Courier
from proxy.workflow.notify import Notify
from proxy.workflow.permission import GrantRecord
from proxy.workflow.signing import Signer

SECRET = "13912345678"
CUSTOMER = "华星科技"
AUDITOR = pyrage.x25519.Identity.generate()
INTERNAL_KEY = "internal-key-for-nobody-else"
NOON = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
POLICY = Path(__file__).parents[1] / "cases" / "e2e" / "policy.yaml"

SERVER = InternalServer("http", "llm.internal", 8000, "/v1", INTERNAL_KEY, {"*": "qwen"}, frozenset({"openai-chat"}))
MODEL = only(SERVER)


@dataclass(frozen=True)
class SmallDetector:
    """Finds mainland mobile numbers, and answers for every entity that the policy may ask for."""

    name: str = "small"
    entities: frozenset[str] = frozenset(ENTITIES)

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        if "PHONE_NUMBER" not in entities:
            return ()
        found = re.finditer(r"1[3-9]\d{9}", text)
        return tuple(Finding(one.start(), one.end(), "PHONE_NUMBER", 0.9, self.name) for one in found)


@cache
def world() -> tuple[Policy, Catalogue]:
    """Return policy and catalogue, read once."""
    catalogue = load_catalogue()
    return load_policy(POLICY, known_services=catalogue.services.keys()), catalogue


def street(**given: Any) -> Street:
    """Return a street of which `given` replaces parts."""
    policy, catalogue = world()
    terms = (Dictionary(f"terms:{one.entity}", one.entity, one.terms) for one in policy.dictionaries)
    usual: dict[str, Any] = {
        "policy": policy,
        "catalogue": catalogue,
        "finder": Finder((SmallDetector(), *terms)),
        "limits": Limits(),
        "internal": MODEL,
        "stripped": frozenset({"proxy-authorization", "x-user"}),
    }
    return Street(**(usual | given))


@dataclass
class Tenant:
    """A house, its addon and its audit log."""

    house: House
    addon: SluiceAddon
    log: Path
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def records(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.log.read_bytes().splitlines()]

    def ask(self, flow: http.HTTPFlow) -> http.HTTPFlow:
        """Run the hooks of a request as mitmproxy does: a response set by the first is sent at once."""
        self.loop.run_until_complete(self.addon.requestheaders(flow))
        if flow.response is None:
            self.loop.run_until_complete(self.addon.request(flow))
        return flow

    def answer(
        self, flow: http.HTTPFlow, status: int, content_type: str, *chunks: bytes, content_encoding: str = ""
    ) -> bytes:
        """Run the hooks of an answer from upstream; return the bytes that the client gets."""
        coding = {"content-encoding": content_encoding} if content_encoding else {}
        flow.response = http.Response.make(status, b"", {"content-type": content_type} | coding)
        self.loop.run_until_complete(self.addon.responseheaders(flow))
        stream, got = flow.response.stream, b""
        if callable(stream):
            got = b"".join(piece for chunk in (*chunks, b"") for piece in stream(chunk))
        elif stream:
            got = b"".join(chunks)
        else:
            flow.response.data.content = b"".join(chunks)
        self.loop.run_until_complete(self.addon.response(flow))
        return got if stream else flow.response.content or b""

    def close(self) -> None:
        self.addon.done()
        self.house.ledger.audit.close()
        self.house.ledger.store.close()
        self.loop.close()


def open_house(folder: Path, clock: Callable[[], datetime] = lambda: NOON, **given: Any) -> Tenant:
    """Return a house below `folder`; `given` replaces parts of its street."""
    numbers = itertools.count(1)
    store = SqliteStore(folder / "sluice.db")
    ledger = Ledger(
        AuditFile(folder / "audit.jsonl"),
        store,
        Vault(store, Sealer(b"k" * 32), Keyring(folder / "keys")),
        "test",
        timedelta(days=1),
        Signer(b"k" * 32),
        Safe(folder, (str(AUDITOR.to_public()),), timedelta(days=1)),
    )
    house = House(
        street=street(**given),
        ledger=ledger,
        sources=IdentitySources(),
        language="en",
        contact="",
        clock=clock,
        entropy=lambda count: next(numbers).to_bytes(count, "big"),
    )
    house.portal = portal_of(Settings(), house)
    return Tenant(house, SluiceAddon(house, 20.0), folder / "audit.jsonl")


def works(tenant: Tenant, folder: Path) -> Works:
    """Return the tenant's house with what keeps it going; its policy may be changed below `folder`."""
    house, policy = tenant.house, folder / "policy.yaml"
    if not policy.exists():
        policy.write_text(POLICY.read_text("utf-8"), "utf-8")
    state = folder / "state"
    state.mkdir(exist_ok=True)
    assert house.portal is not None
    reloader = Reloader(house, policy, lambda policy: street(policy=policy), state)
    courier = Courier(house.portal, house.ledger.audit, "test", Notify(), house.clock)
    return Works(house, reloader, courier, Watcher(None, house.fleet, Probe(1.0, {})), here(Settings()))


def give(ledger: Ledger, grant: Grant) -> None:
    """Put a grant into the store as the house itself gives one."""
    assert ledger.store.keep(Changes(grant=ledger.signer.sign(GrantRecord(grant, NOON))))


def chat(text: str, **more: Any) -> bytes:
    """Return a prompt that both vendors' interfaces take."""
    return orjson.dumps({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": text}], **more})


CLIENTS = {
    "openai": ("api.openai.com", "/v1/chat/completions"),
    "anthropic": ("api.anthropic.com", "/v1/messages"),
    "forbidden": ("api.deepseek.com", "/v1/chat/completions"),
}


def flow_to(client: str, body: bytes, **headers: str) -> http.HTTPFlow:
    """Return the flow of a prompt from a client of `CLIENTS`, or to `host/path`."""
    host, path = CLIENTS.get(client) or (client.partition("/")[0], "/" + client.partition("/")[2])
    fields = {"host": host, "content-type": "application/json", "content-length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    request = tutils.treq(
        host=host,
        port=443,
        method=b"POST",
        scheme=b"https",
        authority=b"",
        path=path.encode(),
        headers=http.Headers([(name.encode(), value.encode()) for name, value in fields.items()]),
        content=body,
    )
    flow = tflow.tflow(req=request)
    flow.client_conn.sni = host
    return flow
