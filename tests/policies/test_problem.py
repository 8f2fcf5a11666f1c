"""A problem is shown with its line and a caret, in the reader's language, and never obeys the file it speaks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Text
from policies.model import Mark
from policies.problem import (
    MOST_PROBLEMS,
    PolicyError,
    Problem,
    Report,
    as_written,
    clip,
    key_of,
    keys_of,
    nearest,
    say,
)

MESSAGE, HINT = Text("Wrong word.", "写错了。"), Text("Did you mean “x”?", "是否想写“x”？")


def test_a_problem_shows_place_line_caret_and_hint():
    problem = Problem("p.yaml", 7, 5, MESSAGE, HINT, "  - verdikt: allowed")
    assert problem.render() == "p.yaml:7:5: Wrong word.\n      - verdikt: allowed\n        ^\n    Did you mean “x”?"
    assert problem.render("zh").startswith("p.yaml:7:5: 写错了。\n")
    assert problem.render("zh").endswith("\n    是否想写“x”？")


CARETS = {
    "ASCII": ("abc: x", 6, 5),
    "Chinese takes two columns": ("客户: x", 5, 6),
    "full-width letters too": ("ＩＴ: x", 5, 6),
    "a combining mark takes none": ("e\u0301: x", 5, 3),
    "the end of the line": ("客户:", 4, 5),
}


@pytest.mark.parametrize(("source", "column", "blanks"), CARETS.values(), ids=CARETS.keys())
def test_the_caret_stands_under_the_place_as_a_terminal_shows_it(source, column, blanks):
    caret = Problem("p", 1, column, MESSAGE, source=source).render().split("\n")[-1]
    assert caret == "    " + " " * blanks + "^"


def test_a_tab_is_shown_as_an_arrow():
    assert Problem("p", 1, 5, MESSAGE, source="a: x\ty").render() == "p:1:5: Wrong word.\n    a: x→y\n        ^"


def test_a_long_line_is_cut_around_the_place():
    rendered = Problem("p", 1, 5001, MESSAGE, source="a" * 5000 + "!" + "b" * 5000).render()
    line, caret = rendered.split("\n")[1:]
    assert len(line) < 120
    assert line[len(caret) - 1] == "!"


@given(st.text(), st.integers(1, 300), st.text())
def test_nothing_a_terminal_would_obey_is_shown(source, column, word):
    message = say(Text("“{word}” is wrong.", "“{word}”不对。"), word=word)
    rendered = Problem("p", 1, column, message, source=source.replace("\n", "")).render("zh")
    assert all(each.isprintable() or each in "\n\u3000" for each in rendered)


def test_words_are_made_visible_and_cut():
    assert clip("a\u200bb\x1b[31m") == "a<U+200B>b<U+001B>[31m"
    assert clip("x" * 99) == "x" * 60 + "…"


def test_a_message_is_filled_in_both_languages_and_begins_with_a_capital():
    said = say(Text("{what} has no “{word}”.", "{what}没有“{word}”。"), what=Text("a rule", "规则"), word="{id}")
    assert said == Text("A rule has no “{id}”.", "规则没有“{id}”。")


NEAR = [
    ("verdikt", ["verdict", "route"], "verdict"),
    ("ＥＭＡＩＬ_ADRESS", ["EMAIL_ADDRESS", "URL"], "EMAIL_ADDRESS"),
    ("客户", ["客户资料", "财务"], "客户资料"),
    ("禁止", ["forbidden"], ""),
    ("x", [], ""),
    ("PHONE", ["HK_ID_CARD", "PHONE_NUMBER", "IN_VOTER"], "PHONE_NUMBER"),
    ("手机", ["HK_ID_CARD", "PHONE_NUMBER", "客户手机"], "PHONE_NUMBER"),
    ("name", ["names", "rules"], "names"),
]


@pytest.mark.parametrize(("word", "choices", "want"), NEAR)
def test_the_nearest_word_is_found(word, choices, want):
    assert nearest(word, choices) == want
    assert nearest(word, choices[::-1]) == want


def test_problems_are_raised_together_in_the_order_of_their_places():
    report = Report("p", "one\ntwo\n")
    report.stop()
    report.add(Mark(2, 1), MESSAGE)
    report.add(Mark(1, 3), MESSAGE, HINT)
    report.note(Problem("list.txt", 1, 1, MESSAGE))
    with pytest.raises(PolicyError) as caught:
        report.stop()
    assert [(each.file, each.line, each.source) for each in caught.value.problems] == [
        ("p", 1, "one"),
        ("p", 2, "two"),
        ("list.txt", 1, ""),
    ]
    assert str(caught.value) == caught.value.render("en")
    assert caught.value.render("zh").count("写错了。") == 3


def test_a_file_that_is_no_policy_at_all_stops_the_reading():
    report = Report("p", "")
    with pytest.raises(PolicyError) as caught:
        for _ in range(MOST_PROBLEMS + 1):
            report.add(Mark(), MESSAGE)
    assert len(caught.value.problems) == MOST_PROBLEMS


def test_a_line_with_terms_does_not_show_in_a_repr():
    assert "华星" not in repr(PolicyError([Problem("p", 1, 1, MESSAGE, source="terms: [华星]")]))


WRITE = Text("Write “‹otherwise: forbid›” for {what}.", "{what}请写“‹otherwise: forbid›”。")


@pytest.mark.parametrize(
    ("source", "en", "zh"),
    [
        ("policy: x\n", "Write “otherwise: forbid” for instead.", "instead请写“otherwise: forbid”。"),
        ("政策: x\nversion: 1\n规则: []\n", "Write “其余情况: 禁止” for 替代办法.", "替代办法请写“其余情况: 禁止”。"),
        ("# 政策: x\npolicy: 政策\n", "Write “otherwise: forbid” for instead.", "instead请写“otherwise: forbid”。"),
    ],
    ids=["English", "Chinese for the most part", "Chinese names and remarks"],
)
def test_a_message_names_words_of_the_language_as_the_file_writes_them(source, en, zh):
    told = say(WRITE, what=key_of("instead"))
    for problem in (
        Report("p.yaml", source).problem(Mark(1), told),
        Report("p.yaml", source).problem(Mark(1), MESSAGE, told),
    ):
        assert Text(en, zh) in (problem.message, problem.hint)


def test_each_file_of_a_folder_is_spoken_of_in_its_own_words():
    report = Report("f", "", [("a.yaml", "policy: x\n"), ("b.yaml", "规则: []\n")])
    said = [
        report.problem(Mark(1, 1, file), Text(key_of("rules"), key_of("rules"))).message.zh
        for file in ("a.yaml", "b.yaml")
    ]
    assert said == ["rules", "规则"]


def test_entities_are_listed_as_the_file_writes_them_and_others_stay():
    listed = keys_of(["ADDRESS", "STAFF_NO"])
    assert as_written(listed) == Text("ADDRESS, STAFF_NO", "ADDRESS、STAFF_NO")
    assert as_written(listed, chinese=True) == Text("地址, STAFF_NO", "地址、STAFF_NO")
