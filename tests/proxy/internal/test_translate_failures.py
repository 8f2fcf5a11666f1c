"""What a client is told where a server that speaks the client's own protocol fails in the midst of its answer."""

import json

import pytest

from proxy.internal.failure import BROKE_OFF, DOWN, GARBLED
from tests.proxy.internal.test_translate import CHAT, HEAD, MESSAGES, Inside, response, sse, translation
from tests.rows import each

REMARK = "CUDA out of memory on http://10.1.2.3:8000, key sk-0123456789"
BEGUN = {
    CHAT: sse({**HEAD, "choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": None}]}, done=False),
    MESSAGES: sse({"type": "message_start", "message": {"model": "qwen3-32b"}}, named=True, done=False),
    "openai-responses": sse({"type": "response.created", "response": response("queued")}, named=True, done=False),
    "openai-completions": sse({**HEAD, "choices": [{"index": 0, "text": "hi"}]}, done=False),
    "ollama": b'{"model":"qwen","message":{"content":"hi"},"done":false}\n',
}
"""How a server that speaks the client's own protocol begins."""
ERROR = {"error": {"message": REMARK, "type": "server_error", "code": 500}}
BREAKS = {
    "an error in OpenAI's words": (sse(ERROR), DOWN),
    "an error in Anthropic's words": (sse({"type": "error", **ERROR}, named=True, done=False), DOWN),
    "an error of vLLM's": (sse({"object": "error", "message": REMARK, "code": 500}), DOWN),
    "an event that is called so": (b'event: error\ndata: {"detail": "x"}\n\n', DOWN),
    "an event that is no JSON": (f"data: {REMARK}\n\n".encode(), GARBLED),
    "an end in the middle of an event": (b'data: {"choi', BROKE_OFF),
    "an end before the answer's": (b"", BROKE_OFF),
}
OF_LINES = {
    "an error": (json.dumps({"error": REMARK}).encode() + b"\n", DOWN),
    "an end before the answer's": (b"", BROKE_OFF),
    "an end in the middle of a line": (b'{"mod', BROKE_OFF),
}
ROWS = [
    *[(protocol, name, *BREAKS[name]) for protocol in BEGUN if protocol != "ollama" for name in BREAKS],
    *[("ollama", name, *row) for name, row in OF_LINES.items()],
]


@each("protocol, name, failing, why", ROWS, [f"{protocol}, {name}" for protocol, name, *_ in ROWS])
def test_a_servers_own_stream_that_fails_is_told_in_our_words_and_nothing_follows(protocol, name, failing, why):
    back = translation(protocol, protocol).answer(stream=True, client_model="gpt-test", answer_id="7f3a", now=1)
    begun = back.feed(BEGUN[protocol])
    told = back.feed(failing)
    if why != BROKE_OFF:
        told += back.feed(BEGUN[protocol])
    told += back.end()
    assert b"gpt-test" in begun, name
    assert why in told.decode() and b'"error"' in told
    assert not any(word in told for word in (b"10.1.2.3", b"sk-01", b"CUDA", b"gpt-test"))
    assert back.failure == why


@pytest.mark.parametrize("name", ["a chat", "a response"])
def test_a_servers_own_error_in_a_whole_answer_is_not_passed_on(name):
    protocol, answer = {
        "a chat": (CHAT, ERROR),
        "a response": ("openai-responses", response("failed", **ERROR)),
    }[name]
    back = translation(protocol, protocol).answer(stream=False, client_model="gpt-test", answer_id="7f3a", now=1)
    told = back.feed(json.dumps(answer).encode()) + back.end()
    assert REMARK not in told.decode() and b"10.1.2.3" not in told
    assert (told == b"" and back.failure == DOWN) or json.loads(told)["error"]["message"] == DOWN


def test_a_response_that_failed_says_so_without_the_servers_remark():
    failed = {"type": "response.failed", "response": response("failed", **ERROR)}
    inside = Inside(translation("openai-responses", "openai-responses"), sse(failed, named=True, done=False))
    with inside.openai() as sdk:
        (event,) = sdk.responses.create(model="gpt-test", input="hi", stream=True)
    assert (event.type, event.response.error.message, event.response.model) == ("response.failed", DOWN, "gpt-test")
    assert inside.back.failure == ""
