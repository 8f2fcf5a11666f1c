"""Tencent Hunyuan's own interface: to the company's model and back, by a client like its own."""

import json
from typing import Any

import httpx
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from proxy.adapters.vendors.hunyuan import to_chat
from proxy.errors import Untranslatable, WireError
from proxy.framing.events import SseFramer
from tests.proxy.adapters.inside import CALL, Inside, Refusing, chat_stream, chat_whole

ACTION = {"x-tc-action": "ChatCompletions", "authorization": "TC3-HMAC-SHA256 Credential=x"}


def ask(handler: Any, stream: bool, **more: Any) -> httpx.Response:
    body = {"Model": "hunyuan-pro", "Messages": [{"Role": "user", "Content": "查客户"}], "Stream": stream, **more}
    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        return client.post("https://hunyuan.example/", json=body, headers=ACTION)


def test_a_streamed_answer_comes_back_in_its_own_events() -> None:
    inside = Inside(chat_stream({"content": "你"}, {"content": "好"}, *CALL, reason="tool_calls"), "hunyuan")
    answer = ask(
        inside, True, Tools=[{"Type": "function", "Function": {"Name": "find", "Parameters": '{"type": "object"}'}}]
    )
    *events, done = [frame.data or "" for frame in SseFramer().feed(answer.content)]
    choices = [json.loads(event)["Choices"][0] for event in events]
    assert done == "[DONE]" and "".join(choice["Delta"]["Content"] for choice in choices) == "你好"
    (call,) = choices[-1]["Delta"]["ToolCalls"]
    assert (call["Id"], json.loads(call["Function"]["Arguments"]), choices[-1]["FinishReason"]) == (
        "k1",
        {"q": "客户"},
        "tool_calls",
    )
    assert json.loads(events[-1])["Usage"] == {"PromptTokens": 12, "CompletionTokens": 7, "TotalTokens": 19}
    assert inside.asked["tools"][0]["function"]["parameters"] == {"type": "object"}


def test_a_whole_answer_stands_under_response() -> None:
    inside = Inside(chat_whole({"content": "好"}, "content_filter"), "hunyuan")
    answer = ask(inside, False, Temperature=0.5).json()["Response"]
    assert answer["Choices"][0] == {
        "Index": 0,
        "Message": {"Role": "assistant", "Content": "好"},
        "FinishReason": "sensitive",
    }
    assert (inside.asked["temperature"], inside.asked["messages"]) == (0.5, [{"role": "user", "content": "查客户"}])


def test_a_failed_stream_says_so() -> None:
    answer = ask(Inside(chat_stream({"content": "a"})[:-260], "hunyuan"), True)
    last = json.loads([frame.data or "" for frame in SseFramer().feed(answer.content)][-1])
    assert "broke off" in last["ErrorMsg"]["Msg"]


@pytest.mark.parametrize(
    ("status", "code"), [(403, "OperationDenied"), (400, "InvalidParameter"), (503, "FailedOperation")]
)
def test_a_refusal_has_status_200_and_tencents_error(status: int, code: str) -> None:
    answer = ask(Refusing("hunyuan", status), False)
    assert answer.status_code == 200
    told = answer.json()["Response"]
    assert (told["Error"]["Code"], told["RequestId"]) == (code, "SL-1") and "不可外发" in told["Error"]["Message"]


def test_other_actions_are_read_and_not_carried_inside() -> None:
    adapter = choose(Asked("POST", "/", (("x-tc-action", "GetEmbedding"),), "hunyuan"))
    assert (adapter.id, isinstance(adapter, Speaker)) == ("hunyuan-calls", False)
    assert choose(Asked("POST", "/", tuple(ACTION.items()))).id == "fallback"


def test_a_key_that_is_no_name_of_a_field_is_read() -> None:
    adapter = choose(Asked("POST", "/", tuple(ACTION.items()), "hunyuan"))
    prompt = adapter.read('{"Messages": [{"张伟": "x", "Content": "Ann", "Zhang": 1}]}'.encode(), "")
    assert [part.text for part in prompt.parts] == ["张伟", "x", "Ann", "Zhang"]


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        ({"Role": "张伟"}, "role"),
        ({"Role": "user", "Contents": [{"Type": "video_url", "VideoUrl": "张伟"}]}, "part"),
        ({"Role": "tool", "Content": "张伟"}, "ToolCallId"),
    ],
    ids=["a role", "a film", "a result without a call"],
)
def test_what_has_no_counterpart_is_refused_and_never_quoted(turn: dict[str, Any], why: str) -> None:
    with pytest.raises(WireError, match=why) as caught:
        to_chat({"Messages": [turn]}, "m")
    assert "张伟" not in str(caught.value) and isinstance(caught.value, Untranslatable) == (why == "part")
