"""A witness gets whole checkpoints by file, HTTP and syslog; one that does not take them is told as away."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from proxy.demo.authority import make_authority, server_context
from proxy.trail.interface import Outside
from proxy.trail.witness import Away, deliver, message
from tests.proxy.trail.signed import signed_log


@pytest.fixture
def lines(tmp_path: Path) -> list[bytes]:
    _, told, _ = signed_log(tmp_path / "house", (3, 2))
    return told.splitlines()


def test_a_file_gets_every_line_after_what_was_torn(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "witness.jsonl"
    path.write_bytes(b'{"torn')
    deliver(Outside("file", str(path)), lines, None)
    assert path.read_bytes() == b'{"torn\n' + b"".join(line + b"\n" for line in lines)
    with pytest.raises(Away, match="witness"):
        deliver(Outside("file", str(tmp_path / "not mounted" / "witness.jsonl")), lines, None)


@contextmanager
def collector(status: int) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Listen, and answer all with a status; give the address and what came, each with its authorization."""
    came: list[tuple[str, bytes]] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((self.headers["authorization"] or "", self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/checkpoints?secret=1", came
        server.shutdown()


@pytest.mark.parametrize(("status", "taken"), [(204, True), (200, True), (302, False), (409, False), (503, False)])
def test_a_collector_has_taken_what_it_answers_with_success(lines: list[bytes], status: int, taken: bool) -> None:
    with collector(status) as (address, came):
        outside = Outside("url", address, token="t0ken")
        if taken:
            deliver(outside, lines, None)
        else:
            with pytest.raises(Away) as caught:
                deliver(outside, lines, None)
            assert "secret" not in str(caught.value) and "t0ken" not in repr(outside)
    assert came == [("Bearer t0ken", b"".join(line + b"\n" for line in lines))]


def test_nobody_there_is_away(lines: list[bytes]) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        for kind, scheme in (("url", "http"), ("syslog", "tcp"), ("syslog", "tls")):
            with pytest.raises(Away):
                deliver(Outside(kind, f"{scheme}://127.0.0.1:{port}"), lines, None)  # type: ignore[arg-type]


def test_a_message_is_as_the_rfc_writes_it_and_holds_the_whole_checkpoint(lines: list[bytes]) -> None:
    head, _, body = message(lines[0]).partition(b" - ")
    assert body == lines[0]
    priority, stamp, host, name, _, kind = head.decode().split(" ")
    assert (priority, host, name, kind) == ("<109>1", "n1", "sluice", "checkpoint")
    assert stamp == json.loads(lines[0])["time"]


def test_datagrams_hold_a_message_each(lines: list[bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        deliver(Outside("syslog", f"udp://127.0.0.1:{server.getsockname()[1]}"), lines, None)
        assert [server.recv(4096).partition(b" - ")[2] for _ in lines] == lines


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_on_a_connection_each_message_has_its_length_before_it(tmp_path: Path, lines: list[bytes], scheme: str) -> None:
    authority = make_authority(tmp_path)
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            if scheme == "tls":
                link = server_context(authority, ("localhost",)).wrap_socket(link, server_side=True)
            with link:
                while data := link.recv(1024):
                    got.extend(data)

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"{scheme}://localhost:{server.getsockname()[1]}"
        deliver(Outside("syslog", address), lines, str(authority.pem))
        thread.join(60)
    rest, found = bytes(got), []
    while rest:
        size, _, rest = rest.partition(b" ")
        found.append(rest[: int(size)].partition(b" - ")[2])
        rest = rest[int(size) :]
    assert found == lines


def test_a_server_that_no_authority_vouches_for_is_not_told(tmp_path: Path, lines: list[bytes]) -> None:
    authority = make_authority(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            try:
                server_context(authority, ("localhost",)).wrap_socket(link, server_side=True).close()
            except (ssl.SSLError, OSError):
                link.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Away, match="SSLCertVerificationError"):
            deliver(Outside("syslog", f"tls://localhost:{server.getsockname()[1]}"), lines, None)
        thread.join(60)
