"""The policies we ship say nothing in vain, decide as their comments say, and prove it by the tests beside them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from detectors.entities import ENTITIES
from detectors.find import Finder
from policies.cells import axes, lay_out
from policies.check import check
from policies.decide import decide, needs
from policies.decision import Decision, Findings, Mode, Needs, Verdict
from policies.format import translate
from policies.lint import Lookout, lint
from policies.load import load_policy, parse_policy
from policies.meter import quota_names
from policies.model import Policy
from policies.prove import Proof, prove
from policies.report import Level
from policies.suite import Suite, read_suite
from proxy.cli.policy import Desk
from proxy.cli.policy_prove import looker
from proxy.settings.interface import Settings
from proxy.take_out import measure, take_out
from tests.policies.office import NOW, SERVICES
from tests.policies.samples import NOON, facts, grant

SHIPPED = Path(__file__).parents[2] / "policies" / "shipped"
NAMES = [path.stem for path in sorted(SHIPPED.glob("*.yaml")) if not path.stem.endswith("_test")]
POLICIES = {name: load_policy(SHIPPED / f"{name}.yaml") for name in NAMES}
DESK = Desk(Settings())
TRIED = 400
"""Situations that the lint tries for each rule; `sluice policy check` tries more."""

each_template = pytest.mark.parametrize("name", NAMES)
in_each_language = pytest.mark.parametrize("language", ["zh", "en"])


def source(name: str) -> str:
    return (SHIPPED / f"{name}.yaml").read_text("utf-8")


def suite_of(name: str, policy: Policy | None = None, language: str = "") -> Suite:
    file = f"{name}_test.yaml"
    text = (SHIPPED / file).read_text("utf-8")
    return read_suite(translate(text, language, suite=True) if language else text, file, policy or POLICIES[name])


def parsed(text: str) -> Policy:
    return parse_policy(text, "policy.yaml", lambda _: "", DESK.catalogue.names)


@cache
def look(name: str):
    return cache(looker(DESK, POLICIES[name]))


def tried(name: str, policy: Policy) -> Proof:
    """Run the template's own tests on a policy, with what is found under the template itself."""
    return prove(policy, [suite_of(name)], DESK.services, look(name), lambda _: "")


@each_template
def test_a_shipped_policy_has_no_warnings(name):
    assert check(POLICIES[name]) == ()


@each_template
def test_a_shipped_policy_says_nothing_in_vain(name):
    policy = load_policy(SHIPPED / f"{name}.yaml", DESK.catalogue.names)
    said = lint(policy, Lookout(DESK.services.all, frozenset(ENTITIES), NOW), TRIED)
    assert {(each.level, each.kind) for each in said} <= {(Level.NOTE, "words-left-out")}


@each_template
def test_a_shipped_policy_keeps_what_its_tests_promise(name):
    proof = tried(name, POLICIES[name])
    assert [(each.case.name, [wrong.en for wrong in each.wrong]) for each in proof.failed] == []
    assert proof.untried == ()


@each_template
def test_no_rule_can_be_taken_away_unnoticed(name):
    policy = POLICIES[name]
    for rule in policy.rules:
        rest = tuple(
            replace(one, excepts=tuple(each for each in one.excepts if each != rule.id))
            for one in policy.rules
            if one is not rule
        )
        assert seen(name, replace(policy, rules=rest)) != seen(name, policy), f"no test needs the rule {rule.id}"


@each_template
def test_no_sign_of_a_purpose_can_be_taken_away_unnoticed(name):
    policy = POLICIES[name]
    for sign in policy.signs:
        rest = tuple(one for one in policy.signs if one is not sign)
        line = sign.rule.mark.line
        assert seen(name, replace(policy, signs=rest)) != seen(name, policy), f"no test needs the sign in line {line}"


def seen(name: str, policy: Policy) -> list[tuple[bool, list[str]]]:
    """Return what becomes of each test: whether it fails, and which rules are only observed."""
    return [(bool(each.wrong), noted(each.decision)) for each in tried(name, policy).tried]


def noted(decision: Decision | None) -> list[str]:
    return [note.id for note in decision.observed] if decision else []


MEANT = (
    *("name", "version", "otherwise", "rules", "owner", "time_zone", "hours", "groups", "services", "classes"),
    *("record", "notices", "quotas", "signs", "approved_by", "effective", "review"),
)


@each_template
@in_each_language
def test_a_template_and_its_tests_mean_the_same_in_either_language(name, language):
    policy = POLICIES[name]
    written = parsed(translate(source(name), language))
    assert {each: getattr(written, each) for each in MEANT} == {each: getattr(policy, each) for each in MEANT}
    assert suite_of(name, written, language).cases == suite_of(name).cases


@each_template
def test_people_read_everything_in_both_languages(name):
    policy = POLICIES[name]
    for rule in policy.rules:
        texts = [text for text in (rule.name, rule.reason, rule.instead, rule.ask, rule.label) if text.zh or text.en]
        assert rule.name.zh and rule.name.en
        assert all(text.zh and text.en for text in texts), rule.id
    assert all(each.notice.text.zh and each.notice.text.en for each in policy.notices)


EXAMPLE = re.compile(r"^#(  .*)$", re.MULTILINE)
"""A line at the end of a template that is put in force by taking its first sign away."""


@pytest.mark.parametrize("name", [each for each in NAMES if "# ── 常见的改法" in source(each)])
def test_the_usual_changes_can_be_made_as_the_comments_say(name):
    body, usual, tail = source(name).partition("# ── 常见的改法")
    changed = parsed(body + usual + EXAMPLE.sub(r"\1", tail))
    ids = {rule.id for rule in POLICIES[name].rules}
    assert {rule.id for rule in changed.rules} > ids
    assert check(changed) == ()


LISTS = {
    "default": ("[personal, secrets]", "[personal, secrets, people]"),
    "company": ("个人信息\n", "[个人信息, 名单]\n"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_people_can_be_added_as_the_comments_say(name):
    before, after = LISTS[name]
    text = source(name).replace(f"redact: {before}", f"redact: {after}")
    text = re.sub(r"^#(  .*terms_file: people.txt)", r"\1", text, flags=re.MULTILINE)
    changed = parse_policy(text, "policy.yaml", lambda _: "张伟\n", DESK.catalogue.names)
    assert check(changed) == ()
    assert [one.terms for one in changed.dictionaries if one.entity == "LISTED_NAME"] == [("张伟",)]
    redacting = [rule for rule in changed.rules if "PERSON" in rule.redacted]
    assert len(redacting) >= 2 and all("LISTED_NAME" in rule.redacted for rule in redacting)


# ── default ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_default_policy_asks_for_every_text_and_owes_redaction():
    answer = needs(POLICIES["default"], facts())
    assert isinstance(answer, Needs)
    assert {"API_KEY", "CN_ID_CARD", "CONFIDENTIAL"} <= answer.entities
    assert not answer.unless_read.unreadable_passes


DOUBAO = {"service": "doubao", "country": "CN"}
CODING = {"service": "cursor", "category": "coding"}
OURS = {"service": "tongyi-lingma", "category": "coding", "country": "CN", "groups": frozenset({"信息科技部"})}
PROMISED = {"acknowledged": frozenset({"保密承诺"})}
APPROVED = DOUBAO | PROMISED | {"grants": (grant(rule="chat-needs-approval", until=NOON + timedelta(days=9)),)}
TOLD = {"acknowledged": frozenset({"政策要点", "年度培训", "免费版"})}
EVENING = NOON + timedelta(hours=8)
NIGHT = TOLD | {"at": EVENING}
NOBODY = {"user": "", "acknowledged": frozenset()}
GRANTED = TOLD | {"groups": frozenset({"市场部"}), "grants": (grant(rule="approved-business-use"),)}

TABLE = {
    # policy, facts, found → route, deciding rule
    "default, prompt": ("default", {}, (), "external", "everyday-use"),
    "default, coding agent": ("default", CODING, ("API_KEY",), "external", "everyday-use"),
    "default, upload": ("default", {"activity": "upload"}, (), "external", "everyday-use"),
    "default, page": ("default", {"activity": "visit"}, (), "external", "open-pages"),
    "default, script of a page": ("default", {"activity": "other"}, (), "external", "open-pages"),
    "default, nobody known": ("default", {"user": ""}, (), "external", "everyday-use"),
    "default, confidential": ("default", {}, ("CONFIDENTIAL",), "internal", "confidential-stays-inside"),
    "bank, no approval": ("bank", DOUBAO, (), "nowhere", "chat-needs-approval"),
    "bank, page": ("bank", DOUBAO | {"activity": "visit"}, (), "external", "open-pages"),
    "bank, approval": ("bank", APPROVED, ("EMAIL_ADDRESS",), "external", "chat-needs-approval"),
    "bank, approval, service abroad": ("bank", APPROVED | {"country": "US"}, (), "nowhere", "otherwise"),
    "bank, approval, confidential": ("bank", APPROVED, ("CONFIDENTIAL",), "nowhere", "confidential-never-leaves"),
    "bank, approval, key": ("bank", APPROVED, ("API_KEY",), "nowhere", "secrets-never-leave"),
    "bank, approval, evening": ("bank", APPROVED | {"at": EVENING}, (), "nowhere", "working-hours-only"),
    "bank, approval for chats, coding": ("bank", APPROVED | OURS, (), "nowhere", "coding-needs-approval"),
    "bank, a category no rule names": ("bank", APPROVED | {"category": "video"}, (), "nowhere", "otherwise"),
    "company, business": ("company", {"purpose": "business"}, (), "nowhere", "no-business-use-outside"),
    "company, business by API": ("company", {"category": "api"}, (), "internal", "business-goes-inside"),
    "company, business with a grant": ("company", GRANTED, (), "external", "approved-business-use"),
    "company, personal, noon": ("company", TOLD | {"purpose": "personal"}, (), "nowhere", "no-business-use-outside"),
    "company, personal, evening": (
        "company",
        NIGHT | {"purpose": "personal"},
        ("PHONE_NUMBER",),
        "external",
        "personal-use-after-hours",
    ),
    "company, quotation, evening": (
        "company",
        NIGHT | {"purpose": "personal"},
        ("BUSINESS",),
        "nowhere",
        "no-business-use-outside",
    ),
    "company, evening, not declared": ("company", NIGHT, (), "nowhere", "no-business-use-outside"),
    "company, evening, own account": (
        "company",
        NIGHT | {"account": "free"},
        (),
        "external",
        "personal-use-after-hours",
    ),
    "company, evening, own account, nobody known": (
        "company",
        NIGHT | NOBODY | {"account": "free"},
        (),
        "nowhere",
        "personal-use-after-hours",
    ),
    "bank, approval, twenty names": ("bank", APPROVED, {"PERSON": 20}, "external", "chat-needs-approval"),
    "bank, approval, list of names": ("bank", APPROVED, {"PERSON": 21}, "nowhere", "bulk-customer-data"),
    "startup, list of names": ("startup", {}, {"PERSON": 21}, "nowhere", "whole-tables"),
    "startup, prompt": ("startup", {}, ("API_KEY",), "external", "everything-goes"),
    "startup, crown jewels": ("startup", {}, ("CROWN_JEWEL",), "nowhere", "think-twice"),
    "observe, everything": ("observe", {"at": EVENING}, ("API_KEY", "CONFIDENTIAL"), "external", "everything-passes"),
}


@pytest.mark.parametrize(("name", "given_", "found", "route", "rule"), TABLE.values(), ids=TABLE.keys())
def test_a_shipped_policy_decides_as_its_comments_say(name, given_, found, route, rule):
    counts = found if isinstance(found, dict) else dict.fromkeys(found, 1)
    decision = decide(POLICIES[name], facts(**given_), Findings(counts, 20))
    assert (decision.route, decision.deciding) == (route, rule)
    assert decision.reason.zh
    assert decision.permitted or decision.instead.zh


# ── names and addresses ──────────────────────────────────────────────────────────────────────────────────────────────

USING = {"default": {}, "company": GRANTED, "bank": APPROVED, "startup": {}}
"""Facts under which a prompt goes out, by the templates that take anything out."""
LETTERS = {
    "zh": ("请给李志强先生写一封信，寄到杭州市西湖区梧桐里18号502室。", ("李志强", "梧桐里18号502室")),
    "en": ("Please write to Emily Carter, 14 Harrow Mews, London N4 2QZ.", ("Emily Carter", "14 Harrow Mews")),
}


@pytest.mark.parametrize("name", USING)
@pytest.mark.parametrize("language", LETTERS)
def test_names_and_addresses_leave_as_placeholders_and_come_back(name, language):
    policy, about = POLICIES[name], facts(**USING[name])
    text, hidden = LETTERS[language]
    asked = needs(policy, about)
    assert isinstance(asked, Needs)
    scan = Finder(DESK.detectors(policy)).find(text, asked.entities)
    decision = decide(policy, about, measure([text], [scan]), scan.unknown)
    assert decision.route == "external"
    taken = take_out(policy, [text], [scan], decision, b"k" * 32)
    [sent] = taken.texts
    assert not [value for value in hidden if value in sent] and "[PERSON_" in sent and "[ADDRESS_" in sent
    for token, original in taken.originals.items():
        sent = sent.replace(token, original)
    assert sent == text


@pytest.mark.parametrize("name", USING)
def test_where_the_model_for_names_fails_nothing_goes_out_and_the_reason_can_be_read(name):
    decision = decide(POLICIES[name], facts(**USING[name]), Findings(), frozenset({"PERSON"}))
    assert (decision.permitted, decision.route) == (False, "nowhere")
    assert "name of a person, which must be taken out first" in decision.reason.en and "人名" in decision.reason.zh
    assert decision.instead.en and decision.instead.zh


def test_in_the_first_week_a_failing_model_stops_nobody():
    decision = decide(POLICIES["observe"], facts(), Findings(), frozenset({"PERSON", "ADDRESS"}))
    assert (decision.route, decision.deciding) == ("external", "everything-passes")


# ── bank ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_policy_of_a_bank_refuses_from_the_headers():
    answer = needs(POLICIES["bank"], facts(**DOUBAO))
    assert isinstance(answer, Decision)
    assert "部门负责人" in answer.instead.zh


def test_every_grant_of_a_bank_needs_two_named_approvers_and_ends_within_a_fortnight():
    asked = [rule.asking for rule in POLICIES["bank"].rules if rule.verdict is Verdict.AUTHORIZED]
    assert len(asked) == 2
    for each in asked:
        assert each is not None and each.four_eyes and len(each.approvers) == 2
        assert (each.longest, each.answer_within) == (14 * 86400, 2 * 86400)


def test_a_bank_counts_every_request_and_stops_where_the_quota_ends():
    bank = POLICIES["bank"]
    counters = quota_names(bank, facts(**APPROVED))
    assert len(counters) == 2
    for counter in counters:
        decision = decide(bank, facts(**APPROVED, used={counter: 10**9}), Findings())
        assert (decision.permitted, decision.verdict) == (False, Verdict.FORBIDDEN)
        assert "配额" in decision.reason.zh


# ── observe ──────────────────────────────────────────────────────────────────────────────────────────────────────────

OBSERVE = POLICIES["observe"]


def test_in_the_first_week_nothing_changes_on_the_wire_whatever_happens():
    grid = lay_out(axes((OBSERVE,), SERVICES.all, NOW))
    assert not grid.truncated
    for cell in grid.cells:
        decision = decide(OBSERVE, cell.facts, cell.found)
        assert (decision.verdict, decision.route, decision.deciding) == ("allowed", "external", "everything-passes")
        assert (decision.redact, decision.notices, decision.quotas) == (frozenset(), (), ())
        assert not (decision.label.zh or decision.label.en or decision.withhold)
        assert decision.unreadable_passes and decision.errors_pass
        assert decision.record == "full"


def test_in_the_first_week_every_rule_but_one_is_observed_and_noted():
    observing = {rule.id for rule in OBSERVE.rules if rule.mode is Mode.OBSERVE}
    assert observing == {rule.id for rule in OBSERVE.rules} - {"everything-passes"}
    assert {id for _, ids in seen("observe", OBSERVE) for id in ids} == observing


STEPS = {
    # what stands in the place of `mode: observe` → whose key is stopped
    "a pilot group": ("stage: {groups: [试点组]}", ["pilot"]),
    "one in ten": ("stage: {percent: 10}", ["李雷"]),
    "a group and half of all": ("stage: {groups: [试点组], percent: 50}", ["pilot", "alice", "李雷"]),
    "everybody": ("mode: enforce", ["pilot", "alice", "bob", "李雷"]),
}
PEOPLE = {
    "pilot": {"user": "bob", "groups": frozenset({"试点组"})},
    **{name: {"user": name} for name in ("alice", "bob", "李雷")},
}


@pytest.mark.parametrize(("step", "stopped"), STEPS.values(), ids=STEPS.keys())
def test_the_way_to_enforcing_is_as_the_comments_say(step, stopped):
    text = source("observe")
    assert step in text or step.startswith("mode")
    groups = "groups: {试点组: []}\n" if "groups" in step else ""
    changed = parsed(groups + text.replace("    mode: observe\n", f"    {step}\n"))
    assert check(changed) == ()
    found = Findings({"API_KEY": 1}, 20)
    assert [who for who, about in PEOPLE.items() if not decide(changed, facts(**about), found).permitted] == stopped


def test_a_rule_that_reminds_lets_everything_go_and_says_why():
    text = source("observe")
    before, rule, after = text.partition("  - id: secrets-never-leave")
    changed = parsed(before + rule + after.replace("mode: observe", "mode: remind", 1))
    assert check(changed) == ()
    decision = decide(changed, facts(at=datetime(2026, 12, 2, 4, tzinfo=UTC)), frozenset({"API_KEY"}))
    assert (decision.route, [each.text.zh for each in decision.notices]) == ("external", ["内容里有口令或密钥。"])
