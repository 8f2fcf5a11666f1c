"""A shipped policy becomes one's own by a few answers; nothing that anybody types becomes anything but that answer."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.format import translate
from policies.problem import PolicyError
from policies.template import fill, questions
from tests.policies.office import OFFICE, office

SHIPPED = Path(__file__).parents[2] / "policies" / "shipped"
TEMPLATES = {path.stem: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.yaml")) if "_test" not in path.stem}
ALL = {
    "name": "华星政策",
    "owner": "张敏: 合规",
    "effective": "2027-03-01",
    "zone": "Europe/Berlin",
    "reviewed": "2027-02-27",
    "opens": "08:00",
    "closes": "17:30",
}

each_template = pytest.mark.parametrize("name", TEMPLATES)
in_each_language = pytest.mark.parametrize("language", ["zh", "en"])


@in_each_language
def test_a_template_asks_for_what_it_leaves_open(language):
    asked = questions(translate(OFFICE, language))
    assert [(each.key, each.usual) for each in asked] == [
        *(("name", "办公室 / Office"), ("owner", "合规部"), ("effective", "2026-10-01"), ("zone", "Asia/Shanghai")),
        *(("reviewed", "2026-10-01"), ("opens", "09:00"), ("closes", "18:00")),
    ]
    assert all(each.asked.en and each.asked.zh for each in asked)


def test_a_template_asks_only_for_what_it_has():
    assert [each.key for each in questions("policy: a\nversion: 1\notherwise: forbid\nrules: []\n")] == ["name"]
    assert [each.key for each in questions("policy: a\nreview: {every: 6 months}\nhours: {}\n")] == ["name"]


def test_answers_go_where_they_belong_and_comments_stay():
    text = fill(OFFICE, ALL)
    policy = office(text)
    assert (policy.name, policy.owner, policy.time_zone) == ("华星政策", "张敏: 合规", "Europe/Berlin")
    assert (policy.effective, policy.review and policy.review.last) == (date(2027, 3, 1), date(2027, 2, 27))
    assert (policy.hours[0].opens, policy.hours[0].closes) == (480, 1050)
    assert "# 名称 / the name" in text
    assert text.split("\n")[10:] != []


SAID = {"name": "name", "owner": "owner", "effective": "effective", "zone": "time_zone"}
"""Questions → the fields of a policy in which their answers are found again."""


@each_template
@in_each_language
def test_every_template_takes_every_answer_and_keeps_its_rules(name, language):
    template = translate(TEMPLATES[name], language)
    asked = [each.key for each in questions(template)]
    before, after = office(template), office(fill(template, ALL))
    for key in asked:
        if key in SAID:
            assert str(getattr(after, SAID[key])) == ALL[key]
    assert ("reviewed" in asked, "opens" in asked) == (before.review is not None, bool(before.hours))
    window = {"opens": 480, "closes": 1050} if before.hours else {}
    assert {each: getattr(after.hours[0], each) for each in window} == window
    assert told(after) == told(before)


def told(policy):
    """Return the rules without the hours and quotas that go by the answers."""
    return [replace(rule, quotas=(), when=replace(rule.when, hours=(), outside=())) for rule in policy.rules]


@each_template
def test_nothing_of_a_template_but_the_answers_changes(name):
    before, after = TEMPLATES[name].split("\n"), fill(TEMPLATES[name], ALL).split("\n")
    places = {each.scalar.mark.line for each in questions(TEMPLATES[name])}
    changed = {number for number, lines in enumerate(zip(before, after, strict=True), start=1) if lines[0] != lines[1]}
    assert changed == places


@each_template
def test_what_is_not_answered_stays_as_it_is(name):
    template = TEMPLATES[name]
    assert fill(template, {}) == template
    assert fill(template, {each.key: each.usual for each in questions(template)}) == template


@pytest.mark.parametrize(
    ("key", "answer"), [("zone", "Beijing"), ("opens", "9 Uhr"), ("effective", "tomorrow"), ("reviewed", "2026-13-01")]
)
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
