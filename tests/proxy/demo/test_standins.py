import hashlib
import zlib

import httpx
import pytest

from proxy.demo.manner import Mode
from proxy.demo.standins import ExternalStandIn, InternalStandIn

CHAT = "/v1/chat/completions"


def asked(text: str, **more: object) -> dict:
    return {"model": "m", "messages": [{"role": "user", "content": text}], **more}


def inside(standin: InternalStandIn, path: str = CHAT, **options: object) -> httpx.Response:
    return httpx.post(f"http://{standin.address}{path}", trust_env=False, **options)


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize(
    ("text", "says"), [("hi", "The external stand-in heard: hi"), ("你好", "外部替身服务听到：你好")]
)
def test_the_external_one_repeats_and_names_itself(client, http2: bool, text: str, says: str) -> None:
    asking = client(http2)
    assert says == asking.post(CHAT, json=asked(text)).json()["choices"][0]["message"]["content"]
    assert says == asking.post("/v1/messages", json=asked(text)).json()["content"][0]["text"]


@pytest.mark.parametrize(
    ("text", "says"), [("hi", "The internal stand-in model heard: hi"), ("你好", "内部替身模型听到：你好")]
)
def test_the_internal_one_repeats_and_names_itself(internal: InternalStandIn, text: str, says: str) -> None:
    assert says == inside(internal, json=asked(text)).json()["choices"][0]["message"]["content"]


def test_the_internal_one_speaks_nothing_but_chat_completions(internal: InternalStandIn) -> None:
    assert inside(internal, "/v1/messages", json=asked("hi")).status_code == 404


def test_a_page_an_upload_a_count_and_any_other_path_are_answered(client) -> None:
    asking = client(False)
    assert "Stand-in of an external chat service" in asking.get("/", headers={"accept": "text/html"}).text
    assert hashlib.sha256(b"file").hexdigest() == asking.post("/upload", content=b"file").json()["sha256"]
    assert asking.post("/v1/messages/count_tokens", json=asked("hi")).json()["input_tokens"] > 0
    assert asking.post("/any/where", content=b"x=1").json()["heard"] == "x=1"
    assert '{"delta": "' not in asking.post("/backend/chat", json={"message": "hi"}).text


def test_a_thought_that_was_changed_is_refused(client) -> None:
    turn = {"role": "assistant", "content": [{"type": "thinking", "thinking": "t", "signature": "wrong"}]}
    answer = client(False).post("/v1/messages", json={"messages": [turn]})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(("mode", "status"), [(Mode.FAIL, 500), (Mode.GARBAGE, 200), (Mode.GZIP, 200)], ids=str)
def test_a_manner_holds_until_it_is_reset(internal: InternalStandIn, mode: Mode, status: int) -> None:
    internal.manner.mode = mode
    answer = inside(internal, json=asked("hi"))
    assert status == answer.status_code
    assert ("garbage" in answer.text) is (mode is Mode.GARBAGE)
    assert (answer.headers.get("content-encoding") == "gzip") is (mode is Mode.GZIP)
    internal.reset()
    assert "content-encoding" not in inside(internal, json=asked("hi")).headers


def test_broken_json_is_the_protocols_own_error(internal: InternalStandIn) -> None:
    assert inside(internal, content=b"{").json()["error"]["type"] == "invalid_request_error"


def test_a_compressed_stream_is_gzip(external: ExternalStandIn, client) -> None:
    external.manner.mode = Mode.GZIP
    with client(True).stream("POST", CHAT, json=asked("hi", stream=True)) as answer:
        raw = b"".join(answer.iter_raw())
    assert zlib.decompress(raw, wbits=31).endswith(b"data: [DONE]\n\n")


def test_a_stream_held_in_vain_breaks_off(external: ExternalStandIn, client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.demo.manner.HELD_AT_MOST", 0.01)
    manner = external.manner
    manner.hold_after = 2
    with pytest.raises(httpx.RemoteProtocolError):
        client(True).post(CHAT, json=asked("hi", stream=True))
    assert manner.waited_in_vain
