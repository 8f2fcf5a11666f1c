import orjson
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from proxy.demo.speak_openai import failure, frames, heard, whole

ZH = "请说：你好"
TOOL = {"type": "function", "function": {"name": "note", "parameters": {"properties": {"line": {}}}}}


def body(text: object = ZH, **more: object) -> dict:
    return {"model": "m", "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": text}], **more}


def events(asked: dict, size: int) -> list[dict]:
    raw = list(frames(asked, "I heard: ", size))
    assert raw[-1] == b"data: [DONE]\n\n"
    return [orjson.loads(frame.removeprefix(b"data: ")) for frame in raw[:-1]]


@pytest.mark.parametrize(
    ("turn", "want"),
    [
        ({"role": "user", "content": "hi"}, ("hi", False)),
        ({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}, ("a\n", False)),
        ({"role": "tool", "content": "result"}, ("result", True)),
        ({"role": "assistant", "content": None}, ("", False)),
    ],
)
def test_the_last_turn_is_what_was_heard(turn: dict, want: tuple) -> None:
    assert want == heard({"messages": [{"role": "user", "content": "old"}, turn]})


@pytest.mark.parametrize("asked", [body(), body(tools=[TOOL])], ids=["text", "tool"])
@pytest.mark.parametrize("size", [1, 4, 1000])
def test_streamed_or_whole_it_says_the_same_and_the_vendors_models_accept_it(asked: dict, size: int) -> None:
    full = ChatCompletion.model_validate(whole(asked, "I heard: ")).choices[0]
    chunks = [ChatCompletionChunk.model_validate(event) for event in events(asked, size)]
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert (full.message.content or "") == "".join(delta.content or "" for delta in deltas)
    arguments = "".join(call.function.arguments for delta in deltas for call in delta.tool_calls or ())
    if asked.get("tools"):
        assert {"line": ZH} == orjson.loads(arguments) == orjson.loads(full.message.tool_calls[0].function.arguments)
    else:
        assert full.message.content == "I heard: " + ZH
    assert full.finish_reason == chunks[-1].choices[0].finish_reason


def test_usage_is_streamed_when_asked_for() -> None:
    last = events(body(stream_options={"include_usage": True}), 5)[-1]
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] > 0


def test_a_tools_result_is_answered_with_text() -> None:
    asked = {"messages": [{"role": "tool", "content": "42"}], "tools": [TOOL]}
    assert whole(asked, "I heard: ")["choices"][0]["message"]["content"] == "I heard: 42"


@pytest.mark.parametrize(("status", "kind"), [(500, "server_error"), (404, "invalid_request_error")])
def test_a_failure_has_the_vendors_shape(status: int, kind: str) -> None:
    assert {"message": "no", "type": kind, "param": None, "code": None} == failure(status, "no")["error"]
