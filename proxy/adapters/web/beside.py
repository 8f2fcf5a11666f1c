"""What pages ask about a conversation beside its turns, and how that is answered without its vendor.

Enters: a call that names a conversation which the company's model holds. Leaves: an answer in the page's own words, or
`None` where no words of the page are known for it; then it is refused. Nothing is sent to the vendor either way.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from proxy.adapters.interface import Adapter, Talk
from proxy.adapters.web import (
    chatglm,
    chatgpt,
    claude,
    deepseek,
    doubao,
    gemini,
    grok,
    huggingchat,
    kimi,
    notion,
    notion_agents,
    perplexity,
    qwen,
    sockets,
    spark,
    yiyan,
    you,
    yuanbao,
)
from proxy.adapters.web.history import (
    chatgpt_history,
    claude_history,
    copilot_history,
    deepseek_history,
    grok_conversation,
    grok_responses,
    grok_tree,
    huggingchat_history,
    in_deepseeks_envelope,
    kimi_chat,
    kimi_history,
    qwen_history,
    title_of,
)
from proxy.errors import SluiceError
from proxy.exchange import Answer
from proxy.wire import json_text

NAME: Final = re.compile(r"(?<![\w-])[\w-]{1,64}(?![\w-])", re.ASCII)
"""What may be a conversation's id in an address: letters, digits and strokes, however few."""
VALUE: Final = re.compile(r'(?<=["=])[\w-]{8,64}(?=["&\s]|$)', re.ASCII)
"""The same as a whole value, in JSON or a form: what stands in running text is no id."""
SHORT: Final = re.compile(
    r"""["&\s](?i:\w*(?:conversation|chat|session|thread)\w*)(?:\\*"\s*:\s*\\*"|=)([\w-]{1,7})(?=[\\"&\s]|$)""",
    re.ASCII,
)
"""A shorter one, which is an id only where its key says so: words and numbers of a page are as short."""
UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
"""The most usual kind, which counts wherever it stands."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call about one conversation."""

    method: str
    path: re.Pattern[str]
    """Matched against the whole path, query left out."""
    writes: Callable[[Talk], Mapping[str, Any]]
    """Writes what the vendor would answer."""
    ends: Callable[[bytes], bool] = lambda _: False
    """Whether the call, with this body, takes the conversation away."""
    shows: bool = False
    """Whether the page shows the conversation again with what is answered."""
    of: str = ""
    """The adapter whose conversations alone the page shows so; empty for all of the page's."""
    cut: Callable[[Mapping[str, Any], bytes], Mapping[str, Any]] = lambda told, _: told
    """Returns the part of it that a body asks for."""


@dataclass(frozen=True, slots=True)
class Beside:
    """How one service's page is answered beside the turns."""

    adapter: Adapter
    """Refuses in the words of these calls."""
    calls: tuple[Call, ...] = ()
    """What is answered; anything else that names a conversation is refused."""

    def find(self, method: str, path: str) -> Call | None:
        """Return the call that a request is."""
        bare = path.partition("?")[0]
        return next((each for each in self.calls if each.method == method and each.path.fullmatch(bare)), None)


def mentioned(path: str, body: bytes) -> Iterator[str]:
    """Yield every word of a request that may be the id of a conversation."""
    place, text = unquote(path), body.decode("utf-8", "replace")
    yield from NAME.findall(place)
    yield from VALUE.findall(text)
    yield from SHORT.findall(f" {text}")
    yield from UUID.findall(place)
    yield from UUID.findall(text)


def hides(body: bytes) -> bool:
    """Return whether the change of a conversation of ChatGPT takes it away."""
    try:
        return json_text.parse_object(body).get("is_visible") is False
    except SluiceError:
        return False


def in_json(value: Mapping[str, Any]) -> Answer:
    """Return a whole answer."""
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(200, headers, json_text.dump(value))


CHATGPT_ONE: Final = re.compile(r"/backend-(?:api|anon)/conversation/[^/]+/?")
CLAUDE_ONE: Final = re.compile(r"/api/organizations/[^/]+/chat_conversations/[^/]+/?")

CHATGPT_CALLS: Final = (
    Call("GET", CHATGPT_ONE, chatgpt_history, shows=True),
    Call("PATCH", CHATGPT_ONE, lambda _: {"success": True}, hides),
    Call(
        "POST",
        re.compile(r"/backend-(?:api|anon)/conversation/gen_title/[^/]+/?"),
        lambda talk: {"title": title_of(talk)},
    ),
    Call(
        "POST",
        re.compile(r"/backend-(?:api|anon)(?:/f)?/conversation/prepare/?"),
        lambda _: {"status": "ok", "conduit_token": "sluice"},
    ),
)
CLAUDE_CALLS: Final = (
    Call("GET", CLAUDE_ONE, claude_history, shows=True),
    Call("PUT", CLAUDE_ONE, lambda talk: {"uuid": talk.id, "name": title_of(talk)}),
    Call("DELETE", CLAUDE_ONE, lambda talk: {"uuid": talk.id}, lambda _: True),
    Call(
        "POST",
        re.compile(r"/api/organizations/[^/]+/chat_conversations/[^/]+/title/?"),
        lambda talk: {"title": title_of(talk)},
    ),
)
DEEPSEEK_CALLS: Final = (
    Call("GET", re.compile(r"/api/v0/chat/history_messages/?"), deepseek_history, shows=True),
    Call(
        "POST",
        re.compile(r"/api/v0/chat_session/update_title/?"),
        lambda talk: in_deepseeks_envelope({"title": title_of(talk)}),
    ),
    Call("POST", re.compile(r"/api/v0/chat_session/delete/?"), lambda _: in_deepseeks_envelope({}), lambda _: True),
)

KIMI: Final = r"/apiv2/kimi\.(?:gateway\.)?chat\.v\d+\.ChatService"
KIMI_CALLS: Final = (
    Call("POST", re.compile(rf"{KIMI}/ListMessages/?"), kimi_history, shows=True),
    Call("POST", re.compile(rf"{KIMI}/GetChat/?"), kimi_chat),
)
QWEN_CALLS: Final = (Call("GET", re.compile(r"/api/v2/chats/[^/]+/?"), qwen_history, shows=True),)
GROK: Final = r"/rest/app-chat/conversations"
GROK_CALLS: Final = (
    Call("GET", re.compile(rf"{GROK}/[^/]+/response-node/?"), grok_tree),
    Call("POST", re.compile(rf"{GROK}/[^/]+/load-responses/?"), grok_responses, shows=True),
    Call("GET", re.compile(rf"{GROK}_v2/[^/]+/?"), grok_conversation),
)
HUGGINGCHAT_CALLS: Final = (
    Call("GET", re.compile(r"(?:/chat)?/api/v2/conversations/[^/]+/?"), huggingchat_history, shows=True),
)
COPILOT_CALLS: Final = (Call("GET", re.compile(r"/c/api/conversations/[^/]+/history/?"), copilot_history, shows=True),)
NOTION_CALLS: Final = (
    Call("POST", re.compile(r"/api/v3/markInferenceTranscriptSeen/?"), lambda _: {}),
    Call(
        "POST",
        re.compile(r"/api/v3/getThreadTranscript/?"),
        notion_agents.transcript,
        shows=True,
        of=notion_agents.AGENTS.id,
        cut=notion_agents.page_of,
    ),
)

BESIDE: Final[Mapping[str, Beside]] = {
    "chatgpt-web": Beside(chatgpt.BESIDE, CHATGPT_CALLS),
    "claude-web": Beside(claude.BESIDE, CLAUDE_CALLS),
    "deepseek-web": Beside(deepseek.BESIDE, DEEPSEEK_CALLS),
    "kimi-web": Beside(kimi.BESIDE, KIMI_CALLS),
    "qwen-web": Beside(qwen.BESIDE, QWEN_CALLS),
    "chatglm": Beside(chatglm.BESIDE),
    "yuanbao": Beside(yuanbao.BESIDE),
    "doubao": Beside(doubao.BESIDE),
    "yiyan": Beside(yiyan.BESIDE),
    "perplexity-web": Beside(perplexity.BESIDE),
    "grok-web": Beside(grok.BESIDE, GROK_CALLS),
    "gemini-web": Beside(gemini.BESIDE),
    "huggingchat": Beside(huggingchat.BESIDE, HUGGINGCHAT_CALLS),
    "notion-ai": Beside(notion.BESIDE, NOTION_CALLS),
    "ms-copilot": Beside(sockets.COPILOT, COPILOT_CALLS),
    "m365-copilot": Beside(sockets.HUB),
    "character-ai": Beside(sockets.NEO),
    "spark": Beside(spark.BESIDE),
    "you": Beside(you.BESIDE),
}
"""By the wire format that the catalogue names for the service."""
