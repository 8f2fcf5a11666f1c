"""The reference says all that the grammar holds and nothing else, and the pages that are kept are those it makes."""

from pathlib import Path

import pytest

from detectors.entities import ENTITIES
from policies import reference as made
from policies.decision import Findings
from policies.grammar import POLICY, SUITE
from policies.prove import Looked, prove
from policies.reference import EXAMPLE, LANGUAGES, PAGES, RULE_PARTS, example, mappings, reference
from policies.shapes import Keys
from policies.suite import inline_suite
from policies.words import alias
from tests.policies.office import SERVICES
from tests.policies.samples import parsed

DOCS = Path(__file__).parents[2] / "docs"
ALL = {keys.title: keys for root in (POLICY, SUITE) for keys in mappings(root)}


def cells(language: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in reference(language).splitlines()
        if line.startswith("| `")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_that_is_kept_is_the_one_that_is_made(language):
    kept = (DOCS / PAGES[language]).read_text("utf-8")
    assert kept == reference(language), "the language has changed: write the pages anew with `make docs`"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("keys", ALL.values(), ids=lambda keys: keys.title.en)
def test_every_key_stands_there_with_both_words_and_what_it_means(keys: Keys, language: str):
    rows = cells(language)
    for word, key in keys.keys.items():
        both = {f"`{word}`", f"`{alias(word)}`"}
        said, must = key.said.in_language(language), "✓" if key.needed else ""
        assert [row for row in rows if set(row[:2]) == both and row[2] == must and row[4] == said], word


def test_no_two_mappings_share_a_title_and_differ():
    # a title is a heading, and stands on the page once
    for root in (POLICY, SUITE):
        for keys in mappings(root):
            assert keys.keys.keys() == ALL[keys.title].keys.keys(), keys.title


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_stands_twice(language):
    headings = [line for line in reference(language).splitlines() if line.startswith("#")]
    assert len(headings) == len({line.lstrip("# ") for line in headings})


def test_the_parts_of_a_rule_are_keys_of_a_rule():
    words = [word for _, words in RULE_PARTS for word in words]
    assert sorted(words) == sorted(made.RULE.keys)


def test_a_key_that_nobody_placed_still_stands_in_a_table(monkeypatch):
    title, words = RULE_PARTS[1]
    monkeypatch.setattr(made, "RULE_PARTS", (RULE_PARTS[0], (title, words[1:]), *RULE_PARTS[2:]))
    assert "| `route` | `去向` |" in reference("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entity_stands_there(language):
    assert [row[0].strip("`") for row in cells(language) if row[0].strip("`") in ENTITIES] == list(ENTITIES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_is_a_policy_that_passes_its_own_test(language):
    policy = parsed(example(language))
    card = Findings({"CN_ID_CARD": 1}, 40)
    proof = prove(policy, [inline_suite(policy)], SERVICES, lambda *_: Looked(card), Path.read_text)
    assert [each.wrong for each in proof.tried] == [()]


def test_every_statement_of_the_example_is_shown():
    for language in LANGUAGES:
        page = reference(language)
        assert all(line in page for line in example(language).splitlines())
    assert {line.partition(":")[0] for line in EXAMPLE.splitlines() if line[:1].isalpha()} == POLICY.keys.keys()


def test_main_writes_both_pages(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(made, "__file__", str(tmp_path / "policies" / "reference.py"))
    made.main()
    assert {path.name for path in (tmp_path / "docs").iterdir()} == set(PAGES.values())
