"""Unmodified SDKs talk to the company's model: Sluice's part is played by a transport that translates."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from proxy.adapters.choose import ADAPTERS, FALLBACK
from proxy.adapters.interface import Asked, Speaker
from proxy.errors import TooLarge, WireError
from proxy.framing.events import SseFramer
from proxy.internal.failure import BROKE_OFF, GARBLED
from proxy.internal.translate import AnswerTranslator, Rewriting, ToChat, Translation, translation_for
from tests.rows import each

CHAT, MESSAGES = "openai-chat", "anthropic-messages"
ADAPTER = {adapter.id: adapter for adapter in (*(entry.adapter for entry in ADAPTERS), FALLBACK)}
HEAD = {"id": "chatcmpl-9", "object": "chat.completion.chunk", "created": 1, "model": "qwen3-32b"}


def translation(adapter: str, *speaks: str) -> Translation:
    found = translation_for(ADAPTER[adapter], frozenset(speaks))
    assert found is not None
    return found


def sse(*values: dict[str, Any], named: bool = False, done: bool = True) -> bytes:
    frames = [f"event: {value.get('type')}\n" * named + f"data: {json.dumps(value)}\n\n" for value in values]
    return "".join(frames).encode() + b"data: [DONE]\n\n" * done


def chat_stream(*deltas: dict[str, Any], reason: str = "stop") -> bytes:
    chunks = [{**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    end = {**HEAD, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    usage = {**HEAD, "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}}
    return sse(*chunks, end, usage)


class Inside:
    """The proxy's place: what the client sent is translated, and so is the canned answer."""

    def __init__(self, via: Translation, answer: bytes, size: int = 7) -> None:
        self.via, self.answer, self.size = via, answer, size
        self.asked: dict[str, Any] = {}
        self.back: AnswerTranslator | None = None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        sent = json.loads(request.content)
        self.asked = json.loads(self.via.request(request.content, "qwen3-32b"))
        stream = bool(sent.get("stream"))
        self.back = back = self.via.answer(
            stream=stream, client_model=sent["model"], answer_id="7f3a", now=1_760_000_000
        )

        def chunks() -> Iterator[bytes]:
            for at in range(0, len(self.answer), self.size):
                yield back.feed(self.answer[at : at + self.size])
            yield back.end()

        return httpx2.Response(200, headers=dict(back.headers()), content=chunks() if stream else b"".join(chunks()))

    def anthropic(self) -> anthropic.Anthropic:
        client = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(self))
        return anthropic.Anthropic(api_key="k", max_retries=0, http_client=client)

    def openai(self) -> openai.OpenAI:
        client = openai.DefaultHttpxClient(transport=httpx2.MockTransport(self))
        return openai.OpenAI(api_key="k", max_retries=0, http_client=client)


ASK = {"model": "claude-test", "max_tokens": 50, "messages": [{"role": "user", "content": "查客户"}]}
TOOL = {"name": "find", "description": "d", "input_schema": {"type": "object"}}


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_streamed_answer_reaches_an_anthropic_client(size):
    data = chat_stream(
        {"role": "assistant", "content": ""},
        {"reasoning_content": "想"},
        *[{"content": piece} for piece in ("你好，", "Ann")],
        {"tool_calls": [{"index": 0, "id": "k1", "function": {"name": "find", "arguments": ""}}]},
        *[{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in ('{"q": "客', '户"}')],
        reason="tool_calls",
    )
    inside = Inside(translation(MESSAGES, CHAT), data, size)
    with inside.anthropic() as sdk, sdk.messages.stream(**ASK, tools=[TOOL]) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert text == "你好，Ann"
    assert [(block.name, block.input) for block in message.content if block.type == "tool_use"] == [
        ("find", {"q": "客户"})
    ]
    assert (message.id, message.model, message.stop_reason) == ("msg_7f3a", "claude-test", "tool_use")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (12, 7)
    assert inside.asked["stream_options"] == {"include_usage": True}
    assert (inside.asked["model"], inside.asked["tools"][0]["function"]["name"]) == ("qwen3-32b", "find")


def test_a_whole_answer_reaches_an_anthropic_client():
    answer = {**HEAD, "choices": [{"message": {"role": "assistant", "content": "好"}, "finish_reason": "length"}]}
    inside = Inside(translation(MESSAGES, CHAT), json.dumps(answer).encode())
    with inside.anthropic() as sdk:
        message = sdk.messages.create(**ASK)
    assert (message.content[0].text, message.stop_reason, message.model) == ("好", "max_tokens", "claude-test")
    assert inside.back.failure == ""


BROKEN = {
    "cut off": (chat_stream({"content": "a"})[:-300], BROKE_OFF),
    "nonsense": (b"data: ?\n\n", GARBLED),
    "nothing": (b"", BROKE_OFF),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_stream_raises_in_an_anthropic_client(name):
    data, why = BROKEN[name]
    inside = Inside(translation(MESSAGES, CHAT), data)
    with inside.anthropic() as sdk, pytest.raises(anthropic.APIStatusError), sdk.messages.stream(**ASK) as stream:
        stream.get_final_message()
    assert inside.back.failure == why


@pytest.mark.parametrize("speaks", [CHAT, MESSAGES])
def test_a_whole_answer_that_is_no_answer_is_told_as_a_failure(speaks):
    back = translation(MESSAGES, speaks).answer(stream=False, client_model="claude-test", answer_id="7f3a", now=1)
    back.feed(b"<html>")
    back.end()
    assert back.failure in (GARBLED, BROKE_OFF)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_openai_client_reads_the_servers_own_stream_under_the_name_it_asked_for(size):
    data = chat_stream({"role": "assistant", "content": "你"}, {"content": '"model":"qwen3-32b"', "extra": {"a": 1}})
    inside = Inside(translation(CHAT, CHAT), data, size)
    asked = [{"role": "user", "content": "hi"}]
    with inside.openai() as sdk:
        chunks = list(sdk.chat.completions.create(model="gpt-test", messages=asked, stream=True, seed=4))
    assert {chunk.model for chunk in chunks} == {"gpt-test"}
    assert {chunk.id for chunk in chunks} == {"chatcmpl-9"}
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == '你"model":"qwen3-32b"'
    assert chunks[-1].usage.total_tokens == 19
    assert inside.asked == {"model": "qwen3-32b", "messages": asked, "stream": True, "seed": 4}


def test_an_openai_client_reads_a_whole_answer_under_the_name_it_asked_for():
    answer = {**HEAD, "choices": [{"index": 0, "message": {"role": "assistant", "content": "好"}}], "vendor": [1.50]}
    inside = Inside(translation(CHAT, CHAT), json.dumps(answer).encode())
    with inside.openai() as sdk:
        read = sdk.chat.completions.create(model="gpt-test", messages=[{"role": "user", "content": "hi"}])
    assert (read.model, read.choices[0].message.content) == ("gpt-test", "好")


def test_an_anthropic_client_reads_an_anthropic_servers_own_stream():
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "qwen3-32b", "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 0}}
    data = sse(
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "你好"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
        named=True,
        done=False,
    )
    inside = Inside(translation(MESSAGES, MESSAGES, CHAT), data, 5)
    with inside.anthropic() as sdk, sdk.messages.stream(**ASK) as stream:
        final = stream.get_final_message()
    assert (final.content[0].text, final.model, final.id) == ("你好", "claude-test", "msg_1")
    assert inside.asked == {**ASK, "model": "qwen3-32b", "stream": True}


def response(status: str, **more: Any) -> dict[str, Any]:
    head = {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "qwen3-32b"}
    return {**head, "output": [], "tools": [], "tool_choice": "auto", "parallel_tool_calls": True, **more}


SAYS = {"id": "m1", "type": "message", "role": "assistant", "status": "completed"}
WORDS = {"type": "output_text", "text": '"model":"qwen3-32b"', "annotations": []}
RESPONSE = [
    *[{"type": f"response.{name}", "response": response("queued")} for name in ("created", "queued", "in_progress")],
    {"type": "response.output_item.added", "output_index": 0, "item": {**SAYS, "content": []}},
    {"type": "response.content_part.added", "item_id": "m1", "output_index": 0, "content_index": 0,
     "part": {**WORDS, "text": ""}},
    {"type": "response.output_text.delta", "item_id": "m1", "output_index": 0, "content_index": 0,
     "delta": WORDS["text"], "logprobs": []},
    {"type": "response.output_text.done", "item_id": "m1", "output_index": 0, "content_index": 0,
     "text": WORDS["text"], "logprobs": []},
    *[{"type": f"response.{name}", "response": response(name, output=[{**SAYS, "content": [WORDS]}])}
      for name in ("completed", "incomplete", "failed")],
]  # fmt: skip


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_client_of_responses_reads_the_servers_own_events_under_the_name_it_asked_for(size):
    told = [{**event, "sequence_number": number} for number, event in enumerate(RESPONSE)]
    inside = Inside(translation("openai-responses", "openai-responses", CHAT), sse(*told, named=True, done=False), size)
    with inside.openai() as sdk:
        events = list(
            sdk.responses.create(model="gpt-test", input="查客户", stream=True, previous_response_id="resp_0")
        )
    assert [event.type for event in events] == [event["type"] for event in RESPONSE]
    assert {event.response.model for event in events if hasattr(event, "response")} == {"gpt-test"}
    assert [event.delta for event in events if event.type.endswith(".delta")] == ['"model":"qwen3-32b"']
    assert inside.asked == {"model": "qwen3-32b", "input": "查客户", "stream": True, "previous_response_id": "resp_0"}


def test_a_client_of_responses_reads_a_whole_answer_and_a_failure():
    via = translation("openai-responses", "openai-responses")
    inside = Inside(via, json.dumps(response("completed", output=[{**SAYS, "content": [WORDS]}])).encode())
    with inside.openai() as sdk:
        read = sdk.responses.create(model="gpt-test", input="hi")
    assert (read.model, read.output_text, via.path) == ("gpt-test", '"model":"qwen3-32b"', "/responses")
    with Inside(via, b"<html>").openai() as sdk, pytest.raises(openai.APIError, match="unreadable answer"):
        list(sdk.responses.create(model="gpt-test", input="hi", stream=True))


def test_a_client_of_completions_reads_the_servers_own_stream():
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "qwen3-32b"}
    ends = [("你", None), ("好", "stop")]
    chunks = [{**head, "choices": [{"index": 0, "text": text, "finish_reason": end}]} for text, end in ends]
    inside = Inside(translation("openai-completions", "openai-completions", CHAT), sse(*chunks))
    with inside.openai() as sdk:
        read = list(sdk.completions.create(model="gpt-test", prompt="a", suffix="b", stream=True))
    assert ("".join(one.choices[0].text for one in read), {one.model for one in read}) == ("你好", {"gpt-test"})
    assert (inside.via.path, inside.asked["suffix"]) == ("/completions", "b")


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
def test_a_client_of_ollama_reads_the_servers_own_lines(path, size):
    adapter = ADAPTER["ollama"].at(Asked("POST", path))
    via = translation_for(adapter, frozenset({"ollama"}))
    assert via is not None and via.path == path
    assert json.loads(via.request(b'{"model":"llama","context":[1,2],"options":{"num_ctx":9}}', "qwen")) == {
        "model": "qwen", "context": [1, 2], "options": {"num_ctx": 9},
    }  # fmt: skip
    lines = b'{"model":"qwen","message":{"content":"\xe4\xbd\xa0"},"done":false}\n{"model":"qwen","done":true}\n'
    back = via.answer(stream=True, client_model="llama", answer_id="7f3a", now=1)
    told = b"".join(back.feed(lines[at : at + size]) for at in range(0, len(lines), size)) + back.end()
    assert [json.loads(line)["model"] for line in told.splitlines()] == ["llama", "llama"]
    assert dict(back.headers()) == {"content-type": "application/x-ndjson"}
    broken = via.answer(stream=True, client_model="llama", answer_id="7f3a", now=1)
    assert json.loads(broken.feed(b"<html>\n") + broken.end()) == {"error": GARBLED} and broken.failure == GARBLED


def test_claude_on_vertex_reaches_a_server_of_anthropics_messages_in_its_own_words():
    path = "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:streamRawPredict"
    via = translation_for(ADAPTER["vertex-claude"].at(Asked("POST", path)), frozenset({MESSAGES}))
    assert via is not None and via.path == "/messages"
    sent = {"anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": ASK["messages"]}
    asked = json.loads(via.request(json.dumps(sent).encode(), "qwen3-32b"))
    assert asked == {"model": "qwen3-32b", "stream": True, "max_tokens": 9, "messages": ASK["messages"]}


def test_events_without_a_model_keep_their_bytes():
    odd = b': ping\r\n\r\nevent: x\r\ndata:{"a": 1.0}\r\nid: 4\r\n\r\ndata:\n\ndata: \xff\n\ndata: [DONE]\n\nid: 5'
    back = translation(CHAT, CHAT).answer(stream=True, client_model="gpt-test", answer_id="7f3a", now=1)
    assert back.feed(odd) + back.end() == odd


NONSENSE = {
    "no event stream": b"<<garbage, no JSON>>",
    "a page": "<html>\n<p>网关错误</p>\n\n</html>\n\n".encode(),
    "a whole answer instead": b'{"choices":[{"message":{"content":"hi"}}]}',
    "nothing": b"",
    "comments only": b": ping\n\n: ping\n\n",
    "an end without a beginning": b"data: [DONE]\n\n",
    "an event that is no JSON": b"data: ?\n\n",
}


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize("name", NONSENSE)
def test_a_stream_without_an_event_raises_in_an_openai_client(name, size):
    inside = Inside(translation(CHAT, CHAT), NONSENSE[name], size)
    asked = [{"role": "user", "content": "hi"}]
    with inside.openai() as sdk, pytest.raises(openai.APIError, match="unreadable answer"):
        list(sdk.chat.completions.create(model="gpt-test", messages=asked, stream=True))
    assert inside.back.failure == GARBLED


def test_a_stream_without_an_event_raises_in_an_anthropic_client_of_an_anthropic_server():
    inside = Inside(translation(MESSAGES, MESSAGES), b"<html>")
    with inside.anthropic() as sdk, sdk.messages.stream(**ASK) as stream, pytest.raises(anthropic.APIStatusError):
        stream.get_final_message()


def test_an_event_over_the_limit_is_told_and_nothing_follows():
    back = translation(CHAT, CHAT).answer(stream=True, client_model="gpt-test", answer_id="7f3a", now=1)
    back.framer = SseFramer(limit=20)
    told = back.feed(b'data: {"a":1}\n\n' + b"data: " + b"x" * 30) + back.feed(b"\n\ndata: {}\n\n") + back.end()
    assert told.startswith(b'data: {"a":1}\n\ndata: {"error"') and told.count(b"data:") == 2


def test_each_client_is_led_to_the_servers_own_path():
    assert translation(CHAT, CHAT).path == "/chat/completions"
    assert translation(MESSAGES, CHAT).path == "/chat/completions"
    assert translation(MESSAGES, MESSAGES).path == "/messages"


@pytest.mark.parametrize(
    ("adapter", "speaks"),
    [("fallback", [CHAT, MESSAGES]), (CHAT, [MESSAGES]), (CHAT, []), (MESSAGES, [])],
    ids=str,  # of lists: the order of a set differs between workers
)
def test_protocols_that_cannot_meet_have_no_translation(adapter, speaks):
    assert translation_for(ADAPTER[adapter], frozenset(speaks)) is None


@pytest.mark.parametrize("via", [translation(CHAT, CHAT), translation(MESSAGES, CHAT)], ids=["chat", "messages"])
@pytest.mark.parametrize(
    ("body", "error"),
    [(b"", WireError), (b"[]", WireError), (b"{", WireError), (b'{"a":' * 999, TooLarge)],
    ids=["empty", "a list", "cut off", "too deep"],
)
def test_a_request_that_is_no_object_is_refused(via, body, error):
    with pytest.raises(error):
        via.request(body, "qwen3-32b")


@pytest.mark.parametrize("via", [translation(CHAT, CHAT), translation(MESSAGES, CHAT)], ids=["chat", "messages"])
def test_an_error_answer_is_explained(via):
    failure = via.failure(400, b'{"error":{"message":"bad n"}}')
    assert (failure.status, failure.code) == (400, "internal_model_refused")


SPEAKERS = {entry.adapter.id: entry.adapter for entry in ADAPTERS if isinstance(entry.adapter, Speaker)}
TOLD = "Made-by-AI"
CALL = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]}


@each("stream", [False, True], ids=["whole", "streamed"])
@each("speaker", SPEAKERS.values(), ids=SPEAKERS.keys())
def test_what_policy_adds_ends_an_answer_in_words_in_every_format_and_is_no_part_of_what_was_said(
    speaker: Speaker, stream: bool
) -> None:
    answers = {
        "words": (chat_stream({"content": "Good day"}), True),
        "cut short": (chat_stream({"content": "Good day"}, reason="length"), True),
        "a call": (chat_stream({"content": "Good day"}, CALL, reason="tool_calls"), False),
        "nothing": (chat_stream({"content": ""}), False),
        "broken off": (sse({"choices": [{"index": 0, "delta": {"content": "Good day"}}]}, done=False), False),
    }
    for name, (data, labelled) in answers.items():
        translator = ToChat(speaker).answer(stream=stream, client_model="m", answer_id="a1", now=1)
        assert isinstance(translator, Rewriting)
        translator.words = TOLD
        told = b"".join(translator.feed(data[at : at + 7]) for at in range(0, len(data), 7)) + translator.end()
        told += b"".join(map(b64decode, re.findall(rb'"bytes":"([^"]+)"', told)))  # Bedrock's frames
        told += b"".join(map(b64decode, re.findall(rb"^data:([A-Za-z0-9+/=]+)$", told, re.MULTILINE)))  # Spark's page
        if speaker.id in (
            "openai-assistants",
            "notion-agents",
        ):  # whoever asks for the messages later must see it there
            assert (TOLD in translator.said, translator.labelled) == (labelled, labelled), name
            continue
        assert ((TOLD.encode() in told), translator.labelled) == (labelled, labelled), name
        assert TOLD not in translator.said
