"""A label counts where it stands as a marking, in texts and in files, and not as a word among others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.labels import FileLabel, Labels, UnreadableFile, labels_of
from detectors.interface import DetectorError
from tests.detectors.company.offices import GUID, docx, pdf, xlsx

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


FILES = {
    "sensitivity label": (docx("x", custom={f"MSIP_Label_{GUID}_Name": "Highly Confidential"}), ["sensitivity"]),
    "sensitivity label, turned off": (
        docx("x", custom={f"MSIP_Label_{GUID}_Name": "Confidential", f"MSIP_Label_{GUID}_Enabled": "false"}),
        [],
    ),
    "keywords": (docx("x", core={"keywords": "budget; confidential"}), ["keywords"]),
    "category": (docx("x", core={"category": "机密"}), ["category"]),
    "title that speaks of it": (docx("x", core={"title": "Why confidential computing matters"}), []),
    "header": (docx("x", header="密级：机密"), ["margins"]),
    "body only": (docx("密级：机密"), []),
    "PDF": (pdf(info="/Keywords (Confidential)"), ["Keywords"]),
    "plain text": ("密级：机密".encode(), []),
}


@pytest.mark.parametrize(("data", "places"), FILES.values(), ids=FILES)
def test_what_a_file_carries_is_told_by_its_place(data, places):
    assert [one.place for one in LABELS.carried(data)] == places


def test_all_that_may_be_a_marking_is_told():
    data = docx("x", header="页眉", custom={f"MSIP_Label_{GUID}_Name": "A", f"MSIP_Label_{GUID}_Enabled": "true"})
    assert labels_of(data) == (FileLabel("sensitivity", "A"), FileLabel("margins", "页眉"))
    assert labels_of(xlsx("a")) == labels_of(b"text") == ()


def test_a_file_that_cannot_be_read_may_carry_any():
    with pytest.raises(UnreadableFile):
        LABELS.carried(docx("x")[:-30])


def test_a_label_of_one_character_stops_the_start():
    with pytest.raises(DetectorError, match="two characters"):
        Labels("x", "X", ("机密", "密"))


def test_nothing_is_looked_for_when_nobody_asks():
    assert LABELS.find("密级：机密", frozenset({"PERSON"})) == ()


@given(st.text("机密【】:： \n★ab", max_size=40))
def test_whatever_is_found_is_a_label_in_its_place(text):
    for one in LABELS.find(text, LABELS.entities):
        assert text[one.start : one.end] == "机密"
