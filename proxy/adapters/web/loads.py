"""What chat pages load from their vendors beside the turns: conversations, lists of them, found ones, titles.

Enters: the wire format that the catalogue names for a page's service. Leaves: its calls, each with what its answer
holds. Vendors keep what was sent, placeholders included, so all of these answers are restored, for whoever asks, and
for nobody else. Sources: public client code and tools that export conversations; not seen live. A page that is not
here, or a call that is not, is restored all the same wherever its answer is JSON, text or a stream of either: what is
listed is what is known and proved.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

type Holds = Literal["history", "titles", "search", "sync"]
"""The turns of one conversation; the conversations and what they are called; those that were looked for; what changed
meanwhile, or one conversation's own title."""


@dataclass(frozen=True, slots=True)
class Load:
    """One call of a page."""

    holds: Holds
    method: str
    path: re.Pattern[str]
    """Matched against the whole path, query left out."""


def load(holds: Holds, call: str) -> Load:
    """Return a call told as `METHOD pattern`."""
    method, _, path = call.partition(" ")
    return Load(holds, method, re.compile(path))


CHATGPT: Final = r"/backend-(?:api|anon)"
CLAUDE: Final = r"/api/organizations/[^/]+"
GEMINI: Final = r"POST (?:/u/\d+)?/_/[^/]+/data/batchexecute/?"
KIMI: Final = r"POST /apiv2/kimi\.(?:gateway\.)?chat\.v\d+\.ChatService"
GROK: Final = r"/rest/app-chat/conversations"
GLM: Final = r"/chatglm/(?:backend-api/assistant|mainchat-api)/conversation"
YUANBAO: Final = r"POST /api/user/agent/conversation"

LOADS: Final[Mapping[str, tuple[Load, ...]]] = {
    "chatgpt-web": (
        load("history", rf"GET {CHATGPT}/conversation/[^/]+(?:/textdocs)?/?"),
        load("titles", rf"GET {CHATGPT}/conversations/?"),
        load("search", rf"GET {CHATGPT}/conversations/search/?"),
        load("sync", rf"GET {CHATGPT}/(?:memories|user_system_messages)/?"),
    ),
    "claude-web": (
        load("history", rf"GET {CLAUDE}/chat_conversations/[^/]+/?"),
        load("titles", rf"GET {CLAUDE}/chat_conversations/?"),
        load("sync", rf"GET {CLAUDE}/chat_conversations/[^/]+/completion_status/?"),
    ),
    "gemini-web": tuple(load(holds, GEMINI) for holds in ("history", "titles", "search", "sync")),
    "ms-copilot": (
        load("history", r"GET /c/api/conversations/[^/]+/history/?"),
        load("titles", r"GET /c/api/conversations/?"),
    ),
    "m365-copilot": (
        load("history", r"GET (?i:/m365copilot)/GetConversation/?"),
        load("titles", r"GET (?i:/m365copilot)/GetChats/?"),
    ),
    "perplexity-web": (
        load("history", r"GET /rest/thread/[^/]+/?"),
        load("titles", r"POST /rest/thread/list_ask_threads/?"),
        load("search", r"POST /rest/thread/list_ask_threads/?"),
    ),
    "deepseek-web": (
        load("history", r"GET /api/v0/chat/history_messages/?"),
        load("titles", r"GET /api/v0/chat_session/fetch_page/?"),
    ),
    "kimi-web": (
        load("history", rf"{KIMI}/ListMessages/?"),
        load("titles", rf"{KIMI}/ListChats/?"),
        load("search", rf"{KIMI}/ListChats/?"),
        load("sync", rf"{KIMI}/GetChat/?"),
    ),
    "qwen-web": (
        load("history", r"GET /api/v2/chats/[^/]+/?"),
        load("titles", r"GET /api/v2/chats/?"),
    ),
    "chatglm": (
        load("history", rf"GET {GLM}/detail/?"),
        load("titles", rf"GET {GLM}/list/?"),
        load("sync", rf"GET {GLM}/title/?"),
    ),
    "doubao": (
        load("history", r"POST /im/chain/single/?"),
        load("titles", r"POST /im/chain/recent_conv/?"),
        load("sync", r"POST /im/conversation/info/?"),
    ),
    "yuanbao": (
        load("history", rf"{YUANBAO}/v\d+/detail/?"),
        load("titles", rf"{YUANBAO}/list/?"),
    ),
    "yiyan": (
        load("history", r"POST /eb/chat/history/?"),
        load("titles", r"POST /eb/session/(?:top/)?list/?"),
    ),
    "grok-web": (
        load("history", rf"POST {GROK}/[^/]+/load-responses/?"),
        load("titles", rf"GET {GROK}/?"),
        load("sync", rf"GET {GROK}(?:_v2)?/[^/]+(?:/response-node)?/?"),
    ),
    "huggingchat": (
        load("history", r"GET (?:/chat)?/api/v2/conversations/[^/]+/?"),
        load("titles", r"GET (?:/chat)?/api/v2/conversations/?"),
        load("sync", r"GET (?:/chat)?/(?:conversation/[^/]+/)?__data\.json"),
    ),
    "poe": (
        load("history", r"POST /api/gql_POST/?"),
        load("titles", r"POST /api/gql_POST/?"),
    ),
    "character-ai": (
        load("history", r"GET /turns/[^/]+/?"),
        load("titles", r"GET /chats/recent(?:/[^/]+)?/?"),
    ),
    "notion-ai": (
        load("history", r"POST /api/v3/syncRecordValues(?:Main|SpaceInitial)?/?"),
        load("history", r"POST /api/v3/getThreadTranscript/?"),
        load("titles", r"POST /api/v3/getInferenceTranscriptsForUser/?"),
    ),
    "spark": (load("history", r"GET /iflygpt/u/chat_history/(?:all/)?[^/]+/?"),),
}
"""By the wire format that the catalogue names for the service."""
