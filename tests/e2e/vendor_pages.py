"""The vendors of chat pages as public client code describes them: what a page's call says, and the answer's frames.

Written from the formats and not from our code. Each vendor repeats what it heard, in pieces, and remembers it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from tests.e2e.vendor_histories import (
    chatgpt_history,
    chatgpt_message,
    claude_history,
    deepseek_history,
    gemini_history,
    gemini_loaded,
    grok_responses,
    in_envelope,
    kimi_history,
)
from tests.e2e.vendor_nouns import Turn, Vendor, event


def chatgpt_frames(turn: Turn) -> Iterator[bytes]:
    yield event('"v1"', "delta_encoding")
    asked = chatgpt_message("user", turn.heard, "finished_successfully", str(uuid4()))
    head = {"conversation_id": turn.talk, "error": None}
    yield event({"p": "", "o": "add", "v": {"message": asked, **head}, "c": 0}, "delta")
    yield event({"v": {"message": chatgpt_message("assistant", "", "in_progress", turn.id), **head}, "c": 1}, "delta")
    first, *middle, last = turn.pieces
    yield event({"p": "/message/content/parts/0", "o": "append", "v": first}, "delta")
    for piece in middle:
        yield event({"v": piece}, "delta")
    steps = [
        {"p": "/message/content/parts/0", "o": "append", "v": last},
        {"p": "/message/status", "o": "replace", "v": "finished_successfully"},
        {"p": "/message/end_turn", "o": "replace", "v": True},
    ]
    yield event({"p": "", "o": "patch", "v": steps}, "delta")
    yield event({"type": "title_generation", "title": turn.heard, "conversation_id": turn.talk})
    yield event({"type": "message_stream_complete", "conversation_id": turn.talk})
    yield event("[DONE]")


def claude_frames(turn: Turn) -> Iterator[bytes]:
    def named(name: str, **fields: Any) -> bytes:
        return event({"type": name, **fields}, name)

    message = {"id": "chatcompl_1", "type": "message", "role": "assistant", "uuid": turn.id, "content": []}
    yield named("message_start", message=message | {"stop_reason": None})
    yield named("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in turn.pieces:
        yield named("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield named("content_block_stop", index=0)
    yield named("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None})
    yield named("message_limit", message_limit={"type": "within_limit"})
    yield named("message_stop")


def deepseek_frames(turn: Turn) -> Iterator[bytes]:
    asked, said = 2 * turn.number + 1, 2 * turn.number + 2
    yield event({"request_message_id": asked, "response_message_id": said}, "ready")
    thinks = {"id": 1, "type": "THINK", "content": "Hm"}
    response = {"message_id": said, "parent_id": asked, "role": "ASSISTANT", "fragments": [thinks], "status": "WIP"}
    yield event({"v": {"response": response}})
    yield event({"p": "response/fragments/-1/content", "o": "APPEND", "v": ", let me repeat that: "})
    yield event({"v": turn.heard})
    first, second, *rest = turn.pieces
    yield event({"p": "response/fragments", "o": "APPEND", "v": [{"id": 2, "type": "RESPONSE", "content": first}]})
    yield event({"p": "response/fragments/-1/content", "o": "APPEND", "v": second})
    for piece in rest:
        yield event({"v": piece})
    yield event({"p": "response", "o": "BATCH", "v": [{"p": "accumulated_token_usage", "v": 77}]})
    yield event({"p": "response/status", "o": "SET", "v": "FINISHED"})
    yield event({"content": turn.heard[:20]}, "title")
    yield event({"click_behavior": "none", "auto_resume": False}, "close")


def kimi_frames(turn: Turn) -> Iterator[bytes]:
    def sealed(data: Any, flags: int = 0) -> bytes:
        body = json.dumps(data, ensure_ascii=False).encode()
        return bytes([flags]) + len(body).to_bytes(4) + body

    def block(text: str) -> Any:
        return {"id": "1", "parentId": "", "text": {"content": text}}

    yield sealed({"heartbeat": {}})
    yield sealed({"op": "set", "mask": "chat", "eventOffset": 1, "chat": {"id": turn.talk, "name": "New chat"}})
    message = {"id": turn.id, "role": "assistant", "status": "MESSAGE_STATUS_GENERATING"}
    yield sealed({"op": "set", "mask": "message", "message": message})
    first, *rest = turn.pieces
    yield sealed({"op": "set", "mask": "block.text", "block": block(first)})
    for piece in rest:
        yield sealed({"op": "append", "mask": "block.text.content", "block": block(piece)})
    done = {"id": turn.id, "status": "MESSAGE_STATUS_COMPLETED"}
    yield sealed({"op": "set", "mask": "message.status", "message": done})
    yield sealed({"done": {}})
    yield sealed({}, 2)


def qwen_frames(turn: Turn) -> Iterator[bytes]:
    yield event({"response.created": {"chat_id": turn.talk, "parent_id": turn.id, "response_id": turn.id}})
    for piece in (*turn.pieces, ""):
        status = "typing" if piece else "finished"
        delta = {"role": "assistant", "content": piece, "phase": "answer", "status": status}
        yield event({"choices": [{"delta": delta}], "response_id": turn.id})


def chatglm_frames(turn: Turn) -> Iterator[bytes]:
    said = ""
    for piece in (*turn.pieces, ""):
        said, status = said + piece, "init" if piece else "finish"
        content = [{"type": "text", "text": said, "status": status}]
        part = {"id": turn.id, "logic_id": turn.id, "role": "assistant", "content": content, "status": status}
        yield event({"id": turn.id, "conversation_id": turn.talk, "status": status, "parts": [part]}, "message")


def yuanbao_frames(turn: Turn) -> Iterator[bytes]:
    yield event("status", "speech_type")
    yield event("[MSGINDEX:2]")
    yield event("text", "speech_type")
    for piece in turn.pieces:
        yield event({"type": "text", "msg": piece})
    yield event({"type": "meta", "messageId": f"{turn.talk}_2", "stopReason": "stop"})
    yield event("[TRACEID:4f1c]")
    yield event("[DONE]")


def doubao_frames(turn: Turn) -> Iterator[bytes]:
    def block(text: str) -> Any:
        return [{"block_type": 10000, "block_id": "b1", "content": {"text_block": {"text": text}}}]

    yield event({}, "SSE_HEARTBEAT")
    meta = {"conversation_id": turn.talk, "section_id": "7"}
    yield event({"query_list": [{"message_index": 1}], "ack_client_meta": meta}, "SSE_ACK")
    first, second, *rest = turn.pieces
    message = {"meta": {"message_id": turn.id, **meta}, "content": {"content_block": block(first)}}
    yield event(message, "STREAM_MSG_NOTIFY")
    patch = {"patch_object": 1, "patch_type": 1, "patch_value": {"content_block": block(second)}}
    yield event({"message_id": turn.id, "patch_op": [patch]}, "STREAM_CHUNK")
    for piece in rest:
        yield event({"text": piece}, "CHUNK_DELTA")
    yield event({"end_type": 1, "msg_finish_attr": {"msgid": turn.id, "brief": turn.said[:160]}}, "SSE_REPLY_END")
    yield event({"end_type": 3}, "SSE_REPLY_END")


def yiyan_frames(turn: Turn) -> Iterator[bytes]:
    names = {
        "createSessionResponseVoCommonResult": {"code": 0, "data": {"sessionId": turn.talk}},
        "createChatResponseVoCommonResult": {"code": 0, "data": {"botChat": {"id": turn.id}}},
    }
    yield event({"data": names}, "major")
    said = ""
    for piece in (*turn.pieces, ""):
        said, end = said + piece, 0 if piece else 1
        yield event({"code": 0, "data": {"content": piece, "tokens_all": said, "is_end": end}}, "message")


def perplexity_frames(turn: Turn) -> Iterator[bytes]:
    def message(patches: Sequence[Any], *, final: bool = False) -> bytes:
        diff = {"field": "markdown_block", "patches": patches}
        blocks = [{"intended_usage": "ask_text", "diff_block": diff}]
        names = {"backend_uuid": turn.talk, "thread_url_slug": "s", "thread_title": turn.heard}
        return event(
            {**names, "blocks": blocks, "status": "COMPLETED" if final else "PENDING", "final": final}, "message"
        )

    first, *rest = turn.pieces
    yield message([{"op": "replace", "path": "", "value": {"progress": "IN_PROGRESS", "chunks": [first]}}])
    for number, piece in enumerate(rest, start=1):
        yield message([{"op": "add", "path": f"/chunks/{number}", "value": piece}])
    whole = {"op": "replace", "path": "/answer", "value": turn.said}
    yield message([whole, {"op": "replace", "path": "/progress", "value": "DONE"}], final=True)
    yield event({}, "end_of_stream")


def grok_frames(turn: Turn) -> Iterator[bytes]:
    def line(result: Any) -> bytes:
        return json.dumps({"result": result}, ensure_ascii=False).encode() + b"\n"

    def response(fields: Any) -> bytes:
        return line({"response": fields} if turn.first else fields)

    if turn.first:
        yield line({"conversation": {"conversationId": turn.talk, "title": "New conversation"}})
    for piece in turn.pieces:
        yield response({"token": piece, "isThinking": False, "isSoftStop": False, "responseId": turn.id})
    whole = {"responseId": turn.id, "message": turn.said, "sender": "assistant", "partial": False}
    yield response({"modelResponse": whole})
    yield line({"title": {"newTitle": turn.heard[:30]}})


def gemini_frames(turn: Turn) -> Iterator[bytes]:
    def frame(*entries: Any) -> bytes:
        text = f"\n{json.dumps(entries, ensure_ascii=False)}\n"
        return f"{len(text.encode('utf-16-le')) // 2}{text}".encode()

    def so_far(said: str, state: int) -> bytes:
        candidate = [f"rc_{turn.id}", [said], None, None, None, None, None, None, [state]]
        inner = [None, [f"c_{turn.talk}", f"r_{turn.id}"], None, None, [candidate]]
        return frame(["wrb.fr", None, json.dumps(inner, ensure_ascii=False)])

    yield b")]}'\n\n"
    yield frame(["wrb.fr", None, json.dumps([None, [f"c_{turn.talk}", f"r_{turn.id}"]])])
    for end in range(1, len(turn.pieces) + 1):
        yield so_far("".join(turn.pieces[:end]), 1)
    yield so_far(turn.said, 2)
    yield frame(["di", 1234], ["af.httprm", 1234, "-1", 5])
    yield frame(["e", 7, None, None, 999])


def gemini_question(body: bytes) -> Any:
    (asked,) = parse_qs(body.decode(), strict_parsing=True)["f.req"]
    return json.loads(json.loads(asked)[1])


VENDORS: dict[str, Vendor] = {
    "chatgpt.com": Vendor(
        "/backend-api/f/conversation",
        heard=lambda body: body["messages"][0]["content"]["parts"][0],
        named=lambda _, body: body.get("conversation_id"),
        frames=chatgpt_frames,
        calls={
            "POST /backend-api/f/conversation/prepare": lambda *_: {"status": "ok", "conduit_token": "c"},
            "GET /backend-api/conversation/([^/?]+)": chatgpt_history,
        },
    ),
    "claude.ai": Vendor(
        "/api/organizations/[^/]+/chat_conversations/[^/]+/completion",
        heard=lambda body: body["prompt"],
        named=lambda path, _: path.split("/")[5],
        frames=claude_frames,
        named_by_page=True,
        calls={"GET /api/organizations/[^/]+/chat_conversations/([^/?]+)[?].*": claude_history},
    ),
    "chat.deepseek.com": Vendor(
        "/api/v0/chat/completion",
        heard=lambda body: body["prompt"],
        named=lambda _, body: body["chat_session_id"],
        frames=deepseek_frames,
        calls={
            "POST /api/v0/chat_session/create": lambda id, _: in_envelope({"id": id}),
            "GET /api/v0/chat/history_messages[?]chat_session_id=([^&]+)&.*": deepseek_history,
        },
    ),
    "www.kimi.com": Vendor(
        "/apiv2/kimi.gateway.chat.v1.ChatService/Chat",
        heard=lambda body: body["message"]["blocks"][0]["text"]["content"],
        named=lambda _, body: body.get("chat_id"),
        frames=kimi_frames,
        kind="application/connect+json",
        read=lambda body: json.loads(body[5 : 5 + int.from_bytes(body[1:5])]),
        loads={
            "POST /apiv2/kimi.gateway.chat.v1.ChatService/ListMessages": (
                lambda body: json.loads(body)["chat_id"],
                kimi_history,
            )
        },
    ),
    "chat.qwen.ai": Vendor(
        "/api/v2/chat/completions",
        heard=lambda body: body["messages"][0]["content"],
        named=lambda path, _: path.partition("chat_id=")[2],
        frames=qwen_frames,
        calls={"POST /api/v2/chats/new": lambda id, _: {"success": True, "data": {"id": id}}},
    ),
    "chatglm.cn": Vendor(
        "/chatglm/backend-api/assistant/stream",
        heard=lambda body: body["messages"][0]["content"][0]["text"],
        named=lambda _, body: body["conversation_id"],
        frames=chatglm_frames,
    ),
    "www.doubao.com": Vendor(
        "/chat/completion",
        heard=lambda body: body["messages"][0]["content_block"][0]["content"]["text_block"]["text"],
        named=lambda _, body: body["client_meta"]["conversation_id"],
        frames=doubao_frames,
    ),
    "yuanbao.tencent.com": Vendor(
        "/api/chat/[^/]+",
        heard=lambda body: body["prompt"],
        named=lambda path, _: path.split("/")[3],
        frames=yuanbao_frames,
        calls={"POST /api/user/agent/conversation/create": lambda id, _: {"id": id}},
    ),
    "yiyan.baidu.com": Vendor(
        "/eb/chat/conversation/v2",
        heard=lambda body: body["text"],
        named=lambda _, body: body["sessionId"],
        frames=yiyan_frames,
        calls={"POST /eb/chat/check": lambda *_: {"code": 0, "msg": "success"}},
    ),
    "grok.com": Vendor(
        "/rest/app-chat/conversations/(?:new|[^/]+/responses)",
        heard=lambda body: body["message"],
        named=lambda path, _: path.split("/")[4] if path.endswith("/responses") else None,
        frames=grok_frames,
        kind="application/json",
        calls={
            "GET /rest/app-chat/conversations/([^/]+)/response-node": grok_responses,
            "POST /rest/app-chat/conversations/([^/]+)/load-responses": grok_responses,
        },
    ),
    "www.perplexity.ai": Vendor(
        "/rest/sse/perplexity_ask",
        heard=lambda body: body["query_str"],
        named=lambda _, body: body["params"].get("last_backend_uuid"),
        frames=perplexity_frames,
        calls={"POST /rest/autosuggest/list-autosuggest": lambda *_: {"results": []}},
    ),
    "gemini.google.com": Vendor(
        "/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate",
        heard=lambda question: question[0][0],
        named=lambda _, question: question[2][0].removeprefix("c_") or None,
        frames=gemini_frames,
        kind="application/json; charset=utf-8",
        read=gemini_question,
        loads={"POST /_/BardChatUi/data/batchexecute[?].*": (gemini_loaded, gemini_history)},
    ),
}
"""By host."""
