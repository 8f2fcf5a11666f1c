"""What an exchange counts, and what is said to whoever comes too late."""

from datetime import timedelta

import pytest

from policies.decision import Decision, Period, QuotaUse, Route, Treatment, Unit, Verdict
from proxy.quota import Amounts, amounts_of, counts_of, overtaken
from tests.proxy.house import NOON

ENDS = NOON + timedelta(hours=12)


def use(unit: Unit, limit: int = 9) -> QuotaUse:
    return QuotaUse(f"daily/{unit}", unit, limit, Period.DAY, ENDS)


@pytest.mark.parametrize(
    ("texts", "characters", "tokens"),
    [
        ([], 0, 0),
        (["hello wide world"], 16, 4),
        (["你好世界"], 4, 4),
        (["你好", "hello"], 7, 4),
        (["a"], 1, 1),
        (["안녕하세요"], 5, 5),
    ],
    ids=["nothing", "en", "zh", "both", "a letter", "ko"],
)
def test_a_prompt_is_measured_in_characters_and_in_estimated_tokens(texts, characters: int, tokens: int) -> None:
    assert amounts_of(texts) == Amounts(characters, tokens)


def test_each_counter_takes_what_its_unit_asks_for() -> None:
    decision = Decision(quotas=tuple(map(use, Unit)))
    counts = list(counts_of(decision, Amounts(30, 8)))
    assert [(one.name, one.amount, one.limit, one.ends) for one in counts] == [
        ("daily/requests", 1, 9, ENDS),
        ("daily/characters", 30, 9, ENDS),
        ("daily/tokens", 8, 9, ENDS),
    ]


def test_whoever_comes_too_late_is_refused_with_when_it_begins_anew() -> None:
    decision = Decision(
        verdict=Verdict.ALLOWED, route=Route.EXTERNAL, deciding="daily", quotas=(use(Unit.REQUESTS),),
        redact=frozenset({"PERSON"}), treat={"PERSON": Treatment.MASK},
    )  # fmt: skip
    closed = overtaken(decision, Amounts())
    assert (closed.permitted, closed.verdict, closed.deciding) == (False, Verdict.FORBIDDEN, "daily")
    assert "2026-12-02 16:00" in closed.instead.en and "2026-12-02 16:00" in closed.instead.zh
    assert not closed.redact and not closed.treat
    assert "Send it again" in overtaken(Decision(route=Route.EXTERNAL, grant="G-1"), Amounts()).instead.en


def test_what_never_fits_is_not_put_off_until_later() -> None:
    decision = Decision(verdict=Verdict.ALLOWED, route=Route.EXTERNAL, quotas=(use(Unit.TOKENS, 100),))
    closed = overtaken(decision, Amounts(40_000, 10_000))
    assert not closed.permitted and "about 10000 tokens, and the quota is 100 a day" in closed.reason.en
    assert "10000 个词元" in closed.reason.zh and "less at a time" in closed.instead.en
