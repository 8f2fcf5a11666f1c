"""Pictures: what is written in them, read by OCR, and what is written beside them in their metadata.

Enters: bytes of a picture, or a page as pixels. Leaves: text that cannot be put back. Too large, broken or, without
OCR, any picture cannot be looked into, but for icons, in which there is no room for words.
"""

import io
import warnings
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from proxy.documents.bundle import Bundle
from proxy.documents.document import Document
from proxy.documents.office_xml import xmp
from proxy.documents.reading import Reading, Unread
from proxy.documents.strings import strings

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
END_OF_PNG: Final = b"IEND\xaeB`\x82"
EXIF: Final = frozenset(
    {
        *("ImageDescription", "Artist", "Copyright", "UserComment", "DocumentName", "XPTitle", "XPComment", "XPAuthor"),
        *("XPKeywords", "XPSubject", "HostComputer", "CameraOwnerName", "PageName", "ImageHistory", "Make", "Model"),
    }
)
"""Names of fields that hold words."""

SAID: Final = frozenset({"comment", "xmp"})
"""Entries in bytes that are words."""
LOOKS: Final = frozenset({"srgb", "compression", "jfif_unit", "version"})
FIRST_OF_WINDOWS: Final = 0x9C9B

LETTER: Final = 5
"""Pixels of height that a letter needs."""
BESIDE: Final = 2048
"""Bytes of a small picture's file that are not its pixels."""

Image.MAX_IMAGE_PIXELS = None  # our own limit counts


def read_picture(data: bytes, reading: Reading) -> Document:
    """Return the picture's text; raises `Unread`."""
    bundle = Bundle(fixed=True)
    icon = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                bundle.say("@", "\n".join(filter(None, notes(picture, reading))))
                icon = is_icon(picture, data, reading)
                if icon:
                    picture.load()  # raises where it is broken
                    bundle.say("@bytes", "\n".join(strings(data)))
                elif reading.limits.ocr:
                    read_frames(picture, bundle, reading)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, IndexError):
        raise Unread("broken" if reading.limits.ocr else "picture") from None
    if not (icon or reading.limits.ocr):
        bundle.close("", "picture")
    if END_OF_PNG in data and data.rpartition(END_OF_PNG)[2].strip(b"\0\r\n"):
        bundle.close("", "hidden")
    return bundle.document("picture", data)


def is_icon(picture: Image.Image, data: bytes, reading: Reading) -> bool:
    """Tell whether a picture is too small for words, and has nothing else in its file that would be seen as one."""
    pixels = picture.width * picture.height
    small = pixels <= reading.limits.icon_pixels or (reading.limits.icon_pixels and min(picture.size) < LETTER)
    return bool(small) and getattr(picture, "n_frames", 1) == 1 and len(data) <= BESIDE + 4 * pixels


def read_frames(picture: Image.Image, bundle: Bundle, reading: Reading) -> None:
    """Add the text of every frame; raises `Unread`, and whatever the library does."""
    if picture.width * picture.height > reading.limits.pixels:
        raise Unread("too_large")
    frames = getattr(picture, "n_frames", 1)
    if frames > reading.limits.pages:
        raise Unread("too_many_pages")
    for number in range(frames):
        picture.seek(number)
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        read_pixels(np.asarray(flat(upright)), f"#{number}" if frames > 1 else "", bundle, reading)


def flat(picture: Image.Image) -> Image.Image:
    """Return a picture on white ground, or on black where nothing of it would be seen on white."""
    ground = Image.new("RGBA", picture.size, "white")
    on_white = Image.alpha_composite(ground, picture).convert("RGB")
    if on_white.getextrema() == ((255, 255),) * 3:
        ground.paste("black", (0, 0, *picture.size))
        return Image.alpha_composite(ground, picture).convert("RGB")
    return on_white


def read_pixels(pixels: NDArray[np.uint8], pointer: str, bundle: Bundle, reading: Reading) -> None:
    """Add the text of one picture, which is read once however often it comes; raises `Unread`."""
    from proxy.documents.ocr import recognise

    mark = blake2b(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    if mark not in reading.seen:
        reading.picture()
        reading.seen[mark] = recognise(pixels, reading.wait)
    seen = reading.seen[mark]
    reading.text(len(seen.text))
    bundle.say(pointer, seen.text)
    if seen.illegible:
        bundle.close(pointer, "illegible")


def notes(picture: Image.Image, reading: Reading) -> Iterator[str]:
    """Yield what is written beside the pixels."""
    for name, value in picture.info.items():
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) and name in SAID else value
        if isinstance(text, str) and name not in LOOKS:
            yield xmp(text, reading)
    exif = picture.getexif()
    for table in (exif, *map(exif.get_ifd, ExifTags.IFD)):
        for tag, value in table.items():
            if ExifTags.TAGS.get(tag) in EXIF:
                yield said(tag, value)


def said(tag: int, value: object) -> str:
    """Return a field of metadata as text; Windows writes its own in UTF-16."""
    if not isinstance(value, bytes):
        return str(value)
    return value.decode("utf-16-le" if tag >= FIRST_OF_WINDOWS else "utf-8", "replace").replace("\0", "")
