"""The values of a decision: the unset one refuses."""

import pytest

from policies.decision import Decision, Route, Text, Verdict


def test_the_unset_decision_refuses():
    assert Decision().verdict is Verdict.FORBIDDEN
    assert not Decision().permitted
    assert not (Decision().unreadable_passes or Decision().errors_pass)


@pytest.mark.parametrize(
    ("route", "permitted"), [(Route.EXTERNAL, True), (Route.INTERNAL, True), (Route.NOWHERE, False)]
)
def test_only_what_goes_nowhere_is_not_permitted(route, permitted):
    assert Decision(route=route).permitted is permitted


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [(Text("yes", "是"), "是", "yes"), (Text(en="yes"), "yes", "yes"), (Text(zh="是"), "是", "是"), (Text(), "", "")],
)
def test_either_language_stands_in_for_the_other(text, zh, en):
    assert (text.in_language("zh"), text.in_language("en")) == (zh, en)
