"""Hosts are known by the public suffix list that is there, and nothing is fetched."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.domains import bare_host, public_host


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_args, **_keywords):
        raise AssertionError("a detector reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    "value",
    [
        "example.com",
        "https://a.b.example.co.uk/c?d=e",
        "http://bob:secret@example.cn:8080/",
        "中文.中国",
        "ftp://x.org",
    ],
)
def test_a_host_below_a_public_suffix_is_one(value):
    assert public_host(value)


@pytest.mark.parametrize("value", ["com", "localhost", "https://intranet/a", "10.2.3.4", "a.nosuchsuffix", "", "://"])
def test_what_is_below_none_is_none(value):
    assert not public_host(value)


@pytest.mark.parametrize("value", ["main.py", "run.sh/a", "notes.md/x", "lib.so"])
def test_the_name_of_a_file_is_no_host(value):
    assert not bare_host(value)


@given(st.text())
def test_no_text_makes_a_check_raise(text):
    assert bare_host(text) in (True, False)
