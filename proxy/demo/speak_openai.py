"""OpenAI's Chat Completions as a stand-in speaks it: a request's JSON enters, an answer's JSON or SSE frames leave.

It repeats what the last turn said, so that whatever left the company comes back and can be seen. The shapes follow
the public API reference of Chat Completions and what the `openai` package parses.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from proxy.demo.manner import pieces

CREATED: Final = 1_763_600_000
"""A fixed second, so that two runs answer alike."""

ID: Final = "chatcmpl-standin"


def heard(body: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the text of the last turn, and whether that turn is a tool's result."""
    last = (body.get("messages") or [{}])[-1]
    content = last.get("content") or ""
    if isinstance(content, list):
        content = "\n".join(part.get("text", "") for part in content)
    return content, last.get("role") == "tool"


def arguments_of(parameters: Mapping[str, Any], text: str) -> str:
    """Return tool arguments that repeat `text` in the tool's first parameter, as JSON in a string."""
    names: Sequence[str] = [*parameters.get("required", ()), *parameters.get("properties", {}), "text"]
    return orjson.dumps({names[0]: text}).decode()


def message(body: Mapping[str, Any], says: str) -> dict[str, Any]:
    """Return the assistant's message: a call of the first tool where there is one, else `says` and what it heard."""
    text, from_tool = heard(body)
    tools = body.get("tools") or ()
    if not tools or from_tool:
        return {"role": "assistant", "content": says + text}
    function = tools[0]["function"]
    call = {"name": function["name"], "arguments": arguments_of(function.get("parameters") or {}, text)}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_standin", "type": "function", "function": call}],
    }


def usage(body: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, int]:
    """Return a count of tokens: one for four bytes, as good as any for a stand-in."""
    asked, answered = (len(orjson.dumps(value)) // 4 + 1 for value in (body.get("messages"), answer))
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


def whole(body: Mapping[str, Any], says: str) -> dict[str, Any]:
    """Return the answer to a request that does not stream."""
    answer = message(body, says)
    reason = "tool_calls" if "tool_calls" in answer else "stop"
    return {
        "id": ID,
        "object": "chat.completion",
        "created": CREATED,
        "model": body.get("model", ""),
        "choices": [{"index": 0, "message": answer, "logprobs": None, "finish_reason": reason}],
        "usage": usage(body, answer),
        "system_fingerprint": "fp_standin",
    }


def frames(body: Mapping[str, Any], says: str, size: int) -> Iterator[bytes]:
    """Yield the answer to a request that streams: one SSE event a frame, `size` characters of text in each."""
    answer = message(body, says)
    calls = answer.get("tool_calls")
    if calls:
        call = calls[0]
        opening = {"index": 0, "id": call["id"], "type": "function", "function": {**call["function"], "arguments": ""}}
        yield chunk(body, {"role": "assistant", "content": None, "tool_calls": [opening]})
        for piece in pieces(call["function"]["arguments"], size):
            yield chunk(body, {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    else:
        yield chunk(body, {"role": "assistant", "content": ""})
        for piece in pieces(answer["content"], size):
            yield chunk(body, {"content": piece})
    yield chunk(body, {}, "tool_calls" if calls else "stop")
    if (body.get("stream_options") or {}).get("include_usage"):
        yield sse({**envelope(body), "choices": [], "usage": usage(body, answer)})
    yield b"data: [DONE]\n\n"


def chunk(body: Mapping[str, Any], delta: Mapping[str, Any], reason: str | None = None) -> bytes:
    """Return one frame that carries `delta`."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return sse({**envelope(body), "choices": [choice]})


def envelope(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what all frames of a stream have in common."""
    return {"id": ID, "object": "chat.completion.chunk", "created": CREATED, "model": body.get("model", "")}


def sse(value: Mapping[str, Any]) -> bytes:
    """Return one event without a name."""
    return b"data: " + orjson.dumps(value) + b"\n\n"


def failure(status: int, text: str) -> dict[str, Any]:
    """Return an error in OpenAI's shape."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": text, "type": kind, "param": None, "code": None}}
