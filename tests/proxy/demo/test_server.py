import socket

import httpx
import pytest

from proxy.demo.standins import InternalStandIn

BODY = {"messages": [{"role": "user", "content": "hi"}]}


def ask(standin: InternalStandIn) -> int:
    return httpx.post(f"http://{standin.address}/v1/chat/completions", json=BODY, trust_env=False).status_code


def test_a_stopped_server_refuses_and_comes_back_where_it_was(internal: InternalStandIn) -> None:
    address = internal.address
    assert ask(internal) == 200
    internal.stop()
    with pytest.raises(httpx.ConnectError):
        ask(internal)
    internal.start()
    assert (address, 200) == (internal.address, ask(internal))


def test_the_record_outlives_the_server_until_it_is_told_to_forget(internal: InternalStandIn) -> None:
    ask(internal)
    internal.stop()
    assert len(internal.requests) == 1
    assert b"hi" in internal.everything()
    internal.server.forget()
    assert (internal.requests, internal.everything()) == ([], b"")


def test_it_is_quiet_once_the_last_connection_has_ended_and_its_bytes_are_in_the_record(
    internal: InternalStandIn,
) -> None:
    assert internal.server.quiet.is_set()
    host, port = internal.address.split(":")
    with socket.create_connection((host, int(port))) as kept, socket.create_connection((host, int(port))) as left:
        left.sendall(b"half a requ")
        left.shutdown(socket.SHUT_WR)
        while left.recv(100):
            pass
        assert not internal.server.quiet.is_set()
        kept.sendall(b"half another")
    assert internal.server.quiet.wait(60)
    assert sorted(map(bytes, internal.server.wire)) == [b"half a requ", b"half another"]


def test_it_listens_on_loopback_only(internal: InternalStandIn) -> None:
    assert internal.address.startswith("127.0.0.1:")


def test_a_port_that_is_taken_is_an_error_at_the_start(internal: InternalStandIn) -> None:
    second = InternalStandIn()
    second.server.port = internal.server.port
    with pytest.raises(OSError, match="address already in use"):
        second.start()
