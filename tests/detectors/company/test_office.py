"""The text of office documents is read, and nothing that only pretends to be one."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company import office
from detectors.company.office import UnreadableFile, is_office, office_text
from tests.detectors.company.offices import WORD, archive, docx, pptx, xlsx

TEXTS = {
    "document": (docx("第一段 & more", "第二段", header="页眉"), ["第一段 & more", "第二段", "页眉"]),
    "workbook": (xlsx("姓名", "账号"), ["姓名", "账号"]),
    "presentation": (pptx("标题", "要点"), ["标题", "要点"]),
    "open document": (
        archive({"content.xml": '<d xmlns:t="t"><t:p>开放<t:s/></t:p><t:h>标题</t:h></d>'}),
        ["开放", "标题"],
    ),
}


@pytest.mark.parametrize(("data", "lines"), TEXTS.values(), ids=TEXTS)
def test_each_paragraph_is_a_line(data, lines):
    assert is_office(data)
    assert [line for line in office_text(data).splitlines() if line] == lines


BAD = {
    "no archive": b"PK\x03\x04 not really",
    "damaged part": archive({"word/document.xml": "<w:document"}),
    "entities": archive({"word/document.xml": '<!DOCTYPE d [<!ENTITY a "aaaa">]><d><t>&a;</t></d>'}),
    "cut off": docx("text")[:-40],
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_cannot_be_read_says_so_and_quotes_nothing(data):
    with pytest.raises(UnreadableFile) as caught:
        office_text(data)
    assert "aaaa" not in str(caught.value)


def test_a_document_that_unpacks_to_too_much_is_not_read(monkeypatch):
    monkeypatch.setattr(office, "MOST_BYTES", 10_000)
    with pytest.raises(UnreadableFile, match="unpacks"):
        office_text(docx("a" * 20_000))


def test_a_document_of_too_many_parts_is_not_read(monkeypatch):
    monkeypatch.setattr(office, "MOST_MEMBERS", 3)
    with pytest.raises(UnreadableFile, match="too many"):
        office_text(archive({f"word/header{n}.xml": f"<w:h {WORD}/>" for n in range(4)}))


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=8))
def test_a_spoilt_document_is_read_or_refused_and_nothing_else(place, octets):
    data = bytearray(docx("第一段", header="页眉", core={"keywords": "x"}))
    place %= len(data)
    data[place : place + len(octets)] = octets
    with suppress(UnreadableFile):
        office_text(bytes(data))


def test_an_encrypted_part_is_not_read():
    data = bytearray(docx("x"))
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    with pytest.raises(UnreadableFile):
        office_text(bytes(data))
