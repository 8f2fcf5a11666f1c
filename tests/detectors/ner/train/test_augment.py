"""Other wordings keep their spans exact, and a seed repeats them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.train.augment import augmented, joined, pieces
from detectors.ner.train.records import Record


class Always:
    """Offers one name only."""

    def another(self, label: str, language: str, instead_of: str) -> str:  # noqa: ARG002  (a promise of `Names`)
        return f"<{label}>"


NAMED = [
    Record("Please call John Smith in Boston.", ((12, 22, "PERSON"), (26, 32, "LOCATION")), "en", "a"),
    Record("请联系张三,他在Acme上班。", ((3, 5, "PERSON"), (8, 12, "ORGANIZATION")), "zh", "b"),
    Record("No name here.", (), "en", "a"),
]


def test_pieces_put_together_again_are_the_record() -> None:
    for record in NAMED:
        assert joined(pieces(record), record.language, record.source) == record


def test_a_span_leaves_out_blanks_at_its_ends() -> None:
    record = joined([("to ", ""), (" Ann ", "PERSON"), ("!", "")], "en", "a")
    assert (record.text, record.spans) == ("to  Ann !", ((4, 7, "PERSON"),))


@given(st.integers(0, 2000))
def test_whatever_is_varied_every_span_still_covers_a_name(seed: int) -> None:
    names = {"john smith", "boston", "张三", "acme", "<person>", "<location>", "<organization>"}
    rows = augmented(NAMED * 3, Random(seed), Always())
    found = [record.text[start:end].lower() for record in rows for start, end, _ in record.spans]
    assert set(found) <= names
    assert len(found) == 12, "no mention is lost and none is added"


def test_the_same_seed_gives_the_same_round_and_another_seed_another() -> None:
    first, again, other = (augmented(NAMED * 20, Random(seed), Always()) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_english_is_also_seen_in_other_cases_and_chinese_texts_are_not_mixed_in(change: object) -> None:
    rows = augmented(NAMED * 900, Random(3), Always())
    assert callable(change)
    assert any(record.text == change(record.text) != NAMED[0].text for record in rows if record.language == "en")
    assert all("请联系" not in record.text for record in rows if record.language == "en")
