"""Hears of every exchange: its steps, its record, its end. Pure but for counting.

Enters: what `handle` does with an exchange. Leaves: counts, and stories for spans. Nothing here may change an exchange.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter_ns, time_ns
from typing import Final

from proxy.audit import Answered, Record
from proxy.observe.marks import Mark, Marks
from proxy.observe.meters import Meters
from proxy.observe.spans import Story, Teller

NANO: Final = 1_000_000_000


@dataclass(slots=True)
class Observer:
    """What a house tells of its exchanges."""

    meters: Meters = field(default_factory=Meters)
    spans: Teller | None = None
    recorded: Callable[[], None] = lambda: None
    """Told of every record that is durable."""
    unrecorded: Callable[[], None] = lambda: None
    """Told of every record that could not be made durable."""

    def marks(self) -> Marks:
        """Return where the steps of a new exchange are marked."""
        return Marks(self.meters.marked, self.store_failed)

    def store_failed(self, stage: str) -> None:
        """Hear of a step in which the store or the log could not be used."""
        self.meters.store_failed(stage)
        if stage == "record":
            self.unrecorded()

    def decided(self, record: Record) -> None:
        """Hear of a record that is durable."""
        self.meters.recorded(record)
        self.recorded()

    def missed(self) -> None:
        """Hear of a placeholder that nothing is known of."""
        self.meters.missed.inc()

    def answered(self, answer: Answered, marks: Marks, began: datetime) -> None:
        """Hear how an answer ended."""
        self.meters.answered(answer)
        start = int(began.timestamp() * NANO)
        marks.add(Mark("answer", start, max(0, int(answer.at.timestamp() * NANO) - start)))

    def ended(self, story: Callable[[], Story]) -> None:
        """Hear that an exchange is over."""
        if self.spans is not None:
            self.spans.tell(story())


def waited(marks: Marks) -> Callable[[], None]:
    """Return what is called when a wait that begins now is over."""
    began, start = time_ns(), perf_counter_ns()
    return lambda: marks.add(Mark("wait", began, perf_counter_ns() - start))
