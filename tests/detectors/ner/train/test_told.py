"""Sentences are told anew with other secrets, which stay exactly where they are marked; the data is sound."""

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.tags import SECRET
from detectors.ner.train.lists import DEVELOP, TRAIN
from detectors.ner.train.records import DATA
from detectors.ner.train.told import Teller, parsed, record, written
from tests.rows import each

WORDS = ("otter", "maple", "lantern")
CHINESE = ("石榴", "灯塔")
LINES = [line for path in sorted((DATA / "told").glob("*.txt")) for line in path.read_text("utf-8").splitlines()]
SENTENCES = [line for line in LINES if line.strip() and not line.startswith("#")]


def teller(*lines: str, seed: int = 1) -> Teller:
    return Teller(Random(seed), [parsed(line) for line in lines], WORDS, CHINESE)


def test_a_line_is_read_with_its_marks_its_line_breaks_and_without_what_breaks_a_key() -> None:
    one = parsed(r"the till:\nkey ⟦sk¦-4f⟧ and ⟦0912⟧.")
    assert one.parts == (("the till:\nkey ", False), ("sk-4f", True), (" and ", False), ("0912", True), (".", False))
    assert (one.secrets, one.language, parsed("后门按⟦4417⟧").language) == (["sk-4f", "0912"], "en", "zh")


def test_a_record_labels_the_secrets_where_they_stand() -> None:
    one = record(parsed("shed ⟦4417⟧, gate ⟦0912⟧").parts, "en")
    assert [(one.text[start:end], label) for start, end, label in one.spans] == [("4417", SECRET), ("0912", SECRET)]


@each(
    ("value", "form"),
    [
        ("4417", r"[0-9]{3,5}"),
        ("12-34-7", r"[0-9]+-[0-9]+-[0-9]+"),
        ("*2580#", r"\*[0-9]+#"),
        ("four seven one", r"[a-z]+ [a-z]+ [a-z]+"),
        ("Marmalade", r"[A-Z][a-z]+"),
        ("purple monkey dishwasher", r"[a-z]+ [a-z]+ [a-z]+"),
        ("kX9$mq2", r"[a-z]+[A-Z][0-9]+.[a-z]+[0-9]+"),
        ("六个八", r"[\u4e00-\u9fff〇]+"),
    ],
)
def test_a_secret_is_exchanged_for_one_that_is_made_like_it(value: str, form: str) -> None:
    drawn = {teller(f"x ⟦{value}⟧", seed=seed).another(value, parsed(value).language) for seed in range(60)}
    alike = {one for one in drawn if re.fullmatch(form, one)}
    assert len(drawn) > 1 and len(alike) >= 0.8 * len(drawn), drawn - alike


def test_the_same_secret_twice_in_a_sentence_stays_the_same() -> None:
    for seed in range(20):
        first, second = [
            part for part, secret in teller("⟦4417⟧ or ⟦4417⟧", seed=seed).varied(parsed("⟦4417⟧ or ⟦4417⟧")) if secret
        ]
        assert first == second


@given(st.integers(0, 10_000))
def test_whatever_is_told_its_secrets_are_labelled_and_nothing_else(seed: int) -> None:
    told = teller("shed ⟦4417⟧, bus 0912.", "Mine is ⟦Blue-Otter_9⟧", "bus 0912 at 10:30", seed=seed)
    for one in told.round(2):
        assert all(one.text[start:end].strip() and label == SECRET for start, end, label in one.spans)
        assert len(one.spans) == len(re.findall("shed|mine", one.text, re.I)), (
            "one secret for each sentence that tells one"
        )


def test_the_data_is_marked_soundly_and_holds_enough_of_each_sort() -> None:
    wrong = [line for line in SENTENCES if line.count("⟦") != line.count("⟧") or "⟦⟧" in line or not parsed(line).parts]
    assert wrong == []
    counts = {
        (language, secret): sum(
            1 for one in map(parsed, SENTENCES) if one.language == language and bool(one.secrets) is secret
        )
        for language in ("en", "zh")
        for secret in (True, False)
    }
    assert min(counts.values()) > 1000, counts


def test_no_line_is_both_learnt_from_and_developed_with() -> None:
    train, kept = written(TRAIN), written(DEVELOP)
    assert not set(train) & set(kept) and len(kept) > len(train) / 20
