"""Vendors that serve OpenAI's interface under their own paths: it is read as such, with what is their own in it."""

import json

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal
from proxy.answers.restore import StreamRestorer

KNOWN = {"[PERSON_7K2F9ABC]": "张伟"}
BODY = '{"model": "m", "messages": [{"role": "user", "content": "客户张伟"}], "stream": true}'.encode()


def delta(text: str, **more: object) -> dict:
    return {"choices": [{"index": 0, "delta": {"content": text, **more}}]}


END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
SENSITIVE = {
    "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "sensitive"}],
    "contentFilter": [{"role": "user"}],
}
VENDORS = {
    "Zhipu": ("/api/paas/v4/chat/completions", [delta("您 [PER", role="assistant"), delta("SON_7K2F9ABC]"), SENSITIVE]),
    "Z.ai for coding": ("/api/coding/paas/v4/chat/completions", [delta("您 [PERSON_7K2F9A"), delta("BC]"), END]),
    "Moonshot": ("/v1/chat/completions", [delta("您 [PERSON_7K2F9A"), delta("BC]"), END]),
    "Kimi for coding": ("/coding/v1/chat/completions", [delta("您 [PERSON_7K2F9A"), delta("BC]"), END]),
    "DeepSeek": (
        "/chat/completions",
        [
            {"choices": [{"index": 0, "delta": {"reasoning_content": "想"}}]},
            delta("您 [PERSON_7K2F9ABC"),
            delta("]"),
            END,
        ],
    ),
    "Ark": ("/api/v3/chat/completions", [delta("您 ["), delta("PERSON_7K2F9ABC]"), {**END, "usage": None}]),
    "Ark's bots": ("/api/v3/bots/chat/completions", [delta("您 ["), delta("PERSON_7K2F9ABC]"), END]),
    "Qianfan, second": (
        "/v2/chat/completions",
        [{**delta("您 [PERSON"), "need_clear_history": False}, delta("_7K2F9ABC]"), END],
    ),
    "Spark by HTTP": (
        "/v1/chat/completions",
        [{"code": 0, "message": "Success", "sid": "s", **delta("您 [PERSON")}, {"code": 0, **delta("_7K2F9ABC]")}],
    ),
    "DashScope, compatible": ("/compatible-mode/v1/chat/completions", [delta("您 [P"), delta("ERSON_7K2F9ABC]"), END]),
    "Hunyuan, compatible": (
        "/v1/chat/completions",
        [{**delta("您 [P"), "moderation_level": "2"}, delta("ERSON_7K2F9ABC]"), END],
    ),
    "SenseNova, compatible": ("/compatible-mode/v1/chat/completions", [delta("您 [PERSON_7K2F9A"), delta("BC]"), END]),
    "MiniMax, compatible": ("/v1/chat/completions", [delta("您 [PERSON_7K2F9A"), delta("BC]"), END]),
}


@pytest.mark.parametrize(("path", "events"), VENDORS.values(), ids=VENDORS.keys())
@pytest.mark.parametrize("done", [True, False], ids=["ends with a word", "ends with the connection"])
def test_a_stream_is_restored_with_what_is_the_vendors_own(path: str, events: list[dict], done: bool) -> None:
    adapter = choose(Asked("POST", path, (("content-type", "application/json"),)))
    prompt = adapter.read(BODY, "application/json")
    assert (prompt.stream, [part.text for part in prompt.parts]) == (True, ["客户张伟"])
    data = b": keep-alive\n\n" + b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in events)
    stream = StreamRestorer(adapter.shape, "text/event-stream", KNOWN.get)
    out = stream.feed(data + b"data: [DONE]\n\n" * done) + stream.end()
    read = [json.loads(line[6:]) for line in out.split(b"\n\n") if line.startswith(b"data: {")]
    assert "".join(one["choices"][0]["delta"].get("content") or "" for one in read) == "您 张伟"


@pytest.mark.parametrize("path", sorted({path for path, _ in VENDORS.values()}))
def test_a_refusal_has_the_fields_that_their_client_libraries_show(path: str) -> None:
    answer = choose(Asked("POST", path)).refuse(Refusal(403, "blocked_by_policy", "不可", "SL-1"))
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"], error["message"]) == (403, "blocked_by_policy", "不可") and "type" in error
