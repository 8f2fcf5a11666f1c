"""Two versions of a policy compared by what they do, not by how they are written.

Enters: two policies, the services, a day. Leaves: the situations in which something changes, and how. Pure. A situation
stands for all that neither policy tells apart from it, so numbers count kinds of use, not people or requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policies.cells import MOST, Cell, axes, lay_out
from policies.decide import decide
from policies.decision import Decision, Text
from policies.listed import Listed
from policies.model import Policy
from policies.weigh import Shift, weigh


@dataclass(frozen=True, slots=True)
class Change:
    """One situation that ends differently."""

    cell: Cell
    before: Decision
    after: Decision
    shift: Shift


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that changes from one policy to the other."""

    changes: tuple[Change, ...]
    tried: int
    """Situations that were tried."""
    of: int
    """Situations that there are; more than `tried` where a sample was taken."""
    capped: tuple[str, ...] = ()
    """Kinds of values of which not every one was taken."""

    @property
    def stricter(self) -> tuple[Change, ...]:
        """Where nothing is looser and something stricter."""
        return tuple(each for each in self.changes if each.shift.word == "stricter")

    @property
    def looser(self) -> tuple[Change, ...]:
        """Where something is looser, whatever else is stricter there."""
        return tuple(each for each in self.changes if each.shift.looser)

    @property
    def complete(self) -> bool:
        """Whether every situation was tried."""
        return self.tried == self.of and not self.capped

    @property
    def summary(self) -> Text:
        """The numbers, in one sentence."""
        stricter, looser = len(self.stricter), len(self.looser)
        part = Text() if self.complete else self._sampled()
        return Text(
            f"{_many(stricter)} stricter, {looser} looser{part.en}.",
            f"{stricter} 种情形更严，{looser} 种更宽{part.zh}。",
        )

    def _sampled(self) -> Text:
        kinds = f" ({', '.join(self.capped)} cut short)" if self.capped else ""
        return Text(
            f"; a sample of {self.tried} out of {self.of} combinations was tried{kinds}",
            f"；共 {self.of} 种情形，抽样比较了 {self.tried} 种",
        )


def compare(before: Policy, after: Policy, services: Sequence[Listed], start: datetime, most: int = MOST) -> Comparison:
    """Return what changes from `before` to `after`, from the instant `start` (aware) on."""
    grid = lay_out(axes((before, after), services, start), most)
    changes = []
    for cell in grid.cells:
        old, new = decide(before, cell.facts, cell.found), decide(after, cell.facts, cell.found)
        shift = weigh(old, new, cell.found)
        if shift.word != "same":
            changes.append(Change(cell, old, new, shift))
    return Comparison(tuple(changes), len(grid.cells), grid.of, grid.capped)


def _many(count: int) -> str:
    return f"{count} combination{'' if count == 1 else 's'}"
