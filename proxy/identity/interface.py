"""The nouns of logins: where names and groups come from, as the settings say. Secrets show in no `repr`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from proxy.caller import Net

LOGIN: Final = "sluice_login"
"""Metadata key of the name that a login has proven."""

CERTIFIED: Final = "sluice_certified"
"""Metadata key of the name of a client certificate that a front has verified."""

VOUCHED: Final = "sluice_vouched"
"""Metadata key of the header fields that a front may have written; they are no longer among the request's."""


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """A directory that speaks LDAP."""

    url: str
    """`ldaps://host:port`, or `ldap://host:port`, then with StartTLS unless `plain`."""
    base: str
    """Below this entry people stand."""
    bind: str = ""
    """Whom the proxy itself logs in as to look people up; nobody where it is empty."""
    password: str = field(default="", repr=False)
    user: str = "uid"
    """The attribute that holds the name by which people log in."""
    groups: str = "memberOf"
    """The attribute of a person that lists groups; empty where groups list their members."""
    group_base: str = ""
    """Below this entry groups stand that list their members; empty where people list their groups."""
    member: str = "member"
    """The attribute by which such a group lists them: names of entries, or with `memberUid` names of people."""
    ca: Path | None = None
    """Authorities trusted for the directory besides the public ones."""
    plain: bool = False
    """Whether passwords may travel unencrypted."""
    login: bool = True
    """Whether people log in to the proxy with their name and password there."""
    fresh: int = 600
    """Seconds for which what was looked up counts."""
    stale: int = 4 * 3600
    """Seconds for which it counts while the directory is away."""
    timeout: int = 5
    """Whole seconds for a connection and for an answer."""


@dataclass(frozen=True, slots=True)
class Tickets:
    """Kerberos, by SPNEGO."""

    service: str = "HTTP"
    host: str = ""
    """The name of the proxy that clients use, for which the keytab holds a key."""
    keytab: Path | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """Balancers that say by the PROXY protocol who connects to them."""

    trusted: tuple[Net, ...] = ()
    """Their addresses; every connection from there must begin with a PROXY header."""
    certificates: bool = False
    """Whether the name of a client certificate that they have verified is the name of the person."""
