"""gemini.google.com: what a question tells the company's model, and history whose placeholders are put back."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from proxy.adapters.interface import Talk
from proxy.adapters.web.gemini import BESIDE, GEMINI
from proxy.answers.restore import StreamRestorer, restore_body
from proxy.errors import WireError
from tests.pages import gemini

JSON = "application/json; charset=utf-8"


def page(*places: Any) -> bytes:
    return urlencode({"f.req": json.dumps([None, json.dumps(places)]), "at": "t"}).encode()


ASKED = (["你好", 0, None, None], ["en"], ["", "", ""])
LATER = ["c_4f1d2c3b5a697887", "r_1", "rc_1"]


def test_a_question_is_told_to_the_companys_model() -> None:
    assert json.loads(GEMINI.to_chat(page(*ASKED), "qwen3"))["messages"] == [{"role": "user", "content": "你好"}]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (page(ASKED[0], ["en"], LATER), "earlier turns"),
        (page(ASKED[0], ["en"], [None] * 9 + ["AwAAAAAAAAAQ"]), "earlier turns"),
        (page(["x", 0, None, [[["/contrib_service/ttl_1d/1", 1], "a.pdf"]]], ["en"]), "files"),
        (page(["x"], *[None] * 18, "6f1e2d3c4b5a"), "gem"),
        (page([7]), "must be a text"),
        (page([""]), "no text"),
        (b"at=t", "once"),
        (page(*ASKED) + b"&f.req=[]", "once"),
        (b"f.req=%5B1%5D", "in a string"),
    ],
    ids=[
        "a later turn",
        "a later turn by its token",
        "a file",
        "a gem",
        "a number",
        "nothing",
        "none",
        "two",
        "no JSON",
    ],
)
def test_what_only_the_vendor_has_is_told_to_nobody(body: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        GEMINI.to_chat(body, "qwen3")


def test_a_conversation_is_known_by_its_id_without_the_mark_and_is_told_with_it() -> None:
    assert GEMINI.named("/", page(ASKED[0], ["en"], LATER)) == "4f1d2c3b5a697887"
    assert GEMINI.named("/", page(*ASKED)) == ""
    writer = GEMINI.within(Talk("4f1d2c3b5a697887")).writer(stream=True, model="", answer_id="a1", now=0)
    assert b"c_4f1d2c3b5a697887" in writer.end()


def test_titles_and_turns_of_the_history_are_restored_with_their_lengths() -> None:
    inner = [None, None, [["c_1", "Letter to [PERSON_7K2F9ABC]", None], ["c_2", "x", [["Dear [PERSON_7K2F9ABC] \n"]]]]]
    array = json.dumps([["wrb.fr", "MaZiqc", json.dumps(inner), None, None, None, "generic"], ["e", 4, None, None, 9]])
    restored, count = restore_body(
        f")]}}'\n\n{len(array) + 2}\n{array}\n".encode(), JSON, BESIDE.shape, {"[PERSON_7K2F9ABC]": '张"伟'}.get
    )
    number, text = restored.decode().split("\n\n")[1].split("\n", 1)
    assert int(number) == len(("\n" + text).encode("utf-16-le")) // 2
    shown = json.loads(json.loads(text)[0][2])[2]
    assert (shown[0][1], shown[1][2], count) == ('Letter to 张"伟', [['Dear 张"伟 \n']], 2)


def test_a_whole_answer_is_restored_like_a_streamed_one() -> None:
    inner = json.dumps([None, ["c_1"], None, None, [["rc_1", ["Dear [PERSON_7K2F9ABC] ["]]]])
    array = json.dumps([["wrb.fr", None, inner], ["e", 4]])
    body = f")]}}'\n\n{len(array) + 2}\n{array}\n".encode()
    stream = StreamRestorer(GEMINI.shape, JSON, {"[PERSON_7K2F9ABC]": "张伟"}.get)
    assert gemini(stream.feed(body) + stream.end()).text == "Dear 张伟 ["
