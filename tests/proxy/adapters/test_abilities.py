"""Every interface of the families that Sluice promises, and everything it promises for them, asserted one by one.

A row is a request in the interface's own words, a whole answer, and where its clients look for an error. Each ability
is a test over all rows; a row that lacks one says so here, the coverage page says why, and a test holds both together.
Streams and calls of tools are those that the format's writer makes for its clients, in its framing, cut at every byte;
`tests/cases/answers` has such as the services write them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Adapter, Prompt, Refusal
from proxy.answers.restore import StreamRestorer, restore_body
from proxy.capture.mask import ORIGINALS, PERSON
from proxy.coverage import LACKS, covered, lacking
from proxy.not_inside import why_not
from tests.feed import feed_every_way
from tests.proxy.adapters.inside import Inside, asked_of, chat_stream, chat_whole
from tests.rows import each

VALUE = "11010519491231002X"
ORIGINAL = ORIGINALS[PERSON]
USER = [{"role": "user", "content": f"查 {VALUE}"}]
ARGUMENTS = json.dumps({"q": VALUE})
FUNCTION = {"name": "find", "arguments": ARGUMENTS}
CALLED = [{"id": "k1", "type": "function", "function": FUNCTION}]
TOOL = {"type": "function", "function": {"name": "find", "description": "d", "parameters": {"type": "object"}}}
OLD = {"name": "find", "description": "d", "parameters": {"type": "object"}}
CALLING = [*USER, {"role": "assistant", "content": "", "tool_calls": CALLED}]
CHOICE = {
    "choices": [{"index": 0, "message": {"role": "assistant", "content": f"好 {PERSON}"}, "finish_reason": "stop"}]
}
GEMMA = f"<start_of_turn>user\n查 {VALUE}<end_of_turn>\n<start_of_turn>model\n"
GOOGLE = [{"role": "user", "parts": [{"text": f"查 {VALUE}"}]}]
GOOGLE_CALL = {"role": "model", "parts": [{"functionCall": {"name": "find", "args": {"q": VALUE}}}]}
GOOGLE_TOOLS = {"tools": [{"functionDeclarations": [OLD]}]}
GOOGLE_ANSWER = {"candidates": [{"content": {"role": "model", "parts": [{"text": PERSON}]}, "finishReason": "STOP"}]}
CLAUDE_CALL = {"type": "tool_use", "id": "t", "name": "find", "input": {"q": VALUE}}
CLAUDE_TOOLS = {"tools": [{"name": "find", "description": "d", "input_schema": {"type": "object"}}]}
CLAUDE = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "text", "text": PERSON}],
    "stop_reason": "end_turn",
}
VERTEX = "/v1/projects/p/locations/l/publishers"
STREAM = {"stream": True}
TRANSCRIPT = b"".join(
    b"data: " + json.dumps({"type": "transcript.text.delta", "delta": piece}).encode() + b"\n\n"
    for piece in ("see ", PERSON[:9], PERSON[9:])
)


@dataclass
class Row:
    adapter: str
    path: str
    body: dict[str, Any]
    """With `VALUE` in it."""
    answer: Any = None
    """Whole, with a placeholder in it."""
    error: str = "error/message"
    """Where a refusal's words stand in the error that its clients read."""
    streamed: str | dict[str, Any] = field(default_factory=lambda: STREAM)
    """The path that streams, or what of the body asks for it."""
    calling: dict[str, Any] | None = None
    """What of the body holds a call of a tool with `VALUE` in its arguments, and offers the tool."""
    wire: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    tells: str = "你好"
    """What a whole answer of the company's model holds."""
    asks: Mapping[str, str] = field(default_factory=dict)
    """Header fields by which an answer in pieces is asked for."""
    pieces: bytes = b""
    """An answer in pieces as the service writes it, where the company's model gives none."""

    def request(self, more: Mapping[str, Any] | None = None, *, stream: bool = False) -> httpx.Request:
        """Return the request as the interface's clients send it."""
        path = self.streamed if stream and isinstance(self.streamed, str) else self.path
        asks = self.streamed if stream and isinstance(self.streamed, dict) else {}
        body = {**self.body, **(more or {}), **asks}
        headers = {**self.headers, **(self.asks if stream else {})}
        return httpx.Request("POST", f"https://x.example{path}", json=body, headers=headers)

    def bound(self, request: httpx.Request) -> Adapter:
        """Return the adapter of a request."""
        return choose(asked_of(request, self.wire))

    def inside(
        self, answer: bytes, more: Mapping[str, Any] | None = None, *, stream: bool
    ) -> tuple[Inside, httpx.Response]:
        """Ask the company's model, and return what was asked with the answer."""
        inside = Inside(answer, self.wire)
        response = inside(self.request(more, stream=stream))
        response.read()
        return inside, response


ROWS = {
    "OpenAI Chat": Row("openai-chat", "/v1/chat/completions", {"model": "m", "messages": USER}, CHOICE,
        calling={"messages": CALLING, "tools": [TOOL]}),
    "Azure OpenAI": Row("openai-chat", "/openai/deployments/g/chat/completions?api-version=1",
        {"messages": USER}, CHOICE,
        calling={"messages": CALLING, "tools": [TOOL]}),
    "Foundry": Row("openai-chat", "/models/chat/completions?api-version=1", {"model": "m", "messages": USER}, CHOICE,
        calling={"messages": CALLING, "tools": [TOOL]}),
    "Ark, Zhipu": Row("openai-chat", "/api/v3/chat/completions", {"model": "m", "messages": USER}, CHOICE,
        calling={"messages": CALLING, "tools": [TOOL]}),
    "Responses": Row("openai-responses", "/v1/responses", {"model": "m", "input": f"查 {VALUE}"},
        {"output": [{"type": "message", "content": [{"type": "output_text", "text": PERSON}]}]},
        calling={"input": [{"role": "user", "content": "a"}, {"type": "function_call", "call_id": "k", **FUNCTION}],
                 "tools": [{"type": "function", **OLD}]}),
    "Completions": Row("openai-completions", "/v1/completions", {"model": "m", "prompt": f"查 {VALUE}"},
        {"choices": [{"text": PERSON, "index": 0}]}),
    "Embeddings": Row("openai-embeddings", "/v1/embeddings", {"model": "m", "input": [f"查 {VALUE}"]}),
    "Images": Row("openai-media", "/v1/images/generations", {"model": "m", "prompt": f"画 {VALUE}"},
        {"data": [{"url": "https://x.example/a", "revised_prompt": PERSON}]}, pieces=TRANSCRIPT),
    "Audio": Row("openai-media", "/v1/audio/speech", {"model": "m", "input": VALUE, "voice": "a"},
        {"text": PERSON}, pieces=TRANSCRIPT),
    "Assistants": Row("openai-assistants", "/v1/threads/runs",
        {"assistant_id": "a", "model": "m", "thread": {"messages": USER}},
        {"id": "msg_1", "content": [{"type": "text", "text": {"value": PERSON, "annotations": []}}]},
        calling={"tools": [TOOL], "instructions": f"find({ARGUMENTS})"}, tells="completed"),
    "Anthropic Messages": Row("anthropic-messages", "/v1/messages", {"model": "m", "max_tokens": 9,
        "messages": USER}, CLAUDE,
        calling={"messages": [*USER, {"role": "assistant", "content": [CLAUDE_CALL]}], **CLAUDE_TOOLS}),
    "Anthropic batches": Row("anthropic-batches", "/v1/messages/batches",
        {"requests": [{"custom_id": "a", "params": {"model": "m", "max_tokens": 9, "messages": USER}}]},
        {"custom_id": "a", "result": {"type": "succeeded", "message": CLAUDE}},
        calling={"requests": [{"custom_id": "a", "params": {"messages": [{"role": "assistant",
            "content": [CLAUDE_CALL]}]}}]}),
    "Gemini": Row("gemini", "/v1beta/models/g:generateContent", {"contents": GOOGLE}, GOOGLE_ANSWER,
        streamed="/v1beta/models/g:streamGenerateContent?alt=sse", calling={"contents": [*GOOGLE,
            GOOGLE_CALL], **GOOGLE_TOOLS}),
    "Gemini, an array": Row("gemini", "/v1beta/models/g:generateContent", {"contents": GOOGLE}, GOOGLE_ANSWER,
        streamed="/v1beta/models/g:streamGenerateContent", calling={"contents": [*GOOGLE, GOOGLE_CALL],
            **GOOGLE_TOOLS}),
    "Vertex": Row("gemini", f"{VERTEX}/google/models/g:generateContent", {"contents": GOOGLE}, GOOGLE_ANSWER,
        streamed=f"{VERTEX}/google/models/g:streamGenerateContent?alt=sse",
        calling={"contents": [*GOOGLE, GOOGLE_CALL], **GOOGLE_TOOLS}),
    "Claude on Vertex": Row("vertex-claude", f"{VERTEX}/anthropic/models/c:rawPredict",
        {"anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": USER}, CLAUDE,
        streamed=STREAM, calling={"messages": [*USER, {"role": "assistant", "content": [CLAUDE_CALL]}],
            **CLAUDE_TOOLS}),
    "Gemini interactions": Row("gemini-interactions", "/v1beta/interactions", {"model": "m", "input": f"查 {VALUE}"},
        {"outputs": [{"type": "text", "text": PERSON}]},
        calling={"input": [{"type": "function_call", "id": "k", "name": "find", "arguments": {"q": VALUE}}],
                 "tools": [{"type": "function", **OLD}]}, wire="gemini-api"),
    "Code Assist": Row("gemini-code-assist", "/v1internal:generateContent",
        {"model": "m", "project": "p", "request": {"contents": GOOGLE}}, {"response": GOOGLE_ANSWER},
        streamed="/v1internal:streamGenerateContent?alt=sse",
        calling={"request": {"contents": [*GOOGLE, GOOGLE_CALL], **GOOGLE_TOOLS}}, wire="gemini-code-assist"),
    "Cohere": Row("cohere-chat", "/v2/chat", {"model": "m", "messages": USER},
        {"message": {"role": "assistant", "content": [{"type": "text", "text": PERSON}]}}, "message",
        calling={"messages": CALLING, "tools": [TOOL]}, wire="cohere"),
    "Cohere, version 1": Row("cohere-v1", "/v1/chat", {"model": "m", "message": f"查 {VALUE}"},
        {"text": PERSON}, "message",
        calling={"message": "", "chat_history": [{"role": "USER", "message": "a"}], "tool_results": [
            {"call": {"name": "find", "parameters": {"q": VALUE}}, "outputs": [{"a": "b"}]}],
            "tools": [{"name": "find", "description": "d", "parameter_definitions": {}}]}, wire="cohere"),
    "DashScope": Row("dashscope", "/api/v1/services/aigc/text-generation/generation",
        {"model": "m", "input": {"messages": USER}, "parameters": {"result_format": "message"}},
            {"output": CHOICE}, "message",
        streamed={}, asks={"X-DashScope-SSE": "enable"}, wire="dashscope",
        calling={"input": {"messages": CALLING}, "parameters": {"result_format": "message", "tools": [TOOL]}}),
    "Qianfan": Row("qianfan", "/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/ernie?access_token=x", {"messages": USER},
        {"result": PERSON}, "error_msg", calling={"messages": [*USER, {"role": "assistant", "content": None,
            "function_call": FUNCTION}, {"role": "function", "name": "find", "content": "a"}], "functions": [OLD]}),
    "Hunyuan": Row("hunyuan", "/", {"Model": "m", "Messages": [{"Role": "user", "Content": f"查 {VALUE}"}]},
        {"Response": {"Choices": [{"Message": {"Role": "assistant", "Content": PERSON}}]}}, "Response/Error/Message",
        streamed={"Stream": True}, wire="hunyuan", headers={"X-TC-Action": "ChatCompletions"}, calling={"Messages": [
            {"Role": "user", "Content": "a"}, {"Role": "assistant", "Content": "", "ToolCalls": [{"Id": "k",
            "Type": "function",
                "Function": {"Name": "find", "Arguments": ARGUMENTS}}]},
            {"Role": "tool", "ToolCallId": "k", "Content": "a"}],
            "Tools": [{"Type": "function", "Function": {"Name": "find", "Parameters": "{}"}}]}),
    "MiniMax": Row("minimax-chat", "/v1/text/chatcompletion_v2", {"model": "m", "messages": USER}, CHOICE,
        "base_resp/status_msg",
        calling={"messages": CALLING, "tools": [TOOL]}),
    "watsonx": Row("watsonx", "/ml/v1/text/chat?version=1", {"model_id": "m", "project_id": "p",
        "messages": USER}, CHOICE,
        "errors/0/message", streamed="/ml/v1/text/chat_stream?version=1", calling={"messages": CALLING,
            "tools": [TOOL]}),
    "Bedrock Converse": Row("bedrock-converse", "/model/m/converse",
        {"messages": [{"role": "user", "content": [{"text": f"查 {VALUE}"}]}]},
        {"output": {"message": {"role": "assistant", "content": [{"text": PERSON}]}}}, "message",
        streamed="/model/m/converse-stream", calling={"messages": [{"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "k", "name": "find",
            "input": {"q": VALUE}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "k", "content": [{"text": "a"}]}}]}],
            "toolConfig": {"tools": [{"toolSpec": {"name": "find", "inputSchema": {"json": {"type": "object"}}}}]}}),
    "Bedrock InvokeModel": Row("bedrock-invoke", "/model/anthropic.claude-3/invoke",
        {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": USER}, CLAUDE, "message",
        streamed="/model/anthropic.claude-3/invoke-with-response-stream",
        calling={"messages": [*USER, {"role": "assistant", "content": [CLAUDE_CALL]}], **CLAUDE_TOOLS}),
    "Ollama": Row("ollama", "/api/chat", {"model": "m", "messages": USER, "stream": False},
        {"message": {"role": "assistant", "content": PERSON}, "done": True}, "error", wire="ollama",
        calling={"messages": [*USER, {"role": "assistant", "content": "", "tool_calls": [
            {"function": {"name": "find", "arguments": {"q": VALUE}}}]}], "tools": [TOOL]}),
    "Hugging Face": Row("huggingface", "/hf-inference/models/google/gemma-2b",
        {"inputs": GEMMA}, [{"generated_text": PERSON}],
        "error", wire="huggingface"),
    "text-generation-inference": Row("huggingface", "/generate", {"inputs": GEMMA},
        {"generated_text": PERSON}, "error",
        streamed="/generate_stream", wire="huggingface"),
    "text-generation-inference, on any host": Row("text-generation-inference", "/generate_stream", {"inputs": GEMMA},
        {"generated_text": PERSON}, "error", streamed="/generate_stream"),
}  # fmt: skip
"""At least one row an interface."""


def having(ability: str) -> dict[str, Row]:
    """Return the rows of interfaces that have an ability."""
    return {name: row for name, row in ROWS.items() if not lacking(row.adapter, ability)}


def served() -> dict[str, Row]:
    """Return the rows that the company's model answers."""
    return {name: row for name, row in ROWS.items() if not why_not(row.adapter)}


def of(rows: dict[str, Row]) -> Any:
    return each("row", rows.values(), ids=rows.keys())


def restored(adapter: Adapter, kind: str, pieces: list[bytes]) -> tuple[str, list[Any]]:
    """Return what a stream says once it is restored, as its client puts it together, and all of its events."""
    restorer = StreamRestorer(adapter.shape, kind, ORIGINALS.get)
    out = b"".join(map(restorer.feed, pieces)) + restorer.end()
    shape = adapter.shape.begin()
    framer = shape.framer(kind)
    assert framer is not None
    told: dict[str, str] = {}
    events = []
    for frame in [*framer.feed(out), *framer.end()]:
        if not frame.data or frame.data == "[DONE]":
            continue
        events.append(json.loads(frame.data))
        for slot in shape.slots(frame.event, events[-1]):
            told[slot.channel] = slot.text if slot.whole else told.get(slot.channel, "") + slot.text
    return "|".join(text for text in told.values() if text), events


def arguments(value: Any) -> list[str]:
    """Return the arguments `q` of every call in a JSON value, told as an object or as JSON in a string."""
    if isinstance(value, str):
        return arguments(json.loads(value)) if value.startswith("{") and value.endswith("}") else []
    if isinstance(value, list):
        return [found for one in value for found in arguments(one)]
    if isinstance(value, dict):
        here = [value["q"]] if isinstance(value.get("q"), str) else []
        return here + [found for one in value.values() for found in arguments(one)]
    return []


def redacted(row: Row, more: dict[str, Any] | None = None) -> tuple[Prompt, bytes]:
    """Return the request as it was read, and as it goes once the value is taken out."""
    request = row.request(more)
    prompt = row.bound(request).read(request.content, "application/json")
    return prompt, prompt.rewrite([part.text.replace(VALUE, PERSON) for part in prompt.parts])


@of(ROWS)
def test_the_adapter_of_the_row_reads_it_and_looks_into_all_of_it(row: Row) -> None:
    for stream in (False, True):
        assert row.bound(row.request(stream=stream)).id == row.adapter
    prompt, _ = redacted(row)
    assert any(VALUE in part.text for part in prompt.parts) and not prompt.opaque


@of(ROWS)
def test_what_is_taken_out_stands_nowhere_in_what_goes_and_the_rest_does(row: Row) -> None:
    _, sent = redacted(row)
    assert VALUE.encode() not in sent and PERSON.encode() in sent
    assert json.loads(sent) == json.loads(row.request().content.decode().replace(VALUE, PERSON))


@of(having("texts in answers"))
def test_a_whole_answer_is_restored(row: Row) -> None:
    shape = row.bound(row.request()).shape
    out, count = restore_body(json.dumps(row.answer).encode(), "application/json", shape, ORIGINALS.get)
    escaped = json.dumps(ORIGINAL)[1:-1]
    assert count and json.loads(out) == json.loads(json.dumps(row.answer).replace(PERSON, escaped))


@of(having("answers in pieces"))
def test_an_answer_in_pieces_is_restored_however_it_is_cut(row: Row) -> None:
    adapter, kind, body = row.bound(row.request(stream=True)), "text/event-stream", row.pieces
    if not body:
        deltas = ({"content": "see "}, {"content": PERSON[:9]}, {"content": PERSON[9:]})
        _, answer = row.inside(chat_stream(*deltas), stream=True)
        body, kind = answer.content, answer.headers["content-type"]
    feed_every_way(lambda pieces: restored(adapter, kind, list(pieces))[0], body, f"see {ORIGINAL}", step=11)


@of(having("calls of tools"))
def test_arguments_of_a_tool_are_taken_out_of_a_request(row: Row) -> None:
    assert row.calling is not None, "a row without tools is a row of an interface that knows none"
    prompt, sent = redacted(row, row.calling)
    assert any(VALUE in part.text for part in prompt.parts)
    assert VALUE.encode() not in sent and PERSON.encode() in sent
    assert arguments(json.loads(sent)) in ([PERSON], []) or PERSON in arguments(json.loads(sent))


TOOLS = {name: row for name, row in served().items() if row.calling}


@of(TOOLS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_arguments_of_a_tool_are_restored_and_stay_json(row: Row, stream: bool) -> None:
    said = json.dumps({"q": PERSON})
    calls = [{"index": 0, "id": "k1", "type": "function", "function": {"name": "find", "arguments": said}}]
    deltas = [{"tool_calls": [{"index": 0, "id": "k1", "function": {"name": "find", "arguments": ""}}]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in (said[:12], said[12:])]
    whole = chat_whole({"content": None, "tool_calls": calls}, "tool_calls")
    inside, answer = row.inside(
        chat_stream(*deltas, reason="tool_calls") if stream else whole, row.calling, stream=stream
    )
    assert (
        VALUE in json.dumps(inside.asked, ensure_ascii=False) and inside.asked["tools"][0]["function"]["name"] == "find"
    )
    adapter, kind = inside.adapter, answer.headers["content-type"]
    assert adapter is not None
    if stream:
        text, events = restored(adapter, kind, [answer.content])
        found = arguments(text) or arguments(events)
    else:
        found = arguments(json.loads(restore_body(answer.content, kind, adapter.shape, ORIGINALS.get)[0]))
    assert found and set(found) == {ORIGINAL}


@of(ROWS)
def test_a_refusal_is_an_error_of_the_interface(row: Row) -> None:
    answer = row.bound(row.request()).refuse(Refusal(403, "blocked_by_policy", "不可外发 SL-1", "SL-1"))
    value: Any = json.loads(answer.body)
    for step in row.error.split("/"):
        value = value[int(step)] if isinstance(value, list) else value[step]
    assert "不可外发" in value and dict(answer.headers)["content-type"].startswith("application/")
    assert answer.status < 500 and answer.status not in (408, 409, 425, 429), "what a client would try again"


@of(served())
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_the_companys_model_is_asked_and_answers_in_the_interfaces_words(row: Row, stream: bool) -> None:
    whole, deltas = chat_whole({"content": "你好"}), ({"content": "你"}, {"content": "好"})
    streams = stream or row.path == row.streamed  # where there is no other
    inside, answer = row.inside(chat_stream(*deltas) if streams else whole, stream=stream)
    assert inside.asked["model"] == "qwen3-32b" and f"查 {VALUE}" in json.dumps(inside.asked, ensure_ascii=False)
    assert bool(inside.asked.get("stream")) is streams
    assert inside.adapter is not None
    if streams:
        assert restored(inside.adapter, answer.headers["content-type"], [answer.content])[0] == "你好"
    else:
        assert row.tells in json.dumps(answer.json(), ensure_ascii=False)


def test_what_an_interface_lacks_is_a_row_here_and_no_reason_is_left_over() -> None:
    rows = {row.adapter for row in ROWS.values()}
    assert all(any(lacking(adapter, ability) == why for adapter in rows) for _, ability, why in LACKS)
    without = {row.adapter for row in ROWS.values() if row.calling is None}
    assert without == {adapter for adapter in rows if lacking(adapter, "calls of tools")}
    redirects = {one.id for one in covered() if one.redirects}
    assert {row.adapter for row in served().values()} <= redirects
