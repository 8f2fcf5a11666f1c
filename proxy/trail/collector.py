"""`sluice audit witness`: keeps the checkpoints of another house, in other hands. This room does I/O.

Enters: POST requests with lines of JSON. Leaves: a file of checkpoints, each durable before it is acknowledged. What is
not signed by a known key, or contradicts what was kept before, is not taken: the answer is 409 and the contradiction
is kept beside it, once, and said, for it is the very thing that an auditor looks for.
"""

import hmac
import ssl
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from proxy.errors import SettingsError, StoreError
from proxy.trail.chain import BadLine
from proxy.trail.checked import PROBLEMS
from proxy.trail.checkpoint import Key, read_checkpoint, read_keys, trusted
from proxy.trail.notary import append

MOST: Final = 1 << 20
"""Bytes of one request."""
LATEST: Final = 5_000
"""Lines that are remembered, to compare new ones with."""
SECONDS: Final = 20.0
"""Longest time that a client may be silent."""
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Collection:
    """The kept checkpoints."""

    def __init__(self, file: Path, keys: tuple[Key, ...], refused: Callable[[str], None] = lambda _: None) -> None:
        """Read what was kept; raises `SettingsError` where that does not hold, `OSError` where nothing can be kept.

        `refused` is told why something was not taken, once for whatever comes again and again.
        """
        self.file, self.keys, self.refused = file, {key.id: key for key in keys}, refused
        self.aside = file.with_name(f"{file.name}.refused")
        self._lock = threading.Lock()
        file.open("ab").close()
        lines = file.read_bytes().split(b"\n")
        _, fault = trusted(lines, keys)
        if fault is not None:
            raise SettingsError(
                f"{file}:{fault.line}: what was kept does not hold ({fault.problem})",
                f"{file}:{fault.line}：已保存的检查点不成立（{fault.problem}）",
            )
        self._kept = deque(filter(None, lines), LATEST)
        held = self.aside.read_bytes().split(b"\n") if self.aside.exists() else []
        self._refused = deque(filter(None, held), LATEST)

    def take(self, body: bytes) -> str:
        """Keep the lines of a request; returns what is wrong with them, or nothing once they are on the disk.

        Raises `StoreError` where they cannot be kept.
        """
        with self._lock:
            known = set(self._kept)
            fresh = [line for line in body.split(b"\n") if line and line not in known]
            problem = self._problem(fresh) if fresh else ""
            if problem:
                if new := [line for line in fresh if line not in set(self._refused)]:
                    append(self.aside, new)
                    self._refused += new
                    self.refused(problem)
            elif fresh:
                append(self.file, fresh)
                self._kept += fresh
            return problem

    def _problem(self, fresh: list[bytes]) -> str:
        """Return why lines are not to be kept."""
        try:
            points = [read_checkpoint(line, self.keys) for line in fresh]
        except BadLine as bad:
            return bad.problem
        keys = tuple(self.keys.values())
        _, fault = trusted([*self._kept, *fresh], keys)
        if fault is not None:
            return fault.problem
        # Older than all that is remembered of a log, and not among it: no house sends that.
        kept, _ = trusted(self._kept, keys)
        oldest = {one.log: one.number for one in reversed(kept)}
        return "backwards" if any(one.number < oldest.get(one.log, 0) for one in points) else ""


def server(collection: Collection, address: tuple[str, int], token: str = "") -> ThreadingHTTPServer:
    """Return a server that takes checkpoints at any path."""

    class Desk(BaseHTTPRequestHandler):
        """Answers one connection."""

        timeout = SECONDS

        def do_POST(self) -> None:
            """Take a request."""
            length = self.headers.get("content-length", "")
            if token and not hmac.compare_digest(self.headers.get("authorization", ""), f"Bearer {token}"):
                self.answer(401, "unauthorized")
            elif not length.isdecimal() or int(length) > MOST:
                self.answer(413, "too_large")
            else:
                try:
                    problem = collection.take(self.rfile.read(int(length)))
                    self.answer(409 if problem else 204, problem)
                except StoreError:
                    self.answer(507, "cannot_be_kept")

        def answer(self, status: int, word: str) -> None:
            """Send a status and a word."""
            self.send_response(status)
            self.send_header("content-length", str(len(word)))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(word.encode())
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: what was kept stands in the file."""

    return ThreadingHTTPServer(address, Desk)


def collect(
    file: Path,
    key: Path,
    listen: str,
    certificate: Path | None,
    token_file: Path | None,
    say: Callable[[str, str], None],
) -> None:
    """Serve until interrupted; raises `SettingsError`. `say` prints a line, which it is given in both languages."""
    host, _, port = listen.rpartition(":")

    def refused(problem: str) -> None:
        at, (en, zh) = datetime.now(UTC).isoformat(timespec="seconds"), PROBLEMS[problem]
        say(
            f"{at} REFUSED a checkpoint: {en}. It is kept in {file}.refused; tell the auditor",
            f"{at} 拒收一个检查点：{zh}。已另存于 {file}.refused；请告知审计员",
        )

    try:
        keys = read_keys(key.read_text("utf-8"))
        token = token_file.read_text("utf-8").strip() if token_file else ""
        if certificate is None and host not in LOOPBACK:
            raise SettingsError(
                "to listen to other machines, give --certificate: a token must not travel in the clear",
                "要接受其他机器的连接，请给出 --certificate：令牌不得明文传输",
            )
        made = server(Collection(file, keys, refused), (host.strip("[]"), int(port)), token)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            made.socket = context.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
    except (OSError, ValueError, OverflowError) as error:
        raise SettingsError(f"the witness cannot start: {error}", f"见证程序无法启动：{error}") from None
    where = f"{host}:{made.server_address[1]}"
    say(f"keeps checkpoints in {file}, listens on {where}", f"检查点保存在 {file}，监听 {where}")
    with made:
        try:
            made.serve_forever()
        except KeyboardInterrupt:
            return
