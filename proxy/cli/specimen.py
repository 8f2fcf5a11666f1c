"""A picture with known words, read as the proxy reads pictures: does that work on this machine, and how fast?

Enters: the limits for reading files. Leaves: seconds, or nothing where the words were not found. That the time was over
is neither: a busy machine cannot tell.
"""

import io
import time
from typing import Final

from proxy.documents.document import Limits
from proxy.documents.reader import Reader

WORDS: Final = ("Specimen 13800138000", "Specimen 4111111111111111")
"""The first picture takes the loading of the models along, the second is timed."""


def legible_after(limits: Limits) -> float | None:
    """Return how long a process takes to read a picture once it has its models; None where it cannot.

    Raises `TimeoutError` where the time was over before that is known.
    """
    reader = Reader(limits)
    try:
        took = 0.0
        for words in WORDS:
            started = time.monotonic()
            document = reader.read(picture_of(words))
            took = time.monotonic() - started
            if any(one.reason == "too_slow" for one in document.opaque):
                raise TimeoutError
            if words.replace(" ", "") not in "".join(part.text for part in document.parts).replace(" ", ""):
                return None
        return took
    finally:
        reader.close()


def picture_of(words: str) -> bytes:
    """Return a picture of some words in Pillow's own font."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (600, 80), "white")
    ImageDraw.Draw(picture).text((20, 20), words, fill="black", font=ImageFont.load_default(28))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
