"""What is told of a text: where findings are, and lines with masks around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from detectors.interface import Finding, Scan
from proxy.cli.scan_look import MASK, Lines, Looked, Wish, look, seen
from tests.proxy.cli.scanned import BOTH, CARD, PERSON, small_finder

NUMBER = "4111 1111 1111 1111"


def looked(text: str, **wish: object) -> Looked:
    return look(small_finder(), Wish(BOTH, **wish), "a.txt", text)


def shown(one: Looked) -> list[str]:
    return ["".join(piece.text for piece in row.pieces) for row in one.rows]


@pytest.mark.parametrize(("offset", "place"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (6, (3, 3))])
def test_a_line_ends_with_its_line_feed(offset: int, place: tuple[int, int]) -> None:
    assert Lines("ab\n\ncd").place(offset) == place


def test_a_finding_is_placed_by_line_and_column() -> None:
    [sight] = looked(f"第一行\r\n卡号：{NUMBER}。").sights
    assert (sight.line, sight.column, sight.end_line, sight.end_column) == (2, 4, 2, 23)


def test_values_are_told_only_where_they_were_asked_for() -> None:
    text = f"卡号 {NUMBER} 王芳"
    masked, open_ = looked(text, lines=True), looked(text, lines=True, show=True)
    assert shown(masked) == [f"卡号 {MASK * 19} {MASK * 2}"]
    assert shown(open_) == [text] and [sight.value for sight in open_.sights] == [NUMBER, "王芳"]
    assert NUMBER not in repr(masked) and NUMBER not in repr(open_)


def test_a_finding_that_is_not_told_is_masked_all_the_same() -> None:
    one = looked(f"卡号 {NUMBER} 王芳", lines=True, least=0.9)
    assert [sight.finding.entity for sight in one.sights] == [CARD]
    assert shown(one) == [f"卡号 {MASK * 19} {MASK * 2}"]
    assert [piece.sights for piece in one.rows[0].pieces if piece.inside] == [(0,), ()]


def test_a_long_line_is_cut_to_what_is_near() -> None:
    [line] = shown(looked(f"{'a' * 500}{NUMBER}{'b' * 500}{NUMBER}{'c' * 500}", lines=True))
    assert len(line) < 320 and line.startswith("…a") and line.endswith("c…") and "b … b" in line


def test_overlapping_findings_are_both_told_and_masked_once() -> None:
    scan = Scan((Finding(0, 4, CARD, 0.9, "a"), Finding(2, 6, PERSON, 0.5, "b")))
    one = seen(Wish(BOTH, lines=True), "a", "12345678", scan)
    assert [(piece.text, piece.sights) for piece in one.rows[0].pieces] == [
        (MASK * 2, (0,)),
        (MASK * 2, (0, 1)),
        (MASK * 2, (1,)),
        ("78", ()),
    ]


def test_a_finding_over_many_lines_shows_the_first_of_them() -> None:
    text = "\n".join(["begin", *["x" * 40] * 20, "end"])
    scan = Scan((Finding(0, len(text), "PRIVATE_KEY", 1.0, "key"),))
    one = seen(Wish(frozenset({"PRIVATE_KEY"}), lines=True), "a", text, scan)
    assert len(one.rows) == 6 and (one.sights[0].line, one.sights[0].end_line) == (1, 22)


def test_what_a_detector_cannot_tell_is_unknown() -> None:
    one = looked(f"unspeakable {NUMBER}")
    assert one.unknown == {PERSON} and [sight.finding.entity for sight in one.sights] == [CARD]


@given(some.text(alphabet="12 A王芳\n\t", max_size=120), some.booleans())
def test_lines_hold_no_value_and_all_else_that_is_near(text: str, show: bool) -> None:
    one = looked(text, lines=True, show=show)
    lines = text.split("\n")
    for row in one.rows:
        assert len("".join(piece.text for piece in row.pieces)) == len(lines[row.line - 1])
        for piece in row.pieces:
            assert not piece.inside or show or set(piece.text) == {MASK}
    assert {sight.line for sight in one.sights} <= {row.line for row in one.rows}
