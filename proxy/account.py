"""Whose account of a service a request uses, as far as its own head shows: `free`, `personal`, `company` or `unknown`.

Enters: a request's head, the service, and the accounts that the settings say are the company's. Leaves: one word. Pure.
Most services show nothing, and an opaque key or cookie is never guessed at: the honest answer is mostly `unknown`. A
name that the client writes counts because the service itself refuses it to those who do not belong there. What a token
claims is not verified, so it makes no account the company's: it may only tell that one is somebody's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from proxy.exchange import Request, header
from proxy.token_claims import claim, claims_in

type Account = Literal["free", "personal", "company", "unknown"]


@dataclass(frozen=True, slots=True)
class Sign:
    """Where the requests of one service name the account, or show that there is none."""

    header: str = ""
    """Field that holds the account's id and nothing else."""
    path: re.Pattern[str] | None = None
    """Found in the path, query left out; group 1 is the account's id."""
    host: re.Pattern[str] | None = None
    """Matches the whole host; group 1 is the account's id."""
    signed_out: re.Pattern[str] | None = None
    """Found in the paths that are for people without an account."""
    private: re.Pattern[str] | None = None
    """Matches the whole host of those whose account is their own, whatever the company's are."""


UUID: Final = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"

SIGNS: Final[Mapping[str, tuple[Sign, ...]]] = {
    "anthropic-claude": (
        Sign(path=re.compile(rf"^/api/organizations/({UUID})(?=/|$)")),
        Sign(path=re.compile(rf"^/api/({UUID})/upload(?=/|$)")),
    ),
    "cloudflare-ai": (
        Sign(path=re.compile("^/client/v4/accounts/([0-9a-f]{32})(?=/|$)")),
        Sign(path=re.compile("^/v1/([0-9a-f]{32})(?=/|$)")),
    ),
    "duck-ai": (Sign(signed_out=re.compile("^/")),),
    "github-copilot": (Sign(private=re.compile(r"(?:api|proxy)\.individual\.githubcopilot\.com")),),
    "google-vertex-ai": (Sign(path=re.compile(r"/projects/([a-z0-9:.-]+)(?=/|$)")),),
    "ms-azure-openai": (Sign(host=re.compile(r"([a-z0-9-]+)\.(?:openai|services\.ai)\.azure\.(?:com|us)")),),
    "ms-azure-openai-cn": (Sign(host=re.compile(r"([a-z0-9-]+)\.openai\.azure\.cn")),),
    "ms-m365-copilot": (Sign(path=re.compile(f"^/m365Copilot/[^/]+/[^/@]+@({UUID})$")),),
    "openai-api": (Sign(header="openai-project"), Sign(header="openai-organization")),
    "openai-chatgpt": (Sign(header="chatgpt-account-id"), Sign(signed_out=re.compile("^/backend-anon/"))),
}  # fmt: skip
"""By service; every service that is not here never tells, unless a token does."""

OPENAI: Final = ("https://api.openai.com/auth", "chatgpt_account_id")
MICROSOFT: Final = ("tid",)
CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "ms-copilot": MICROSOFT,
    "ms-m365-copilot": MICROSOFT,
    "openai-chatgpt": OPENAI,
}
"""By service: where its tokens name the account, or the tenant."""
OWN: Final = frozenset({"9188040d-6c67-4c5b-b112-36a304aadda5"})
"""The tenant of all of Microsoft's personal accounts, by Microsoft's own documents."""
DECIDES: Final = frozenset({"openai-chatgpt"})
"""Services whose request may choose among the accounts of the token's owner: what it names counts, not the token."""


def account_of(request: Request, service: str, companys: Mapping[str, frozenset[str]]) -> Account:
    """Return whose account it is; `companys` holds the ids of the company's own accounts by service.

    An id that is named and is not the company's is `personal`, but only where the company has said which ids are its.
    """
    path = request.path.partition("?")[0]
    signs = SIGNS.get(service, ())
    if any(sign.signed_out and sign.signed_out.search(path) for sign in signs):
        return "free"
    if any(sign.private and sign.private.fullmatch(request.host) for sign in signs):
        return "personal"
    named = {id for sign in signs if (id := named_by(sign, request, path))}
    claimed = claimed_by(request, service)
    if (named | claimed) & OWN:
        return "personal"
    ours = companys.get(service, frozenset())
    if not (named or claimed) or not ours:
        return "unknown"
    foreign = bool(claimed) and not claimed <= ours
    if named:
        return "company" if named & ours and (service in DECIDES or not foreign) else "personal"
    return "personal" if foreign else "unknown"


def claimed_by(request: Request, service: str) -> frozenset[str]:
    """Return the accounts that the tokens of a request name."""
    where = CLAIMS.get(service)
    names = (claim(claims, *where).lower() for claims in claims_in(request)) if where else ()
    return frozenset(name for name in names if name)


def named_by(sign: Sign, request: Request, path: str) -> str:
    """Return the account's id that a request shows at one place, or an empty string.

    A field that stands there twice says two things, and so nothing.
    """
    if sign.header:
        values = [value.strip() for name, value in request.headers if name == sign.header]
        return values[0] if len(values) == 1 and header(request.headers, sign.header) else ""
    found = sign.path.search(path) if sign.path else sign.host.fullmatch(request.host) if sign.host else None
    return found[1] if found else ""
