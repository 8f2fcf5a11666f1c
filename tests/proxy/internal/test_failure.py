"""What a person is told when the company's model fails, and what they are never told."""

import json

import pytest

from proxy.internal.failure import BUSY, DOWN, QUOTED_AT_MOST, REFUSED, explain, explain_error

DOWN_CODE, REFUSED_CODE, LONG_CODE = "internal_model_unavailable", "internal_model_refused", "context_length_exceeded"


def body(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "BadRequestError"}}).encode()


ANSWERS = {
    "a bad parameter": (400, body("temperature must be 0..2"), 400, REFUSED_CODE, "temperature must be 0..2"),
    "a bad parameter, in Chinese": (422, body("温度参数无效"), 400, REFUSED_CODE, "温度参数无效"),
    "FastAPI": (422, b'{"detail": "bad role"}', 400, REFUSED_CODE, "bad role"),
    "Ollama": (400, b'{"error": "does not support tools"}', 400, REFUSED_CODE, "does not support tools"),
    "vLLM of old": (400, b'{"object": "error", "message": "bad n"}', 400, REFUSED_CODE, "bad n"),
    "too large": (413, b"", 413, REFUSED_CODE, REFUSED),
    "no JSON": (400, b"<html>nginx</html>", 400, REFUSED_CODE, REFUSED),
    "nested without end": (400, b"[" * 9999, 400, REFUSED_CODE, REFUSED),
    "too long, vLLM": (
        *(400, body("This model's maximum context length is 8192 tokens.")),
        *(400, LONG_CODE, "prompt is too long"),
    ),
    "too long, llama.cpp": (
        *(400, body("the request exceeds the available context size")),
        *(400, LONG_CODE, "超出"),
    ),
    "too long, SGLang": (400, body("The input is longer than the model's limit"), 400, LONG_CODE, "prompt is too long"),
    "busy": (429, body("queue full"), 503, DOWN_CODE, BUSY),
    "starting": (503, b"", 503, DOWN_CODE, BUSY),
    "wrong key": (401, body("invalid key sk-abcdef123456"), 503, DOWN_CODE, DOWN),
    "forbidden": (403, body("no"), 503, DOWN_CODE, DOWN),
    "no such model": (404, body("The model `qwen3-235b` does not exist"), 503, DOWN_CODE, DOWN),
    "crash": (500, body("CUDA error on gpu7"), 503, DOWN_CODE, DOWN),
    "a redirect": (302, b"", 503, DOWN_CODE, DOWN),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_failure_is_explained(name):
    status, answer, want_status, code, message = ANSWERS[name]
    failure = explain(status, answer)
    assert (failure.status, failure.code) == (want_status, code)
    assert message in failure.message


@pytest.mark.parametrize("name", [name for name, case in ANSWERS.items() if case[3] == DOWN_CODE])
def test_the_operators_troubles_are_not_told(name):
    status, answer, *_ = ANSWERS[name]
    assert explain(status, answer).message in (DOWN, BUSY)


@pytest.mark.parametrize(
    "secret",
    [
        "http://llm.internal:8000/v1/chat",
        "10.0.3.7:8000",
        "192.168.1.4",
        "gpu7.cluster.svc:9000",
        "llm.corp",
        "localhost:11434",
        "Bearer abc123",
        "sk-proj-Zz12345678",
    ],
)
def test_addresses_and_keys_are_cut_out_of_what_is_quoted(secret):
    message = explain(400, body(f"bad image, see {secret} 请检查")).message
    assert secret not in message
    assert "bad image, see … 请检查" in message


def test_field_names_and_numbers_stay_in_what_is_quoted():
    assert "messages.0.content: 0.5 > 0.25" in explain(400, body("messages.0.content: 0.5 > 0.25")).message


def test_a_long_message_is_cut_and_kept_in_one_line():
    message = explain(400, body("甲\n" * 1000)).message
    assert "\n" not in message
    assert len(message) < QUOTED_AT_MOST + len(REFUSED) + 10


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"error": {"message": "bad", "code": 400}}, REFUSED_CODE),
        ({"object": "error", "message": "bad", "code": 400}, REFUSED_CODE),
        ({"error": {"message": "bad", "code": "oops"}}, DOWN_CODE),
        ({"error": {"message": "bad", "code": True}}, DOWN_CODE),
        ({"error": "bad"}, DOWN_CODE),
        (None, DOWN_CODE),
    ],
    ids=["code", "code of old", "a word", "a truth", "a string", "nothing"],
)
def test_in_a_stream_the_error_itself_names_its_status(value, code):
    assert explain_error(0, value).code == code


def test_no_text_shows_in_a_repr():
    assert "张伟" not in repr(explain(400, body("张伟")))
