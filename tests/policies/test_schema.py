"""Editors know the language: what the loader takes, the schema takes; what is misspelt, it marks."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from policies.format import translate
from policies.problem import Report
from policies.schema import policy_schema, suite_schema
from policies.source import Entries, Items, Node, Scalar, read_source
from tests.policies.office import OFFICE

SHIPPED = Path(__file__).parents[2] / "policies" / "shipped"
POLICY, SUITE = Draft202012Validator(policy_schema()), Draft202012Validator(suite_schema())
TEXTS = {path.stem: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.yaml"))} | {"office": OFFICE}


def as_editors_read(node: Node) -> Any:
    """Return a tree as YAML 1.2's core schema types it, which is what an editor's schema is held against."""
    match node:
        case Scalar(text=text, plain=plain):
            if plain and text in ("", "null", "true", "false"):
                return {"": None, "null": None, "true": True, "false": False}[text]
            return int(text) if plain and text.isascii() and text.isdecimal() else text
        case Items(items=items):
            return [as_editors_read(each) for each in items]
        case Entries(entries=entries):
            return {key.text: as_editors_read(value) for key, value in entries}
        case _:
            raise AssertionError(node)


def mistakes(text: str, validator: Draft202012Validator = POLICY) -> list[str]:
    """Return what the schema says against a text, by the place."""
    data = as_editors_read(read_source(text, Report("", text)))
    return ["/".join(map(str, error.absolute_path)) for error in validator.iter_errors(data)]


@pytest.mark.parametrize("schema", [policy_schema(), suite_schema()], ids=["policy", "tests"])
def test_the_schema_is_one(schema):
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", TEXTS)
def test_every_policy_that_is_shipped_is_valid_in_both_languages(name, language):
    suite = name.endswith("_test")
    text = translate(TEXTS[name], language, suite=suite)
    assert mistakes(text, SUITE if suite else POLICY) == []


RULE = "rules: [{id: a, verdict: allowed, "
WRONG = {
    "a key that is misspelt": ("ruels: []\n", ""),
    "a key of a rule": (RULE + "redcat: p}]\n", "rules/0"),
    "a verdict": ("rules: [{id: a, verdict: forbiden}]\n", "rules/0/verdict"),
    "a verdict in Chinese": ("规则: [{编号: a, 裁决: 禁 止}]\n", "规则/0/裁决"),
    "a rule without an id": ("rules: [{verdict: allowed}]\n", "rules/0"),
    "a day": ('hours: {w: {days: monday, from: "09:00", to: "18:00"}}\n', "hours/w/days"),
    "a time": ('hours: {w: {days: mon, from: "9:00", to: "18:00"}}\n', "hours/w/from"),
    "a percentage": (RULE + "stage: {percent: 120}}]\n", "rules/0/stage/percent"),
    "an entity": ("data_classes: {p: {entities: [PHONE]}}\n", "data_classes/p/entities"),
    "a version": ("version: one\n", "version"),
}


@pytest.mark.parametrize(("text", "place"), WRONG.values(), ids=WRONG.keys())
def test_what_is_misspelt_is_marked_where_it_stands(text, place):
    assert mistakes(text) == [place]


@pytest.mark.parametrize(
    "text", ["rules: []\n", "数据类: {}\n", "groups:\n", RULE + "withhold: true}]\n", RULE + "withhold: 是}]\n"]
)
def test_what_the_loader_takes_is_not_marked(text):
    assert mistakes(text) == []


def test_a_schema_for_a_company_knows_what_its_own_rules_find():
    text = "data_classes: {p: {entities: [STAFF_NUMBER]}}\n"
    assert mistakes(text) == ["data_classes/p/entities"]
    own = Draft202012Validator(policy_schema({"STAFF_NUMBER", "PERSON"}))
    assert mistakes(text, own) == []
    assert mistakes(text.replace("STAFF", "STAF"), own) == ["data_classes/p/entities"]
    assert own.schema["$defs"]["entity"]["enum"].count("PERSON") == 1


def test_the_file_beside_the_code_is_what_the_code_says():
    written = (SHIPPED.parent / "schema.json").read_text("utf-8")
    assert written == json.dumps(policy_schema(), ensure_ascii=False, indent=2) + "\n", "run: sluice policy schema"


def test_every_key_shows_a_sentence_in_both_languages():
    schema = policy_schema()
    rule = schema["$defs"]["a-rule"]["properties"]
    assert rule["verdict"]["description"].startswith("verdict / 裁决: forbidden")
    assert rule["裁决"]["description"] == rule["verdict"]["description"]
    assert rule["裁决"]["$ref"] == "#/$defs/a-rule/properties/verdict"
