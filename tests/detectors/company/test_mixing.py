"""Equal pieces have equal hashes wherever they stand, others do not, and the filter forgets nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.company.mixing import Mixer, digests, digests_of_hashes, fill, filter_bits, known
from detectors.company.tokens import codes_of

MIXER = Mixer(b"k" * 32)


def of(text: str, begin: int, end: int, mixer: Mixer = MIXER) -> int:
    mixed = mixer.pieces(mixer.sums(codes_of(text)), np.array([begin]), np.array([end]))
    return int(mixed[0])


@given(st.text(max_size=2000), st.text(min_size=1, max_size=40), st.text(max_size=50))
def test_a_piece_has_the_same_hash_wherever_it_stands(before, piece, after):
    try:
        text = f"{before}{piece}{after}"
        text.encode()
    except UnicodeEncodeError:
        return
    assert of(text, len(before), len(before) + len(piece)) == of(piece, 0, len(piece))


@given(st.lists(st.text("ab华星0", min_size=1, max_size=6), unique=True, min_size=2, max_size=40))
def test_different_pieces_have_different_hashes_and_digests(pieces):
    text = "".join(pieces)
    ends = np.cumsum([len(one) for one in pieces])
    begins = ends - [len(one) for one in pieces]
    mixed = MIXER.pieces(MIXER.sums(codes_of(text)), begins, ends)
    for made in (mixed, digests(b"k" * 32, codes_of(text), begins, ends), digests_of_hashes(b"k" * 32, mixed)):
        assert len(set(made.tolist())) == len(pieces)


def test_another_key_gives_other_hashes_and_digests():
    other, codes = Mixer(b"x" * 32), codes_of("华星")
    place = np.array([0]), np.array([2])
    assert of("华星", 0, 2) != of("华星", 0, 2, other)
    assert digests(b"k" * 32, codes, *place) != digests(b"x" * 32, codes, *place)
    hashes = np.array([7], np.uint64)
    assert digests_of_hashes(b"k" * 32, hashes) != digests_of_hashes(b"x" * 32, hashes)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=300))
def test_the_filter_knows_all_that_was_filled_in(numbers):
    mixed = np.array(numbers, np.uint64)
    assert known(MIXER, fill(MIXER, [mixed], filter_bits(len(mixed))), mixed).all()


def test_the_filter_passes_few_others():
    mixed = np.random.default_rng(1).integers(0, 2**63, 20_000).astype(np.uint64)
    filtered = fill(MIXER, [mixed[:10_000]], filter_bits(10_000))
    assert known(MIXER, filtered, mixed[10_000:]).mean() < 0.05
    assert not known(MIXER, fill(MIXER, [], filter_bits(0)), mixed).any()
