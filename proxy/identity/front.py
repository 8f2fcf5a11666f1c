"""The PROXY protocol, versions 1 and 2: who connects to a balancer, as it says at the head of a connection. Pure.

Enters: the first bytes of a connection from a balancer that the settings trust. Leaves: the client's address, and the
name of the client certificate that the balancer has verified. Bytes that are not such a head are an error, never an
address.
https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from proxy.caller import clean_name

SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
"""How version 2 begins."""
LONGEST_V1: Final = 107
"""Bytes of a head of version 1."""
MOST: Final = 4096
"""Bytes of a head of version 2 that are taken."""
SSL, CN = 0x20, 0x22
"""Types of extras: of TLS, and in it the common name of the client's certificate."""
PRESENTED: Final = 0x06
"""Bits that say that a certificate was presented, on this connection or in its session."""
V1: Final = re.compile(rb"PROXY (?:UNKNOWN(?: [^\r\n]*)?|(TCP4|TCP6) (\S+) (\S+) ([0-9]{1,5}) ([0-9]{1,5}))\r\n")


class NoHead(ValueError):
    """The bytes are no head of the PROXY protocol."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a balancer says of a connection."""

    address: str = ""
    """The client's address; empty where the balancer speaks for itself (a health check)."""
    port: int = 0
    certified: str = ""
    """Common name of the client's certificate, which the balancer has verified."""


def read_head(data: bytes) -> tuple[Told, int] | None:
    """Return what is told and how many bytes the head has; None while more must come. Raises `NoHead`."""
    if data.startswith(SIGNATURE):
        return _read_v2(data)
    if SIGNATURE.startswith(data):
        return None
    if data.startswith(b"PROXY "):
        return _read_v1(data)
    if b"PROXY ".startswith(data):
        return None
    raise NoHead


def _read_v1(data: bytes) -> tuple[Told, int] | None:
    end = data.find(b"\r\n")
    if end < 0 and len(data) < LONGEST_V1:
        return None
    line = V1.fullmatch(data[: end + 2])
    if end < 0 or end + 2 > LONGEST_V1 or line is None:
        raise NoHead
    if line[1] is None:
        return Told(), end + 2
    return Told(_address(line[2].decode("latin-1"), 4 if line[1] == b"TCP4" else 6), _port(int(line[4]))), end + 2


def _read_v2(data: bytes) -> tuple[Told, int] | None:
    if len(data) < 16:
        return None
    version, command, family = data[12] >> 4, data[12] & 15, data[13]
    size = int.from_bytes(data[14:16])
    if version != 2 or command not in (0, 1) or size > MOST:
        raise NoHead
    if len(data) < 16 + size:
        return None
    body = data[16 : 16 + size]
    if command == 0:
        return Told(), 16 + size
    lengths = {0x11: 4, 0x21: 16}
    if family not in lengths:  # the balancer cannot say who it is, and somebody else's address must not stand for it
        raise NoHead
    length = lengths[family]
    if len(body) < 2 * length + 4:
        raise NoHead
    address = str(ipaddress.ip_address(body[:length]))
    port = int.from_bytes(body[2 * length : 2 * length + 2])
    return Told(address, port, _certified(body[2 * length + 4 :])), 16 + size


def _certified(extras: bytes) -> str:
    """Return the name of a certificate that was presented and holds; raises `NoHead` for what is cut off."""
    for kind, value in _extras(extras):
        if kind != SSL:
            continue
        if len(value) < 5:
            raise NoHead
        if not value[0] & PRESENTED or int.from_bytes(value[1:5]) != 0:
            return ""
        names = [text for inner, text in _extras(value[5:]) if inner == CN]
        if len(names) != 1:
            return ""
        try:
            return clean_name(names[0].decode("utf-8"))
        except UnicodeDecodeError:
            return ""
    return ""


def _extras(data: bytes) -> list[tuple[int, bytes]]:
    found, place = [], 0
    while place < len(data):
        if place + 3 > len(data):
            raise NoHead
        size = int.from_bytes(data[place + 1 : place + 3])
        value = data[place + 3 : place + 3 + size]
        if len(value) != size:
            raise NoHead
        found.append((data[place], value))
        place += 3 + size
    return found


def _address(text: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise NoHead from None
    if address.version != version:
        raise NoHead
    return str(address)


def _port(number: int) -> int:
    if number > 65535:
        raise NoHead
    return number
