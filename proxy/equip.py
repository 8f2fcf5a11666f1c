"""Settings and policy → the detectors of a house. This room loads models, rules and indexes, each once.

What cannot be loaded raises `DetectorError` and stops the start: a proxy that lacks what its administrator named must
never run. Detectors that no policy changes are made once and shared by all versions of the policy; the models for
names, which take the most memory, are loaded for the first version that asks for what they find.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from detectors.combined import combined
from detectors.entities import ENTITIES
from detectors.find import Finder, shipped_patterns
from detectors.interface import Detector
from detectors.patterns import Patterns, own_rules
from detectors.rulebook import Slips
from policies.decision import Mode, Text
from policies.model import Mark, Policy
from policies.problem import PolicyError, Report, say
from proxy.company import company_detectors
from proxy.detection import Detection

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


@dataclass(frozen=True)
class Equipment:
    """The detectors that the settings give to every policy."""

    detection: Detection

    @cached_property
    def own(self) -> tuple[Detector, ...]:
        """The recognizers of the company's own; raises `DetectorError`."""
        return own_detectors(self.detection)

    @cached_property
    def patterns(self) -> tuple[Detector, ...]:
        """All that needs no model, in one pass where that goes; raises `DetectorError`."""
        return combined((*shipped_patterns(), *self.own))

    @cached_property
    def names(self) -> tuple[Detector, ...]:
        """What looks for names; raises `DetectorError`."""
        return name_detectors(self.detection)

    @cached_property
    def labelled(self) -> frozenset[str]:
        """Entities that the settings give to labels of models of the company's own."""
        labels = (model.labels.values() for model in self.detection.models)
        return frozenset[str]().union(*labels) - {""}

    @cached_property
    def own_entities(self) -> frozenset[str]:
        """Entities that only the company's own rules, recognizers and models find; raises `DetectorError`.

        No model is loaded for that.
        """
        return self.labelled.union(*(one.entities for one in self.own)) - ENTITIES.keys()

    def asked_for_names(self, policy: Policy) -> bool:
        """Tell whether a policy names anything that models for names find."""
        named = (one.entities for one in policy.classes)
        heard = (one.heard for one in policy.conditions)
        return not frozenset[str]().union(*named, *heard).isdisjoint(NAMES | self.labelled)

    def detectors(self, policy: Policy, state: Path) -> tuple[Detector, ...]:
        """Return all that looks for what a policy asks for, its own data included; raises `DetectorError`."""
        names = self.names if self.asked_for_names(policy) else ()
        return (*self.patterns, *names, *company_detectors(policy, state))


def must_be_findable(policy: Policy, finder: Finder) -> None:
    """Raise `PolicyError` where a policy asks for what nobody looks for: what it asks that of would always be refused.

    What a rule only observes, or reminds of, may stay unknown.
    """
    asked = (one.heard for one in policy.conditions if one.mode is Mode.ENFORCE)
    lost = frozenset[str]().union(*asked) - finder.entities
    if not lost:
        return
    named = ", ".join(sorted(lost))
    mark = next((one.mark for one in policy.classes if one.entities & lost), Mark())
    source = dict(policy.more).get(mark.file, policy.source)
    problem = Report(mark.file or policy.file, source).problem(
        mark, say(NOBODY_LOOKS, names=named), say(SWITCH_ON, names=named)
    )
    raise PolicyError([problem])


def own_detectors(detection: Detection) -> tuple[Detector, ...]:
    """Return the recognizers of the company's own; raises `DetectorError` naming each file or class that is wrong."""
    found: list[Detector] = []
    slips = Slips()
    for path in detection.rules:
        with slips:
            found.append(Patterns(own_rules(path)))
    if detection.presidio or detection.recognizers:
        from detectors.presidio_classes import load_class
        from detectors.presidio_yaml import load_presidio_file

        for path in detection.presidio:
            with slips:
                found += load_presidio_file(path)
        for name in detection.recognizers:
            with slips:
                found.append(load_class(name))
    slips.stop()
    return tuple(found)


def name_detectors(detection: Detection) -> tuple[Detector, ...]:
    """Return what looks for names, models of the company's own included; raises `DetectorError`."""
    found: list[Detector] = []
    if detection.names != "off" or detection.models:
        from detectors.ner.foreign import Wanted
        from detectors.ner.names import names_of

        wanted = [Wanted(one.path.name, one.path, one.labels, least=one.minimum) for one in detection.models]
        profile = None if detection.names == "off" else detection.names
        found.append(names_of(profile, detection.device, detection.threads, wanted))
    if detection.spacy:
        from detectors.spacy_pipeline import Pipeline

        found += [Pipeline(name) for name in detection.spacy]
    return tuple(found)
