"""RTF is read in all its groups and encodings; nothing of it can be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.reading import Seen
from tests.proxy.documents.files import coded, drawing, everything, read, reasons

HEAD = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}{\f1 Arial;}}"
SAID = {
    "bytes of a code page": (r"\f0 \'d5\'c5\'c8\'fd}", "张三"),
    "Unicode with stand-ins": (r"\u24352?\u19977\'3f end}", "张三 end"),
    "no stand-ins": (r"\uc0\u24352\u19977}", "张三"),
    "a character of two halves": (r"\uc1\u-10179?\u-8704?}", "😀"),
    "a value over formats": (r"138{\b 0013}\i 8000\i0}", "13800138000"),
    "escaped signs": (r"a\{b\}\\c\~d\_e}", "a{b}\\c d-e"),
    "header, footnote, comment": (r"{\header top}a{\footnote note}{\*\annotation said}}", "top a note said"),
    "properties": (r"{\info{\author 李四}{\title T}}a}".replace("李四", r"\'c0\'ee\'cb\'c4"), "李四 T a"),
    "an address in a field": (
        r'{\field{\*\fldinst HYPERLINK "mailto:a@b.com"}{\fldrslt x}}}',
        'HYPERLINK "mailto:a@b.com" x',
    ),
    "a table": (r"\trowd a\cell b\cell\row}", "a b"),
    "looks": (r"{\colortbl;\red0;}{\stylesheet{\s1 heading 1;}}a}", "a"),
}


@pytest.mark.parametrize(("body", "want"), SAID.values(), ids=SAID.keys())
def test_all_that_is_said_is_read(body: str, want: str):
    document = read((HEAD + body).encode("ascii"))
    assert document.kind == "rtf" and not document.rewritable
    assert everything(document).split() == want.split()


def test_pictures_are_read_and_objects_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("proxy.documents.ocr.recognise", lambda *_: Seen("in the picture"))
    picture = coded(drawing("x")).hex()
    document = read((HEAD + r"{\pict\pngblip " + picture + r"}{\object{\*\objdata 0105}}}").encode())
    assert everything(document) == "in the picture"
    assert reasons(document) == [("#object0", "embedded")]


def test_raw_bytes_and_deep_nests_are_not_read():
    assert reasons(read((HEAD + r"\bin5 abcde}").encode())) == [("", "embedded")]
    assert reasons(read(b"{\\rtf1" + b"{" * 2_000)) == [("", "too_deep")]


@given(st.text(st.sampled_from("{}\\'u1-?fpars \n张"), max_size=60))
def test_any_rtf_is_read_or_told(body: str):
    document = read(b"{\\rtf1" + body.encode("gbk"))
    assert document.kind == "rtf"
