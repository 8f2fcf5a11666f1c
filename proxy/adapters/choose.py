"""Which adapter reads a request: the first of the list that fits.

Interfaces are known by method and path, on any host: every compatible vendor, gateway and deployment serves the same
formats. What only one product speaks is asked for the wire format that the catalogue names for its service, too.
"""

import re
from dataclasses import replace
from typing import Final

from proxy.adapters import anthropic_rest as anthropic
from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.aws import entries as aws
from proxy.adapters.entry import Entry
from proxy.adapters.fallback import Fallback
from proxy.adapters.google import entries as google
from proxy.adapters.interface import Adapter, Asked
from proxy.adapters.openai import entries as openai
from proxy.adapters.sign_in import SignIn
from proxy.adapters.sockets import entries as sockets
from proxy.adapters.vendors import entries as vendors
from proxy.adapters.vendors.any_body import AnyBody
from proxy.adapters.web import entries as web
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.wire.sign_in import looks_like_sign_in

ADAPTERS: Final[tuple[Entry, ...]] = (
    *sockets.ENTRIES,
    *web.ENTRIES,
    *aws.ENTRIES,
    *google.ENTRIES,
    *vendors.ENTRIES,
    *anthropic.ENTRIES,
    *openai.ENTRIES,
    Entry(AnthropicMessages(), re.compile(r"(?:/.*)?/v1/messages(?:/count_tokens)?/?")),
    *aws.REST,
    *google.REST,
    *anthropic.REST,
    *vendors.REST,
)
"""In order; the first that fits is taken, and where none fits every string of the body is read."""

FALLBACK: Final[Adapter] = Fallback()


ANYTHING: Final = (Fallback, BesideCalls, AnyBody)
"""Adapters that know no format of prompts: what they read may be a sign-in."""
MARK: Final = re.compile(r"[/_.:@~-]")
"""What may stand behind a path, and another word after it."""
MOST_WORDS: Final = 24
"""Of the path of a sign-in."""
JSON: Final = (("content-type", "application/json"),)


def choose(asked: Asked) -> Adapter:
    """Return the adapter for a request."""
    found = first(asked).at(asked)
    return SignIn(found) if isinstance(found, ANYTHING) and signs_in(asked) else found


def first(asked: Asked) -> Adapter:
    """Return the first adapter of the list that fits."""
    return next((entry.adapter for entry in ADAPTERS if entry.fits(asked)), FALLBACK)


def signs_in(asked: Asked) -> bool:
    """Tell whether a request signs somebody in: no interface of prompts is one, nor anything beneath its address."""
    if not looks_like_sign_in(asked.host, asked.path):
        return False
    ends = [found.start() for found in MARK.finditer(asked.bare)][1:]
    paths = [asked.bare[:end] for end in (*ends, len(asked.bare))]
    spelt = {*paths, *map(str.lower, paths)}  # servers may read an address in either case
    return len(paths) <= MOST_WORDS and all(
        isinstance(first(replace(asked, method="POST", path=path, headers=JSON)), ANYTHING) for path in spelt
    )
