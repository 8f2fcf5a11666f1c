"""One thing that `sluice doctor` looked at, and how it is told.

A value enters, a line or plain data for machines leaves. Nothing is looked at here.
"""

from dataclasses import dataclass
from typing import Literal

from policies.decision import Text


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    level: Literal["ok", "warn", "FAIL"]
    """`FAIL`: `sluice run` would refuse, or people would be refused; `warn`: it runs, and somebody should know."""
    told: Text
    """What was found; where it is not well, what to do."""

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return self.level != "FAIL"

    def line(self, language: str) -> str:
        """Return the finding on one line."""
        return f"{self.level:4}  {self.name:15} {self.told.in_language(language)}"

    def as_json(self) -> dict[str, object]:
        """Return the finding for machines."""
        return {"name": self.name, "ok": self.ok, "level": self.level, "en": self.told.en, "zh": self.told.zh}
