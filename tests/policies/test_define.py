"""Hours, groups and sets of services: what can be said, and that a mistake is told once."""

import pytest

from policies.define import is_service
from policies.problem import PolicyError
from tests.policies.samples import HEAD, parsed

ZONE = "time_zone: Asia/Shanghai\n"

WINDOWS = {
    "office hours": ('{days: [mon, fri], from: "09:00", to: "18:00"}', ({0, 4}, 540, 1080)),
    "times without quotes": ("{days: [mon], from: 09:00, to: 18:00}", ({0}, 540, 1080)),
    "one day": ('{days: sun, from: "00:00", to: "24:00"}', ({6}, 0, 1440)),
    "over midnight": ('{days: [sat], from: "22:30", to: "06:15"}', ({5}, 1350, 375)),
}


@pytest.mark.parametrize(("written", "want"), WINDOWS.values(), ids=WINDOWS.keys())
def test_a_window_is_days_and_minutes(written, want):
    hours = parsed(f"{HEAD}{ZONE}hours: {{w: {written}}}\nrules: []\n").hours[0]
    assert (hours.days, hours.opens, hours.closes) == want
    assert hours.zone == "Asia/Shanghai"


def test_a_mistake_in_a_thing_is_not_told_again_where_it_is_used():
    text = f'{HEAD}{ZONE}hours: {{w: {{days: [mon], from: "9", to: "18:00"}}}}\n'
    with pytest.raises(PolicyError) as caught:
        parsed(text + "rules:\n  - {id: a, verdict: allowed, when: {hours: w}}\n")
    assert [problem.message.en for problem in caught.value.problems] == ["“9” is not a time."]


def test_a_group_may_be_left_to_the_identity_source():
    groups = parsed(f"{HEAD}groups: {{财务: [], it: [Alice, ＢＯＢ]}}\nrules: []\n").groups
    assert [(each.name, each.people) for each in groups] == [("财务", frozenset()), ("it", {"alice", "bob"})]


def test_a_set_of_services_is_ids_categories_and_countries():
    sets = parsed(f"{HEAD}services: {{s: {{ids: a, category: [chat, api], country: [CN, US]}}}}\nrules: []\n").services
    assert (sets[0].ids, sets[0].categories, sets[0].countries) == ({"a"}, {"chat", "api"}, {"CN", "US"})


@pytest.mark.parametrize(
    ("word", "known", "want"),
    [
        ("chatgpt", None, True),
        ("Chat GPT", None, False),
        ("chatgpt", {"chatgpt"}, True),
        ("chatgtp", {"chatgpt"}, False),
    ],
)
def test_a_service_is_known_or_at_least_looks_like_an_id(word, known, want):
    assert is_service(word, known) is want


@pytest.mark.parametrize("section", ["hours", "groups", "services", "data_classes"])
@pytest.mark.parametrize("content", ["", " {}"], ids=["blank", "empty"])
def test_a_section_may_be_empty(section, content):
    assert parsed(f"{HEAD}{section}:{content}\nrules: []\n").rules == ()
