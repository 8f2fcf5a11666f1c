"""`sluice.yaml` and the environment → `Settings`.

Enters: text, the directory it is relative to, and the environment as a mapping. Leaves: `Settings`, or one
`SettingsError` that shows every mistake with file, line and column. An unknown key is a mistake, and so is an unknown
`SLUICE_…` variable.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from policies.model import Mark
from policies.problem import PolicyError, Report, nearest
from policies.source import Entries, Items, Node, Scalar, read_source
from proxy.account import SIGNS
from proxy.errors import SettingsError
from proxy.reach import Reach, read_network
from proxy.services.service import read_service
from proxy.settings.interface import Address, Settings
from proxy.settings.read_admission import read_admission, read_connections
from proxy.settings.read_canary import read_canary
from proxy.settings.read_checkpoints import must_be_in_a_file, read_checkpoints
from proxy.settings.read_detection import read_detection
from proxy.settings.read_documents import read_documents
from proxy.settings.read_front_door import read_front_door
from proxy.settings.read_identity import joined, read_front, read_identity
from proxy.settings.read_internal import read_lone_model, read_models, split_url
from proxy.settings.read_observe import read_admin, read_tracing
from proxy.settings.read_redis import read_redis
from proxy.settings.read_rollout import read_pac
from proxy.settings.read_tenants import must_be_opened, read_tenants
from proxy.settings.read_values import MOST_DAYS, ValueReader, variables_of
from proxy.trail.seal import recipient
from proxy.wire.body import Limits
from proxy.workers.interface import Source
from proxy.workers.read import read_workers
from proxy.workflow.notify import TLS, Mail, Notify

PREFIX = "SLUICE_"
MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
"""An address as RFC 5322 section 3.2.3 writes it without quotes."""
LEVELS = ("debug", "info", "warning", "error")
OVERRIDABLE = frozenset(
    [
        "listen",
        "mode",
        "policy",
        "policy_from",
        "state",
        "store",
        "audit",
        "upstream_ca",
        "language",
        "contact",
        "log_level",
        "node",
        "proxy_login",
        "scan_seconds",
        "keep_originals_days",
        "most_originals_per_person",
        "most_originals",
        "keep_conversations_days",
        "keep_sealed_days",
        "internal_model.url",
        "internal_model.key_env",
        "internal_model.key_file",
        "limits.body",
        "limits.decoded",
        "detection.names",
        "detection.device",
        "detection.threads",
        "detection.processes",
        "workers.count",
        "documents.ocr",
        "documents.seconds",
        "notify.webhook",
        "upstream_auth_env",
        "upstream_auth_file",
        "admin.listen",
        "tracing.endpoint",
    ]
)
"""Settings that an environment variable may override: `SLUICE_INTERNAL_MODEL_URL` for `internal_model.url`."""


def load_settings(path: Path | None, environment: Mapping[str, str], *, secrets: bool = True) -> Settings:
    """Read the file, or take all defaults; without `secrets`, keys are neither needed nor read.

    Raises `SettingsError`.
    """
    return settings_in(source_of(path), environment, secrets=secrets)


def source_of(path: Path | None) -> Source:
    """Read the file and no more; raises `SettingsError`."""
    if path is None:
        return Source("", "(defaults)", Path.cwd())
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: cannot be read: {error.__class__.__name__}; check the path and its encoding (UTF-8)",
            f"{path}：无法读取：{error.__class__.__name__}；请检查路径和编码（UTF-8）",
        ) from None
    return Source(text, str(path), path.resolve().parent)


def settings_in(source: Source, environment: Mapping[str, str], *, secrets: bool = True) -> Settings:
    """Return the settings of a text that was read; raises `SettingsError`."""
    settings = parse_settings(source.text, source.name, source.directory, environment, secrets=secrets)
    return replace(settings, digest=sha256(source.text.encode()).hexdigest()[:16] if source.text else "")


def parse_settings(
    text: str, name: str, directory: Path, environment: Mapping[str, str], *, secrets: bool = True
) -> Settings:
    """Return the settings written in `text`; relative paths are below `directory`. Raises `SettingsError`."""
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        text = "{}"  # comments alone: every setting has its default
    report = Report(name, text)
    try:
        settings = SettingsReader(report, directory, environment, secrets=secrets).read(read_source(text, report))
        report.stop()
    except PolicyError as error:
        raise SettingsError(error.render("en"), error.render("zh")) from None
    return settings


class SettingsReader(ValueReader):
    """Turns the nodes of one file into values, noting every mistake in its report."""

    def read(self, root: Node) -> Settings:
        """Return the settings; mistakes are in the report."""
        readers: dict[str, tuple[str, Callable[[Node], Any]]] = {
            "listen": ("listen", self.address),
            "mode": ("mode", self.mode),
            "upstream_auth_env": ("upstream_auth", self.secret_of_environment),
            "upstream_auth_file": ("upstream_auth", self.secret_of_file),
            "policy": ("policy", self.path),
            "policy_from": ("policy_from", lambda node: self.choice(node, ("file", "store"))),
            "state": ("state", self.path),
            "store": ("store", self.text),
            "redis": ("redis", lambda node: read_redis(self, node)),
            "audit": ("audit", self.text),
            "checkpoints": ("checkpoints", lambda node: read_checkpoints(self, node)),
            "internal_model": ("internal", lambda node: read_lone_model(self, node)),
            "internal_models": ("internal", lambda node: read_models(self, node)),
            "identity": ("identity", lambda node: read_identity(self, node)),
            "front": ("front", lambda node: read_front(self, node)),
            "proxy_login": ("proxy_login", self.path),
            "limits": ("limits", self.limits),
            "admission": ("admission", lambda node: read_admission(self, node)),
            "connections": ("connections", lambda node: read_connections(self, node)),
            "detection": ("detection", lambda node: read_detection(self, node)),
            "documents": ("documents", lambda node: read_documents(self, node)),
            "scan_seconds": ("scan_seconds", self.positive_number),
            "keep_originals_days": ("keep_originals_days", lambda node: self.whole(node, MOST_DAYS)),
            "most_originals_per_person": ("most_originals_per_person", self.whole),
            "most_originals": ("most_originals", self.whole),
            "keep_conversations_days": ("keep_conversations_days", lambda node: self.whole(node, MOST_DAYS, 0)),
            "auditor_keys": ("auditor_keys", self.auditor_keys),
            "keep_sealed_days": ("keep_sealed_days", lambda node: self.whole(node, MOST_DAYS)),
            "resolve": ("resolve", self.resolve),
            "reach": ("reach", self.reach),
            "upstream_ca": ("upstream_ca", self.path),
            "tunnel": ("tunnel", self.hosts),
            "inspect": ("inspect", self.hosts),
            "accounts": ("accounts", self.accounts),
            "tenants": ("tenants", lambda node: read_tenants(self, node)),
            "services": ("services", self.services),
            "language": ("language", lambda node: self.choice(node, ("zh", "en", "both"))),
            "contact": ("contact", self.text),
            "front_door": ("front_door", lambda node: read_front_door(self, node)),
            "notify": ("notify", self.notify),
            "canary": ("canary", lambda node: read_canary(self, node)),
            "workers": ("workers", lambda node: read_workers(self, node)),
            "admin": ("admin", lambda node: read_admin(self, node)),
            "pac": ("pac", lambda node: read_pac(self, node)),
            "tracing": ("tracing", lambda node: read_tracing(self, node)),
            "log_level": ("log_level", lambda node: self.choice(node, LEVELS)),
            "node": ("node", self.text),
        }
        entries = self.override(self.entries(root, frozenset(readers)))
        if {"internal_model", "internal_models"} <= entries.keys():
            self.wrong(
                entries["internal_models"].mark,
                "write either `internal_model` or `internal_models`, not both",
                "`internal_model` 与 `internal_models` 只能写其一",
            )
        values = {readers[key][0]: readers[key][1](node) for key, node in entries.items()}
        if "checkpoints" in values:
            must_be_in_a_file(self, entries["checkpoints"], values.get("audit"), values["checkpoints"])
        if "tunnel" in values and values.get("tenants"):
            must_be_opened(self, entries["tunnel"], values["tunnel"], values["tenants"])
        values.setdefault("state", self.directory / "state")
        values |= joined(self, entries, values)
        values["private_files"] = tuple(self.private_files)
        return Settings(**{key: value for key, value in values.items() if value is not None})

    # -- the environment ------------------------------------------------------------------------------------------

    def override(self, entries: dict[str, Node]) -> dict[str, Node]:
        """Put the environment's values in place of the file's."""
        names = {PREFIX + path.replace(".", "_").upper(): path for path in OVERRIDABLE}
        given = sorted(name for name in self.environment if name.startswith(PREFIX))
        for name in given:
            if name not in names:
                continue
            mark = self.place_of(name)
            outer, _, inner = names[name].partition(".")
            value = Scalar(self.environment[name], mark, plain=False)
            held = entries.pop(outer, None)  # the last of two keys that exclude each other counts: the environment's
            if not inner:
                entries[outer] = value
                continue
            kept = [pair for pair in held.entries if pair[0].text != inner] if isinstance(held, Entries) else []
            entries[outer] = Entries((*kept, (Scalar(inner, mark), value)), held.mark if held else mark)
        for name in given:
            if name not in names and name not in self.named_variables(entries):
                near = nearest(name, names)
                self.wrong(
                    self.place_of(name),
                    f"unknown environment variable {name}",
                    f"未知的环境变量 {name}",
                    f"did you mean {near}?" if near else "",
                )
        return entries

    def place_of(self, name: str) -> Mark:
        """Return a place that stands for the environment variable `name`."""
        mark = Mark()
        self.variables.append((mark, name))
        return mark

    def named_variables(self, entries: dict[str, Node]) -> set[str]:
        """Return the variables that the file itself names as holding a secret."""
        holders = ("internal_model", "internal_models", "notify", "canary", "checkpoints", "identity")
        nodes = [
            entries.get("upstream_auth_env"),
            *(each for key in holders for each in variables_of(entries.get(key))),
        ]
        return {node.text for node in nodes if isinstance(node, Scalar)}

    # -- groups of settings -----------------------------------------------------------------------------------------

    def notify(self, node: Node) -> Notify:
        """Return where notifications go."""
        entries = self.entries(node, frozenset({"webhook", "smtp", "link"}))
        addresses = {}
        for key in ("webhook", "link"):
            if key in entries:
                addresses[key] = self.text(entries[key]) or ""
                if split_url(addresses[key]) is None:
                    self.wrong(
                        entries[key].mark,
                        f"`{key}` must be an address such as https://chat.example/hook",
                        f"`{key}` 须为地址，如 https://chat.example/hook",
                    )
        return Notify(mail=self.mail(entries["smtp"]) if "smtp" in entries else None, **addresses)

    def mail(self, node: Node) -> Mail | None:
        """Return the mail server and the addresses of notifications."""
        secrets = {"password_env": self.secret_of_environment, "password_file": self.secret_of_file}
        entries = self.entries(node, frozenset({"host", "port", "from", "to", "tls", "user", *secrets}))
        missing = [key for key in ("host", "from", "to") if key not in entries]
        if missing:
            self.wrong(node.mark, f"`smtp` needs {', '.join(missing)}", f"`smtp` 须写明 {'、'.join(missing)}")
            return None
        tls = self.choice(entries["tls"], TLS) if "tls" in entries else ""
        given = [key for key in secrets if key in entries]
        if len(given) > 1:
            self.wrong(entries[given[1]].mark, "the password comes from one place only", "密码只能来自一处")
        return Mail(
            host=self.text(entries["host"]) or "",
            port=self.whole(entries["port"], 65535) if "port" in entries else 25,
            sender=self.mailbox(entries["from"]),
            to=tuple(self.mailbox(item) for item in self.items(entries["to"])),
            tls=next((word for word in TLS if word == tls), "offered"),
            user=self.text(entries["user"]) or "" if "user" in entries else "",
            password="".join(secrets[key](entries[key]) or "" for key in given[:1]),
        )

    def mailbox(self, node: Node) -> str:
        """Return a mail address."""
        address = self.text(node)
        if address is not None and not MAILBOX.fullmatch(address):
            self.wrong(node.mark, "a mail address such as ai-desk@corp.example is expected", "此处应为邮箱地址")
        return address or ""

    def limits(self, node: Node) -> Limits:
        """Return the limits of size."""
        readers = {
            "body": ("max_body", self.size),
            "decoded": ("max_decoded", self.size),
            "text": ("max_text", self.whole),
            "text_names": ("max_text_names", self.whole),
            "ratio": ("max_ratio", self.whole),
        }
        entries = self.entries(node, frozenset(readers))
        return Limits(**{readers[key][0]: readers[key][1](value) for key, value in entries.items()})

    def resolve(self, node: Node) -> dict[Address, Address]:
        """Return other addresses for hosts."""
        self.entries(node, None)
        pairs = node.entries if isinstance(node, Entries) else ()
        return {self.address(asked): self.address(other) for asked, other in pairs}

    def reach(self, node: Node) -> Reach:
        """Return networks and hosts that clients may be connected to besides."""
        networks, hosts = [], set()
        for item in self.items(node):
            network = read_network(self.text(item) or "")
            if network is not None:
                networks.append(network)
            elif (host := self.host(item)) is not None:
                hosts.add(host)
        return Reach(tuple(networks), frozenset(hosts))

    def auditor_keys(self, node: Node) -> tuple[str, ...]:
        """Return the public keys of auditors."""
        keys = []
        for item in self.items(node):
            key = self.text(item) or ""
            try:
                recipient(key)
                keys.append(key)
            except ValueError:
                self.wrong(
                    item.mark,
                    "a public key such as age1… is expected: `sluice audit keygen` makes one",
                    "此处应为公钥（以 age1 开头）：可用 `sluice audit keygen` 生成",
                )
        return tuple(keys)

    def hosts(self, node: Node) -> frozenset[str]:
        """Return whole host names."""
        return frozenset(filter(None, map(self.host, self.items(node))))

    def accounts(self, node: Node) -> dict[str, frozenset[str]]:
        """Return the ids of the company's own accounts, by service."""
        found = {}
        for service, ids in self.entries(node, None).items():
            if service not in SIGNS:
                en = (
                    f"the requests of `{service}` do not show whose account it is; known are {', '.join(sorted(SIGNS))}"
                )
                zh = f"`{service}` 的请求不显示所用账号；可写的有 {'、'.join(sorted(SIGNS))}"
                self.wrong(ids.mark, en, zh)
            found[service] = frozenset(self.texts(ids))
        return found

    def services(self, node: Node) -> tuple[object, ...]:
        """Return the company's own services, checked, as the plain values that the catalogue takes."""
        services = []
        for item in self.items(node):
            try:
                read_service(plain(item), f"{self.report.file}:{item.mark.line}")
                services.append(plain(item))
            except SettingsError as error:
                self.wrong(item.mark, str(error), str(error))
        return tuple(services)


def plain(node: Node) -> Any:
    """Return a node as plain values, every scalar as text."""
    if isinstance(node, Entries):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    if isinstance(node, Scalar):
        return node.text if node.text or not node.plain else None
    return None
