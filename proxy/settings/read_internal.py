"""The sections `internal_model` and `internal_models` of `sluice.yaml`: nodes in, `InternalModels` out.

Every mistake is noted in the reader's report with its place. The value of a key is never quoted.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

from policies.source import Node
from proxy.internal.models import PLACE, Checks, InternalModels, InternalServer, KeySource, only
from proxy.settings.read_values import TOKEN, ValueReader

OLLAMA: Final = "ollama"
SPEAKS: Final = ("openai-chat", "anthropic-messages", "openai-responses", "openai-completions", OLLAMA)
KEYS: Final = ("key_env", "key_file", "key_command")
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
"""Of a model, as settings, policies and records write it."""
WRITTEN_BY_US: Final = frozenset(
    {"host", "content-type", "content-length", "transfer-encoding", "connection", "accept", "accept-encoding"}
)
RENEWED: Final = 300
"""Seconds after which a key that is not fixed is fetched again."""
MOST_SECONDS: Final = 86_400
PATIENCE: Final = 10.0
"""Seconds that a connection to a lone server may take."""
ANSWER_BEGINS: Final = 120.0
"""Seconds after which a server that has not begun its answer is taken to have failed, where there may be others."""


def read_lone_model(reader: ValueReader, node: Node) -> InternalModels | None:
    """Return the company's only model, of one server, which is asked nothing but what people ask."""
    server = _server(reader, node)
    if server is None:
        return None
    models = only(server)
    return InternalModels(models.servers, models.default, checks=Checks(every=0.0, timeout=PATIENCE))


def read_models(reader: ValueReader, node: Node) -> InternalModels | None:
    """Return all of the company's models."""
    entries = reader.entries(node, frozenset({"servers", "default", "choose", "checks"}))
    named = reader.entries(entries["servers"], None) if "servers" in entries else {}
    if not named:
        reader.wrong(
            node.mark,
            "`servers` must name at least one model with its servers",
            "`servers` 至少须写明一个模型及其服务器",
        )
        return None
    servers: dict[str, tuple[InternalServer, ...]] = {}
    for name, value in named.items():
        if not NAME.fullmatch(name):
            reader.wrong(
                value.mark,
                f"`{name}` is no name for a model: small letters, digits, `-`, `_` and `.` are allowed",
                f"`{name}` 不能用作模型名：只能用小写字母、数字、`-`、`_`、`.`",
            )
        items = reader.items(value)
        read = [
            _server(reader, item, f"{name}/{number}" if len(items) > 1 else name)
            for number, item in enumerate(items, 1)
        ]
        servers[name] = tuple(server for server in read if server)
        if not items:
            reader.wrong(value.mark, f"`{name}` has no server", f"`{name}` 没有服务器")

    def known(value: Node) -> str:
        word = reader.text(value) or ""
        if word and word not in servers:
            en = f"there is no model `{word}`; `servers` names {', '.join(servers)}"
            reader.wrong(value.mark, en, f"没有模型 `{word}`；`servers` 中有 {'、'.join(servers)}")
        return word

    chosen = reader.entries(entries["choose"], None) if "choose" in entries else {}
    return InternalModels(
        servers=servers,
        default=known(entries["default"]) if "default" in entries else next(iter(servers)),
        choose={pattern: known(value) for pattern, value in chosen.items()},
        checks=_checks(reader, entries["checks"]) if "checks" in entries else Checks(answer=ANSWER_BEGINS),
    )


def _checks(reader: ValueReader, node: Node) -> Checks:
    entries = reader.entries(node, frozenset({"every", "timeout", "answer"}))
    given = {name: reader.positive_number(value) for name, value in entries.items() if not _never(value)}
    off = {name: 0.0 for name, value in entries.items() if _never(value)}
    if "timeout" in off:
        reader.wrong(entries["timeout"].mark, "a number above zero is expected here", "此处应为大于零的数")
    return Checks(**{"answer": ANSWER_BEGINS, **given, **off})


def _never(node: Node) -> bool:
    return getattr(node, "text", "") == "never"


def _server(reader: ValueReader, node: Node, name: str = "") -> InternalServer | None:
    keys = frozenset({"url", "models", "speaks", "key_header", "key_seconds", "query", "check", *KEYS})
    entries = reader.entries(node, keys)
    url = split_url(reader.text(entries["url"]) or "") if "url" in entries else None
    if url is None:
        mark = entries["url"].mark if "url" in entries else node.mark
        reader.wrong(
            mark,
            "`url` must be an address such as http://llm.internal:8000/v1",
            "`url` 须为地址，如 http://llm.internal:8000/v1",
        )
        return None
    if url.username is not None or url.query or url.fragment:
        reader.wrong(
            entries["url"].mark,
            "`url` must hold neither a name, a password nor a query: see `key_env` and `query`",
            "`url` 不得含用户名、密码或查询参数：请用 `key_env` 和 `query`",
        )
    models = {"*": "default"}
    if "models" in entries:
        models = {asked: reader.text(value) or "" for asked, value in reader.entries(entries["models"], None).items()}
    speaks = frozenset({"openai-chat"})
    if "speaks" in entries:
        speaks = frozenset(word for item in reader.items(entries["speaks"]) if (word := reader.choice(item, SPEAKS)))
    if OLLAMA in speaks and len(speaks) > 1:
        reader.wrong(
            entries["speaks"].mark,
            "a server that speaks `ollama` has it at another address than the rest: name it once more, with that alone",
            "`ollama` 协议的地址与其他协议不同：请将该服务器另列一项，`speaks` 中只写 `ollama`",
        )
    key, source = _key(reader, entries)
    pairs = (
        {word: reader.text(value) or "" for word, value in reader.entries(entries["query"], None).items()}
        if ("query" in entries)
        else {}
    )
    query = urlencode(pairs)
    base = url.path.rstrip("/")
    usual = "/" if PLACE in base else f"{base}/api/tags" if OLLAMA in speaks else f"{base}/models"
    check = reader.text(entries["check"]) or "/" if "check" in entries else usual
    if not check.startswith("/"):
        reader.wrong(entries["check"].mark, "`check` must be a path such as /health", "`check` 须为路径，如 /health")
    given = {"name": name} if name else {}
    return InternalServer(
        scheme=url.scheme,
        host=url.hostname or "",
        port=url.port or (443 if url.scheme == "https" else 80),
        base=base,
        key=key,
        models=models,
        speaks=speaks,
        key_header=_key_header(reader, entries["key_header"]) if "key_header" in entries else "authorization",
        source=source,
        query=query,
        check=f"{check}?{query}" if query and "check" not in entries else check,
        **given,
    )


def _key(reader: ValueReader, entries: Mapping[str, Node]) -> tuple[str, KeySource | None]:
    """Return the key as it is now, and where it is renewed from; where several are given, the last one counts."""
    given = [name for name in entries if name in KEYS][-1:]
    seconds = reader.whole(entries["key_seconds"], MOST_SECONDS) if "key_seconds" in entries else RENEWED
    key, source = "", None
    for name in given:
        node = entries[name]
        if name == "key_env":
            key = reader.secret_of_environment(node) or ""
        elif name == "key_file":
            key, source = reader.secret_of_file(node) or "", KeySource(file=reader.path(node), seconds=seconds)
        else:
            source = KeySource(command=reader.texts(node), seconds=seconds)
        if not key.isprintable():
            reader.wrong(
                node.mark, "the key holds a line break or another control character", "密钥中含有换行或其他控制字符"
            )
    if "key_seconds" in entries and source is None:
        reader.wrong(
            entries["key_seconds"].mark,
            "`key_seconds` needs `key_file` or `key_command`",
            "`key_seconds` 须与 `key_file` 或 `key_command` 同用",
        )
    return key, source


def _key_header(reader: ValueReader, node: Node) -> str:
    name = (reader.text(node) or "").lower()
    if name and (not TOKEN.fullmatch(name) or name in WRITTEN_BY_US):
        reader.wrong(
            node.mark,
            "a header field such as api-key is expected here, and none that Sluice writes itself",
            "此处应为请求头名称，如 api-key，且不能是 Sluice 自己填写的请求头",
        )
    return name or "authorization"


def split_url(text: str) -> SplitResult | None:
    """Return the pieces of an http or https address with a host, or `None` where `text` is none."""
    try:
        url = urlsplit(text)
        whole = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:  # a port that is no number, or half a bracket
        return None
    return url if whole else None
