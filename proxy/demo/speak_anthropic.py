"""Anthropic's Messages as a stand-in speaks it: a request's JSON enters, an answer's JSON or SSE frames leave.

It repeats what the last turn said. Asked to think, it signs its thought with a key of its own, and refuses a later turn
whose thought no longer fits its signature: that is how it shows that signed blocks went through untouched. The
shapes follow the public API reference of Messages and what the `anthropic` package parses.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from proxy.demo.manner import pieces
from proxy.demo.speak_openai import arguments_of

ID: Final = "msg_standin"

SIGNING_KEY: Final = b"only the stand-in knows this key"


def heard(body: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the text of the last turn, and whether that turn holds a tool's result."""
    content = (body.get("messages") or [{}])[-1].get("content") or ""
    if isinstance(content, str):
        return content, False
    texts: list[str] = []
    for block in content:
        if block.get("type") == "tool_result":
            inner = block.get("content") or ""
            texts += [inner] if isinstance(inner, str) else [part.get("text", "") for part in inner]
        else:
            texts.append(block.get("text", ""))
    return "\n".join(text for text in texts if text), any(block.get("type") == "tool_result" for block in content)


def sign(thought: str) -> str:
    """Return the signature of a thought."""
    return hmac.new(SIGNING_KEY, thought.encode(), hashlib.sha256).hexdigest()


def signatures_hold(body: Mapping[str, Any]) -> bool:
    """Return whether every thought in the conversation is as it was when it was signed."""
    return all(
        hmac.compare_digest(sign(block.get("thinking", "")), block.get("signature", ""))
        for turn in body.get("messages") or ()
        if isinstance(turn.get("content"), list)
        for block in turn["content"]
        if block.get("type") == "thinking"
    )


def content(body: Mapping[str, Any], says: str) -> list[dict[str, Any]]:
    """Return the blocks of the answer."""
    text, from_tool = heard(body)
    blocks: list[dict[str, Any]] = []
    if (body.get("thinking") or {}).get("type") in ("enabled", "adaptive"):
        thought = f"The person said: {text}"
        blocks.append({"type": "thinking", "thinking": thought, "signature": sign(thought)})
    tools = body.get("tools") or ()
    if tools and not from_tool:
        arguments = orjson.loads(arguments_of(tools[0].get("input_schema") or {}, text))
        blocks.append({"type": "tool_use", "id": "toolu_standin", "name": tools[0]["name"], "input": arguments})
    else:
        blocks.append({"type": "text", "text": says + text})
    return blocks


def whole(body: Mapping[str, Any], says: str) -> dict[str, Any]:
    """Return the answer to a request that does not stream."""
    blocks = content(body, says)
    return {
        **envelope(body),
        "content": blocks,
        "stop_reason": stop_reason(blocks),
        "usage": {"input_tokens": tokens(body), "output_tokens": len(orjson.dumps(blocks)) // 4 + 1},
    }


def envelope(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message says of itself before it has any content."""
    return {
        "id": ID,
        "type": "message",
        "role": "assistant",
        "model": body.get("model", ""),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def stop_reason(blocks: list[dict[str, Any]]) -> str:
    """Return why the answer ended."""
    return "tool_use" if blocks[-1]["type"] == "tool_use" else "end_turn"


def tokens(body: Mapping[str, Any]) -> int:
    """Return a count of input tokens: one for four bytes."""
    return len(orjson.dumps(body.get("messages"))) // 4 + 1


def frames(body: Mapping[str, Any], says: str, size: int) -> Iterator[bytes]:
    """Yield the answer to a request that streams, in the order of events that the vendor's SDK requires."""
    blocks = content(body, says)
    start = {**envelope(body), "usage": {"input_tokens": tokens(body), "output_tokens": 1}}
    yield sse("message_start", {"message": start})
    yield sse("ping", {})
    for index, block in enumerate(blocks):
        yield sse("content_block_start", {"index": index, "content_block": opening(block)})
        for delta in deltas(block, size):
            yield sse("content_block_delta", {"index": index, "delta": delta})
        yield sse("content_block_stop", {"index": index})
    counted = {"output_tokens": len(orjson.dumps(blocks)) // 4 + 1}
    yield sse("message_delta", {"delta": {"stop_reason": stop_reason(blocks), "stop_sequence": None}, "usage": counted})
    yield sse("message_stop", {})


def opening(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block as it stands before its deltas."""
    empty: dict[str, Any] = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {key: empty.get(key, value) for key, value in block.items()}


def deltas(block: Mapping[str, Any], size: int) -> Iterator[dict[str, str]]:
    """Yield what fills a block."""
    match block["type"]:
        case "thinking":
            for piece in pieces(block["thinking"], size):
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "tool_use":
            for piece in pieces(orjson.dumps(block["input"]).decode(), size):
                yield {"type": "input_json_delta", "partial_json": piece}
        case _:
            for piece in pieces(block["text"], size):
                yield {"type": "text_delta", "text": piece}


def sse(name: str, data: Mapping[str, Any]) -> bytes:
    """Return one named event."""
    return f"event: {name}\n".encode() + b"data: " + orjson.dumps({"type": name, **data}) + b"\n\n"


def failure(status: int, text: str) -> dict[str, Any]:
    """Return an error in Anthropic's shape."""
    kind = "api_error" if status >= 500 else "invalid_request_error"
    return {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_standin"}
