"""Replicate's streams of plain text, and where they are fetched."""

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.answers.restore import StreamRestorer, restore_body

KNOWN = {"[PERSON_7K2F9ABC]": "张伟\nAnn"}


def test_an_original_of_two_lines_is_two_lines_of_data() -> None:
    shape = choose(Asked("GET", "/v1/streams/x", (), "replicate")).shape
    stream = StreamRestorer(shape, "text/event-stream", KNOWN.get)
    data = "event: output\ndata: 您好 [PERSON_7K2F9ABC]!\n\nevent: done\ndata: {}\n\n".encode()
    assert (stream.feed(data) + stream.end()).decode() == (
        "event: output\ndata: 您好 张伟\ndata: Ann!\n\nevent: done\ndata: {}\n\n"
    )


def test_a_polled_answer_is_restored() -> None:
    adapter = choose(Asked("GET", "/v1/predictions/p1", (), "replicate"))
    assert adapter.read(b"", "").parts == ()
    body, count = restore_body(b'{"output": ["[PERSON_7K2F9ABC]"]}', "application/json", adapter.shape, KNOWN.get)
    assert (body.decode(), count) == ('{"output":["张伟\\nAnn"]}', 1)


def test_nobody_else_is_asked_by_get() -> None:
    assert choose(Asked("GET", "/v1/predictions/p1", (), "openai")).id == "fallback"
    assert choose(Asked("POST", "/v1/predictions", (), "replicate")).id == "replicate"
    assert choose(Asked("POST", "/v1/models/o/m/predictions", (), "replicate")).id == "replicate"
