"""What a fuzz target is: a function of bytes that raises only where a promise is broken.

Enters: any bytes at all. Leaves: nothing, or an exception, which is a finding: `Broken` where what came out is not what
was promised, any other where hostile bytes have raised what nobody promised. A target is pure, as far as a parser is,
and knows nothing of the engine that feeds it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

PLANTED = "zhangwei7731@kehu.example"
"""Stands in seeds for what must not go out."""

TARGETS: dict[str, "Target"] = {}
"""Every target by its name."""


class Broken(AssertionError):
    """A promise is broken."""


def must(held: object, promise: str) -> None:
    """Raise `Broken` unless something held."""
    if not held:
        raise Broken(promise)


@dataclass(frozen=True)
class Target:
    """One function, with what it is fed at first."""

    name: str
    promise: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]] = field(repr=False)
    words: tuple[bytes, ...] = ()
    """What its inputs are made of: drawn among other changes."""
    slow: bool = False
    """Whether one run takes so long that a usual run of the tests draws few."""


def target(
    name: str, promise: str, seeds: Callable[[], Iterable[bytes]], words: Iterable[bytes] = (), *, slow: bool = False
) -> Callable[[Callable[[bytes], None]], Callable[[bytes], None]]:
    """Register a function as a target."""

    def register(run: Callable[[bytes], None]) -> Callable[[bytes], None]:
        if name in TARGETS:
            raise ValueError(f"two targets are called {name}")
        TARGETS[name] = Target(name, promise, run, seeds, tuple(words), slow)
        return run

    return register


def pick[Row](table: Mapping[str, Row], data: bytes) -> tuple[Row, bytes]:
    """Return the row that the first two bytes choose, and the rest: how one target serves a table of formats."""
    rows = list(table.values())
    return rows[int.from_bytes(data[:2].ljust(2, b"\0"), "big") % len(rows)], data[2:]


def picks(table: Mapping[str, object], name: str) -> bytes:
    """Return the two bytes that choose a row."""
    return list(table).index(name).to_bytes(2, "big")


def pieces(data: bytes) -> list[bytes]:
    """Cut bytes at places that they themselves choose, the same each time: one to sixteen pieces or so."""
    cuts, at = [], 0
    step = 1 + sum(data[:64]) % max(1, len(data) // 3 + 1)
    while at < len(data):
        size = 1 + (step * (len(cuts) + 3)) % max(1, len(data) // 4 + 1)
        cuts.append(data[at : at + size])
        at += size
    return cuts
