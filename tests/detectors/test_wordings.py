"""Secrets and numbers of people are found as people type them; the same words without a value are left alone."""

from pathlib import Path
from typing import Final

import yaml

from detectors.find import Finder, shipped_patterns
from detectors.interface import Finding
from detectors.prove import marked
from tests.rows import each

CASES: Final = Path(__file__).parents[1] / "cases" / "wordings"
FINDER: Final = Finder(shipped_patterns())

SECRETS: Final = frozenset({"API_KEY", "PASSWORD", "PRIVATE_KEY"})
KINDS: Final = {
    "SECRET": SECRETS,
    **dict.fromkeys(("CREDIT_CARD", "CN_BANK_ACCOUNT"), frozenset({"CREDIT_CARD", "CN_BANK_ACCOUNT"})),
    **dict.fromkeys(
        ("CN_UNIFIED_SOCIAL_CREDIT_CODE", "CN_TAXPAYER_NUMBER"),
        frozenset({"CN_UNIFIED_SOCIAL_CREDIT_CODE", "CN_TAXPAYER_NUMBER"}),
    ),
}
"""What may be found of a kind that is told in more than one way."""

HARMLESS_KINDS: Final = frozenset({"EMAIL_ADDRESS", "IP_ADDRESS", "URL", "UUID", "DATE_TIME", "CN_POSTAL_CODE"})
"""What stands in harmless sentences, too: an address of a server, a postcode that somebody asks about."""

OUT_OF_REACH: Final = "保险柜左三圈"
"""In that sentence the turns of a dial are told, too, in words that nothing else is told in."""

REACHED: Final = {("en", "SECRET"): 37, ("en", "number"): 33, ("zh", "SECRET"): 50, ("zh", "number"): 37}
"""Even sentences that must be found at least: what was reached, less two."""
LATER: Final = 102
FRESH: Final = 33
"""So many of the 120 later sentences, and of the 60 fresh ones: what was reached, less three, and less two."""


def rows(name: str) -> list[tuple[str, str]]:
    return [(row["entity"], row["text"]) for row in yaml.safe_load((CASES / f"typed-{name}.yaml").read_text("utf-8"))]


def half(rows: list, *, even: bool) -> list:
    return rows[1::2] if even else rows[0::2]


def found(text: str) -> tuple[Finding, ...]:
    scan = FINDER.find(text, FINDER.entities)
    assert not scan.unknown
    return scan.findings


def missed(entity: str, marked_text: str) -> list[str]:
    """Return the values of a sentence that no finding of its kind covers."""
    text, spans = marked(marked_text)
    assert spans, "nothing is marked"
    kinds = KINDS.get(entity, frozenset({entity}))
    findings = [one for one in found(text) if one.entity in kinds]
    return [
        text[start:end] for start, end in spans if not any(one.start <= start and end <= one.end for one in findings)
    ]


ODD: Final = [row for name in ("en", "zh") for row in half(rows(name), even=False)]
HARMLESS: Final = yaml.safe_load((CASES / "typed-harmless.yaml").read_text("utf-8"))


@each(("entity", "text"), [row for row in ODD if OUT_OF_REACH not in row[1]])
def test_what_somebody_types_is_found(entity: str, text: str) -> None:
    assert missed(entity, text) == [], "it would leave"


def test_of_sentences_that_no_rule_was_mended_by_most_are_found() -> None:
    reached = dict.fromkeys(REACHED, 0)
    for name in ("en", "zh"):
        for entity, text in half(rows(name), even=True):
            kind = entity if entity == "SECRET" else "number"
            reached[name, kind] += not missed(entity, text)
    short = {kind: (count, REACHED[kind]) for kind, count in reached.items() if count < REACHED[kind]}
    assert short == {}, "fewer than were reached"


@each(("name", "least"), [("later", LATER), ("fresh", FRESH)])
def test_of_sentences_in_other_words_as_many_are_found_as_were_reached(name: str, least: int) -> None:
    assert sum(not missed(entity, text) for entity, text in rows(name)) >= least


def false_hits(text: str) -> list[tuple[str, str, str]]:
    return [
        (one.entity, one.detector, text[one.start : one.end]) for one in found(text) if one.entity not in HARMLESS_KINDS
    ]


@each("text", half(HARMLESS, even=False))
def test_the_same_words_without_a_value_are_left_alone(text: str) -> None:
    assert false_hits(text) == []


def test_of_harmless_sentences_that_no_rule_was_mended_by_hardly_one_is_taken() -> None:
    assert sum(bool(false_hits(text)) for text in half(HARMLESS, even=True)) <= 1


def test_there_are_sentences_enough_in_both_languages() -> None:
    sizes = {name: len(rows(name)) for name in ("en", "zh")}
    assert min(sizes.values()) >= 180 and len(HARMLESS) >= 400
    assert sum(entity == "SECRET" for entity, _ in rows("zh")) >= 100
    assert (len(rows("later")), len(rows("fresh"))) == (120, 60)
