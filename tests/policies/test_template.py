"""A shipped policy becomes one's own by a few answers; nothing that anybody types becomes anything but that answer."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.format import translate
from policies.problem import PolicyError
from policies.template import fill, questions
from tests.policies.office import OFFICE, office

SHIPPED = Path(__file__).parents[2] / "policies" / "shipped"
STRICT = (SHIPPED / "strict.yaml").read_text("utf-8")
ALL = {"name": "华星政策", "owner": "张敏: 合规", "zone": "Europe/Berlin", "opens": "08:00", "closes": "17:30"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_template_asks_for_what_it_leaves_open(language):
    asked = questions(translate(OFFICE, language))
    assert [(each.key, each.usual) for each in asked] == [
        *(("name", "办公室 / Office"), ("owner", "合规部"), ("zone", "Asia/Shanghai")),
        *(("opens", "09:00"), ("closes", "18:00")),
    ]
    assert all(each.asked.en and each.asked.zh for each in asked)


def test_a_template_without_hours_asks_for_none():
    assert [each.key for each in questions("policy: a\nversion: 1\notherwise: forbid\nrules: []\n")] == ["name"]


def test_answers_go_where_they_belong_and_comments_stay():
    text = fill(OFFICE, ALL)
    policy = office(text)
    assert (policy.name, policy.owner, policy.time_zone) == ("华星政策", "张敏: 合规", "Europe/Berlin")
    assert (policy.hours[0].opens, policy.hours[0].closes) == (480, 1050)
    assert "# 名称 / the name" in text
    assert text.split("\n")[10:] != []


def test_what_is_not_answered_stays_as_it_is():
    assert fill(STRICT, {}) == STRICT
    assert fill(STRICT, {"owner": "合规部 / Compliance"}) == STRICT


@pytest.mark.parametrize(("key", "answer"), [("zone", "Beijing"), ("opens", "9 Uhr")])
def test_an_answer_that_does_not_fit_is_refused_when_the_policy_is_read(key, answer):
    with pytest.raises(PolicyError):
        office(fill(OFFICE, {key: answer}))


@given(answer=st.text(min_size=1, max_size=30))
def test_no_answer_becomes_another_key(answer):
    text = fill(OFFICE, {"owner": answer})
    try:
        policy = office(text)
    except PolicyError:
        return
    assert [rule.id for rule in policy.rules] == [rule.id for rule in office().rules]
    assert policy.name == "办公室 / Office"
