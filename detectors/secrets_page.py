"""The page that lists every kind of secret, made of the rules themselves.

Enters: the rules of `rules/secrets_*.yaml`. Leaves: the tables of `docs/secrets.md`. Pure, but for `main`, which writes
the page: what stands above the mark was written by people and stays. No example of a secret is ever put on the page.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from detectors.checked import CHECKED
from detectors.patterns import CHECKS, RULES
from detectors.rulebook import Rule, load_rules

PAGE: Final = Path(__file__).parents[1] / "docs" / "secrets.md"
MARK: Final = "<!-- What follows is made of the rules: `make docs` writes it anew. -->"
FILES: Final = "secrets_*.yaml"
BEGINNING: Final = re.compile(r"(?:[A-Za-z0-9_/:\- ]|\\[.\-$+?{}\[\]])+")

SERVICE: Final = re.compile(r"\(\?i:([^()]{3,})\)")
"""The names of a service with which a pattern begins."""

PLAIN: Final = str.maketrans("", "", "\\?")


def chapters() -> Iterator[tuple[str, tuple[Rule, ...]]]:
    """Yield what each file of secrets says it holds, and its rules."""
    for path in sorted(RULES.glob(FILES)):
        comment = [line.lstrip("# ") for line in path.read_text("utf-8").split("\n\n")[0].splitlines()]
        yield re.split(r"[.:](?: |$)|, by the formats|, which ", " ".join(comment))[0], load_rules(path, CHECKS)


def tables() -> str:
    """Return the generated part of the page."""
    parts = [MARK]
    for title, rules in chapters():
        parts += [f"## {title}", _table(rules)]
    return "\n\n".join(parts) + "\n"


def page(kept: str) -> str:
    """Return the page with its tables written anew."""
    return kept.partition(MARK)[0].rstrip() + "\n\n" + tables()


def told_by(rule: Rule) -> str:
    """Return what gives a secret of this kind away."""
    beginning, service = _beginning(rule.pattern), SERVICE.match(rule.pattern)
    value = "(?P<value" in rule.pattern
    if rule.context and rule.context.required:
        words = ", ".join(f"`{word}`" for word in rule.context.words[:4])
        return f"words near it: {words}{', …' if len(rule.context.words) > 4 else ''}"
    if value and service:
        names = [re.sub(r"\[.*?\]\??", " ", name).translate(PLAIN) for name in service.group(1).split("|")]
        return f"after {', '.join(f'`{name}`' for name in names[:4])}{', …' if len(names) > 4 else ''}"
    if beginning and not value:
        return f"begins with `{beginning}`"
    return "what stands before it" if value else "its form"


def must_be(rule: Rule) -> str:
    """Return what the check of a rule asks of a value; nothing where it has none."""
    return CHECKED[rule.check].en if rule.check else ""


def _table(rules: Sequence[Rule]) -> str:
    rows = [
        f"| `{rule.id}` | `{rule.entity}` | {told_by(rule)} | {must_be(rule)} | {rule.score:g} |"
        for rule in sorted(rules, key=lambda rule: rule.id)
    ]
    return "\n".join(["| kind | entity | told by | must be | score |", "|---|---|---|---|---|", *rows])


def _beginning(pattern: str) -> str:
    """Return the letters that every secret of a kind begins with, where there are any."""
    match = BEGINNING.match(pattern)
    if not match:
        return ""
    begun = match.group()
    if pattern[match.end() : match.end() + 1] in ("{", "?", "*", "+"):
        begun = begun[:-1]
    alternatives = re.search(r"\|(?![^(]*\))", pattern)
    return "" if alternatives else begun.replace("\\", "").strip()


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
