import socket
import ssl

from proxy.demo.authority import Authority
from proxy.demo.standins import ExternalStandIn, InternalStandIn

HEAD = b"POST /any HTTP/1.1\r\nHost: Example\r\nX-Odd:   kept \r\nContent-Length: 5\r\n\r\n"


def talk(port: int, sent: bytes, until: int) -> bytes:
    """Return what came for `sent`, up to `until` answers."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=100) as raw:
        raw.sendall(sent)
        while got.count(b'"heard"') < until and got.count(b'"error"') < until and (data := raw.recv(65536)):
            got += data
    return got


def test_the_head_is_kept_to_the_byte(internal: InternalStandIn) -> None:
    talk(internal.server.port, HEAD + b"hello", 1)
    (seen,) = internal.requests
    assert (seen.head, seen.body, seen.everything) == (HEAD, b"hello", HEAD + b"hello")
    assert (seen.protocol, seen.method, seen.host, seen.path) == ("HTTP/1.1", "POST", "Example", "/any")


def test_two_requests_sent_at_once_are_kept_apart(internal: InternalStandIn) -> None:
    talk(internal.server.port, HEAD + b"first" + HEAD + b"again", 2)
    assert [(seen.head, seen.body) for seen in internal.requests] == [(HEAD, b"first"), (HEAD, b"again")]


def test_a_chunked_body_and_its_trailers_are_seen(internal: InternalStandIn) -> None:
    head = b"POST /any HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    talk(internal.server.port, head + b"5\r\nhello\r\n0\r\nX-Last: said\r\n\r\n", 1)
    (seen,) = internal.requests
    assert (seen.body, seen.trailers) == (b"hello", (("x-last", "said"),))
    assert b"x-last: said" in seen.everything


def test_what_is_no_request_is_kept_on_the_wire_all_the_same(external: ExternalStandIn, authority: Authority) -> None:
    trust = ssl.create_default_context(cafile=str(authority.pem))
    with (
        socket.create_connection(("127.0.0.1", external.server.port), timeout=100) as raw,
        trust.wrap_socket(raw, server_hostname="localhost") as tunnel,
    ):
        tunnel.sendall(b"\x00 no HTTP at all\r\n\r\n")
        tunnel.recv(65536)
    assert external.requests == []
    assert b"no HTTP at all" in external.everything()
