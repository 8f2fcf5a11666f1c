"""Messages are made without mitmproxy's check of types, and are the same messages."""

import pytest
from mitmproxy import http
from mitmproxy.utils import typecheck

from proxy.shell import unchecked


def test_messages_are_made_as_before_and_no_type_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http.MessageData, "__post_init__", http.MessageData.__post_init__)  # put back at the end
    made = [http.Request.make("POST", "https://a.example/p", b"body", {"x": "y"}), http.Response.make(201, b"body")]
    looked: list[str] = []
    monkeypatch.setattr(typecheck, "check_option_type", lambda name, _value, _type: looked.append(name))
    unchecked.install()
    again = [http.Request.make("POST", "https://a.example/p", b"body", {"x": "y"}), http.Response.make(201, b"body")]
    assert looked == []
    for one, other in zip(made, again, strict=True):
        told, says = one.data.get_state(), other.data.get_state()
        for name in ("timestamp_start", "timestamp_end"):
            told.pop(name), says.pop(name)
        assert told == says


def test_a_mitmproxy_that_makes_them_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(http.MessageData, "__post_init__")
    with pytest.raises(RuntimeError, match="another way"):
        unchecked.install()
