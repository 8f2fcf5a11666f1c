"""A document that is registered is read as an upload is, and what cannot be read is told."""

from pathlib import Path

import pytest

from detectors.company.fingerprints import Fingerprints
from proxy.cli.index_build import Asked, build
from proxy.cli.index_texts import Texts
from tests.detectors.company.samples import values
from tests.detectors.company.test_fingerprints import MEMO
from tests.proxy.documents.files import drawing, excel, locked_pdf, pdf, word, zipped

PASSAGE = MEMO[:200]


@pytest.fixture
def texts():
    made = Texts()
    yield made
    made.close()


def test_every_kind_of_file_is_read_and_what_is_none_is_told(texts: Texts) -> None:
    read = {
        "a.txt": "客户：华星".encode("gb18030"),
        "b.pdf": pdf("first page Huaxing", "second page"),
        "c.docx": word(["客户华星科技"]),
        "d.xlsx": excel([["客户", "华星科技"]]),
        "e.zip": zipped({"in.docx": word(["里面的文字"])}),
    }
    found = {name: texts(name, data) or "" for name, data in read.items()}
    assert "华星" in found["a.txt"] and "华星科技" in found["c.docx"] and "华星科技" in found["d.xlsx"]
    assert "first page Huaxing" in found["b.pdf"] and "second page" in found["b.pdf"]
    assert "里面的文字" in found["e.zip"] and not list(texts.missed())
    assert texts("f.pdf", locked_pdf("x")) is None
    assert texts("g.docx", word(["华星科技"])[:-40]) is None
    assert texts("h.bin", b"\x7fELF\x02\x01\x01\x00\x00") is None
    told = [one.en for one in texts.missed()]
    assert told[0] == "f.pdf: could not be read: it is encrypted"
    assert told[1].startswith("g.docx: could not be read: ")
    assert told[2] == "1 file holds no text and cannot be recognised: pictures, programs, unknown encodings"


def test_a_passage_of_a_pdf_file_is_recognised_and_a_scan_is_told(tmp_path: Path, capfd) -> None:
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(pdf(PASSAGE))
    (folder / "scan.pdf").write_bytes(pdf(drawing("nobody reads this")))
    index = build(tmp_path, Asked("contracts", folder=folder))
    assert index.about["documents"] == 1
    assert values(Fingerprints("CONTRACT", index), f"Please translate: {PASSAGE} Thanks.")
    assert "scan.pdf#page1: could not be read: it is a scanned page, or shows a picture" in capfd.readouterr().err
