"""What an exchange counts against its quotas, and what a person is told who has none left. Pure.

Enters: a decision, and how much the exchange holds. Leaves: counts for the store, which adds all of them or none; or
the refusal for a quota that others have used up since policy was asked. Tokens are estimated from the prompt alone: no
service says before the answer how many it will take.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policies.decision import Decision, Route, Text, Unit, Verdict
from proxy.store.interface import Count

DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
"""Characters of which models take about one token each."""
LETTERS_A_TOKEN: Final = 4
"""Of other text, as vendors themselves say it of English."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much one exchange holds."""

    characters: int = 0
    tokens: int = 0

    def of(self, unit: Unit) -> int:
        """Return how much of `unit` the exchange counts."""
        if unit is Unit.REQUESTS:
            return 1
        return self.characters if unit is Unit.CHARACTERS else self.tokens


def amounts_of(texts: Sequence[str]) -> Amounts:
    """Return how much there is in the texts of a request."""
    characters = sum(map(len, texts))
    dense = sum(len(DENSE.findall(text)) for text in texts)
    return Amounts(characters, dense + -(-(characters - dense) // LETTERS_A_TOKEN))


def counts_of(decision: Decision, amounts: Amounts) -> Iterator[Count]:
    """Yield what to count."""
    for use in decision.quotas:
        yield Count(use.counter, use.ends, amounts.of(use.unit), use.limit)


def overtaken(decision: Decision) -> Decision:
    """Return the refusal of an exchange whose quota or grant others have used up in the very same moment."""
    ends = min((use.ends for use in decision.quotas), default=None)
    until = f" {ends:%Y-%m-%d %H:%M %Z}".rstrip() if ends else ""
    return replace(
        decision,
        verdict=Verdict.FORBIDDEN,
        route=Route.NOWHERE,
        redact=frozenset(),
        treat={},
        grant="",
        reason=Text(
            "Nothing was sent. What this use is allowed has just been used up by other requests.",
            "内容没有发出。此用途的额度刚刚被其他请求用完。",
        ),
        instead=Text(
            f"Try again later; the count begins anew at{until}." if until else "Send it again.",
            f"请稍后再试；额度将于{until} 重新计算。" if until else "请重新发送。",
        ),
    )
