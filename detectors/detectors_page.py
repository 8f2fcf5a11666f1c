"""The page that lists what is searched for by pattern, made of the rules themselves.

Enters: the rules of `rules/`, Presidio's table and the vocabulary. Leaves: the tables of `docs/detectors.md`. Pure, but
for `main`, which writes the page: what stands above the mark was written by people and stays. Secrets have a page of
their own.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from detectors.entities import ENTITIES
from detectors.patterns import CHECKS, NOT_RULES, RULES
from detectors.presidio import Gated, shipped_recognizers
from detectors.rulebook import Rule, load_rules

PAGE: Final = Path(__file__).parents[1] / "docs" / "detectors.md"
MARK: Final = "<!-- What follows is made of the rules: `make docs` writes it anew. -->"
SHOWN: Final = 6
"""Context words in one cell."""


def tables() -> str:
    """Return the generated part of the page."""
    parts = [MARK, "## Rules of our own"]
    for path in sorted(RULES.glob("*.yaml")):
        if path.name in NOT_RULES or path.name.startswith("secrets_"):
            continue
        parts += [f"### `{path.name}`", _rules(load_rules(path, CHECKS))]
    return "\n\n".join([*parts, "## Presidio's recognizers", _recognizers(shipped_recognizers())]) + "\n"


def page(kept: str) -> str:
    """Return the page with its tables written anew."""
    return kept.partition(MARK)[0].rstrip() + "\n\n" + tables()


def _rules(rules: Sequence[Rule]) -> str:
    rows = []
    for rule in rules:
        context = ""
        if rule.context:
            raised = "required" if rule.context.required else f"raises to {rule.context.raises:g}"
            context = f"{_words(rule.context.words)} ({raised}, within {rule.context.within})"
        check = f"`{rule.check}`" if rule.check else ""
        rows.append(f"| `{rule.id}` | {_entity(rule.entity)} | {check} | {context} | {rule.score:g} |")
    return "\n".join(["| rule | entity | check | context | score |", "|---|---|---|---|---|", *rows])


def _recognizers(recognizers: Iterable[Gated]) -> str:
    rows = [
        f"| `{gated.name}` | {_entity(gated.entity)} | {'a form of its own' if gated.alone else 'only in context'} | "
        f"{_words(gated.near.terms) if gated.near else ''} |"
        for gated in recognizers
    ]
    return "\n".join(["| recognizer | entity | counts | context |", "|---|---|---|---|", *rows])


def _entity(name: str) -> str:
    entity = ENTITIES[name]
    return f"`{name}` {entity.en}, {entity.zh}"


def _words(words: Sequence[str]) -> str:
    return ", ".join(words[:SHOWN]) + (", …" if len(words) > SHOWN else "")


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
