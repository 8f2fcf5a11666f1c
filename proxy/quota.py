"""What an exchange counts against its quotas, and what a person is told who has none left. Pure.

Enters: a decision, and how much the exchange holds. Leaves: counts for the store, which adds all of them or none; or
the refusal for a quota that others have used up since policy was asked. Tokens are estimated from the prompt alone: no
service says before the answer how many it will take.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.interface import Scan
from policies.decision import Decision, QuotaUse, Route, Text, Unit, Verdict
from policies.explain import PERIODS, UNITS
from proxy.store.interface import Count
from proxy.take_out import bare

DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
"""Characters of which models take about one token each."""
LETTERS_A_TOKEN: Final = 4
"""Of other text, as vendors themselves say it of English."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much one exchange holds."""

    characters: int = 0
    tokens: int = 0
    values: frozenset[str] = field(default=frozenset(), repr=False)
    """A keyed digest of each value that was found, where a quota counts them."""

    def of(self, unit: Unit) -> int:
        """Return how much of `unit` the exchange counts."""
        if unit is Unit.REQUESTS:
            return 1
        if unit is Unit.VALUES:
            return len(self.values)
        return self.characters if unit is Unit.CHARACTERS else self.tokens


def amounts_of(texts: Sequence[str]) -> Amounts:
    """Return how much there is in the texts of a request."""
    characters = sum(map(len, texts))
    dense = sum(len(run) for text in texts if not text.isascii() for run in DENSE.findall(text))
    return Amounts(characters, dense + -(-(characters - dense) // LETTERS_A_TOKEN))


def values_of(texts: Sequence[str], scans: Sequence[Scan], digest: Callable[[str], str]) -> frozenset[str]:
    """Return a digest of each different value that was found, however it is spaced."""
    found = {text[one.start : one.end] for text, scan in zip(texts, scans, strict=True) for one in scan.findings}
    return frozenset(digest(bare(value)) for value in found)


def with_values(
    amounts: Amounts,
    decision: Decision,
    texts: Sequence[str],
    scans: Sequence[Scan],
    digest: Callable[[str], str],
) -> Amounts:
    """Return the amounts with the values that were found, where a quota of the decision counts them."""
    return replace(amounts, values=values_of(texts, scans, digest)) if counts_values(decision) else amounts


def counts_of(
    decision: Decision, amounts: Amounts, used: Callable[[Collection[str]], Mapping[str, int]]
) -> Iterator[Count]:
    """Yield what to count; of values those that `used` says have not been counted in the period, and each by itself."""
    for use in decision.quotas:
        if use.unit is not Unit.VALUES:
            yield Count(use.counter, use.ends, amounts.of(use.unit), use.limit)
            continue
        known = used([f"{use.counter}/{one}" for one in amounts.values]) if amounts.values else {}
        new = sorted(one for one in amounts.values if f"{use.counter}/{one}" not in known)
        yield Count(use.counter, use.ends, len(new), use.limit)
        yield from (Count(f"{use.counter}/{one}", use.ends, 1, None) for one in new)


def counts_values(decision: Decision) -> bool:
    """Tell whether a quota of the decision counts values."""
    return any(use.unit is Unit.VALUES for use in decision.quotas)


def overtaken(decision: Decision, amounts: Amounts) -> Decision:
    """Return the refusal of an exchange for which a quota or a grant no longer suffices.

    Others have used it up in the very same moment; or it is more than the quota holds at all.
    """
    too_much = [use for use in decision.quotas if amounts.of(use.unit) > use.limit]
    if too_much:
        return closed(decision, *why_too_much(too_much[0], amounts.of(too_much[0].unit)))
    if counts_values(decision) and amounts.values:
        reason = Text(
            "Nothing was sent. It holds data that is new in this period, and the quota has no room for it.",
            "内容没有发出。其中含有本周期内新出现的数据，超出了配额的余量。",
        )
    else:
        reason = Text(
            "Nothing was sent. What this use is allowed has just been used up by other requests.",
            "内容没有发出。此用途的额度刚刚被其他请求用完。",
        )
    ends = min((use.ends for use in decision.quotas), default=None)
    until = f" {ends:%Y-%m-%d %H:%M %Z}".rstrip() if ends else ""
    return closed(
        decision,
        reason,
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
