"""Reads files for the proxy: text where it is, all else in processes of their own, which a hostile file can only end.

Enters: the bytes of a file and its name. Leaves: a `Document`, always: a process that dies, or takes longer than is
allowed, makes the file one that cannot be looked into. The processes inherit none of the proxy's environment, and
answer in JSON, never in anything that runs.
"""

import json
import os
import subprocess
import sys
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from queue import Empty, LifoQueue
from threading import Lock, Timer
from time import monotonic
from typing import Any, Final

from detectors.allowance import effort
from detectors.effort import Watched
from proxy.documents.document import Document, FixedText, Limits, Opaque, Text, sealed
from proxy.documents.kind import TEXTUAL, kind_of
from proxy.documents.read import read_document
from proxy.exchange import Field

PLAIN: Final = "text"
SMALL: Final = 256 << 10
"""Bytes of a page or of JSON up to which it is read where it is: cutting it up takes the more the larger it is."""
GRACE: Final = 3.0
"""Seconds after its own limit until a process is ended."""
MOST_READ: Final = 200
"""Files after which a process is replaced, so that what libraries leak is given back."""
KEPT: Final = 4_000_000
"""Characters of files read lately that are remembered: a chat sends its files again with every turn."""
FIELD: Final = 40
"""Characters that a field counts for."""
TOO_SLOW: Final = "too_slow"
KEPT_NOT: Final = frozenset({TOO_SLOW, "failed"})
"""Reasons that may be gone the next time."""
ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")


class Ended(Exception):
    """A process is no more."""


class Process:
    """One process that reads files, one at a time."""

    def __init__(self, memory: int) -> None:
        """Start it."""
        self.left = MOST_READ
        environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        environment["OMP_NUM_THREADS"] = "4"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "proxy.documents.worker", str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._closing = weakref.finalize(self, _end, self._process)

    def ask(self, told: dict[str, Any], data: bytes, seconds: float, most: int) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a request; raises `Ended`, and then the process is."""
        late = Timer(seconds, self._process.kill)
        late.daemon = True
        late.start()
        try:
            return self._exchange(json.dumps({**told, "size": len(data)}).encode("ascii") + b"\n" + data, most)
        except (OSError, ValueError, KeyError, TypeError):  # it may hold what the process said: no context of ours
            self.end()
        finally:
            late.cancel()
            self.left -= 1
        raise Ended

    def _exchange(self, request: bytes, most: int) -> tuple[dict[str, Any], bytes]:
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise ValueError("the process has no pipes")
        watched = Watched(self._process.pid)
        try:
            into.write(request)
            into.flush()
            line = out.readline(most)
        finally:
            effort().add(watched.seconds)
        answer = json.loads(line)
        size = int(answer["size"])
        content = out.read(size) if size <= most else b""
        if len(content) != size:
            raise ValueError("the answer is cut short")
        return answer, content

    def end(self) -> None:
        """End it."""
        self._closing()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not sent yet cannot be any more
                pipe.close()
    process.wait()


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was in a file."""

    kind: str
    parts: tuple[Text, ...]
    opaque: tuple[Opaque, ...]
    seen: Mapping[str, Any]
    """What is written in its pictures, for the process that writes it anew."""


class Reader:
    """Reads files; may be used from several threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        """Take the limits; processes start when they are needed."""
        self.limits = limits or Limits()
        self._free: LifoQueue[Process | None] = LifoQueue()
        for _ in range(self.limits.processes):
            self._free.put(None)
        self._key = os.urandom(32)
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def read(self, data: bytes, name: str = "") -> Document:
        """Return what is in the file called `name`."""
        kind = kind_of(data, name)
        if not data or kind == PLAIN or (kind in TEXTUAL and len(data) <= SMALL):
            return in_time(read_document(data, name, self.limits))
        if len(data) > self.limits.size:
            return sealed(kind, data, "too_large")
        mark = blake2b(name.encode("utf-8", "surrogatepass") + b"\0" + data, key=self._key).digest()
        with self._lock:
            kept = self._kept.get(mark)
        if kept is None:
            try:
                kept = self._read(data, name)
            except Ended:
                return sealed(kind, data, "failed")
            except TimeoutError:
                return in_time(sealed(kind, data, TOO_SLOW))
            self._keep(mark, kept)

        def write(texts: Sequence[str]) -> bytes:
            return self._rewritten(data, name, texts, kept.seen)

        return in_time(Document(kept.kind, data, kept.parts, kept.opaque, write))

    def close(self) -> None:
        """End all processes that are not at work."""
        while not self._free.empty():
            try:
                process = self._free.get_nowait()
            except Empty:
                return
            if process is not None:
                process.end()

    def _read(self, data: bytes, name: str) -> _Kept:
        told, _ = self._ask(data, name)
        parts = tuple(
            Text(pointer, text, fixed, tuple(Field(*one) for one in fields), bounded)
            for pointer, text, fixed, fields, bounded in told["parts"]
        )
        return _Kept(told["kind"], parts, tuple(Opaque(**one) for one in told["opaque"]), told["seen"])

    def _rewritten(self, data: bytes, name: str, texts: Sequence[str], seen: Mapping[str, Any]) -> bytes:
        try:
            told, content = self._ask(data, name, list(texts), seen)
        except (Ended, TimeoutError) as error:
            effort().short |= isinstance(error, TimeoutError)
            raise FixedText from None
        if not told.get("done"):
            raise FixedText
        return content

    def _ask(
        self, data: bytes, name: str, texts: list[str] | None = None, seen: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], bytes]:
        """Return a process's answer; raises `Ended`, or `TimeoutError` where it took too long."""
        seconds = self.limits.seconds
        started = monotonic()
        try:
            process = self._free.get(timeout=seconds)
        except Empty:
            effort().crowded = True
            raise TimeoutError from None
        try:
            process = process or Process(self.limits.memory)
            left = max(0.1, seconds - (monotonic() - started))
            limits = asdict(replace(self.limits, seconds=left))
            told = {"name": name, "limits": limits, "texts": texts, "seen": dict(seen or {})}
            answer = process.ask(told, data, left + GRACE, self.limits.size * 8)
            if process.left <= 0:
                process.end()
                process = None
            return answer
        except Ended:
            process = None
            if monotonic() - started >= seconds:
                raise TimeoutError from None
            raise
        finally:
            self._free.put(process)

    def _keep(self, mark: bytes, kept: _Kept) -> None:
        if any(one.reason in KEPT_NOT for one in kept.opaque):
            return
        with self._lock:
            self._kept[mark] = kept
            self._size += _size(kept)
            while self._size > KEPT:
                self._size -= _size(self._kept.popitem(last=False)[1])


def in_time(document: Document) -> Document:
    """Return a document; where there was too little time for it, that is noted."""
    effort().short |= any(one.reason == TOO_SLOW for one in document.opaque)
    return document


def _size(kept: _Kept) -> int:
    return sum(len(part.text) + len(part.pointer) + FIELD * len(part.fields) for part in kept.parts)
