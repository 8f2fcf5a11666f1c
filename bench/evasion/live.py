"""What can only be told of a running proxy: smuggled requests, names that disagree, tunnels, HTTP/2, WebSocket.

Enters: bytes as a client sends them that is made of sockets, and the value in them. Leaves: one word. Missed is what
the stand-in upstream has heard; found what went on without the value; opaque what was refused, or closed unheard. The
proxy is a process of its own, started when a row first needs it, and asked by all of them.
"""

import contextlib
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote_to_bytes

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from websockets.exceptions import ConnectionClosed

from bench.evasion.judge import POLICY, Verdict
from bench.evasion.values import Value
from bench.evasion.wires import CHAT, Sent, messages
from detectors.find import DEFAULT_ENTITIES
from tests.e2e.sockets import Sockets, open_sockets
from tests.e2e.street import OUTSIDE_HOST, Street, open_street

HOST = "api.openai.com"
ECHO = "api.deepseek.com/socket"
SECONDS = 20.0
SOON = 0.4
"""Seconds for what will not be answered: it was held, and the connection is left open."""
OPEN = ExitStack()


def policy() -> str:
    """Return the policy of the table."""
    return POLICY.format(entities=", ".join(sorted(DEFAULT_ENTITIES)))


@cache
def street() -> Street:
    """Return the running proxy and what it speaks to."""
    folder = OPEN.enter_context(TemporaryDirectory(prefix="evasion"))
    return OPEN.enter_context(open_street(Path(folder), policy()))


@cache
def sockets() -> Sockets:
    """Return one that speaks to a stand-in for WebSockets."""
    folder = OPEN.enter_context(TemporaryDirectory(prefix="evasion"))
    return OPEN.enter_context(open_sockets(Path(folder), policy()))


def close() -> None:
    """End what was started."""
    OPEN.close()
    street.cache_clear()
    sockets.cache_clear()


def judge(sent: Sent, value: Value) -> Verdict:
    """Send it, and tell what was heard upstream."""
    here = sockets().street if sent.live == "websocket" else street()
    there = sockets().standin if sent.live == "websocket" else here.external
    there.reset()
    lines, answered = len(here.request_records()) if value.twin else 0, False
    with contextlib.suppress(OSError, ConnectionClosed, ProtocolError):
        answered = WAYS[sent.live](sent)
    settle(sent)
    heard = there.everything()
    heard += unquote_to_bytes(heard)
    went = value.text.encode() in heard
    if not value.twin:
        return Verdict("missed" if went else "found" if answered else "opaque")
    redacted = any(line.get("redacted") for line in here.request_records()[lines:])
    return Verdict("alarm" if redacted else "passed" if went or answered else "opaque")


def settle(sent: Sent) -> None:
    """Wait until no connection to the stand-in is open: what a request causes is neither lost nor the next one's."""
    if sent.live == "websocket":
        sockets().standin.settle()
    elif not street().external.server.quiet.wait(SECONDS):
        raise RuntimeError("the proxy holds a connection that its client has left")


def hang_up(connection: socket.socket) -> None:
    """Leave, and wait until the proxy has, too: it does nothing more then for this connection."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(SECONDS)
        while connection.recv(65536):
            pass


@contextlib.contextmanager
def tunnel(target: str, name: str = "", alpn: str = "http/1.1") -> Iterator[socket.socket]:
    """Open a connection through the proxy, with `name` inside TLS, and leave it.

    Raises `ConnectionError` where it is refused.
    """
    with opened(target, name, alpn) as connection:
        try:
            yield connection
        finally:
            hang_up(connection)


def opened(target: str, name: str, alpn: str) -> socket.socket:
    """Return a connection through the proxy; raises `ConnectionError` where it is refused."""
    host, port = street().proxy.url.removeprefix("http://").split(":")
    raw = socket.create_connection((host, int(port)), timeout=SECONDS)
    raw.sendall(f"CONNECT {target}:443 HTTP/1.1\r\nHost: {target}:443\r\n\r\n".encode())
    if b" 200" not in until(raw, b"\r\n\r\n").split(b"\r\n")[0]:
        raw.close()
        raise ConnectionRefusedError("the proxy carries nothing there")
    if not name:
        return raw
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE  # the names disagree on purpose
    trust.set_alpn_protocols([alpn])
    return trust.wrap_socket(raw, server_hostname=name)


def until(connection: socket.socket, mark: bytes) -> bytes:
    """Return what came up to and including `mark`, or to the end."""
    got = b""
    while mark not in got and (data := connection.recv(65536)):
        got += data
    return got


def by_http1(sent: Sent) -> bool:
    """Send bytes over TLS, and tell whether the last answer is one of the service's.

    Where they ask for the connection's end, it is waited for: a request that is left alone is recorded after it.
    """
    with tunnel(sent.host, sent.path) as connection:
        connection.sendall(sent.body)
        got = b""
        with contextlib.suppress(OSError):
            while data := connection.recv(65536):
                got += data
                if b"Connection: close" not in sent.body:
                    connection.settimeout(SOON)
    answers = [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]]
    return bool(answers) and all(one.startswith(b"2") for one in answers)


def by_tunnel(sent: Sent) -> bool:
    """Send bytes into a bare tunnel, and tell whether a service has answered."""
    with tunnel(sent.host) as connection:
        connection.sendall(sent.body)
        return connection.recv(65536)[9:10] == b"2"


def by_http2(sent: Sent) -> bool:
    """Send a request over HTTP/2 as no library would let it out, and tell whether the service has answered."""
    client = H2Connection(H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False))
    client.initiate_connection()
    behind = [("x-checksum", unquote_to_bytes(sent.pieces[0]).decode())] if sent.pieces else []
    client.send_headers(1, list(sent.headers), end_stream=not sent.body and not behind)
    if sent.body:
        client.send_data(1, sent.body, end_stream=not behind)
    if behind:
        client.send_headers(1, behind, end_stream=True)
    with tunnel(sent.host, sent.host, "h2") as connection:
        connection.sendall(client.data_to_send())
        seen: list[object] = []
        while not any(isinstance(one, StreamEnded | StreamReset | ConnectionTerminated) for one in seen):
            data = connection.recv(65536)
            if not data:
                break
            seen += client.receive_data(data)
            connection.sendall(client.data_to_send())
    statuses = [dict(one.headers)[b":status"] for one in seen if isinstance(one, ResponseReceived)]
    return bool(statuses) and statuses[0].startswith(b"2")


def by_websocket(sent: Sent) -> bool:
    """Send a message in the way that `method` names, and tell whether the service has answered it."""
    text = sent.body.decode()
    with sockets().connect(ECHO, compression="deflate" if sent.method == "deflate" else None) as connection:
        match sent.method:
            case "fragments":
                connection.send(iter([text[at : at + 3] for at in range(0, len(text), 3)]))
            case "bytes":
                connection.send(sent.body)
            case "noise":
                connection.send(b"\x00\xff\xfe\x01" + sent.body)
            case "ping":
                connection.ping(sent.body[:100])
                connection.send("hello")
            case "closing":
                connection.send("hello")
                connection.recv(SECONDS)
                connection.close(4000, text[:100])
                return True
            case _:
                connection.send(text)
        connection.recv(SECONDS)
        return bool(sockets().standin.messages)


WAYS: dict[str, Callable[[Sent], bool]] = {
    "http1": by_http1,
    "tunnel": by_tunnel,
    "http2": by_http2,
    "websocket": by_websocket,
}


def request(body: bytes, *fields: str, host: str = HOST, path: str = CHAT) -> bytes:
    """Return a request of HTTP/1.1 after which the connection ends."""
    head = (f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json", "Connection: close", *fields)
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def smuggled(rng: Random, value: Value) -> Sent:
    """Write a request that two readers would end at two places, or whose head they would read in two ways."""
    said, hello = messages(value.sentence), messages("hello")
    second = request(said, f"Content-Length: {len(said)}")
    chunk = f"{len(hello):x}".encode()
    chunked = chunk + b"\r\n" + hello + b"\r\n0\r\n"
    length = f"Content-Length: {len(hello)}"
    kept = request(hello, length).replace(b"Connection: close\r\n", b"")
    te = "Transfer-Encoding: chunked"
    return Sent(
        rng.choice(
            (
                request(b"0\r\n\r\n" + second, te, f"Content-Length: {5 + len(second)}"),
                request(chunked + b"\r\n" + second, te, f"Content-Length: {len(hello)}"),
                request(said, "Content-Length: 2", f"Content-Length: {len(said)}"),
                request(said, f"Content-Length: +{len(said)}"),
                request(b"0\r\n\r\n" + second, "Transfer-Encoding : chunked", length),
                request(b"0\r\n\r\n" + second, "Transfer-Encoding: xchunked", length),
                request(hello, length, f"X-Note: a\r\n {value.text}"),
                request(hello, length, f"X-Note: a\rX-More: {value.text}"),
                request(hello, length, f"X-Note: a\nX-More: {value.text}"),
                request(chunk + f";x={value.text}".encode() + chunked[len(chunk) :] + b"\r\n", te),
                request(chunked + f"X-Checksum: {value.text}\r\n\r\n".encode(), te),
                request(hello + said, length),
                kept + second,
            )
        ),
        HOST,
        live="http1",
        host=HOST,
    )


def disagreeing(rng: Random, value: Value) -> Sent:
    """Name one host to the proxy, another in TLS, or a third in the request; or one host in an odd spelling."""
    said = messages(value.sentence)
    length = f"Content-Length: {len(said)}"
    target, name, host = rng.choice(
        (
            *((HOST, HOST, OUTSIDE_HOST), (HOST, OUTSIDE_HOST, HOST), (OUTSIDE_HOST, HOST, HOST)),
            *((HOST, OUTSIDE_HOST, OUTSIDE_HOST), (OUTSIDE_HOST, HOST, OUTSIDE_HOST), (HOST, HOST, "api.openai.com.")),
            *((HOST, HOST, "API.OpenAI.com:443"), ("API.OPENAI.COM", HOST, HOST), (HOST, HOST, "api.openai.com:8443")),
            *((HOST, HOST, "[::ffff:127.0.0.1]"), (HOST, HOST, f"{HOST}, {OUTSIDE_HOST}"), (HOST, "claude.ai", HOST)),
        )
    )
    return Sent(request(said, length, host=host), name, live="http1", host=target)


def tunnelled(rng: Random, value: Value) -> Sent:
    """Speak something else in a tunnel: raw bytes, SSH, a switch of protocols, gRPC."""
    text = value.sentence.encode()
    how = rng.randrange(5)
    if how < 3:
        first = (b"\x00\x01", b"SSH-2.0-OpenSSH_9.6\r\n", b"\x16\x03\x01\x00\x05")[how]
        return Sent(first + text + b"\r\n\r\n", live="tunnel", host=HOST)
    if how == 3:
        switch = request(b"", "Upgrade: tunnel", f"X-Note: {value.text}").replace(b"n: close", b"n: Upgrade")
        return Sent(switch + text, HOST, live="http1", host=HOST)
    field = b"\x0a" + bytes([len(text) & 127 | 128, len(text) >> 7]) + text
    body = b"\x00" + len(field).to_bytes(4, "big") + field
    grpc = request(body, f"Content-Length: {len(body)}", "TE: trailers", path="/chat.Service/Send")
    return Sent(grpc.replace(b"application/json", b"application/grpc"), HOST, live="http1", host=HOST)


def second_version(rng: Random, value: Value) -> Sent:
    """Use what HTTP/2 has and HTTP/1.1 has not."""
    said = messages(value.sentence)
    head = [
        *((":method", "POST"), (":scheme", "https"), (":authority", HOST), (":path", CHAT)),
        ("content-type", "application/json"),
    ]
    hello = messages("hello")
    path = f"/v1/search?q={quote(value.sentence)}"
    connect = [(":method", "CONNECT"), (":protocol", "websocket"), *head[1:3], (":path", path)]
    fields, body, behind = rng.choice(
        (
            (head, said, ""),
            ([*head, ("host", OUTSIDE_HOST)], said, ""),
            ([*head, ("x-note", value.text)], hello, ""),
            ([*head, ("X-Note", value.text)], hello, ""),
            ([*head, ("content-length", "2")], said, ""),
            (head, hello, value.text),
            ([(":method", "GET"), *head[1:3], (":path", path)], b"", ""),
            (connect, b"", ""),
            ([*head[:2], (":authority", OUTSIDE_HOST), *head[3:]], said, ""),
            ([*head, ("te", "gzip"), ("connection", value.text)], hello, ""),
        )
    )
    return Sent(body, CHAT, tuple(fields), live="http2", pieces=(quote(behind),) if behind else ())


def framed(rng: Random, value: Value) -> Sent:
    """Send it over a WebSocket: in fragments, as bytes, compressed, among noise, in a ping, as the reason to close."""
    how = rng.choice(("text", "fragments", "bytes", "noise", "deflate", "ping", "closing", "json"))
    short = how in ("ping", "closing")
    told = value.text if short else json.dumps({"said": [value.sentence]}) if how == "json" else value.sentence
    return Sent(told.encode(), method=how, live="websocket")
