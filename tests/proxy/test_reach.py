"""An address is what it is, however it is written."""

import socket
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.reach import Reach, hidden_in, judge, kind_of, literal, plain_host, read_network

KINDS = {
    "loopback": [
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
    "link_local": ["169.254.1.1", "fe80::1", "::ffff:169.254.7.7", "64:ff9b::a9fe:707", "169.254.0.23"],
    "metadata": [
        *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
        *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "::ffff:0:169.254.169.254", "2002:a9fe:a9fe::1"),
    ],
    "this_host": ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"],
    "special": ["224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1"],
    "private": [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.7", "fd12:3456::1", "192.0.2.1"),
        "::ffff:10.0.0.1",
    ],
    "": ["8.8.8.8", "104.18.6.192", "2606:4700::6812:6c0", "::ffff:8.8.8.8", "64:ff9b::808:808"],
}


@pytest.mark.parametrize(("kind", "address"), [(kind, one) for kind, many in KINDS.items() for one in many])
def test_every_address_has_its_kind(kind: str, address: str) -> None:
    assert kind_of(ip_address(address)) == kind


SPELLINGS = [
    *("127.0.0.1", "2130706433", "0x7f000001", "0X7F000001", "017700000001", "0177.0.0.1", "127.1", "127.0.1"),
    *(
        "0x7f.0.0.1",
        "0x7f.1",
        "127.0.0.1.",
        "[127.0.0.1]",
        "１２７.０.０.１",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        " 127.0.0.1 ",
    ),
    *("localhost", "LOCALHOST.", "a.b.localhost"),
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_the_proxy_itself_is_known_in_every_spelling(host: str) -> None:
    assert literal(host) == ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        *[("[::1]", "::1"), ("::1%lo", "::1"), ("[::FFFF:127.0.0.1]", "::ffff:127.0.0.1"), ("0", "0.0.0.0")],
        *[("0x", "0.0.0.0"), ("169.16689662", "169.254.169.254"), ("0xA9FEA9FE", "169.254.169.254")],
    ],
)
def test_other_addresses_are_read_as_a_c_library_reads_them(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize(
    "host",
    ["", ".", "example.org", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "08.1.1.1", "1..2", "a:b", "0x7g", "4294967296"],
)
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


@given(
    st.lists(st.integers(0, 2**33), min_size=1, max_size=5), st.lists(st.sampled_from("dxo"), min_size=5, max_size=5)
)
def test_numbers_are_read_as_the_system_reads_them(numbers: list[int], bases: list[str]) -> None:
    """Every text that the system takes for an address must be known as that one."""
    forms = {"d": "{}", "x": "{:#x}", "o": "0{:o}"}
    host = ".".join(forms[base].format(one) for base, one in zip(bases, numbers, strict=False))
    try:
        expected = ip_address(socket.inet_aton(host))
    except OSError:
        return
    assert literal(host) == expected


@given(st.ip_addresses(v=4))
def test_what_is_hidden_in_an_address_is_found(address) -> None:
    for prefix in ("::ffff:", "::ffff:0:", "64:ff9b::"):
        assert address in hidden_in(ip_address(f"{prefix}{address}"))
    assert kind_of(ip_address(f"::ffff:{address}")) == kind_of(address)


def test_a_private_address_is_in_the_way_of_a_service_alone() -> None:
    inside = ip_address("10.1.2.3")
    assert judge(Reach(), "wiki.corp.example", inside, listed=False) == ""
    assert judge(Reach(), "api.openai.com", inside, listed=True) == "private"


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1"])
def test_what_is_never_reached_is_so_for_everybody(address: str) -> None:
    for listed in (True, False):
        assert judge(Reach(), "a.example", ip_address(address), listed=listed)


def test_an_address_of_this_machine_is_one_whatever_network_it_is_of() -> None:
    for address in ("10.1.2.3", "8.8.8.8"):
        assert judge(Reach(), "a.example", ip_address(address), listed=False, own=True) == "this_host"


REACH = Reach((ip_network("10.8.0.0/16"), ip_network("127.0.0.5/32")), frozenset({"gpt.corp.example"}))


@pytest.mark.parametrize(
    ("host", "address", "kind"),
    [
        ("api.openai.com", "10.8.1.1", ""),
        ("api.openai.com", "::ffff:10.8.1.1", ""),
        ("api.openai.com", "10.9.1.1", "private"),
        ("a.example", "127.0.0.5", ""),
        ("a.example", "127.0.0.6", "loopback"),
        ("GPT.corp.example.", "10.9.1.1", ""),
        ("x.gpt.corp.example", "10.9.1.1", "private"),
    ],
)
def test_the_settings_permit_what_they_name_and_no_more(host: str, address: str, kind: str) -> None:
    assert judge(REACH, host, ip_address(address), listed=True) == kind


def test_hosts_are_compared_in_one_form() -> None:
    assert {plain_host(each) for each in ("API.OpenAI.com.", " api.openai.com", "ａpi.openai。com")} == {
        "api.openai.com"
    }


@pytest.mark.parametrize(("text", "network"), [("10.0.0.1/8", "10.0.0.0/8"), ("::1", "::1/128"), ("gpu.example", None)])
def test_networks_are_read(text: str, network: str | None) -> None:
    assert read_network(text) == (ip_network(network) if network else None)
