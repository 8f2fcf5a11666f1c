"""huggingface.co/chat: what a form tells the company's model, and pieces of text that are filled up."""

import json

import pytest

from proxy.adapters.web.huggingchat import HUGGINGCHAT
from proxy.answers.restore import StreamRestorer
from proxy.errors import WireError
from proxy.services.activity import activity
from proxy.services.catalogue import load_catalogue
from tests.feed import feed_every_way
from tests.pages import Shown, huggingchat


def form(data: str, more: str = "") -> bytes:
    return f'--b\r\ncontent-disposition: form-data; name="data"\r\n\r\n{data}\r\n{more}--b--\r\n'.encode()


def page(**more: object) -> bytes:
    return form(json.dumps({"inputs": "你好", "id": "2b0c8f6e-1d2b-4c6f-9d5e-000000000002", **more}))


FILE = '--b\r\ncontent-disposition: form-data; name="files"; filename="base64;a.txt"\r\n\r\nx\r\n'


def test_a_question_is_told_to_the_companys_model() -> None:
    assert json.loads(HUGGINGCHAT.to_chat(page(), "qwen3"))["messages"] == [{"role": "user", "content": "你好"}]
    assert HUGGINGCHAT.named("/chat/conversation/66f0aa11bb22cc33dd44ee55", page()) == "66f0aa11bb22cc33dd44ee55"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (page(is_retry=True), "earlier turns"),
        (page(is_continue=True), "earlier turns"),
        (form('{"inputs": "x"}', FILE), "files"),
        (page(inputs=None), "must be a text"),
        (form("[]"), "object"),
        (form("{}").replace(b'"data"', b'"other"'), "once"),
        (b"", "boundary"),
    ],
    ids=["said again", "said on", "a file", "no question", "no object", "no data", "nothing"],
)
def test_what_only_the_vendor_has_is_told_to_nobody(body: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        HUGGINGCHAT.to_chat(body, "qwen3")


@pytest.mark.parametrize("kind", ["application/jsonl", "text/event-stream", "application/json"])
def test_an_answer_is_restored_across_what_fills_it_up(kind: str) -> None:
    updates = [
        {"type": "status", "status": "started"},
        {"type": "stream", "token": "尊敬的 [PERSON\0\0\0"},
        {"type": "stream", "token": "_7K2F9ABC]\0\0"},
        {"type": "stream", "token": " [\0"},
        {"type": "finalAnswer", "text": "尊敬的 [PERSON_7K2F9ABC] [", "interrupted": False},
    ]
    body = b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in updates)

    def shown(pieces: list[bytes]) -> Shown:
        stream = StreamRestorer(HUGGINGCHAT.shape, kind, {"[PERSON_7K2F9ABC]": "张伟"}.get)
        return huggingchat(b"".join(map(stream.feed, pieces)) + stream.end())

    feed_every_way(shown, body, Shown("尊敬的 张伟 [", finished=True))


@pytest.mark.parametrize("host", ["huggingface.co/chat", "lambda.chat"])
def test_a_form_is_a_prompt_and_no_file(host: str) -> None:
    name, _, path = host.partition("/")
    place = f"/{path}/conversation/1".replace("//", "/")
    kind = (("content-type", "multipart/form-data; boundary=b"), ("content-length", "9"))
    assert activity("POST", place, kind, load_catalogue().lookup(name, place)) == "prompt"
