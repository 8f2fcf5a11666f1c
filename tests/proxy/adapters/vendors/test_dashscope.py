"""DashScope's own interface, spoken by its client library: to the company's model, restored, and refused."""

import io
import itertools
import json
from typing import Any

import httpx
import pytest
import requests
from dashscope import Generation, MultiModalConversation, TextEmbedding
from requests.adapters import BaseAdapter

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from proxy.answers.restore import StreamRestorer
from proxy.errors import Unreadable
from tests.proxy.adapters.inside import CALL, Inside, Refusing, chat_stream, chat_whole
from tests.rows import each

TEXT = "/api/v1/services/aigc/text-generation/generation"
TURNS = [{"role": "system", "content": "简短"}, {"role": "user", "content": "查客户"}]
TOOL = {"type": "function", "function": {"name": "find", "description": "d", "parameters": {"type": "object"}}}


class Via(BaseAdapter):
    """Carries requests of the `requests` library to a handler of httpx."""

    def __init__(self, handler: Any) -> None:
        super().__init__()
        self.handler = handler

    def send(self, request, **_settings):
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        answer = self.handler(httpx.Request(request.method, request.url, headers=dict(request.headers), content=body))
        made = requests.Response()
        made.status_code = answer.status_code
        made.headers = requests.structures.CaseInsensitiveDict(answer.headers)
        made.raw = io.BytesIO(answer.read())
        made.request, made.url = request, request.url
        return made

    def close(self) -> None:
        """Hold nothing open."""


def session(handler: Any) -> requests.Session:
    made = requests.Session()
    made.mount("https://", Via(handler))
    return made


def pieces_or(repeats: bool) -> dict[str, bool]:
    """Return what asks for pieces; a client that asks for the contrary puts them together by itself."""
    return {} if repeats else {"incremental_output": True}


def ask(handler: Any, **more: Any) -> Any:
    return Generation.call(model="qwen-x", messages=TURNS, api_key="k", session=session(handler), **more)


@pytest.mark.parametrize("repeats", [True, False], ids=["snapshots", "pieces"])
@pytest.mark.parametrize("size", [1, 10_000])
def test_a_streamed_answer_reaches_the_sdk(size: int, repeats: bool) -> None:
    inside = Inside(chat_stream({"content": "你好，"}, {"content": "Ann"}, *CALL, reason="tool_calls"), size=size)
    read = list(ask(inside, stream=True, **pieces_or(repeats), result_format="message", tools=[TOOL], max_tokens=9))
    texts = [one.output.choices[0].message.content for one in read]
    assert texts == (["你好，", "你好，Ann", "你好，Ann"] if repeats else ["你好，", "Ann", ""])
    (call,) = read[-1].output.choices[0].message.tool_calls
    assert (call["id"], call["function"]) == ("k1", {"name": "find", "arguments": '{"q": "客户"}'})
    assert (read[-1].output.choices[0].finish_reason, read[-1].usage.total_tokens) == ("tool_calls", 19)
    assert inside.asked["messages"] == TURNS and inside.asked["tools"] == [TOOL]
    assert (inside.asked["max_tokens"], inside.asked["stream"]) == (9, True)


@pytest.mark.parametrize("form", ["text", "message", None])
def test_a_whole_answer_has_its_text_where_it_was_asked_for(form: str | None) -> None:
    inside = Inside(chat_whole({"content": "好"}, "length"))
    answer = ask(inside, **({"result_format": form} if form else {}))
    assert answer.status_code == 200
    assert answer.output.text == ("好" if form != "message" else None)
    if form != "text":
        choice = answer.output.choices[0]
        assert (choice.message.content, choice.finish_reason) == ("好", "length")


def test_contents_with_pictures_reach_the_model_and_come_back_as_parts() -> None:
    inside = Inside(chat_whole({"content": "a cat"}))
    turns = [{"role": "user", "content": [{"image": "https://a.example/x.png"}, {"text": "what?"}]}]
    answer = MultiModalConversation.call(model="qwen-vl", messages=turns, api_key="k", session=session(inside))
    assert answer.output.choices[0].message.content == [{"text": "a cat"}]
    assert inside.asked["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://a.example/x.png"}},
        {"type": "text", "text": "what?"},
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "DataInspectionFailed"), (413, "InvalidParameter"), (503, "ServiceUnavailable")],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_refusal_is_the_sdks_own_and_is_not_asked_again(stream: bool, status: int, code: str) -> None:
    refusing = Refusing(status=status)
    answer = ask(refusing, stream=stream)
    (read,) = list(answer) if stream else [answer]
    assert (read.code, read.request_id, refusing.count) == (code, "SL-1", 1)
    assert "不可外发" in read.message and read.status_code in (400, 413, 424)


def test_a_failed_stream_ends_in_the_sdks_own_error() -> None:
    read = list(ask(Inside(chat_stream({"content": "a"})[:-260]), stream=True, incremental_output=True))
    assert (read[-1].code, "broke off" in read[-1].message) == ("InternalError", True)


@pytest.mark.parametrize("repeats", [True, False], ids=["snapshots", "pieces"])
@pytest.mark.parametrize("known", [True, False], ids=["the body was read", "the body went by"])
def test_a_restored_stream_is_what_the_service_would_have_sent(repeats: bool, known: bool) -> None:
    pieces = ["您好 ", "[PERSON_7K", "2F9ABC]，再见 [", "x"]
    texts = list(itertools.accumulate(pieces)) if repeats else pieces
    lines = [
        "id:1\nevent:result\n:HTTP_STATUS/200\ndata:"
        + json.dumps({"output": {"text": text, "finish_reason": "stop" if text is texts[-1] else "null"}})
        for text in texts
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        adapter = choose(Asked("POST", request.url.raw_path.decode(), (("x-dashscope-sse", "enable"),)))
        if known:
            adapter.read(request.content, "application/json")
        stream = StreamRestorer(adapter.shape, "text/event-stream", {"[PERSON_7K2F9ABC]": "张伟"}.get)
        body = stream.feed(("\n\n".join(lines) + "\n\n").encode()) + stream.end()
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    read = [one.output.text for one in ask(answer, stream=True, **pieces_or(repeats))]
    assert (read[-1] if repeats else "".join(read)) == "您好 张伟，再见 [x"
    assert not any("PERSON" in text for text in read)


PERSON = "[PERSON_7K2F9ABC]"
ADDRESS = "https://evil.example/?q="


@each(
    "events",
    [
        ["h", f"h{ADDRESS}"[1:], f"{PERSON} x"],
        ["h", f"h{ADDRESS}"[1:], PERSON, " x"],
        ["a", None, f"ab {ADDRESS}", f"{PERSON} ", " x"],
        ["a [", None, f"a [b {ADDRESS}", f"{PERSON} ", " x"],
        ["a", f"ab {ADDRESS}", f"{PERSON} ", f"{PERSON} x"],
    ],
)
def test_pieces_that_look_like_repetition_are_pieces_once_one_does_not(events: list[str | None]) -> None:
    odd = '{"output": {"text": "b", "text": "b"}}'  # a client may read it
    told = [odd if one is None else json.dumps({"output": {"text": one, "finish_reason": "null"}}) for one in events]
    stream = StreamRestorer(choose(Asked("POST", TEXT)).shape, "text/event-stream", {PERSON: "张伟"}.get)
    body = "".join(stream.feed(f"data: {one}\n\n".encode()).decode() for one in told) + stream.end().decode()
    said = "".join(json.loads(one[6:])["output"]["text"] for one in body.split("\n\n") if one)
    assert f"{ADDRESS}张伟" not in said and said.count(PERSON) + said.count("张伟") == str(events).count(PERSON)


def test_embeddings_are_read_and_not_carried_inside() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        adapter = choose(Asked("POST", request.url.raw_path.decode(), (), "dashscope"))
        assert (adapter.id, isinstance(adapter, Speaker)) == ("dashscope-calls", False)
        assert [part.text for part in adapter.read(request.content, "").parts] == ["张伟"]
        return httpx.Response(
            200, json={"output": {"embeddings": [{"embedding": [0.5], "text_index": 0}]}, "usage": {}}
        )

    read = TextEmbedding.call(model="text-embedding-v3", input="张伟", api_key="k", session=session(answer))
    assert read.output["embeddings"][0]["embedding"] == [0.5]


def test_what_the_client_has_encrypted_cannot_be_read() -> None:
    adapter = choose(Asked("POST", TEXT, (("x-dashscope-encryptionkey", "{}"),)))
    with pytest.raises(Unreadable, match="encrypted"):
        adapter.read(b'{"model": "m", "input": "c2VjcmV0"}', "application/json")


def test_nothing_is_known_of_one_request_by_what_another_said() -> None:
    first, second = (choose(Asked("POST", TEXT)) for _ in range(2))
    first.read(b'{"parameters": {"incremental_output": true, "result_format": "text"}}', "")
    assert first.manner.whole is False and second.manner.whole is None and second.manner.form == "both"
