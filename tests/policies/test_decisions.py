"""What one policy decides about hundreds of exchanges: who, when, with which service and data, by which grant.

The policy and its tables stand in tests/cases/policies/decisions. Each row was worked out by hand from what the
language promises; what a row does not say is usual (see `exchange`).
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
import yaml

from policies.decide import decide, needs
from policies.decision import Decision, Facts, Findings, Grant, Treatment
from policies.enact import CONDITIONS
from policies.enact import KEYS as RULE_KEYS
from policies.load import parse_policy
from policies.match import findings, match
from policies.meter import quota_names
from policies.model import Hours, Policy, When, fold
from policies.trace import in_words, trace
from policies.words import canonical as english
from tests.policies.samples import no_file
from tests.rows import each

FOLDER = Path(__file__).parents[1] / "cases" / "policies" / "decisions"
SOURCE = (FOLDER / "policy.yaml").read_text("utf-8")
SERVICES = {
    "chatgpt": ("chat", "US"),
    "claude": ("chat", "US"),
    "gemini": ("chat", "US"),
    "poe": ("chat", "US"),
    "character-ai": ("chat", "US"),
    "kimi": ("chat", "CN"),
    "doubao": ("chat", "CN"),
    "kimi-docs": ("writing", "CN"),
    "cursor": ("coding", "US"),
    "lingma": ("coding", "CN"),
    "midjourney": ("image", "US"),
    "perplexity": ("search", "US"),
    "openai-api": ("api", "US"),
    "notion-ai": ("writing", "US"),
    "deepl": ("writing", "DE"),
    "suno": ("voice", "US"),
    "sora": ("video", "US"),
}
"""Id → category and country."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    zone: str
    said: Mapping[str, Any]


def rows() -> dict[str, Row]:
    """Return every row by its table and name; all that a row says is text."""
    found: dict[str, Row] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        table = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
        for said in table.get("rows", ()) if "rules" not in table else ():
            name = f"{path.stem}: {said['case']}"
            assert name not in found, f"two rows are called {name}"
            found[name] = Row(table["zone"], said)
    return found


ROWS = rows()


@cache
def policy_in(zone: str) -> Policy:
    """Return the policy with its hours on the clock of another zone."""
    text = SOURCE.replace("time_zone: Asia/Shanghai", f"time_zone: {zone}")
    return parse_policy(text, "policy.yaml", no_file, SERVICES)


def instant(row: Row, said: str) -> datetime:
    """Return a time of the row: on its zone's clock, or in UTC where it ends in Z; `none` is a clock without a zone."""
    if said == "none":
        return datetime(2026, 12, 2, 12)
    at = datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(row.zone))


def grant(row: Row, said: Mapping[str, Any], user: str) -> Grant:
    """Return a grant to the person of the row, of everything, until 2027, but for what is said."""
    return Grant(
        id=said.get("id", "G-1"),
        person=said.get("person", user),
        group=said.get("group", ""),
        service=said.get("service", "*"),
        rule=said["rule"],
        approver="张敏",
        purpose="测试",
        until=instant(row, said.get("until", "2027-01-01 00:00")),
        activity=said.get("activity", "*"),
        classes=frozenset(said.get("classes", ())),
        uses_left=int(said["uses"]) if "uses" in said else None,
        from_=instant(row, said["starts"]) if "starts" in said else None,
    )


def exchange(row: Row) -> tuple[Facts, Findings | frozenset[str], frozenset[str]]:
    """Return carol's prompt on Wednesday noon with the company's account, but for what the row says."""
    said = row.said
    user, service = said.get("as", "carol"), said["to"]
    category, country = SERVICES.get(service, ("", ""))
    facts = Facts(
        service=service if category else "",
        category=category,
        country=country,
        user=user,
        groups=frozenset(said.get("in", ())),
        address=said.get("from", "10.1.2.3"),
        at=instant(row, said.get("at", "2026-12-02 12:00")),
        activity=said.get("does", "prompt"),
        grants=tuple(grant(row, each, user) for each in said.get("grants", ())),
        tags=frozenset({category, country} if category else {"unlisted"}),
        account=said.get("account", "company"),
        purpose=said.get("for", "unknown"),
        acknowledged=frozenset(said.get("done", ())),
    )
    spent_at = instant(row, said["used_at"]) if "used_at" in said else facts.at
    spender = replace(facts, user=said.get("used_by", user), at=spent_at, activity="prompt")
    used = {
        counter: int(said["used"][counter.partition("/")[0]])
        for counter in quota_names(policy_in(row.zone), spender)
        if counter.partition("/")[0] in said.get("used", ())
    }
    assert bool(used) is ("used" in said), "no quota of that name is counted here"
    finds = said.get("finds", {})
    found = (
        Findings({entity: int(count) for entity, count in finds.items()}, int(said.get("chars", 10)))
        if isinstance(finds, Mapping)
        else frozenset(finds)
    )
    return replace(facts, used=used), found, frozenset(said.get("unsure", ()))


def treatments(policy: Policy, said: Mapping[str, str]) -> dict[str, Treatment]:
    """Return how each entity of the named classes is taken out."""
    classes = {fold(each.name): each.entities for each in policy.classes}
    return {entity: Treatment(way) for name, way in said.items() for entity in classes[fold(name)]}


def told(row: Row, decision: Decision) -> dict[str, Any]:
    """Return what came of a row, in the words of the table: what is always looked at, and what else the row says."""
    passing = {"unreadable": decision.unreadable_passes, "errors": decision.errors_pass}
    got: dict[str, Any] = {
        "want": f"{decision.verdict} {decision.route} {decision.deciding}",
        "gate": decision.gate,
        "opens": decision.opens,
        "withhold": decision.withhold,
        "would": decision.would,
        "redact": decision.treat,
        "notices": sorted(each.id for each in decision.notices),
        "counts": sorted({each.counter.partition("/")[0] for each in decision.quotas}),
        "observed": [each.id for each in decision.observed],
        "passes": [word for word, passes in passing.items() if passes],
        "label": decision.label.en,
        "record": decision.record,
        "by": decision.grant,
    }
    return {key: value for key, value in got.items() if key in USUAL or key in row.said}


def wanted(row: Row, policy: Policy) -> dict[str, Any]:
    """Return what must come of a row."""
    said = {key: row.said[key] for key in WANTED if key in row.said}
    read = {
        "redact": lambda value: treatments(policy, value),
        "withhold": lambda value: value == "yes",
        "notices": sorted,
        "counts": sorted,
    }
    asked = {"opens": row.said["want"].rpartition(" ")[2]} if said.get("gate") == "approval" else {}
    return USUAL | asked | {key: read[key](value) if key in read else value for key, value in said.items()}


USUAL: dict[str, Any] = {"want": "", "gate": "none", "opens": "", "withhold": False, "would": None}
"""What is looked at in every row; what needs an approval is usually opened by a grant for the rule that decides."""
WANTED = (*USUAL, "redact", "notices", "counts", "observed", "passes", "label", "record", "by")
GIVEN = ("case", "as", "in", "at", "to", "does", "finds", "chars", "unsure", "account", "for", "from", "grants", "done")
SPENT = ("used", "used_at", "used_by")


@each("row", ROWS.values(), ids=ROWS.keys())
def test_each_exchange_comes_to_what_the_policy_says(row):
    policy = policy_in(row.zone)
    decision = decide(policy, *exchange(row))
    assert told(row, decision) == wanted(row, policy)
    assert row.said.get("says", "") in decision.reason.en
    assert decision.reason.en and decision.reason.zh


@each("row", ROWS.values(), ids=ROWS.keys())
def test_what_the_headers_told_or_asked_for_was_enough(row):
    policy = policy_in(row.zone)
    facts, found, unknown = exchange(row)
    answer, decision = needs(policy, facts), decide(policy, facts, found, unknown)
    if isinstance(answer, Decision):
        assert answer == decision if answer.permitted else not decision.permitted
    elif isinstance(found, Findings):
        sought = {entity: count for entity, count in found.counts.items() if entity in answer.entities}
        assert decide(policy, facts, Findings(sought, found.characters), unknown & answer.entities) == decision


def test_the_tables_are_many_and_every_word_of_a_row_is_known():
    assert len(ROWS) >= 170
    assert {key for row in ROWS.values() for key in row.said} <= {*GIVEN, *SPENT, *WANTED, "says"}


def test_every_rule_of_the_policy_shows_in_some_row():
    shown = {row.said["want"].rpartition(" ")[2] for row in ROWS.values()}
    shown |= {name for row in ROWS.values() for key in ("observed", "notices") for name in row.said.get(key, ())}
    assert {rule.id for rule in policy_in("Asia/Shanghai").rules} <= shown


def test_the_policy_uses_every_condition_and_every_effect():
    rules = yaml.load(SOURCE, yaml.BaseLoader)
    written = next(value for key, value in rules.items() if key == "rules")
    assert {english(key, RULE_KEYS) for rule in written for key in rule} == set(RULE_KEYS)
    conditions = [rule.get("when", rule.get("当", {})) for rule in written]
    assert {english(key, CONDITIONS) for when in conditions for key in when} == set(CONDITIONS)


def explain() -> str:
    """Return all that people are told of all rows."""
    lines = []
    for name, row in ROWS.items():
        policy = policy_in(row.zone)
        facts, found, unknown = exchange(row)
        decision = decide(policy, facts, found, unknown)
        words = in_words(policy, facts, findings(found), decision)
        table = [each.failed for each in trace(policy, facts, findings(found), unknown, decision.grant)]
        lines.append(repr((name, decision.reason, decision.instead, decision.label, decision.notices, words, table)))
    return "\n".join(lines)


def test_the_same_question_is_explained_in_the_same_bytes_by_every_process():
    """In another order of hashes than here, which is each process's own."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.policies.test_decisions import explain; print(hash('a'), explain())"],
        cwd=FOLDER.parents[3],
        env=os.environ | {"PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1", "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
    )
    order, _, told = done.stdout.decode().removesuffix("\n").partition(" ")
    assert int(order) != hash("a")
    assert told == explain()
    assert told.count("\n") == len(ROWS) - 1


# ── a second opinion on what the conditions mean, written from the language and not from the engine ──────────────────

KIND_OF = {"complete": "prompt", "embed": "prompt", "train": "upload", "download": "other"}
KNOWN = frozenset({"free", "personal", "company"})


def is_open(hours: Hours, at: datetime) -> bool | None:
    """Tell whether a window is open, by the intervals of today and yesterday on the wall clock."""
    try:
        wall = at.astimezone(ZoneInfo(hours.zone)).replace(tzinfo=None) if at.tzinfo else None
    except ZoneInfoNotFoundError:
        wall = None
    if wall is None:
        return None
    midnight = datetime.combine(wall.date(), time())
    for day in (midnight, midnight - timedelta(days=1)):
        working = not hours.days <= {5, 6}
        opens = day.weekday() in hours.days
        opens = not working if day.date() in hours.off else working if day.date() in hours.work else opens
        end = hours.closes + (1440 if hours.closes < hours.opens else 0)
        if opens and day + timedelta(minutes=hours.opens) <= wall < day + timedelta(minutes=end):
            return True
    return False


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Return the answer to "does any of these hold?", None where it cannot be told."""
    given = list(answers)
    return True if True in given else None if None in given else False


def inside(networks: Iterable[Any], address: str) -> bool | None:
    """Tell whether an address lies in a network; one of IPv4 may be written as a part of IPv6."""
    try:
        given = ip_address(address.removeprefix("::ffff:"))
    except ValueError:
        return None
    return any(given in each for each in networks if each.version == given.version)


def reading(when: When, about: Facts) -> str:
    """Return whether all conditions but those on the text hold: `yes`, `no`, or `unsure`."""
    tags, told = about.tags | {about.category, about.country}, {fold(name) for name in about.groups}
    nobody = None if not about.user else False
    members = (fold(each.name) in told or fold(about.user) in each.people for each in when.groups)
    whose = [about.account in when.accounts or when.accounts >= KNOWN, None if about.account not in KNOWN else False]
    out = any_of(is_open(each, about.at) for each in when.outside)
    answers: dict[str, bool | None] = {
        "services": any(
            (not each.ids or about.service in each.ids)
            and all(not asked or asked & tags for asked in (each.categories, each.countries, each.tags))
            for each in when.services
        ),
        "tags": not when.tags.isdisjoint(tags),
        "activities": not when.activities.isdisjoint({about.activity, KIND_OF.get(about.activity, about.activity)}),
        "accounts": any_of(whose),
        "purposes": not when.purposes.isdisjoint(
            {about.purpose} if about.purpose == "personal" else {about.purpose, "business"}
        ),
        "people": any_of([bool(about.user) and fold(about.user) in when.people, nobody]),
        "groups": any_of([*members, nobody]),
        "networks": inside(when.networks, about.address),
        "hours": any_of(is_open(each, about.at) for each in when.hours),
        "outside": None if out is None else not out,
    }
    given = [answer for key, answer in answers.items() if getattr(when, key)]
    return "no" if False in given else "unsure" if None in given else "yes"


@pytest.mark.parametrize("table", sorted({name.partition(":")[0] for name in ROWS}))
def test_each_rule_matches_where_its_conditions_hold_read_one_by_one(table):
    for name, row in ROWS.items():
        about = exchange(row)[0]
        for rule in policy_in(row.zone).rules if name.startswith(f"{table}:") else ():
            asked = replace(rule, when=replace(rule.when, classes=(), amounts=()))
            assert match(asked, about, None).value == reading(asked.when, about), (name, rule.id)
