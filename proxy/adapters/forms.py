"""Web forms: `application/x-www-form-urlencoded` to fields and back (WHATWG URL, section 5).

Enters: the body. Leaves: the fields in order, each an object of one entry, and a body in which only changed fields are
written anew. A field that two parsers could decode differently (broken percent escapes, bytes that are not UTF-8) is
refused.
"""

import re
from typing import Any, Final
from urllib.parse import quote_plus, unquote_to_bytes

from proxy.errors import TooLarge, WireError

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 10_000
BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse_form(body: bytes) -> list[dict[str, str]]:
    """Return the fields of `body`; raises `WireError` or `TooLarge`."""
    fields = body.split(b"&")
    if len(fields) > MOST_FIELDS:
        raise TooLarge(f"the form has more than {MOST_FIELDS} fields")
    return [{decode_field(name): decode_field(value)} for name, _, value in (one.partition(b"=") for one in fields)]


def write_form(body: bytes, fields: Any) -> bytes:
    """Return `body` with those fields written anew that read differently now."""
    written: list[bytes] = []
    for raw, old, new in zip(body.split(b"&"), parse_form(body), fields, strict=True):
        ((name, value),) = new.items()
        written.append(raw if new == old else f"{quote_plus(name)}={quote_plus(value)}".encode("ascii"))
    return b"&".join(written)


def unescaped(body: bytes) -> bytes:
    """Return the bytes that the fields of a form stand for, whatever charset they are in."""
    return unquote_to_bytes(body.replace(b"+", b" "))


def form_as_utf8(body: bytes, codec: str) -> bytes:
    """Return a form whose fields are in another charset, in UTF-8; raises `UnicodeError` or `WireError`."""
    if BROKEN_ESCAPE.search(body):
        raise WireError("the form holds a broken percent escape")
    fields = ([unescaped(half).decode(codec) for half in one.split(b"=", 1)] for one in body.split(b"&"))
    return "&".join("=".join(map(quote_plus, halves)) for halves in fields).encode("ascii")


def decode_field(raw: bytes) -> str:
    """Return one name or value; raises `WireError`."""
    if BROKEN_ESCAPE.search(raw):
        raise WireError("the form holds a broken percent escape")
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        pass  # it holds the field, so ours is raised outside: not even its context may
    raise WireError("the form holds a field that is not UTF-8")
