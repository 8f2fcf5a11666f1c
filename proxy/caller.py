"""Who is asking: what is known of a connection enters, a user with groups leaves.

Three sources, the strongest first: the name proved by the proxy's login (or by a client certificate to a front), a
header set by a trusted front, the network. A name from a header must never be believed from an address that is not
listed, and no identity field may travel on to a service (`identity_fields`). Somebody who cannot be identified is an
empty name in no group.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from types import MappingProxyType
from typing import Final, Literal

from proxy.exchange import Headers

type Address = IPv4Address | IPv6Address
type Net = IPv4Network | IPv6Network
type How = Literal["proxy_login", "certificate", "header", "network", "unknown"]

LONGEST_NAME: Final = 128
"""Characters of a user's or a group's name."""

MOST_GROUPS: Final = 256
"""Groups believed of one header."""


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """What the shell knows of a connection and of the request on it."""

    address: str
    """The client's IP address, as the socket gives it."""
    headers: Headers = field(default=(), repr=False)
    login: str = ""
    """User name that has passed the proxy's own authentication, or empty where none is asked for."""


@dataclass(frozen=True, slots=True)
class HeaderSource:
    """A header by which a front (single sign-on, another proxy) names the person."""

    user: str
    """Name of the header field, in lower case."""
    trusted: tuple[Net, ...]
    """Addresses of the fronts; from anywhere else the header is ignored."""
    groups: str = ""
    """Name of the field with the groups, separated by commas, or empty."""
    inside_tunnels: bool = False
    """Whether the front decrypts tunnels and writes the fields inside; else the client writes there."""


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """What an address says about the person behind it."""

    network: Net
    user: str = ""
    """The one person who works there, or empty for a place of many."""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the company lists in its groups."""

    name: str
    """As listed: directories take `ALICE` for `alice`, and so must every rule."""
    groups: frozenset[str]


type Roster = Mapping[str, Person]
"""Everyone listed, by case-folded name; `make_roster` turns a list of groups round into it."""


@dataclass(frozen=True, slots=True)
class IdentitySources:
    """Where identities come from, as the settings say; nothing is believed by default."""

    proxy_login: bool = False
    """Whether the proxy asks for a login of its own."""
    certificates: bool = False
    """Whether a front says whose client certificate it has verified."""
    header: HeaderSource | None = None
    networks: tuple[NetworkSource, ...] = ()
    roster: Roster = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind a request."""

    user: str
    """Name, or empty when nobody could be identified."""
    groups: frozenset[str]
    address: str
    """Canonical IP address; an IPv4-mapped IPv6 address is written as IPv4. Empty if the shell gave none."""
    how: How
    """The source that named the user."""


def identify(facts: ConnectionFacts, sources: IdentitySources) -> Caller:
    """Return who is asking."""
    address = read_address(facts.address)
    places = [source for source in sources.networks if address is not None and address in source.network]
    user, groups, how = name_caller(facts, sources, address, places)
    person = sources.roster.get(user.casefold(), Person(user, frozenset()))
    groups |= person.groups
    for place in places:
        # The groups of a place go to whoever is there, those of a person's own network only to that person.
        if not place.user or clean_name(place.user).casefold() == user.casefold():
            groups |= place.groups
    return Caller(person.name, groups, str(address) if address else "", how)


def name_caller(
    facts: ConnectionFacts, sources: IdentitySources, address: Address | None, places: list[NetworkSource]
) -> tuple[str, frozenset[str], How]:
    """Return the name from the strongest source that gives one, with the groups that source vouches for."""
    if (sources.proxy_login or sources.certificates) and (login := clean_name(facts.login)):
        return login, frozenset(), "proxy_login" if sources.proxy_login else "certificate"
    if sources.header is not None and is_trusted(address, sources.header.trusted):
        user, groups = read_identity_headers(facts.headers, sources.header)
        if user:
            return user, groups, "header"
    named = [place for place in places if place.user]
    if named:
        nearest = max(named, key=lambda place: place.network.prefixlen)
        return clean_name(nearest.user), frozenset(), "network"
    return "", frozenset(), "unknown"


def is_trusted(address: Address | None, networks: tuple[Net, ...]) -> bool:
    """Return whether `address` lies in one of `networks`."""
    return address is not None and any(address in network for network in networks)


def read_identity_headers(headers: Headers, source: HeaderSource) -> tuple[str, frozenset[str]]:
    """Return user and groups from a trusted front's headers, or nothing at all if any of it is doubtful.

    Two fields of one name mean that somebody behind the front added theirs: neither is believed.
    """
    users = [value for name, value in headers if name == source.user]
    lists = [value for name, value in headers if source.groups and name == source.groups]
    if len(users) != 1 or len(lists) > 1:
        return "", frozenset()
    user = clean_name(users[0])
    listed = [item for item in lists[0].split(",") if item.strip()] if lists else []
    groups = frozenset(clean_name(item) for item in listed)
    if not user or "" in groups or len(groups) > MOST_GROUPS:
        return "", frozenset()
    return user, groups


def clean_name(name: str) -> str:
    """Return `name` in NFC without outer spaces, or an empty string if it cannot be a name.

    Control characters, invisible and bidirectional marks, unpaired surrogates and overlong names are refused.
    """
    name = name.strip(" \t")
    if len(name) > LONGEST_NAME or not name.isprintable():
        return ""
    return unicodedata.normalize("NFC", name)


def read_address(text: str) -> Address | None:
    """Return the IP address, without zone and IPv4-mapping, or None if it is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A dual-stack socket shows IPv4 clients as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2).
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def make_roster(groups: Mapping[str, Iterable[str]]) -> Roster:
    """Return the roster of `groups`, the people in each; of two spellings of one name the first counts."""
    people: dict[str, Person] = {}
    for group, members in groups.items():
        for name in map(clean_name, members):
            known = people.get(name.casefold(), Person(name, frozenset()))
            people[name.casefold()] = Person(known.name, known.groups | {group})
    people.pop("", None)
    return MappingProxyType(people)


def identity_fields(sources: IdentitySources) -> frozenset[str]:
    """Return the header fields that say to us, and only to us, who is asking; no upstream may see them."""
    header = sources.header
    named = {header.user, header.groups} if header is not None else set()
    return frozenset({"proxy-authorization", *named} - {""})
