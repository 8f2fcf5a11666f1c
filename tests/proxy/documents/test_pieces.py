"""A text of many pieces reads as one, and a new text finds its way back into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.document import FixedText, Limits
from proxy.documents.pieces import LONGEST, Piece, Weaver, distribute, edits, sign, splice, woven
from proxy.documents.reading import Reading


def put(piece: Piece, new: str):
    yield piece.start, piece.end, new.encode()


def pieces(*texts: str) -> list[Piece]:
    """Return pieces that stand one after the other; `|x` is a sign, `!x` cannot be changed."""
    made, at = [], 0
    for text in texts:
        if text.startswith("|"):
            made.append(sign(text[1:]))
        elif text.startswith("!"):
            made.append(Piece(text[1:]))
        else:
            made.append(Piece(text, at, at + len(text.encode()), put))
            at += len(text.encode())
    return made


def after(row: list[Piece], new: str) -> list[str]:
    """Return what the pieces say once the whole reads `new`."""
    fresh = {id(piece): text for piece, text in distribute(row, new)}
    return [fresh.get(id(piece), piece.text) for piece in row]


SPLIT = {
    "in one piece": (["call ", "138", " now"], "call [P] now", ["call ", "[P]", " now"]),
    "over three pieces": (["电话 138", "0013", "8000 谢谢"], "电话 [PHONE_1] 谢谢", ["电话 [PHONE_1]", "", " 谢谢"]),
    "two in a row": (["a@b.com", "c@d.com"], "[A][B]", ["[A][B]", ""]),
    "over a tab": (["张", "|\t", "三"], "[P]", ["[P]", "\t", ""]),
    "lines stay where they are": (["a", "|\n", "x1", "|\n", "b"], "a\n[P]\nb", ["a", "\n", "[P]", "\n", "b"]),
    "a line less": (["a", "|\n", "b", "|\n", "c"], "a\n[P]", ["a", "\n", "[P]", "\n", ""]),
    "more lines than before": (["a", "|\n", "b"], "a\nx\ny\nb", ["a", "\n", "x\ny\nb"]),
    "nothing left": (["ab", "cd"], "", ["", ""]),
    "into nothing": ([""], "new", ["new"]),
}


@pytest.mark.parametrize(("texts", "new", "want"), SPLIT.values(), ids=SPLIT.keys())
def test_what_is_new_goes_to_the_first_piece_it_touches(texts: list[str], new: str, want: list[str]):
    assert after(pieces(*texts), new) == want


def test_a_piece_that_cannot_be_written_and_would_have_to_be_is_an_error():
    row = pieces("a ", "!138", " b")
    assert after(row, "a 138 c") == ["a ", "138", " c"]
    with pytest.raises(FixedText):
        after(row, "a [P] b")
    with pytest.raises(FixedText):
        after(pieces("|\t"), "x")


WORDS = st.lists(st.text("ab张 1", max_size=4), min_size=1, max_size=8)


@given(WORDS, st.data())
def test_the_pieces_together_say_exactly_the_new_text(words: list[str], data):
    row = pieces(*words)
    old = "".join(words)
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    new = old[:start] + data.draw(st.sampled_from(["[P]", "", "x y", "张"])) + old[end:]
    assert "".join(after(row, new)) == new
    changes = edits([woven_of(row)], [new]).get("", [])
    assert splice("".join(words).encode(), changes).decode() == new


@given(
    st.lists(st.sampled_from(["a", "b张", "|\n", "|\t"]), min_size=1),
    st.lists(st.sampled_from("abc\n\t张"), max_size=9),
)
def test_of_a_text_that_is_all_new_no_old_word_is_left(words: list[str], new: list[str]):
    row = pieces(*words)
    text = "".join(new)
    if any(piece.write for piece in row):
        kept = "".join(text for piece, text in zip(row, after(row, text), strict=True) if not piece.sign)
        assert not set(kept) - set(text)


def woven_of(row: list[Piece]):
    weaver = Weaver("#", reading())
    for piece in row:
        weaver.add(piece)
    (made,) = weaver.texts()
    return made


def reading() -> Reading:
    return Reading(Limits(), lambda: 0.0, lambda *_: None)  # type: ignore[arg-type, return-value]


def test_texts_end_with_a_line_once_they_are_long():
    weaver = Weaver("p#", reading())
    for number in range(3):
        weaver.add(Piece(str(number) * LONGEST, number, number, put))
        weaver.gap("\t")
        weaver.gap("\n")
    assert [one.pointer for one in weaver.texts()] == ["p#0", "p#1", "p#2"]


def test_the_last_sign_that_is_due_stands_between_two_pieces():
    weaver = Weaver("", reading())
    for text, *gaps in (("a", "\n", "\t"), ("b", "\t", "\n"), ("c", "\n")):
        weaver.add(Piece(text))
        for gap in gaps:
            weaver.gap(gap)
    assert [one.text for one in weaver.texts()] == ["a\tb\nc"]


def test_a_piece_that_stands_in_two_texts_is_written_once():
    (piece,) = pieces("x")
    one, other = woven_of([piece]), woven_of([piece])
    assert woven("text", b"x", [one, other]).rewrite(["[A]", "[B]"]) == b"[A]"
