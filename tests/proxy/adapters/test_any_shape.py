"""A stream of an unknown format is restored where it looks like one that many services share."""

from typing import Any

import pytest

from proxy.adapters.any_shape import AnyShape
from proxy.adapters.openai_chat import ChatShape
from proxy.answers.restore import StreamRestorer
from tests.answers import chat, joined, sse
from tests.feed import feed_every_way

NAME = "[PERSON_7K2F9ABC]"


def lookup(placeholder: str) -> str | None:
    return {NAME: "张伟"}.get(placeholder)


def test_chat_chunks_on_an_unknown_path_are_restored_across_events() -> None:
    data = sse(chat({"content": "Dear [PERSON_7K"}, {"content": "2F9ABC]!"}))

    def said(pieces: list[bytes]) -> str:
        stream = StreamRestorer(AnyShape(), "text/event-stream", lookup)
        return joined(b"".join(map(stream.feed, pieces)) + stream.end(), ChatShape())["0/content"]

    feed_every_way(said, data, "Dear 张伟!")


def delta(piece: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": piece}


def message(piece: str) -> dict[str, Any]:
    content = [{"index": 0, "type": "text", "text": {"value": piece}}]
    return {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": content}}


STREAMS: dict[str, list[dict[str, Any]]] = {
    "Responses": [delta("[PERSON_7K"), delta("2F9ABC] ["), {"type": "response.completed", "response": {}}],
    "Completions": [
        {"choices": [{"text": "[PERSON_7K"}]},
        {"choices": [{"text": "2F9ABC] [", "finish_reason": "stop"}]},
    ],
    "runs": [message("[PERSON_7K"), message("2F9ABC] ["), {"object": "thread.run", "status": "completed"}],
}


@pytest.mark.parametrize("events", STREAMS.values(), ids=STREAMS.keys())
def test_streams_of_the_openai_family_are_restored_on_an_unknown_path(events: list[dict[str, Any]]) -> None:
    def said(pieces: list[bytes]) -> list[str]:
        stream = StreamRestorer(AnyShape(), "text/event-stream", lookup)
        texts = joined(b"".join(map(stream.feed, pieces)) + stream.end(), AnyShape())
        return [text for channel, text in texts.items() if channel]

    feed_every_way(said, sse(events), ["张伟 ["])


@pytest.mark.parametrize("data", [None, 1, "x", [], {}, {"type": "thinking"}, {"choices": 3}], ids=repr)
def test_an_event_that_looks_like_nothing_known_claims_nothing(data: object) -> None:
    shape = AnyShape()
    assert (list(shape.slots("", data)), list(shape.closes("", data, []))) == ([], [])
    assert not shape.opaque({"type": "thinking"}), "nothing is signed in a format that nobody knows"
