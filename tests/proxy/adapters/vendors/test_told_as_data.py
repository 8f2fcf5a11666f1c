"""Formats that are nothing but data: each refuses in its own words, and its whole answers are restored."""

import json
from typing import Any

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Refusal
from proxy.answers.restore import restore_body

TOLD: dict[str, tuple[str, str, str, int, Any]] = {
    "qianfan": (
        "/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/x",
        "",
        "qianfan",
        200,
        {"error_code": 6, "error_msg": "不可", "id": "SL-1"},
    ),
    "minimax": (
        "/v1/text/chatcompletion_v2",
        "",
        "minimax-chat",
        200,
        {"base_resp": {"status_code": 1026, "status_msg": "不可"}, "trace_id": "SL-1"},
    ),
    "minimax, older": (
        "/v1/text/chatcompletion_pro",
        "",
        "minimax-pro",
        200,
        {"base_resp": {"status_code": 1026, "status_msg": "不可"}, "trace_id": "SL-1"},
    ),
    "minimax, speech": (
        "/v1/t2a_v2",
        "minimax",
        "minimax-calls",
        200,
        {"base_resp": {"status_code": 1026, "status_msg": "不可"}, "trace_id": "SL-1"},
    ),
    "sensenova": (
        "/v1/llm/chat-completions",
        "",
        "sensenova",
        403,
        {"error": {"code": 403, "message": "不可", "details": []}},
    ),
    "watsonx": (
        "/ml/v1/text/chat_stream?version=x",
        "",
        "watsonx",
        403,
        {"trace": "SL-1", "errors": [{"code": "blocked_by_policy", "message": "不可"}], "status_code": 403},
    ),
    "huggingface": (
        "/models/o/m",
        "huggingface",
        "huggingface",
        403,
        {"error": "不可", "error_type": "blocked_by_policy"},
    ),
    "tgi": (
        "/generate_stream",
        "",
        "text-generation-inference",
        403,
        {"error": "不可", "error_type": "blocked_by_policy"},
    ),
    "cloudflare": (
        "/client/v4/accounts/a/ai/run/@cf/m",
        "openai",
        "cloudflare",
        403,
        {"success": False, "errors": [{"code": 403, "message": "不可"}], "messages": [], "result": None},
    ),
    "dify": ("/v1/chat-messages", "", "dify", 403, {"code": "blocked_by_policy", "message": "不可", "status": 403}),
    "replicate": (
        "/v1/predictions",
        "replicate",
        "replicate",
        403,
        {"title": "blocked_by_policy", "detail": "不可", "status": 403},
    ),
    "fal": ("/fal-ai/flux", "fal", "fal", 403, {"detail": "不可", "error_type": "blocked_by_policy"}),
    "elevenlabs": (
        "/v1/text-to-speech/v",
        "elevenlabs",
        "elevenlabs",
        403,
        {"detail": {"status": "blocked_by_policy", "message": "不可"}},
    ),
    "deepl": ("/v2/translate", "deepl", "deepl", 403, {"message": "不可", "detail": "blocked_by_policy"}),
    "jetbrains": (
        "/user/v5/llm/chat/stream/v8",
        "jetbrains-ai",
        "jetbrains-ai",
        403,
        {"error": "blocked_by_policy", "message": "不可"},
    ),
}


@pytest.mark.parametrize(("path", "wire", "id", "status", "want"), TOLD.values(), ids=TOLD.keys())
def test_a_refusal_is_in_the_words_of_the_product(path: str, wire: str, id: str, status: int, want: Any) -> None:
    adapter = choose(Asked("POST", path, (("content-type", "application/json"),), wire))
    answer = adapter.refuse(Refusal(403, "blocked_by_policy", "不可", "SL-1"))
    assert (adapter.id, answer.status, json.loads(answer.body)) == (id, status, want)
    down = adapter.refuse(Refusal(503, "store_unavailable", "不可", "SL-1"))
    assert down.status in (200, 424), "no client library tries these again"


@pytest.mark.parametrize(("path", "wire"), [told[:2] for told in TOLD.values()], ids=TOLD.keys())
def test_a_whole_answer_is_restored_wherever_its_text_stands(path: str, wire: str) -> None:
    shape = choose(Asked("POST", path, (), wire)).shape
    body = b'{"results": [{"text": "Dear [PERSON_7K2F9ABC]"}], "n": 1}'
    restored, count = restore_body(body, "application/json", shape, {"[PERSON_7K2F9ABC]": "张伟"}.get)
    assert (json.loads(restored)["results"][0]["text"], count) == ("Dear 张伟", 1)
    assert list(shape.slots("", {"x": [1, None]})) == list(shape.slots("", 7)) == []
