"""A case fits the tables of the adapters' tests, for every format that is known, and holds nobody's words."""

import base64
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.choose import FALLBACK
from proxy.adapters.examples import examples
from proxy.capture.bodies import Body, answer_body
from proxy.capture.case import Captured, Case, as_yaml, case_of, holds_marker, parts_of, texts_by
from proxy.capture.mask import ORIGINALS, PERSON, SENTENCE, Masker
from proxy.framing.coded import decoded
from proxy.framing.message import MESSAGES
from proxy.services.catalogue import load_catalogue
from tests.proxy.adapters.test_conformance import READERS, STREAMS, Stream, bound
from tests.proxy.capture.test_mask import OURS, WORDS, foreign
from tests.rows import each
from tests.thorough import drawn

SERVICES = {service.wire: service for service in load_catalogue().services.values()}
BY_HEADER = {"hunyuan"}
"""Wire formats whose calls are told apart by a header, and headers are not kept."""
CUT_OVER_SHAPES = "between its opening, a patch and a piece"
"""A marker that is cut over events of several shapes is masked with the rest: it is lost, not told."""
RECORDED = {
    name: stream
    for name, stream in STREAMS.items()
    if "socket" not in stream.adapter.id and CUT_OVER_SHAPES not in name
}


def taken_down(wire: str) -> Case:
    example = examples()[wire]
    host = example.place(SERVICES[wire])[0] or "bedrock-runtime.us-east-1.amazonaws.com"
    case = case_of(Captured(host, example.path, example.asked.content_type, example.filled(SENTENCE)), wire)
    assert case is not None
    return case


def body_of(written: dict[str, Any]) -> bytes:
    """Return the body of an entry; sections of a form end their lines with both characters."""
    text: str = written["body"]
    return (text.replace("\n", "\r\n") if written.get("crlf") else text).encode()


@pytest.mark.parametrize("wire", sorted(examples()))
def test_a_request_of_every_format_is_a_case_that_its_adapter_passes(wire: str) -> None:
    example, case = examples()[wire], taken_down(wire)
    assert case.read and case.prompts
    if wire not in BY_HEADER:
        assert case.adapter == example.adapter
    (written,) = yaml.safe_load(as_yaml("title", case.request)).values()
    adapter = bound(READERS[case.adapter], written)
    prompt = adapter.read(body_of(written), written.get("type", "application/json"))
    assert [[part.role, part.pointer] for part in prompt.parts] == [part[:2] for part in written["parts"]]
    assert all(piece in part.text for (*_, piece), part in zip(written["parts"], prompt.parts, strict=True))
    assert (prompt.model, prompt.stream) == (written.get("model", ""), written.get("stream", False))


@each("stream", RECORDED.values(), ids=RECORDED)
def test_a_stream_of_every_format_is_still_restored_where_it_was(stream: Stream) -> None:
    told = answer_body(stream.body, stream.type, Masker())
    assert told is not None
    said = texts_by(stream.adapter, told, stream.type)
    for original in ORIGINALS.values():
        assert sum(text.count(original) for text in said) >= sum(original in text for text in stream.texts)


def test_a_stream_of_texts_in_base64_is_a_case_that_its_adapter_passes() -> None:
    words = [f"Mira says {PERSON[:7]}", f"{PERSON[7:]} and ", *ORIGINALS]
    said = "".join(f"data:{base64.b64encode(word.encode()).decode().rstrip('=')}\n\n" for word in words)
    answer = f"{said}data:c0ffee1234<sid>\n\ndata:<end>\n\n".encode()
    path, form = "/iflygpt-chat/u/chat_message/chat", "application/x-www-form-urlencoded"
    sent = f"fd=439812&chatId=9152637&text={quote_plus(SENTENCE)}&sid=".encode()
    captured = Captured("xinghuo.xfyun.cn", path, form, sent, "text/event-stream;charset=UTF-8", answer)
    case = case_of(captured, "spark")
    assert case is not None and case.restored and case.answer is not None
    stream = Stream(case_adapter(case), case.answer["type"], case.answer["body"].encode(), case.answer["texts"])
    assert stream.read([stream.body]) == stream.texts
    assert all(original in stream.texts[0] for original in ORIGINALS.values())
    told = decode_all(case.answer["body"])
    assert "Mira" not in told and "c0ffee" not in told
    assert told.startswith("Xxxx") and "<sid>" in told and told.endswith("<end>")


def case_adapter(case: Case) -> Any:
    return READERS[case.adapter]


def decode_all(body: str) -> str:
    """Return what the events of a stream say, those in base64 as their texts."""
    said = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data")]
    return "".join(text if (text := decoded(one)) is not None else one for one in said)


OPENAI = Captured(
    "api.openai.com",
    "/v1/chat/completions",
    "application/json",
    json.dumps({"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": SENTENCE}]}).encode(),
)


def answered(*texts: str) -> Captured:
    events = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return replace(OPENAI, answer_type="text/event-stream", answer=body.encode())


def test_an_answer_that_does_not_repeat_the_marker_gives_no_case_of_it() -> None:
    case = case_of(answered("Sure."), "openai")
    assert case is not None and case.answer is None and case.answers == ()


def test_a_place_that_has_moved_is_told_with_the_role_it_has_now() -> None:
    moved = {"model": "gpt-4o", "messages": [{"role": "user", "content": ""}], "query": SENTENCE}
    case = case_of(replace(answered(SENTENCE), body=json.dumps(moved).encode()), "openai")
    assert case is not None and case.prompts == {"/query": "other"}


def test_a_format_that_no_adapter_has_is_told_of() -> None:
    case = case_of(replace(answered(SENTENCE), path="/api/turn"), "openai")
    assert case is not None and (case.adapter, case.read) == ("fallback", False)


def test_an_answer_that_has_moved_is_a_case_with_what_it_should_read() -> None:
    moved = f'data: {{"text": "Hi {PERSON}"}}\n\n'.encode()
    case = case_of(replace(OPENAI, answer_type="text/event-stream", answer=moved), "openai")
    assert case is not None and not case.restored and case.answer is not None
    assert case.answer["texts"] == [f"Xx {ORIGINALS[PERSON]}"]


def test_a_place_that_an_adapter_overlooks_is_a_part_all_the_same() -> None:
    prompt = FALLBACK.read(b'{"text": "one", "title": "two"}', "application/json")
    listed = parts_of(prompt, Body("", ("/text", "/body")))
    assert listed == [["other", "/text", "one"], ["other", "/title", "two"], ["user", "/body", PERSON]]


@pytest.mark.parametrize(
    ("body", "holds"),
    [(SENTENCE, True), (quote(SENTENCE), True), ("[PERSON_", False), ("", False)],
    ids=["as it is", "in a form", "half", "nothing"],
)
def test_the_marker_is_seen_in_any_body(body: str, holds: bool) -> None:
    assert holds_marker(replace(OPENAI, body=body.encode())) is holds


@settings(max_examples=drawn(60), deadline=None)
@given(st.data())
def test_no_word_of_an_exchange_comes_into_the_files(data: st.DataObject) -> None:
    def word() -> str:
        return data.draw(WORDS)

    def text() -> str:
        return " ".join([word(), word(), SENTENCE, word()])

    body = {"messages": [{"role": word(), word(): text(), "content": text()}], word(): [word(), {word(): word()}]}
    events = [{"id": word(), word(): word(), "delta": {"text": word() + PERSON[:7]}}, {"delta": {"text": PERSON[7:]}}]
    lines = [
        f"event: {word()}",
        f"id: {word()}",
        f": {word()}",
        word(),
        *(f"data: {json.dumps(one)}" for one in events),
    ]
    case = case_of(
        Captured(
            "api.openai.com",
            f"/{quote(word())}/v1/{quote(word())}?{quote(word())}={quote(word())}&key={quote(word())}",
            f"application/json; boundary={quote(word())}",
            json.dumps(body, ensure_ascii=data.draw(st.booleans())).encode(),
            f"text/event-stream; charset={quote(word())}",
            ("\n\n".join(lines) + "\n\n").encode(),
        ),
        "openai",
    )
    assert case is not None
    files = as_yaml("title", case.request) + as_yaml("title", case.answer or {})
    for phrase in (*ORIGINALS.values(), SENTENCE):
        files = files.replace(phrase, "|").replace(json.dumps(phrase)[1:-1], "|")
    ours = {"path", "wire", "openai", "body", "parts", "texts", "user", "other"}
    assert {word for word in foreign(re.sub(r"unnamed\d+|\b20*\b", "", files)) if word not in ours | OURS} == set()


def socket_case(wire: str, message: str, *answer: Any, path: str) -> Case:
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in answer)
    case = case_of(
        Captured(
            "copilot.microsoft.com", path, MESSAGES, message.encode(), "application/x-ndjson", lines, method="MESSAGE"
        ),
        wire,
    )
    assert case is not None and case.adapter == wire and case.read and case.restored
    return case


def passes(case: Case) -> None:
    """Assert that both entries are what the tables of the adapters' tests promise."""
    (written,) = yaml.safe_load(as_yaml("title", case.request)).values()
    adapter = bound(READERS[case.adapter], written)
    body = body_of(written).replace(b"BINARY", b"\x89PNG\r\n\x1a\n\x00\xff")
    prompt = adapter.read(body, written.get("type", "application/json"))
    assert [[part.role, part.pointer] for part in prompt.parts] == [part[:2] for part in written["parts"]]
    assert [*prompt.opaque] == written.get("opaque", []) and prompt.stream == written.get("stream", False)
    if case.answer is not None:
        (told,) = yaml.safe_load(as_yaml("title", case.answer)).values()
        restored = Stream(adapter, told["type"], told["body"].encode(), told["texts"])
        assert restored.read([restored.body]) == restored.texts


def test_a_message_of_a_websocket_and_its_answer_are_cases() -> None:
    frame = {
        "event": "send",
        "conversationId": "Qm3xYvTz8Lr1",
        "content": [{"type": "text", "text": f"Mira {SENTENCE}"}],
    }
    answer = [{"event": "appendText", "messageId": "m", "partId": "p", "text": one} for one in (PERSON[:6], PERSON[6:])]
    case = socket_case("ms-copilot", json.dumps(frame), *answer, {"event": "done"}, path="/c/api/chat?accessToken=Mira")
    passes(case)
    assert "Mira" not in as_yaml("t", case.request) and [*case.prompts] == ["/content/0/text"]


def test_records_of_a_websocket_and_their_answer_are_cases() -> None:
    chat = {"type": 4, "target": "chat", "invocationId": "0", "arguments": [{"message": {"text": SENTENCE}}]}
    metrics = {"type": 1, "target": "Metrics", "arguments": [{"note": "Mira"}]}
    answer = [
        {"type": 1, "target": "update", "arguments": [{"writeAtCursor": one}]} for one in (PERSON[:6], PERSON[6:])
    ]
    message = "".join(json.dumps(each) + "\x1e" for each in (chat, metrics))
    case = socket_case("m365-copilot", message, *answer, path="/m365Copilot/Chathub/o@t")
    passes(case)
    assert [*case.prompts] == ["/0/arguments/0/message/text"]


def test_an_upload_is_a_case_with_its_files_as_shapes() -> None:
    data = json.dumps({"inputs": SENTENCE, "id": "2b0c8f6e", "is_retry": False, "tools": ["Mira"]})
    head = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'.format
    picture = '; filename="m.png"\r\nContent-Type: image/png'
    sections = [
        (head("data", "") + data).encode(),
        (head("files", '; filename="合同 Mira.txt"\r\nContent-Type: text/plain') + "Mira\r\nLotz").encode(),
        head("files", picture).encode() + b"\x89PNG\xff",
    ]
    body = b"".join(b"--b7\r\n" + each + b"\r\n" for each in sections) + b"--b7--\r\n"
    answer = [{"type": "stream", "token": f"{one}\0\0\0"} for one in ("Dear ", PERSON[:6], PERSON[6:])]
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in answer)
    path = "/chat/conversation/5f0c1d2e3a4b5c6d7e8f9a0b"
    kind = "multipart/form-data; boundary=b7"
    case = case_of(Captured("huggingface.co", path, kind, body, "application/jsonl", lines), "huggingchat")
    assert case is not None and case.adapter == "huggingchat-web" and case.read and case.restored
    passes(case)
    assert "Mira" not in as_yaml("t", case.request) and "BINARY" in case.request["body"]
    assert [*case.prompts] == ["/data#/inputs"]


def test_a_prompt_in_the_address_is_a_case_without_a_body() -> None:
    path = f"/api/streamingSearch?q={quote(f'Mira {SENTENCE}')}&page=1&chat=Mira"
    events = [f"event: youChatToken\ndata: {json.dumps({'youChatToken': one})}\n\n" for one in (PERSON[:6], PERSON[6:])]
    captured = Captured("you.com", path, "", b"", "text/event-stream", "".join(events).encode(), method="GET")
    case = case_of(captured, "you")
    assert case is not None and case.adapter == "you-web" and case.read and case.restored
    passes(case)
    assert "Mira" not in as_yaml("t", case.request) and quote_plus(SENTENCE) in case.request["path"]
