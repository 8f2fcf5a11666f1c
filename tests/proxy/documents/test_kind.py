"""A file is what its content says, whatever it is called; a name decides only where texts look alike."""

from proxy.documents.kind import kind_of
from tests.proxy.documents.files import coded, drawing, locked_word, pdf, tarred, word, zipped
from tests.rows import each

KINDS = {
    "zip": (zipped({"a": b""}), "zip"),
    "an empty zip": (zipped({}), "zip"),
    "Word": (word(["a"]), "zip"),
    "with a password": (locked_word("x"), "ole"),
    "PDF": (pdf("a"), "pdf"),
    "PDF behind other bytes": (b"\0" * 100 + pdf("a"), "pdf"),
    "tar": (tarred({"a": b"x"}), "tar"),
    **{name: (coded(drawing("x"), name), "picture") for name in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")},
    "RTF": (b"{\\rtf1 a}", "rtf"),
    "JSON": (b' {"a": 1}', "json"),
    "a page": (b"<!DOCTYPE html><p>", "html"),
    "XML": (b'<?xml version="1.0"?><a/>', "html"),
    "text": (b"hello", "text"),
    "nothing": (b"", "text"),
}


@each(("data", "want"), KINDS.values(), ids=KINDS.keys())
@each("name", ["", "photo.png", "notes.txt"])
def test_the_content_says_what_it_is(data: bytes, want: str, name: str):
    assert kind_of(data, name) == want


def test_a_name_decides_only_where_texts_look_alike():
    assert kind_of(b"<b>138</b>", "a.html") == "html"
    assert kind_of(b"<b>138</b>", "a.txt") == "text"
