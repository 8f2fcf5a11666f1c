"""Drives every adapter with the same promises.

Requests are in `tests/cases/wires/<adapter>.yaml` and in the packaged `proxy/adapters/examples.yaml`, streamed answers
in `tests/cases/answers/<adapter>.yaml`. A case may name the `path`, the `headers` and the `wire` that its adapter is
bound to.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.anthropic_messages import SIGNED
from proxy.adapters.choose import ADAPTERS, FALLBACK
from proxy.adapters.examples import examples
from proxy.adapters.interface import Adapter, Asked, Prompt
from proxy.adapters.prompt import SCHEMA_TYPES
from proxy.answers.restore import StreamRestorer
from proxy.capture.mask import ORIGINALS
from proxy.errors import TooLarge, WireError
from proxy.framing.connect import HEAD
from tests.feed import feed_every_way, places
from tests.rows import each
from tests.thorough import THOROUGH, drawn

CASES = Path(__file__).parents[2] / "cases" / "wires"
ANSWERS = Path(__file__).parents[2] / "cases" / "answers"
READERS: dict[str, Adapter] = {adapter.id: adapter for adapter in (*(entry.adapter for entry in ADAPTERS), FALLBACK)}
IGNORED = {name: adapter.ignored for name, adapter in READERS.items() if hasattr(adapter, "ignored")}


def bound(adapter: Adapter, case: dict) -> Adapter:
    """Return the adapter as the head of a case's request binds it."""
    headers = (("content-type", case.get("type", "application/json")), *case.get("headers", {}).items())
    return adapter.at(Asked("POST", case.get("path", "/"), headers, case.get("wire", "")))


@dataclass
class Case:
    adapter: Adapter
    type: str
    body: bytes
    model: str
    stream: bool
    parts: list[list[str]]
    opaque: list[str] = field(default_factory=list)

    @property
    def message(self) -> bytes:
        """The body without its envelope; a form or an upload as an object."""
        if "multipart" in self.type:
            upload = message_from_bytes(f"Content-Type: {self.type}\r\n\r\n".encode() + self.body)
            fields = {str(each.get_param("name", header="content-disposition")): each for each in upload.get_payload()}
            return json.dumps({name: each.get_payload() for name, each in fields.items()}).encode()
        if "form-urlencoded" in self.type:
            return json.dumps(dict(parse_qsl(self.body.decode()))).encode()
        return self.body[HEAD:] if "connect" in self.type else self.body

    def read(self, body: bytes | None = None) -> Prompt:
        return self.adapter.read(self.body if body is None else body, self.type)


def listed() -> Iterator[tuple[str, str, Adapter, dict]]:
    """Yield adapter id, title, adapter and entry of every request that is listed."""
    for name, adapter in READERS.items():
        for title, case in yaml.safe_load((CASES / f"{name}.yaml").read_text("utf-8")).items():
            yield name, title, bound(adapter, case), case
    for wire, example in examples().items():
        yield example.adapter, f"the example of {wire}", example.read_by(), dict(example.case)


def load() -> dict[str, Case]:
    cases = {}
    for name, title, adapter, case in listed():
        body = case["body"].replace("\n", "\r\n") if case.get("crlf") else case["body"]
        cases[f"{name}: {title}"] = Case(
            adapter=adapter,
            type=case.get("type", "application/json"),
            body=body.encode().replace(b"BINARY", b"\x89PNG\r\n\x1a\n\x00\xff"),
            model=case.get("model", ""),
            stream=case.get("stream", False),
            parts=case["parts"],
            opaque=case.get("opaque", []),
        )
    return cases


ALL = load()
JSON = {case.adapter.id for case in ALL.values() if "json" in case.type and "connect" not in case.type}
"""Adapters whose requests are JSON."""
every_case = each("case", ALL.values(), ids=ALL.keys())


@every_case
def test_the_parts_are_those_listed(case: Case):
    prompt = case.read()
    assert [part[:2] for part in case.parts] == [[part.role, part.pointer] for part in prompt.parts]
    for (_, _, piece), part in zip(case.parts, prompt.parts, strict=True):
        assert piece in part.text
    assert list(prompt.opaque) == case.opaque
    assert (prompt.model, prompt.stream) == (case.model, case.stream)


@every_case
def test_unchanged_texts_give_the_same_bytes(case: Case):
    prompt = case.read()
    assert case.body == prompt.rewrite([part.text for part in prompt.parts])


@every_case
def test_reading_what_was_rewritten_gives_the_new_texts(case: Case):
    prompt = case.read()
    texts = [f'改写 {at} "\\\n😀' for at in range(len(prompt.parts))]
    again = case.read(prompt.rewrite(texts))
    assert texts == [part.text for part in again.parts]
    assert prompt.opaque == again.opaque or "#key" in str([part.pointer for part in prompt.parts])


@every_case
def test_one_changed_part_leaves_the_others_alone(case: Case):
    prompt = case.read()
    texts = [part.text for part in prompt.parts]
    for at in range(len(texts)):
        changed = [*texts[:at], "[PERSON_7K2F9ABC]", *texts[at + 1 :]]
        assert changed == [part.text for part in case.read(prompt.rewrite(changed)).parts]


@every_case
def test_the_number_of_texts_must_fit(case: Case):
    with pytest.raises(ValueError, match="longer"):
        case.read().rewrite(["x"] * (len(case.parts) + 1))


@each("name", IGNORED)
def test_every_string_is_a_part_or_ignored_by_a_written_rule_or_opaque(name: str):
    for title, case in ALL.items():
        if case.adapter.id != name:
            continue
        prompt = case.read()
        known = {part.pointer.partition("#")[0] for part in prompt.parts} | set(prompt.opaque)
        for path, text in strings(value_of(case.message)):
            pointer = "".join(f"/{step}" for step in path)
            shape = tuple(0 if isinstance(step, int) else step for step in path)
            signed = "thinking" in title or (any(step == "content" for step in path) and is_signed(case, path))
            assert pointer in known or shape in IGNORED[name] or text in SCHEMA_TYPES or signed, (
                f"{title}: {pointer} is neither"
            )


def value_of(message: bytes):
    """Return the JSON of a message, or the list of its records where separators end them; nothing of an empty one."""
    records = [json.loads(record) for record in message.split(b"\x1e") if record.strip()]
    return records if b"\x1e" in message or not records else records[0]


def strings(value, path=()):
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for step, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(child, (*path, step))


def is_signed(case: Case, path) -> bool:
    block = json.loads(case.message)
    for step in path[:4]:
        block = block[step]
    return isinstance(block, dict) and block.get("type") in SIGNED


@every_case
def test_truncated_bytes_raise_wire_errors_and_nothing_else(case: Case):
    for end in (0, *places(case.body, 7)):
        survives(case.adapter, case.body[:end], case.type)


@each("adapter", [READERS[name] for name in sorted(JSON)], ids=sorted(JSON))
@each("depth", [201, 10_000, 1_000_000 if THOROUGH else 50_000])
def test_deep_nesting_is_refused_before_anything_recurses(adapter: Adapter, depth: int):
    for opening in (b"[", b'{"messages":'):
        with pytest.raises((TooLarge, WireError)):
            adapter.read(opening * depth, "application/json")
    inner = json.dumps({"messages": [{"role": "user", "content": "[" * depth + "]" * depth}]}).encode()
    assert adapter.read(inner, "application/json").parts[-1].text.startswith("[[")


@settings(max_examples=drawn(150), deadline=None)
@given(st.data())
def test_mutated_bytes_raise_wire_errors_and_nothing_else(data):
    case = ALL[data.draw(st.sampled_from(sorted(ALL)))]
    body = bytearray(case.body)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        piece = data.draw(
            st.sampled_from(
                [
                    b'"',
                    b"{",
                    b"}",
                    b"[",
                    b"]",
                    b"\\",
                    b"\x00",
                    b"\xff",
                    b"\\ud800",
                    b"1e999",
                    b"NaN",
                    b"#",
                    b"%",
                    b"&",
                    b"=",
                    b"\r\n",
                    b"--",
                ]
            )
            | st.binary(max_size=4)
        )
        body[at : at + data.draw(st.integers(0, 5))] = piece
    survives(case.adapter, bytes(body), case.type)


def survives(adapter: Adapter, body: bytes, content_type: str) -> None:
    """Read hostile bytes; where they can be read at all, rewriting must hold its promise."""
    try:
        prompt = adapter.read(body, content_type)
    except (WireError, TooLarge):
        return
    assert prompt.rewrite([part.text for part in prompt.parts]) == body
    try:
        prompt.rewrite([f"新 {at}" for at in range(len(prompt.parts))])
    except WireError as error:
        assert "same" in str(error) or "boundary" in str(error)


@settings(max_examples=drawn(100), deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4)
            | inner.map(lambda value: json.dumps(value, ensure_ascii=False))
        ),
        max_leaves=20,
    ),
    st.sampled_from(sorted(JSON)),
)
def test_any_json_can_be_read_and_rewritten(value, name: str):
    adapter = READERS[name]
    body = json.dumps({"messages": value}, ensure_ascii=False).encode()
    prompt = adapter.read(body, "application/json")
    assert prompt.rewrite([part.text for part in prompt.parts]) == body
    texts = [f"新 {at}" for at in range(len(prompt.parts))]
    assert [part.text for part in adapter.read(prompt.rewrite(texts), "application/json").parts] == texts


@dataclass
class Stream:
    """A streamed answer as a service writes it, and what its texts are once restored."""

    adapter: Adapter
    type: str
    body: bytes
    texts: list[str]
    known: dict[str, str] = field(default_factory=lambda: ORIGINALS)

    def read(self, pieces: list[bytes]) -> list[str]:
        """Return the texts of an answer, each joined, in the order in which they begin."""
        restorer = StreamRestorer(self.adapter.shape, self.type, self.known.get)
        out = b"".join(map(restorer.feed, pieces)) + restorer.end()
        shape = self.adapter.shape.begin()
        framer = shape.framer(self.type)
        assert framer is not None, "no framer for this type"
        said: dict[str, str] = {}
        for frame in [*framer.feed(out), *framer.end()]:
            try:
                data = json.loads(frame.data or "")
            except ValueError:
                continue
            for slot in shape.slots(frame.event, data):
                said[slot.channel] = slot.text if slot.whole else said.get(slot.channel, "") + slot.text
        return [text for text in said.values() if text]


def load_answers() -> dict[str, Stream]:
    cases = {}
    for path in sorted(ANSWERS.glob("*.yaml")):
        for title, case in yaml.safe_load(path.read_text("utf-8")).items():
            kind = case.get("type", "text/event-stream")
            adapter = bound(READERS[path.stem], {**case, "type": "application/json"})
            cases[f"{path.stem}: {title}"] = Stream(adapter, kind, case["body"].encode(), case["texts"])
    return cases


STREAMS = load_answers()


@each("stream", STREAMS.values(), ids=STREAMS.keys())
def test_a_streamed_answer_is_restored_however_it_is_cut(stream: Stream):
    feed_every_way(stream.read, stream.body, stream.texts)


@each("stream", STREAMS.values(), ids=STREAMS.keys())
def test_a_streamed_answer_to_somebody_else_keeps_every_placeholder(stream: Stream):
    other = replace(stream, known={})
    feed_every_way(other.read, stream.body, [restored_by_hand(text) for text in stream.texts], step=17)


def restored_by_hand(text: str) -> str:
    """Return a text of a case with its placeholders where their originals stand."""
    for placeholder, original in ORIGINALS.items():
        text = text.replace(json.dumps(original, ensure_ascii=False)[1:-1], placeholder).replace(original, placeholder)
    return text
