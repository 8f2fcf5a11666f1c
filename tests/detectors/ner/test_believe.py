"""How sure a model must be depends on what speaks for a name and on the kind of text it stands in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.kind import Kind
from detectors.ner.believe import (
    BLOCK,
    MANY_SIGNS,
    NEVER,
    SIGNS,
    STRICTEST,
    Kinds,
    believed,
    borders,
    is_full_of_signs,
    needed,
)
from detectors.ner.mention import Mention

LEAST = 0.5


def ask(text, words, kind=Kind.PROSE, label="PERSON", model="latin"):
    start = text.index(words)
    return needed(text, Mention(start, start + len(words), label, 0.9, (f"model:{model}",)), LEAST, kind)


ENOUGH = {
    # as in prose
    "a known name": ("we met Anna today", "Anna", Kind.PROSE),
    "Chinese": ("昨天张伟说", "张伟", Kind.PROSE),
    "a given name of two characters": ("昨天王雨桐说", "王雨桐", Kind.PROSE),
    "a doubled name": ("昨天豆豆说", "豆豆", Kind.PROSE),
    "a nickname": ("昨天老表说", "老表", Kind.PROSE),
    "a title": ("昨天石总监说", "石总监", Kind.PROSE),
    "a name from abroad": ("昨天费尔南达说", "费尔南达", Kind.PROSE),
    "a double family name": ("昨天欧阳修文说", "欧阳修文", Kind.PROSE),
    "an author": ("# Copyright (c) 2014 Tomaz Solc <t@x.example>", "Tomaz Solc", Kind.CODE),
    "who is thanked in a log": ("thanks to Anna Weber for it", "Anna Weber", Kind.LOG),
    "a mailbox behind": ('  "a": "Anna Weber <a@x.example>"', "Anna Weber", Kind.CONFIG),
}


@pytest.mark.parametrize(("text", "words", "kind"), ENOUGH.values(), ids=ENOUGH)
def test_some_need_no_more_than_in_prose(text, words, kind):
    assert ask(text, words, kind) == LEAST


NO_NAMES = {
    "one unknown word in code": ("use the Castiron tool", "Castiron", Kind.CODE),
    "an acronym in a log": ("Using ACPI for it", "ACPI", Kind.LOG),
    "a word of technique": ("the Kafka Connector here", "Kafka Connector", Kind.CODE),
    "a part of a path": ("open src/Anna here", "Anna", Kind.CODE),
    "a part of a chain": ("call Anna.name here", "Anna", Kind.CODE),
    "a call": ("call Anna( here", "Anna", Kind.CODE),
    "small letters in code": ("see anna here", "anna", Kind.CODE),
    "between backticks": ("see `Marisol` here", "Marisol", Kind.PROSE),
    "part of a digest": ("see 8396c65ab5bbc66bb17 here", "bbc", Kind.PROSE),
    "a version": ("see Jinja2 here", "Jinja", Kind.PROSE),
    "small letters in a path": ("see application/anna here", "anna", Kind.PROSE),
    "a script that was not learnt": ("నేను శూన్యం", "శూన్యం", Kind.PROSE),
}


@pytest.mark.parametrize(("text", "words", "kind"), NO_NAMES.values(), ids=NO_NAMES)
def test_some_are_never_believed(text, words, kind):
    assert ask(text, words, kind) == NEVER


STRICTER = {
    "an unknown name": (("we met Achterberg today", "Achterberg", Kind.PROSE), 0.7),
    "one unknown word for a company": (("we met Achterberg today", "Achterberg", Kind.PROSE, "ORGANIZATION"), 0.65),
    "one that somebody works for": (("I work for Achterberg today", "Achterberg", Kind.PROSE, "ORGANIZATION"), LEAST),
    "several for a company": (("we met Achterberg Lund today", "Achterberg Lund", Kind.PROSE, "ORGANIZATION"), LEAST),
    "one for a place": (("sync it to Strabania", "Strabania", Kind.PROSE, "LOCATION"), 0.6),
    "what is called as a tool is": (("use Kubernetes", "Kubernetes", Kind.PROSE, "ORGANIZATION", "hashed"), 0.97),
    "a Chinese person without a family name": (("帮我找布洛芬吃", "布洛芬", Kind.PROSE), 0.9),
    "a known name in code": (("a value of Anna here", "Anna", Kind.CODE), 0.85),
    "two unknown words in code": (("a value of Quantize Gather here", "Quantize Gather", Kind.CODE), STRICTEST),
    "one unknown word in a log": (("a turn of Yokoham here", "Yokoham", Kind.LOG), STRICTEST),
    "a company in code": (("a value of Acme here", "Acme", Kind.CODE, "ORGANIZATION"), 0.85),
    "Chinese in code": (("x = '张伟'", "张伟", Kind.CODE), 0.85),
    "an ordinary Chinese word": (("我们共同努力", "共同", Kind.PROSE), 0.99),
    "one as a place": (("我们共同努力", "共同", Kind.PROSE, "LOCATION", "hashed"), STRICTEST),
    "two characters without a family name": (("杏仁满楼都是", "满楼", Kind.PROSE), 0.8),
    "a given name with what nobody is called": (("石英表和机械表", "石英表", Kind.PROSE), 0.85),
    "the same in traditional characters": (("張錶都有", "張錶", Kind.PROSE), 0.85),
    "too long for a family name": (("康乾盛世很长", "康乾盛世", Kind.PROSE), STRICTEST),
    "among signs of technique": (
        ("see `a`, `b_c`, f(x), d::e, g == h and 1.2.3 of Zenodian too", "Zenodian", Kind.PROSE), 0.95,
    ),
    "a known name among them": (("see `a`, `b_c`, f(x), d::e, g == h and 1.2.3 of Anna", "Anna", Kind.PROSE), LEAST),
    "Latin script and the other model": (("we met Acme today", "Acme", Kind.PROSE, "ORGANIZATION", "hashed"), 0.75),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "want"), STRICTER.values(), ids=STRICTER)
def test_where_technique_is_about_or_a_model_is_less_able_it_must_be_surer(asked, want):
    text, words, *rest = asked
    assert ask(text, words, *rest) == pytest.approx(want)


def test_a_model_from_elsewhere_is_asked_for_more_in_code_alone():
    assert ask("నేను శూన్యం", "శూన్యం", model="strange") == LEAST
    assert ask("see `Marisol` here", "Marisol", model="strange") == LEAST
    assert ask("we met Achterberg today", "Achterberg", model="strange") == LEAST
    assert ask("a value of Anna here", "Anna", Kind.CODE, model="strange") == pytest.approx(0.85)
    assert ask("open src/Anna here", "Anna", Kind.CODE, model="strange") == NEVER


CODE = "def load(path):\n    return path\n\nfor x in range(3):\n    print(load(x))  # hand of Anna Weber\n"


COMPANY = {
    "a name from abroad beside a sure name": ("昨天张伟见了克林顿", "克林顿", 0.7, "PERSON", True),
    "the same alone": ("昨天有人见了克林顿", "克林顿", 0.7, "PERSON", False),
    "the same far from it": ("昨天张伟来了。" + "今天下雨。" * 40 + "克林顿", "克林顿", 0.7, "PERSON", False),
    "too faint": ("昨天张伟见了克林顿", "克林顿", 0.5, "PERSON", False),
    "no name from abroad": ("昨天张伟见了康乾盛世", "康乾盛世", 0.7, "PERSON", False),
    "an ordinary word": ("昨天张伟买了西红柿", "西红柿", 0.7, "PERSON", False),
    "a body that is an ordinary word": ("张伟对路透社说", "路透社", 0.8, "ORGANIZATION", True),
    "the same body alone": ("有人对路透社说", "路透社", 0.8, "ORGANIZATION", False),
    "one of two characters": ("张伟在建行门口", "建行", 0.8, "ORGANIZATION", False),
}


@pytest.mark.parametrize(("text", "words", "score", "label", "want"), COMPANY.values(), ids=COMPANY)
def test_a_strange_chinese_name_is_believed_beside_a_sure_one(text, words, score, label, want):
    start, because = text.index(words), ("model:hashed",)
    seen = [(Mention(start, start + len(words), label, score, because), LEAST)]
    if "张伟" in text:
        at = text.index("张伟")
        seen.append((Mention(at, at + 2, "PERSON", 0.99, because), LEAST))
    assert any(one.start == start for one in believed(text, seen)) is want


def test_a_mention_is_judged_by_the_kind_of_its_own_part_of_the_text():
    prose = "We met Anna Weber yesterday and went for a walk, she told me about her work.\n\n"
    text = prose + CODE
    both = [Mention(text.index("Anna"), text.index("Anna") + 10, "PERSON", 0.6, ("model:latin",)),
            Mention(text.rindex("Anna"), text.rindex("Anna") + 4, "PERSON", 0.6, ("model:latin",))]  # fmt: skip
    assert believed(text, [(one, 0.5) for one in both]) == both[:1]


def test_the_kind_of_a_part_does_not_depend_on_how_long_the_text_is():
    long = "We met a friend yesterday and went for a walk along the river.\n" * 120
    kinds = Kinds(long + CODE + long)
    assert (kinds.at(10), kinds.at(len(long) + 3), kinds.at(len(long) + len(CODE) + 9)) == (
        Kind.PROSE,
        Kind.CODE,
        Kind.PROSE,
    )


@given(st.text(alphabet="ab\n", max_size=4 * BLOCK).map(lambda text: text * 3))
def test_blocks_cover_a_text_and_end_between_lines_where_there_are_any(text):
    starts = [*borders(text), len(text)]
    assert starts == sorted(set(starts)) and starts[0] == 0
    for start, end in pairwise(starts):
        assert end - start <= BLOCK
        if end < len(text) and "\n" in text[start + BLOCK // 2 : end]:
            assert text[end - 1] == "\n"


@given(st.text(max_size=60), st.data())
def test_any_place_of_any_text_has_an_answer(text, data):
    if text:
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        for kind in Kind:
            assert needed(text, Mention(start, end, "PERSON", 0.9, ("model:latin",)), LEAST, kind) >= LEAST


@given(
    st.lists(
        st.sampled_from(
            [
                "https://a.b/c_d",
                "`",
                "a_b",
                "f(",
                "::",
                "aB",
                "a==",
                "1.2.3",
                ".py",
                "{",
                "**",
                "*",
                ".",
                ":",
                "=",
                " ",
                "Anna",
            ]
        ),
        max_size=24,
    ).map("".join)
)
def test_signs_of_technique_are_as_many_as_the_pattern_counts(text):
    one = Mention(0, len(text), "PERSON", 0.9)
    assert is_full_of_signs(text, one) == (sum(1 for _ in SIGNS.finditer(text)) >= MANY_SIGNS)
