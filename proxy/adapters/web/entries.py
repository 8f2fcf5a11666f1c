"""The register of chat pages, each asked for the wire format that the catalogue names for its service."""

import re
from typing import Final

from proxy.adapters.entry import Entry
from proxy.adapters.interface import Adapter
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
    poe,
    qwen,
    sockets,
    spark,
    yiyan,
    you,
    yuanbao,
)


def on(wire: str, adapter: Adapter, path: str) -> Entry:
    """Return the entry of a page's turn."""
    return Entry(adapter, re.compile(path), frozenset({wire}))


def beside(wire: str, adapter: Adapter, path: str, *wires: str) -> Entry:
    """Return the entry of a page's calls beside its turns: what they load is read, too, and what they change.

    `wires` are those of other pages that put their calls into the same form, whose turns are not known.
    """
    return Entry(adapter, re.compile(path), frozenset({wire, *wires}), method="")


ENTRIES: Final[tuple[Entry, ...]] = (
    on("chatgpt-web", chatgpt.CHATGPT, r"/backend-(?:api|anon)(?:/f)?/conversation/?"),
    beside("chatgpt-web", chatgpt.BESIDE, r"/backend-(?:api|anon)/(?!codex/).*"),
    on("claude-web", claude.CLAUDE, r"/api/organizations/[^/]+/chat_conversations/[^/]+/(?:retry_)?completion/?"),
    beside("claude-web", claude.BESIDE, r"/api/.*"),
    on("deepseek-web", deepseek.DEEPSEEK, r"/api/v0/chat/(?:completion|continue|regenerate|edit_message)/?"),
    beside("deepseek-web", deepseek.BESIDE, r"/api/v0/.*"),
    on("kimi-web", kimi.KIMI, r"/apiv2/kimi\.gateway\.chat\.v\d+\.ChatService/Chat/?"),
    beside("kimi-web", kimi.BESIDE, r"/(?:api|apiv2)/.*"),
    on("qwen-web", qwen.QWEN, r"/api/v2/chat/completions/?"),
    beside("qwen-web", qwen.BESIDE, r"/api/.*"),
    on("chatglm", chatglm.CHATGLM, r"/chatglm/backend-api/assistant/stream/?"),
    beside("chatglm", chatglm.BESIDE, r"/chatglm/.*"),
    on("yuanbao", yuanbao.YUANBAO, r"/api/chat/[^/]+/?"),
    beside("yuanbao", yuanbao.BESIDE, r"/api/.*"),
    on(
        "gemini-web",
        gemini.GEMINI,
        r"(?:/u/\d+)?/_/[^/]+/data/assistant\.lamda\.BardFrontendService/StreamGenerate/?",
    ),
    beside("gemini-web", gemini.BESIDE, r"(?:/u/\d+)?/_/[^/]+/data/.*", "notebooklm"),
    on("doubao", doubao.DOUBAO, r"/chat/completion/?"),
    beside("doubao", doubao.BESIDE, r"/.*"),
    on("yiyan", yiyan.YIYAN, r"/eb/chat/(?:conversation(?:/v\d+)?|completion)/?"),
    beside("yiyan", yiyan.BESIDE, r"/eb/.*"),
    on("perplexity-web", perplexity.PERPLEXITY, r"/rest/sse/perplexity_ask/?"),
    beside("perplexity-web", perplexity.BESIDE, r"/rest/.*"),
    on("grok-web", grok.GROK, r"/rest/app-chat/conversations/(?:new|[^/]+/responses)/?"),
    beside("grok-web", grok.BESIDE, r"/rest/.*"),
    Entry(
        huggingchat.HUGGINGCHAT,
        re.compile(r"(?:/chat)?/conversation/[^/]+/?"),
        frozenset({"huggingchat"}),
        types=re.compile("multipart/form-data"),
    ),
    on("notion-ai", notion.NOTION, r"/api/v3/runInferenceTranscript/?"),
    on("notion-ai", notion_agents.AGENTS, r"/api/v3/(?:createAgentThread|sendEventToAgentThread)/?"),
    beside("notion-ai", notion.BESIDE, r"/api/v3/.*"),
    on("poe", poe.POE, r"/api/gql_POST/?"),
    Entry(poe.BESIDE, re.compile(r"/api/.*"), frozenset({"poe"}), method="", types=re.compile(".*")),
    beside("ms-copilot", sockets.COPILOT, r"/c/api/.*"),
    beside("m365-copilot", sockets.HUB, r"/(?:m365Copilot|c)/.*|/api/.*"),
    beside("character-ai", sockets.NEO, r"/(?:turns?|chats?|annotations?|api|search|multimodal)(?:/.*)?"),
    Entry(
        spark.SPARK,
        re.compile(r"/iflygpt[\w-]*/u/chat_message/(?:web/)?chat/?"),
        frozenset({"spark"}),
        types=spark.TYPES,
    ),
    beside("spark", spark.BESIDE, r"/iflygpt[\w-]*/.*"),
    Entry(you.YOU, re.compile(r"/api/streamingSearch/?"), frozenset({"you"}), method="GET"),
    beside("you", you.BESIDE, r"/api/.*"),
    beside("huggingchat", huggingchat.BESIDE, r"/(?:chat|conversation|api)(?:/.*)?|/__data\.json"),
)
