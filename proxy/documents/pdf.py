"""PDF files: the text of pages as they are shown, pages without text by OCR, and every string of every object.

Enters: bytes. Leaves: a document whose text cannot be put back. Comments, forms, bookmarks, properties, alternative
texts are strings of objects, whether a page shows them or not, and all are read; attached files are read as the files
that they are. Scripts and forms of the XFA kind cannot be looked into.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pypdfium2
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from proxy.adapters.carries import carries
from proxy.documents.bundle import Bundle
from proxy.documents.document import Document, sealed
from proxy.documents.office_xml import xmp
from proxy.documents.picture import read_pixels
from proxy.documents.reading import Reading, Unread

PAGE: Final = 2_000
"""Pixels of the longer side of a page that is read by OCR."""
LEAST_PICTURE: Final = 0.02
"""Share of a page that a picture must cover to be read: smaller ones are logos and lines."""
LEAST_TEXT: Final = 12
"""Characters below which a page with drawings on it may be a scan, or letters drawn as lines."""
ODD: Final = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff\ufffe\uffff]")
"""Characters that stand for glyphs whose meaning the file does not tell."""
MOST_ODD: Final = 0.1
BROKEN: Final = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, AssertionError)
BROKEN_TOO: Final = (*BROKEN, NotImplementedError, ZeroDivisionError, OverflowError, UnicodeError, StopIteration)
ENCRYPTED: Final = "password"
DEEPEST: Final = 50
DATE: Final = re.compile(r"D:[0-9]{4,14}[0-9Z+'-]*")
RUN: Final = frozenset({"/XFA", "/JS"})
"""Entries of what is a program, or a form with one."""
MARK: Final = "/ID"
"""Entry that holds a number of the file."""
OURS: Final = frozenset({"/Producer", "/Creator", "/Registry", "/Ordering", "/Lang"})
"""Entries that the program writes: read unless they are a plain name."""
PACKET: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?<(?:\?xpacket|x:xmpmeta|rdf:RDF)")
"""How a stream of metadata begins, whatever type it says it has."""
PICTURES: Final = frozenset({"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"})


def read_pdf(data: bytes, reading: Reading) -> Document:
    """Return the file's text; raises `Unread`."""
    bundle = Bundle(fixed=True)
    try:
        pages = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return sealed("pdf", data, "encrypted" if ENCRYPTED in str(error).lower() else "broken")
    try:
        if len(pages) > reading.limits.pages:
            raise Unread("too_many_pages")
        for number in range(len(pages)):
            reading.wait()
            read_page(pages, number, bundle, reading)
    except pypdfium2.PdfiumError:
        bundle.close("", "broken")
    finally:
        pages.close()
    read_objects(data, bundle, reading)
    return bundle.document("pdf", data)


def read_page(pages: pypdfium2.PdfDocument, number: int, bundle: Bundle, reading: Reading) -> None:
    """Add the text of a page, and of the pictures on it."""
    page = pages[number]
    pointer = f"#page{number + 1}"
    text = page.get_textpage().get_text_range()
    reading.text(len(text))
    bundle.say(pointer, text.replace("\ufffe", "").replace("\r\n", "\n"))
    if not must_be_seen(page, text):
        return
    if not reading.limits.ocr:
        bundle.close(pointer, "picture")
        return
    try:
        pixels = page.render(scale=PAGE / max(*page.get_size(), 1.0)).to_numpy()
        read_pixels(rgb(pixels), f"{pointer}/picture", bundle, reading)
    except Unread as error:
        bundle.close(pointer, error.reason)


def must_be_seen(page: pypdfium2.PdfPage, text: str) -> bool:
    """Tell whether there may be more written on a page than its text says."""
    signs = len("".join(text.split()))
    if signs and len(ODD.findall(text)) > MOST_ODD * signs:
        return True
    width, height = page.get_size()
    drawn = False
    for thing in page.get_objects(max_depth=3):
        if thing.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = thing.get_bounds()
            if abs((right - left) * (top - bottom)) >= LEAST_PICTURE * width * height:
                return True
        drawn = drawn or thing.type in (pypdfium2.raw.FPDF_PAGEOBJ_PATH, pypdfium2.raw.FPDF_PAGEOBJ_SHADING)
    return drawn and signs < LEAST_TEXT


def rgb(pixels: Any) -> Any:
    """Return pixels as red, green and blue, whatever the page was rendered in."""
    if pixels.ndim == 2:
        return np.stack([pixels] * 3, axis=-1)
    return np.ascontiguousarray(pixels[:, :, 2::-1])


def read_objects(data: bytes, bundle: Bundle, reading: Reading) -> None:
    """Add every string of every object, and the attached files; note what cannot be read."""
    said: dict[str, None] = {}
    try:
        file = PdfReader(io.BytesIO(data), strict=False)
        if file.is_encrypted and not file.decrypt(""):
            bundle.close("@", "encrypted")
            return
        for number, thing in enumerate(objects(file)):
            reading.wait()
            _take(thing, f"@object{number}", said, bundle, reading)
    except RecursionError:
        bundle.close("@", "too_deep")
    except BROKEN_TOO:
        bundle.close("@", "broken")
    text = "\n".join(said)
    reading.text(len(text))
    bundle.say("@", text)


def objects(file: PdfReader) -> Iterator[Any]:
    """Yield every object that the file's table of objects knows, in its latest and all earlier generations."""
    yield file.trailer
    wanted = {(number, generation) for generation, table in file.xref.items() for number in table}
    wanted |= {(number, 0) for number in file.xref_objStm}
    for number, generation in sorted(wanted):
        if number:
            yield file.get_object(IndirectObject(number, generation, file))


def _take(thing: Any, pointer: str, said: dict[str, None], bundle: Bundle, reading: Reading) -> None:
    if isinstance(thing, StreamObject):
        if thing.get("/Type") == "/EmbeddedFile" or "/Params" in thing:
            bundle.add(pointer, reading.within(thing.get_data(), ""))
        elif PACKET.match(plain_data(thing)):
            said[xmp(thing.get_data().decode("utf-8", "replace"), reading)] = None
    for text in strings_of(thing):
        said[text] = None
    if isinstance(thing, DictionaryObject) and (RUN & thing.keys() or thing.get("/S") == "/JavaScript"):
        bundle.close(pointer, "script")


def plain_data(stream: StreamObject) -> bytes:
    """Return what is in a stream; of a picture nothing, for it is seen on its page."""
    filters = stream.get("/Filter", ())
    named = {str(one) for one in (filters if isinstance(filters, ArrayObject) else (filters,))}
    return b"" if named & PICTURES or stream.get("/Subtype") == "/Image" else bytes(stream.get_data())


def strings_of(thing: Any, depth: int = 0) -> Iterator[str]:
    """Yield the strings in an object, those of other objects left out."""
    if depth > DEEPEST:
        raise Unread("too_deep")
    if isinstance(thing, TextStringObject):
        if thing.strip() and not DATE.fullmatch(thing):
            yield str(thing)
    elif isinstance(thing, DictionaryObject):
        for key in thing:
            if key != MARK and not (key in OURS and plain(thing.raw_get(key))):
                yield from strings_of(thing.raw_get(key), depth + 1)
    elif isinstance(thing, ArrayObject):
        for index in range(len(thing)):
            yield from strings_of(list.__getitem__(thing, index), depth + 1)


def plain(value: Any) -> bool:
    """Tell whether a string is nothing but a program's name."""
    return isinstance(value, ByteStringObject) or (isinstance(value, str) and value.isascii() and not carries(value))
