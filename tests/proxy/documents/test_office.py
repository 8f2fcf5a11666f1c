"""Word, PowerPoint and OpenDocument files are read to the last corner, and open as before once they are rewritten."""

import io
from html import escape

import pytest
from docx import Document as Word
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx import Presentation

from detectors.company.labels import Labels
from proxy.documents.reading import Seen
from tests.proxy.documents.files import (
    PHONE,
    coded,
    drawing,
    everything,
    excel,
    members,
    open_document,
    read,
    reasons,
    redacted,
    slides,
    texts,
    word,
    zipped,
)
from tests.thorough import drawn

CORNERS = (
    *("word/footnotes.xml", "word/endnotes.xml", "word/footer3.xml", "word/comments.xml", "word/charts/chart1.xml"),
    *("word/diagrams/data1.xml", "customXml/item1.xml", "docProps/custom.xml", "word/glossary/document.xml"),
    *("ppt/notesSlides/notesSlide9.xml", "xl/threadedComments/threadedComment1.xml", "word/people.xml"),
)


@pytest.mark.parametrize("corner", CORNERS)
def test_no_corner_is_forgotten(corner: str):
    data = zipped({**members(word(["body"])), corner: f"<r><p><t>secret {PHONE}</t></p></r>".encode()})
    document = read(data)
    assert texts(document)[f"{corner}#0"] == f"secret {PHONE}"
    made = members(document.rewrite(redacted(document, {PHONE: "[P]"})))
    assert made[corner] == b"<r><p><t>secret [P]</t></p></r>"


LABELS = Labels("labels:MARKED", "MARKED", ("机密", "Highly Confidential"))
SENSITIVE = (
    '<Properties xmlns="p" xmlns:v="v"><property name="MSIP_Label_f42aa342-8706-4288-bd11-ebb85995028c_Name">'
    "<v:lpwstr>Highly Confidential</v:lpwstr></property></Properties>"
)


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        ("docProps/custom.xml", SENSITIVE),
        ("docProps/core.xml", "<c:coreProperties xmlns:c='c'><c:category>机密</c:category></c:coreProperties>"),
        (
            "docProps/core.xml",
            "<c:coreProperties xmlns:c='c'><c:keywords>密级：机密; 合同</c:keywords></c:coreProperties>",
        ),
        ("word/header1.xml", "<r><p><t>机密★10年</t></p></r>"),
    ],
)
def test_a_label_of_the_company_is_found_where_office_programs_put_it(part: str, xml: str):
    document = read(zipped({**members(word(["body"])), part: xml.encode()}))
    found = {one.pointer for one in document.parts if LABELS.find(one.text, LABELS.entities)}
    assert {pointer.partition("#")[0] for pointer in found} == {part}


def test_a_value_over_several_runs_is_found_and_replaced_and_the_runs_keep_their_look():
    data = word(["电话 138", "0013", "8000 谢谢"], header="页眉", author="李四")
    document = read(data)
    assert texts(document)["word/document.xml#0"] == f"电话 {PHONE} 谢谢"
    made = document.rewrite(redacted(document, {PHONE: "[P]", "李四": "[N]"}))
    (paragraph,) = Word(io.BytesIO(made)).paragraphs
    assert [(run.text, run.bold) for run in paragraph.runs] == [("电话 [P]", False), ("", True), (" 谢谢", False)]
    assert Word(io.BytesIO(made)).core_properties.author == "[N]"
    old, new = members(data), members(made)
    assert {name for name in old if old[name] != new[name]} == {"word/document.xml", "docProps/core.xml"}


def test_unchanged_texts_are_the_same_bytes():
    for data in (word(["a"]), excel([["a"]]), slides("a"), open_document("<text:p>a</text:p>")):
        document = read(data)
        assert document.rewrite([part.text for part in document.parts]) == data
        assert not document.opaque


def test_slides_and_their_notes():
    document = read(slides(f"标题 {PHONE}", f"备注 {PHONE}"))
    made = document.rewrite(redacted(document, {PHONE: "[P]"}))
    (slide,) = Presentation(io.BytesIO(made)).slides
    assert (slide.shapes.title.text, slide.notes_slide.notes_text_frame.text) == ("标题 [P]", "备注 [P]")
    assert document.kind == "pptx" and PHONE not in everything(read(made))


OPEN = {
    "odt": ("text", "<text:h>标题</text:h><text:p>138<text:span>0013</text:span>8000</text:p>", f"标题\n{PHONE}"),
    "ods": (
        "spreadsheet",
        f"<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>{PHONE}"
        "</text:p></table:table-cell></table:table-row>",
        f"a\t{PHONE}",
    ),
    "odp": ("presentation", f"<text:p>{PHONE}</text:p>", PHONE),
}


@pytest.mark.parametrize(("kind", "case"), OPEN.items())
def test_opendocument(kind: str, case: tuple[str, str, str]):
    family, body, want = case
    document = read(open_document(body, family))
    assert (document.kind, everything(document)) == (kind, want)
    made = document.rewrite(redacted(document, {PHONE: "[P]"}))
    assert next(iter(members(made))) == "mimetype" and everything(read(made)) == want.replace(PHONE, "[P]")


def test_embedded_files_are_read_and_rewritten_where_they_lie():
    data = zipped({**members(word(["outer"])), "word/embeddings/book.xlsx": excel([["inner", PHONE]])})
    document = read(data)
    assert texts(document)["word/embeddings/book.xlsx!xl/worksheets/sheet1.xml#0"] == f"inner\t{PHONE}"
    made = document.rewrite(redacted(document, {PHONE: "[P]"}))
    assert everything(read(members(made)["word/embeddings/book.xlsx"])).count("[P]") == 1


def test_macros_and_objects_cannot_be_looked_into():
    parts = members(word(["a"]))
    data = zipped(
        {**parts, "word/vbaProject.bin": b"\xd0\xcf\x11\xe0 AutoOpen http://a.example", "word/x.bin": b"\0\1\2"}
    )
    document = read(data)
    assert reasons(document) == [("word/vbaProject.bin", "macro"), ("word/x.bin", "unknown")]
    assert "AutoOpen" in texts(document)["word/vbaProject.bin"]


def test_printers_settings_are_no_secret_of_their_own():
    data = zipped(
        {**members(excel([["a"]])), "xl/printerSettings/printerSettings1.bin": "HP-张三-3F".encode("utf-16-le")}
    )
    document = read(data)
    assert not document.opaque and "HP-" in everything(document)


def test_old_drawings_may_be_ill_formed():
    data = zipped({**members(word(["a"])), "word/drawing1.vml": b"<xml><p>138<b>0013</b>8000<br></p></xml>"})
    document = read(data)
    assert (texts(document)["word/drawing1.vml#0"], document.opaque) == (PHONE, ())


BROKEN = {
    "a part cut short": (lambda parts: {**parts, "word/document.xml": parts["word/document.xml"][:-9]}, "broken"),
    "a part with entities": (
        lambda parts: {**parts, "word/document.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'},
        "entities",
    ),
}


@pytest.mark.parametrize(("breaks", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_part_that_cannot_be_read_is_told_and_the_others_are_read(breaks, reason: str):
    document = read(zipped(breaks(members(word(["a"], header="top")))))
    assert reasons(document) == [("word/document.xml", reason)]
    assert "top" in everything(document)


def test_a_part_in_utf16_is_read():
    parts = members(word(["a"]))
    wide = parts["word/document.xml"].decode().replace("UTF-8", "UTF-16").encode("utf-16")
    document = read(zipped({**parts, "word/document.xml": wide}))
    assert texts(document)["word/document.xml#0"] == "a"
    made = document.rewrite(redacted(document, {"a": "b"}))
    assert [one.text for one in Word(io.BytesIO(made)).paragraphs] == ["b"]


EMPTY = members(word())


def in_runs(paragraphs: list[list[str]]) -> bytes:
    """Return a document of paragraphs, each of runs."""
    body = "".join(
        f"<w:p>{''.join(f'<w:r><w:t>{escape(run)}</w:t></w:r>' for run in runs)}</w:p>" for runs in paragraphs
    )
    return (
        f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body>'
        "</w:document>"
    ).encode()


RUNS = st.lists(st.lists(st.text("ab张<& \t", max_size=5), min_size=1, max_size=4), min_size=1, max_size=4)


@settings(deadline=None, max_examples=drawn(25, 8))
@given(RUNS, st.data())
def test_any_value_over_any_runs_is_gone_from_the_file(paragraphs: list[list[str]], data):
    value = "秘密9X7"
    row = data.draw(st.integers(0, len(paragraphs) - 1))
    cut = data.draw(st.integers(0, len(value)))
    paragraphs[row] += [value[:cut], value[cut:]]
    document = read(zipped({**EMPTY, "word/document.xml": in_runs(paragraphs)}))
    assert value in everything(document)
    made = document.rewrite(redacted(document, {value: "[S_1]"}))
    again = read(made)
    assert [part.text for part in again.parts] == redacted(document, {value: "[S_1]"})
    assert [one.text for one in Word(io.BytesIO(made)).paragraphs][row].endswith("[S_1]")


def test_pictures_in_it_are_read_as_pictures_are(monkeypatch):
    monkeypatch.setattr("proxy.documents.ocr.recognise", lambda *_: Seen("seen"))
    document = read(word(["a"], picture=coded(drawing("x"))))
    assert {part.text for part in document.parts if part.fixed} == {"seen"}
    assert [part.pointer for part in document.parts if part.pointer.startswith("word/media/")] == [
        "word/media/image1.png"
    ]
    made = document.rewrite([part.text if part.fixed else part.text.replace("a", "b") for part in document.parts])
    assert Word(io.BytesIO(made)).paragraphs[0].text == "b"
