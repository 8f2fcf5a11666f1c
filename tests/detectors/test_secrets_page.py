"""The page of secrets lists every kind there is, as the rules are today, and shows no secret."""

import json
import re

from detectors import secrets_page as made
from detectors.patterns import Patterns
from detectors.secrets_page import MARK, PAGE, chapters, page, tables, told_by

RULES = [rule for _, rules in chapters() for rule in rules]
KEPT = PAGE.read_text("utf-8")


def test_the_page_is_the_one_that_the_rules_make():
    assert page(KEPT) == KEPT, "the rules have changed: write the page anew with `python -m detectors.secrets_page`"


def test_every_kind_stands_on_the_page_once():
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", tables(), re.MULTILINE)
    assert sorted(listed) == sorted(rule.id for rule in RULES)


def test_the_page_counts_the_kinds_right():
    assert f"{len(RULES)} kinds of secrets" in KEPT


def test_the_page_tells_what_was_measured():
    measured = json.loads((PAGE.parents[1] / "bench" / "results" / "false_positives.json").read_text("utf-8"))
    assert measured["false_per_10000_tokens"] < 1
    assert f"| {measured['tokens']:,} |" in KEPT and f"`{measured['command']}`" in KEPT
    for corpus in measured["corpora"]:
        assert f"| {corpus['tokens']:,} | {corpus['false']} | {corpus['false_per_10000_tokens']} |" in KEPT


def test_the_page_shows_no_secret():
    detector = Patterns(RULES)
    assert detector.find(KEPT, detector.entities) == ()


def test_a_kind_that_is_told_by_its_beginning_begins_so():
    for rule in RULES:
        begun = re.fullmatch("begins with `(.+)`", told_by(rule))
        values = [example.replace("¦", "").split("⟦")[1] for example in rule.examples]
        assert not begun or all(value.startswith(begun[1]) for value in values), rule.id


def test_what_people_wrote_stays(tmp_path, monkeypatch):
    target = tmp_path / "secrets.md"
    target.write_text(f"# Ours\n\n{MARK}\n\nold", "utf-8")
    monkeypatch.setattr(made, "PAGE", target)
    made.main()
    assert target.read_text("utf-8") == f"# Ours\n\n{tables()}"
