"""Which adapter reads a request: the first of the list that fits.

Interfaces are known by method and path, on any host: every compatible vendor, gateway and deployment serves the same
formats. What only one product speaks is asked for the wire format that the catalogue names for its service, too.
"""

import re
from typing import Final

from proxy.adapters import anthropic_rest as anthropic
from proxy.adapters.anthropic_messages import AnthropicMessages
from proxy.adapters.aws import entries as aws
from proxy.adapters.entry import Entry
from proxy.adapters.fallback import Fallback
from proxy.adapters.google import entries as google
from proxy.adapters.interface import Adapter, Asked
from proxy.adapters.openai import entries as openai
from proxy.adapters.sockets import entries as sockets
from proxy.adapters.vendors import entries as vendors
from proxy.adapters.web import entries as web

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


def choose(asked: Asked) -> Adapter:
    """Return the adapter for a request."""
    found = next((entry.adapter for entry in ADAPTERS if entry.fits(asked)), FALLBACK)
    return found.at(asked)
