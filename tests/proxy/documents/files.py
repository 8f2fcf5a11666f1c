"""Real files, made by the libraries that people's programs are made of."""

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import xlsxwriter
from docx import Document as Word
from docx.shared import Inches
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from openpyxl.comments import Comment
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pypdf import PdfReader, PdfWriter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from proxy.documents.document import Document, Limits
from proxy.documents.read import read_document

PHONE = "13800138000"
PATIENT = Limits(seconds=100)
"""A busy machine must not make a test fail."""
CHINESE_FONTS = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
OPEN_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.3"><office:body>{}</office:body>'
    "</office:document-content>"
)


def read(data: bytes, name: str = "", limits: Limits = PATIENT) -> Document:
    """Read a file here, with much patience."""
    return read_document(data, name, limits)


def texts(document: Document) -> dict[str, str]:
    """Return all texts by pointer."""
    return {part.pointer: part.text for part in document.parts}


def everything(document: Document) -> str:
    """Return all text."""
    return "\n".join(part.text for part in document.parts)


def reasons(document: Document) -> list[tuple[str, str]]:
    """Return what could not be looked into, and why."""
    return [(one.pointer, one.reason) for one in document.opaque]


def redacted(document: Document, values: Mapping[str, str]) -> list[str]:
    """Return all texts with values replaced."""
    return [reduce(lambda text, one: text.replace(*one), values.items(), part.text) for part in document.parts]


def saved(file: object) -> bytes:
    """Return the bytes of what has a method `save`."""
    out = io.BytesIO()
    file.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def without_preview(relations: Any) -> None:
    """Take the small picture of the first page out of a package: reading it takes longer than all the rest."""
    for key in [key for key, each in relations.items() if each.reltype.endswith("/thumbnail")]:
        relations.pop(key)


def word(*paragraphs: Sequence[str], header: str = "", author: str = "", picture: bytes = b"") -> bytes:
    """Return a Word file; each paragraph is a row of runs, every second of them bold."""
    file = Word()
    for runs in paragraphs:
        paragraph = file.add_paragraph()
        for number, run in enumerate(runs):
            paragraph.add_run(run).bold = bool(number % 2)
    if header:
        file.sections[0].header.paragraphs[0].text = header
    if picture:
        file.add_picture(io.BytesIO(picture), width=Inches(2))
    file.core_properties.author = author
    without_preview(file.part.package.rels)
    return saved(file)


def excel(rows: Sequence[Sequence[object]], hidden: str = "", comment: str = "") -> bytes:
    """Return a workbook, with a hidden sheet and a comment if there is text for them."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if comment:
        sheet["A1"].comment = Comment(comment, "Reviewer")
    if hidden:
        other = book.create_sheet("other")
        other.sheet_state = "hidden"
        other["A1"] = hidden
    return saved(book)


def shared_excel(rows: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook whose cells share their texts, as Excel itself writes it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def slides(title: str, notes: str = "") -> bytes:
    """Return a presentation of one slide."""
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[0])
    slide.shapes.title.text = title
    slide.notes_slide.notes_text_frame.text = notes
    without_preview(show.part.package._rels)
    return saved(show)


def open_document(body: str, kind: str = "text") -> bytes:
    """Return an OpenDocument file with this XML in its body."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": OPEN_DOCUMENT.format(body).encode(),
        }
    )


def zipped(members: Mapping[str, bytes], comment: bytes = b"") -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, content in members.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """Return what is in a ZIP archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    """Return a TAR archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def locked_word(password: str) -> bytes:
    """Return a Word file that opens with a password."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(word(["secret"]))).encrypt(password, out)
    return out.getvalue()


def pdf(*pages: str | Image.Image, author: str = "", bookmark: str = "") -> bytes:
    """Return a PDF file; a page is a line of text, or a picture as a scanner makes it."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setAuthor(author)
    for page in pages:
        if isinstance(page, str):
            canvas.setFont("STSong-Light", 14)
            canvas.drawString(50, 700, page)
        else:
            canvas.drawInlineImage(page, 40, 300, 500, 500 * page.height / page.width)
        if bookmark:
            canvas.bookmarkPage("here")
            canvas.addOutlineEntry(bookmark, "here")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def locked_pdf(password: str) -> bytes:
    """Return a PDF file that opens with a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("secret"))))
    writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_attachment(name: str, content: bytes) -> bytes:
    """Return a PDF file that carries another file."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("a page with more than a few words on it"))))
    writer.add_attachment(name, content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


HIGH = 740
"""Pixels; what is lower the models enlarge, which takes them four times as long."""


def drawing(*lines: str, size: int = 28, chinese: bool = False, least: int = HIGH) -> Image.Image:
    """Return a picture of some lines of text, at least so high."""
    font = ImageFont.load_default(size)
    if chinese:
        font = ImageFont.truetype(str(next(path for path in CHINESE_FONTS if path.exists())), size)
    picture = Image.new("RGB", (900, max(least, 40 + 2 * size * len(lines))), "white")
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        pen.text((20, 20 + 2 * size * number), line, font=font, fill="black")
    return picture


def coded(picture: Image.Image, format: str = "PNG", **options: object) -> bytes:
    """Return the bytes of a picture."""
    out = io.BytesIO()
    picture.save(out, format, **options)  # type: ignore[arg-type]
    return out.getvalue()
