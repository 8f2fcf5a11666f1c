"""Any body on a catalogue host whose format no adapter knows: every string of it is a part.

Enters: JSON, lines of JSON, forms, multipart uploads, plain text, or nothing. Leaves: its parts. What cannot be read as
text raises `Unreadable`, never an empty prompt: only policy may let it pass, as "not inspected".
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from proxy import json_text
from proxy.adapters import openai_chat
from proxy.adapters.any_shape import AnyShape
from proxy.adapters.forms import FORM, parse_form, write_form
from proxy.adapters.interface import Adapter, Asked, Refusal
from proxy.adapters.multipart import Section, boundary_of, parse_multipart, write_multipart, write_section
from proxy.adapters.pointer import Steps, pointer
from proxy.adapters.prompt import SCHEMA_WORD, Rules, TreePrompt, read_json, read_tree
from proxy.adapters.wrapped import decode_text, is_lines
from proxy.errors import Unreadable, WireError
from proxy.exchange import Answer

RULES: Final = Rules()
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


def read_values(body: bytes) -> TreePrompt:
    """Read one JSON value, or lines of them: services are careless about which they announce."""
    try:
        return read_json(body, RULES)
    except WireError:
        if not is_lines(body):
            raise
    return read_tree(body, body.decode("utf-8"), RULES, str.encode)


def read_text(body: bytes) -> TreePrompt:
    """Read a body of unknown type: JSON if it is JSON, else one text; raises `Unreadable` if it is neither."""
    text = decode_text(body)
    if text is None:
        raise Unreadable("the body is neither JSON, nor a form, nor text")
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            return read_json(body, RULES)
        except WireError:
            pass
    return read_tree(body, text, RULES, str.encode)


def read_form(body: bytes) -> TreePrompt:
    """Read a web form; JSON in its fields is entered.

    What begins as JSON does is JSON that the client did not announce (curl calls any body a form), or refused: the
    service may read it either way, and as a form its escapes would hide what it says.
    """
    if body.lstrip()[:1] in (b"{", b"["):
        return read_values(body)
    return read_tree(body, parse_form(body), RULES, partial(write_form, body), name=field_name)


def field_name(path: Steps) -> str:
    """Return the pointer of a leaf in a form: the field's name comes first."""
    return pointer(path[1:])


def read_multipart(body: bytes, boundary: bytes) -> TreePrompt:
    """Read an upload: fields, file names, and the content of every section that is text."""
    sections = parse_multipart(body, boundary)
    tree = [entries(section) for section in sections]
    names = [dict(section.parameters).get("name", str(place)) for place, section in enumerate(sections)]
    closed = [pointer((names[place],)) for place, entry in enumerate(tree) if "content" not in entry]

    def name(path: Steps) -> str:
        first, second, *rest = path
        start: Steps = (names[first],) if isinstance(first, int) else ()
        return pointer(start) + (pointer(tuple(rest)) if second == "content" else f"#{second}")

    def encode(changed: Any) -> bytes:
        pairs = zip(sections, changed, strict=True)
        return write_multipart(body, boundary, [written(section, entry) for section, entry in pairs])

    return read_tree(body, tree, RULES, encode, name=name, opaque=closed)


def entries(section: Section) -> dict[str, str]:
    """Return what of a section is text: its parameters and, unless binary or in a transfer coding, its content."""
    texts = {
        entry_key(key): value for key, value in section.parameters if key != "name" or not SCHEMA_WORD.fullmatch(value)
    }
    content = None if section.coded else decode_text(section.content)
    return texts if content is None else {**texts, "content": content}


def entry_key(parameter: str) -> str:
    """Return the key of a parameter in the tree: a plain word, so that it is no part itself."""
    return parameter.replace("*", "_extended")


def written(section: Section, entry: Mapping[str, str]) -> bytes:
    """Return a section with the texts of `entry`."""
    parameters = tuple((key, entry.get(entry_key(key), value)) for key, value in section.parameters)
    content = entry["content"].encode("utf-8") if "content" in entry else section.content
    return write_section(section, parameters, content)
