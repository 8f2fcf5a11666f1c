"""Inputs for a target: seeds and what was kept of earlier runs, changed in the usual ways.

Enters: a corpus, and chance. Leaves: bytes. With chance that hypothesis draws, hypothesis makes small what fails; with
Python's own, a hundred times as many inputs are tried in the same time, and `smaller` does that by hand.
"""

from collections.abc import Callable, Sequence
from random import Random

from hypothesis import strategies as st

SIGNS = (
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"#", b"%", b"&", b"=", b"<", b">", b"--", b"\r\n", b"\n\n"),
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\\ud800", b"1e999", b"NaN", b"-0", b"9" * 30, b"true", b"null", b" ", b"\t"),
    *("😀".encode(), "中".encode(), "\u202e".encode(), b"\xed\xa0\x80", b"\x80", b"\xc0\x80"),
)
"""What parsers stumble over."""
LONGEST = 1 << 16
"""Bytes of an input: what is longer only takes longer."""
MOST_CHANGES = 8
MOST_TRIES = 3000
"""Runs that making an input smaller may take."""


def change(chance: Random, corpus: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Return one of the corpus, changed here and there; now and then bytes from nothing."""
    if not corpus or chance.randrange(20) == 19:
        return chance.randbytes(chance.randrange(400))
    data = bytearray(chance.choice(corpus))
    for _ in range(chance.randrange(1 + MOST_CHANGES)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(9):
            case 0:
                data[at : at + chance.randrange(5)] = chance.randbytes(chance.randrange(5))
            case 1:
                data[at : at + chance.randrange(5)] = chance.choice(SIGNS)
            case 2 | 3 if words:
                data[at : at + chance.randrange(5)] = chance.choice(words)
            case 4 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 5:
                del data[at:]
            case 6:
                del data[at : at + chance.randrange(1, 64)]
            case 7:
                data[at:at] = bytes(data[at : at + chance.randrange(1, 64)]) * chance.randrange(1, 4)
            case _:
                other = chance.choice(corpus)
                start = chance.randrange(len(other) + 1)
                data[at:at] = other[start : start + chance.randrange(1, 200)]
    return bytes(data[:LONGEST])


def inputs(corpus: Sequence[bytes], words: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return the same as a strategy."""
    return st.randoms(use_true_random=False).map(lambda chance: change(chance, corpus, words))


def smaller(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """Return as small a part of `data` as fails, too: piece after piece is left out, ever smaller ones."""
    size, tries = len(data) // 2, 0
    while size and tries < MOST_TRIES:
        at = 0
        while at < len(data) and tries < MOST_TRIES:
            tries += 1
            shorter = data[:at] + data[at + size :]
            if fails(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data
