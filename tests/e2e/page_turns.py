"""How each chat page asks, and where its first answer tells the conversation; written from the formats alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tests.pages import events

ROOT_OF_ALL = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Page:
    """How one page asks; written from the format and not from our code."""

    host: str
    body: Callable[[str, str, int], Any]
    """Body of a turn: of the text, the conversation's id (empty where there is none) and the number of turns before."""
    path: str
    """Path of a turn; `{}` stands for the conversation's id."""
    first: str = ""
    """Path of the first turn, where that is another."""
    begun: Callable[[bytes], str] | None = None
    """Reads the conversation's id out of the first answer; none where the page knows it before."""
    kind: str = "application/json"
    """What the page calls the body of a turn."""
    below: str = ""
    """Where the page lives on a host that others share."""


def chatgpt(text: str, id: str, before: int) -> Any:
    message = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": [text]}}
    later = {"conversation_id": id, "parent_message_id": "p"} if before else {}
    return {"action": "next", "messages": [message], "model": "gpt-5", **later}


def kimi(text: str, id: str, before: int) -> bytes:
    message = {"role": "user", "blocks": [{"text": {"content": text}}]}
    later = {"chat_id": id} if before else {}
    body = json.dumps({**later, "scenario": "S", "message": message | ({"parent_id": "p"} if before else {})}).encode()
    return b"\0" + len(body).to_bytes(4) + body


def kimi_id(body: bytes) -> str:
    return str(json.loads(body[5 : 5 + int.from_bytes(body[1:5])])["chat"]["id"])


def doubao(text: str, id: str, before: int) -> Any:
    block = {"block_type": 10000, "content": {"text_block": {"text": text}}}
    return {"client_meta": {"conversation_id": id if before else ""}, "messages": [{"content_block": [block]}]}


def perplexity(text: str, id: str, before: int) -> Any:
    return {"query_str": text, "params": {"dsl_query": text} | ({"last_backend_uuid": id} if before else {})}


def gemini(text: str, id: str, before: int) -> bytes:
    inner = [[text, 0, None, None], ["en"], [id, "r_1", "rc_1"] if before else ["", "", ""]]
    return urlencode({"f.req": json.dumps([None, json.dumps(inner)]), "at": "t"}).encode()


def gemini_id(body: bytes) -> str:
    return str(json.loads(json.loads(body.decode().split("\n")[3])[0][2])[1][0])


def huggingchat(text: str, *_: object) -> bytes:
    data = json.dumps({"inputs": text, "id": str(uuid4()), "is_retry": False, "is_continue": False})
    return f'--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n{data}\r\n--b--\r\n'.encode()


def step_into(value: Any, step: str) -> Any:
    return value.get(step) if isinstance(value, dict) else None


def event(*path: str) -> Callable[[bytes], str]:
    """Return a reader of what stands at `path` in the first event that has it."""

    def read(body: bytes) -> str:
        found = (reduce(step_into, path, data) for _, data in events(body))
        return str(next(filter(None, found)))

    return read


ASKED = {
    "chatgpt-web": Page("chatgpt.com", chatgpt, "/backend-api/f/conversation", begun=event("v", "conversation_id")),
    "claude-web": Page(
        "claude.ai",
        lambda text, _, before: {"prompt": text, "parent_message_uuid": str(uuid4()) if before else ROOT_OF_ALL},
        "/api/organizations/o1/chat_conversations/{}/completion",
    ),
    "deepseek-web": Page(
        "chat.deepseek.com",
        lambda text, id, before: {"chat_session_id": id, "parent_message_id": 2 * before or None, "prompt": text},
        "/api/v0/chat/completion",
    ),
    "kimi-web": Page("www.kimi.com", kimi, "/apiv2/kimi.gateway.chat.v1.ChatService/Chat", begun=kimi_id),
    "qwen-web": Page(
        "chat.qwen.ai",
        lambda text, id, before: {
            "chat_id": id,
            "parent_id": "r" if before else None,
            "messages": [{"role": "user", "content": text}],
        },
        "/api/v2/chat/completions?chat_id={}",
    ),
    "chatglm-web": Page(
        "chatglm.cn",
        lambda text, id, before: {
            "conversation_id": id if before else "",
            "messages": [{"role": "user", "content": [{"type": "text", "text": text}]}],
        },
        "/chatglm/backend-api/assistant/stream",
        begun=event("conversation_id"),
    ),
    "yuanbao-web": Page(
        "yuanbao.tencent.com", lambda text, *_: {"prompt": text, "displayPrompt": text}, "/api/chat/{}"
    ),
    "doubao-web": Page("www.doubao.com", doubao, "/chat/completion", begun=event("ack_client_meta", "conversation_id")),
    "yiyan-web": Page(
        "yiyan.baidu.com",
        lambda text, id, before: {
            "text": text,
            "sessionId": id if before else "",
            "parentChatId": "1" if before else "0",
        },
        "/eb/chat/conversation/v2",
        begun=event("data", "createSessionResponseVoCommonResult", "data", "sessionId"),
    ),
    "perplexity-web": Page("www.perplexity.ai", perplexity, "/rest/sse/perplexity_ask", begun=event("backend_uuid")),
    "grok-web": Page(
        "grok.com",
        lambda text, _, before: {"message": text, **({"parentResponseId": "r"} if before else {})},
        "/rest/app-chat/conversations/{}/responses",
        "/rest/app-chat/conversations/new",
        lambda body: json.loads(body.splitlines()[0])["result"]["conversation"]["conversationId"],
    ),
    "gemini-web": Page(
        "gemini.google.com",
        gemini,
        "/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate?rt=c",
        begun=gemini_id,
        kind="application/x-www-form-urlencoded",
    ),
    "notion-web": Page(
        "www.notion.so",
        lambda text, id, before: {
            "threadId": id,
            "createThread": not before,
            "transcript": [{"type": "user", "value": [[text]]}],
        },
        "/api/v3/runInferenceTranscript",
        below="/api/v3/runInferenceTranscript",
    ),
    "spark-web": Page(
        "xinghuo.xfyun.cn",
        lambda text, id, _: urlencode(
            {"fd": "439812", "isBot": "0", "clientType": "1", "chatId": id, "text": text, "sid": ""}
        ).encode(),
        "/iflygpt-chat/u/chat_message/chat",
        kind="application/x-www-form-urlencoded",
        below="/iflygpt",
    ),
    "huggingchat-web": Page(
        "huggingface.co",
        huggingchat,
        "/chat/conversation/{}",
        kind="multipart/form-data; boundary=b",
        below="/chat",
    ),
}
