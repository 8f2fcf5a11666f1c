"""All vendors of chat pages by host: those of `vendor_pages.py`, and those who share one, or ask in a form or a query.

Written from the formats and not from our code.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from tests.e2e.vendor_nouns import SSE, Turn, Vendor, event
from tests.e2e.vendor_pages import VENDORS as OTHERS


def line(value: Any) -> bytes:
    """Return one line of JSON."""
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def huggingchat_form(body: bytes) -> Any:
    """Return what the field `data` of a form holds."""
    boundary = body.partition(b"\r\n")[0][2:].decode()
    form = message_from_bytes(f'Content-Type: multipart/form-data; boundary="{boundary}"\r\n\r\n'.encode() + body)
    sections = {part.get_param("name", header="content-disposition"): part for part in form.walk()}
    section = sections["data"]
    assert isinstance(section, Message)
    data = section.get_payload(decode=True)
    assert isinstance(data, bytes)
    return json.loads(data)


def huggingchat_frames(turn: Turn) -> Iterator[bytes]:
    yield line({"type": "status", "status": "started"})
    yield line({"type": "title", "title": turn.heard})
    yield line({"type": "status", "status": "keepAlive"})
    for piece in turn.pieces:
        yield line({"type": "stream", "token": piece.ljust(16, "\0")})
    yield line({"type": "finalAnswer", "text": turn.said, "interrupted": False})
    yield line({"type": "status", "status": "finished"})


def huggingchat_history(id: str, turns: Sequence[Turn]) -> Any:
    said = [(author, text) for turn in turns for author, text in (("user", turn.heard), ("assistant", turn.said))]
    messages = [{"id": "m0", "from": "system", "content": "", "ancestors": [], "children": ["m1"]}]
    messages += [
        {
            "id": f"m{number}",
            "from": author,
            "content": text,
            "ancestors": [f"m{before}" for before in range(number)],
            "children": [f"m{number + 1}"] if number < len(said) else [],
        }
        for number, (author, text) in enumerate(said, start=1)
    ]
    return {"json": {"id": id, "title": turns[0].heard, "model": "m/m", "rootMessageId": "m0", "messages": messages}}


def notion_frames(turn: Turn) -> Iterator[bytes]:
    def patches(*changes: tuple[str, str, Any]) -> bytes:
        return line({"type": "patch", "v": [{"o": how, "p": path, "v": value} for how, path, value in changes]})

    first, *rest = turn.pieces
    yield line({"type": "patch-start", "data": {"s": [{"id": "s0", "type": "config", "value": {}}]}, "version": 1})
    thinks = {"type": "thinking", "content": "Hm, "}
    yield patches(("a", "/s/-", {"id": turn.id, "type": "agent-inference", "value": [thinks]}))
    yield patches(("x", "/s/1/value/0/content", turn.heard))
    yield patches(("a", "/s/1/value/-", {"type": "text", "content": first}))
    for piece in rest:
        yield patches(("x", "/s/1/value/1/content", piece))
    yield patches(("a", "/s/1/finishedAt", 1_764_216_000_000), ("a", "/s/1/inputTokens", 12))
    yield line({"type": "done"})


def agent_frames(turn: Turn) -> Iterator[bytes]:
    yield line({"threadId": turn.talk, "thread": {"id": turn.talk, "data": {"title": ""}}})


def agent_transcript(turns: Sequence[Turn]) -> bytes:
    """Return what a page fetches: entries that are put, and a text that goes on in pieces."""
    patches: list[Any] = []
    for number, turn in enumerate(turns):
        asked = {"content": [{"type": "text", "text": [[turn.heard]]}]}
        said = {"content": [{"type": "text", "text": turn.pieces[0]}]}
        for at, (kind, more) in enumerate((("user_message", asked), ("assistant_message", said)), start=3 * number + 1):
            about = {"id": f"{kind}-{number}", "kind": kind, "source": "committed", "sequence": at}
            patches.append({"op": "put", "entity": {**about, **more}})
        more_of_it = [{"op": "append", "path": "/content/0/text", "value": piece} for piece in turn.pieces[1:]]
        patches.append({"op": "patch", "id": f"assistant_message-{number}", "ops": more_of_it[:4]})
        patches += [{"op": "patch", "id": f"assistant_message-{number}", "ops": [one]} for one in more_of_it[4:]]
        if turn.over:
            done = {"id": f"done-{number}", "kind": "turn_completed", "sequence": 3 * number + 3}
            patches.append({"op": "put", "entity": {**done, "source": "committed", "stop_reason": "completed"}})
    status = "idle" if turns[-1].over else "running"
    told = {"patches": patches, "session": {"status": status}, "backward_cursor": "b", "has_more_backward": False}
    return line(told)


def you_frames(turn: Turn) -> Iterator[bytes]:
    yield event({"search": {"third_party_search_results": [], "query": turn.heard}}, "youChatSerpResults")
    for piece in turn.pieces:
        yield event({"youChatToken": piece}, "youChatToken")
    yield event("I'm Mr. Meeseeks. Look at me.", "done")


def spark_frames(turn: Turn) -> Iterator[bytes]:
    for piece in turn.pieces:
        yield event(b64encode(piece.encode()).decode())
    yield event("<end>")
    yield event(f"cht{turn.id[:8]}@dx<sid>")


def spark_form(body: bytes) -> Any:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


VENDORS: dict[str, Vendor] = {
    **OTHERS,
    "huggingface.co": Vendor(
        "/chat/conversation/[^/]+",
        heard=lambda body: body["inputs"],
        named=lambda path, _: path.split("/")[3],
        frames=huggingchat_frames,
        kind="application/jsonl",
        read=huggingchat_form,
        page="/chat/",
        calls={
            "POST /chat/conversation": lambda id, _: {"conversationId": id},
            "GET /chat/api/v2/conversations/([^/?]+)": huggingchat_history,
        },
    ),
    "www.notion.so": Vendor(
        "/api/v3/runInferenceTranscript",
        heard=lambda body: body["transcript"][-1]["value"][0][0],
        named=lambda _, body: body["threadId"],
        frames=notion_frames,
        named_by_page=True,
        kind="application/x-ndjson",
    ),
    "app.notion.com": Vendor(
        "/api/v3/createAgentThread|/api/v3/sendEventToAgentThread",
        heard=lambda body: "".join(piece[0] for one in body.get("event", body)["content"] for piece in one["text"]),
        named=lambda _, body: body["threadId"],
        frames=agent_frames,
        named_by_page=True,
        kind="application/json",
        page="/ai",
        loads={"POST /api/v3/getThreadTranscript": (lambda body: json.loads(body)["threadId"], agent_transcript)},
        fetched=True,
    ),
    "xinghuo.xfyun.cn": Vendor(
        "/iflygpt-chat/u/chat_message/chat",
        heard=lambda form: form["text"],
        named=lambda _, form: form["chatId"],
        frames=spark_frames,
        read=spark_form,
        calls={"POST /iflygpt/u/chat-list/v1/create-chat-list": lambda id, _: {"code": 0, "data": {"id": id}}},
    ),
    "you.com": Vendor(
        "/api/streamingSearch",
        heard=lambda query: query["q"],
        named=lambda _, query: query["queryTraceId"],
        frames=you_frames,
        named_by_page=True,
        kind=SSE,
        method="GET",
    ),
}


def asked(vendor: Vendor, path: str, body: bytes) -> Any:
    """Return what a page asks: in its body, or in the query of a request without one."""
    return vendor.read(body) if vendor.method == "POST" else dict(parse_qsl(path.partition("?")[2]))
