"""What is told of a file: where findings are, lines with masks around them, and what could not be looked into."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from detectors.interface import Finding, Scan
from proxy.cli.scan_gather import Source
from proxy.cli.scan_look import MASK, Lines, Looked, Wish, look, look_into, look_into_all, seen
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


@pytest.mark.parametrize(
    ("data", "wish", "problem", "binary"),
    [
        (b"x" * 11, {"most": 10}, "more than --max-size allows", False),
        (b"\x89PNG\r\n\x1a\n\0", {}, "it is no text", True),
        (b"x\x81\x8d", {}, "its encoding cannot be told", False),
        ("卡号".encode("gbk"), {"encoding": "utf-8"}, "it is not in utf-8", False),
    ],
    ids=["too large", "a picture", "no known encoding", "another encoding than was named"],
)
def test_a_file_that_cannot_be_looked_into_says_why(
    tmp_path: Path, data: bytes, wish: dict, problem: str, binary: bool
) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    one = look_into(small_finder(), Wish(BOTH, **wish), Source(path, len(data), named=False))
    assert problem in one.problem.en and one.problem.zh and one.failed
    assert one.left_out is binary


def test_a_file_that_is_gone_or_grew_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a"
    gone = look_into(small_finder(), Wish(BOTH), Source(path, 1, named=False))
    path.write_bytes(b"x" * 11)
    grown = look_into(small_finder(), Wish(BOTH, most=10), Source(path, 1, named=False))
    assert "cannot be read" in gone.problem.en and "more than" in grown.problem.en


def test_a_file_in_another_encoding_is_looked_into_and_tells_which(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(f"客户卡号 {NUMBER} 请核对".encode("gbk"))
    one = look_into(small_finder(), Wish(BOTH), Source(path, 40, named=False))
    assert one.encoding == "GB18030" and [sight.column for sight in one.sights] == [6]


def test_several_processes_find_the_same_in_the_same_order(tmp_path: Path) -> None:
    sources = []
    for number in range(12):
        path = tmp_path / f"{number:02}.txt"
        path.write_text(f"{'x' * number} {NUMBER} WANG\n", "utf-8")
        sources.append(Source(path, path.stat().st_size, named=False))
    wish = Wish(BOTH, lines=True)
    alone = list(look_into_all(sources, wish, 1, small_finder(), small_finder))
    assert list(look_into_all(sources, wish, 2, small_finder(), partial(small_finder))) == alone
    assert [Path(one.name).name for one in alone] == [f"{number:02}.txt" for number in range(12)]
