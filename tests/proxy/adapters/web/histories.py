"""What chat pages load, as their vendors answer: histories, lists of titles, searches, what changed meanwhile.

Each row is a call of one page and an answer in which `TEXT` stands wherever that vendor repeats what somebody wrote.
Written from public tools that export conversations, and not from our code.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

TEXT = "TEXT"
ID = str(UUID("3f0c2b5e-77aa-4b1d-9a52-0d6e5b1c9f01"))


@dataclass(frozen=True)
class Row:
    """One call, and its answer."""

    wire: str
    holds: str
    host: str
    call: str
    answer: bytes
    kind: str = "application/json"
    body: bytes = b""
    sent: str = "application/json"

    @property
    def name(self) -> str:
        return f"{self.wire} {self.holds} {self.call.partition('?')[0]}"


def told(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def at(wire: str, host: str, holds: str, call: str, answer: Any, **more: Any) -> Row:
    asked = more.pop("asks", None)
    body = told(asked) if asked is not None else more.pop("body", b"")
    return Row(wire, holds, host, call, answer if isinstance(answer, bytes) else told(answer), body=body, **more)


def google(*inner: Any) -> bytes:
    """Return an answer of batchexecute: arrays behind their lengths in units of UTF-16, JSON in a string of each."""
    frames = [[["wrb.fr", "hNvQHb", json.dumps(one, ensure_ascii=False), None, None, None, "generic"]] for one in inner]
    texts = [f"\n{json.dumps(one, ensure_ascii=False)}\n" for one in (*frames, [["e", 4, None, None, 9]])]
    return b")]}'\n\n" + b"".join(f"{len(one.encode('utf-16-le')) // 2}{one}".encode() for one in texts)


def in_envelope(data: Any) -> Any:
    return {"code": 0, "msg": "", "data": {"biz_code": 0, "biz_msg": "", "biz_data": data}}


def rpc(name: str, *arguments: Any) -> bytes:
    return urlencode({"f.req": json.dumps([[[name, json.dumps(arguments), None, "generic"]]]), "at": "t:1"}).encode()


FORM = "application/x-www-form-urlencoded;charset=UTF-8"
GPT, CLAUDE, GEMINI = "chatgpt.com", "claude.ai", "gemini.google.com"
BATCH = "POST /_/BardChatUi/data/batchexecute?rpcids=hNvQHb&rt=c"
AN_ORGANISATION = "/api/organizations/o1"
CHATS = "/apiv2/kimi.chat.v1.ChatService/ListChats"
MESSAGES = "/apiv2/kimi.gateway.chat.v1.ChatService/ListMessages"
ASKED = f"request=%7B%22conversationId%22%3A%22{ID}%22%7D"
GLM = "/chatglm/backend-api/assistant/conversation"
GROK = "/rest/app-chat/conversations"
COPILOT, HUB, NEO, POE = "copilot.microsoft.com", "substrate.office.com", "neo.character.ai", "poe.com"

ROWS = (
    at("chatgpt-web", GPT, "history", f"GET /backend-api/conversation/{ID}", {
        "title": TEXT, "current_node": "m1",
        "mapping": {"m1": {"id": "m1", "message": {"author": {"role": "user"}, "content": {"parts": [TEXT]}}}},
    }),
    at("chatgpt-web", GPT, "history", f"GET /backend-api/conversation/{ID}/textdocs", [{"id": "d", "content": TEXT}]),
    at("chatgpt-web", GPT, "titles", "GET /backend-api/conversations?offset=0&limit=28", {
        "items": [{"id": ID, "title": TEXT, "snippet": None}], "total": 1,
    }),
    at("chatgpt-web", GPT, "search", "GET /backend-api/conversations/search?query=x&cursor=", {
        "items": [{"conversation_id": ID, "title": TEXT, "payload": {"kind": "message", "snippet": TEXT}}],
    }),
    at("chatgpt-web", GPT, "sync", "GET /backend-api/memories", {"memories": [{"id": "1", "content": TEXT}]}),
    at("claude-web", CLAUDE, "history", f"GET {AN_ORGANISATION}/chat_conversations/{ID}?tree=True", {
        "uuid": ID, "name": TEXT, "summary": TEXT,
        "chat_messages": [{"sender": "human", "content": [{"type": "text", "text": TEXT}],
                           "attachments": [{"file_name": TEXT, "extracted_content": TEXT}]}],
    }),
    at("claude-web", CLAUDE, "titles", f"GET {AN_ORGANISATION}/chat_conversations?limit=30",
       [{"uuid": ID, "name": TEXT}]),
    at("claude-web", CLAUDE, "sync", f"GET {AN_ORGANISATION}/chat_conversations/{ID}/completion_status", {
        "is_pending": False, "completion": TEXT,
    }),
    at("gemini-web", GEMINI, "history", BATCH, google(
        [[[["c_1", "r_1"], None, [[TEXT]], [[["rc_1", [TEXT]]]], [1764200000]]]],
    ), body=rpc("hNvQHb", "c_1", 10, None, 1), sent=FORM),
    at("gemini-web", GEMINI, "titles", BATCH.replace("hNvQHb", "MaZiqc"), google(
        [None, None, [["c_1", TEXT, None, None, None, [1764200000]]]],
    ), body=rpc("MaZiqc", 13), sent=FORM),
    at("gemini-web", GEMINI, "search", BATCH.replace("hNvQHb", "unqWSc"), google([[["c_1", TEXT, [[TEXT]]]]]),
       body=rpc("unqWSc", "x"), sent=FORM),
    at("gemini-web", GEMINI, "sync", BATCH, google([["c_1", TEXT]], [None, [TEXT]]), body=rpc("hNvQHb"), sent=FORM),
    at("ms-copilot", COPILOT, "history", f"GET /c/api/conversations/{ID}/history?api-version=2", {
        "results": [{"id": "m1", "author": {"type": "human"}, "content": [{"type": "text", "text": TEXT}]}],
    }),
    at("ms-copilot", COPILOT, "titles", "GET /c/api/conversations?types=chat", {
        "results": [{"id": ID, "title": TEXT}], "next": None,
    }),
    at("m365-copilot", HUB, "history", f"GET /m365Copilot/GetConversation?{ASKED}", {
        "chatName": TEXT, "conversationId": ID,
        "messages": [{"author": "user", "text": TEXT, "adaptiveCards": [{"body": [{"type": "x", "text": TEXT}]}]}],
    }),
    at("m365-copilot", HUB, "titles", "GET /m365Copilot/GetChats?request=%7B%7D", {
        "chats": [{"conversationId": ID, "chatName": TEXT}],
    }),
    at("perplexity-web", "www.perplexity.ai", "history", "GET /rest/thread/letter-to-x?with_parent_info=true", {
        "entries": [{"query_str": TEXT, "thread_title": TEXT, "blocks": [
            {"intended_usage": "ask_text", "markdown_block": {"answer": TEXT, "chunks": [TEXT]}}]}],
    }),
    at("perplexity-web", "www.perplexity.ai", "titles", "POST /rest/thread/list_ask_threads?version=2.18",
       [{"title": TEXT, "slug": "s", "answer_preview": TEXT}], asks={"limit": 20, "offset": 0}),
    at("perplexity-web", "www.perplexity.ai", "search", "POST /rest/thread/list_ask_threads?version=2.18",
       [{"title": TEXT, "query_str": TEXT}], asks={"limit": 20, "search_term": "x"}),
    at("deepseek-web", "chat.deepseek.com", "history", f"GET /api/v0/chat/history_messages?chat_session_id={ID}",
       in_envelope({"chat_session": {"title": TEXT}, "chat_messages": [
           {"role": "USER", "fragments": [{"type": "REQUEST", "content": TEXT}]}]})),
    at("deepseek-web", "chat.deepseek.com", "titles", "GET /api/v0/chat_session/fetch_page?count=100",
       in_envelope({"chat_sessions": [{"id": ID, "title": TEXT}]})),
    at("kimi-web", "www.kimi.com", "history", f"POST {MESSAGES}", {
        "messages": [{"id": "1", "role": "user", "blocks": [{"text": {"content": TEXT}}]}],
    }, asks={"chat_id": ID, "page_size": 50}),
    at("kimi-web", "www.kimi.com", "titles", f"POST {CHATS}", {
        "chats": [{"id": ID, "name": TEXT, "messageContent": TEXT}],
    }, asks={"page_size": 50}),
    at("kimi-web", "www.kimi.com", "search", f"POST {CHATS}", {"chats": [{"id": ID, "name": TEXT}]},
       asks={"page_size": 50, "query": "x"}),
    at("kimi-web", "www.kimi.com", "sync", "POST /apiv2/kimi.chat.v1.ChatService/GetChat", {"chat": {"name": TEXT}},
       asks={"chatId": ID}),
    at("qwen-web", "chat.qwen.ai", "history", f"GET /api/v2/chats/{ID}", {
        "success": True, "data": {"title": TEXT, "chat": {"history": {"messages": {
            "m1": {"role": "user", "content": TEXT},
            "m2": {"role": "assistant", "content_list": [{"content": TEXT}]}}}}},
    }),
    at("qwen-web", "chat.qwen.ai", "titles", "GET /api/v2/chats/?page=1", {"success": True, "data": [{"title": TEXT}]}),
    at("chatglm", "chatglm.cn", "history", f"GET {GLM}/detail?conversation_id={ID}", {
        "status": 0, "result": {"messages": [{"input": {"content": [{"type": "text", "text": TEXT}]},
                                              "output": {"parts": [{"content": [{"type": "text", "text": TEXT}]}]}}]},
    }),
    at("chatglm", "chatglm.cn", "titles", f"GET {GLM}/list?page=1", {
        "status": 0, "result": {"conversation_list": [{"conversation_id": ID, "title": TEXT}]},
    }),
    at("chatglm", "chatglm.cn", "sync", f"GET /chatglm/mainchat-api/conversation/title?conversation_id={ID}", {
        "status": 0, "result": {"title": TEXT},
    }),
    at("doubao", "www.doubao.com", "history", "POST /im/chain/single?aid=497858", {
        "downlink_body": {"pull_singe_chain_downlink_body": {"messages": [
            {"content_block": [{"block_type": 10000, "content": {"text_block": {"text": TEXT}}}]},
            {"content": json.dumps({"text": TEXT})}]}},
    }, asks={"cmd": 3100, "uplink_body": {"pull_singe_chain_uplink_body": {"conversation_id": "38417562019"}}},
       sent="application/json; encoding=utf-8"),
    at("doubao", "www.doubao.com", "titles", "POST /im/chain/recent_conv?aid=497858", {
        "downlink_body": {"cells": [{"conversation": {"conversation_id": "38417562019", "name": TEXT}}]},
    }, asks={"cmd": 3200}),
    at("doubao", "www.doubao.com", "sync", "POST /im/conversation/info?aid=497858", {
        "downlink_body": {"conversation_info_list": [{"conversation_info": {"name": TEXT}}]},
    }, asks={"cmd": 1110}),
    at("yuanbao", "yuanbao.tencent.com", "history", "POST /api/user/agent/conversation/v1/detail", {
        "id": ID, "sessionTitle": TEXT, "convs": [{"speaker": "human", "displayPrompt": TEXT, "speechesV2": [
            {"content": [{"type": "text", "msg": TEXT}]}]}],
    }, asks={"conversationId": ID, "offset": 0, "limit": 30}),
    at("yuanbao", "yuanbao.tencent.com", "titles", "POST /api/user/agent/conversation/list", {
        "conversations": [{"id": ID, "title": TEXT, "sessionTitle": TEXT}],
    }, asks={"agentId": "naQivTmsDa", "offset": 0}),
    at("yiyan", "yiyan.baidu.com", "history", "POST /eb/chat/history", {
        "code": 0, "data": {"chats": {"1": {"id": "1", "role": "user", "message": [{"content": TEXT}]}}},
    }, asks={"sessionId": "38417562019", "pageSize": 2000, "deviceType": "pc"}),
    at("yiyan", "yiyan.baidu.com", "titles", "POST /eb/session/list", {
        "code": 0, "data": {"sessions": [{"sessionId": "38417562019", "sessionName": TEXT}]},
    }, asks={"deviceType": "pc", "pageSize": 1000}),
    at("grok-web", "grok.com", "history", f"POST {GROK}/{ID}/load-responses", json.dumps(
        {"responses": [{"responseId": "r", "message": TEXT, "sender": "human"}]}, indent=2).encode(),
       asks={"responseIds": ["r"]}),
    at("grok-web", "grok.com", "titles", f"GET {GROK}?pageSize=60", json.dumps(
        {"conversations": [{"conversationId": ID, "title": TEXT}]}, indent=2).encode()),
    at("grok-web", "grok.com", "sync", f"GET {GROK}_v2/{ID}", {"conversation": {"title": TEXT}}),
    at("huggingchat", "huggingface.co", "history", f"GET /chat/api/v2/conversations/{ID}", {
        "json": {"title": TEXT, "messages": [{"id": "m", "from": "user", "content": TEXT}]},
    }),
    at("huggingchat", "huggingface.co", "titles", "GET /chat/api/v2/conversations?p=0", {
        "json": {"conversations": [{"id": ID, "title": TEXT}]},
    }),
    at("huggingchat", "huggingface.co", "sync", f"GET /chat/conversation/{ID}/__data.json", told(
        {"type": "data", "nodes": [None, {"type": "data", "data": [{"title": 1}, TEXT]}]}) + b"\n" + told(
        {"type": "chunk", "id": 1, "data": [TEXT]}) + b"\n", kind="text/sveltekit-data"),
    at("poe", POE, "history", "POST /api/gql_POST", {"data": {"chatOfCode": {"title": TEXT, "messagesConnection": {
        "edges": [{"node": {"messageId": 1, "author": "human", "text": TEXT}}]}}}},
       asks={"queryName": "ChatListPaginationQuery", "variables": {"chatCode": "2f9k", "last": 5}}),
    at("poe", POE, "titles", "POST /api/gql_POST", {"data": {"chats": {"edges": [{"node": {"title": TEXT}}]}}},
       asks={"queryName": "ChatHistoryListPaginationQuery", "variables": {"count": 20}}),
    at("character-ai", NEO, "history", f"GET /turns/{ID}/", {
        "turns": [{"author": {"is_human": True}, "candidates": [{"raw_content": TEXT}]}], "meta": {"next_token": None},
    }),
    at("character-ai", NEO, "titles", "GET /chats/recent/Zq3hX", {"chats": [{"chat_id": ID, "name": TEXT}]}),
    at("notion-ai", "app.notion.com", "history", "POST /api/v3/syncRecordValuesSpaceInitial", {"recordMap": {
        "thread_message": {
            "m1": {"value": {"value": {"id": "m1", "parent_id": ID, "parent_table": "thread", "step": {
                "id": "m1", "type": "user", "value": [[TEXT]]}}}},
            "m2": {"value": {"value": {"id": "m2", "parent_id": ID, "parent_table": "thread", "step": {
                "id": "m2", "type": "agent-inference", "value": [{"type": "text", "content": TEXT}]}}}},
        }, "thread": {ID: {"value": {"value": {
            "id": ID, "parent_table": "space", "messages": ["m1", "m2"], "data": {"title": TEXT}}}}},
    }}, asks={"requests": [{"pointer": {"table": "thread_message", "id": one, "spaceId": ID}, "version": -1}
                           for one in ("m1", "m2")], "spacePointer": {"table": "space", "id": ID}}),
    at("notion-ai", "app.notion.com", "history", "POST /api/v3/getThreadTranscript", {"patches": [
        {"op": "put", "entity": {"id": "u1", "kind": "user_message", "content": [{"type": "text", "text": [[TEXT]]}]}},
        {"op": "put", "entity": {"id": "a1", "kind": "assistant_message", "content": [{"type": "text", "text": TEXT}]}},
    ], "forward_cursor": "c1", "has_more_forward": False}, asks={"spaceId": ID, "threadId": ID, "limit": 100}),
    at("notion-ai", "www.notion.so", "titles", "POST /api/v3/getInferenceTranscriptsForUser", {
        "transcripts": [{"id": ID, "title": TEXT}],
    }, asks={"threadParentPointer": {"table": "space", "id": ID, "spaceId": ID}, "limit": 50}),
    at("spark", "xinghuo.xfyun.cn", "history", "GET /iflygpt/u/chat_history/all/9152637", {
        "code": 0, "data": [{"historyList": [{"sid": "s1", "type": 1, "message": TEXT}]}],
    }),
)  # fmt: skip
