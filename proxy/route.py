"""Where an exchange that may go somewhere goes, and with which headers.

Enters: the client's request, and the company's model as the settings describe it. Leaves: `Forward` or `Redirect`.
The vendor's credentials and cookies never reach the company's model: its headers are made afresh. The company's key
never reaches a vendor: it is written in one place only, here, for one host only.
"""

from dataclasses import replace
from typing import Final

from proxy.canary.judge import FIELD
from proxy.exchange import Forward, Headers, Redirect
from proxy.internal.models import InternalServer
from proxy.wire.body import identity_headers

NEVER_FORWARDED: Final = frozenset({"proxy-authorization", "proxy-connection", "alt-used", "expect", FIELD})
"""Fields that are for the proxy, not for the service."""


def forward(
    path: str,
    headers: Headers,
    body: bytes | None,
    stripped: frozenset[str],
    *,
    plain_answer: bool,
    changed: Headers = (),
) -> Forward:
    """Send the request on, with `body` in place of its own unless that is `None`, and with the fields in `changed`.

    `plain_answer` asks for an answer without content coding, so that it can be restored chunk by chunk.
    """
    without = NEVER_FORWARDED | stripped
    if body is not None:
        without |= {name for name, _ in headers} - {name for name, _ in identity_headers(headers)}
    replaced = tuple((name, value) for name, value in changed if name not in without)
    if plain_answer:
        replaced = (*(one for one in replaced if one[0] != "accept-encoding"), ("accept-encoding", "identity"))
    return Forward(path, without, replaced, body)


def redirect(server: InternalServer, path: str, served: str, body: bytes) -> Redirect:
    """Send `body` for the model `served` to a server of the company, at `path` below its base; its key is not on it."""
    headers = (
        ("content-type", "application/json"),
        ("accept", "text/event-stream, application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", "sluice"),
    )
    return Redirect(server.scheme, server.host, server.port, server.path(path, served), headers, body, server)


def with_key(outcome: Redirect, key: str) -> Redirect:
    """Return what is sent to a server of the company with the server's own key, if it has one."""
    return replace(outcome, headers=(*outcome.headers, outcome.server.key_field(key))) if key else outcome
