"""How the last round of self-tests ended, in a file of the state directory: for whatever watches the proxy.

Enters: the results of a round. Leaves: `canary.json`, replaced as a whole, and what it says for whoever looks. Names of
services, codes and numbers alone; never a word of a prompt.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
import structlog

from proxy.canary.judge import Result

ROUND: Final = "canary.json"
"""File of the state directory that says how the last round ended."""

LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Round:
    """One round."""

    at: datetime
    fates: Mapping[str, int] = field(default_factory=dict)
    """How many self-tests came out how."""
    unproven: Mapping[str, str] = field(default_factory=dict)
    """Services of which nothing is proven, with result and code."""

    @property
    def flown(self) -> int:
        """How many self-tests there were."""
        return sum(self.fates.values())


def round_of(at: datetime, results: Iterable[Result]) -> Round:
    """Return a round of its results."""
    every = tuple(results)
    fates = Counter(str(result.fate) for result in every)
    return Round(at, fates, {one.service: f"{one.fate} {one.code}".rstrip() for one in every if not one.proven})


def write_round(state: Path, last: Round) -> None:
    """Write how a round ended; a file that cannot be written is told of in the log."""
    told = {
        "at": last.at.isoformat(timespec="seconds"),
        "flown": last.flown,
        "proven": last.flown - len(last.unproven),
        "fates": dict(last.fates),
        "unproven": dict(last.unproven),
    }
    partial = state / f"{ROUND}.partial"
    try:
        partial.write_bytes(orjson.dumps(told) + b"\n")
        partial.replace(state / ROUND)
    except OSError as error:
        LOG.error("the state of the self-tests could not be written", exc_info=error)


def read_round(state: Path) -> Round | None:
    """Return how the last round ended; None where no file says it."""
    try:
        told = orjson.loads((state / ROUND).read_bytes())
        fates = {str(fate): int(count) for fate, count in told["fates"].items()}
        unproven = {str(service): str(code) for service, code in told["unproven"].items()}
        return Round(datetime.fromisoformat(told["at"]), fates, unproven)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
