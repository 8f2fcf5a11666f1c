"""A captured exchange as cases for the tables of the adapters' tests. Pure.

Enters: one exchange with the marker in it. Leaves: two entries of YAML, for the request and for its streamed answer,
that can be put into the tables as they are. Of the head only method, path and media types are kept, and they masked: no
cookie, no token, no key, no id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote_plus, unquote, unquote_plus

import yaml

from proxy.adapters.choose import FALLBACK, choose
from proxy.adapters.forms import FORM
from proxy.adapters.interface import Adapter, Asked, Prompt
from proxy.answers.restore import StreamRestorer
from proxy.capture.bodies import UPLOAD, Body, Told, answer_body, request_body
from proxy.capture.mask import CARD, ORIGINALS, PERSON, PIECES, STRUCTURAL, Masker, Piece, shape_of
from proxy.errors import SluiceError
from proxy.exchange import Headers
from proxy.framing.events import LINES
from proxy.websocket.interface import MESSAGE, VERSION
from proxy.wire import json_text
from proxy.wire.target import read_target

JSON: Final = "application/json"
SEGMENT_WORDS: Final = re.compile(r"\w+")
SHOWN: Final = 12
"""Characters of a part's text that a case quotes."""


@dataclass(frozen=True, slots=True)
class Captured:
    """One exchange as it passed, its bodies content-decoded."""

    host: str
    path: str = field(repr=False)
    type: str
    body: bytes = field(repr=False)
    answer_type: str = ""
    answer: bytes = field(default=b"", repr=False)
    method: str = "POST"
    """`GET` where the address holds the prompt, `MESSAGE` for a message of a WebSocket."""

    @property
    def headers(self) -> Headers:
        """What its wire format is known by besides its path."""
        opens = (("upgrade", "websocket"), ("sec-websocket-version", VERSION))
        return (("content-type", self.type), *(opens if self.method == MESSAGE else ()))


@dataclass(frozen=True, slots=True)
class Case:
    """Entries for both tables, and what to tell the administrator."""

    adapter: str
    """Id of the adapter that reads such requests now; its tables are where the entries belong."""
    request: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    prompts: Mapping[str, str]
    """Pointers to the marker in the request, each with the role that the adapter gives it; empty if it overlooks it."""
    read: bool
    """Whether that adapter finds the marker at all these places."""
    answers: tuple[str, ...]
    """Names of the fields in which the marker came back."""
    restored: bool
    """Whether that adapter restores it there."""
    unknown: tuple[str, ...] = field(default=(), repr=False)
    """Names that are in no list, for the administrator's eyes alone."""


def holds_marker(captured: Captured) -> bool:
    """Return whether the marker stands anywhere in a request's body, or in the query of one that has none."""
    query = captured.path.partition("?")[2].encode()
    told = query if captured.method == "GET" else captured.body
    spelt = told.replace(b"%5B", b"[").replace(b"%5D", b"]").replace(b"%5b", b"[").replace(b"%5d", b"]")
    return PERSON.encode() in spelt


def case_of(captured: Captured, wire: str, kept: frozenset[str] = frozenset()) -> Case | None:
    """Return the case of an exchange; None where its request cannot be read or does not hold the marker.

    `kept` are further words that may stay, which the administrator has looked at.
    """
    words = {word.lower() for word in PIECES.findall(captured.host)}
    masker = Masker(STRUCTURAL | words | {word.lower() for word in kept})
    path = masked_path(captured.path, masker)
    in_query = captured.method == "GET"
    body = Body("", marked_fields(path)) if in_query else request_body(captured.body, captured.type, masker)
    if body is None or not body.pointers:
        return None
    kind = body.type or media_type(captured.type, masker) or JSON
    asked = Asked(captured.method, captured.path, captured.headers, wire)
    adapter = choose(asked).at(replace(asked, path=path, headers=(("content-type", kind),)))
    prompt, reader = read(adapter, body, kind)
    roles = {part.pointer: part.role for part in prompt.parts} if prompt else {}
    roles |= {part.pointer: part.role for part in read_target(path).parts} if in_query else {}
    prompts = {pointer: roles.get(pointer, "") for pointer in body.pointers}
    told = answer_body(captured.answer, captured.answer_type, masker)
    said = texts_by(adapter, told, media_type(captured.answer_type, masker)) if told else ()
    restored = any(ORIGINALS[CARD] in text or ORIGINALS[PERSON] in text for text in said)
    answer = None
    if told is not None and told.places:
        texts = said if restored else tuple(map(with_originals, told.texts))
        answer = entry(path, wire, body=told.text, type=media_type(captured.answer_type, masker), texts=[*texts])
    request = entry(
        path,
        wire,
        **({"type": kind} if kind != JSON else {}),
        **({"crlf": True} if kind.startswith(UPLOAD) else {}),
        body=body.text,
        **({"model": prompt.model} if prompt and prompt.model else {}),
        **({"stream": True} if prompt and prompt.stream else {}),
        parts=[] if in_query else parts_of(prompt, body),
        **({"opaque": [*prompt.opaque]} if prompt and prompt.opaque else {}),
    )
    return Case(
        adapter=reader.id,
        request=request,
        answer=answer,
        prompts=prompts,
        read=reader is adapter and adapter is not FALLBACK and all(prompts.values()),
        answers=told.places if told else (),
        restored=restored,
        unknown=tuple(masker.names),
    )


def entry(path: str, wire: str, **more: Any) -> dict[str, Any]:
    """Return an entry of a table."""
    return {"path": path, **({"wire": wire} if wire else {}), **more}


def read(adapter: Adapter, body: Body, kind: str) -> tuple[Prompt | None, Adapter]:
    """Return the masked body as its adapter reads it, or as the fallback does where that one cannot, and who did."""
    for reader in (adapter, FALLBACK):
        try:
            return reader.read(body.content, kind), reader
        except SluiceError:
            continue
    return None, FALLBACK


def parts_of(prompt: Prompt | None, body: Body) -> list[list[str]]:
    """Return the parts of a request for the table; where the marker stands is a part, whoever overlooks it."""
    parts = [[part.role, part.pointer, piece(part.text)] for part in prompt.parts] if prompt else []
    listed = {pointer for _, pointer, _ in parts}
    return parts + [["user", pointer, PERSON] for pointer in body.pointers if pointer not in listed]


def piece(text: str) -> str:
    """Return a piece of a part's text."""
    return PERSON if PERSON in text else text[:SHOWN]


def texts_by(adapter: Adapter, told: Told, kind: str) -> tuple[str, ...]:
    """Return the texts of a stream as the adapter in place restores them; nothing where it has no framer for it."""
    shape = adapter.shape.begin()
    framer = shape.framer(kind)
    if framer is None:
        return ()
    try:
        restorer = StreamRestorer(adapter.shape, kind, ORIGINALS.get)
        out = restorer.feed(told.text.encode()) + restorer.end()
        said: dict[str, str] = {}
        for frame in [*framer.feed(out), *framer.end()]:
            for slot in shape.slots(frame.event, json_of(frame.data)):
                said[slot.channel] = slot.text if slot.whole else said.get(slot.channel, "") + slot.text
    except SluiceError:
        return ()
    return tuple(text for text in said.values() if text)


def json_of(data: str | None) -> Any:
    """Return the JSON of an event; None for any other."""
    try:
        return json_text.parse((data or "").encode())
    except SluiceError:
        return None


def with_originals(text: str) -> str:
    """Return a text with the marker's placeholders restored."""
    for placeholder, original in ORIGINALS.items():
        text = text.replace(placeholder, original)
    return text


def masked_path(path: str, masker: Masker) -> str:
    """Return path and query with the words of the interface, and the shapes of all others."""
    bare, mark, query = path.partition("?")
    segments = [masked_segment(unquote(segment), masker) for segment in bare.split("/")]
    pairs = [pair.partition("=") for pair in query.split("&")] if mark else []
    fields = [
        masker.name(unquote(name)) + sign + masked_field(unquote_plus(value), masker) for name, sign, value in pairs
    ]
    return safe("/".join(segments)) + mark + safe("&".join(fields))


def masked_field(value: str, masker: Masker) -> str:
    """Return the value of a field of the query: its shape, and the marker in it."""
    (text,) = masker.texts([Piece("", (), value)]) if PERSON in value else (shape_of(value),)
    return quote_plus(text) if PERSON in value else text


def marked_fields(path: str) -> tuple[str, ...]:
    """Return where the marker stands in the query of a path."""
    return tuple(part.pointer for part in read_target(path).parts if PERSON in part.text)


def masked_segment(segment: str, masker: Masker) -> str:
    """Return one segment of a path, word by word."""
    return SEGMENT_WORDS.sub(lambda found: found[0] if masker.structural(found[0]) else shape_of(found[0]), segment)


def safe(text: str) -> str:
    """Return a path of ASCII without blanks."""
    return "".join(char if char.isascii() and char.isprintable() and char not in ' ?#"<>' else "x" for char in text)


def media_type(kind: str, masker: Masker) -> str:
    """Return a media type without its parameters."""
    bare = kind.partition(";")[0].strip().lower()
    return bare if bare in LINES or bare == FORM else masker.word(bare)


class Writer(yaml.SafeDumper):
    """Writes texts of several lines as they are."""


def literal(writer: yaml.SafeDumper, text: str) -> yaml.Node:
    """Return a text as a node of YAML."""
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Writer.add_representer(str, literal)


def as_yaml(title: str, entry: Mapping[str, Any]) -> str:
    """Return an entry of a table as YAML."""
    return yaml.dump({title: dict(entry)}, Dumper=Writer, allow_unicode=True, sort_keys=False, width=1 << 20)
