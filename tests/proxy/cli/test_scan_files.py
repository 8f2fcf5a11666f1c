"""What is told of a file: of a text as it stands, of any other part by part; and what could not be looked into."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import get_args

import pytest

from proxy.cli.scan_files import WHY, Files, look_at, look_into, look_into_all
from proxy.cli.scan_gather import Source
from proxy.cli.scan_look import Looked, Wish
from proxy.documents.document import Reason
from tests.proxy.cli.scanned import BOTH, small_finder
from tests.proxy.documents.files import coded, drawing, excel, locked_pdf, members, pdf, word, zipped

NUMBER = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def reader() -> Iterator[Files]:
    made = Files(Wish(BOTH))
    yield made
    made.close()


def into(wish: Wish, source: Source) -> Looked:
    [one] = look_into(small_finder(), wish, source, Files(wish))
    return one


def at(reader: Files, name: str, data: bytes) -> list[Looked]:
    return list(look_at(small_finder(), Wish(BOTH), name, data, reader))


FILES = {
    "Word": ("a.docx", word(["card 4111 1111", " 1111 1111"]), "a.docx!word/document.xml#0", (1, 6)),
    "Excel": ("a.xlsx", excel([["x"], ["y", NUMBER]]), "a.xlsx!xl/worksheets/sheet1.xml#0", (2, 3)),
    "PDF": ("a.pdf", pdf(f"a card in a page: {NUMBER}"), "a.pdf#page1", (1, 19)),
    "an archive": ("a.zip", zipped({"b/c.txt": NUMBER.encode()}), "a.zip!b/c.txt", (1, 1)),
}


@pytest.mark.parametrize(("name", "data", "where", "place"), FILES.values(), ids=FILES.keys())
def test_a_finding_in_a_file_is_placed_in_its_part(reader: Files, name: str, data: bytes, where: str, place) -> None:
    [one] = at(reader, name, data)
    assert one.name == where and [(sight.line, sight.column) for sight in one.sights] == [place]


def test_a_file_counts_once_however_many_parts_are_told(reader: Files) -> None:
    found = at(reader, "a.docx", word([NUMBER], header=NUMBER))
    assert [(len(one.sights), one.inner) for one in found] == [(1, False), (1, True)]
    assert [(one.name, one.inner) for one in at(reader, "clean.docx", word(["clean"]))] == [("clean.docx", False)]


UNSEEN = {
    "encrypted": ("a.pdf", locked_pdf("pass"), "a.pdf", "it is encrypted", False),
    "a picture": ("a.png", coded(drawing("x")), "a.png", "it is no text", True),
    "a program": ("a.exe", b"MZ\0\0\x90", "a.exe", "it is no text", True),
    "a macro in a file": (
        "a.docm",
        zipped({**members(word(["a"])), "word/vbaProject.bin": b"\xd0\xcf"}),
        "a.docm!word/vbaProject.bin",
        "it is a macro",
        False,
    ),
    "a picture in a file": (
        "a.docx",
        word(["a"], picture=coded(drawing("x"))),
        "a.docx!word/media/image1.png",
        "it is a picture; read it with --ocr",
        False,
    ),
}


@pytest.mark.parametrize(("name", "data", "where", "problem", "binary"), UNSEEN.values(), ids=UNSEEN.keys())
def test_what_in_a_file_was_not_looked_into_is_told(reader: Files, name, data, where, problem, binary: bool) -> None:
    [one] = at(reader, name, data)
    assert (one.name, one.problem.en, one.binary) == (where, problem, binary) and one.failed


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(get_args(Reason.__value__)) == WHY.keys()
    assert all(told.en and told.zh for told in WHY.values())


def test_pictures_are_read_where_that_is_asked_for() -> None:
    wish = Wish(BOTH, ocr=True)
    reader = Files(wish)
    try:
        [one] = look_at(small_finder(), wish, "a.png", coded(drawing(f"card {NUMBER}")), reader)
    finally:
        reader.close()
    assert one.name == "a.png" and len(one.sights) == 1


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
    one = into(Wish(BOTH, **wish), Source(path, len(data), named=False))
    assert problem in one.problem.en and one.problem.zh and one.failed
    assert one.left_out is binary


def test_a_file_that_is_gone_or_grew_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a"
    gone = into(Wish(BOTH), Source(path, 1, named=False))
    path.write_bytes(b"x" * 11)
    grown = into(Wish(BOTH, most=10), Source(path, 1, named=False))
    assert "cannot be read" in gone.problem.en and "more than" in grown.problem.en


def test_a_file_in_another_encoding_is_looked_into_and_tells_which(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(f"客户卡号 {NUMBER} 请核对".encode("gbk"))
    one = into(Wish(BOTH), Source(path, 40, named=False))
    assert one.encoding == "GB18030" and [sight.column for sight in one.sights] == [6]


def test_a_text_with_wrong_bytes_is_looked_into_and_tells_how_many(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(f"卡号 {NUMBER} 请核对\n".encode() + b"\xe7\x8e")
    one = into(Wish(BOTH), Source(path, 40, named=False))
    assert [sight.column for sight in one.sights] == [4] and one.partly and one.failed and not one.left_out
    assert "2 bytes" in one.problem.en and "2 个字节" in one.problem.zh


def test_a_text_full_of_zeros_is_looked_into(reader: Files) -> None:
    [one] = at(reader, "a.log", b"\0" * 4000 + f"卡号 {NUMBER}\n".encode())
    assert len(one.sights) == 1 and not one.failed


def test_what_is_called_a_text_and_is_none_is_unknown_and_not_only_counted(reader: Files) -> None:
    [one] = at(reader, "A.LOG", b"\0\xff\x80\0\x01" * 40)
    assert one.failed and not one.left_out and "zero bytes" in one.problem.en and "零字节" in one.problem.zh


def test_several_processes_find_the_same_in_the_same_order(tmp_path: Path) -> None:
    sources = []
    for number in range(12):
        path = tmp_path / f"{number:02}.txt"
        path.write_text(f"{'x' * number} {NUMBER} WANG\n", "utf-8")
        sources.append(Source(path, path.stat().st_size, named=False))
    wish = Wish(BOTH, lines=True)
    alone = list(look_into_all(sources, wish, 1, small_finder(), small_finder))
    assert list(look_into_all(sources, wish, 2, small_finder(), partial(small_finder))) == alone
    assert [Path(one.name).name for (one,) in alone] == [f"{number:02}.txt" for number in range(12)]
