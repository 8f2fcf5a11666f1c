"""Carries a log to a SIEM: from where one left off, at least once, for as long as it grows.

Enters: a log, a way, a mark. Leaves: every record, in order. What counts as sent is kept only when the way still stood
some seconds later; what was sent after that goes again over the next way. A server that is away is waited for, and
nothing is read ahead of it: the log itself keeps what waits.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from policies.decision import Text
from proxy.errors import SettingsError, StoreError
from proxy.siem.follow import Follower, Line, Moved, Place
from proxy.siem.mark import Mark
from proxy.siem.message import written
from proxy.siem.wire import TooLong, Wire, reason

AT_ONCE: Final = 200
"""Records of one batch."""
EVERY: Final = 0.5
"""Seconds between two looks at a log that has not grown."""
PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the way is tried again."""


@dataclass(slots=True)
class Shipper:
    """One log on its way."""

    log: Path
    form: str
    open: Callable[[], Wire]
    """Opens the way; raises `OSError`."""
    told: str
    """What the way is called."""
    mark: Mark
    tell: Callable[[Text], None]
    after: int = 0
    """Records up to this number are left out, where the mark says nothing."""
    follow: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    pauses: tuple[float, ...] = PAUSES
    sent: deque[tuple[float, Place]] = field(default_factory=deque)
    """What has gone out and does not count yet, the oldest first."""
    counts: Place = field(default_factory=Place)
    """Up to here all is there."""
    away: bool = False
    """Whether it was told that the server is away."""

    def run(self) -> None:
        """Carry until the end of the log, or until told to stop.

        Raises `SettingsError`, `StoreError`, and without `follow` the `SettingsError` that says where it ended.
        """
        place = self.mark.load()
        self.after = 0 if place is not None else self.after
        while True:
            with self.opened(place) as log:
                self.mark.keep(self.counts)
                moved = self.carry(log)
            if not moved:
                return
            self.tell(
                Text(
                    f"{self.log}: another log stands here now; it is sent from its first record. The one before was "
                    f"sent up to record {self.counts.seq}",
                    f"{self.log}：此处已是另一份日志，将从头发送。之前的日志已发送至第 {self.counts.seq} 条",
                )
            )
            place, self.counts, self.after = None, Place(), 0

    def opened(self, place: Place | None) -> Follower:
        """Open the log where one left off; another one from its beginning, and that is told."""
        try:
            log = Follower(self.log, place)
        except Moved:
            seq = place.seq if place else 0
            self.tell(
                Text(
                    f"{self.log}: record {seq}, the last that was sent, is not in this log; it is sent from its first "
                    f"record. Send the rest of the earlier log with: sluice audit export EARLIER --after {seq}",
                    f"{self.log}：其中没有上次发送的第 {seq} 条记录，将从第一条记录开始发送。"
                    f"之前日志的其余部分请用 sluice audit export 之前的日志 --after {seq} 发送",
                )
            )
            log = Follower(self.log)
        self.counts = log.at
        return log

    def carry(self, log: Follower) -> bool:
        """Carry one log over as many ways as it takes; returns whether another one has taken its place."""
        failures = 0
        while True:
            before, wire = self.counts, None
            try:
                wire = self.open()
                return self.over(log, wire)
            except OSError as error:
                self.missed(error)
            finally:
                if wire is not None:
                    wire.close()
            self.sent.clear()
            log.go_back(self.counts)
            failures = 0 if self.counts != before else failures
            if self.stop.wait(self.pauses[min(failures, len(self.pauses) - 1)]):
                return False
            failures += 1

    def missed(self, error: OSError) -> None:
        """Tell that the server is away, once; without `follow` that is the end."""
        if isinstance(error, BrokenPipeError) and not self.told:
            raise error  # whoever reads standard output has left
        if not self.told:
            raise StoreError(f"standard output: cannot be written: {reason(error)}") from None
        seq, why = self.counts.seq or self.after, reason(error)
        if not self.follow:
            raise SettingsError(
                f"{self.told}: {why}; it has the records up to {seq}: go on with --after {seq}",
                f"{self.told}：{why}；它已收到第 {seq} 条及以前的记录：请用 --after {seq} 继续",
            )
        if not self.away:
            self.tell(
                Text(
                    f"{self.told}: {why}; records after {seq} wait in the log, and it is tried again",
                    f"{self.told}：{why}；第 {seq} 条之后的记录保留在日志中，稍后重试",
                )
            )
        self.away = True

    def over(self, log: Follower, wire: Wire) -> bool:
        """Carry over one way; returns whether another log has taken the place of this one. Raises `OSError`."""
        opened = time.monotonic()
        while True:
            stopping = self.stop.is_set()
            lines = [] if stopping else log.read(AT_ONCE)
            self.send(wire, [line for line in lines if line.place.seq > self.after])
            wire.must_stand()
            self.settle(wire)
            if self.away and time.monotonic() - opened >= wire.settles:
                self.away = False
                self.tell(Text(f"{self.told}: takes records again", f"{self.told}：已恢复接收记录"))
            if lines:
                continue
            if not self.sent:
                if stopping or not self.follow:
                    return False
                at = log.at
                if log.moved() and not log.read(1):  # what was written before it was moved goes first
                    return True
                log.go_back(at)
            time.sleep(EVERY) if stopping else self.stop.wait(EVERY)

    def send(self, wire: Wire, lines: list[Line]) -> None:
        """Send records; one that the way cannot carry is told, for it would stand in the way of all others."""
        if not lines:
            return
        try:
            wire.send([written(self.form, line.record, line.raw) for line in lines])
        except TooLong:
            seq = lines[0].place.seq
            raise SettingsError(
                f"{self.told}: one of the records from {seq} on is longer than a datagram; use syslog+tcp or "
                "syslog+tls",
                f"{self.told}：第 {seq} 条起有一条记录超过数据报的长度；请改用 syslog+tcp 或 syslog+tls",
            ) from None
        self.sent.append((time.monotonic(), lines[-1].place))

    def settle(self, wire: Wire) -> None:
        """Keep what counts by now."""
        before, now = self.counts, time.monotonic()
        while self.sent and now - self.sent[0][0] >= wire.settles:
            self.counts = self.sent.popleft()[1]
        if self.counts != before:
            self.mark.keep(self.counts)
