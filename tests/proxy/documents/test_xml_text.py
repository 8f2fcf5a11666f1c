"""XML is read with the place of every text, and nothing but the text is ever written anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.pieces import Piece, splice
from proxy.documents.reading import Unread
from proxy.documents.xml_text import as_utf8, attributes_in, local, walk, write_attribute, write_comment, write_text


class Heard:
    """Remembers everything."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.texts: list[Piece] = []
        self.notes: list[Piece] = []
        self.tags: list[tuple[str, bytes]] = []

    def start(self, name, _attributes, tag):
        self.tags.append((name, self.data[slice(*tag)]))

    def end(self, name):
        self.tags.append((f"/{name}", b""))

    def text(self, piece):
        self.texts.append(piece)

    def note(self, piece):
        self.notes.append(piece)


def hear(data: bytes) -> Heard:
    heard = Heard(data)
    walk(data, heard)
    return heard


def test_every_text_comes_whole_with_its_place():
    data = '<a><w:t xml:space="preserve">王&amp;&#49; <![CDATA[<x>]]>y</w:t>z<!-- c --><?go on?></a>'.encode()
    heard = hear(data)
    assert [piece.text for piece in heard.texts] == ["王&1 <x>y", "z"]
    assert [data[piece.start : piece.end].decode() for piece in heard.texts] == ["王&amp;&#49; <![CDATA[<x>]]>y", "z"]
    assert [piece.text for piece in heard.notes] == [" c ", "go on"]
    assert ("t", b'<w:t xml:space="preserve">') in heard.tags


REFUSED = {
    "entities": (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "entities"),
    "a billion laughs": (b'<!DOCTYPE a [<!ENTITY a "l"><!ENTITY b "&a;&a;">]><a>&b;</a>', "entities"),
    "a file of the machine": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "entities"),
    "a document type elsewhere": (b'<!DOCTYPE a SYSTEM "http://a.example/x.dtd"><a/>', "entities"),
    "another encoding": (b'<?xml version="1.0" encoding="big5"?><a/>', "encoding"),
    "an end too few": (b"<a><b></a>", "broken"),
    "a name nobody declared": (b"<a>&nbsp;</a>", "broken"),
    "two roots": (b"<a/><b/>", "broken"),
    "nothing": (b"", "broken"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_may_say_something_else_is_refused(data: bytes, reason: str):
    with pytest.raises(Unread) as caught:
        hear(data)
    assert caught.value.reason == reason


def test_utf16_is_read_as_utf8():
    data = as_utf8('<?xml version="1.0" encoding="UTF-16"?><a>张</a>'.encode("utf-16"))
    assert [piece.text for piece in hear(data).texts] == ["张"]
    with pytest.raises(Unread, match="broken"):
        as_utf8(b"\xff\xfea")


def test_the_values_of_attributes_have_places():
    data = b"<x  a='1' w:b = \"2\" />"
    found = [(name, data[start:end]) for name, start, end in attributes_in(data, (0, len(data)))]
    assert found == [("a", b"1"), ("w:b", b"2")]
    assert local("w:b") == "b" and local("b") == "b"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cc"]), min_size=1)


@given(TEXT)
def test_what_is_written_between_tags_is_read_again(new: str):
    data = b"<a><b>old</b>tail</a>"
    (piece, _) = hear(data).texts
    again = hear(splice(data, write_text(piece, new)))
    assert [one.text for one in again.texts] == [
        new.replace("\ufffe", "").replace("\uffff", ""),
        "tail",
    ] or not new.strip("\ufffe\uffff")


@given(TEXT, st.sampled_from("'\""))
def test_what_is_written_in_an_attribute_is_read_again(new: str, quote: str):
    data = f"<a x={quote}old{quote}/>".encode()
    ((_, start, end),) = attributes_in(data, (0, len(data)))
    seen = []
    heard = Heard(splice(data, write_attribute(Piece("old", start, end), new)))
    heard.start = lambda _name, attributes, _tag: seen.append(attributes["x"])  # type: ignore[method-assign]
    walk(heard.data, heard)
    assert seen == [new.replace("\ufffe", "").replace("\uffff", "")]


@given(st.text("-a>", max_size=9))
def test_a_comment_cannot_be_left(new: str):
    data = b"<a><!--old-->tail</a>"
    (piece,) = hear(data).notes
    again = hear(splice(data, write_comment(piece, new)))
    assert [one.text for one in again.texts] == ["tail"] and len(again.notes) == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes):
    try:
        hear(data)
        as_utf8(data)
    except Unread:
        pass
