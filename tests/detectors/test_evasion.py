"""Numbers written to be overlooked are found: in full width, with invisible characters, escaped, in base64."""

import base64
import json

import pytest

from detectors.combined import combined
from detectors.patterns import CHECKS, RULES, Patterns
from detectors.presidio import Presidio, shipped_recognizers
from detectors.prove import marked
from detectors.rulebook import load_rules
from tests.rows import each

FILES = (
    *("china.yaml", "china_accounts.yaml", "china_companies.yaml", "contact.yaml", "money.yaml", "health.yaml"),
    *("markings.yaml", "personal.yaml", "secrets_commands.yaml", "secrets_passwords.yaml"),
)
OURS = [rule for file in FILES for rule in load_rules(RULES / file, CHECKS)]
THEIRS = [gated for gated in shipped_recognizers() if gated.examples]
(ALL,) = combined((Patterns(OURS), Presidio(THEIRS)))

WIDE = {code: code + 0xFEE0 for code in range(ord("0"), ord("z") + 1) if chr(code).isalnum()}


def wide(text):
    return text.translate(WIDE)


def invisible(text):
    return "\u200b".join(text)


def escaped(text):
    return json.dumps(text)[1:-1]


def twice_escaped(text):
    return json.dumps(json.dumps(text)[1:-1])[1:-1]


def encoded(text):
    return base64.b64encode(text.encode()).decode()


EXAMPLES = [
    *((rule.id, rule.entity, example) for rule in OURS for example in rule.examples),
    *((gated.name, gated.entity, example) for gated in THEIRS for example in gated.examples),
]


@each("written", [wide, invisible, escaped, twice_escaped, encoded])
@each(
    ("entity", "example"), [pytest.param(entity, example, id=f"{name}-{example}") for name, entity, example in EXAMPLES]
)
def test_what_is_found_plain_is_found_however_it_is_written(entity, example, written):
    text, _ = marked(example)
    text = f"{text} {text}" if len(text.encode()) < 12 else text  # a shorter code is too like a word
    assert any(one.entity == entity for one in ALL.find(written(text), ALL.entities))


@each(
    ("entity", "example"), [pytest.param(entity, example, id=f"{name}-{example}") for name, entity, example in EXAMPLES]
)
def test_a_finding_in_a_disguise_leads_back_to_all_of_it(entity, example):
    text, wanted = marked(example)
    disguised = invisible(text)
    spans = [disguised[one.start : one.end].replace("\u200b", "") for one in ALL.find(disguised, frozenset({entity}))]
    assert {text[start:end] for start, end in wanted} <= set(spans)
