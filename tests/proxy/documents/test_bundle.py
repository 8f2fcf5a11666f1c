"""Files within a file make one document, and a change finds the member it belongs to."""

import pytest

from proxy.documents.bundle import Bundle, whole
from proxy.documents.document import Document, FixedText, Opaque, Text


def upper(texts):
    return "|".join(texts).upper().encode()


def test_members_texts_come_in_order_and_only_changed_members_are_written():
    bundle = Bundle()
    bundle.add("a", Document("text", b"1", (Text("#0", "x"), Text("#1", "y")), write=upper))
    bundle.say("@", "note")
    bundle.add("b", Document("text", b"2", (Text("", "z"),), (Opaque("q", "broken"),), write=upper))
    bundle.close("c", "encrypted")
    document = bundle.document("zip", b"data")
    assert [(part.pointer, part.text, part.fixed) for part in document.parts] == [
        ("a#0", "x", False),
        ("a#1", "y", False),
        ("@", "note", True),
        ("b", "z", False),
    ]
    assert [(one.pointer, one.reason) for one in document.opaque] == [("b!q", "broken"), ("c", "encrypted")]
    assert list(bundle.changed(["x", "y", "note", "new"])) == [("b", b"NEW")]
    assert list(bundle.changed(["x", "new", "note", "z"])) == [("a", b"X|NEW")]


def test_what_cannot_be_put_back_is_fixed_all_the_way_up():
    bundle = Bundle(fixed=True)
    bundle.add("a", Document("text", b"1", (Text("", "x"),), write=upper))
    document = bundle.document("tar", b"data")
    assert not document.rewritable
    with pytest.raises(FixedText):
        document.rewrite(["new"])


@pytest.mark.parametrize(("text", "want"), [("a\ud83d\ude00b", "a😀b"), ("\ud83d", "�"), ("张", "张")])
def test_no_half_of_a_character_is_handed_on(text: str, want: str):
    assert whole(text) == want
