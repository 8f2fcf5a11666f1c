"""A test passes only if all that it expects came about, and every rule that no test tries is named."""

import pytest

from policies.decision import Findings
from policies.prove import Looked, facts_of, prove
from policies.suite import inline_suite, read_suite
from tests.policies.office import OFFICE, SERVICES, office

POLICY = office()
FILES = {"notes.txt": "一段文字"}


def look(text: str, _named: frozenset[str]):
    """Stand in for the detectors: a text that mentions a key holds one; a garbled one cannot be looked through."""
    if text == "garbled":
        return Looked(Findings({}, 7), frozenset({"API_KEY", "CONFIDENTIAL"}))
    counts = {"API_KEY": text.count("key"), "PHONE_NUMBER": "phone" in text}
    found = Findings({entity: int(count) for entity, count in counts.items() if count}, len(text))
    return Looked(found, unread=text.count("noise"))


def proven(lines: str, policy=POLICY, files=FILES):
    def read_file(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory", name)
        return files[name]

    return prove(policy, [read_suite(f"tests:\n{lines}", "o_test.yaml", policy)], SERVICES, look, read_file)


def wrong(line: str) -> list[str]:
    """Return what is wrong in the only case."""
    account = "" if "account:" in line else "account: company, "
    (tried,) = proven(f"  - {{name: a, as: bob, service: 豆包, {account}{line}}}\n").tried
    return [each.en for each in tried.wrong]


PASSES = {
    "one word": "says: hello, expect: external",
    "a verdict": "says: hello, expect: allowed",
    "all of it": "says: hello, expect: {verdict: allowed, route: external, gate: none, record: full, withhold: no}",
    "classes taken out": "says: hello, expect: {redact: [个人信息, secrets]}",
    "entities taken out": "says: hello, expect: {redact: [CN_ID_CARD, PHONE_NUMBER, API_KEY]}",
    "notices": "says: hello, expect: {notices: [校对]}",
    "refused": "finds: 机密, expect: refused, because: confidential",
    "a file": "file: notes.txt, expect: external",
    "a number": "finds: {CN_ID_CARD: 6}, expect: {route: internal, record: sealed}, because: bulk",
    "what is found": "says: a key, expect: {found: API_KEY}",
    "a class of what is found": "says: a key, expect: {found: [secrets]}",
    "so many values": "says: key key, expect: {found: {secrets: 2}}",
    "nothing is found": "says: hello, expect: {found: []}",
    "two kinds are found": "says: key phone, expect: {found: [个人信息, secrets]}",
    "what could not be looked for counts": "says: garbled, expect: refused, because: chats",
    "what could not be read is refused": "says: some noise, expect: refused",
}


@pytest.mark.parametrize("line", PASSES.values(), ids=PASSES.keys())
def test_what_comes_as_expected_passes(line):
    assert wrong(line) == []


FAILS = {
    "another route": ("says: hello, expect: internal", ["Outcome: expected internal, got allowed, external"]),
    "another rule": (
        "says: hello, expect: external, because: pages",
        ["Deciding rule: expected pages, got chats"],
    ),
    "more is taken out": (
        "says: hello, expect: {redact: secrets}",
        ["Taken out: expected API_KEY, got API_KEY, CN_ID_CARD, PHONE_NUMBER"],
    ),
    "a detector missed": ("says: hello, expect: {found: API_KEY}", ["Found: expected API_KEY, got –"]),
    "a detector found more": (
        "says: key phone, expect: {found: API_KEY}",
        ["Found: expected API_KEY, got API_KEY, PHONE_NUMBER"],
    ),
    "another number": ("says: a key, expect: {found: {secrets: 2}}", ["Found: expected secrets 2, got secrets 1"]),
    "what should not be found": ("says: a key, expect: {found: []}", ["Found: expected –, got API_KEY"]),
    "what could not be looked for": (
        "says: garbled, expect: {found: API_KEY}",
        ["Found: API_KEY could not be looked for", "Found: expected API_KEY, got –"],
    ),
    "a notice too many": ("says: hello, expect: {notices: []}", ["Notices: expected –, got 校对"]),
    "a gate": (
        "account: free, says: hello, expect: {gate: none}",
        ["Gate: expected none, got acknowledge"],
    ),
    "two things": (
        "finds: 机密, expect: {verdict: allowed, route: external}",
        ["Verdict: expected allowed, got forbidden", "Route: expected external, got nowhere"],
    ),
    "what could not be read": (
        "says: some noise, expect: external",
        [
            "Outcome: expected external, got forbidden, nowhere",
            "Some of the text could not be read (places: 1): it is encrypted, packed or noise; the proxy refuses such "
            "a request, unless a rule that matches says “unreadable: pass”",
        ],
    ),
    "what should not be found in what could not be read": (
        "says: some noise, expect: {found: []}",
        [
            "Some of the text could not be read (places: 1): it is encrypted, packed or noise; the proxy refuses such "
            "a request, unless a rule that matches says “unreadable: pass”",
        ],
    ),
    "a file that is not there": (
        "file: lost.txt, expect: external",
        ["The file “lost.txt” cannot be read: No such file or directory"],
    ),
}


@pytest.mark.parametrize(("line", "want"), FAILS.values(), ids=FAILS.keys())
def test_what_comes_otherwise_fails_and_says_how(line, want):
    assert wrong(line) == want


def test_a_service_that_nobody_knows_fails_the_test():
    (tried,) = proven("  - {name: a, service: ChatGTP, expect: refused}\n").tried
    assert [each.zh for each in tried.wrong] == ["目录中没有服务“ChatGTP”"]
    assert tried.decision is None


def test_what_cannot_be_read_is_told_of_a_test_that_passes_too():
    policy = office(OFFICE.replace("- id: chats\n", "- id: chats\n    unreadable: pass\n"))
    line = "  - {name: a, as: bob, service: 豆包, account: company, says: noise and noise, expect: external}\n"
    (tried,) = proven(line, policy).tried
    assert tried.wrong == () and tried.unread.en.startswith("Some of the text could not be read (places: 2)")
    assert tried.unread.zh.endswith("其内容按未检查处理")


def test_a_service_outside_the_catalogue_has_the_tag_that_policies_name():
    case = read_suite("tests: [{name: a, service: unlisted, expect: refused}]\n", "a", POLICY).cases[0]
    assert facts_of(case, SERVICES).tags == {"unlisted"}


def test_every_rule_that_no_test_meets_is_named():
    proof = prove(POLICY, [inline_suite(POLICY)], SERVICES, look, str)
    assert [rule.id for rule in proof.untried] == ["pages", "coding-asks", "free-tier", "at-home", "bulk"]
    assert [rule.id for rule in proof.unproven] == ["at-home"]


def test_a_forbidden_rule_is_proven_only_by_a_test_that_it_decides():
    found = "at: '2026-12-02 22:00', purpose: business, finds: [机密, secrets]"
    both = f"  - {{name: a, service: 豆包, {found}, expect: refused}}\n"
    assert [rule.id for rule in proven(both).unproven] == ["confidential"]
    alone = both.replace("机密, ", "")
    assert "at-home" not in [rule.id for rule in proven(alone).unproven]


def test_a_rule_that_is_only_observed_is_tried_by_a_test_that_it_would_change():
    policy = office(OFFICE.replace("- id: confidential\n", "- id: confidential\n    mode: observe\n"))
    proof = proven("  - {name: a, service: 豆包, account: company, finds: 机密, expect: external}\n", policy)
    assert not proof.failed
    assert "confidential" not in [rule.id for rule in proof.untried]
