"""How checkpoints get to a witness outside: into a file, over HTTP, or as syslog messages. This room does I/O.

Whole lines go in, in order. When `deliver` returns, the witness has taken them, as far as its way can say: a file is
synced, an HTTP server has answered with 2xx; syslog knows no answer (RFC 5424), so there a line counts once it is sent.
A line may come twice, after a crash; what a server answers is never kept. Checkpoints hold no word of anybody.
"""

import os
import socket
import ssl
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit

import orjson

from proxy.errors import SluiceError, StoreError
from proxy.trail.interface import Outside
from proxy.trail.notary import append
from proxy.workflow.courier import NoRedirect

SECONDS: Final = 10.0
"""Longest time that a witness is waited for."""
PRIORITY: Final = 13 * 8 + 5
"""Facility "log audit", severity "notice" (RFC 5424, section 6.2.1)."""
PORTS: Final = {"udp": 514, "tcp": 601, "tls": 6514}
CONFLICT: Final = 409
"""How a witness over HTTP says that it has something else."""
TAIL: Final = 1 << 16
"""Bytes at the end of a witness's file that are looked at."""
MOST_DATAGRAM: Final = 2048
"""Bytes that every receiver should take (RFC 5424, section 6.1); a checkpoint has some 600."""


class Away(SluiceError):
    """A witness did not take what it was told."""

    code = "witness_away"


class Contradicts(Away):
    """A witness has something else than what this house has signed: a person must look."""

    code = "witness_contradicts"


def deliver(outside: Outside, lines: Sequence[bytes], cafile: str | None, before: Sequence[bytes] = ()) -> None:
    """Tell a witness; raises `Away`, or `Contradicts`. `cafile` is `None` for the public certificates.

    `before` are the last lines that were told before these: a file is looked at for what is neither.
    """
    try:
        match outside.kind:
            case "file":
                must_agree(outside, [*before, *lines])
                append(Path(outside.address), list(lines))
            case "url":
                post(outside, lines, cafile)
            case "syslog":
                log(urlsplit(outside.address), lines, cafile)
    except (OSError, HTTPException, URLError, ValueError, StoreError) as error:
        code = f" {error.code}" if isinstance(error, HTTPError) else ""
        kind = Contradicts if isinstance(error, HTTPError) and error.code == CONFLICT else Away
        raise kind(f"{outside.name}: {type(error).__name__}{code}") from error


def must_agree(outside: Outside, ours: Sequence[bytes]) -> None:
    """Raise `Contradicts` where the end of a witness's file has of this log what the house has not signed.

    Checkpoints of other logs may stand between ours, and what a crash has torn.
    """
    try:
        with Path(outside.address).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
            whole = file.tell() == 0
            kept = file.read().split(b"\n")[0 if whole else 1 :]
    except FileNotFoundError:
        return
    known, logs = set(ours), {told.get("log") for told in map(_fields, ours) if told}
    first = next((place for place, line in enumerate(kept) if line in known), len(kept))
    for line in kept[first:]:
        if not line or line in known or any(one.startswith(line) for one in ours):
            continue
        told = _fields(line)
        if not told or told.get("log") in logs:
            raise Contradicts(f"{outside.name}: it holds what this house has not signed")


def _fields(line: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def post(outside: Outside, lines: Sequence[bytes], cafile: str | None) -> None:
    """Post lines of JSON."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),  # no proxy of the environment: it may well be this one
        NoRedirect,
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=cafile)),
    )
    headers = {"content-type": "application/x-ndjson", "user-agent": "Sluice"}
    if outside.token:
        headers["authorization"] = f"Bearer {outside.token}"
    body = b"".join(line + b"\n" for line in lines)
    request = urllib.request.Request(outside.address, body, headers, method="POST")
    try:
        with opener.open(request, timeout=SECONDS):
            pass
    except HTTPError as error:
        error.close()
        raise


def log(address: SplitResult, lines: Sequence[bytes], cafile: str | None) -> None:
    """Send syslog messages, each with its length before it on a connection (RFC 6587, RFC 5425)."""
    host, port = address.hostname or "", address.port or PORTS[address.scheme]
    messages = [message(line) for line in lines]
    if address.scheme == "udp":
        if max(map(len, messages)) > MOST_DATAGRAM:
            raise ValueError("the message is longer than a datagram may be")
        family, kind, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as datagrams:
            datagrams.connect(where)
            for one in messages:
                datagrams.send(one)
        return
    with socket.create_connection((host, port), SECONDS) as plain:
        link = plain
        if address.scheme == "tls":
            link = ssl.create_default_context(cafile=cafile).wrap_socket(plain, server_hostname=host)
        with link:
            link.sendall(b"".join(b"%d %b" % (len(one), one) for one in messages))
            link.shutdown(socket.SHUT_WR)
            while link.recv(1024):  # until the other side has read it all and closed
                pass


def message(line: bytes) -> bytes:
    """Return a checkpoint as a syslog message (RFC 5424, section 6)."""
    told = orjson.loads(line)
    at = datetime.fromisoformat(told["time"]).isoformat(timespec="milliseconds")
    return b"<%d>1 %b %b sluice %d checkpoint - %b" % (PRIORITY, at.encode(), word(told["node"]), os.getpid(), line)


def word(text: str) -> bytes:
    """Return a name as syslog takes it: printable ASCII without blanks."""
    return "".join(char if "!" <= char <= "~" else "?" for char in text)[:255].encode() or b"-"
