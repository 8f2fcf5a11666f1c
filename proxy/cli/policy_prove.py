"""`sluice policy test`: runs the tests that stand beside policies, and says which rules none of them tries.

Enters: policies or files of tests. Leaves: proofs, as lines for people, JSON, or JUnit. Texts of tests go through the
real detectors, and through nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.find import Finder
from detectors.interface import Scan
from policies.decision import Text, Verdict
from policies.model import Policy, Rule
from policies.problem import say
from policies.prove import Look, Looked, Proof, Tried, prove
from policies.report import as_junit
from policies.suite import Suite, inline_suite, read_suite
from proxy.cli.policy import Desk, is_suite, read_text, suite_text, tested
from proxy.sources import test_files
from proxy.take_out import measure
from proxy.trial import sought

UNPROVEN = Text("no test shows what the forbidden rule “{rule}” refuses", "没有测试证明禁止规则“{rule}”会拒绝")
UNTRIED = Text("no test meets the rule “{rule}”", "没有测试涉及规则“{rule}”")


@dataclass(frozen=True, slots=True)
class Proven:
    """One policy with what came of its tests."""

    policy: Policy
    proof: Proof


def prove_policies(desk: Desk, paths: Sequence[Path]) -> tuple[Proven, ...]:
    """Run all tests of each policy, or of the one in use; raises `PolicyError`."""
    return tuple(_prove(desk, policy, suites) for policy, suites in _gather(paths or [desk.in_use]))


def _gather(paths: Sequence[Path]) -> Iterator[tuple[Path, list[Path]]]:
    """Give each policy with its files of tests; naming a file of tests means its policy, and that file alone."""
    for path in paths:
        if is_suite(path):
            yield tested(path), [path]
        else:
            yield path, test_files(path)


def _prove(desk: Desk, path: Path, files: Sequence[Path]) -> Proven:
    policy = desk.policy(path)
    suites = [inline_suite(policy), *(read_suite(suite_text(file), str(file), policy) for file in files)]
    folder = path if path.is_dir() else path.parent
    look = looker(desk, policy)
    return Proven(policy, prove(policy, _filled(suites), desk.services, look, lambda name: _beside(folder, name)))


def _filled(suites: Sequence[Suite]) -> list[Suite]:
    return [suite for suite in suites if suite.cases]


def looker(desk: Desk, policy: Policy, kept: list[Scan] | None = None) -> Look:
    """Return a function that looks through a text for all that rules ask for and a test names, with the real detectors.

    Every scan is put into `kept`, where that is given.
    """
    wanted = sought(policy)
    finder: list[Finder] = []

    def look(text: str, named: frozenset[str]) -> Looked:
        if not finder:  # the detectors take a moment to load, and many suites never ask them
            finder.append(Finder(desk.detectors(policy)))
        scan = finder[0].find(text, wanted | named)
        if kept is not None:
            kept.append(scan)
        return Looked(measure([text], [scan]), scan.unknown, len(scan.opaque))

    return look


def _beside(folder: Path, name: str) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise FileNotFoundError(2, "a test reads only files beside its policy")
    return read_text(folder / name)


def missing(proof: Proof) -> list[Text]:
    """Return what is missing for every forbidden rule that decides no test."""
    return [_missing(rule) for rule in proof.unproven]


def _missing(rule: Rule) -> Text:
    return say(UNPROVEN if rule.verdict is Verdict.FORBIDDEN else UNTRIED, rule=rule.id)


def junit(proven: Proven, language: str) -> str:
    """Return the JUnit report of one policy."""
    return as_junit(proven.policy.file, proven.proof, language, missing(proven.proof))


def lines(proven: Proven, language: str, *, every: bool = False) -> Iterator[str]:
    """Give the result for people: failed tests, rules without one, the count; with `every`, passed tests too."""
    proof, zh = proven.proof, language == "zh"
    for each in proof.tried:
        place = f"{each.file}:{each.case.mark.line}"
        if each.wrong:
            yield f"{'失败' if zh else 'FAILED'}  {place}: {each.case.name}"
            yield from (f"    {wrong.in_language(language)}" for wrong in each.wrong)
        elif every:
            yield f"{'通过' if zh else 'passed'}  {place}: {each.case.name}"
        if each.unread.en and not each.wrong:
            yield f"{'警告' if zh else 'warning'}: {place}: {each.unread.in_language(language)}"
    for rule in proof.untried:
        level = ("错误" if zh else "error") if rule in proof.unproven else ("警告" if zh else "warning")
        yield f"{level}: {_missing(rule).in_language(language)}"
    tried, failed, rules = len(proof.tried), len(proof.failed), len(proven.policy.rules)
    covered = rules - len(proof.untried)
    if zh:
        yield f"{proven.policy.file}: {tried} 个测试，{failed} 个失败；{rules} 条规则中的 {covered} 条有测试"
    else:
        yield f"{proven.policy.file}: {tried} tests, {failed} failed; {covered} of {rules} rules have a test"


def plain(proven: Proven) -> dict[str, Any]:
    """Return the result for machines."""
    proof = proven.proof
    return {
        "policy": proven.policy.file,
        "label": proven.policy.label,
        "tests": [_plain(each) for each in proof.tried],
        "failed": len(proof.failed),
        "rules": len(proven.policy.rules),
        "untried": [rule.id for rule in proof.untried],
        "unproven": [rule.id for rule in proof.unproven],
    }


def _plain(tried: Tried) -> dict[str, Any]:
    decision = tried.decision
    return {
        "name": tried.case.name,
        "file": tried.file,
        "line": tried.case.mark.line,
        "passed": not tried.wrong,
        "wrong": [{"en": wrong.en, "zh": wrong.zh} for wrong in tried.wrong],
        "unread": {"en": tried.unread.en, "zh": tried.unread.zh},
        "verdict": decision.verdict.value if decision else "",
        "route": decision.route.value if decision else "",
        "because": decision.deciding if decision else "",
    }
