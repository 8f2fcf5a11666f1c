"""The properties of a PDF file are found wherever they stand, and what hides them is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.company import pdf as reader
from detectors.company.office import UnreadableFile
from detectors.company.pdf import is_pdf, properties
from tests.detectors.company.offices import GUID, pdf

UTF16 = "<FEFF" + "机密".encode("utf-16-be").hex() + ">"
FOUND = {
    "information dictionary": (
        pdf(info="/Keywords (Confidential; finance) /Author (x)"),
        {"Keywords": "Confidential; finance"},
    ),
    "escapes": (pdf(info=r"/Title (a\(b\)\101\n c)"), {"Title": "a(b)A\n c"}),
    "Chinese in hexadecimal": (pdf(info=f"/Subject {UTF16}"), {"Subject": "机密"}),
    "XMP elements": (pdf(xmp="<pdf:Keywords>机密 &amp; 合同</pdf:Keywords>"), {"Keywords": "机密 & 合同"}),
    "XMP lists": (pdf(xmp="<dc:subject><rdf:Bag><rdf:li>内部</rdf:li></rdf:Bag></dc:subject>"), {"subject": "内部"}),
    "XMP attributes": (pdf(xmp='<rdf:Description pdf:Keywords="Secret"/>'), {"Keywords": "Secret"}),
    "sensitivity label": (pdf(info=f"/MSIP_Label_{GUID}_Name (Internal)"), {f"MSIP_Label_{GUID}_Name": "Internal"}),
    "deflated objects": (pdf(objects="<</Keywords (Packed)>>"), {"Keywords": "Packed"}),
    "nothing": (pdf(), {}),
}


@pytest.mark.parametrize(("data", "want"), FOUND.values(), ids=FOUND)
def test_properties_are_found_wherever_they_stand(data, want):
    assert is_pdf(data)
    assert properties(data) == want


def test_an_encrypted_file_is_not_read():
    with pytest.raises(UnreadableFile, match="encrypted"):
        properties(pdf() + b"trailer <</Encrypt 5 0 R>>")


def test_a_file_that_unpacks_to_too_much_is_not_read(monkeypatch):
    monkeypatch.setattr(reader, "MOST", 1_000)
    with pytest.raises(UnreadableFile, match="unpacks"):
        properties(pdf(objects=" " * 5_000))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_nothing_else(octets):
    for data in (octets, b"%PDF-1.4\n<</Keywords (" + octets, pdf(objects="x").replace(b"x\x9c", octets)):
        try:
            properties(data)
        except UnreadableFile:
            continue


def test_other_files_are_no_pdf():
    assert not is_pdf(b"PK\x03\x04")
