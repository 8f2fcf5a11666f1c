"""Two texts that share enough words share a fingerprint, wherever they begin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.mixing import Mixer
from detectors.company.tokens import codes_of, cut
from detectors.company.winnow import PROSE, SHAPES, SHORT, SOURCE, chosen, grams, kept, shape_of

MIXER = Mixer(b"k" * 32)


def hashes(text: str) -> np.ndarray:
    return grams(cut(text, codes_of(text), PROSE.manner), MIXER, PROSE.size)


def fingerprints(text: str) -> set[int]:
    mixed = hashes(text)
    return set(mixed[chosen(mixed, PROSE.window)].tolist())


@given(
    st.text("甲乙丙丁", max_size=40),
    st.lists(st.integers(0, 9999), min_size=16, max_size=40),
    st.text("甲乙丙丁", max_size=40),
)
def test_a_shared_passage_shares_a_fingerprint(before, numbers, after):
    passage = "".join(chr(0x5000 + number) for number in numbers)
    assert fingerprints(passage) & set(hashes(f"{before}。{passage}，{after}").tolist())
    assert fingerprints(f"{after}{passage}{before}") & fingerprints(f"{before}{passage}{after}")


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=60), st.sampled_from([one.window for one in SHAPES]))
def test_every_window_holds_a_fingerprint(numbers, window):
    places = set(chosen(np.array(numbers, np.uint64), window).tolist())
    for start in range(max(1, len(numbers) - window + 1)):
        assert places & set(range(start, min(start + window, len(numbers))))


def test_a_text_shorter_than_a_k_gram_has_none():
    assert fingerprints("甲乙丙丁戊己庚辛") == set()
    assert len(fingerprints("甲乙丙丁戊己庚辛壬")) == 1


@pytest.mark.parametrize(
    ("name", "shape"), [("a/b.PY", SOURCE), ("x.docx", PROSE), ("Makefile", PROSE), ("t.md", PROSE), ("q.sql", SOURCE)]
)
def test_source_code_is_known_by_its_name(name, shape):
    assert shape_of(name) is shape


def test_a_short_document_keeps_all_it_has_and_a_long_one_does_not():
    short, long = (hashes("".join(chr(0x5000 + n) for n in range(length))) for length in (40, 200))
    assert len(short) == SHORT * PROSE.window
    assert kept(short, PROSE).tolist() == short.tolist()
    assert set(kept(long, PROSE).tolist()) == set(long[chosen(long, PROSE.window)].tolist()) < set(long.tolist())
