"""Tries a policy before it is put in force: its own tests, through the detectors that will look for it.

Enters: a street made of the policy, and the texts it came from. Leaves: the places of tests that fail. It reads only
files beside the policy.
"""

from pathlib import Path

from policies.listed import Listed, Services, list_services
from policies.load import read_text
from policies.model import Policy
from policies.prove import Looked, prove
from policies.suite import inline_suite, read_suite
from proxy.answers.label import can_be_labelled
from proxy.facts import tags_of
from proxy.pipeline import Street
from proxy.services.catalogue import Catalogue
from proxy.sources import Sources
from proxy.take_out import measure

LARGEST = 16 * 1024 * 1024
"""Bytes of a text that a test names."""


def failures(street: Street, sources: Sources, path: Path | None, kept: dict[str, str] | None = None) -> list[str]:
    """Return file and line of each test that fails; raises `PolicyError` for tests that cannot be read.

    Texts that tests read come with the policy or, where it has a `path`, lie beside it; those go into `kept`, too.
    """
    policy = street.policy
    wanted = sought(policy)

    def look(text: str, named: frozenset[str]) -> Looked:
        found = street.finder.find(text, wanted | named)
        return Looked(measure([text], [found]), found.unknown, len(found.opaque))

    def read_file(name: str) -> str:
        if name in sources.texts:
            return sources.texts[name]
        if path is None or Path(name).is_absolute() or ".." in Path(name).parts:
            raise FileNotFoundError(2, "a test reads only files beside its policy")
        text = read_text((path if path.is_dir() else path.parent) / name, LARGEST)
        if kept is not None:
            kept[name] = text
        return text

    suites = [inline_suite(policy), *(read_suite(text, name, policy) for name, text in sources.tests.items())]
    proof = prove(policy, suites, services_of(street.catalogue), look, read_file)
    return [f"{each.file}:{each.case.mark.line}:{each.case.mark.column}" for each in proof.failed]


def sought(policy: Policy) -> frozenset[str]:
    """Return every entity that some rule or sign asks for."""
    return frozenset[str]().union(*(one.sought | one.redacted | one.counted for one in policy.conditions))


def services_of(catalogue: Catalogue) -> Services:
    """Return the catalogue as policy sees it."""
    return list_services(
        Listed(
            one.id,
            one.category,
            one.country,
            tags_of(one),
            tuple(filter(None, (one.name.en, one.name.zh))),
            words=can_be_labelled(one.wire or ""),
        )
        for one in catalogue.services.values()
    )
