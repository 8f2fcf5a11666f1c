"""Any body on a catalogue host whose format no adapter knows: every string of it is a part.

Enters: JSON, lines of JSON, forms, multipart uploads, plain text, or nothing. Leaves: its parts. What cannot be read as
text raises `Unreadable`, never an empty prompt: only policy may let it pass, as "not inspected".
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from proxy.adapters import openai_chat
from proxy.adapters.any_shape import AnyShape
from proxy.adapters.forms import FORM, parse_form, write_form
from proxy.adapters.interface import Adapter, Asked, Refusal
from proxy.adapters.multipart import Section, boundary_of, coded, open_envelope, write_section
from proxy.adapters.pointer import Steps, pointer
from proxy.adapters.prompt import SCHEMA_WORD, File, Rules, TreePrompt, read_json, read_tree
from proxy.adapters.wrapped import decode_text, is_lines
from proxy.documents.kind import kind_of
from proxy.errors import Unreadable, WireError
from proxy.exchange import Answer
from proxy.wire import json_text

RULES: Final = Rules(chosen=False)
CHARSET: Final = re.compile(r";\s*charset=\"?([^\s\";]+)", re.IGNORECASE)
READABLE_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
NEVER_TEXT: Final = re.compile(
    r"(?!application/json\+protobuf).*(?:protobuf|grpc|\+proto|connect\+).*|(?:image|audio|video|font)/(?!svg).*"
)
"""Types whose bytes may look like text and yet be read otherwise by the service."""


class Fallback:
    """Everything that no other adapter reads."""

    id: Final = "fallback"
    shape: Final = AnyShape()

    def at(self, asked: Asked) -> Adapter:  # noqa: ARG002 - every request is alike to it
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body; raises `Unreadable`, `WireError` or `TooLarge`."""
        kind = content_type.partition(";")[0].strip().lower()
        charset = CHARSET.search(content_type)
        if not body:
            return read_tree(body, None, RULES, json_text.dump)
        if charset is not None and charset[1].lower() not in READABLE_CHARSETS:
            raise Unreadable("the body is in a charset other than UTF-8")
        if kind.startswith("multipart/"):
            return read_multipart(body, boundary_of(content_type))
        if kind == FORM:
            return read_form(body)
        if NEVER_TEXT.fullmatch(kind):
            raise Unreadable("the body is binary")
        if "json" in kind:
            return read_values(body)
        return read_text(body)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as the error object most clients know."""
        return openai_chat.refuse(refusal)


def read_values(body: bytes, rules: Rules = RULES) -> TreePrompt:
    """Read one JSON value, or lines of them: services are careless about which they announce."""
    try:
        return read_json(body, rules)
    except WireError:
        if not is_lines(body):
            raise
    return read_tree(body, body.decode("utf-8"), rules, str.encode)


def read_text(body: bytes, rules: Rules = RULES) -> TreePrompt:
    """Read a body of unknown type: JSON if it is JSON, else one text; raises `Unreadable` if it is neither."""
    text = decode_text(body)
    if text is None:
        raise Unreadable("the body is neither JSON, nor a form, nor text")
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            return read_json(body, rules)
        except WireError:
            pass
    return read_tree(body, text, rules, str.encode)


def read_form(body: bytes, rules: Rules = RULES) -> TreePrompt:
    """Read a web form; JSON in its fields is entered.

    What begins as JSON does is JSON that the client did not announce (curl calls any body a form), or refused: the
    service may read it either way, and as a form its escapes would hide what it says.
    """
    if body.lstrip()[:1] in (b"{", b"["):
        return read_values(body, rules)
    return read_tree(body, parse_form(body), rules, partial(write_form, body), name=field_name)


def field_name(path: Steps) -> str:
    """Return the pointer of a leaf in a form: the field's name comes first."""
    return pointer(path[1:])


def read_multipart(body: bytes, boundary: bytes, rules: Rules = RULES) -> TreePrompt:
    """Read an upload: fields, file names, and the content of every section that is text; the others are files."""
    envelope = open_envelope(body, boundary)
    sections = envelope.sections
    around = [words if words.strip() else b"" for words in (envelope.before, (envelope.after or b"--")[2:])]
    tree = [*map(entries, sections), *(words_around(words, boundary) for words in around)]
    names = [dict(section.parameters).get("name", str(place)) for place, section in enumerate(sections)]
    names += ["#before", "#after"]
    sealed = [place for place, entry in enumerate(tree) if "content" not in entry]
    closed = [pointer((names[place],)) for place in sealed if place < len(sections) or around[place - len(sections)]]
    files = [
        File(pointer((names[place],)), file_name(section), section.content_type, data, (place, "data"))
        for place, section in enumerate(sections)
        if isinstance(data := tree[place].get("data"), bytes)
    ]

    def name(path: Steps) -> str:
        first, second, *rest = path
        start: Steps = (names[first],) if isinstance(first, int) else ()
        return pointer(start) + (pointer(tuple(rest)) if second == "content" else f"#{second}")

    def encode(changed: Any) -> bytes:
        *entries, before, after = changed
        made = [written(section, entry) for section, entry in zip(sections, entries, strict=True)]
        first = before["content"].encode("utf-8") if "content" in before else envelope.before
        closing = envelope.after
        last = closing[:2] + after["content"].encode("utf-8") if closing and "content" in after else closing
        return envelope.write(boundary, made, first, last)

    def named(path: Steps) -> str:
        return names[path[0]] if isinstance(path[0], int) and path[1] == "content" else ""

    return read_tree(body, tree, rules, encode, name=name, named=named, opaque=closed, files=files)


def entries(section: Section) -> dict[str, str | bytes]:
    """Return what is in a section: its parameters and, unless in a transfer coding, its content as text or as bytes."""
    held: dict[str, str | bytes] = {
        entry_key(key): value for key, value in section.parameters if key != "name" or not SCHEMA_WORD.fullmatch(value)
    }
    if (plain := section.plain) is None:
        return held
    content = None if is_page(section, plain) else decode_text(plain)
    return {**held, "data": plain} if content is None else {**held, "content": content}


def words_around(words: bytes, boundary: bytes) -> dict[str, str | bytes]:
    """Return what stands around the sections, which servers pass over: text; nothing where it may be more than that."""
    text = None if not words or b"--" + boundary in words else decode_text(words)
    return {} if text is None else {"content": text}


def is_page(section: Section, plain: bytes) -> bool:
    """Return whether a section is a file whose text stands between tags."""
    return bool(file_name(section)) and kind_of(plain, file_name(section)) == "html"


def file_name(section: Section) -> str:
    """Return what the client calls the file, or nothing."""
    parameters = dict(section.parameters)
    return parameters.get("filename*", parameters.get("filename", ""))


def entry_key(parameter: str) -> str:
    """Return the key of a parameter in the tree: a plain word, so that it is no part itself."""
    return parameter.replace("*", "_extended")


def written(section: Section, entry: Mapping[str, str | bytes]) -> bytes:
    """Return a section with the texts, or the bytes, of `entry`."""
    parameters = tuple((key, str(entry.get(entry_key(key), value))) for key, value in section.parameters)
    content = entry.get("content", entry.get("data", section.plain))
    content = content.encode("utf-8") if isinstance(content, str) else content
    kept = content is None or content == section.plain
    return write_section(section, parameters, section.content if kept else coded(section, content or b""))
