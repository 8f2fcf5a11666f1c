"""What must not leave is taken out as the decision says, over all texts of a request alike."""

from dataclasses import replace

import pytest

from detectors.interface import Finding, Scan
from policies.decision import Decision, Treatment
from proxy.take_out import measure, own_names, take_out
from tests.proxy.house import CUSTOMER, SECRET, SmallDetector, world

KEY = b"k" * 32
POLICY, _ = world()
TEXTS = [f"电话 {SECRET}", f"Call {SECRET} or 13800000000"]
PHONES = Decision(redact=frozenset({"PHONE_NUMBER"}))


def scans(texts: list[str]) -> list[Scan]:
    return [Scan(SmallDetector().find(text, frozenset({"PHONE_NUMBER"}))) for text in texts]


def test_one_placeholder_never_stands_for_two_values_of_an_exchange(monkeypatch) -> None:
    """Were two values to collide, the second would take another name."""
    import proxy.take_out

    seen = []
    redact = proxy.take_out.redact

    def spy(text, findings, key, taken, *more):
        seen.append(dict(taken))
        return redact(text, findings, key, taken, *more)

    monkeypatch.setattr(proxy.take_out, "redact", spy)
    take_out(POLICY, [SECRET, "13800000000"], scans([SECRET, "13800000000"]), PHONES, KEY)
    assert [list(taken.values()) for taken in seen] == [[], [SECRET]]


def test_an_entity_without_a_treatment_of_its_own_becomes_a_placeholder() -> None:
    taken = take_out(POLICY, TEXTS, scans(TEXTS), PHONES, KEY)
    assert sorted(taken.originals.values()) == ["13800000000", SECRET]
    assert not any(SECRET in text for text in taken.texts) and not taken.treated


TREATED = {
    Treatment.MASK: ["电话 139****5678", "Call 139****5678 or 138****0000"],
    Treatment.GENERALISE: ["电话 [电话号码]", "Call [telephone number] or [telephone number]"],
    Treatment.DROP: ["电话 ", "Call  or "],
}


@pytest.mark.parametrize("way", TREATED)
def test_what_is_taken_out_for_good_is_counted_and_never_kept(way: Treatment) -> None:
    taken = take_out(POLICY, TEXTS, scans(TEXTS), replace(PHONES, treat={"PHONE_NUMBER": way}), KEY)
    assert list(taken.texts) == TREATED[way]
    assert (dict(taken.originals), dict(taken.treated)) == ({}, {"PHONE_NUMBER": 3})


def test_what_the_decision_does_not_name_stays() -> None:
    taken = take_out(POLICY, TEXTS, scans(TEXTS), Decision(), KEY)
    assert list(taken.texts) == TEXTS


def test_a_class_of_the_companys_own_is_called_by_its_name() -> None:
    decision = Decision(redact=frozenset({"CUSTOMER"}), treat={"CUSTOMER": Treatment.GENERALISE})
    found = [Scan((Finding(0, len(CUSTOMER), "CUSTOMER", 1.0, "terms"),))]
    assert list(take_out(POLICY, [f"{CUSTOMER}的合同"], found, decision, KEY).texts) == ["[客户资料]的合同"]
    assert own_names(POLICY)["CUSTOMER"].zh == "客户资料"


def test_the_same_value_counts_once_however_often_it_stands_there() -> None:
    findings = measure(TEXTS, scans(TEXTS))
    assert (dict(findings.counts), findings.characters) == ({"PHONE_NUMBER": 2}, sum(map(len, TEXTS)))


def test_what_scores_less_than_its_class_asks_for_stays() -> None:
    text = "张伟 and 13800000000"
    found = [Scan((Finding(0, 2, "PERSON", 0.4, "names"), Finding(7, 18, "PHONE_NUMBER", 0.4, "phone")))]
    decision = Decision(redact=frozenset({"PERSON", "PHONE_NUMBER"}), least={"PERSON": 0.5})
    taken = take_out(POLICY, [text], found, decision, KEY)
    assert taken.texts[0].startswith("张伟 and [PHONE_NUMBER_")


def test_a_value_counts_with_the_best_of_its_scores() -> None:
    texts = ["张伟", "张伟 李娜"]
    found = [
        Scan((Finding(0, 2, "PERSON", 0.4, "names"),)),
        Scan((Finding(0, 2, "PERSON", 0.9, "names"), Finding(3, 5, "PERSON", 0.6, "names"))),
    ]
    findings = measure(texts, found)
    assert (findings.counts["PERSON"], findings.scores["PERSON"], findings.characters) == (2, (0.9, 0.6), 7)
