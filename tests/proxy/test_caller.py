"""Who is asking: what each source may say, and what nobody may claim."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.caller import (
    Caller,
    ConnectionFacts,
    HeaderSource,
    IdentitySources,
    NetworkSource,
    clean_name,
    identify,
    identity_fields,
    make_roster,
)

FRONT = HeaderSource(
    user="x-sso-user", groups="x-sso-groups", trusted=(ip_network("10.0.0.0/24"), ip_network("fd00::/64"))
)
SOURCES = IdentitySources(
    proxy_login=True,
    header=FRONT,
    networks=(
        NetworkSource(ip_network("192.168.0.0/16"), groups=frozenset({"office"})),
        NetworkSource(ip_network("192.168.7.0/24"), user="lab", groups=frozenset({"lab-group"})),
        NetworkSource(ip_network("192.168.7.7/32"), user="李雷", groups=frozenset({"desk"})),
    ),
    roster=make_roster({"研发部": ["王芳", "Alice"], "market": ["王芳"]}),
)


def who(address="203.0.113.9", login="", **headers):
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return identify(ConnectionFacts(address, fields, login), SOURCES)


CASES = {
    "login": ({"login": "bob"}, "bob", set(), "proxy_login"),
    "Chinese login with groups": ({"login": "王芳"}, "王芳", {"研发部", "market"}, "proxy_login"),
    "login in capitals is the listed person": ({"login": "ALICE"}, "Alice", {"研发部"}, "proxy_login"),
    "login beats header": ({"address": "10.0.0.1", "login": "bob", "x_sso_user": "eve"}, "bob", set(), "proxy_login"),
    "header of the front": ({"address": "10.0.0.1", "x_sso_user": "王芳"}, "王芳", {"研发部", "market"}, "header"),
    "groups of the front join the list": (
        {"address": "10.0.0.1", "x_sso_user": "Alice", "x_sso_groups": "财务部, legal ,"},
        "Alice",
        {"研发部", "财务部", "legal"},
        "header",
    ),
    "IPv6 front": ({"address": "fd00::5", "x_sso_user": "bob"}, "bob", set(), "header"),
    "IPv4-mapped front": ({"address": "::ffff:10.0.0.1", "x_sso_user": "bob"}, "bob", set(), "header"),
    "front with a zone": ({"address": "fd00::5%eth0", "x_sso_user": "bob"}, "bob", set(), "header"),
    "header from elsewhere": ({"address": "10.0.1.1", "x_sso_user": "eve"}, "", set(), "unknown"),
    "header from no address": ({"address": "", "x_sso_user": "eve"}, "", set(), "unknown"),
    "groups without user": ({"address": "10.0.0.1", "x_sso_groups": "boss"}, "", set(), "unknown"),
    "doubtful group spoils all": (
        {"address": "10.0.0.1", "x_sso_user": "bob", "x_sso_groups": "ok,a\u202eb"},
        "",
        set(),
        "unknown",
    ),
    "header in the office": (
        {"address": "192.168.1.1", "x_sso_user": "eve"},
        "",
        {"office"},
        "unknown",
    ),
    "network of one": ({"address": "192.168.7.7"}, "李雷", {"office", "desk"}, "network"),
    "network of a lab": ({"address": "192.168.7.8"}, "lab", {"office", "lab-group"}, "network"),
    "login at another's desk": ({"address": "192.168.7.7", "login": "bob"}, "bob", {"office"}, "proxy_login"),
    "login at the own desk": ({"address": "192.168.7.7", "login": "李雷"}, "李雷", {"office", "desk"}, "proxy_login"),
    "mapped address in a network": ({"address": "::ffff:192.168.1.1"}, "", {"office"}, "unknown"),
    "stranger": ({}, "", set(), "unknown"),
    "no address at all": ({"address": "not an address"}, "", set(), "unknown"),
}


@pytest.mark.parametrize(("facts", "user", "groups", "how"), CASES.values(), ids=CASES.keys())
def test_a_caller_is_named_by_the_strongest_source(facts, user, groups, how):
    caller = who(**facts)
    assert (caller.user, caller.groups, caller.how) == (user, groups, how)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%en0", "fe80::1"),
        ("192.0.2.1:80", ""),
        ("", ""),
    ],
)
def test_an_address_is_written_in_one_way(text, wanted):
    assert who(address=text).address == wanted


NAMES = {
    "plain": ("bob", "bob"),
    "Chinese": ("王芳", "王芳"),
    "space inside": (" Wang Fang ", "Wang Fang"),
    "decomposed": ("Zoe\u0308", "Zoë"),
    "domain": ("CORP\\bob", "CORP\\bob"),
    "longest": ("长" * 128, "长" * 128),
    "overlong": ("长" * 129, ""),
    "line feed": ("bob\nadmin", ""),
    "null": ("bob\x00", ""),
    "zero width": ("bo\u200bb", ""),
    "bidirectional": ("\u202ebob", ""),
    "surrogate": ("bob\udc80", ""),
    "mojibake with C1 controls": ("王芳".encode().decode("latin-1"), ""),
    "blank": ("  ", ""),
}


@pytest.mark.parametrize(("name", "wanted"), NAMES.values(), ids=NAMES.keys())
def test_a_name_is_clean_or_nobody(name, wanted):
    assert clean_name(name) == wanted
    assert who(login=name).user == wanted
    assert who(address="10.0.0.1", x_sso_user=name).user == wanted


def test_two_user_fields_mean_that_somebody_added_one():
    facts = ConnectionFacts("10.0.0.1", (("x-sso-user", "bob"), ("x-sso-user", "boss")))
    assert identify(facts, SOURCES) == Caller("", frozenset(), "10.0.0.1", "unknown")


def test_two_group_fields_mean_that_somebody_added_one():
    facts = ConnectionFacts("10.0.0.1", (("x-sso-user", "bob"), ("x-sso-groups", "a"), ("x-sso-groups", "boss")))
    assert identify(facts, SOURCES).user == ""


def test_more_groups_than_anyone_has_are_not_believed():
    assert who(address="10.0.0.1", x_sso_user="bob", x_sso_groups=",".join(map(str, range(257)))).user == ""
    assert len(who(address="10.0.0.1", x_sso_user="bob", x_sso_groups=",".join(map(str, range(256)))).groups) == 256


def test_nothing_is_believed_unless_settings_say_so():
    facts = ConnectionFacts("10.0.0.1", (("x-sso-user", "bob"),), "bob")
    assert identify(facts, IdentitySources()) == Caller("", frozenset(), "10.0.0.1", "unknown")


def test_the_fields_that_name_the_person_are_listed_so_that_no_upstream_sees_them():
    assert identity_fields(SOURCES) == {"proxy-authorization", "x-sso-user", "x-sso-groups"}
    assert identity_fields(IdentitySources()) == {"proxy-authorization"}


def test_facts_keep_headers_out_of_their_repr():
    assert "Basic" not in repr(ConnectionFacts("10.0.0.1", (("proxy-authorization", "Basic eDp5"),)))


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_is_claimed_a_name_is_short_and_printable(address, login, user, groups):
    caller = identify(ConnectionFacts(address, (("x-sso-user", user), ("x-sso-groups", groups)), login), SOURCES)
    for name in (caller.user, *caller.groups):
        assert name.isprintable()
        assert len(name) <= 128
