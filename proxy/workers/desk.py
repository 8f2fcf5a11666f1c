"""One worker, as the supervisor hears it: a thread that answers what the worker asks over its pipe. Does I/O.

Enters: frames of one worker. Leaves: answers, and what the supervisor says unasked. A worker that says what none says,
or takes nothing any more, is cut off; half a frame of one that was killed is nothing at all.
"""

import socket
import struct
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson
import structlog

from proxy.detecting.frames import UNASKED, Frame, Garbled, pack, read_frame, send_all
from proxy.detecting.link import Down
from proxy.errors import SluiceError
from proxy.workers.clerk import Clerk
from proxy.workers.interface import Source
from proxy.workers.office import FINDS_WITHIN

TAKES_WITHIN: Final = 5
"""Seconds after which a worker that takes no answer is cut off, so that no other waits for it."""

LOG = structlog.get_logger("sluice")


class Lender(Protocol):
    """Who has the processes that detect."""

    def lend(self, held: Collection[int], seconds: float) -> tuple[socket.socket, int]:
        """Return a pipe to a process that is not held yet, and its number; raises `Down` or `TimeoutError`."""
        ...

    def distrust(self, pid: int, why: str) -> None:
        """End a process that is not to be trusted any more."""
        ...


@dataclass(frozen=True, slots=True)
class Common:
    """What there is one of, for all workers."""

    clerk: Clerk
    must_hold: Callable[[], None]
    """Raises `StoreError` where the log cannot be proven any more."""
    lender: Lender | None
    """None where each worker detects by itself."""
    policy: Callable[[], Mapping[str, Any]]
    """Tells the version in force, as workers are told of it."""


class Desk:
    """The supervisor's end of the pipe to one worker."""

    def __init__(
        self,
        pipe: socket.socket,
        common: Common,
        brief: tuple[Source, Mapping[str, Any]],
        stands: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """Take the pipe, what is common, what the worker is told first, and who hears how it stands."""
        pipe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", TAKES_WITHIN, 0))
        self._pipe, self._common, self._brief, self._stands = pipe, common, brief, stands
        self.metrics = b""
        """What the worker has told last of what it counts."""
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="sluice-desk", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def push(self, kind: str, fields: Mapping[str, Any] | None = None) -> None:
        """Say something unasked; one that has gone need not hear it."""
        self._send(Frame(UNASKED, kind, fields or {}))

    def close(self) -> None:
        """End the pipe: the worker ends with it."""
        with suppress(OSError):
            self._pipe.shutdown(socket.SHUT_RDWR)

    def _send(self, frame: Frame, files: Sequence[int] = ()) -> None:
        try:
            with self._sending:
                send_all(self._pipe, pack(frame), files)
        except OSError:
            self.close()

    def _run(self) -> None:
        try:
            while (frame := read_frame(self._pipe.recv)) is not None:
                self._hear(frame)
        except Garbled:
            LOG.info("a worker's pipe broke off")  # it was killed in the midst of a word, or is no worker
        except OSError:
            pass
        except Exception as error:
            LOG.error("a worker could not be answered", exc_info=error)
        self.close()
        with self._sending:
            self._pipe.close()

    def _hear(self, frame: Frame) -> None:
        match frame.kind:
            case "write":
                self._common.clerk.take(record_in(frame.body), lambda why: self._answer(frame.id, why))
            case "hold":
                self._answer(frame.id, self._failure(self._common.must_hold))
            case "detector":
                threading.Thread(target=self._lend, args=(frame,), name="sluice-lends", daemon=True).start()
            case "distrust":
                if self._common.lender is not None:
                    self._common.lender.distrust(int(frame.fields["pid"]), str(frame.fields["why"]))
                self._answer(frame.id)
            case "brief":
                source, told = self._brief
                fields = {**told, "name": source.name, "directory": str(source.directory)}
                self._send(Frame(frame.id, "done", {**fields, "policy": self._common.policy()}, source.text.encode()))
            case "stands":
                self._stands(frame.fields)
                self._answer(frame.id)
            case "metrics":
                self.metrics = frame.body
                self._answer(frame.id)
            case _:
                raise Garbled

    def _answer(self, number: int, why: str = "") -> None:
        self._send(Frame(number, "failed", {"why": why}) if why else Frame(number, "done"))

    @staticmethod
    def _failure(work: Callable[[], None]) -> str:
        try:
            work()
        except SluiceError as error:
            return str(error)
        return ""

    def _lend(self, frame: Frame) -> None:
        """Lend a process that detects."""
        if self._common.lender is None:
            self._answer(frame.id, "detection is done in each worker")
            return
        try:
            pipe, pid = self._common.lender.lend([int(one) for one in frame.fields["held"]], FINDS_WITHIN / 2)
        except (Down, TimeoutError) as error:
            self._answer(frame.id, str(error) or "no process that detects is free")
            return
        except Exception as error:
            LOG.error("a process that detects could not be lent", exc_info=error)
            self._answer(frame.id, type(error).__name__)
            return
        with pipe:
            self._send(Frame(frame.id, "done", {"pid": pid, "file": True}), [pipe.fileno()])


def record_in(data: bytes) -> dict[str, Any]:
    """Return the fields of a record; raises `Garbled`."""
    try:
        fields = orjson.loads(data)
    except ValueError:
        raise Garbled from None
    if not isinstance(fields, dict) or not isinstance(fields.get("event"), str):
        raise Garbled
    return fields
