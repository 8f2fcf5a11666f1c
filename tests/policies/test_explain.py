"""The sentences that stand in where a policy wrote none: in both languages, and naming the rule."""

import pytest

from policies.decision import Route, Text, Verdict
from policies.explain import spoken, what_instead, why, why_otherwise, why_unchecked
from policies.model import Rule
from tests.policies.samples import CLASSES, SAID, policy_of

NAME = Text("No uploads", "禁止上传")
OWNED = policy_of([])


def rule(verdict: str, **given) -> Rule:
    """Return a rule with a name and no words of its own."""
    return Rule("no-uploads", Verdict(verdict), name=NAME, **given)


REASONS = {
    "forbidden": (rule("forbidden"), "nowhere", "does not allow this use", "不允许这样使用"),
    "no grant": (rule("authorized"), "nowhere", "needs an approval first", "需要先获得批准"),
    "inside": (rule("allowed", route=Route.INTERNAL), "internal", "own model", "公司内部模型"),
    "redacted": (rule("allowed", redact=CLASSES[:1]), "external", "taken out before", "隐去敏感内容"),
    "plain": (rule("allowed"), "external", "Allowed", "允许使用"),
}


@pytest.mark.parametrize(("one", "route", "en", "zh"), REASONS.values(), ids=REASONS.keys())
def test_a_rule_without_words_gets_plain_ones_that_name_it(one, route, en, zh):
    reason = why(one, Route(route), doubtful=False)
    assert en in reason.en
    assert "“No uploads”" in reason.en
    assert zh in reason.zh
    assert "“禁止上传”" in reason.zh


def test_a_rule_without_a_name_is_named_by_its_id():
    assert "“no-uploads”" in why(Rule("no-uploads", Verdict.FORBIDDEN), Route.NOWHERE, doubtful=False).zh


def test_a_rule_speaks_for_itself():
    one = rule("forbidden", reason=SAID, instead=SAID)
    assert why(one, Route.NOWHERE, doubtful=True) == SAID
    assert what_instead(OWNED, one) == SAID


def test_how_to_ask_goes_before_what_else_to_do():
    assert what_instead(OWNED, rule("authorized", ask=SAID, instead=NAME)) == SAID


@pytest.mark.parametrize("verdict", ["forbidden", "authorized"])
def test_without_an_owner_the_person_is_still_told_whom_to_ask(verdict):
    instead = what_instead(OWNED, rule(verdict))
    assert "responsible for the AI policy" in instead.en
    assert "负责人" in instead.zh


def test_otherwise_is_explained_as_allowed_or_as_forbidden():
    assert "No rule" in why_otherwise(OWNED)[0].en
    assert spoken(why_otherwise(OWNED)[1])
    open_policy = policy_of([], Verdict.ALLOWED)
    assert "Allowed" in why_otherwise(open_policy)[0].en
    assert not spoken(why_otherwise(open_policy)[1])


def test_what_could_not_be_checked_is_named_in_words_people_know():
    reason, instead = why_unchecked(OWNED, rule("allowed"), {"API_KEY", "CUSTOMER", "STRANGE"})
    assert "API key or token, 客户, STRANGE" in reason.en
    assert "接口密钥、客户、STRANGE" in reason.zh
    assert "too much" in reason.en and "过多" in reason.zh
    assert "send less at a time" in instead.en and "减少单次发送" in instead.zh
    assert "not available" in reason.en and "暂时不可用" in reason.zh, "a short text is stopped for that alone"
    assert "again in a minute" in instead.en and "重试" in instead.zh
