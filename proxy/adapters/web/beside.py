"""What pages ask about a conversation beside its turns, and how that is answered without its vendor.

Enters: a call that names a conversation which the company's model holds. Leaves: an answer in the page's own words, or
`None` where no words of the page are known for it; then it is refused. Nothing is sent to the vendor either way.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from proxy import json_text
from proxy.adapters.interface import Adapter, Talk
from proxy.adapters.web import chatglm, chatgpt, claude, deepseek, doubao, grok, kimi, perplexity, qwen, yiyan, yuanbao
from proxy.adapters.web.history import chatgpt_history, claude_history, title_of
from proxy.errors import SluiceError
from proxy.exchange import Answer

NAME: Final = re.compile(r"(?<![\w-])(?=[\w-]*\d)[\w-]{8,64}(?![\w-])", re.ASCII)
"""What may be a conversation's id: letters, digits and strokes, with a digit among them."""
UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
"""The most usual kind, which also counts as a part of a longer word."""


@dataclass(frozen=True, slots=True)
class Beside:
    """How one service's page is answered beside the turns."""

    adapter: Adapter
    """Refuses in the words of these calls."""
    history: re.Pattern[str] | None = None
    """Paths of the call that loads a conversation, query left out."""
    shown: Callable[[Talk], Mapping[str, Any]] = lambda _: {}
    """Writes a conversation as that call gives it."""
    changed: Callable[[Talk], Mapping[str, Any]] | None = None
    """Writes the answer to a call that changes a conversation: its title, its place, its being there."""
    hides: Callable[[Mapping[str, Any]], bool] = lambda _: False
    """Whether the body of a change takes the conversation away, as `DELETE` does everywhere."""

    def answer(self, method: str, path: str, talk: Talk) -> Answer | None:
        """Return the answer to a call about `talk`, or `None` where it must be refused."""
        if method == "GET" and self.history and self.history.fullmatch(path.partition("?")[0]):
            return in_json(self.shown(talk))
        if method in ("POST", "PUT", "PATCH", "DELETE") and self.changed:
            return in_json(self.changed(talk))
        return None

    def ends(self, method: str, body: bytes) -> bool:
        """Return whether a call takes its conversation away."""
        if method == "DELETE" or not body:
            return method == "DELETE"
        try:
            return self.hides(json_text.parse_object(body))
        except SluiceError:
            return False


def mentioned(path: str, body: bytes) -> Iterator[str]:
    """Yield every word of a request that may be the id of a conversation."""
    text = unquote(path) + "\n" + body.decode("utf-8", "replace")
    yield from NAME.findall(text)
    yield from UUID.findall(text)


def in_json(value: Mapping[str, Any]) -> Answer:
    """Return a whole answer."""
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(200, headers, json_text.dump(value))


BESIDE: Final[Mapping[str, Beside]] = {
    "chatgpt-web": Beside(
        chatgpt.BESIDE,
        history=re.compile(r"/backend-(?:api|anon)/conversation/[^/]+/?"),
        shown=chatgpt_history,
        changed=lambda talk: {"success": True, "title": title_of(talk)},
        hides=lambda tree: tree.get("is_visible") is False,
    ),
    "claude-web": Beside(
        claude.BESIDE,
        history=re.compile(r"/api/organizations/[^/]+/chat_conversations/[^/]+/?"),
        shown=claude_history,
        changed=lambda talk: {"uuid": talk.id, "name": title_of(talk), "title": title_of(talk)},
    ),
    "deepseek-web": Beside(deepseek.BESIDE),
    "kimi-web": Beside(kimi.BESIDE),
    "qwen-web": Beside(qwen.BESIDE),
    "chatglm": Beside(chatglm.BESIDE),
    "yuanbao": Beside(yuanbao.BESIDE),
    "doubao": Beside(doubao.BESIDE),
    "yiyan": Beside(yiyan.BESIDE),
    "perplexity-web": Beside(perplexity.BESIDE),
    "grok-web": Beside(grok.BESIDE),
}
"""By the wire format that the catalogue names for the service."""
