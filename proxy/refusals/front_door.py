"""The company's own front door to AI: where a person is sent who opens a page that is forbidden.

Enters: the setting, a refusal, the head of the refused request. Leaves: an address, or the answer that leads a browser
there. The address says which service and rule it was, the record's number and the language: ids, and nothing that the
person typed. What can still be opened by asking or confirming leads to that instead; the door never leads to itself.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from proxy.exchange import Answer, Request, header
from proxy.refusals.deliver import is_navigation
from proxy.refusals.refusal import Explanation
from proxy.services.catalogue import canonical_host

type How = Literal["redirect", "link"]


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """What the settings say of it."""

    address: str = ""
    """Empty where the company has none."""
    how: How = "redirect"
    """`redirect` sends browsers there at once; `link` shows it on the page that explains."""

    def way(self, request: Request, service: str, rule: str, reference: str, language: str) -> str:
        """Return the address for one refusal; empty without a door, and for a request to the door itself."""
        if not self.address or canonical_host(request.host) == canonical_host(urlsplit(self.address).hostname or ""):
            return ""
        told = {"service": service, "rule": rule, "reference": reference, "lang": language}
        parts = urlsplit(self.address)
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *told.items()])
        return urlunsplit(parts._replace(query=query))

    def leads(self, request: Request, way: str) -> bool:
        """Return whether a refused request is answered by going to `way`: a person opens a page, not one in a frame."""
        top = header(request.headers, "sec-fetch-dest").lower() in ("", "document")
        opens = request.method == "GET" and is_navigation(request.headers, request.method)
        return bool(way) and self.how == "redirect" and top and opens


def lead(way: str, explanation: Explanation) -> Answer:
    """Return the answer that sends a browser on; it is not to be remembered, for policy may change."""
    headers = (
        ("location", way),
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    )
    return Answer(302, headers, explanation.message.encode())
