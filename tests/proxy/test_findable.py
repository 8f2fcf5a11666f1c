"""What a policy asks of detection is told without loading anything; what nobody looks for is complained of."""

from pathlib import Path
from typing import Final

import pytest

from detectors.find import DEFAULT_ENTITIES, Finder, shipped_patterns
from detectors.ner.tags import LABELS
from policies.load import parse_policy
from policies.model import Policy
from policies.problem import PolicyError
from proxy.findable import NAMES, brief_of, must_be_findable, needs_models
from proxy.settings.detection import Detection, NameModel


def policy_of(classes: str, rest: str = "{id: use, verdict: allowed, redact: [c]}") -> Policy:
    text = f"policy: t\nversion: 1\notherwise: allow\ndata_classes: {{{classes}}}\nrules: [{rest}]\n"
    return parse_policy(text, "p.yaml", lambda _: "", own_entities={"CASE_NUMBER"})


ASKED = {
    "numbers only": ("c: {entities: [PHONE_NUMBER]}", False),
    "a name": ("c: {entities: [PHONE_NUMBER, ADDRESS]}", True),
    "what the settings call a label of a model": ("c: {entities: [CASE_NUMBER]}", True),
}


@pytest.mark.parametrize(("classes", "names"), ASKED.values(), ids=ASKED)
def test_models_are_asked_for_by_a_policy_that_names_what_they_find(classes: str, names: bool) -> None:
    detection = Detection(models=(NameModel(Path("absent"), {"CASE": "CASE_NUMBER"}),))
    assert brief_of(policy_of(classes), detection).names is names


MODEL: Final = (NameModel(Path("absent")),)
LOOKED_FOR: Final = {
    "nothing in particular": (None, (), False),
    "numbers": ({"CREDIT_CARD", "CN_ID_CARD"}, (), False),
    "all that is looked for when nobody says": (DEFAULT_ENTITIES, (), False),
    "a name beside numbers": ({"CREDIT_CARD", "PERSON"}, (), True),
    "what nobody is known to find, of which the error names all that can be found": ({"PERSN"}, (), True),
    "numbers, and a model whose labels may be any": ({"CREDIT_CARD"}, MODEL, True),
    "nothing in particular, and such a model": (None, MODEL, True),
}


def test_models_are_needed_where_one_may_find_what_is_looked_for() -> None:
    for why, (entities, models, needed) in LOOKED_FOR.items():
        asked = None if entities is None else frozenset(entities)
        assert needs_models(asked, Detection(models=models)) is needed, why


def test_what_the_shipped_models_find_is_known_without_them() -> None:
    assert frozenset(LABELS) <= NAMES


def test_a_brief_has_the_companys_own_and_shows_none_of_it() -> None:
    brief = brief_of(policy_of("c: {terms: [华星科技], placeholder: CUSTOMER}"), Detection())
    assert [(one.entity, one.terms) for one in brief.own] == [("CUSTOMER", ("华星科技",))]
    assert "华星" not in repr(brief)


def test_a_policy_that_asks_for_what_nobody_looks_for_is_refused_with_its_class() -> None:
    policy = policy_of("u: {entities: [URL]}, c: {entities: [URL, PERSON, ADDRESS]}")
    with pytest.raises(PolicyError) as caught:
        must_be_findable(policy, Finder(shipped_patterns()))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("p.yaml", 4, 38)
    assert "ADDRESS, PERSON" in problem.message.en and "ADDRESS、PERSON" in problem.message.zh
    assert "names: accurate" in problem.hint.en and "names: accurate" in problem.hint.zh


ASKS_NOTHING = {
    "a class without a rule": "{id: use, verdict: allowed}",
    "a rule that only observes": "{id: use, verdict: allowed, mode: observe, redact: [c]}",
    "a rule that only reminds": "{id: use, verdict: allowed, mode: remind, when: {data: c}}",
}


@pytest.mark.parametrize("rule", ASKS_NOTHING.values(), ids=ASKS_NOTHING)
def test_what_refuses_nobody_may_stay_unknown(rule: str) -> None:
    policy = policy_of("c: {entities: [PERSON]}", rule)
    must_be_findable(policy, Finder(shipped_patterns()))
