"""kimi.com: prompts and answers in Connect envelopes."""

import json

import pytest

from proxy.adapters.web.kimi import KIMI
from proxy.answers.restore import StreamRestorer
from proxy.errors import Unreadable, WireError
from proxy.framing.connect import COMPRESSED, envelope
from tests.feed import feed_every_way
from tests.pages import Shown, kimi

CONNECT = "application/connect+json"


def page(text: str = "你好", **more: object) -> bytes:
    message = {"parent_id": "", "role": "user", "blocks": [{"message_id": "", "text": {"content": text}}]}
    return envelope(json.dumps({"message": message, **more}).encode())


def test_a_changed_prompt_is_put_in_an_envelope_of_its_length() -> None:
    prompt = KIMI.read(page("请问张伟在吗"), CONNECT)
    (part,) = prompt.parts
    body = prompt.rewrite(["请问 [PERSON_7K2F9ABC] 在吗"])
    assert part.text == "请问张伟在吗"
    assert int.from_bytes(body[1:5]) == len(body) - 5
    assert KIMI.read(body, CONNECT).parts[0].text == "请问 [PERSON_7K2F9ABC] 在吗"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (envelope(b"\x1f\x8b", COMPRESSED), Unreadable),
        (page()[:-1], WireError),
        (page() + b"x", WireError),
        (b"\0\0", WireError),
        (b"", WireError),
        (envelope(b"[]"), WireError),
    ],
    ids=["compressed", "cut short", "something after it", "half a head", "nothing", "no object"],
)
def test_what_is_not_one_readable_envelope_is_an_error(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        KIMI.read(body, CONNECT)


def test_an_answer_is_restored_over_envelopes() -> None:
    events = [
        {"op": "set", "mask": "message", "message": {"id": "m", "status": "MESSAGE_STATUS_GENERATING"}},
        {"op": "set", "mask": "block.text", "block": {"id": "1", "text": {"content": "尊敬的 [PERSON"}}},
        {"heartbeat": {}},
        {"op": "append", "mask": "block.text.content", "block": {"id": "1", "text": {"content": "_7K2F9ABC]"}}},
        {"op": "append", "mask": "block.text.content", "block": {"id": "1", "text": {"content": " ["}}},
        {"op": "set", "mask": "message.status", "message": {"status": "MESSAGE_STATUS_COMPLETED"}},
        {"done": {}},
    ]
    body = b"".join(envelope(json.dumps(event, ensure_ascii=False).encode()) for event in events) + envelope(b"{}", 2)

    def shown(pieces: list[bytes]) -> Shown:
        stream = StreamRestorer(KIMI.shape, CONNECT, {"[PERSON_7K2F9ABC]": "张伟"}.get)
        return kimi(b"".join(map(stream.feed, pieces)) + stream.end())

    feed_every_way(shown, body, Shown("尊敬的 张伟 [", finished=True))


def test_the_first_turn_can_be_told_to_the_companys_model_and_no_later_one() -> None:
    assert json.loads(KIMI.to_chat(page("你好"), "qwen3"))["messages"] == [{"role": "user", "content": "你好"}]
    with pytest.raises(WireError):
        KIMI.to_chat(page("go on", chat_id="d0c1"), "qwen3")
