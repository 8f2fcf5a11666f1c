"""A label counts where it stands as a marking, and not as a word among others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.labels import Labels
from detectors.interface import DetectorError

LABELS = Labels("labels:MARKED", "MARKED", ("机密", "内部资料", "Confidential", "Highly Confidential"))
MARKED = {
    "cue": ("密级：机密", ["机密"], "label:cue"),
    "cue in a sentence": ("本文件的保密等级为“机密”，请勿外传", ["机密"], "label:cue"),
    "cue in traditional characters": ("密級：機密", ["機密"], "label:cue"),
    "English cue": ("Classification: Highly  Confidential\nDear all", ["Highly  Confidential"], "label:cue"),
    "sensitivity label": ("Sensitivity label = CONFIDENTIAL", ["CONFIDENTIAL"], "label:cue"),
    "brackets": ("【机密】关于年度预算的通知", ["机密"], "label:brackets"),
    "square brackets": ("FW: [Confidential] numbers", ["Confidential"], "label:brackets"),
    "line of its own": ("年度预算\n  *** 内部资料 ***\n一、", ["内部资料"], "label:line"),
    "English line": ("- CONFIDENTIAL -\nQ3", ["CONFIDENTIAL"], "label:line"),
    "national marking": ("机密★10年", ["机密"], "label:marking"),
    "heading": ("Confidential – do not distribute\n...", ["Confidential"], "label:heading"),
    "Chinese heading": ("内部资料 注意保存\n第一章", ["内部资料"], "label:heading"),
}


@pytest.mark.parametrize(("text", "want", "because"), MARKED.values(), ids=MARKED)
def test_a_marking_is_found(text, want, because):
    found = LABELS.find(text, LABELS.entities)
    assert [text[one.start : one.end] for one in found] == want
    assert [one.because for one in found] == [(because,)]


WORDS = {
    "a word of a sentence": "请问机密文件应该怎样保存？",
    "an English sentence": "Please keep this confidential until Friday.",
    "what a manual says": "公司把文件分为机密和内部资料两类。",
    "part of a word": "Classification: Confidentiality",
    "another level": "密级：秘密",
    "beginning of a sentence": "Confidential computing protects data in use.",
    "beginning of a Chinese sentence": "机密计算是一种保护数据的技术",
}


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS)
def test_a_word_among_others_is_no_marking(text):
    assert LABELS.find(text, LABELS.entities) == ()


def test_the_surer_the_place_the_higher_the_score():
    scores = [LABELS.find(MARKED[name][0], LABELS.entities)[0].score for name in ("cue", "line of its own", "heading")]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_a_label_of_one_character_stops_the_start():
    with pytest.raises(DetectorError, match="two characters"):
        Labels("x", "X", ("机密", "密"))


def test_nothing_is_looked_for_when_nobody_asks():
    assert LABELS.find("密级：机密", frozenset({"PERSON"})) == ()


@given(st.text("机密【】:： \n★ab", max_size=40))
def test_whatever_is_found_is_a_label_in_its_place(text):
    for one in LABELS.find(text, LABELS.entities):
        assert text[one.start : one.end] == "机密"
