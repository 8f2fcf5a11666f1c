"""The canary: a harmless prompt with planted values, and the judgement of what became of it. Pure.

Enters: a mark, the lines that the proxy wrote about the exchange that bears it, what the client saw. Leaves: a prompt,
or a result. The proof is the proxy's own record of the bytes that it let out, never the service's answer: a service
that is down, or that wants a key, changes nothing about what was sent to it. A prompt of which the proxy says nothing
must never count as caught.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from policies.decision import Text
from proxy import audit

FIELD: Final = "x-sluice-canary"
"""The header that carries the mark, signed; it is for the proxy and goes no further."""

IDENTITY: Final = "11010519491231002X"
"""The specimen of the standard for identity numbers, GB 11643-1999: nobody's."""

FORBIDDEN: Final = "blocked_by_policy"
"""The code of a refusal by a rule; where nothing was looked into for it, no request of this kind gets through."""

MESSAGE: Final = "MESSAGE"
"""In place of a method, in the line about a message on a WebSocket."""

WORDLESS: Final = "00000000"
"""How the mark of a canary begins that carries no words."""

type Fate = Literal["caught", "refused", "forbidden", "kept_inside", "missed", "not_reached", "no_adapter"]

PROVEN: Final[frozenset[Fate]] = frozenset({"caught", "refused", "forbidden", "kept_inside"})
"""What proves that nothing planted reached the service."""

FATES: Final[Mapping[Fate, Text]] = {
    "caught": Text("caught", "已拦下"),
    "refused": Text("refused", "已拒绝"),
    "forbidden": Text("forbidden by policy", "政策禁止"),
    "kept_inside": Text("kept inside", "留在公司内"),
    "missed": Text("MISSED", "漏出"),
    "not_reached": Text("not reached", "未到达"),
    "no_adapter": Text("no adapter", "无适配器"),
}

NOTES: Final[Mapping[str, Text]] = {
    "left": Text("went out: {left}", "已发出：{left}"),
    "not_opened": Text(
        "the proxy does not open this host's connections; see `tunnel`", "代理未解密该主机的连接；请检查 `tunnel`"
    ),
    "no_record": Text("the proxy kept no record of it", "代理没有留下记录"),
    "proxy": Text("the proxy does not answer at {proxy}", "代理 {proxy} 没有应答"),
    "tunnel": Text("the proxy opened no connection to this host", "代理未能连到该主机"),
    "proxy_login": Text(
        "the proxy asks for a login: set `canary.login_file` or `canary.login_env`",
        "代理要求登录：请设置 `canary.login_file` 或 `canary.login_env`",
    ),
    "no_adapter": Text("no example of its wire format is known", "没有其线路格式的示例请求"),
    "no_host": Text("the catalogue names no single host: set `host`", "目录中没有固定主机：请设置 `host`"),
    "no_handshake": Text(
        "the service did not open the WebSocket: set `path`, with what it asks for",
        "服务没有打开 WebSocket：请设置 `path`（含其要求的参数）",
    ),
    "upstream_unreachable": Text("the service itself was not reached", "未能连到服务本身"),
}
"""Why it came out as it did, by the code in a result."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say of one service; what is empty comes from the catalogue and the example."""

    host: str = ""
    path: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    """The service's own API key; without one most services answer 401, which proves as much."""


@dataclass(frozen=True, slots=True)
class Canaries:
    """The section `canary` of the settings."""

    services: Mapping[str, Wanted] = field(default_factory=dict)
    every: timedelta | None = None
    """How often they fly by themselves; None for never."""
    login: str = field(default="", repr=False)
    """`user:password` for the proxy's own login."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one canary."""

    service: str
    fate: Fate
    code: str = ""
    """A key of `NOTES`, or the code of a refusal."""
    reference: str = ""
    """Number of the exchange in the audit log."""
    status: int = 0
    """HTTP status that the client got; 0 for none."""
    left: tuple[str, ...] = ()
    """Entities of the planted values that went out."""

    @property
    def proven(self) -> bool:
        """Whether it is proven that nothing planted reached the service."""
        return self.fate in PROVEN

    def note(self, language: str, proxy: str = "") -> str:
        """Return why, in the reader's language; a refusal is told by its code."""
        words = NOTES.get(self.code, Text(self.code, self.code)).in_language(language)
        return words.format(left=", ".join(self.left), proxy=proxy)

    def as_json(self) -> dict[str, object]:
        """Return the result for machines."""
        told = {"service": self.service, "result": self.fate, "proven": self.proven, "code": self.code}
        return {**told, "reference": self.reference, "status": self.status, "left": list(self.left)}


def planted(mark: str) -> Mapping[str, str]:
    """Return the planted values of the canary with this mark, by entity: a key that opens nothing, an id of nobody."""
    digest = hashlib.sha512(b"sluice canary\0" + mark.encode()).digest()
    letters = base64.b64encode(digest, b"Qz").decode().rstrip("=")
    return {"API_KEY": f"sk-proj-{letters[:48]}", "CN_ID_CARD": IDENTITY}


def prompt(mark: str) -> str:
    """Return what the canary says, once in each language; nothing in it needs escaping in any format."""
    values = planted(mark)
    return (
        f"This is a self-test of the company's AI gateway, nobody needs to answer. The test key is {values['API_KEY']} "
        f"here. 这是公司网关的自检，无需回答。测试用的身份证号是{values['CN_ID_CARD']}，谢谢。"
    )


def left_in(mark: str, path: str, body: bytes | None) -> tuple[str, ...]:
    """Return the entities of the planted values that stand in what goes out; all where the body went as it came.

    One that carries no words has none to leave.
    """
    if mark.startswith(WORDLESS):
        return ()
    sent = None if body is None else body + path.encode("utf-8", "replace")
    return tuple(entity for entity, value in planted(mark).items() if sent is None or value.encode() in sent)


def judge(
    service: str, mark: str, lines: Iterable[Mapping[str, Any]], status: int, *, spoken: bool = False
) -> Result | None:
    """Return what the log says of the canary with this mark; None where it says nothing of it yet.

    One that was `spoken` on a WebSocket is judged by its message: that the connection was let through says nothing.
    """
    request: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] = {}
    for line in lines:
        if line.get(audit.EVENT) == "request" and line.get(audit.CANARY) == mark:
            opens = spoken and line.get("method") != MESSAGE and line[audit.OUTCOME] == "forwarded"
            request = request if opens else line
        elif request is not None and line.get(audit.EVENT) == "answer" and line.get(audit.ID) == request[audit.ID]:
            answer = line
    if request is None:
        return None
    reference, left = str(request[audit.ID]), tuple(map(str, request.get(audit.LEFT, ())))
    match request[audit.OUTCOME]:
        case "refused" if request.get(audit.CODE) == FORBIDDEN and request.get(audit.INSPECTION) == "not_needed":
            return Result(service, "forbidden", FORBIDDEN, reference, status)
        case "refused" | "error":
            return Result(service, "refused", str(request[audit.CODE]), reference, status)
        case "redirected":
            return Result(service, "kept_inside", str(answer.get(audit.CODE, "")), reference, status)
        case "forwarded" if not left:
            return Result(service, "caught", str(answer.get(audit.CODE, "")), reference, status)
        case _:
            return Result(service, "missed", "left", reference, status, left)
