"""What an exchange counts against its quotas, and what a person is told who has none left. Pure.

Enters: a decision, and how much the exchange holds. Leaves: counts for the store, which adds all of them or none; or
the refusal for a quota that others have used up since policy was asked. Tokens are estimated from the prompt alone: no
service says before the answer how many it will take.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policies.decision import Decision, QuotaUse, Route, Text, Unit, Verdict
from policies.explain import PERIODS, UNITS
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


def overtaken(decision: Decision, amounts: Amounts) -> Decision:
    """Return the refusal of an exchange for which a quota or a grant no longer suffices.

    Others have used it up in the very same moment; or it is more than the quota holds at all.
    """
    too_much = [use for use in decision.quotas if amounts.of(use.unit) > use.limit]
    if too_much:
        return closed(decision, *why_too_much(too_much[0], amounts.of(too_much[0].unit)))
    ends = min((use.ends for use in decision.quotas), default=None)
    until = f" {ends:%Y-%m-%d %H:%M %Z}".rstrip() if ends else ""
    return closed(
        decision,
        Text(
            "Nothing was sent. What this use is allowed has just been used up by other requests.",
            "内容没有发出。此用途的额度刚刚被其他请求用完。",
        ),
        Text(
            f"Try again later; the count begins anew at{until}." if until else "Send it again.",
            f"请稍后再试；额度将于{until} 重新计算。" if until else "请重新发送。",
        ),
    )


def why_too_much(use: QuotaUse, amount: int) -> tuple[Text, Text]:
    """Return the reason, and what to do, where a single exchange does not fit into its quota."""
    unit, per = UNITS[use.unit], PERIODS[use.period]
    return (
        Text(
            f"Nothing was sent. It takes about {amount} {unit.en}, and the quota is {use.limit} a {per.en}.",
            f"内容没有发出。本次约需 {amount} {unit.zh}，而配额为每{per.zh} {use.limit} {unit.zh}。",
        ),
        Text("Send less at a time, or ask for a larger quota.", "请减少单次发送的内容，或申请更大的配额。"),
    )


def closed(decision: Decision, reason: Text, instead: Text) -> Decision:
    """Return a refusal in the place of a permission."""
    return replace(
        decision,
        verdict=Verdict.FORBIDDEN,
        route=Route.NOWHERE,
        redact=frozenset(),
        treat={},
        grant="",
        reason=reason,
        instead=instead,
    )
