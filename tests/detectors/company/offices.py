"""Office documents and PDF files, as small as they can be."""

import io
import zipfile
from xml.sax.saxutils import escape

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def archive(parts: dict[str, str | bytes]) -> bytes:
    """Return a ZIP archive of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


def paragraphs(*lines: str) -> str:
    return "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)


def docx(
    *lines: str, header: str = "", custom: dict[str, str] | None = None, core: dict[str, str] | None = None
) -> bytes:
    """Return a Word document."""
    parts: dict[str, str | bytes] = {"word/document.xml": f"<w:document {WORD}>{paragraphs(*lines)}</w:document>"}
    if header:
        parts["word/header1.xml"] = f"<w:hdr {WORD}>{paragraphs(header)}</w:hdr>"
    if custom:
        each = "".join(
            f'<p:property name="{name}"><v:lpwstr>{value}</v:lpwstr></p:property>' for name, value in custom.items()
        )
        parts["docProps/custom.xml"] = f'<p:Properties xmlns:p="p" xmlns:v="v">{each}</p:Properties>'
    if core:
        each = "".join(f"<c:{name}>{escape(value)}</c:{name}>" for name, value in core.items())
        parts["docProps/core.xml"] = f'<c:coreProperties xmlns:c="c">{each}</c:coreProperties>'
    return archive(parts)


def xlsx(*cells: str) -> bytes:
    """Return a workbook."""
    each = "".join(f"<si><t>{escape(cell)}</t></si>" for cell in cells)
    return archive({"xl/sharedStrings.xml": f"<sst {SHEET}>{each}</sst>"})


def pptx(*lines: str) -> bytes:
    """Return a presentation of one slide."""
    each = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines)
    return archive({"ppt/slides/slide1.xml": f'<p:sld xmlns:p="p" {DRAWING}>{each}</p:sld>'})
