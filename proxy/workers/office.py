"""The supervisor, as a worker sees it: asked over one private pipe. Does I/O.

Enters: records, and what there is one of for all workers. Leaves: the same, answered; a record is durable when `write`
returns. Where the supervisor does not answer, nothing can be recorded, so nothing goes out: `StoreError`. The pipe ends
with the supervisor, and the worker with the pipe.
"""

import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import orjson

from proxy.audit import Chain, Value
from proxy.detecting.frames import Frame, Oversized, WithFiles
from proxy.detecting.link import Down, Wire
from proxy.errors import StoreError
from proxy.trail.sinks import failure_of

ANSWERS_WITHIN: Final = 30.0
"""Seconds for a record to become durable, and for all else that is answered at once."""
FINDS_WITHIN: Final = 120.0
"""Seconds in which the supervisor finds a process that detects."""
AWAY: Final = "the supervisor does not answer, so nothing can be recorded"


class Far:
    """A process that is not ours to end or to wait for."""

    def __init__(self, pid: int, distrust: Callable[[], None] = lambda: None) -> None:
        """Take its number, and what is done where it should end."""
        self.pid, self.kill = pid, distrust

    def poll(self) -> None:
        """Know nothing of how it ended."""

    def wait(self, timeout: float) -> None:
        """Wait for nothing."""


class Office(Wire):
    """The pipe to the supervisor."""

    def __init__(self, pipe: socket.socket, pushed: Callable[[Frame], None], ended: Callable[[], None]) -> None:
        """Take the pipe, and the callbacks for what the supervisor sends unasked and for the end of the pipe."""
        self._files = WithFiles(pipe)
        self._came: dict[int, socket.socket] = {}
        self.closing = False
        """Whether this worker ends, so that what it lets go of is not distrusted."""
        super().__init__(pipe, Far(0), ended, pushed, self._files)

    def _hand_over(self, frame: Frame) -> None:
        if frame.fields.get("file") is True:
            self._came[frame.id] = self._files.take()
        super()._hand_over(frame)

    def put(self, kind: str, fields: Mapping[str, Any] | None = None, body: bytes = b"") -> Frame:
        """Return the answer to a question; raises `StoreError`, with what the supervisor says is wrong."""
        try:
            answer = self.ask(kind, fields or {}, body, ANSWERS_WITHIN)
        except (Down, TimeoutError, Oversized):
            raise StoreError(AWAY) from None
        if answer.kind != "done":
            raise StoreError(str(answer.fields.get("why", AWAY)))
        return answer

    def must_hold(self) -> None:
        """Raise `StoreError` where the log cannot be proven any more."""
        self.put("hold")

    def detector(self, held: Collection[int], ended: Callable[[], None]) -> Wire:
        """Return a pipe of one's own to a process that detects, other than those held; raises `Down` and the like."""
        answer = self.ask("detector", {"held": sorted(held)}, b"", FINDS_WITHIN)
        pipe = self._came.pop(answer.id, None)
        if pipe is None:
            raise Down(str(answer.fields.get("why", "no process that detects is free")))
        pid = int(answer.fields["pid"])

        def distrust() -> None:
            if not self.closing:
                with suppress(Down, TimeoutError):
                    self.ask("distrust", {"pid": pid, "why": wire.why}, b"", 1.0)

        wire = Wire(pipe, Far(pid, distrust), ended)
        return wire


class OfficeAudit:
    """The audit log, written by the supervisor."""

    head = Chain()
    """Not known here."""

    def __init__(self, office: Office) -> None:
        """Take who is asked."""
        self._office = office

    def write(self, fields: Mapping[str, Value]) -> None:
        """Have one record written; durable on return. Raises `StoreError`."""
        self._office.put("write", {}, orjson.dumps(fields))

    def write_all(self, records: Sequence[Mapping[str, Value]]) -> list[StoreError | None]:
        """Have them written one after another."""
        return [failure_of(self.write, one) for one in records]

    def close(self) -> None:
        """Hold nothing."""
