"""Pages beside the proxy: known paths alone, no method but two, no word of what went wrong."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from proxy.errors import SettingsError
from proxy.observe.pages import Page, Server


def broken() -> Page:
    raise ValueError("王芳")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(
        ("127.0.0.1", 0), {"/a": lambda: Page(b"hello\n"), "/b": broken, "/c": lambda: Page(b"", status=503)}, "x"
    )
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/a", 200, b"hello\n"),
        ("GET", "/a?x=1", 200, b"hello\n"),
        ("HEAD", "/a", 200, b""),
        ("GET", "/", 404, b"not found\n"),
        ("GET", "/a/../b", 404, b"not found\n"),
        ("GET", "/b", 500, b"error\n"),
        ("GET", "/c", 503, b""),
    ],
)
def test_each_path_has_its_answer(server: Server, method: str, path: str, status: int, body: bytes) -> None:
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    connection.request(method, path)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (status, body)
    assert answer.headers["cache-control"] == "no-store"
    connection.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "CONNECT"])
def test_no_other_method_is_taken(server: Server, method: str) -> None:
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    connection.request(method, "/a")
    assert connection.getresponse().status == 501
    connection.close()


def test_bytes_that_are_no_request_harm_nobody(server: Server) -> None:
    with socket.create_connection(server.address, timeout=20) as one:
        one.sendall(b"\x16\x03\x01\x00\x00\r\n\r\n")
        one.recv(1000)
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    connection.request("GET", "/a")
    assert connection.getresponse().status == 200
    connection.close()


def test_an_address_that_is_taken_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SettingsError, match=r"`admin\.listen`: cannot listen on"):
            Server(other.getsockname(), {}, "admin.listen")
