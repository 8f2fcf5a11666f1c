"""Chinese and English text in pictures, by PaddlePaddle's models on the runtime that the models for names use, too.

Enters: pixels. Leaves: lines of text from top to bottom, and whether some of it cannot be made out. The models come
with the package that runs them; nothing is fetched. Only a process of its own imports this.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.documents.reading import Seen, Unread

TILE: Final = 2_000
"""Pixels of a side that the models take without making it smaller."""
ENLARGED: Final = 736
"""Pixels of a side up to which the models enlarge a picture."""
SLACK: Final = 200
"""Pixels that a tile may have beyond: it is made a little smaller, and stays one."""
OVERLAP: Final = 160
"""Pixels that tiles share: as wide as a card number in small print."""
LARGEST: Final = 4_000
"""Pixels of the longer side; a larger picture is made smaller, and print is still large enough."""
SMALLEST: Final = 8
"""Pixels of a side below which nothing can be read."""
SURE: Final = 0.9
"""Confidence from which a line counts as read: of clear print it is 0.97, of letters four pixels high 0.86."""
MOST_UNSURE: Final = 0.4
"""Share of a picture's lines that may be unsure: patterns and foliage look like writing here and there."""
MOST_THREADS: Final = 4

type Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Line:
    """Some words in a row, and where they stand."""

    text: str = field(repr=False)
    score: float
    left: float
    top: float
    bottom: float


@cache
def engine() -> Any:
    """Return the models, loaded once; raises `Unread` where they cannot be."""
    try:
        from detectors.ner.runtime import onnxruntime  # noqa: F401  # before RapidOCR imports it, and it tells its maker
        from rapidocr import RapidOCR  # isort: skip

        models = Path(str(files("rapidocr") / "models"))
        named = {part: next(models.glob(f"*_{part}_*.onnx")) for part in ("det", "rec", "cls")}
        threads = min(os.cpu_count() or 1, MOST_THREADS)
        return RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.text_score": 0.0,
                "Global.max_side_len": TILE,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                **{f"{part.capitalize()}.model_path": str(path) for part, path in named.items()},
            }
        )
    except Exception:
        raise Unread("picture") from None


def recognise(pixels: Pixels, wait: Callable[[], None]) -> Seen:
    """Return what is written; `wait` is called between steps, and raises once the time is over. Raises `Unread`."""
    if min(pixels.shape[:2]) < SMALLEST:
        return Seen("")
    lines: list[Line] = []
    for tile, left, top in tiles(shrunk(pixels)):
        wait()
        if tile.min() != tile.max():
            lines += _read(tile, left, top)
    sure = [line for line in lines if line.score >= SURE]
    unsure = len(lines) - len(sure)
    return Seen(laid_out(lines), unsure > 1 and unsure > MOST_UNSURE * len(lines))


def shrunk(pixels: Pixels) -> Pixels:
    """Return the picture, made smaller if it is larger than print needs."""
    height, width = pixels.shape[:2]
    if max(height, width) <= LARGEST:
        return pixels
    scale = LARGEST / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def tiles(pixels: Pixels) -> Iterator[tuple[Pixels, int, int]]:
    """Yield the picture in overlapping tiles, with the place of each."""
    height, width = pixels.shape[:2]
    for top, below in stretches(height):
        for left, right in stretches(width):
            yield pixels[top:below, left:right], left, top


def widened(tile: Pixels) -> Pixels:
    """Return a thin tile with its last rows or columns repeated, so that nothing in it moves.

    The models enlarge what has a side shorter than `ENLARGED`, with both its sides: a line of 1,600 by 200 pixels would
    be read with the work of four larger pages. Up to a longer side of `TILE` pixels they may, which helps small print.
    """
    least = min(ENLARGED, -(-max(tile.shape[:2]) * ENLARGED // TILE))
    missing = [(0, max(0, least - side)) for side in tile.shape[:2]]
    return np.pad(tile, (*missing, (0, 0)), mode="edge") if any(more for _, more in missing) else tile


def stretches(size: int) -> Iterator[tuple[int, int]]:
    """Yield where tiles begin and end: as few as can be, of one length, each sharing some pixels with the next."""
    count = max(1, -(-(size - OVERLAP) // (TILE + SLACK - OVERLAP)))
    length = -(-(size + (count - 1) * OVERLAP) // count)
    for number in range(count):
        start = number * (length - OVERLAP)
        yield start, min(start + length, size)


def _read(tile: Pixels, left: int, top: int) -> Iterator[Line]:
    try:
        found = engine()(np.ascontiguousarray(widened(tile)[:, :, ::-1]))  # the models know blue, green, red
    except Unread:
        raise
    except Exception:
        raise Unread("failed") from None
    if found.txts is None or found.boxes is None:
        return
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        xs, ys = [float(x) for x, _ in box], [float(y) for _, y in box]
        yield Line(text, float(score), min(xs) + left, min(ys) + top, max(ys) + top)


def laid_out(lines: list[Line]) -> str:
    """Return the lines from top to bottom; what stands in one row is in one line."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: (one.top + one.bottom, one.left)):
        middle = (line.top + line.bottom) / 2
        if rows and rows[-1][0].top <= middle <= rows[-1][0].bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return "\n".join("  ".join(one.text for one in sorted(row, key=lambda one: one.left)) for row in rows)
