"""Which addresses may be connected to for a client: never this machine, nor what only this machine should reach.

Enters: a host as a client wrote it, or an address that its name was resolved to, and what the settings permit besides.
Leaves: what kind of address is in the way, or nothing. Pure: names are resolved in `upstreams`, which connects to the
very address that was judged here. Whatever an address hides (an IPv4 address within an IPv6 one) is judged as well.
"""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Literal

type Ip = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network
type Kind = Literal["", "loopback", "link_local", "metadata", "this_host", "special", "private"]

METADATA: Final[frozenset[Ip]] = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # most clouds
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure's host
            "192.0.0.192",  # Oracle Cloud
            "fd00:ec2::254",  # AWS
            "fd20:ce::254",  # Google Cloud
        ),
    )
)
"""Where clouds give credentials to whoever asks from a machine of theirs."""

THIS_NETWORK: Final = IPv4Network("0.0.0.0/8")
"""Linux connects to itself for 0.0.0.0."""

COMPATIBLE: Final = IPv6Network("::/96")
TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::ffff:0:0:0/96"))
"""Prefixes after which the last four bytes are an IPv4 address: NAT64 (RFC 6052, RFC 8215) and SIIT."""

NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")


@dataclass(frozen=True, slots=True)
class Reach:
    """What the administrator permits besides."""

    networks: tuple[Network, ...] = ()
    """Addresses that any host may have."""
    hosts: frozenset[str] = frozenset()
    """Hosts that may have any address."""


def plain_host(host: str) -> str:
    """Return a host as names are compared: small, in compatibility form, without brackets, zone or final dot."""
    host = unicodedata.normalize("NFKC", host).replace("。", ".").strip().lower()
    return host.removeprefix("[").removesuffix("]").partition("%")[0].rstrip(".")


def literal(host: str) -> Ip | None:
    """Return the address that a host is by itself, in whatever spelling; None for a name.

    What C libraries take: one to four numbers, decimal, octal or hexadecimal, the last of which fills the rest.
    """
    name = plain_host(host)
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, section 6.3
        return IPv4Address("127.0.0.1")
    if ":" in name:
        try:
            return ip_address(name)
        except ValueError:
            return None
    parts = name.split(".")
    if len(parts) > 4 or not all(NUMBER.fullmatch(part) for part in parts):
        return None
    *heads, last = map(number, parts)
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    return IPv4Address(sum(head << 8 * (3 - place) for place, head in enumerate(heads)) + last)


def number(text: str) -> int:
    """Return a part of an address as C reads it; one that is no number in its base is too large for any address."""
    base = 16 if text.startswith("0x") else 8 if text.startswith("0") else 10
    try:
        return int(text.removeprefix("0x") or "0", base)
    except ValueError:
        return 1 << 32


def hidden_in(address: Ip) -> tuple[Ip, ...]:
    """Return an address and those that are written within it."""
    if isinstance(address, IPv4Address):
        return (address,)
    inner: list[Ip | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if (address in COMPATIBLE and int(address) > 1) or any(address in prefix for prefix in TRANSLATED):
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return (address, *(one for one in inner if one is not None))


def kind_of(address: Ip) -> Kind:
    """Return what an address is, were it not for any setting; nothing for one of the public network."""
    kinds = [kind_of_one(one) for one in hidden_in(address)]
    return next((kind for kind in kinds if kind not in ("", "private")), kinds[0])


def kind_of_one(address: Ip) -> Kind:
    """Return what an address is by itself."""
    if address in METADATA:
        return "metadata"
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link_local"
    if (isinstance(address, IPv4Address) and address in THIS_NETWORK) or int(address) == 0:
        return "this_host"
    if address.is_multicast or (isinstance(address, IPv4Address) and address.is_reserved):
        return "special"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return kind_of_one(address.ipv4_mapped)
    return "" if address.is_global else "private"


def judge(reach: Reach, host: str, address: Ip, *, listed: bool, own: bool = False) -> Kind:
    """Return what is in the way of connecting to `address` for `host`; nothing where that is fine.

    A private address is in the way of a `listed` host only: a service of the catalogue stands in the public network,
    while others are the company's own. `own` says that the address is one of this machine's.
    """
    kind: Kind = kind_of(address)
    if own and kind in ("", "private"):
        kind = "this_host"
    if not kind or (kind == "private" and not listed) or plain_host(host) in reach.hosts:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return "" if any((mapped or address) in network for network in reach.networks) else kind


def read_network(text: str) -> Network | None:
    """Return the network, or the single address, that a text names; None for a text that is neither."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
