"""`sluice policy`: what is wrong with a policy, before anyone is refused by it.

Enters: policy files. Leaves: every mistake and every warning, with its place and the line it stands in.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from policies.check import check
from policies.load import load_policy
from policies.problem import PolicyError
from proxy.assemble import SHIPPED_POLICY, catalogue_of
from proxy.settings import Settings


def check_policies(settings: Settings, paths: Sequence[Path], language: str, out: Console) -> tuple[bool, bool]:
    """Check each policy, or the one in use; return whether any is broken, and whether any has warnings."""
    known = catalogue_of(settings).names
    broken = warned = False
    for path in paths or [settings.policy or SHIPPED_POLICY]:
        try:
            policy = load_policy(path, known_services=known)
        except PolicyError as error:
            broken = True
            out.print(error.render(language), markup=False)
            continue
        problems = check(policy)
        warned = warned or bool(problems)
        for problem in problems:
            out.print(f"warning: {problem.render(language)}", markup=False)
        count = len(policy.rules)
        told = f"{path}: 可以使用，共 {count} 条规则，版本 {policy.label}"
        if language != "zh":
            told = f"{path}: can be used; {count} rules, version {policy.label}"
        out.print(told, markup=False)
    return broken, warned
