"""Targets of wire formats: every adapter of the register reads, rewrites, translates; answers are cut and restored."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from proxy.adapters.choose import choose
from proxy.adapters.interface import Adapter, Asked, Speaker
from proxy.adapters.openai.assistants_calls import Assistants
from proxy.answers.restore import StreamRestorer, restore_body
from proxy.errors import TooLarge, Untranslatable, WireError
from proxy.framing.array import ArrayFramer
from proxy.framing.aws import AwsFramer
from proxy.framing.aws import message as aws_message
from proxy.framing.connect import ConnectFramer, envelope
from proxy.framing.events import Framer, LineFramer, SseFramer
from proxy.framing.message import SEPARATOR, MessageFramer
from proxy.framing.message import pack as pack_message
from proxy.framing.units import UnitFramer, counted
from proxy.framing.words import WordFramer
from proxy.internal.translate import ToChat
from proxy.websocket.frames import Assembly, Heartbeats, cut
from tests.fuzz.target import PLANTED, must, pick, picks, pieces, target
from tests.proxy.adapters.test_conformance import ALL, STREAMS, Stream

PLACEHOLDER = "[PERSON_7K2F9ABC]"


@cache
def requests() -> list[bytes]:
    """Return every listed request of every adapter."""
    return [picks(ALL, name) + case.body for name, case in ALL.items()]


def read(adapter: Adapter, body: bytes, kind: str) -> None:
    """Let an adapter read a body, write it as it is, and with every text another."""
    try:
        prompt = adapter.read(body, kind)
    except (WireError, TooLarge):
        return
    texts = [part.text for part in prompt.parts]
    must(prompt.rewrite(texts) == body, "what is not changed is the same bytes")
    if [part.pointer for part in prompt.parts] == [""]:
        return  # the body is one text: what is written in its place may be of another kind
    fresh = [f"新 {at}" for at in range(len(texts))]
    try:
        written = prompt.rewrite(fresh)
    except WireError:
        return  # two names that would be one, or a boundary that would stand in a text: refused
    try:
        again = adapter.read(written, kind)
    except (WireError, TooLarge):
        must(False, "what was written can be read")
        raise
    must([part.text for part in again.parts] == fresh, "what was written reads as it was meant")
    must(PLANTED not in "".join(part.text for part in again.parts), "what was taken out is gone")


@target(
    "adapters",
    "every adapter reads or refuses any body; what it writes reads as it was meant, and unchanged it is the same bytes",
    requests,
    (b'"content":', b'"text":', b'"messages":[', b'"role":"user"', b'"parts":[', b"{}", b"[]", b"\r\n--", b"data:"),
)
def adapters(data: bytes) -> None:
    case, body = pick(ALL, data)
    read(case.adapter, body, case.type)


@target(
    "translations",
    "a request becomes one for the company's model, or is refused; nothing else is raised",
    requests,
    (b'"tools":', b'"tool_calls":', b'"image_url":', b'"content":', b'"role":"tool"', b"null", b"{}", b"[]"),
)
def translations(data: bytes) -> None:
    case, body = pick(ALL, data)
    if not isinstance(case.adapter, Speaker):
        return
    try:
        made = ToChat(case.adapter).request(body, "inside")
    except (WireError, TooLarge, Untranslatable):
        return
    must(json.loads(made)["model"] == "inside", "it is asked of the company's model")


HEADS = ("/v1/chat/completions", "/", "/api/upload?x=1", "/v1/messages", "/backend-api/conversation")
KINDS = (
    *("application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"),
    *("application/octet-stream", "text/event-stream", "application/x-ndjson", "application/xml"),
)


def whole() -> Iterator[bytes]:
    """Yield requests with their path and type before them."""
    bodies = {
        "application/json": f'{{"a": ["{PLANTED}"]}}',
        "multipart/form-data; boundary=x": f'--x\r\nContent-Disposition: form-data; name="a"; filename="b.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\n{PLANTED}\r\n--x\r\nContent-Disposition: form-data; name=c\r\n\r\n1\r\n"
        "--x--\r\n",
        "application/x-www-form-urlencoded": f"a=%E4%BD%A0&b={PLANTED.replace('@', '%40')}&a=+",
        "text/plain": f"写信给 {PLANTED}",
        "text/event-stream": f'data: {{"a": "{PLANTED}"}}\n\ndata: [DONE]\n\n',
        "application/x-ndjson": '{"a": 1}\n{"b": "x"}\n',
    }
    for path in HEADS:
        for kind in KINDS:
            yield f"{path}\n{kind}\n{bodies.get(kind, 'x')}".encode()


@target(
    "any-request",
    "a request with any path, type and body finds an adapter, which reads or refuses it",
    whole,
    (b"boundary=", b"charset=gbk", b"Content-Disposition: form-data; ", b'filename="', b"filename*=UTF-8''", b"--x--"),
)
def any_request(data: bytes) -> None:
    path, kind, body = [*data.split(b"\n", 2), b"", b""][:3]
    kind_text = kind.decode("utf-8", "replace")
    asked = Asked("POST", path.decode("utf-8", "surrogateescape"), (("content-type", kind_text),))
    read(choose(asked), body, kind_text)


FRAMERS: dict[str, Callable[[], Framer]] = {
    "events": SseFramer,
    "lines": LineFramer,
    "array": ArrayFramer,
    "aws": AwsFramer,
    "aws wrapped": lambda: AwsFramer("json"),
    "connect": ConnectFramer,
    "message": MessageFramer,
    "units": UnitFramer,
    "words": lambda: WordFramer("event"),
}


def streams() -> Iterator[bytes]:
    """Yield streams in each framing."""
    told = {
        "events": b'\xef\xbb\xbfevent: a\r\ndata: {"x":1}\r\n\r\n: note\n\ndata: a\ndata: b\n\ndata: [DONE]\r\rid: 1',
        "lines": b'{"a": 1}\n{"b": "\xe4\xbd\xa0"}\r\n\n{"c"',
        "array": b'[{"a": "]"},\n{"b": [1, {"c": "\\""}]}\n]',
        "aws": aws_message("chunk", b'{"a": "\xe4\xbd\xa0"}') * 2,
        "aws wrapped": aws_message("chunk", b'{"bytes": "eyJhIjoxfQ=="}'),
        "connect": envelope(b'{"a": 1}') + envelope(b"{}", 2),
        "message": pack_message(b'{"a": 1}') * 2,
        "units": b")]}'\n\n" + counted('[["wrb.fr",null,"[1]"]]') * 2,
        "words": b"data: a\n\nevent: b\ndata: c\n\n",
    }
    return (picks(FRAMERS, name) + body for name, body in told.items())


def framed(made: Callable[[], Framer], chunks: list[bytes]) -> tuple[list[tuple[str, str | None]], bytes, bool]:
    """Return the events of a stream, all bytes of it, and whether one was too large."""
    framer, found, large = made(), [], False
    left = iter(chunks)
    try:
        for chunk in left:
            found += framer.feed(chunk)
        found += framer.end()
    except TooLarge:
        large = True
    joined = b"".join(one.raw for one in found) + framer.rest() + b"".join(left)
    torn = isinstance(framer, UnitFramer | ArrayFramer)  # of what is no JSON, they promise nothing but its bytes
    events = [(one.event, one.data) for one in found if one.data is not None and not (torn and not is_json(one.data))]
    return events, joined, large


def is_json(data: str) -> bool:
    """Whether an event holds JSON."""
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


@target(
    "framings",
    "an answer is cut into the same events however it comes, and no byte of it is lost",
    streams,
    (b"data: ", b"event: ", b"\n\n", b"\r\n\r\n", b"\r", b"\0\0\0\x08", b"\0\0\0\x10"),
)
def framings(data: bytes) -> None:
    made, stream = pick(FRAMERS, data)
    if made is MessageFramer:  # a message of several records goes on as several messages
        stream = stream.replace(SEPARATOR, b"")
    events, joined, large = framed(made, [stream])
    must(joined == stream, "no byte is lost")
    ways = [pieces(stream)] + [[stream[at : at + 1] for at in range(len(stream))]] * (len(stream) <= 300)
    for chunks in ways:
        others, same, _ = framed(made, chunks)
        must(same == stream, "no byte is lost, however it comes")
        odd = made is UnitFramer and "\ufffd" in stream.decode("utf-8", "replace")  # open: units of what is no UTF-8
        must(large or odd or others == events, "cuts make no difference")


@cache
def answers() -> list[bytes]:
    """Return every listed streamed answer."""
    return [picks(STREAMS, name) + stream.body for name, stream in STREAMS.items()]


def restored(case: Stream, chunks: list[bytes], known: dict[str, str]) -> bytes:
    """Return an answer restored."""
    restorer = StreamRestorer(case.adapter.shape, case.type, known.get)
    return b"".join(map(restorer.feed, chunks)) + restorer.end()


def may_hold(case: Stream, body: bytes) -> bool:
    """Return whether a placeholder may begin in an answer, as it is written or in what its frames are decoded to."""
    framer = case.adapter.shape.begin().framer(case.type)
    frames = [*framer.feed(body), *framer.end()] if framer else []
    said = body.decode("utf-8", "replace") + "".join(frame.data or "" for frame in frames)
    return "[" in said or "\\u" in said


def told(case: Stream, body: bytes) -> dict[str, str]:
    """Return the texts of an answer, by channel."""
    shape = case.adapter.shape.begin()
    framer = shape.framer(case.type)
    said: dict[str, str] = {}
    if framer is None:
        return said
    for frame in [*framer.feed(body), *framer.end()]:
        try:
            data = json.loads(frame.data or "")
        except (ValueError, RecursionError):
            if frame.data:
                shape.missed()
            continue
        for slot in shape.slots(frame.event, data):
            said[slot.channel] = slot.text if slot.whole else said.get(slot.channel, "") + slot.text
    return {channel: text for channel, text in said.items() if text}


@target(
    "answers",
    "an answer in which nothing is ours says what it said, however it is cut; nobody hears what is not theirs",
    answers,
    (PLACEHOLDER.encode(), b"[PERSON_", b"data: ", b"\n\n", b'"delta":', b'"content":'),
)
def restoring(data: bytes) -> None:
    case, stream = pick(STREAMS, data)
    said = told(case, stream)
    for chunks in ([stream], pieces(stream)):
        must(told(case, restored(case, chunks, {})) == said, "what holds nothing of ours says what it said")
    must(may_hold(case, stream) or restored(case, pieces(stream), {}) == stream, "in the same bytes")
    ours = told(case, restored(case, [stream], case.known))
    must(told(case, restored(case, pieces(stream), case.known)) == ours, "restored alike, however it is cut")
    restore_body(stream, "application/json", case.adapter.shape, case.known.get)


@target(
    "model-answers",
    "whatever the company's model says is told in the client's format, or told as a failure",
    lambda: [
        picks(ALL, name) + mode + body
        for name in list(ALL)[::9]
        for mode, body in (
            (b"\1", b'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}\n\ndata: [DONE]\n\n'),
            (b"\0", b'{"choices":[{"message":{"content":"hi","tool_calls":[]},"finish_reason":"stop"}],"usage":{}}'),
        )
    ],
    (b'"choices":[', b'"delta":{', b'"tool_calls":[{"index":0,', b'"function":{"name":"f","arguments":"{"}', b"null"),
)
def model_answers(data: bytes) -> None:
    case, told = pick(ALL, data)
    if not isinstance(case.adapter, Speaker):
        return
    streamed, body = told[:1] == b"\1", told[1:]
    speaker: Speaker = case.adapter
    if isinstance(case.adapter, Assistants):  # it answers only what it could ask, and with that
        try:
            case.adapter.to_chat(case.body, "m")
        except (WireError, TooLarge, Untranslatable):
            return
        speaker = replace(case.adapter, asked=case.body)
    said = []
    for chunks in ([body], pieces(body)):
        answer = ToChat(speaker).answer(stream=streamed, client_model="m", answer_id="a" * 24, now=1_700_000_000)
        answer.headers()
        out = b"".join([answer.feed(chunk) for chunk in chunks]) + answer.end()
        said.append((out if not streamed else b"", answer.said))
    must(said[0] == said[1], "cuts make no difference")


@target(
    "websocket-frames",
    "fragments are cut so that nothing is lost and no character is parted; no ping carries a client's words",
    lambda: [b"\3\1\2\0" + "你好 😀 world".encode() * 3, b"\1\xff", b"\7" + bytes(range(256))],
)
def websocket_frames(data: bytes) -> None:
    count, content = 1 + data[0] % 7 if data else 1, data[1:]
    sizes, content = list(content[: count - 1]), content[count - 1 :]
    assembly = Assembly()
    at = 0
    for size in sizes:
        assembly.add(content[at : at + size], ends=True)
        at += size
    assembly.add(content[at:], ends=True)
    joined, lengths = assembly.take()
    must(joined == content and sum(lengths) == len(content), "what came is what there is")
    for text in (False, True):
        for body in (content, content * 2 + b"!", content[:1]):
            frames = list(cut(body, lengths, text=text))
            must(b"".join(frames) == body, "no byte is lost")
            if text and body.decode("utf-8", "ignore").encode() == body:
                for frame in frames:
                    frame.decode()
    hearts = Heartbeats()
    hearts.ping(b"server", from_client=False)
    for chunk in pieces(content):
        must(hearts.ping(chunk, from_client=True) != chunk or len(chunk) == 8, "a ping carries our words")
        must(hearts.pong(chunk, from_client=True) in (b"", b"server"), "a pong repeats nothing but what was sent")
