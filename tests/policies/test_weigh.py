"""Between two decisions, whatever lets more out is looser, and nothing else is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from policies.decide import decide
from policies.decision import (
    Decision,
    Gate,
    Notice,
    Period,
    QuotaUse,
    RecordDetail,
    Route,
    Text,
    Treatment,
    Unit,
    Verdict,
)
from policies.weigh import weigh
from tests.policies.samples import FINDINGS, QUESTIONS

OUT = Decision(Verdict.ALLOWED, Route.EXTERNAL, redact=frozenset({"URL"}), treat={"URL": Treatment.MASK})
INSIDE = replace(OUT, route=Route.INTERNAL)
REFUSED = Decision()
ENDS = datetime(2026, 12, 3, tzinfo=UTC)
FOUND = frozenset({"URL", "API_KEY"})


def quota(limit: int) -> Decision:
    return replace(OUT, quotas=(QuotaUse("few", Unit.REQUESTS, limit, Period.DAY, ENDS),))


def asking(gate: Gate) -> Decision:
    return replace(REFUSED, gate=gate)


STRICTER = {
    "inside instead of outside": (OUT, INSIDE, "goes to the service → goes to the company's model"),
    "refused instead of inside": (INSIDE, REFUSED, "goes to the company's model → is refused"),
    "a confirmation": (OUT, asking(Gate.ACKNOWLEDGE), "goes to the service → waits for a confirmation"),
    "an approval instead of a reason": (asking(Gate.JUSTIFY), asking(Gate.APPROVAL), "→ needs an approval"),
    "never instead of after an approval": (asking(Gate.APPROVAL), REFUSED, "needs an approval → is refused"),
    "a key is taken out": (OUT, replace(OUT, redact=FOUND), "API_KEY: goes out as it is → taken out (placeholder)"),
    "an address is dropped": (
        OUT,
        replace(OUT, treat={"URL": Treatment.DROP}),
        "URL: taken out (mask) → taken out (drop)",
    ),
    "the unreadable no longer passes": (
        replace(OUT, unreadable_passes=True),
        OUT,
        "no longer: what cannot be read passes",
    ),
    "a notice": (OUT, replace(OUT, notices=(Notice("n", Text("N")),)), "the notice “n” is shown"),
    "a notice to confirm": (
        replace(OUT, notices=(Notice("n", Text("N")),)),
        replace(OUT, notices=(Notice("n", Text("N"), acknowledge=True),)),
        "the notice “n” must be confirmed",
    ),
    "a label": (OUT, replace(OUT, label=Text("AI")), "the answer is labelled"),
    "a quota": (OUT, quota(5), "a quota counts: few"),
    "a smaller quota": (quota(5), quota(3), "the quota few: 5 → 3"),
    "a sealed record": (OUT, replace(OUT, record=RecordDetail.SEALED), "the record: full → sealed"),
}


@pytest.mark.parametrize(("before", "after", "said"), STRICTER.values(), ids=STRICTER.keys())
def test_more_demanded_is_stricter_and_less_is_looser(before, after, said):
    there, back = weigh(before, after, FOUND), weigh(after, before, FOUND)
    assert (there.word, back.word) == ("stricter", "looser")
    assert said in there.stricter[0].en
    assert back.looser[0].zh


SAME = {
    "another rule with other words": (OUT, replace(OUT, deciding="b", reason=Text("Other."))),
    "refused by another rule": (REFUSED, replace(REFUSED, deciding="b", instead=Text("Ask."))),
    "something taken out that is not there": (OUT, replace(OUT, redact=frozenset({"URL", "CRYPTO"}))),
    "a verdict that a grant has opened": (OUT, replace(OUT, verdict=Verdict.AUTHORIZED, grant="G-1")),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME.keys())
def test_what_nobody_notices_is_no_change(before, after):
    assert weigh(before, after, FOUND).word == "same"


def test_a_decision_can_be_stricter_in_one_thing_and_looser_in_another():
    shift = weigh(OUT, replace(INSIDE, redact=frozenset()), FOUND)
    assert shift.word == "both"
    assert [each.zh for each in shift.looser] == ["网址：隐去（遮盖） → 原样发出"]


@given(question=QUESTIONS, found=FINDINGS, other=QUESTIONS, also=FINDINGS)
def test_the_way_back_is_the_way_turned_round(question, found, other, also):
    before, after = decide(*question, found), decide(*other, also)
    there, back = weigh(before, after, found.entities), weigh(after, before, found.entities)
    assert len(there.looser) == len(back.stricter)
    assert weigh(before, before, found.entities).word == "same"


@given(question=QUESTIONS, found=FINDINGS)
def test_what_is_stopped_is_never_called_looser(question, found):
    decision = decide(*question, found)
    could_go = decision.permitted or decision.gate is not Gate.NONE
    refused = replace(REFUSED, record=decision.record)
    assert weigh(decision, refused, found.entities).word == ("stricter" if could_go else "same")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"coder"}, {"vault"}, "the company's model: coder → vault"),
        (set(), {"vault"}, "the company's model: as the settings say → vault"),
        ({"vault", "coder"}, set(), "the company's model: coder, vault → as the settings say"),
    ],
)
def test_another_model_of_the_company_is_neither_the_same_nor_only_stricter(old, new, told):
    before, after = (replace(INSIDE, models=frozenset(models)) for models in (old, new))
    shift = weigh(before, after, FOUND)
    assert shift.word == "both" and [said.en for said in shift.stricter] == [said.en for said in shift.looser] == [told]
    assert weigh(after, after, FOUND).word == "same"
