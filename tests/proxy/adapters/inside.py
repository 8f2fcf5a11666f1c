"""The proxy's place between an unmodified client library and the company's model, without a proxy.

What the client sends is read and translated by the adapter that its request is given; a canned chat answer comes back
translated, in pieces. `Refusing` refuses instead.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import httpx2

from proxy.adapters.choose import choose
from proxy.adapters.interface import Adapter, Asked, Keeper, Refusal
from proxy.internal.answer import Event
from proxy.internal.translate import translation_for

HEAD = {"id": "chatcmpl-9", "object": "chat.completion.chunk", "created": 1, "model": "qwen3-32b"}
CALL = [
    {"tool_calls": [{"index": 0, "id": "k1", "function": {"name": "find", "arguments": ""}}]},
    *[{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in ('{"q": "客', '户"}')],
]
"""Deltas that call a tool."""


def chat_stream(*deltas: dict[str, Any], reason: str = "stop") -> bytes:
    """Return a stream of chat completions."""
    chunks = [{**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    end = {**HEAD, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    usage = {**HEAD, "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}}
    return (
        b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in [*chunks, end, usage]) + b"data: [DONE]\n\n"
    )


def chat_whole(message: dict[str, Any], reason: str = "stop") -> bytes:
    """Return a whole chat completion."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
    return json.dumps({**HEAD, "choices": [choice], "usage": {"prompt_tokens": 12, "completion_tokens": 7}}).encode()


def asked_of(request: httpx.Request, wire: str) -> Asked:
    """Return the head of a request as the proxy sees it."""
    headers = tuple((name.lower(), value) for name, value in request.headers.items())
    return Asked(request.method, request.url.raw_path.decode(), headers, wire)


@dataclass
class Inside:
    """An httpx transport's handler that answers as the company's model behind the proxy would."""

    answer: bytes
    wire: str = ""
    size: int = 7
    sent: dict[str, Any] = field(default_factory=dict)
    """What the client sent."""
    asked: dict[str, Any] = field(default_factory=dict)
    """What the company's model was asked."""
    adapter: Adapter | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        adapter = self.adapter = choose(asked_of(request, self.wire))
        if isinstance(adapter, Keeper):
            adapter = self.adapter = replace(adapter, asked=request.content)  # type: ignore[type-var, call-arg]
        prompt = adapter.read(request.content, request.headers.get("content-type", ""))
        via = translation_for(adapter, frozenset({"openai-chat"}))
        assert via is not None, f"{adapter.id} has no translation"
        self.sent = json.loads(request.content)
        self.asked = json.loads(via.request(request.content, "qwen3-32b"))
        back = via.answer(stream=prompt.stream, client_model=prompt.model, answer_id="7f3a", now=1_760_000_000)

        def chunks() -> Iterator[bytes]:
            for at in range(0, len(self.answer), self.size):
                yield back.feed(self.answer[at : at + self.size])
            yield back.end()

        content = chunks() if prompt.stream else b"".join(chunks())
        return httpx.Response(200, headers=dict(back.headers()), content=content)

    def transport(self) -> httpx.MockTransport:
        """Return a transport for clients of httpx."""
        return httpx.MockTransport(self)


@dataclass
class Refusing:
    """An httpx transport's handler that refuses, and counts how often it was asked."""

    wire: str = ""
    status: int = 403
    count: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        refusal = Refusal(self.status, "blocked_by_policy", "不可外发 Not to be sent. SL-1", "SL-1")
        answer = choose(asked_of(request, self.wire)).refuse(refusal)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def transport(self) -> httpx.MockTransport:
        """Return a transport for clients of httpx."""
        return httpx.MockTransport(self)


def newer(handler: Callable[[httpx.Request], httpx.Response]) -> httpx2.MockTransport:
    """Return a transport for clients of the newer httpx."""

    def send(request: httpx2.Request) -> httpx2.Response:
        asked = httpx.Request(request.method, str(request.url), headers=dict(request.headers), content=request.content)
        answer = handler(asked)
        answer.read()
        return httpx2.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return httpx2.MockTransport(send)


def written(writer: Any, events: list[Event], *, one_by_one: bool = False) -> bytes:
    """Return all that a writer makes of events."""
    batches = [[event] for event in events] if one_by_one else [events]
    return b"".join(writer.write(batch) for batch in batches) + writer.end()
