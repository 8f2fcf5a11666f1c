"""A passage of a registered document is recognised however it is laid out, and ordinary text is not."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.company.fingerprints import Fingerprints, Passage, united
from detectors.redact import redact
from tests.detectors.company.samples import prints, values
from tests.thorough import drawn

PLAN = (
    "二〇二七年度海外仓扩建方案\n为满足东南亚市场的增长，公司拟在林查班港东侧租用一处两万平方米的恒温仓库，租期五年，首年租金按每平方米十一美元计。"
    "仓库自动分拣线由苏州工厂供货，预算上限为三百七十万美元，超出部分须经董事会批准。项目负责人每月十日前提交进度报告。\n"
    "选址理由：距离主要客户的组装厂不到四十公里，且当地海关提供夜间通关服务。"
)
MEMO = (
    "The retention programme offers every engineer in the Dublin office a one-time grant that vests over thirty "
    "months. "
    "Managers must not mention the amounts in writing before the committee has met on the second Thursday of March. "
    "People who decline keep their present terms and are asked again after the summer review."
)
CODE = '''
def settle(ledger, cutoff, rate_table):
    """Settle all open positions of a ledger."""
    for position in ledger.open_positions(before=cutoff):
        spread = rate_table[position.pair].ask - rate_table[position.pair].bid
        if spread > position.limit * 1.25:
            position.flag("wide", spread=spread)
            continue
        position.close(price=rate_table[position.pair].mid, fee=max(2.5, spread / 3))
    return ledger.balance(cutoff)
'''
SHORT = "紧急联系口令：灰色的鲸鱼在第七码头等待满月升起"


@pytest.fixture(scope="module")
def registered(tmp_path_factory) -> Fingerprints:
    texts = {"plan.txt": PLAN, "memo.txt": MEMO, "settle.py": CODE, "short.txt": SHORT}
    return prints(tmp_path_factory.mktemp("state"), texts)


PARAGRAPH = PLAN.split("\n")[1]
RECOGNISED = {
    "the whole document": PLAN,
    "a paragraph": f"请润色：\n{PARAGRAPH}\n谢谢",
    "in traditional characters": "為滿足東南亞市場的增長，公司擬在林查班港東側租用一處兩萬平方米的恆溫倉庫，租期五年，"
    "首年租金按每平方米十一美元計。",
    "other punctuation and line ends": PARAGRAPH.replace("，", "\n").replace("。", ";  "),
    "English, other case and breaks": f"fix this > {MEMO.upper().replace(' ', chr(10), 20)}",
    "two sentences of it": MEMO.partition(". ")[2],
    "code": f"why is this slow?\n{CODE}",
    "code with other spaces, breaks and quotes": " ".join(CODE.replace('"', "'").replace(",", " ,").split()),
    "a short document": SHORT,
}


@pytest.mark.parametrize("text", RECOGNISED.values(), ids=RECOGNISED)
def test_a_passage_is_recognised_however_it_is_laid_out(registered, text):
    assert len(values(registered, text)) == 1


def test_a_finding_covers_the_whole_passage(registered):
    found = values(registered, f"你好，请翻译。\n{PARAGRAPH}\n谢谢，明天见。")
    assert found == [PARAGRAPH.rstrip("。")]
    assert CODE.split("\n", 2)[2].strip().rstrip(")") in values(registered, f"please look.\n{CODE}\nthanks.")[0]


CHINESE = "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着"
ENGLISH = [
    f"{one}{other}" for one in ("bri", "gar", "mor", "sil", "win") for other in ("den", "ket", "ning", "ter", "dow")
]


@pytest.mark.parametrize(
    ("words", "between", "most"), [(list(CHINESE), "", 0.1), (ENGLISH, " ", 0.1)], ids=["Chinese", "English"]
)
def test_a_finding_covers_the_passage_and_few_words_beside_it(tmp_path: Path, words, between, most):
    """Of passages of 20 to 100 words among as many others: nearly all of them, and little else."""
    draw = Random(7)
    document = draw.choices(words, k=600)
    detector = prints(tmp_path, {"plan.txt": between.join(document)})
    passages = beside = left = 0
    for _ in range(120):
        length = draw.randint(40, 100)
        start = draw.randint(0, len(document) - length)
        passage = between.join(document[start : start + length])
        before = between.join(draw.choices(words, k=20)) + between
        text = before + passage + between + between.join(draw.choices(words, k=20))
        here = set(range(len(before), len(before) + len(passage)))
        found = {at for one in detector.find(text, detector.entities) for at in range(one.start, one.end)}
        passages, beside, left = passages + len(here), beside + len(found - here), left + len(here - found)
    assert left <= 0.002 * passages and beside <= most * passages


def test_a_short_document_among_other_words_is_cut_out_exactly(registered):
    assert values(registered, f"口令是{SHORT}记住了吗朋友们") == [SHORT]


def test_own_words_between_two_passages_are_left_alone(registered):
    first, second = MEMO.split(". ")[:2]
    found = values(registered, f"{first} but I really do not like it a lot and they say {second}")
    assert len(found) == 2 and "not like it" not in found[0] and "but I" not in found[1]


ORDINARY = {
    "a few of its words": "请问海外仓扩建方案里首年租金怎么算？东南亚市场的增长很快。",
    "the same subject": "我们打算在海外租一个仓库，面积两万平方米左右，租期五年，"
    "请列出选址时要考虑的因素和常见的合同条款。",
    "English": "Please write a short note that invites all managers to the meeting on Thursday "
    "and asks for their comments.",
    "similar code": "def total(ledger, cutoff):\n    for position in ledger.positions():\n"
    "        if position.open:\n            continue\n    return 0\n",
    "nothing": "",
    "half of a short document": SHORT[:12],
}


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_text_is_not_recognised(registered, text):
    assert values(registered, text) == []


def test_a_finding_names_the_index_and_a_number_and_never_the_document(registered):
    (found,) = registered.find(PLAN, registered.entities)
    assert (found.entity, found.detector, found.because) == (
        "DOCUMENT",
        "fingerprint:plans",
        ("fingerprint:plans", "document:0"),
    )
    assert "plan.txt" not in repr(found)


def test_more_of_a_document_is_more_certain(registered):
    (some,) = registered.find(PARAGRAPH[:64], registered.entities)
    (more,) = registered.find(PARAGRAPH, registered.entities)
    assert some.score < more.score


def test_what_many_documents_share_recognises_nothing(tmp_path: Path):
    shared = {f"letter{n}.txt": f"{MEMO}\n{n}" for n in range(7)}
    own = (
        "Payroll of the Lisbon branch moves to the new vendor in April and the old contract ends without a word, while "
        "the savings of about nine percent go into the training fund for warehouse staff in Porto and Setubal."
    )
    detector = prints(tmp_path, {**shared, "own.txt": f"{MEMO}\n{own}"})
    assert values(detector, MEMO) == []
    assert values(detector, own) == [own.rstrip(".")]


def test_what_everybody_has_recognises_nothing(tmp_path: Path):
    detector = prints(tmp_path, {"plan.txt": f"{PLAN}\n{MEMO}"}, common={"public.txt": f"preface {MEMO}"})
    assert values(detector, MEMO) == []
    assert len(values(detector, PLAN)) == 1


def test_a_long_text_is_looked_through_to_its_end(registered):
    assert len(values(registered, "无关内容。" * 30_000 + PARAGRAPH)) == 1


def test_nothing_is_looked_for_when_nobody_asks(registered):
    assert registered.find(PLAN, frozenset({"PERSON"})) == ()


@given(st.text("甲乙 \nab。", max_size=40), st.integers(0, 30), st.text("丙丁 c，", max_size=40))
@settings(max_examples=drawn(40))
def test_redaction_takes_the_passage_out_and_gives_the_text_back(registered, before, cut, after):
    passage = PARAGRAPH[cut:]
    text = f"{before}\n{passage}\n{after}"
    found = registered.find(text, registered.entities)
    redaction = redact(text, found, b"k" * 32)
    restored = redaction.text
    for token, original in redaction.originals.items():
        restored = restored.replace(token, original)
    assert restored == text
    assert passage[20:-20] not in redaction.text


def test_overlapping_passages_are_one_and_the_likeliest_document_counts():
    got = united(iter([Passage(5, 9, 2, 0.9), Passage(0, 6, 1, 0.8), Passage(9, 12, 3, 0.7)]))
    assert got == [Passage(0, 9, 2, 0.9), Passage(9, 12, 3, 0.7)]
