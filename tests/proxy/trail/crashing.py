"""A writer of an audit log, with six threads, that dies in the midst of a write.

Enters: the path of the log; the point at which it dies: `before` a write, with `half` of it done, when it is `written`
or `synced`, or at `any` point, when it is killed from outside; and how many writes come before. Leaves: on standard
output the id of each record that was acknowledged.
"""

import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proxy.audit import Record
from proxy.trail import sinks

AT = datetime(2026, 11, 20, tzinfo=UTC)


class Dying:
    """The module `os`, but for what writes."""

    def __init__(self, point: str, left: int) -> None:
        self.point, self.left = point, left

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def die_at(self, point: str) -> None:
        if self.left < 0 and self.point == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, file: int, data: bytes) -> int:
        self.left -= 1
        self.die_at("before")
        if self.left < 0 and self.point == "half":
            os.write(file, data[: len(data) // 2])
        self.die_at("half")
        done = os.write(file, data)
        self.die_at("written")
        return done

    def fsync(self, file: int) -> None:
        os.fsync(file)
        self.die_at("synced")


def main(path: str, point: str, left: str) -> None:
    sinks.os = Dying(point, int(left))
    log = sinks.AuditFile(Path(path))

    def work(name: str) -> None:
        for number in range(10_000):
            log.write(Record(f"{name}-{number}", AT, "forwarded").fields("n1"))
            os.write(1, f"{name}-{number}\n".encode())

    for name in range(6):
        threading.Thread(target=work, args=(f"T{name}",)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
