"""A text goes back in the encoding that it came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.document import Document, FixedText, Limits
from proxy.documents.plain import as_text, read_plain
from proxy.documents.reading import Reading, Unread

CHINESE = "客户张三，电话 13800138000，谢谢您的支持与帮助。"
TRADITIONAL = "客戶張三，電話 13800138000，謝謝您的支持與幫助。"


def reading() -> Reading:
    return Reading(Limits(), lambda: 0.0, lambda data, *_: Document("text", data))


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
)
def test_a_changed_text_keeps_its_encoding_and_mark(codec: str):
    data = CHINESE.encode(codec)
    document = read_plain(data, reading())
    assert [part.text for part in document.parts] == [CHINESE]
    assert document.rewrite([CHINESE]) == data
    assert document.rewrite([CHINESE.replace("张三", "[N]")]) == CHINESE.replace("张三", "[N]").encode(codec)


def test_big5_and_western_texts():
    for text, codec in (
        (TRADITIONAL, "big5"),
        ("The Größe of a Café, and the façade – a “quoted” word in a long sentence. " * 3, "cp1252"),
    ):
        document = read_plain(text.encode(codec), reading())
        assert document.rewrite([text + "x"]) == (text + "x").encode(codec)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x7fELF\0\0\0", "unknown"),
        (b"\0\0\0\x05hello", "unknown"),
        (b"a\x01b\x02c\x03" * 10, "unknown"),
        (bytes(range(128, 256)) * 3, "encoding"),
        (b"\xff\xfea", "encoding"),
    ],
)
def test_what_is_no_text_is_never_read_as_one(data: bytes, reason: str):
    with pytest.raises(Unread) as caught:
        read_plain(data, reading())
    assert caught.value.reason == reason


@given(st.text())
def test_any_text_goes_back(text: str):
    try:
        found, back = as_text(text.encode())
    except Unread:
        return
    assert back is None or back(found) == text.encode()


def test_a_text_that_would_not_go_back_as_it_was_is_fixed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("proxy.documents.plain.CODECS", {})
    document = read_plain(b"text", reading())
    assert not document.rewritable
    with pytest.raises(FixedText):
        document.rewrite(["new"])
