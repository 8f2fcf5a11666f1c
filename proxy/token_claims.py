"""What a token says of its owner, read and not verified: the claims of JSON Web Tokens that a request's head carries.

Enters: a request's head. Leaves: claims. Pure. Nobody's key is at hand, so a claim is what the client says; a token
that the service would refuse is refused by it, not here. So claims may only ever make an account less welcome. Nothing
of a token is kept, and no claim but those that are asked for is looked at.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from proxy.errors import SluiceError
from proxy.exchange import Request
from proxy.wire import json_text

LONGEST: Final = 16384
"""Characters of a token."""
TOKEN: Final = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]*", re.ASCII)
"""Head, claims and signature (RFC 7519, in the compact form of RFC 7515); an encrypted one has five parts."""
FIELDS: Final = frozenset({"access_token", "accesstoken"})
"""Names of the query's fields that carry one, in small letters."""


def claims_in(request: Request) -> Iterator[Mapping[str, Any]]:
    """Yield the claims of each token in the head of a request."""
    for token in tokens_in(request):
        found = TOKEN.fullmatch(token) if len(token) <= LONGEST else None
        if found is not None and (claims := read_claims(found[1])):
            yield claims


def tokens_in(request: Request) -> Iterator[str]:
    """Yield what may be a token."""
    for name, value in request.headers:
        scheme, _, token = value.strip().partition(" ")
        if name == "authorization" and scheme.lower() == "bearer":
            yield token.strip()
    for name, value in parse_qsl(request.path.partition("?")[2], max_num_fields=None):
        if name.lower() in FIELDS:
            yield value


def read_claims(part: str) -> dict[str, Any]:
    """Return the claims in the second part of a token; none where it is not JSON."""
    try:
        return json_text.parse_object(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, SluiceError):
        return {}


def claim(claims: Mapping[str, Any], *path: str) -> str:
    """Return the text at `path`, or an empty string."""
    value: Any = claims
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
