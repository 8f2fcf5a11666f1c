"""What is taken out of a request's texts, as a decision says, and what the texts hold in numbers.

Enters: texts with their scans, a policy and its decision. Leaves: texts without what must not leave, the originals that
can be put back, and counts. Pure. An entity of the decision must never be passed over: one without a treatment of its
own becomes a placeholder.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from detectors.entities import Entity
from detectors.interface import Scan
from detectors.redact import redact
from policies.decision import Decision, Findings, Route
from policies.model import Policy
from proxy.errors import SignedThought
from proxy.exchange import Part

SIGNS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Taken:
    """The texts of a request, and what was taken out of them."""

    texts: Sequence[str] = field(repr=False)
    originals: Mapping[str, str] = field(repr=False)
    """Placeholder → original."""
    treated: Mapping[str, int]
    """How often each entity was taken out for good."""


def measure(texts: Sequence[str], scans: Sequence[Scan]) -> Findings:
    """Return what was found in numbers: distinct values by entity with their scores, and the length of all text."""
    best: dict[tuple[str, str], float] = {}
    for text, one in zip(texts, scans, strict=True):
        for finding in one.findings:
            value = finding.entity, text[finding.start : finding.end]
            best[value] = max(finding.score, best.get(value, 0.0))
    scores: dict[str, list[float]] = {}
    for (entity, _), score in best.items():
        scores.setdefault(entity, []).append(score)
    return Findings(
        Counter(entity for entity, _ in best),
        sum(map(len, texts)),
        scores={entity: tuple(sorted(each, reverse=True)) for entity, each in scores.items()},
        different=len({bare(value) for _, value in best}),
    )


def bare(value: str) -> str:
    """Return a value without the signs in it and in small letters, by which it is told from others."""
    return SIGNS.sub("", value).casefold() or value


def take_out(policy: Policy, texts: Sequence[str], scans: Sequence[Scan], decision: Decision, key: bytes) -> Taken:
    """Return the texts without what must not leave; no placeholder of theirs stands for two values."""
    names = own_names(policy)
    changed: list[str] = []
    originals: dict[str, str] = {}
    treated: Counter[str] = Counter()
    for text, one in zip(texts, scans, strict=True):
        findings = [
            finding
            for finding in one.findings
            if finding.entity in decision.redact and finding.score >= decision.least.get(finding.entity, 0.0)
        ]
        redaction = redact(text, findings, key, originals, decision.treat, names)
        changed.append(redaction.text)
        originals.update(redaction.originals)
        treated.update(redaction.treated)
    return Taken(changed, originals, treated)


def keep_signed(decision: Decision, parts: Sequence[Part], texts: Sequence[str]) -> None:
    """Raise `SignedThought` where a service would get back what it has signed with another text than it had."""
    if decision.route is Route.EXTERNAL and any(
        part.signed and part.text != text for part, text in zip(parts, texts, strict=True)
    ):
        raise SignedThought("what must be taken out stands in thoughts that the service has signed")


def own_names(policy: Policy) -> dict[str, Entity]:
    """Return what people call the entities that are the company's own terms."""
    return {one.terms.entity: Entity(one.name, one.name) for one in policy.classes if one.terms is not None}
