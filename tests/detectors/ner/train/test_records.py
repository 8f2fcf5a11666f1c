"""Labelled texts are read as a detector will read them, and nothing unwanted is learnt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.tags import LABELS
from detectors.ner.train.records import CHINESE, DATA, Record, development, folded, held_back, read, training
from detectors.normalise import normalise

FOLDED = [
    # text, span, its text once folded
    ("姓名：张三", (3, 5), "张三"),
    ("ＡＢＣ　王五", (4, 6), "王五"),
    ("张\u200b三来了", (0, 3), "张三"),
    ("价格①张三", (3, 5), "张三"),
    ("㍿本社の佐藤", (4, 6), "佐藤"),
    ("mail %E5%BC%A0%E4%B8%89 now", (5, 23), "张三"),
    ("Ma\u0308rz und Jo\u0308rg", (10, 15), "Jörg"),
]


@pytest.mark.parametrize(("text", "span", "mention"), FOLDED)
def test_a_span_moves_with_the_text_that_is_folded(text: str, span: tuple[int, int], mention: str) -> None:
    record = folded(Record(text, ((*span, "PERSON"),), "zh", "made up"))
    ((start, end, label),) = record.spans
    assert (record.text[start:end], label) == (mention, "PERSON")


@given(st.text(max_size=12), st.text(min_size=1, max_size=6), st.text(max_size=12))
def test_folding_gives_the_text_that_a_detector_sees_and_spans_inside_it(before: str, name: str, after: str) -> None:
    text = before + name + after
    record = folded(Record(text, ((len(before), len(before) + len(name), "PERSON"),), "zh", "made up"))
    assert record.text == normalise(text).text
    assert all(0 <= start < end <= len(record.text) for start, end, _ in record.spans)


def test_every_part_of_the_data_is_folded_and_labelled_with_our_labels_only() -> None:
    for name in ("uner_zh_gsdsimp/dev", "btc/dev", "gum_ccby/dev"):
        records = read(name)
        assert len(records) > 400
        for record in records:
            assert normalise(record.text).text == record.text
            for start, end, label in record.spans:
                assert label in LABELS and 0 <= start < end <= len(record.text)


def test_handles_and_the_parties_of_contracts_are_no_names() -> None:
    mentions = {record.text[start:end] for record in read("sec_filings/train") for start, end, _ in record.spans}
    assert len(mentions) > 100
    assert not {"Borrower", "the Borrower", "Bank", "Lender", "Administrative Agent"} & mentions
    handles = [one for record in read("btc/train") for one in record.spans if record.text[one[0]] == "@"]
    assert handles == []


def test_training_has_no_text_of_the_development_sets() -> None:
    sets = development()
    known = {record.text for records in sets.values() for record in records}
    ours = training(("zh", "en"))
    assert len(ours) > 35_000 and len(known) > 4_000
    assert not {record.text for record in ours} & known
    assert 400 < len(sets["uner_en_ewt/slice"]) < 620, "a quarter of the 2,001 sentences"


def test_the_traditional_twin_of_a_set_is_not_read_twice() -> None:
    assert (DATA / "uner_zh_gsd").exists() and not any("uner_zh_gsd/" in name for name in CHINESE)


def test_what_is_held_back_stays_the_same_on_every_machine() -> None:
    assert [held_back(text, 4) for text in ("alpha", "beta", "gamma", "一", "二")] == [
        False,
        False,
        False,
        False,
        False,
    ]
    share = sum(held_back(str(number), 10) for number in range(5000)) / 5000
    assert 0.08 < share < 0.12
