"""What single vendors add to the family: chats that are answered later, threads of Copilot on the web.

As described in public client code, not seen live.
"""

from typing import Any, Final

from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.openai_chat import IGNORED, ChatShape, refuse, role_of
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import PathShape, TextAt
from proxy.exchange import Role


def role_later(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path` of a chat request, which Perplexity puts under `request`."""
    return role_of(tree["request"], path[1:]) if path[:1] == ("request",) else role_of(tree, path)


CHAT_LATER: Final = JsonAdapter(
    "openai-chat-later",
    ChatShape(),
    refuse,
    IGNORED | frozenset(("request", *shape) for shape in IGNORED),
    role_later,
)
"""POST `/async/chat/completions` of Perplexity and Zhipu: the answer is fetched later, so the company's model cannot
give it."""


THREAD_ROLES: Final[dict[str, Role]] = {"content": "user", "customInstructions": "system", "references": "tool"}


def role_in_thread(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path` of a message to Copilot."""
    return THREAD_ROLES.get(str(path[0]), "other")


GITHUB_CHAT: Final = JsonAdapter(
    "github-chat",
    PathShape(
        (TextAt("/body", when={"/type": frozenset({"content"})}),),
        ends=({"/type": frozenset({"complete", "error"})},),
    ),
    refuse,
    shapes("/intent", "/mode", "/model", "/responseMessageID", "/parentMessageID", "/mediaContent/*/type"),
    role_in_thread,
)
"""POST `/github/chat/threads/{id}/messages`; the service keeps the thread."""
