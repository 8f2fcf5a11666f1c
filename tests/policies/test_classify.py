"""Data classes: entities, the company's terms, and the name under which they are taken out."""

import pytest

from policies.classify import MOST_TERMS
from policies.own import TermList
from policies.problem import PolicyError
from tests.policies.samples import HEAD, parsed

STAFF = frozenset({"STAFF_NUMBER"})
"""What a rule of the company's own finds."""


def classes(written: str, own_entities=(), **files: str):
    """Return the classes of a policy that defines these."""
    return parsed(f"{HEAD}data_classes: {{{written}}}\nrules: []\n", own_entities, **files).classes


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


def test_a_term_may_have_aliases_in_the_policy_and_after_tabs_in_a_file():
    (made,) = classes(
        "c: {terms: [华星科技, {猎鹰项目: [Falcon, PF-1]}, {北斗: HX}], terms_file: t.txt}",
        t="上海星辰\t星辰\tStars\nFalcon\n",
    )
    assert made.terms is not None
    assert made.terms.terms == ("华星科技", "猎鹰项目", "北斗", "上海星辰", "Falcon")
    assert made.terms.aliases == ("PF-1", "HX", "星辰", "Stars"), "what is a term already is no alias"


def test_a_bad_alias_in_a_file_is_named_by_its_line():
    with pytest.raises(PolicyError) as caught:
        classes("c: {terms_file: t.txt}", t="good\nfine\tx\n")
    assert [(one.file, one.line) for one in caught.value.problems] == [("t.txt", 2)]


OWN = {
    "an index": ("c: {index: customers}", TermList("C", indexes=("customers",))),
    "several indexes": ("c: {索引: [customers, source-code]}", TermList("C", indexes=("customers", "source-code"))),
    "labels": ("c: {labels: [机密, Highly Confidential]}", TermList("C", labels=("机密", "Highly Confidential"))),
    "Chinese words": ("c: {密级: 机密, 占位符: MARKED}", TermList("MARKED", labels=("机密",))),
    "variants": (
        "c: {词条: [x1], 写法: [拼音, 间隔]}",
        TermList("C", ("x1",), variants=frozenset({"pinyin", "separated"})),
    ),
}


@pytest.mark.parametrize(("written", "want"), OWN.values(), ids=OWN.keys())
def test_indexes_and_labels_are_the_companys_own_as_terms_are(written, want):
    (made,) = classes(written)
    assert made.terms == want
    assert made.entities == {want.entity}


@pytest.mark.parametrize(("written", "want"), [("0", 0.0), ("0.6", 0.6), ('"0.85"', 0.85), ("1", 1.0), ("1.0", 1.0)])
def test_a_class_may_ask_for_a_score(written, want):
    (made,) = classes(f"c: {{entities: [URL], minimum_score: {written}}}")
    assert made.minimum == want


def test_without_a_word_of_it_every_score_counts():
    (made,) = classes("c: {entities: [URL]}")
    assert made.minimum == 0.0


def test_a_class_may_name_what_the_companys_own_rules_find():
    (made,) = classes("c: {entities: [STAFF_NUMBER, 居民身份证号]}", STAFF)
    assert (made.entities, made.terms) == ({"STAFF_NUMBER", "CN_ID_CARD"}, None)


NEAREST = {
    "one of the company's own": ("STAF_NUMBER", STAFF, "Did you mean “STAFF_NUMBER”? The policy reference lists"),
    "in small letters": ("staff_number", STAFF, "Did you mean “STAFF_NUMBER”? The policy reference lists"),
    "a shipped one": ("EMAIL_ADRESS", STAFF, "Did you mean “EMAIL_ADDRESS”? The policy reference lists"),
    "in Chinese": ("居民身份正号", STAFF, "Did you mean “居民身份证号”? The policy reference lists"),
    "what everybody calls it": ("PHONE", STAFF, "Did you mean “PHONE_NUMBER”? The policy reference lists"),
    "what everybody calls it in Chinese": ("手机", STAFF, "Did you mean “电话号码”? The policy reference lists"),
    "one that nothing is like": ("ZZZ", STAFF, "The policy reference lists the entities; what your own rules"),
    "one of the company's own, without its settings": ("BADGE_Q7", (), "The policy reference lists the entities;"),
}


@pytest.mark.parametrize(("written", "own", "hint"), NEAREST.values(), ids=NEAREST.keys())
def test_an_entity_that_nobody_knows_is_told_with_the_nearest_and_with_where_others_come_from(written, own, hint):
    with pytest.raises(PolicyError) as caught:
        classes(f"c: {{entities: [{written}]}}", own)
    (problem,) = caught.value.problems
    assert problem.message.en == f"“{written}” is not a valid entity."
    assert problem.hint.en.startswith(hint) and "--config" in problem.hint.en and "--config" in problem.hint.zh


def test_an_entity_whose_name_no_placeholder_can_bear_is_refused_before_anything_is_sent():
    with pytest.raises(PolicyError) as caught:
        classes("c: {entities: [Staff Number]}", {"Staff Number"})
    (problem,) = caught.value.problems
    assert problem.message.en == "“Staff Number” cannot be a placeholder."
    assert problem.hint.en.startswith("Let your recognizer call it otherwise")


def test_terms_cannot_take_the_name_of_what_a_rule_of_the_companys_own_finds():
    with pytest.raises(PolicyError, match="“STAFF_NUMBER” is already the name of an entity"):
        classes("c: {terms: [x1], placeholder: STAFF_NUMBER}", STAFF)


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
