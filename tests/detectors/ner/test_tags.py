"""Tags become the spans they spell, and the row of tags is the likeliest legal one."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ner.tags import NEVER, OURS, TAGS, Scheme, log_softmax, tagged
from tests.thorough import drawn

BIO = Scheme(("O", "B-X", "I-X", "B-Y", "I-Y"))
TWO = Scheme(("O", "B-X", "I-X", "E-X", "S-X"))


def certain(scheme, *tags):
    """Return chances that leave no doubt about `tags`."""
    chances = np.full((len(tags), len(scheme.tags)), -20.0, np.float32)
    for place, tag in enumerate(tags):
        chances[place, scheme.tags.index(tag)] = -0.1
    return chances


def spelt(scheme, *tags):
    chances = certain(scheme, *tags)
    places = [(2 * at, 2 * at + 1) for at in range(len(tags))]
    return [
        (one.start // 2, (one.end + 1) // 2, one.label) for one in scheme.spans(places, scheme.best(chances), chances)
    ]


SPELT = {
    "one token": (OURS, ("O", "S-PERSON", "O"), [(1, 2, "PERSON")]),
    "several": (OURS, ("B-ADDRESS", "I-ADDRESS", "E-ADDRESS"), [(0, 3, "ADDRESS")]),
    "neighbours": (OURS, ("S-PERSON", "S-PERSON"), [(0, 1, "PERSON"), (1, 2, "PERSON")]),
    "two of two labels": (OURS, ("B-PERSON", "E-PERSON", "S-LOCATION"), [(0, 2, "PERSON"), (2, 3, "LOCATION")]),
    "BIO": (BIO, ("B-X", "I-X", "O", "B-Y"), [(0, 2, "X"), (3, 4, "Y")]),
    "BIO, one after another": (BIO, ("B-X", "B-X", "I-X"), [(0, 1, "X"), (1, 3, "X")]),
    "BIO, begun without B": (BIO, ("O", "I-X", "I-Y"), [(1, 2, "X"), (2, 3, "Y")]),
    "IO": (Scheme(("O", "I-X", "I-Y")), ("I-X", "I-X", "I-Y", "O", "I-Y"), [(0, 2, "X"), (2, 3, "Y"), (4, 5, "Y")]),
    "nothing": (OURS, (), []),
}


@pytest.mark.parametrize(("scheme", "tags", "want"), SPELT.values(), ids=SPELT)
def test_tags_spell_spans(scheme, tags, want):
    assert spelt(scheme, *tags) == want


def test_the_score_of_a_span_is_its_least_likely_token():
    chances = np.log(np.array([[0.1, 0.9, 0, 0, 0], [0.3, 0, 0, 0.7, 0]], np.float32) + 1e-9)
    (span,) = TWO.spans([(0, 1), (1, 2)], TWO.best(chances), chances)
    assert span.score == pytest.approx(0.7, abs=1e-3)


def test_an_illegal_row_is_mended_to_the_likeliest_legal_one():
    chances = np.log(np.array([[0.1, 0.8, 0.0, 0.0, 0.1], [0.6, 0.0, 0.0, 0.4, 0.0]], np.float32) + 1e-9)
    assert [TWO.tags[tag] for tag in TWO.best(chances)] == ["B-X", "E-X"], "an opened span is closed"


def legal(scheme, row):
    return (
        bool(scheme._start[row[0]])
        and bool(scheme._last[row[-1]])
        and all(scheme._legal[one, other] for one, other in itertools.pairwise(row))
    )


@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([0.3, 2.0, 8.0]))
@settings(max_examples=drawn(150), deadline=None)
def test_no_legal_row_is_likelier(length, seed, spread):
    chances = (np.random.default_rng(seed).normal(size=(length, 5)) * spread).astype(np.float32)
    best = TWO.best(chances)
    assert legal(TWO, best)
    every = (row for row in itertools.product(range(5), repeat=length) if legal(TWO, row))
    most = max(chances[np.arange(length), list(row)].sum() for row in every)
    assert chances[np.arange(length), best].sum() == pytest.approx(most, rel=1e-5, abs=1e-4)


def sought_through(scheme, chances):
    """Return the likeliest legal row by Viterbi's algorithm over all tokens, as plainly as can be."""
    score = chances[0] + np.where(scheme._start, 0, NEVER)
    back = []
    for chance in chances[1:]:
        ways = score[:, None] + np.where(scheme._legal, 0, NEVER)
        back.append(ways.argmax(0))
        score = ways.max(0) + chance
    row = [int((score + np.where(scheme._last, 0, NEVER)).argmax())]
    for ways in reversed(back):
        row.append(int(ways[row[-1]]))
    return row[::-1]


@given(
    st.integers(1, 60), st.integers(0, 2**32 - 1), st.sampled_from([0.5, 2.0, 6.0]), st.sampled_from([0.0, 3.0, 8.0])
)
@settings(max_examples=drawn(150), deadline=None)
def test_mending_in_places_gives_what_seeking_through_all_gives(length, seed, spread, outside):
    chances = (np.random.default_rng(seed).normal(size=(length, len(TAGS))) * spread).astype(np.float32)
    chances[:, 0] += outside
    best = OURS.best(chances)
    sought = sought_through(OURS, chances.astype(np.float64))
    assert legal(OURS, best)
    tokens = np.arange(length)
    assert chances[tokens, best].sum() == pytest.approx(chances[tokens, sought].sum(), rel=1e-4, abs=1e-3)


def test_tagging_and_spelling_are_inverse():
    places = [(0, 2), (3, 5), (6, 8), (9, 11)]
    spans = [(0, 5, "PERSON"), (9, 11, "LOCATION")]
    row = tagged(places, spans)
    chances = certain(OURS, *(TAGS[tag] for tag in row))
    assert [(one.start, one.end, one.label) for one in OURS.spans(places, row, chances)] == spans


def test_a_token_partly_inside_a_span_belongs_to_it_and_a_label_of_others_is_left_out():
    assert [TAGS[tag] for tag in tagged([(0, 5), (6, 8)], [(2, 4, "PERSON"), (6, 8, "WORK")])] == ["S-PERSON", "O"]
    assert [TAGS[tag] for tag in tagged([(0, 5)], [(0, 2, "PERSON"), (3, 5, "LOCATION")])] == ["S-PERSON"]


def test_chances_are_probabilities():
    chances = log_softmax(np.array([[1000.0, 1000.0, -1000.0], [0.0, 1.0, 2.0]], np.float32))
    assert np.exp(chances).sum(1) == pytest.approx([1, 1])


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=drawn(60), deadline=None)
def test_what_all_tags_of_a_token_have_in_common_decides_nothing(length, seed):
    chance = np.random.default_rng(seed)
    logits = (chance.normal(size=(length, len(TAGS))) * 4).astype(np.float32)
    places = [(at, at + 1) for at in range(length)]

    def spelt(numbers):
        spans = OURS.spans(places, OURS.best(numbers), numbers)
        return [(one.start, one.end, one.label, pytest.approx(one.score, abs=1e-4)) for one in spans]

    assert spelt(logits) == spelt(log_softmax(logits))
