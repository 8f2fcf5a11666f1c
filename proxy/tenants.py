"""Only the company's own tenant of a service: header fields that tell services which accounts may be used. Pure.

Enters: what the settings say of the company's tenants. Leaves: for a host, the fields that every request to it carries;
a value that the client wrote never goes out in their place. It is the service that refuses other accounts, from the
fields; nothing is guessed here. To a host that no vendor's documents name, no such field is ever sent.

Sources: OpenAI's field and host are in Palo Alto's and Cloudflare's documents, Anthropic's in its help centre, article
13198485, Google's in its help centre, article 1668854, and in the documents of Gemini Code Assist on network access,
Microsoft's in the documents of Entra on tenant restrictions, versions 1 and 2. None of it was tried live.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from proxy.exchange import Headers

SIGN_IN: Final = ("login.microsoftonline.com", "login.microsoft.com", "login.windows.net")


@dataclass(frozen=True, slots=True)
class Restriction:
    """One field, and the hosts that are told."""

    field: str
    value: str
    hosts: frozenset[str]
    """Whole names; these are opened, be they in the catalogue or not."""
    below: str = ""
    """A domain whose hosts are told too, where they are opened anyway."""

    def holds_for(self, host: str) -> bool:
        """Tell whether requests to `host` carry the field."""
        return host in self.hosts or (bool(self.below) and f".{host}".endswith(f".{self.below}"))


@dataclass(frozen=True, slots=True)
class Tenants:
    """All restrictions of a company."""

    restrictions: tuple[Restriction, ...] = ()

    @property
    def opened(self) -> frozenset[str]:
        """Hosts that must be opened so that they can be told."""
        return frozenset(host for each in self.restrictions for host in each.hosts)

    def fields_for(self, hosts: Iterable[str]) -> Headers:
        """Return the fields of a request that names these hosts as its destination."""
        names = tuple(hosts)
        return tuple((each.field, each.value) for each in self.restrictions if any(map(each.holds_for, names)))


FIELDS: Final = (
    *("chatgpt-allowed-workspace-id", "anthropic-allowed-org-ids"),
    *("x-googapps-allowed-domains", "x-geminicodeassist-allowed-domains"),
    *("restrict-access-to-tenants", "restrict-access-context", "sec-restrict-tenant-access-policy"),
)
"""All that any service obeys; where the company restricts one, the client's own have no say, of whatever version."""


def openai(workspace: str) -> tuple[Restriction, ...]:
    """Restrict ChatGPT to one workspace."""
    return (Restriction("chatgpt-allowed-workspace-id", workspace, frozenset({"chatgpt.com"})),)


def anthropic(organizations: Iterable[str]) -> tuple[Restriction, ...]:
    """Restrict Claude, its pages and its interface, to these organisations."""
    hosts = frozenset({"claude.ai", "api.anthropic.com"})
    return (Restriction("anthropic-allowed-org-ids", ",".join(organizations), hosts),)


def google(domains: Iterable[str]) -> tuple[Restriction, ...]:
    """Restrict Google's pages to accounts of these domains, and Gemini Code Assist as well."""
    joined = ",".join(domains)
    assist = frozenset({"cloudcode-pa.googleapis.com", "daily-cloudcode-pa.googleapis.com"})
    return (
        Restriction("x-googapps-allowed-domains", joined, frozenset({"accounts.google.com"}), below="google.com"),
        Restriction("x-geminicodeassist-allowed-domains", joined, assist),
    )


def microsoft(tenants: Iterable[str], directory: str, policy: str) -> tuple[Restriction, ...]:
    """Restrict signing in to these tenants or, with the id of a `policy` in Entra, to what that says.

    Personal accounts are refused in both cases.
    """
    hosts = frozenset(SIGN_IN)
    personal = Restriction("sec-restrict-tenant-access-policy", "restrict-msa", frozenset({"login.live.com"}))
    if policy:
        return (Restriction("sec-restrict-tenant-access-policy", f"{directory}:{policy}", hosts), personal)
    return (
        Restriction("restrict-access-to-tenants", ",".join(tenants), hosts),
        Restriction("restrict-access-context", directory, hosts),
        personal,
    )
