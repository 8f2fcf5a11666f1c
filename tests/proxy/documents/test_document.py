"""A file read: its texts go back, or it is said that they cannot."""

import pytest

from proxy.documents.document import Document, FixedText, Text, joined, sealed

PARTS = (Text("a", "one"), Text("b", "two", fixed=True))


def test_unchanged_texts_give_the_same_bytes_without_asking():
    assert Document("zip", b"data", PARTS).rewrite(["one", "two"]) == b"data"


def test_a_fixed_text_that_changes_is_an_error_and_never_lost():
    document = Document("zip", b"data", PARTS, write=lambda texts: "|".join(texts).encode())
    assert document.rewrite(["1", "two"]) == b"1|two"
    assert not document.rewritable
    with pytest.raises(FixedText):
        document.rewrite(["one", "2"])


def test_a_file_that_nobody_can_write_refuses_any_change():
    with pytest.raises(FixedText):
        Document("pdf", b"data", (Text("a", "one"),)).rewrite(["1"])


def test_a_sealed_file_has_a_reason_and_no_text():
    document = sealed("pdf", b"data", "encrypted")
    assert (document.parts, [(one.pointer, one.reason) for one in document.opaque]) == ((), [("", "encrypted")])


def test_no_text_is_shown_by_a_repr():
    assert "one" not in repr(Document("zip", b"secret", PARTS)) and "secret" not in repr(Document("zip", b"secret"))


@pytest.mark.parametrize(
    ("outer", "inner", "want"),
    [
        ("a.zip", "b.txt", "a.zip!b.txt"),
        ("word/document.xml", "#12", "word/document.xml#12"),
        ("word/document.xml", "@0", "word/document.xml@0"),
        ("", "b.txt", "b.txt"),
        ("a.zip", "", "a.zip"),
        ("a.zip!b.docx", "word/document.xml#1", "a.zip!b.docx!word/document.xml#1"),
    ],
)
def test_pointers_lead_from_the_outer_file_inwards(outer: str, inner: str, want: str):
    assert joined(outer, inner) == want
