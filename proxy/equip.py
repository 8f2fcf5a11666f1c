"""Settings and policy → the detectors of a house. This room loads models, rules and indexes, once.

What cannot be loaded raises `DetectorError` and stops the start: a proxy that lacks what its administrator named must
never run. Detectors that no policy changes are made once and shared by all versions of the policy.
"""

from pathlib import Path

from detectors.combined import combined
from detectors.find import shipped_patterns
from detectors.interface import Detector
from detectors.patterns import CHECKS, Patterns
from detectors.rulebook import load_rules
from policies.model import Policy
from proxy.company import company_detectors
from proxy.detection import Detection


def standing(detection: Detection) -> tuple[Detector, ...]:
    """Return the detectors that hold for every policy; raises `DetectorError`."""
    return combined((*shipped_patterns(), *own_detectors(detection), *name_detectors(detection)))


def equipped(standing: tuple[Detector, ...], policy: Policy | None, state: Path) -> tuple[Detector, ...]:
    """Return the standing detectors with those of a policy's own data; raises `DetectorError`."""
    return (*standing, *(company_detectors(policy, state) if policy is not None else ()))


def own_detectors(detection: Detection) -> tuple[Detector, ...]:
    """Return the recognizers of the company's own; raises `DetectorError` naming the file or class."""
    found: list[Detector] = [Patterns(load_rules(path, CHECKS)) for path in detection.rules]
    if detection.presidio or detection.recognizers:
        from detectors.presidio_classes import load_class
        from detectors.presidio_yaml import load_presidio_file

        for path in detection.presidio:
            found += load_presidio_file(path)
        found += [load_class(path) for path in detection.recognizers]
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
