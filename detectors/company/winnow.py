"""Fingerprints of texts by winnowing (Schleimer, Wilkerson and Aiken, 2003).

Enters: a text as `plain` returns it. Leaves: hashes of its k-grams, and which of them are its fingerprints. Pure. Of
any `window` k-grams in a row one is a fingerprint, so that two texts which share `size + window - 1` tokens in a row
always share a fingerprint, wherever they begin and end.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.company.mixing import Mixer, Places, Words
from detectors.company.tokens import Manner, Tokens


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of text is fingerprinted."""

    name: str
    manner: Manner
    size: int
    """Tokens of a k-gram: what is shorter than this is never recognised."""
    window: int
    """K-grams of which one is kept."""
    least: int
    """Weight of a passage that counts: two for an ideograph, one for each character of a word."""

    @property
    def reach(self) -> int:
        """Tokens that two matches of one passage may be apart."""
        return self.size + self.window


PROSE: Final = Shape("prose", Manner.PROSE, 9, 8, 60)
SOURCE: Final = Shape("source", Manner.SOURCE, 20, 10, 120)
"""Source code repeats itself in small, so that a longer piece must be the same."""
SHAPES: Final = (PROSE, SOURCE)
SHORT: Final = 4
"""Windows that a document must have to be worth choosing from."""

SOURCE_ENDINGS: Final = frozenset(
    (
        *("c", "h", "cc", "cpp", "cxx", "hpp", "cs", "java", "kt", "kts", "scala", "go", "rs", "swift", "m", "mm"),
        *("py", "pyi", "rb", "pl", "pm", "php", "lua", "r", "jl", "sh", "bash", "zsh", "ps1", "bat", "sql", "proto"),
        *("js", "jsx", "mjs", "cjs", "ts", "tsx", "vue", "svelte", "css", "scss", "less", "dart", "ex", "exs", "erl"),
        *("hs", "ml", "clj", "fs", "vb", "pas", "f90", "v", "sv", "vhd", "tf", "gradle", "groovy", "cmake", "mk"),
        *("xml", "json", "yaml", "yml", "toml", "ini", "cfg", "conf", "properties", "html", "htm", "ipynb"),
    )
)


def shape_of(name: str) -> Shape:
    """Return how the document of this file name is fingerprinted."""
    return SOURCE if name.rpartition(".")[2].lower() in SOURCE_ENDINGS else PROSE


def grams(tokens: Tokens, mixer: Mixer, size: int) -> Words:
    """Return the hash of every k-gram of `size` tokens, by the token it begins with."""
    begins, ends = tokens.windows(size)
    return mixer.pieces(mixer.sums(tokens.packed), begins, ends)


def kept(mixed: Words, shape: Shape) -> Words:
    """Return the fingerprints of a document; of a short one all k-grams, so that it is known by most of itself."""
    return mixed if len(mixed) <= SHORT * shape.window else mixed[chosen(mixed, shape.window)]


def chosen(mixed: Words, window: int) -> Places:
    """Return which of the k-grams are fingerprints: in each window the last of the least."""
    if len(mixed) <= window:
        last = len(mixed) - 1
        return np.array([last - int(mixed[::-1].argmin())], np.int64) if len(mixed) else np.zeros(0, np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(mixed, window)
    places: Places = np.arange(len(windows)) + (window - 1 - windows[:, ::-1].argmin(axis=1))
    return np.unique(places)
