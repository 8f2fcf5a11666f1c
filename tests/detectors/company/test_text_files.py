"""The text of a file is read in the encoding that it shows, and nothing is made of what holds no text."""

import pytest

from detectors.company import text_files
from detectors.company.text_files import text_of

TEXT = "客户：华星科技\nAmount: 12 €\n"
READ = {
    "UTF-8": ("a.txt", TEXT.encode(), TEXT),
    "UTF-8 with a mark": ("a.txt", TEXT.encode("utf-8-sig"), TEXT),
    "UTF-16": ("a.csv", TEXT.encode("utf-16"), TEXT),
    "GB18030": ("a.txt", TEXT.encode("gb18030"), TEXT),
    "nothing": ("a.txt", b"", ""),
    "program": ("a.bin", b"\x7fELF\x02\x01\x01\x00\x00", None),
    "neither encoding": ("a.txt", b"caf\xff\xff", None),
}


@pytest.mark.parametrize(("name", "data", "want"), READ.values(), ids=READ)
def test_a_file_is_read_as_what_it_is(name, data, want):
    assert text_of(name, data) == want


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(text_files, "LARGEST", 10)
    assert text_of("a.txt", b"a" * 11) is None
    assert text_of("a.txt", b"a" * 10) == "a" * 10
