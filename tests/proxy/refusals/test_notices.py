"""What was confirmed holds for its interval; what is told beside an answer is told once in each language."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.decision import Gate, Notice, Text, Verdict
from policies.model import NoticeText, Rule
from proxy.refusals.notices import still_fresh, words_for
from tests.proxy.house import NOON, world

HOURLY = Notice("hourly", Text("Mind.", "当心。"), 3600, acknowledge=True)
GATED = Rule("some-rule", Verdict.ALLOWED, gate=Gate.JUSTIFY)
POLICY = replace(world()[0], notices=(NoticeText("hourly", HOURLY),), rules=(GATED, Rule("open", Verdict.ALLOWED)))
KEYS = {"hourly": HOURLY.key}

AGES = {
    "just now": ("hourly", timedelta(0), True),
    "at the end of its hour": ("hourly", timedelta(hours=1), False),
    "before its end": ("hourly", timedelta(minutes=59), True),
    "of a rule, today": ("some-rule", timedelta(hours=23), True),
    "of a rule, yesterday": ("some-rule", timedelta(days=1), False),
    "in the future": ("hourly", timedelta(seconds=-1), False),
    "of a rule that asks for nothing": ("open", timedelta(0), False),
}


@pytest.mark.parametrize("name", AGES)
def test_a_confirmation_holds_for_the_interval_of_its_notice(name: str) -> None:
    notice, age, want = AGES[name]
    assert still_fresh(POLICY, {KEYS.get(notice, notice): NOON - age}, NOON) == ({notice} if want else frozenset())


def test_a_confirmation_holds_for_the_words_that_were_confirmed() -> None:
    before = replace(HOURLY, text=Text("Mind.", "小心。"))
    assert still_fresh(POLICY, {before.key: NOON}, NOON) == frozenset()
    assert still_fresh(POLICY, {"hourly": NOON}, NOON) == frozenset()


LABEL = Text("AI-generated", "AI生成")

WORDS = {
    "zh": "当心。\nAI生成",
    "en": "Mind.\nAI-generated",
    "both": "当心。\nMind.\nAI生成\nAI-generated",
}


@pytest.mark.parametrize("language", WORDS)
def test_notices_come_before_the_label_each_on_its_line(language) -> None:
    assert words_for(LABEL, [HOURLY], language) == WORDS[language]


def test_what_reads_the_same_in_both_languages_is_said_once() -> None:
    assert words_for(Text("AI", ""), [], "both") == "AI"
    assert words_for(Text(), [], "both") == ""
