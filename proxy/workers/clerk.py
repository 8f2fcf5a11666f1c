"""Writes the workers' records into the one audit log; a thread of its own, in the supervisor.

Enters: records, from any thread, each with whom to tell. Leaves: lines of the log, and a word to each that asked: its
record is on the disk, or why it is not. What waits is written together and made durable by one sync. A worker that
ends while its record is on the way leaves a whole line or none: only whole records get here.
"""

from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

import structlog

from proxy.audit import Value
from proxy.errors import unkept
from proxy.trail.sinks import AuditSink

AT_ONCE: Final = 256
"""Records made durable together."""

LOG = structlog.get_logger("sluice")

type Fields = Mapping[str, Value]
type Answer = Callable[[str], None]
"""Told "" once a record is durable, else why it is not."""


class Clerk:
    """The one who writes."""

    def __init__(self, audit: AuditSink) -> None:
        """Take the open log."""
        self._audit = audit
        self.recorded: Callable[[], None] = lambda: None
        """Told when records have become durable."""
        self.unrecorded: Callable[[], None] = lambda: None
        """Told when one has not."""
        self._waiting: SimpleQueue[tuple[Fields, Answer] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="sluice-clerk", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def take(self, fields: Fields, answer: Answer) -> None:
        """Have a record written, and `answer` told, from another thread."""
        self._waiting.put((fields, answer))

    def _run(self) -> None:
        while (batch := self._batch()) is not None:
            failures = self._write([fields for fields, _ in batch])
            if any(failures):
                self.unrecorded()
            else:
                self.recorded()
            for (_, answer), failure in zip(batch, failures, strict=True):
                answer(failure)

    def _batch(self) -> list[tuple[Fields, Answer]] | None:
        """Return all that waits, at least one; None at the end."""
        batch: list[tuple[Fields, Answer]] = []
        try:
            one = self._waiting.get()
            while one is not None:
                batch.append(one)
                if len(batch) == AT_ONCE:
                    return batch
                one = self._waiting.get_nowait()
        except Empty:
            return batch
        if batch:
            self._waiting.put(None)  # to be found by the next look
        return batch or None

    def _write(self, records: list[Fields]) -> list[str]:
        try:
            return [str(failure) if failure else "" for failure in self._audit.write_all(records)]
        except Exception as error:  # none of them is taken for durable, and the next ones may be
            LOG.error(unkept(error, "records could not be kept"), exc_info=error)
            return [type(error).__name__] * len(records)
