"""Settings and what a policy asks for → the detectors of a house. This room loads models, rules and indexes, each once.

What cannot be loaded raises `DetectorError` and stops the start: a proxy that lacks what its administrator named must
never run. Detectors that no policy changes are made once and shared by all versions of the policy; the models for
names, which take the most memory, are loaded for the first version that asks for what they find.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from detectors.combined import combined
from detectors.entities import ENTITIES
from detectors.find import Finder, shipped_patterns
from detectors.interface import Detector
from detectors.patterns import Patterns, own_rules
from detectors.slips import Slips
from policies.model import Policy
from proxy.company import company_detectors
from proxy.detecting.interface import Brief, Standing
from proxy.findable import labelled
from proxy.settings.detection import Detection
from proxy.settings.interface import Settings


@dataclass(frozen=True)
class Equipment:
    """The detectors that the settings give to every policy."""

    detection: Detection
    seconds: float | None = None
    """How long looking for names in one text may take, where it is not somebody who chats that waits."""

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
        return name_detectors(self.detection, self.seconds)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the operator must hear of what was loaded so far, though all of it works."""
        devices = [getattr(one, "device", None) for one in self.__dict__.get("names", ())]
        lacking = [one for one in devices if one is not None and one.instead]
        return (
            (f"`detection.device: cuda` asks for a GPU, and {lacking[0]} is used: run sluice doctor",)
            if lacking
            else ()
        )

    @cached_property
    def own_entities(self) -> frozenset[str]:
        """Entities that only the company's own rules, recognizers and models find; raises `DetectorError`.

        No model is loaded for that.
        """
        return labelled(self.detection).union(*(one.entities for one in self.own)) - ENTITIES.keys()

    def detectors(self, brief: Brief, state: Path) -> tuple[Detector, ...]:
        """Return all that looks for what a policy asks for, its own data included; raises `DetectorError`."""
        names = self.names if brief.names else ()
        return (*self.patterns, *names, *company_detectors(brief.own, state))


class Here:
    """Detection in this very process: for what detects by itself, and where the settings want it so."""

    def __init__(self, equipment: Equipment, state: Path) -> None:
        """Take the detectors of the settings, and where indexes lie."""
        self.equipment, self.state = equipment, state
        self._failed: Callable[[str], None] = lambda _: None

    @property
    def own_entities(self) -> frozenset[str]:
        """Entities that only the company's own rules, recognizers and models find; raises `DetectorError`."""
        return self.equipment.own_entities

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Detecting.notes`."""
        return self.equipment.notes

    def searcher(self, brief: Brief) -> Finder:
        """Return what searches for all that a policy asks for; raises `DetectorError`."""
        return Finder(
            self.equipment.detectors(brief, self.state),
            cache_key=secrets.token_bytes(32),
            failed=self._failed,
        )

    def hear(self, tell: Callable[[Standing], None]) -> None:
        """Say nothing: there is no process that could be down."""

    def overhear(self, tell: Callable[[str], None]) -> None:
        """Let `tell` know which detector could not tell of a text, and why."""
        self._failed = tell

    def close(self) -> None:
        """Hold nothing that must be given back."""


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


def name_detectors(detection: Detection, seconds: float | None = None) -> tuple[Detector, ...]:
    """Return what looks for names, models of the company's own included; raises `DetectorError`."""
    found: list[Detector] = []
    if detection.names != "off" or detection.models:
        from detectors.ner.foreign import Wanted
        from detectors.ner.names import SECONDS, names_by, names_of

        wanted = [Wanted(one.name, one.path, one.labels, least=one.minimum) for one in detection.models]
        profile = None if detection.names == "off" else detection.names
        if detection.remote is None:
            found.append(names_of(profile, detection.device, detection.threads, wanted, seconds or SECONDS))
        else:
            from proxy.inference.client import Client
            from proxy.inference.remote import Opener

            opener = Opener(Client(detection.remote), detection.remote.seconds)
            found.append(names_by(profile, opener.device, opener, wanted, seconds or SECONDS))
    if detection.spacy:
        from detectors.spacy_pipeline import Pipeline

        found += [Pipeline(name) for name in detection.spacy]
    return tuple(found)


def detectors_of(
    policy: Policy | None, settings: Settings | None = None, seconds: float | None = None, *, names: bool = True
) -> tuple[Detector, ...]:
    """Return all detectors: the shipped ones, those of the settings (or of the defaults), and the policy's own.

    `seconds` is how long looking for names in one text may take, where that is not left to the detector; without
    `names` no model is loaded.
    """
    settings = settings or Settings()
    brief = Brief(names, policy.dictionaries if policy else ())
    return Equipment(settings.detection, seconds).detectors(brief, settings.state)
