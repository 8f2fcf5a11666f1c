"""Heads of the PROXY protocol: those that are one, those that are none, and no address out of anything else."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.identity.front import CN, SIGNATURE, SSL, NoHead, Told, read_head


def extra(kind: int, value: bytes) -> bytes:
    return bytes([kind]) + len(value).to_bytes(2) + value


def tls(name: bytes, *, client: int = 0x07, verify: int = 0) -> bytes:
    return extra(SSL, bytes([client]) + verify.to_bytes(4) + extra(0x21, b"TLSv1.3") + extra(CN, name))


def v2(source: str = "10.1.2.3", port: int = 5000, extras: bytes = b"", command: int = 1, family: int = 0) -> bytes:
    address = ipaddress.ip_address(source)
    kind = family or (0x11 if address.version == 4 else 0x21)
    body = address.packed * 2 + port.to_bytes(2) + (8080).to_bytes(2) + extras
    return SIGNATURE + bytes([0x20 | command, kind]) + len(body).to_bytes(2) + body


TAKEN = {
    "version 1": (b"PROXY TCP4 10.1.2.3 10.0.0.1 5000 8080\r\n", Told("10.1.2.3", 5000)),
    "version 1, IPv6": (b"PROXY TCP6 fd00::7 fd00::1 5000 8080\r\n", Told("fd00::7", 5000)),
    "version 1, unknown": (b"PROXY UNKNOWN\r\n", Told()),
    "version 2": (v2(), Told("10.1.2.3", 5000)),
    "version 2, IPv6": (v2("fd00::7"), Told("fd00::7", 5000)),
    "a health check": (v2(command=0), Told()),
    "a certificate": (v2(extras=extra(0x02, b"a.example") + tls("王芳".encode())), Told("10.1.2.3", 5000, "王芳")),
    "TLS without a certificate": (v2(extras=tls(b"eve", client=0x01)), Told("10.1.2.3", 5000)),
    "a certificate that does not hold": (v2(extras=tls(b"eve", verify=18)), Told("10.1.2.3", 5000)),
    "a certificate in no text": (v2(extras=tls(b"\xff\xfe")), Told("10.1.2.3", 5000)),
    "a certificate with two names": (
        v2(extras=extra(SSL, b"\x07\0\0\0\0" + extra(CN, b"a") + extra(CN, b"b"))),
        Told("10.1.2.3", 5000),
    ),
}
REFUSED = {
    "an HTTP request": b"CONNECT api.openai.com:443 HTTP/1.1\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another version": SIGNATURE + b"\x31\x11\x00\x00",
    "another command": SIGNATURE + b"\x22\x11\x00\x00",
    "a family without addresses": v2(family=0x31),
    "addresses cut off": SIGNATURE + b"\x21\x11\x00\x04\x0a\x01\x02\x03",
    "extras cut off": v2(extras=b"\x20\x00\x09\x07"),
    "TLS cut off": v2(extras=extra(SSL, b"\x07")),
    "no address": b"PROXY TCP4 here 10.0.0.1 5000 8080\r\n",
    "an address of the other kind": b"PROXY TCP4 fd00::7 fd00::1 5000 8080\r\n",
    "no port": b"PROXY TCP4 10.1.2.3 10.0.0.1 70000 8080\r\n",
    "another protocol": b"PROXY UDP4 10.1.2.3 10.0.0.1 5000 8080\r\n",
    "two spaces": b"PROXY  TCP4 10.1.2.3 10.0.0.1 5000 8080\r\n",
    "a line without an end": b"PROXY TCP4 " + b"1" * 200,
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_head_is_read_to_its_end_and_no_further(name: str) -> None:
    head, told = TAKEN[name]
    assert read_head(head) == (told, len(head)) == read_head(head + b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("name", TAKEN)
def test_a_head_that_has_not_come_whole_is_waited_for(name: str) -> None:
    head, _ = TAKEN[name]
    assert [read_head(head[:end]) for end in range(len(head))] == [None] * len(head)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_head_gives_no_address(name: str) -> None:
    with pytest.raises(NoHead):
        read_head(REFUSED[name])


@given(st.one_of(st.binary(), st.binary().map(lambda tail: SIGNATURE + tail), st.binary().map(lambda t: b"PROXY " + t)))
def test_any_bytes_are_a_head_or_more_or_none(data: bytes) -> None:
    try:
        found = read_head(data)
    except NoHead:
        return
    if found is not None:
        assert found[1] <= len(data) and (not found[0].address or ipaddress.ip_address(found[0].address))


@given(st.ip_addresses(), st.integers(0, 65535), st.text(min_size=1, max_size=20))
def test_what_a_balancer_writes_comes_out(address: ipaddress.IPv4Address, port: int, name: str) -> None:
    found = read_head(v2(str(address), port, tls(name.encode("utf-8", "replace"))))
    assert found is not None and (found[0].address, found[0].port) == (str(address), port)
