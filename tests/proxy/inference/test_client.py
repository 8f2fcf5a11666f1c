"""A server is asked as it must be, in the time there is; nothing it says in an error is repeated."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.demo.authority import make_authority, server_context
from proxy.inference.client import Away, Client, NotThere
from proxy.settings.detection import ModelServer

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@contextmanager
def answering(*answers: bytes, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Answer one request on each connection with the next answer; then the connection is closed."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            plain, _ = listener.accept()
            try:
                with context.wrap_socket(plain, server_side=True) if context else plain as one:
                    asked.append(heard(one))
                    one.sendall(answer)
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        thread.join(30)
        listener.close()


def heard(one: socket.socket) -> bytes:
    """Return a request, with the body that its head announces."""
    data = b""
    while piece := one.recv(65536):
        data += piece
        head, blank, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if blank and len(body) >= (int(length[1]) if length else 0):
            break
    return data


@pytest.fixture
def clients() -> Iterator[list[Client]]:
    made: list[Client] = []
    yield made
    for one in made:
        one.close()


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(clients: list[Client]) -> None:
    with answering(OK, OK) as (port, asked):
        clients.append(Client(ModelServer(f"http://127.0.0.1:{port}/base/", token="t0ken")))
        assert clients[0].get("/v2", 30, 100).body == b"{}"
        assert clients[0].post("/v2/x", {"a": "b"}, b"body", 30, 100).body == b"{}"
    assert asked[0].startswith(b"GET /base/v2 HTTP/1.1") and b"authorization: Bearer t0ken" in asked[0]
    assert asked[1].startswith(b"POST /base/v2/x") and asked[1].endswith(b"body")


@pytest.mark.parametrize(
    ("answer", "told", "kind"),
    [
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nwords", "no such model", NotThere),
        (b"HTTP/1.1 500 Oh\r\ncontent-length: 5\r\n\r\nwords", "status 500", Away),
        (b"HTTP/1.1 302 Found\r\nlocation: http://elsewhere/\r\ncontent-length: 0\r\n\r\n", "status 302", Away),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n" + b"x" * 999, "too long", Away),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "cannot be asked", Away),
        (b"words", "cannot be asked", Away),
        (b"", "cannot be asked", Away),
    ],
)
def test_another_answer_is_none(
    answer: bytes, told: str, kind: type[Away], clients: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with answering(answer) as (port, _):
        clients.append(Client(ModelServer(f"http://127.0.0.1:{port}")))
        with pytest.raises(kind, match=told) as error:
            clients[0].get("/v2", 30, 100)
    assert "words" not in str(error.value)


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_there_is_time(clients: list[Client]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        clients.append(Client(ModelServer(f"http://127.0.0.1:{silent.getsockname()[1]}")))
        with pytest.raises(Away, match="in time"):
            clients[0].get("/v2", 0.3, 100)


def test_only_a_certificate_of_the_named_authority_is_trusted(clients: list[Client], tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    context = server_context(authority, ("localhost",))
    with answering(OK, OK, context=context) as (port, asked):
        clients.append(Client(ModelServer(f"https://localhost:{port}", ca=authority.pem)))
        assert clients[0].get("/v2", 30, 100).body == b"{}"
        clients.append(Client(ModelServer(f"https://localhost:{port}")))
        with pytest.raises(Away, match="certificate"):
            clients[1].get("/v2", 30, 100)
    assert len(asked) == 1, "nothing is said to a server that is not trusted"
