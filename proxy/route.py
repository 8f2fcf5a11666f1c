"""Where an exchange that may go somewhere goes, and with which headers.

Enters: the client's request, and the company's model as the settings describe it. Leaves: `Forward` or `Redirect`.
The vendor's credentials and cookies never reach the company's model: its headers are made afresh. The company's key
never reaches a vendor: it is written in one place only, here, for one host only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from proxy.body import identity_headers
from proxy.canary import FIELD
from proxy.errors import InternalModelError
from proxy.exchange import Forward, Headers, Redirect

NEVER_FORWARDED: Final = frozenset({"proxy-authorization", "proxy-connection", "alt-used", "expect", FIELD})
"""Fields that are for the proxy, not for the service."""


@dataclass(frozen=True, slots=True)
class InternalModel:
    """The company's own OpenAI-compatible model server."""

    scheme: str
    host: str
    port: int
    base: str
    """Path before `/chat/completions`, as `/v1`."""
    key: str = field(repr=False)
    """Bearer token, or empty."""
    models: Mapping[str, str]
    """The model a client names (with `*` wildcards) → the model served; the first match counts, `*` catches all."""
    speaks: frozenset[str]
    """Ids of the adapters whose protocol the server understands by itself."""

    def model_for(self, asked: str) -> str:
        """Return the served model for the one asked for; raises `InternalModelError` where none is mapped."""
        for pattern, served in self.models.items():
            if fnmatchcase(asked, pattern):
                return served
        raise InternalModelError("the settings map no model of the company to the one asked for")


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


def redirect(model: InternalModel, path: str, body: bytes) -> Redirect:
    """Send `body` to the company's model at `path` below its base."""
    headers = [
        ("content-type", "application/json"),
        ("accept", "text/event-stream, application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", "sluice"),
    ]
    if model.key:
        headers.append(("authorization", f"Bearer {model.key}"))
    return Redirect(model.scheme, model.host, model.port, model.base + path, tuple(headers), body)
