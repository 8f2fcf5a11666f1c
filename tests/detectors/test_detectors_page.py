"""The page of detectors lists every rule and recognizer there is, as they are today."""

import re

from detectors import detectors_page as made
from detectors.detectors_page import MARK, PAGE, page, tables
from detectors.patterns import shipped_rules
from detectors.presidio import shipped_recognizers

KEPT = PAGE.read_text("utf-8")


def test_the_page_is_the_one_that_the_rules_make():
    assert page(KEPT) == KEPT, "the rules have changed: write the page anew with `python -m detectors.detectors_page`"


def test_every_rule_but_those_of_secrets_and_every_recognizer_stands_on_the_page():
    listed = set(re.findall(r"^\| `([A-Za-z0-9-]+)` \|", tables(), re.MULTILINE))
    assert {gated.name for gated in shipped_recognizers()} <= listed
    assert (
        {"cn-id-card", "bank-card", "email", "marking-line"}
        <= listed
        <= {
            *(rule.id for rule in shipped_rules()),
            *(gated.name for gated in shipped_recognizers()),
        }
    )


def test_what_people_wrote_stays(tmp_path, monkeypatch):
    target = tmp_path / "detectors.md"
    target.write_text(f"# Ours\n\n{MARK}\n\nold", "utf-8")
    monkeypatch.setattr(made, "PAGE", target)
    made.main()
    assert target.read_text("utf-8") == f"# Ours\n\n{tables()}"
