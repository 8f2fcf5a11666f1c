"""What an exchange counts, and what is said to whoever comes too late."""

import math
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.interface import Finding, Scan
from policies.decision import Decision, Period, QuotaUse, Route, Treatment, Unit, Verdict
from policies.load import parse_policy
from policies.problem import PolicyError
from proxy.quota import DENSE, LETTERS_A_TOKEN, Amounts, amounts_of, counts_of, overtaken, values_of
from proxy.services.catalogue import load_catalogue
from tests.proxy.house import NOON, chat, flow_to, open_house

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


@given(st.lists(st.text(st.sampled_from("a1 中文かﾊ한，。\U00020001\u00e9"), max_size=12), max_size=4))
def test_every_chinese_character_is_a_token_wherever_it_stands(texts: list[str]) -> None:
    dense = sum(DENSE.fullmatch(one) is not None for text in texts for one in text)
    others = sum(map(len, texts)) - dense
    assert amounts_of(texts).tokens == dense + math.ceil(others / LETTERS_A_TOKEN)


def test_each_counter_takes_what_its_unit_asks_for() -> None:
    decision = Decision(quotas=tuple(map(use, Unit)))
    counts = list(counts_of(decision, Amounts(30, 8), lambda _names: {}))
    assert [(one.name, one.amount, one.limit, one.ends) for one in counts] == [
        ("daily/requests", 1, 9, ENDS),
        ("daily/characters", 30, 9, ENDS),
        ("daily/tokens", 8, 9, ENDS),
        ("daily/values", 0, 9, ENDS),
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


VALUES = QuotaUse("few", Unit.VALUES, 3, Period.HOUR, NOON + timedelta(hours=1))


def test_of_values_only_those_count_that_are_new_in_the_period() -> None:
    decision = Decision(quotas=(VALUES,))
    counts = counts_of(decision, Amounts(values=frozenset({"a", "b", "c"})), lambda _names: dict.fromkeys(["few/b"], 1))
    assert [(one.name, one.amount, one.limit) for one in counts] == [
        ("few", 2, 3),
        ("few/a", 1, None),
        ("few/c", 1, None),
    ]
    (none,) = counts_of(decision, Amounts(), lambda _names: {})
    assert (none.name, none.amount) == ("few", 0)


def test_a_value_is_the_same_however_it_is_spaced_and_is_never_shown() -> None:
    texts = ["call 139 1234 5678", "13912345678 or A@B.CN", "a@b.cn"]
    scans = [
        Scan((Finding(5, 18, "PHONE_NUMBER", 0.9, "t"),)),
        Scan((Finding(0, 11, "PHONE_NUMBER", 0.9, "t"), Finding(15, 21, "EMAIL_ADDRESS", 0.9, "t"))),
        Scan((Finding(0, 6, "EMAIL_ADDRESS", 0.9, "t"),)),
    ]
    assert values_of(texts, scans, lambda value: value) == {"13912345678", "abcn"}
    assert "abcn" not in repr(Amounts(values=frozenset({"abcn"})))


POLICY = """
policy: few
version: 1
owner: test
time_zone: Asia/Shanghai
otherwise: forbid
data_classes: {personal: {entities: [PHONE_NUMBER]}}
quotas: {few customers: {values: 3, per: hour, of: person}}
rules:
  - {id: support, verdict: allowed, when: {service: any}, redact: [personal], quota: few customers}
"""


def number(of: int) -> str:
    return f"1391234{of:04d}"


def test_nobody_carries_out_a_list_one_entry_at_a_time(tmp_path: Path) -> None:
    known = load_catalogue().services.keys()
    policy = parse_policy(POLICY, "few.yaml", lambda _name: b"", known_services=known)
    now = [NOON]
    tenant = open_house(tmp_path, lambda: now[0], policy=policy)

    def say(*values: int) -> bool:
        flow = tenant.ask(flow_to("openai", chat(f"{now[0]} " + ", ".join(map(number, values)))))
        return flow.response is None

    assert say(1) and say(1, 2) and say(1, 2), "a value that was sent before counts no more"
    assert not say(3, 4), "two new ones, and room for one: nothing of it goes"
    assert say() and say(2), "what is not new still goes"
    assert say(3)
    assert not say(4)
    line = tenant.records()[-1]
    assert (line["outcome"], line["code"]) == ("refused", "blocked_by_policy")
    now[0] += timedelta(hours=1)
    assert say(4, 5, 6)
    assert number(1).encode() not in (tmp_path / "sluice.db").read_bytes()
    tenant.close()


def test_a_quota_of_values_under_a_rule_that_looks_for_nothing_is_a_mistake() -> None:
    known = load_catalogue().services.keys()
    with pytest.raises(PolicyError, match="looks for nothing"):
        parse_policy(POLICY.replace("redact: [personal], ", ""), "few.yaml", lambda _name: b"", known_services=known)
