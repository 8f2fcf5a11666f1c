"""A body keeps its form and loses its words, and the marker is found wherever the format put it."""

import json
from urllib.parse import quote_plus

import pytest

from proxy.adapters.forms import parse_form
from proxy.capture.bodies import answer_body, request_body
from proxy.capture.mask import CARD, PERSON, SENTENCE, Masker
from proxy.framing.connect import HEAD, envelope

TYPED = f"Mira {SENTENCE}"

REQUESTS = {
    "JSON": (json.dumps({"prompt": [TYPED]}), "application/json", ("/prompt/0",)),
    "JSON that escapes Chinese": (json.dumps({"a": {"text": TYPED}}), "text/plain", ("/a/text",)),
    "JSON in JSON": (json.dumps({"data": json.dumps({"text": TYPED})}), "application/json", ("/data#/text",)),
    "twice": (json.dumps({"text": TYPED, "title": TYPED}), "application/json", ("/text", "/title")),
    "a form": (f"text={quote_plus(TYPED)}&id=Mira", "application/x-www-form-urlencoded", ("/text",)),
    "JSON in a form": (
        f"data={quote_plus(json.dumps([None, json.dumps([TYPED])]))}",
        "application/x-www-form-urlencoded",
        ("/data#/1#/0",),
    ),
    "an envelope": (
        envelope(json.dumps({"text": TYPED}).encode()).decode("latin-1"),
        "application/connect+json",
        ("/text",),
    ),
    "a key with a slash": (json.dumps({"Mi/ra~": TYPED}), "application/json", ("/unnamed1",)),
    "not there": (json.dumps({"text": "Mira"}), "application/json", ()),
}


@pytest.mark.parametrize(("body", "kind", "pointers"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_says_where_the_marker_stands(body: str, kind: str, pointers: tuple[str, ...]) -> None:
    read = request_body(body.encode("latin-1" if "connect" in kind else "utf-8"), kind, Masker())
    assert read is not None
    assert read.pointers == pointers
    assert "Mira" not in read.text
    if "form" in kind:
        assert len(parse_form(read.text.encode())) == body.count("&") + 1


UNREADABLE = {
    "no JSON": (b"Mira", "application/json"),
    "bytes": (b"\x00\xff\xfe", "application/x-protobuf"),
    "a broken form": (b"a=%zz", "application/x-www-form-urlencoded"),
    "half an envelope": (b"\0\0\0\0\x09{}", "application/connect+json"),
    "two envelopes": (envelope(b"{}") * 2, "application/connect+json"),
    "a key twice": (b'{"a": 1, "a": 2}', "application/json"),
}


@pytest.mark.parametrize(("body", "kind"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_not_kept(body: bytes, kind: str) -> None:
    assert request_body(body, kind, Masker()) is None


def event(text: str) -> str:
    return json.dumps({"id": "c-9987", "delta": {"text": text}}, ensure_ascii=False)


CUT = ("Mira: ", PERSON[:5], PERSON[5:] + " 张", CARD + "!")
MASKED = ("Xxxx: ", PERSON[:5], PERSON[5:] + " 字", CARD + "!")


def shaped(text: str) -> str:
    return '{"id":"x-0000","delta":{"text":' + json.dumps(text, ensure_ascii=False) + "}}"


STREAMS = {
    "events": (
        "".join(f": Mira\nevent: delta\nid: 77\ndata: {event(text)}\n\n" for text in CUT) + "data: [DONE]\n\n",
        "text/event-stream; charset=utf-8",
        "".join(f": Xxxx\nevent: delta\nid: 00\ndata: {shaped(text)}\n\n" for text in MASKED) + "data: [DONE]\n\n",
    ),
    "events of another name, with other line ends": (
        f"event: mira\r\ndata:{event(SENTENCE)}\r\nMira\r\n\r\n",
        "text/event-stream",
        f"event: xxxx\r\ndata: {shaped(SENTENCE)}\r\nXxxx\r\n\r\n",
    ),
    "events that nobody calls so": (
        f"data: {event(SENTENCE)}\n\n",
        "text/plain",
        f"data: {shaped(SENTENCE)}\n\n",
    ),
    "running text": (
        "".join(f"data: {text}\n\n" for text in CUT),
        "text/event-stream",
        "".join(f"data: {text}\n\n" for text in MASKED),
    ),
    "lines": (
        "".join(f"{event(text)}\n" for text in CUT),
        "application/json",
        "".join(f"{shaped(text)}\n" for text in MASKED),
    ),
    "an array": (
        "[" + ",\n".join(map(event, CUT)) + "]",
        "application/json",
        "[" + ",\n".join(map(shaped, MASKED)) + "]",
    ),
}


@pytest.mark.parametrize(("body", "kind", "shape"), STREAMS.values(), ids=STREAMS)
def test_a_stream_keeps_its_frames_and_the_cuts_of_the_marker(body: str, kind: str, shape: str) -> None:
    told = answer_body(body.encode(), kind, Masker())
    assert told is not None
    assert told.text == shape
    assert told.places == ("text",) or (told.places == ("",) and "delta" not in body)
    assert [PERSON in text and CARD in text for text in told.texts] == [True]


def test_envelopes_get_lengths_that_a_table_can_hold() -> None:
    body = b"".join(envelope(event(text + "é" * 300).encode()) for text in CUT)
    told = answer_body(body, "application/connect+json", Masker())
    assert told is not None
    raw, count = told.text.encode(), 0
    while raw:
        size = int.from_bytes(raw[1:HEAD])
        assert "text" in json.loads(raw[HEAD : HEAD + size])["delta"]
        raw, count = raw[HEAD + size :], count + 1
    assert count == len(CUT)


NO_STREAMS = {"one object": ('{"text": "Mira"}', "application/json"), "a page": ("<p>Mira", "text/html")}


@pytest.mark.parametrize(("body", "kind"), NO_STREAMS.values(), ids=NO_STREAMS)
def test_an_answer_that_is_no_stream_is_not_kept(body: str, kind: str) -> None:
    assert answer_body(body.encode(), kind, Masker()) is None
