"""Strict JSON: bytes to values and back, so that what is scanned is what every other parser will read.

Enters: bytes of any origin. Leaves: plain Python values, numbers keeping their literal text. Refused: everything two
parsers could read differently (RFC 8259, section 4 and 8): duplicate keys, a byte order mark, invalid UTF-8, lone
surrogates, NaN, and nesting over the cap. Nothing but `WireError` and `TooLarge` is raised; no message holds body
text.
"""

import json
import re
from math import isfinite
from typing import Any, Final

import orjson

from proxy.errors import TooLarge, WireError

MAX_DEPTH: Final = 200

BRACKETS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class Real(float):
    """A float that remembers a literal which its value cannot: digits scanned must be the digits sent."""

    __slots__ = ("text",)
    text: str


class Whole(int):
    """An integer beyond 64 bits, which the fast encoder would refuse."""


def parse(body: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return the JSON value of `body`.

    Raises:
        WireError: it is not strict JSON in UTF-8.
        TooLarge: arrays and objects are nested deeper than `max_depth`.
    """
    check_depth(body, max_depth)
    value, wrong = decoded(body)
    if wrong:  # raised here, where no decoder's error, which holds the body, is its context
        raise WireError(wrong)
    if SURROGATE.search(body):
        dump(value)  # a lone surrogate cannot be encoded, and is refused there
    return value


def decoded(body: bytes) -> tuple[Any, str]:
    """Return the JSON value of `body`, or what is wrong with it."""
    try:
        return DECODER.decode(body.decode("utf-8")), ""
    except UnicodeDecodeError as error:
        return None, f"the JSON is not UTF-8 at byte {error.start}; send UTF-8"
    except json.JSONDecodeError as error:
        return None, f"the JSON is malformed at character {error.pos}"
    except ValueError:
        return None, "the JSON holds a number of too many digits"


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is; raises `WireError` or `TooLarge`."""
    value = parse(body)
    if not isinstance(value, dict):
        raise WireError("the body must be a JSON object")
    return value


def dump(value: Any) -> bytes:
    """Return `value` as compact UTF-8 JSON, non-ASCII text unescaped; raises `WireError` for what JSON cannot say."""
    try:
        return orjson.dumps(value, default=literal, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    except orjson.JSONEncodeError:
        pass
    try:  # integers beyond 64 bits made by our own code
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        pass  # raised below, where neither encoder's error, which holds the text, is its context
    raise WireError("the value cannot be written as strict JSON")


def number_text(number: float) -> str:
    """Return the digits of `number` as they stand in the JSON text."""
    return number.text if isinstance(number, Real) else repr(number)


def check_depth(body: bytes, max_depth: int) -> None:
    """Raise `TooLarge` when brackets outside strings nest deeper than `max_depth`, before any parser recurses."""
    if body.count(b"[") + body.count(b"{") <= max_depth:
        return
    depth = 0
    for token in BRACKETS.finditer(body):
        first = body[token.start()]
        if first in b"[{":
            depth += 1
            if depth > max_depth:
                raise TooLarge(f"the JSON is nested deeper than {max_depth} levels")
        elif first in b"]}":
            depth -= 1


def literal(value: Any) -> orjson.Fragment:
    """Return the exact digits of a number that the encoder does not know."""
    if isinstance(value, Real):
        return orjson.Fragment(value.text.encode("ascii"))
    if isinstance(value, Whole):
        return orjson.Fragment(int.__repr__(value).encode("ascii"))
    raise TypeError


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing a repeated key: one parser takes the first, another the last."""
    built = dict(pairs)
    if len(built) != len(pairs):
        raise WireError("the JSON repeats a key within one object")
    return built


def integer(text: str) -> int:
    """Return the integer, marked when it is beyond 64 bits."""
    value = int(text)
    return value if -(2**63) <= value < 2**64 else Whole(value)


def real(text: str) -> float:
    """Return the float with its literal, if the literal says more than the value; raises `WireError` on overflow."""
    value = float(text)
    if not isfinite(value):
        raise WireError("the JSON holds a number that overflows")
    if len(text) < 16 and repr(value) == text and "e" not in text:  # the fast encoder writes it the same way
        return value
    kept = Real(value)
    kept.text = text
    return kept


def constant(_name: str) -> float:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise WireError("the JSON holds NaN or Infinity, which JSON does not have")


DECODER: Final = json.JSONDecoder(
    object_pairs_hook=unique, parse_int=integer, parse_float=real, parse_constant=constant
)
