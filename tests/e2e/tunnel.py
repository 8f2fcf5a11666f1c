"""A client made of sockets, for what no well-behaved client would send."""

import socket
import ssl

from tests.e2e.street import Street

PATIENCE = 100.0


def open_raw_tunnel(street: Street, host: str) -> socket.socket:
    """Return a connection on which the proxy has agreed to carry bytes to `host`."""
    name, port = street.proxy.url.removeprefix("http://").split(":")
    raw = socket.create_connection((name, int(port)), timeout=PATIENCE)
    raw.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    read_until(raw, b"\r\n\r\n")
    return raw


def open_tunnel(street: Street, host: str, trust: ssl.SSLContext) -> ssl.SSLSocket:
    """Return a TLS connection to `host` through the proxy."""
    return trust.wrap_socket(open_raw_tunnel(street, host), server_hostname=host)


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    """Return what came up to and including `mark`, or to the end."""
    got = b""
    while mark not in got and (data := connection.recv(65536)):
        got += data
    return got
