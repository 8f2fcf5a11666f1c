"""An answer on its way back is translated and restored piece by piece, and never waits for its end."""

import orjson
import pytest

from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.fallback import Fallback
from proxy.adapters.openai_chat import OpenAIChat
from proxy.answers.returning import Returning, from_service, kind_of
from proxy.exchange import Request
from proxy.internal.translate import AsItIs, ToChat, chat_error
from tests.feed import feed_every_way
from tests.rows import each

TOKEN, VALUE = "[PHONE_NUMBER_7K2F9QAA]", "13912345678"
KINDS = {
    "text/event-stream": "streamed",
    "Text/Event-Stream; charset=utf-8": "streamed",
    "application/x-ndjson": "streamed",
    "application/x-jsonl": "streamed",  # results of a batch of Anthropic
    "application/json": "whole",
    "application/problem+json; x=1": "whole",
    "text/plain": "whole",
    "text/html": "unsure",
    "application/octet-stream": "unsure",
    "image/png": "untouched",
    "": "unsure",
}


def asked(method: str = "POST", *headers: tuple[str, str]) -> Request:
    return Request(method, "https", "api.openai.com", 443, "/v1/chat/completions", headers)


@pytest.mark.parametrize("content_type", KINDS)
def test_the_media_type_says_how_an_answer_goes_back(content_type: str) -> None:
    assert kind_of(content_type, OpenAIChat(), asked()) == KINDS[content_type]


def test_only_answers_of_known_interfaces_are_told_by_their_content_and_never_a_page() -> None:
    assert kind_of("text/html", Fallback(), asked()) == "untouched"
    assert kind_of("text/html", OpenAIChat(), asked("GET")) == "untouched"
    assert kind_of("text/html", OpenAIChat(), asked("POST", ("sec-fetch-dest", "document"))) == "untouched"


def lookup(placeholder: str) -> str | None:
    return VALUE if placeholder == TOKEN else None


def returning(content_type: str, translator=None) -> Returning:
    return Returning(True, (), OpenAIChat().shape, lookup, content_type, translator)


def event(text: str) -> bytes:
    return b"data: " + orjson.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}) + b"\n\n"


def unsure() -> Returning:
    return Returning(True, (), OpenAIChat().shape, lookup, "application/octet-stream", unsure=True)


PLAIN = orjson.dumps({"choices": [{"message": {"content": f"致电 {TOKEN}"}}]})
MISLABELLED = {
    "events": event("致电 [PHONE_NUM") + event("BER_7K2F9QAA] 谢谢") + b"data: [DONE]\n\n",
    "events after a comment": b": ping\n\n" + event(TOKEN),
    "JSON": PLAIN,
    "JSON over lines": b" " + PLAIN.replace(b"[{", b"[\n{\n"),
    "lines of JSON": PLAIN + b"\n" + PLAIN + b"\n",
}


@pytest.mark.parametrize("data", MISLABELLED.values(), ids=MISLABELLED.keys())
def test_an_answer_with_a_wrong_label_is_restored_by_its_content_however_it_is_cut(data: bytes) -> None:
    def feed(pieces) -> bool:
        way = unsure()
        got = b"".join(way.feed(piece) for piece in pieces) + way.end()
        return VALUE.encode() in got + said(got).encode() and TOKEN.encode() not in got and way.restored > 0

    feed_every_way(feed, data, want=True, step=7)
    assert VALUE.encode() in unsure().whole(data) or VALUE in said(unsure().whole(data))


OTHERS = (b"<html>" + TOKEN.encode(), b"\x00\x01" + PLAIN, b"", b"dat", b"{" + b" " * 40, b"plain " + TOKEN.encode())


@pytest.mark.parametrize("data", OTHERS)
def test_what_is_none_of_these_passes_byte_for_byte(data: bytes) -> None:
    def feed(pieces) -> bytes:
        way = unsure()
        return b"".join(way.feed(piece) for piece in pieces) + way.end()

    feed_every_way(feed, data, want=data)
    assert unsure().whole(data) == data


def test_events_with_a_wrong_label_are_not_lumped() -> None:
    assert unsure().feed(event("hello")) == event("hello")


def said(data: bytes) -> str:
    events = [orjson.loads(line[6:]) for line in data.splitlines() if line.startswith(b"data: {")]
    return "".join(choice["delta"].get("content") or "" for one in events for choice in one["choices"])


@pytest.mark.parametrize("translator", [None, "renaming"])
def test_a_stream_is_restored_however_it_is_cut(translator: str | None) -> None:
    stream = event("致电 [PHONE_NUM") + event("BER_7K2F9QAA] 谢谢") + b"data: [DONE]\n\n"

    def feed(pieces) -> tuple[str, int]:
        made = (
            AsItIs("/p", chat_error).answer(stream=True, client_model="m", answer_id="a", now=1) if translator else None
        )
        way = returning("text/event-stream", made)
        got = b"".join(way.feed(piece) for piece in pieces) + way.end()
        return said(got), way.restored

    feed_every_way(feed, stream, (f"致电 {VALUE} 谢谢", 1))


def test_text_that_cannot_be_a_placeholder_goes_on_at_once() -> None:
    assert said(returning("text/event-stream").feed(event("hello"))) == "hello"


def test_what_is_held_back_comes_when_the_stream_ends_however_it_ended() -> None:
    way = returning("text/event-stream")
    first = way.feed(event("[PHONE_"))
    assert said(first) == ""
    assert said(first + way.end()) == "[PHONE_"


def test_a_whole_answer_is_restored() -> None:
    body = orjson.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": f"x {TOKEN}"}}]})
    way = returning("application/json")
    assert VALUE.encode() in way.whole(body) and way.restored == 1


def test_a_stream_that_came_whole_goes_back_as_a_stream() -> None:
    """A coded one is decoded at once, and must still be events."""
    stream = event(f"x {TOKEN}") + b"data: [DONE]\n\n"
    made = AsItIs("/p", chat_error).answer(stream=True, client_model="m", answer_id="a", now=1)
    way = returning("text/event-stream", made)
    assert said(way.whole(stream)) == f"x {VALUE}" and way.restored == 1 and not way.failed


@pytest.mark.parametrize("body", [b"<html>", b"{", b""])
def test_nonsense_from_the_companys_model_is_a_failure(body: bytes) -> None:
    translator = ToChat(AnthropicMessages()).answer(stream=False, client_model="m", answer_id="a", now=1)
    way = Returning(False, (), OpenAIChat().shape, lookup, "application/json", translator)
    way.whole(body)
    assert way.failed


def test_an_empty_answer_has_an_end() -> None:
    way = returning("text/event-stream")
    assert way.end() == b"" and not way.failed


def test_a_stream_that_came_whole_has_the_words_of_policy_too() -> None:
    """A coded one is decoded at once, and a notice must not be lost with that."""
    last = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    way = returning("text/event-stream")
    way.words, way.adapter = "AI 生成", "openai-chat"
    assert said(way.whole(event(f"x {TOKEN}") + last + b"data: [DONE]\n\n")) == f"x {VALUE}\n\nAI 生成"
    assert way.labelled and way.restored == 1


def labelled(content_type: str, stream: bool) -> Returning:
    headers = (("content-type", content_type),) if content_type else ()
    way = from_service(OpenAIChat(), asked(), headers, lookup, "", stream=stream)
    assert way is not None
    return way


LABELS = ("text/plain", "application/json", "text/event-stream", "application/json; charset=utf-8", "")


@each("label", LABELS)
@each("data", MISLABELLED.values(), ids=MISLABELLED)
def test_whatever_its_label_says_an_answer_is_restored_by_its_content_however_it_is_cut(
    label: str, data: bytes
) -> None:
    def feed(pieces) -> bool:
        way = labelled(label, stream=True)
        got = b"".join(way.feed(piece) for piece in pieces) + way.end()
        return VALUE.encode() in got + said(got).encode() and TOKEN.encode() not in got and way.restored > 0

    assert labelled(label, stream=True).streamed
    feed_every_way(feed, data, want=True, step=7)
    whole = labelled(label, stream=False).whole(data)
    assert VALUE.encode() in whole + said(whole).encode()


PROSE = (
    "data: " + TOKEN,
    "event: a meeting\n\nwith " + TOKEN,
    "id: 5 " + TOKEN,
    ": " + TOKEN,
    "Hello " + TOKEN,
    "{" + TOKEN,
    "",
    "\n",
)


@each("text", PROSE)
def test_plain_text_is_restored_as_such_whatever_it_begins_like(text: str) -> None:
    def feed(pieces) -> bytes:
        way = labelled("text/plain", stream=True)
        return b"".join(way.feed(piece) for piece in pieces) + way.end()

    want = text.replace(TOKEN, VALUE).encode()
    feed_every_way(feed, text.encode(), want)
    assert labelled("text/plain", stream=False).whole(text.encode()) == want


@each("codec", ["gbk", "gb2312", "big5", "utf-16"])
@each("stream", [True, False])
def test_an_answer_in_another_charset_comes_back_in_utf8_and_says_so(codec: str, stream: bool) -> None:
    said_so = f"你好 {TOKEN} 再"
    plain = '{"choices": [{"message": {"content": "' + said_so + '"}}]}'
    for kind, text in (("text/plain", said_so), ("application/json", plain)):
        data = text.encode("utf-16" if codec == "utf-16" else codec)

        def feed(pieces, kind=kind) -> bytes:
            way = labelled(f"{kind}; charset={codec}", stream)
            assert way.headers == (("content-type", f"{kind}; charset=utf-8"),)
            return b"".join(way.feed(piece) for piece in pieces) + way.end() if stream else way.whole(b"".join(pieces))

        got = feed([data])
        assert got.decode("utf-8").replace(" ", "") == text.replace(TOKEN, VALUE).replace(" ", "")
        feed_every_way(feed, data, got)
