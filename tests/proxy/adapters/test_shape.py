"""A format described as data: its texts are found, restored as they come, and end when the format says so."""

import json
from typing import Any

import pytest

from proxy.adapters.interface import Slot
from proxy.adapters.shape import PathShape, TextAt, find
from proxy.answers.restore import StreamRestorer
from tests.feed import feed_every_way

NAME, VALUE = "[PERSON_7K2F9ABC]", "张伟😀"

OLLAMA = PathShape((TextAt("/message/content"), TextAt("/message/thinking")), ends=({"/done": frozenset()},))
TYPED = PathShape(
    (TextAt("/msg", when={"/type": frozenset({"text"})}), TextAt("/content", when={"/type": frozenset({"think"})})),
)
SNAPSHOT = PathShape(
    (TextAt("/output/choices/*/message/content", whole=True),),
    ends=({"/output/choices/*/finish_reason": frozenset({"stop"})},),
)
NAMED = PathShape((TextAt("/text", events=frozenset({"CHUNK_DELTA"})),), end_events=frozenset({"SSE_REPLY_END"}))


def lookup(placeholder: str) -> str | None:
    return {NAME: VALUE}.get(placeholder)


def lines(*events: Any) -> bytes:
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in events)


def sse(*events: tuple[str, Any]) -> bytes:
    return b"".join(
        (f"event: {name}\n" if name else "").encode() + f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
        for name, data in events
    )


def snapshot(text: str, reason: str = "null") -> dict[str, Any]:
    return {"output": {"choices": [{"finish_reason": reason, "message": {"role": "assistant", "content": text}}]}}


def restored(shape: PathShape, kind: str, pieces: list[bytes]) -> bytes:
    stream = StreamRestorer(shape, kind, lookup)
    return b"".join(map(stream.feed, pieces)) + stream.end()


def test_pieces_of_lines_are_restored_before_the_line_that_ends_them() -> None:
    data = lines(
        {"message": {"content": "Dear [PERS"}, "done": False},
        {"message": {"content": "ON_7K2F9ABC], see [PER"}, "done": False},
        {"message": {"content": ""}, "done": True, "eval_count": 7},
    )
    want = lines(
        {"message": {"content": "Dear "}, "done": False},
        {"message": {"content": VALUE + ", see "}, "done": False},
        {"message": {"content": "[PER"}, "done": True, "eval_count": 7},
    )

    def said(raw: bytes) -> list[Any]:
        return [json.loads(line) for line in raw.splitlines()]

    feed_every_way(lambda pieces: said(restored(OLLAMA, "application/x-ndjson", pieces)), data, said(want))


def test_texts_of_two_types_are_two_channels() -> None:
    data = (
        sse(
            ("", {"type": "think", "content": "who is [PERSON"}),
            ("", {"type": "text", "msg": "[PERSON_7K2F9"}),
            ("", {"type": "text", "msg": "ABC]!"}),
        )
        + b"data: [DONE]\n\n"
    )
    out = restored(TYPED, "text/event-stream", [data]).decode()
    events = [json.loads(each.removeprefix("data: ")) for each in out.strip().split("\n\n")[:-1]]
    assert "".join(each["msg"] for each in events if each["type"] == "text") == VALUE + "!"
    assert "".join(each["content"] for each in events if each["type"] == "think") == "who is [PERSON"
    assert out.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("texts", "want"),
    [
        (["Dear ", "Dear [PER", f"Dear {NAME}", f"Dear {NAME}, hello"], f"Dear {VALUE}, hello"),
        (["[", "[PERSON_7K2F9ABC", NAME], VALUE),
        (["see [PERSON_7", "see [PERSON_7"], "see [PERSON_7"),
        (
            [f"first {NAME} ", "changed its mind: [PERSON_7K2", f"changed its mind: {NAME} "],
            f"changed its mind: {VALUE} ",
        ),
    ],
    ids=["grows", "alone", "unfinished", "rewritten"],
)
def test_a_text_that_is_repeated_is_whole_each_time_and_never_shows_half_a_placeholder(
    texts: list[str], want: str
) -> None:
    events = [("result", snapshot(text)) for text in texts[:-1]] + [("result", snapshot(texts[-1], "stop"))]

    def said(pieces: list[bytes]) -> str:
        out = restored(SNAPSHOT, "text/event-stream", pieces).decode()
        shown = [json.loads(each.partition("data: ")[2]) for each in out.strip().split("\n\n")]
        whole = [each["output"]["choices"][0]["message"]["content"] for each in shown]
        assert not any("[PERSON_7K2F9" in each for each in whole), "a piece of a placeholder was shown"
        return whole[-1]

    feed_every_way(said, sse(*events), want)


def test_what_a_repeated_text_holds_back_goes_out_whole_before_a_line_that_ends_it_without_text() -> None:
    shape = PathShape((TextAt("/text", whole=True),), ends=({"/is_end": frozenset({1})},))
    data = sse(("message", {"text": "a [PERSON_7"}), ("message", {"is_end": 1}))
    out = restored(shape, "text/event-stream", [data]).decode()
    assert [line.partition("data: ")[2] for line in out.splitlines() if line.startswith("data")] == [
        '{"text": "a "}'.replace(": ", ":"),
        '{"text": "a [PERSON_7"}'.replace(": ", ":"),
        '{"is_end": 1}',
    ]
    assert out.count("event: message\n") == 3, "the event made in between has the name of its channel's last one"


def test_events_are_told_apart_by_name() -> None:
    data = sse(
        ("STREAM_MSG", {"text": "[PERSON_"}),
        ("CHUNK_DELTA", {"text": "[PERSON_"}),
        ("CHUNK_DELTA", {"text": "7K2F9ABC] [x"}),
        ("SSE_REPLY_END", {"end_type": 1}),
    )
    out = restored(NAMED, "text/event-stream", [data]).decode()
    texts = [
        json.loads(each.partition("data: ")[2])["text"] for each in out.split("\n\n") if "event: CHUNK_DELTA" in each
    ]
    assert "".join(texts) == VALUE + " [x"
    assert '{"text": "[PERSON_"}' in out, "the event of another name stays as it is"


def test_carrying_a_text_says_nothing_twice() -> None:
    like = {"message": {"content": "said already", "thinking": "thought already"}, "done": False}
    (content, thinking) = OLLAMA.slots("", like)
    assert OLLAMA.carry(content.channel, "rest", like) == (
        "",
        {"message": {"content": "rest", "thinking": ""}, "done": False},
    )
    assert OLLAMA.carry(thinking.channel, "rest", like)[1]["message"] == {"content": "", "thinking": "rest"}
    assert like["message"]["content"] == "said already", "the event itself is not touched"


@pytest.mark.parametrize("data", [None, 3, "text", [], {}, {"message": None}, {"message": {"content": 7}}], ids=repr)
def test_an_event_of_another_form_has_no_text(data: Any) -> None:
    assert list(OLLAMA.slots("", data)) == []
    assert OLLAMA.closes("", data, ["x"]) == ()


def test_a_pointer_leads_through_every_index_and_past_what_is_not_there() -> None:
    data = {"a": [{"b": 1}, {"c": 2}, {"b": [3]}], "d": ["x", "y"]}
    assert list(find(data, "/a/*/b")) == [(("a", 0, "b"), 1), (("a", 2, "b"), [3])]
    assert list(find(data, "/d/1")) == [(("d", 1), "y")]
    assert list(find(data, "/d/2")) == list(find(data, "/d/x")) == list(find(data, "/e")) == []


def test_slots_name_their_place_in_the_event() -> None:
    (slot,) = SNAPSHOT.slots("result", snapshot("hello"))
    assert slot == Slot(slot.channel, ("output", "choices", 0, "message", "content"), "hello", whole=True)
