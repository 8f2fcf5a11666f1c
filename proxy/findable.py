"""What a policy asks of detection, and whether anybody looks for it.

Enters: a policy and the settings of detection. Leaves: a brief for whoever detects, or the complaint that nobody looks
for what the policy asks for, or that there is too much to look through. Pure; no detector is loaded to tell.
"""

from collections.abc import Sequence
from typing import Final

from detectors.interface import Searcher
from policies.decision import Decision, Mode, Needs, Text
from policies.model import Mark, Policy
from policies.problem import PolicyError, Report, say
from proxy.detecting.interface import Brief
from proxy.settings.detection import Detection
from proxy.wire.body import Limits

NAMES: Final = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})
"""What models for names find, besides the entities that the settings give to labels of a model."""

NOBODY_LOOKS: Final = Text(
    "With these settings nothing looks for {names}, which the policy asks for: it is not put in force.",
    "按目前的设置，没有检测器会查找政策所要求的 {names}，因此不会启用这份政策。",
)
SWITCH_ON: Final = Text(
    "Write `names: accurate` or `names: fast` under `detection` in the settings, or take {names} out of the policy.",
    "请在设置的 `detection` 里写 `names: accurate` 或 `names: fast`，或从政策中删去 {names}。",
)


def too_long(texts: Sequence[str], answer: Needs | Decision, limits: Limits) -> int:
    """Return how many characters can be looked through for what policy needs, where there are more; else nought."""
    if isinstance(answer, Decision):
        return 0
    most = limits.characters(names=bool(answer.entities & NAMES))
    return most if sum(map(len, texts)) > most else 0


def labelled(detection: Detection) -> frozenset[str]:
    """Return the entities that the settings give to labels of models of the company's own."""
    labels = (model.labels.values() for model in detection.models)
    return frozenset[str]().union(*labels) - {""}


def asked_for_names(policy: Policy, detection: Detection) -> bool:
    """Tell whether a policy names anything that models for names find."""
    named = (one.entities for one in policy.classes)
    heard = (one.heard for one in policy.conditions)
    return not frozenset[str]().union(*named, *heard).isdisjoint(NAMES | labelled(detection))


def brief_of(policy: Policy, detection: Detection) -> Brief:
    """Return what a policy asks of detection."""
    return Brief(asked_for_names(policy, detection), policy.dictionaries)


def must_be_findable(policy: Policy, searcher: Searcher) -> None:
    """Raise `PolicyError` where a policy asks for what nobody looks for: what it asks that of would always be refused.

    What a rule only observes, or reminds of, may stay unknown.
    """
    asked = (one.heard for one in policy.conditions if one.mode is Mode.ENFORCE)
    lost = frozenset[str]().union(*asked) - searcher.entities
    if not lost:
        return
    named = ", ".join(sorted(lost))
    mark = next((one.mark for one in policy.classes if one.entities & lost), Mark())
    source = dict(policy.more).get(mark.file, policy.source)
    problem = Report(mark.file or policy.file, source).problem(
        mark, say(NOBODY_LOOKS, names=named), say(SWITCH_ON, names=named)
    )
    raise PolicyError([problem])
