"""PDF files are read beyond what their pages show, and never written."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.annotations import FreeText
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from proxy.documents.document import FixedText, Limits
from tests.proxy.documents.files import (
    PHONE,
    everything,
    locked_pdf,
    pdf,
    read,
    reasons,
    redacted,
    texts,
    with_attachment,
    word,
)
from tests.thorough import drawn

PAGE = f"客户张三 电话 {PHONE}"


def with_writer(change) -> bytes:
    """Return a PDF file that a writer has changed."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(PAGE))))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_pages_bookmarks_and_properties_are_read():
    document = read(pdf(PAGE, "second page, with enough words on it", author="李四", bookmark="书签 secret"))
    found = texts(document)
    assert (document.kind, document.opaque) == ("pdf", ())
    assert found["#page1"].strip() == PAGE
    assert "second page" in found["#page2"]
    assert "李四" in found["@"] and "书签 secret" in found["@"]


def test_it_cannot_be_written():
    document = read(pdf(PAGE))
    assert not document.rewritable
    with pytest.raises(FixedText):
        document.rewrite(redacted(document, {PHONE: "[P]"}))


UNSEEN = {
    "a comment": lambda writer: writer.add_annotation(0, FreeText(text="secret words", rect=(0, 0, 9, 9))),
    "a property of one's own": lambda writer: writer.add_metadata({"/Classification": "secret words"}),
    "an object that nothing points to": lambda writer: writer._add_object(
        DictionaryObject({NameObject("/V"): TextStringObject("secret words")})
    ),
    "metadata": lambda writer: setattr(
        writer, "xmp_metadata", b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns="u">secret words</a></x:xmpmeta>'
    ),
}


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_no_page_shows_is_read(change):
    assert "secret words" in everything(read(with_writer(change)))


def test_attached_files_are_read_as_the_files_that_they_are():
    document = read(with_attachment("a.docx", word(["tel 138", "0013", "8000"])))
    assert f"tel {PHONE}" in everything(document) and "a.docx" in everything(document)
    assert not document.opaque


def test_scripts_are_told_and_their_words_read():
    document = read(with_writer(lambda writer: writer.add_open_action(JavaScript("app.alert('secret words')"))))
    assert {reason for _, reason in reasons(document)} == {"script"}
    assert "secret words" in everything(document)


UNREAD = {
    "a password": (locked_pdf("pass"), Limits(), "encrypted"),
    "the head alone": (pdf(PAGE)[:60], Limits(), "broken"),
    "too many pages": (pdf(PAGE, PAGE, PAGE), Limits(pages=2), "too_many_pages"),
    "too much text": (pdf(PAGE), Limits(characters=5), "too_large"),
}


@pytest.mark.parametrize(("data", "limits", "reason"), UNREAD.values(), ids=UNREAD.keys())
def test_what_cannot_be_read_says_why(data: bytes, limits: Limits, reason: str):
    assert reasons(read(data, "", limits)) == [("", reason)]


def test_a_file_that_only_its_owner_may_change_is_read():
    data = with_writer(lambda writer: writer.encrypt("", "owner", algorithm="AES-256"))
    assert PHONE in everything(read(data))


def test_dates_and_names_of_programs_are_left_out():
    said = texts(read(pdf(PAGE))).get("@", "")
    assert "D:20" not in said and "ReportLab" not in said


@settings(deadline=None, max_examples=drawn(40))
@given(st.randoms(use_true_random=False))
def test_a_damaged_file_is_read_or_told(chance: random.Random):
    data = bytearray(pdf(PAGE))
    for _ in range(chance.randrange(1, 9)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    document = read(bytes(data), "", Limits(ocr=False, seconds=100))
    assert document.parts or document.opaque
