import orjson
import pytest
from anthropic.types import Message

from proxy.demo.speak_anthropic import failure, frames, heard, signatures_hold, tokens, whole

ZH = "请说：你好"
TOOL = {"name": "note", "input_schema": {"properties": {"line": {}}}}
THINKING = {"type": "enabled", "budget_tokens": 1024}


def body(**more: object) -> dict:
    return {"model": "m", "messages": [{"role": "user", "content": ZH}], **more}


def events(asked: dict, size: int) -> list[tuple[str, dict]]:
    read = []
    for frame in frames(asked, "I heard: ", size):
        name, data = frame.decode().strip().split("\n")
        read.append((name.removeprefix("event: "), orjson.loads(data.removeprefix("data: "))))
    return read


@pytest.mark.parametrize(
    ("content", "want"),
    [
        ("hi", ("hi", False)),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], ("a\nb", False)),
        ([{"type": "tool_result", "content": "42"}], ("42", True)),
        ([{"type": "tool_result", "content": [{"type": "text", "text": "42"}]}], ("42", True)),
        ([{"type": "image", "source": {}}], ("", False)),
    ],
)
def test_the_last_turn_is_what_was_heard(content: object, want: tuple) -> None:
    assert want == heard({"messages": [{"role": "user", "content": content}]})


@pytest.mark.parametrize(
    "asked", [body(), body(tools=[TOOL]), body(thinking=THINKING)], ids=["text", "tool", "thinking"]
)
@pytest.mark.parametrize("size", [1, 4, 1000])
def test_streamed_or_whole_it_says_the_same(asked: dict, size: int) -> None:
    full = Message.model_validate(whole(asked, "I heard: ")).model_dump(exclude_none=True)["content"]
    blocks: list[dict] = []
    for _, data in events(asked, size):
        match data["type"]:
            case "content_block_start":
                blocks.append({**data["content_block"], "json": ""})
            case "content_block_delta":
                ((key, value),) = ((key, value) for key, value in data["delta"].items() if key != "type")
                blocks[-1]["json" if key == "partial_json" else key] += value
    for block in blocks:
        written = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = orjson.loads(written)
    assert full == blocks


def test_the_order_of_events_is_the_one_the_sdk_requires() -> None:
    names = [name for name, _ in events(body(), 1000)]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert ["message_start", "ping", *block, "message_delta", "message_stop"] == names
    assert all(name == data["type"] for name, data in events(body(), 3))


@pytest.mark.parametrize(("change", "holds"), [("", True), (" changed", False)])
def test_a_signature_holds_only_for_the_thought_it_was_made_for(change: str, holds: bool) -> None:
    thought = whole(body(thinking=THINKING), "")["content"][0]
    turn = {"role": "assistant", "content": [{**thought, "thinking": thought["thinking"] + change}]}
    assert holds is signatures_hold({"messages": [turn]})


def test_tokens_grow_with_the_text() -> None:
    assert tokens(body()) < tokens(body(messages=[{"role": "user", "content": ZH * 9}]))


@pytest.mark.parametrize(("status", "kind"), [(500, "api_error"), (400, "invalid_request_error")])
def test_a_failure_has_the_vendors_shape(status: int, kind: str) -> None:
    assert ("error", kind) == (failure(status, "no")["type"], failure(status, "no")["error"]["type"])
