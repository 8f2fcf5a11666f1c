"""`sluice policy check`: what is wrong with a policy, before anyone is refused by it.

Enters: policy files. Leaves: every mistake, failing test and warning, with its place, as text or in a form for
machines. The line that a mistake stands in may hold the company's own terms, and goes into no form that machines carry
away. What all commands about policies share, the `Desk`, stands here too.
"""

import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from importlib.metadata import version as distribution_version
from pathlib import Path

from detectors.find import Finder
from detectors.interface import Detector
from policies.check import check
from policies.decision import Text
from policies.lint import Lookout, lint
from policies.listed import Services
from policies.load import load_policy
from policies.model import Policy
from policies.problem import PolicyError, Problem, say
from policies.prove import Proof, Tried
from policies.report import Level, Remark, as_github, as_json, as_sarif, as_text
from policies.suite import read_suite
from proxy.assemble import catalogue_of
from proxy.cli.policy_in_force import InForce, in_force, on_disk_or_published
from proxy.equip import Equipment
from proxy.findable import brief_of, must_be_findable
from proxy.internal.models import must_be_served
from proxy.services.catalogue import Catalogue
from proxy.settings.interface import Settings
from proxy.sources import UNREADABLE_TESTS
from proxy.trail.seal import must_be_sealable
from proxy.trial import services_of

SUFFIX = "_test"
"""End of the name of a file with tests, before `.yaml`."""
FAILS = Text("The test “{name}” fails: {wrong}", "测试“{name}”未通过：{wrong}")
LARGEST = 16 * 1024 * 1024
"""Bytes of a file of tests, or of a text beside it."""


class Output(StrEnum):
    """Forms of a check's result."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


@dataclass(frozen=True)
class Desk:
    """What every command about policies needs: the settings, and the catalogue and the detectors they name."""

    settings: Settings

    @cached_property
    def catalogue(self) -> Catalogue:
        """The shipped catalogue with the company's own services."""
        return catalogue_of(self.settings)

    @cached_property
    def services(self) -> Services:
        """The catalogue as policy sees it."""
        return services_of(self.catalogue)

    @cached_property
    def equipment(self) -> Equipment:
        """The detectors that the settings give to every policy, each loaded when it is first needed."""
        return Equipment(self.settings.detection)

    @property
    def known(self) -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
        """What a policy can name besides its own: services, and entities of the company; raises `DetectorError`."""
        return self.catalogue.names, self.equipment.own_entities

    @cached_property
    def published(self) -> InForce:
        """The policy that is published, or the file of the settings; raises `StoreError`."""
        return on_disk_or_published(self.settings)

    @cached_property
    def in_force(self) -> InForce:
        """The policy in force here, an earlier version that somebody went back to included; raises `StoreError`."""
        return in_force(self.settings)

    @property
    def in_use(self) -> Path:
        """Where the policy stands that is checked and tested if none is named."""
        return self.published.path

    def policy(self, path: Path | None = None) -> Policy:
        """Return the policy at `path`, or the one in force; raises `PolicyError` or `DetectorError`."""
        return load_policy(path or self.in_force.path, *self.known)

    def detectors(self, policy: Policy) -> tuple[Detector, ...]:
        """Return what looks for all that a policy asks for; raises `DetectorError`."""
        return self.equipment.detectors(brief_of(policy, self.settings.detection), self.settings.state)

    @staticmethod
    def now() -> datetime:
        """Return the time, aware."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one policy found."""

    path: Path
    policy: Policy | None
    """None where it cannot be used."""
    remarks: tuple[Remark, ...]
    tests: int = 0
    """How many tests there are; in a file of tests they are only read."""
    failed: int = 0
    """How many of them fail: the proxy does not put such a policy in force."""


def check_policies(desk: Desk, paths: Sequence[Path]) -> tuple[Checked, ...]:
    """Check each policy, or the one in use."""
    return tuple(_check(desk, path) for path in paths or [desk.in_use])


def is_suite(path: Path) -> bool:
    """Tell whether this is a file of tests."""
    return path.stem.endswith(SUFFIX) and path.is_file()


def tested(suite: Path) -> Path:
    """Return the policy beside a file of tests, or the folder that is one."""
    beside = suite.with_name(f"{suite.stem.removesuffix(SUFFIX)}{suite.suffix}")
    return beside if beside.exists() else suite.parent


def suite_text(file: Path) -> str:
    """Return the text of a file of tests; raises `PolicyError`."""
    try:
        return read_text(file)
    except (OSError, UnicodeError):
        raise PolicyError([Problem(str(file), 1, 1, UNREADABLE_TESTS)]) from None


def read_text(path: Path) -> str:
    """Return a text of bounded size; raises `OSError` or `UnicodeError`."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data.decode("utf-8")


def _check(desk: Desk, path: Path) -> Checked:
    try:
        if is_suite(path):
            policy = desk.policy(tested(path))
            return Checked(path, policy, (), len(read_suite(suite_text(path), str(path), policy).cases))
        policy, proof = proven(desk, path)
    except PolicyError as error:
        return Checked(path, None, tuple(Remark(Level.ERROR, "invalid", problem) for problem in error.problems))
    finder = Finder(desk.detectors(policy))
    failing = [Remark(Level.ERROR, "failing-test", problem) for each in proof.failed for problem in wrongs(each)]
    noted = (Remark(Level.WARNING, "questionable", problem) for problem in check(policy))
    return Checked(
        path,
        policy,
        (
            *failing,
            *noted,
            *_not_in_force("no-auditor-key", lambda: must_be_sealable(policy, desk.settings.auditor_keys)),
            *_not_in_force("no-model", lambda: must_be_served(policy, desk.settings.internal)),
            *_not_in_force("no-detector", lambda: must_be_findable(policy, finder)),
            *lint(policy, Lookout(desk.services.all, finder.entities, desk.now())),
        ),
        len(proof.tried),
        len(proof.failed),
    )


def proven(desk: Desk, path: Path) -> tuple[Policy, Proof]:
    """Return a policy and what came of its tests, as the proxy runs them; raises `PolicyError` or `DetectorError`."""
    from proxy.cli.policy_prove import prove_policies  # which stands on this module

    (one,) = prove_policies(desk, [path])
    return one.policy, one.proof


def wrongs(tried: Tried) -> Iterator[Problem]:
    """Yield what is wrong with a test that failed."""
    mark = tried.case.mark
    for wrong in tried.wrong:
        yield Problem(tried.file, mark.line, mark.column, say(FAILS, name=tried.case.name, wrong=wrong))


def _not_in_force(kind: str, must: Callable[[], None]) -> tuple[Remark, ...]:
    """Warn of what the settings lack for the proxy to put the policy in force."""
    try:
        must()
    except PolicyError as error:
        return tuple(Remark(Level.WARNING, kind, problem) for problem in error.problems)
    return ()


def show(checked: Sequence[Checked], output: Output, language: str, write: Callable[[str], None]) -> None:
    """Write what was found in one of the forms."""
    remarks = [remark for each in checked for remark in each.remarks]
    match output:
        case Output.JSON:
            told = [
                {
                    "policy": str(each.path),
                    "usable": each.policy is not None,
                    "label": each.policy.label if each.policy else "",
                    "rules": len(each.policy.rules) if each.policy else 0,
                    "tests": each.tests,
                    "failed": each.failed,
                    "remarks": [as_json(remark) for remark in each.remarks],
                }
                for each in checked
            ]
            write(json.dumps(told, ensure_ascii=False, indent=2))
        case Output.SARIF:
            write(json.dumps(as_sarif(remarks, distribution_version("sluice"), language), ensure_ascii=False, indent=2))
        case Output.GITHUB:
            for remark in remarks:
                write(as_github(remark, language))
        case Output.TEXT:
            for each in checked:
                for remark in each.remarks:
                    write(as_text(remark, language))
                write(_summary(each, language))


def _summary(checked: Checked, language: str) -> str:
    policy, path = checked.policy, checked.path
    if policy is None:
        count = len(checked.remarks)
        return (
            f"{path}: 不能使用，共 {count} 处错误" if language == "zh" else f"{path}: cannot be used; mistakes: {count}"
        )
    zh, tests, failed = language == "zh", checked.tests, checked.failed
    if is_suite(path) and zh:
        return f"{path}: 可以读取，共 {checked.tests} 个测试；运行：sluice policy test"
    if is_suite(path):
        return f"{path}: can be read; {checked.tests} tests, to be run by: sluice policy test"
    if failed:
        told = (
            f"不会生效：{tests} 个测试中有 {failed} 个未通过"
            if zh
            else f"is not put in force: {failed} of {tests} tests fail"
        )
        return f"{path}: {told}{'；详情请运行：' if zh else '; for more, run: '}sluice policy test {path}"
    if zh:
        ran = f"{tests} 个测试全部通过" if tests else "没有测试"
        return f"{path}: 可以使用，共 {len(policy.rules)} 条规则，版本 {policy.label}，{ran}"
    ran = f"{tests} tests pass" if tests else "no tests"
    return f"{path}: can be used; {len(policy.rules)} rules, version {policy.label}, {ran}"
