"""What a policy would have made of exchanges that are past, decided again from their recorded inputs.

Enters: past exchanges (facts and numbers, never text), a new policy. Leaves: which of them would have ended otherwise,
and how many, by rule and by group. Pure. What was not recorded well enough to decide again is counted, never guessed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from policies.decide import decide, needs
from policies.decision import Decision, Facts, Findings, Needs, Route, Text
from policies.model import Policy

ENDINGS: Final = {
    "stopped": Text("would have been stopped", "会被拦下"),
    "let_go": Text("would have been let go", "会被放行"),
    "kept_inside": Text("would have gone to the company's model", "会改由公司内部模型回答"),
    "sent_outside": Text("would have gone to the service itself", "会发往外部服务"),
    "redacted": Text("would have had more taken out", "会多隐去内容"),
    "bared": Text("would have had less taken out", "会少隐去内容"),
}
"""How an exchange can end otherwise, the gravest first."""
NO_GROUP: Final = "–"


@dataclass(frozen=True, slots=True)
class Past:
    """One recorded exchange."""

    id: str
    facts: Facts
    found: Findings
    unknown: frozenset[str]
    """Entities that could not be looked for."""
    looked: frozenset[str]
    """Entities that were looked for; of others it is not known whether they were there."""
    route: Route
    """Where it went."""
    redacted: frozenset[str]
    """Entities that were taken out."""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """An exchange that would have ended otherwise."""

    past: Past
    ending: str
    """A key of `ENDINGS`."""
    decision: Decision


@dataclass(frozen=True, slots=True)
class Tally:
    """How many exchanges would have ended in one way."""

    exchanges: int
    people: int
    by_rule: Mapping[str, int] = field(hash=False)
    by_group: Mapping[str, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Replay:
    """All that would have been otherwise."""

    decided: int
    """Exchanges that were decided again."""
    skipped: int
    """Exchanges whose record does not hold what a decision needs."""
    changed: tuple[Otherwise, ...]
    blind: int = 0
    """Of those decided, exchanges in which the new policy looks for something that nobody looked for then."""
    unseen: tuple[str, ...] = ()
    """What was not looked for then; it is taken as not there."""
    blind_ids: tuple[str, ...] = ()
    """The numbers of those exchanges."""

    def tally(self, ending: str) -> Tally:
        """Return the numbers of one ending."""
        those = [each for each in self.changed if each.ending == ending]
        groups: Counter[str] = Counter()
        for each in those:
            groups.update(each.past.facts.groups or {NO_GROUP})
        # whom nobody could identify counts as one person an address
        people = {each.past.facts.user or f"@{each.past.facts.address}" for each in those}
        rules = Counter(each.decision.deciding for each in those)
        return Tally(len(those), len(people), dict(rules.most_common()), dict(groups.most_common()))

    def lines(self) -> list[Text]:
        """Return one sentence for each ending that occurs."""
        said = []
        for ending, words in ENDINGS.items():
            tally = self.tally(ending)
            if tally.exchanges:
                exchanges = _many(tally.exchanges, "exchange", "exchanges")
                people = _many(tally.people, "person", "people")
                said.append(
                    Text(
                        f"{exchanges} of {people} {words.en}.",
                        f"{tally.people} 人的 {tally.exchanges} 次使用{words.zh}。",
                    )
                )
        return said


def replay(policy: Policy, pasts: Iterable[Past | None]) -> Replay:
    """Decide all again; None stands for a record that does not hold what a decision needs."""
    decided = skipped = 0
    changed, blind = [], list[str]()
    unseen: set[str] = set()
    for past in pasts:
        if past is None:
            skipped += 1
            continue
        decided += 1
        answer = needs(policy, past.facts)
        new = answer.entities - past.looked if isinstance(answer, Needs) else frozenset()
        if new:
            blind.append(past.id)
        unseen |= new
        decision = decide(policy, past.facts, past.found, past.unknown)
        ending = _ending(past, decision)
        if ending:
            changed.append(Otherwise(past, ending, decision))
    return Replay(decided, skipped, tuple(changed), len(blind), tuple(sorted(unseen)), tuple(blind))


def _ending(past: Past, decision: Decision) -> str:
    """Return how the exchange would have ended otherwise, or nothing."""
    went, goes = past.route is not Route.NOWHERE, decision.permitted
    if went != goes:
        return "stopped" if went else "let_go"
    if not goes:
        return ""
    if past.route is not decision.route:
        return "kept_inside" if decision.route is Route.INTERNAL else "sent_outside"
    taken = decision.redact & past.found.entities
    if past.redacted - taken:
        return "bared"
    return "redacted" if taken - past.redacted else ""


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
