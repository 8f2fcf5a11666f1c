"""Data classes: entities, the company's terms, and the name under which they are taken out."""

import pytest

from policies.classify import MOST_TERMS
from policies.model import TermList
from policies.problem import PolicyError
from tests.policies.samples import HEAD, parsed


def classes(written: str, **files: str):
    """Return the classes of a policy that defines these."""
    return parsed(f"{HEAD}data_classes: {{{written}}}\nrules: []\n", **files).classes


PLACEHOLDERS = {
    "given": ("客户: {terms: [x1], placeholder: CUSTOMER_2}", "CUSTOMER_2"),
    "the name in capitals": ("code-Names_2: {terms: [x1]}", "CODE_NAMES_2"),
    "given, though the name would do": ("plans: {terms: [x1], placeholder: PROJECT}", "PROJECT"),
}


@pytest.mark.parametrize(("written", "want"), PLACEHOLDERS.values(), ids=PLACEHOLDERS.keys())
def test_the_terms_of_a_class_have_an_entity_of_their_own(written, want):
    (made,) = classes(written)
    assert made.terms == TermList(want, ("x1",))
    assert made.entities == {want}


def test_a_class_joins_entities_terms_and_a_list():
    (made,) = classes(
        "c: {entities: [URL], terms: [' Falcon ', x1], terms_file: t.txt}", t="# 注\nFalcon\n\n 上海 北斗 \n"
    )
    assert made.entities == {"URL", "C"}
    assert made.terms is not None
    assert made.terms.terms == ("Falcon", "x1", "上海 北斗")


def test_a_quoted_term_may_hold_a_chinese_comma():
    (made,) = classes('c: {terms: ["一，二"]}')
    assert made.terms == TermList("C", ("一，二",))


WRONG = {
    "name that is an entity": ("api_key: {terms: [x1]}", "already the name of an entity"),
    "small placeholder": ("c: {terms: [x1], placeholder: c}", "cannot be a placeholder"),
    "long placeholder": (f"c: {{terms: [x1], placeholder: {'A' * 41}}}", "cannot be a placeholder"),
    "Chinese placeholder": ("c: {terms: [x1], placeholder: 客户}", "cannot be a placeholder"),
    "file above": ("c: {terms_file: ../t.txt}", "not the name of a file"),
    "file of the root": ("c: {terms_file: /etc/passwd}", "not the name of a file"),
    "file of a home": ("c: {terms_file: ~/t.txt}", "not the name of a file"),
    "file of a drive": ('c: {terms_file: "C:t.txt"}', "not the name of a file"),
    "file with a backslash": ("c: {terms_file: ..\\t.txt}", "not the name of a file"),
    "file with a NUL": ('c: {terms_file: "t\\0.txt"}', "not the name of a file"),
    "long term": (f"c: {{terms: [{'x' * 201}]}}", "longer than 200"),
    "term of signs": ("c: {terms: ['--']}", "without a letter"),
    "term that steers a terminal": ('c: {terms: ["a\\eb"]}', "U+001B"),
}


@pytest.mark.parametrize(("written", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_a_class_is_refused(written, said):
    with pytest.raises(PolicyError) as caught:
        classes(written)
    assert len(caught.value.problems) == 1
    assert said in caught.value.problems[0].message.en


def test_a_bad_line_of_a_list_is_named_and_never_quoted():
    with pytest.raises(PolicyError) as caught:
        classes("c: {terms_file: t.txt}", t=f"good\n{'秘' * 201}\n")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("t.txt", 2)
    assert "秘" not in problem.render("zh")


def test_there_is_a_limit_to_a_list():
    with pytest.raises(PolicyError, match="more than 100000 terms"):
        classes("c: {terms_file: t.txt}", t="\n".join(f"x{number}" for number in range(MOST_TERMS + 1)))
