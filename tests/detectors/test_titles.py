"""A word of secrecy before the title of a paper marks it; before what it means, or a setting, it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.labels import Labels
from detectors.find import Finder, shipped_patterns
from detectors.titles import names_a_paper, title_behind

OURS = Finder(shipped_patterns())
LABELS = Labels("labels:MARKED", "MARKED", ("机密", "秘密", "绝密", "内部资料", "Confidential", "Restricted", "Secret"))

TITLES = {
    "a whole prompt": "机密：并购计划",
    "the first line of a paper": "机密：并购计划\n一、背景",
    "a sign of ASCII": "机密:并购计划",
    "a dash": "机密 - 并购计划",
    "a long dash": "绝密——收购方案（初稿）",
    "in traditional characters": "機密：併購計畫",
    "what a paper is about": "秘密：关于人事调整的方案",
    "a heading in the midst": "请总结：\n# 机密：高管薪酬方案\n正文",
    "a year behind it": "内部资料：年度预算 2026年",
    "English": "Confidential: merger plan",
    "English in capitals": "CONFIDENTIAL - merger plan",
    "a bar": "Confidential | Q3 board deck\nRevenue",
    "brackets": "[CONFIDENTIAL] merger plan",
    "round brackets": "(Confidential) merger plan",
    "two scripts": "RESTRICTED: 并购计划",
    "one of several papers": "SECRET: supplier price list 2026\n\n1. steel",
}
NONE = {
    "a glossary": "机密：指关系国家安全和利益的事项",
    "a glossary of papers": "机密：重要的国家秘密文件\n秘密：一般的国家秘密文件",
    "the last line of one": "绝密：最重要的文件\n机密：重要的文件",
    "harm": "机密：泄露会使国家安全和利益遭受严重损害的资料",
    "somebody tells one": "秘密：我喜欢你",
    "an answer": "机密：是",
    "a film": "机密 - 一部好看的电影",
    "a question about a heading": "机密：并购计划这样写合适吗？",
    "a quoted heading": "“机密：并购计划”怎么翻译",
    "a term of years": "机密：20年",
    "a row of a table": "| 机密 | 说明文件 |",
    "a form": "Confidential: yes/no",
    "a setting": "confidential: true",
    "another setting": "confidential: report",
    "code": 'SECRET: str = "merger plan"',
    "English glossary": "Confidential: information that must not be disclosed",
    "English rules": "Restricted: access to the report is limited to administrators",
    "English question": "Confidential - what does it mean for a report?",
    "in the midst of a sentence": "Is Confidential: merger plan a proper header?",
}


@pytest.mark.parametrize("text", TITLES.values(), ids=TITLES)
def test_a_word_before_a_title_marks_the_paper_for_our_rules_and_for_labels_alike(text):
    assert OURS.find(text, frozenset({"CLASSIFICATION_MARKING"})).findings
    assert LABELS.find(text, LABELS.entities)


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_a_word_that_is_explained_set_or_asked_about_marks_nothing(text):
    assert OURS.find(text, frozenset({"CLASSIFICATION_MARKING"})).findings == ()
    assert LABELS.find(text, LABELS.entities) == ()


@given(st.text("机密：并购计划 -|[]:ab.?\n是", max_size=60), st.integers(0, 60), st.integers(0, 8))
def test_a_title_is_a_stretch_of_the_line_that_the_word_stands_on(text, start, length):
    end = min(len(text), start + length)
    title = title_behind(text, end)
    assert title in text[end:] and "\n" not in title
    assert title or not names_a_paper(text, min(start, end), end)
