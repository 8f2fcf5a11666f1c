"""What the end-to-end tests stand on: everything running, and what was seen of it."""

import json
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess, Popen
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx
import orjson
import yaml

import tests.quiet  # noqa: F401  # for the commands that run here
from proxy.demo.act import KEY_VARIABLE, demo_settings
from proxy.demo.authority import Authority, make_authority, server_context
from proxy.demo.process import Begin, Employee, RunningProxy, start_proxy
from proxy.demo.standins import ExternalStandIn, InternalStandIn
from tests import nursery
from tests.proxy.cli.invoke import sluice

COLD: Begin = Popen
"""Begins a proxy as people do; all others come from `tests.nursery`, which spares four fifths of a start."""

CASES = Path(__file__).parents[1] / "cases" / "e2e"

OUTSIDE_HOST = "intranet.example.org"
"""A host that no service of the catalogue has."""

HOSTS = (
    "api.openai.com",
    "api.anthropic.com",
    "api.deepseek.com",
    "chat.deepseek.com",
    "api.mistral.ai",
    "api.groq.com",
    "chatgpt.com",
    "claude.ai",
    "gemini.google.com",
    "accounts.google.com",
    "cloudcode-pa.googleapis.com",
    "login.microsoftonline.com",
    "login.live.com",
    OUTSIDE_HOST,
)

INTERNAL_KEY = "internal-key-never-to-be-seen-outside"

CHAT = "https://api.openai.com/v1/chat/completions"

PATIENCE = 100.0
"""Seconds that a test waits for what must come."""
PATIENT = {"documents": {"seconds": 90}, "scan_seconds": 100}
"""A busy machine must not make a test fail."""

WITH_PAGES = (
    "openai-chatgpt",
    "anthropic-claude",
    "deepseek-chat",
    "kimi",
    "qwen-chat",
    "zhipu-chatglm",
    "tencent-yuanbao",
    "doubao",
    "baidu-yiyan",
    "perplexity",
    "xai-grok",
    "google-gemini",
    "huggingchat",
    "notion-ai",
    "you-com",
    "iflytek-spark",
)
"""Services whose pages the tests play."""

NUMBERS = ("CN_ID_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "CREDIT_CARD")


def office_policy(*services: str, personal: tuple[str, ...] = NUMBERS) -> str:
    """Return a policy of four rules: one project is secret, customers stay inside, the rest goes without `personal`."""
    entities = f"  personal: {{entities: [{', '.join(personal)}]}}\n" if personal else ""
    redact = ", redact: [personal]" if personal else ""
    return f"""
policy: 办公室 / The office
version: 1
owner: 合规部
otherwise: forbid
services:
  in use: {{ids: [{", ".join(services)}]}}
  not permitted: {{ids: [windsurf]}}
data_classes:
{entities}  customers: {{terms: [华星科技, Project Falcon], placeholder: CUSTOMER}}
  secret: {{terms: [Project Crow], placeholder: SECRET}}
rules:
  - {{id: not-permitted, verdict: forbidden, when: {{service: not permitted}}}}
  - id: crow-goes-nowhere
    verdict: forbidden
    when: {{data: secret}}
    reason: {{zh: 该项目保密。, en: This project is secret.}}
  - {{id: customers-stay-inside, verdict: allowed, when: {{data: customers}}, route: internal}}
  - {{id: office-use, verdict: allowed, when: {{service: in use}}{redact}}}
"""


@dataclass(frozen=True)
class Planted:
    """A confidential value and the sentence it stands in."""

    name: str
    language: str
    entity: str
    value: str
    prompt: str

    @property
    def text(self) -> str:
        return self.prompt.format(self.value)


def load_planted() -> tuple[Planted, ...]:
    source = yaml.safe_load((CASES / "planted.yaml").read_text("utf-8"))
    return tuple(Planted(**each) for each in source["planted"])


@dataclass
class Street:
    """Everything running, for one policy and one state directory."""

    proxy: RunningProxy
    external: ExternalStandIn
    internal: InternalStandIn
    authority: Authority
    secrets: tuple[bytes, ...]
    """Every planted value, in UTF-8 and as JSON escapes it."""
    employees: list[Employee] = field(default_factory=list)
    clients: dict[tuple[bool, str], httpx.Client] = field(default_factory=dict)
    """Those whose connections stay open from one request to the next, by protocol and what a front says."""

    @property
    def employee(self) -> Employee:
        if not self.employees:
            self.employees.append(Employee.start(self.proxy.environment(), nursery.begin))
        return self.employees[0]

    def client(self, *, http2: bool = False, front: Mapping[str, str] | None = None, **options: Any) -> httpx.Client:
        """Return an HTTP client that goes through the proxy and trusts it; `front` is what a front says of it."""
        trust = ssl.create_default_context(cafile=str(self.proxy.ca))
        proxy = httpx.Proxy(self.proxy.url, headers=front)
        return httpx.Client(proxy=proxy, verify=trust, http2=http2, trust_env=False, timeout=100, **options)

    def kept(self, *, http2: bool = False, front: Mapping[str, str] | None = None) -> httpx.Client:
        """Return a client that others use, too: handshakes on either side of the proxy cost more than an exchange."""
        kind = (http2, repr(front))
        if kind not in self.clients:
            self.clients[kind] = self.client(http2=http2, front=front)
        self.clients[kind].cookies.clear()
        return self.clients[kind]

    def post(
        self, url: str, *, http2: bool = False, front: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Send one request through the proxy."""
        with self.client(http2=http2, front=front) as client:
            return client.post(url, **options)

    def reset(self) -> None:
        self.external.reset()
        self.internal.reset()

    def records(self) -> list[dict[str, Any]]:
        """Return every line of the audit file."""
        whole, _, _ = self.proxy.audit.read_bytes().rpartition(b"\n")  # beyond it, a line is being written
        return [orjson.loads(line) for line in whole.splitlines()]

    def request_records(self) -> list[dict[str, Any]]:
        """Return the lines about requests."""
        return [line for line in self.records() if line["event"] == "request"]

    def last_record(self) -> dict[str, Any]:
        return self.request_records()[-1]

    def answers(self, count: int, since: int = 0, **having: Any) -> list[dict[str, Any]]:
        """Return the lines about answers that are so, after the first `since` of all, once there are `count` of them.

        Such a line is written when its answer has gone out: whoever has read that may be here before it.
        """
        until = time.monotonic() + PATIENCE
        wanted = {"event": "answer", **having}.items()
        while len(found := [line for line in self.records()[since:] if wanted <= line.items()]) < count:
            assert time.monotonic() < until, f"of {count} answers {len(found)} are in the log"
            time.sleep(0.05)
        return found

    def logged(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """Return what the running log says of the exchange whose number is in this refusal, once it does."""
        [reference] = set(re.findall(r"SLC-[0-9]{8}-[0-9A-Z]+", answer.text))
        until = time.monotonic() + PATIENCE
        while not (found := [line for line in self.proxy.log.read_bytes().splitlines() if reference.encode() in line]):
            assert time.monotonic() < until, f"the running log says nothing of {reference}"
            time.sleep(0.05)
        return [orjson.loads(line) for line in found]

    def leaks(self, where: bytes) -> list[bytes]:
        """Return the planted values in `where`, as they are or percent-encoded."""
        seen = where + unquote_to_bytes(where) + unquote_to_bytes(where.replace(b"+", b" "))
        return [value for value in self.secrets if value in seen]

    def expect_no_leak(self) -> None:
        assert self.leaks(self.external.everything()) == []
        assert INTERNAL_KEY.encode() not in self.external.everything()

    def expect_silence(self) -> None:
        assert self.leaks(self.proxy.log.read_bytes()) == []
        assert self.leaks(self.proxy.audit.read_bytes()) == []


WAYS = {"whole": False, "streamed": True}
PROTOCOLS = {"HTTP/1.1": False, "HTTP/2": True}


def completion(text: str, **more: Any) -> dict[str, Any]:
    """Return the body of a Chat Completions request."""
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **more}


def content_of(answer: httpx.Response) -> str:
    """Return the text of a whole Chat Completions answer."""
    return str(answer.json()["choices"][0]["message"]["content"])


@contextmanager
def open_street(
    folder: Path,
    policy: str = "policy.yaml",
    secrets: Mapping[str, str] | None = None,
    hosts: tuple[str, ...] = HOSTS,
    standin: type[ExternalStandIn] = ExternalStandIn,
    begin: Begin = nursery.begin,
    **settings: Any,
) -> Iterator[Street]:
    """Start everything below `folder`; `policy` is a text or a file of the cases.

    `settings` are added to the usual ones, None takes one away; `secrets` are variables in place of the usual one.
    `begin` is `COLD` for a test that looks at the process itself.
    """
    authority = make_authority(folder)
    external = standin(server_context(authority, hosts))
    internal = InternalStandIn()
    external.start()
    internal.start()
    street = None
    try:
        every = demo_settings(external.address, internal.address, authority.pem) | PATIENT
        every["resolve"] = {f"{host}:443": external.address for host in hosts}
        policy = policy if "\n" in policy else (CASES / policy).read_text("utf-8")
        every["resolve"] |= settings.pop("resolve", {})
        given = {key: value for key, value in {**every, **settings}.items() if value is not None}
        keys = {KEY_VARIABLE: INTERNAL_KEY} if secrets is None else secrets
        proxy = start_proxy(folder / "sluice", given, policy, keys, begin)
        values = [each.value for each in load_planted()]
        spellings = tuple(spelt for value in values for spelt in {value.encode(), json.dumps(value)[1:-1].encode()})
        street = Street(proxy, external, internal, authority, spellings)
        yield street
    finally:
        if street is not None:
            for employee in street.employees:
                employee.stop()
            for client in street.clients.values():
                client.close()
            keep_metrics(street)
            street.proxy.stop()
        internal.stop()
        external.stop()


def keep_metrics(street: Street) -> None:
    """Keep what a proxy shows of its metrics, if it does, for the search at the end of the run (`tests.sweep`)."""
    listen = yaml.safe_load(street.proxy.config.read_text("utf-8")).get("admin", {}).get("listen")
    if listen is None or street.proxy.process.poll() is not None:
        return
    with suppress(httpx.HTTPError):
        shown = httpx.get(f"http://{listen}/metrics", trust_env=False, timeout=10, verify=False).content
        (street.proxy.folder / "shown").mkdir(exist_ok=True)
        (street.proxy.folder / "shown" / "metrics").write_bytes(shown)


def again(street: Street, begin: Begin = nursery.begin) -> RunningProxy:
    """Start the proxy once more, with all its files as they are."""
    settings = yaml.safe_load(street.proxy.config.read_text("utf-8"))
    policy = (street.proxy.folder / "policy.yaml").read_text("utf-8")
    return start_proxy(street.proxy.folder, settings, policy, street.proxy.secrets, begin)


def run_here(*words: str, secrets: Mapping[str, str] | None = None) -> CompletedProcess[bytes]:
    """Run a command in this process, beside the proxy in its own: that spares a second and a half of imports."""
    done = sluice(*words, NO_COLOR="1", **(secrets or {}))
    return CompletedProcess(words, done.exit_code, done.stdout_bytes, done.stderr_bytes)


def command(street: Street, *words: str) -> CompletedProcess[bytes]:
    """Run a command with the settings and the keys of a street."""
    return run_here(*words, "--config", str(street.proxy.config), secrets=street.proxy.secrets)


def detecting(street: Street) -> list[int]:
    """Return the processes that detect for the proxy, as the system knows them."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == street.proxy.process.pid and b"proxy.detecting.worker" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def grant(street: Street, *, until: str = "2h", service: str = "mistral-api") -> None:
    """Give the tests' person a grant through the command line."""
    done = command(
        street,
        *("grants", "add", "--person", "alice", "--service", service),
        *("--rule", "mistral-needs-approval", "--until", until, "--by", "张敏", "--purpose", "Translation 翻译"),
    )
    assert done.returncode == 0, done.stderr.decode()
