"""Which message a turn of a page follows, and what its vendor calls the messages of a turn; see `vendor_pages.py`."""

from collections.abc import Callable
from typing import Any

from tests.e2e.vendor_nouns import Turn

BEGINNINGS = {None, "", "0", "client-created-root", "00000000-0000-4000-8000-000000000000"}
"""What pages call the message before the first."""

FOLLOWS: dict[str, Callable[[Any], Any]] = {
    "chatgpt.com": lambda body: body["parent_message_id"],
    "claude.ai": lambda body: body["parent_message_uuid"],
    "chat.deepseek.com": lambda body: body["parent_message_id"],
    "www.kimi.com": lambda body: body["message"]["parent_id"],
    "chat.qwen.ai": lambda body: body["parent_id"],
    "yiyan.baidu.com": lambda body: body["parentChatId"],
    "grok.com": lambda body: body.get("parentResponseId"),
    "gemini.google.com": lambda question: question[2][1],
}
"""By host, where a turn's body says it."""


def names_of(host: str, turn: Turn, body: Any) -> set[Any]:
    """Return what can be followed once a turn was answered: names of its messages, also as a loaded page has them."""
    asked, said = 2 * turn.number + 1, 2 * turn.number + 2
    if host == "chat.deepseek.com":
        return {asked, said}
    own = body["turn_message_uuids"].values() if host == "claude.ai" else ()
    return {turn.id, f"r_{turn.id}", f"m{asked}", f"m{said}", *own}


def is_known(host: str, body: Any, known: set[Any]) -> bool:
    """Return whether a turn follows a message that its vendor has; `known` is empty where the conversation begins."""
    return host not in FOLLOWS or FOLLOWS[host](body) in (known or BEGINNINGS)
