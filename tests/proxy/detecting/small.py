"""A process that detects little and loads at once: `SECRET` is a secret, terms of a brief are what the brief says.

Words in a text make it misbehave, as libraries and hostile texts may: see `Small`. Started as a program, it is the real
worker with this in place of the real detectors.
"""

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from detectors.allowance import effort
from detectors.interface import DetectorError, Finding, Scan
from proxy.detecting import worker
from proxy.detecting.interface import Brief, Standing
from proxy.detecting.link import Link
from proxy.settings.detection import Detection

COMMAND = (sys.executable, "-P", "-m", "tests.proxy.detecting.small")
NEVER = "TERM-THAT-DOES-NOT-LOAD"
FATAL = "TERM-THAT-ENDS-THE-PROCESS"


class Small:
    """Searches, and misbehaves."""

    def __init__(self, brief: Brief, failed: Callable[[str], None]) -> None:
        self.failed = failed
        self.words = {"SECRET": "SECRET", **{term: one.entity for one in brief.own for term in one.terms}}

    @property
    def entities(self) -> frozenset[str]:
        return frozenset(self.words.values())

    def find(self, text: str, entities: frozenset[str]) -> Scan:
        return self.find_all((text,), entities)[0]

    def find_all(self, texts: Sequence[str], entities: frozenset[str]) -> list[Scan]:
        for text in texts:
            if "DIES" in text:
                os._exit(7)
            if "SLEEPS" in text:
                time.sleep(float(text.split("SLEEPS")[1].split()[0]))
            if "WORKS" in text:
                end = time.thread_time() + float(text.split("WORKS")[1].split()[0])
                while time.thread_time() < end:
                    pass
            if "LACKS" in text:
                effort().short = True
            if "FAILS" in text:
                self.failed("small: no time")
            if "RAISES" in text:
                raise ValueError(text)
        return [self._scan(text, entities) for text in texts]

    def find_spread(
        self, texts: Sequence[str], groups: Sequence[Hashable | None], entities: frozenset[str]
    ) -> list[Scan]:
        """Group by group, as if a text stood alone."""
        assert len(groups) == len(texts)
        return self.find_all(texts, entities)

    def _scan(self, text: str, entities: frozenset[str]) -> Scan:
        found = [
            Finding(
                match.start() + (10**6 if "LIES" in text else 0),
                match.end() + 10**6 * ("LIES" in text),
                name,
                0.9,
                "small",
                ("term",),
            )
            for word, name in self.words.items()
            if name in entities
            for match in re.finditer(re.escape(word), text)
        ]
        return Scan(tuple(sorted(found)), entities & {"NOBODY"})


class SmallDetecting:
    """Makes them."""

    def __init__(self, detection: Detection, _state: Path) -> None:
        if detection.rules:
            raise DetectorError(f"{detection.rules[0]}: no such file", f"{detection.rules[0]}：没有这个文件")
        self.own_entities = frozenset({"STAFF_NUMBER"})
        self.notes: tuple[str, ...] = ("small: slower than was asked for",)
        self.failed: Callable[[str], None] = lambda _: None

    def searcher(self, brief: Brief) -> Small:
        terms = [term for one in brief.own for term in one.terms]
        if NEVER in terms:
            raise DetectorError("there is no index called customers")
        if FATAL in terms:
            os._exit(7)
        return Small(brief, self.failed)

    def hear(self, tell: Callable[[Standing], None]) -> None:
        """Say nothing."""

    def overhear(self, tell: Callable[[str], None]) -> None:
        """Fail at what says so."""
        self.failed = tell

    def close(self) -> None:
        """Hold nothing."""


def small_link(ended: Callable[[], None] = lambda: None) -> Link:
    """Start such a process."""
    return Link(COMMAND, ended)


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Return whether something comes true in time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        threading.Event().wait(0.02)
    return True


if __name__ == "__main__":
    worker.main(SmallDetecting)
