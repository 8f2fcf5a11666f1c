"""What reads a request by which somebody signs in: account and password pass, all else is read as elsewhere.

Enters: any request for which no format of prompts is known, and its body. Leaves: its parts, less what somebody types
to sign in. That passes in a flat body alone, one object or form of single values: whatever holds a list, a file, a
depth, or a sentence under a name for one is no sign-in, and every string of it is read.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from detectors.headings import SPOKEN, is_account
from proxy.adapters.fallback import CHARSET, READABLE_CHARSETS, field_name
from proxy.adapters.forms import FORM, parse_form, write_form
from proxy.adapters.interface import Adapter, AnswerShape, Prompt, Refusal
from proxy.adapters.pointer import Steps, pointer
from proxy.adapters.prompt import Rules, read_tree
from proxy.errors import SluiceError
from proxy.exchange import Answer
from proxy.wire import json_text
from proxy.wire.sign_in import kind_of, passing

TYPES: Final = re.compile(rf"|text/plain|{re.escape(FORM)}|application/(?:[\w.-]+\+)?json")
LONGEST: Final = 32_768
"""Bytes of such a body: tokens and proofs of a browser are long."""
MOST_FIELDS: Final = 64

AROUND: Final = frozenset(
    {
        "account",
        "attributes",
        "body",
        "credentials",
        "data",
        "form",
        "params",
        "payload",
        "request",
        "user",
        "variables",
    }
)
"""Names under which all fields of a sign-in may stand."""
TYPED: Final = frozenset({"kind", "type", "value"})
"""Keys of an account that says which kind it is: `{"username": {"kind": "email", "value": …}}`."""
SENTENCES: Final = SPOKEN - AROUND
"""Names under which people's sentences stand."""
WORD: Final = re.compile(r"[a-z_ ]{0,32}")
"""What stands there in a sign-in, as `prompt=login` does."""


class NoSignInError(Exception):
    """Raised for a body that holds more than a sign-in does; no field passes then."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """An adapter, for a request by which somebody signs in."""

    inner: Adapter
    """Reads whatever turns out to be none, and refuses."""

    @property
    def id(self) -> str:
        """The name of the adapter."""
        return self.inner.id

    @property
    def shape(self) -> AnswerShape:
        """Where the text of answers sits."""
        return self.inner.shape

    def at(self, asked: object) -> Self:  # noqa: ARG002 - found for this very request
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> Prompt:
        """Read a request body; raises `WireError` or `TooLarge`."""
        return read_sign_in(body, content_type) or self.inner.read(body, content_type)

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as the adapter does."""
        return self.inner.refuse(refusal)


def read_sign_in(body: bytes, content_type: str) -> Prompt | None:
    """Return the prompt in a flat body of a sign-in; None for any other body."""
    kind = content_type.partition(";")[0].strip().lower()
    charset = CHARSET.search(content_type)
    if len(body) > LONGEST or TYPES.fullmatch(kind) is None:
        return None
    if charset is not None and charset[1].lower() not in READABLE_CHARSETS:
        return None
    name: Callable[[Steps], str] = pointer
    encode: Callable[[Any], bytes] = json_text.dump
    try:
        if body.lstrip()[:1] == b"{":
            tree: Any = json_text.parse_object(body)
            fields = list(fields_in(tree))
        elif kind == FORM:
            tree, name, encode = parse_form(body), field_name, partial(write_form, body)
            fields = [((place, *one), *single(*one.popitem())) for place, one in enumerate(map(dict, tree))]
        else:
            return None
    except (SluiceError, NoSignInError):
        return None
    if len(fields) > MOST_FIELDS:
        return None
    places = passing(fields)
    odd = any(not value.isascii() and kind_of(under) == "password" for _, under, value in fields)
    rules = Rules(
        unread=lambda leaf, _: leaf.path in places, keyed=odd, chosen=False
    )  # what is sent as a password is taken out as one
    return read_tree(body, tree, rules, encode, name=name)


def fields_in(tree: Mapping[str, Any]) -> Iterator[tuple[Steps, str, str]]:
    """Yield the fields of an object with their places, their names and values; raises `NoSignInError`."""
    for key, value in tree.items():
        if not isinstance(value, dict):
            yield (key,), *single(key, value)
            continue
        if key in SENTENCES:
            raise NoSignInError
        typed = is_account(key) and value.keys() <= TYPED
        for inner, one in value.items():
            _, text = single(inner, one)
            under = key if typed and inner == "value" else inner if key in AROUND else ""
            yield (key, inner), under, text


def single(name: str, value: Any) -> tuple[str, str]:
    """Return a field with its one value as text; raises `NoSignInError` for more than that."""
    if isinstance(value, dict | list) and value:
        raise NoSignInError
    text = value if isinstance(value, str) else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = json_text.number_text(value)
    if name in SENTENCES and WORD.fullmatch(text) is None:
        raise NoSignInError
    return name, text
