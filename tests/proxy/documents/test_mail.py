"""Mails are read in all their parts and codings."""

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.documents.mail import is_mail
from tests.proxy.documents.files import PHONE, everything, read, reasons, texts, word

HEAD = b'From: "Bob" <bob@corp.example>\r\nTo: a@b.com\r\nSubject: =?utf-8?b?5byg5LiJ?=\r\nMIME-Version: 1.0\r\n'


def multipart(*parts: bytes) -> bytes:
    return (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="xx"\r\n\r\nbefore\r\n'
        + b"".join(b"--xx\r\n" + part + b"\r\n" for part in parts)
        + b"--xx--\r\nbehind\r\n"
    )


PARTS = {
    "another charset": (b"Content-Type: text/plain; charset=gbk\r\n\r\n" + "张三".encode("gbk"), "张三"),
    "quoted printable": (
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"=E5=BC=A0 a=\r\nb",
        "张 ab",
    ),
    "base64": (
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(PHONE.encode()),
        PHONE,
    ),
    "a page": (b"Content-Type: text/html\r\n\r\n<html><p>138<b>0013</b>8000</p></html>", PHONE),
    "a file": (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=x.bin\r\n\r\n" + base64.b64encode(gzip.compress(b"packed words")),
        "packed words",
    ),
    "a Word file": (
        b"Content-Type: application/msword\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(word(["tel 138", "0013"])),
        "tel 1380013",
    ),
    "a mail": (b"Content-Type: message/rfc822\r\n\r\nFrom: eve@evil.example\r\n\r\ninner", "eve@evil.example"),
}


@pytest.mark.parametrize(("part", "want"), PARTS.values(), ids=PARTS.keys())
def test_each_part_is_read_as_the_file_that_it_is(part: bytes, want: str):
    document = read(multipart(part))
    assert document.kind == "mail" and not document.rewritable and not document.opaque
    assert want in everything(document)


def test_header_fields_and_what_stands_around_the_parts_are_text():
    head = texts(read(multipart(b"\r\nx")))["@0"]
    for said in ("bob@corp.example", "张三", "before", "behind"):
        assert said in head


def test_a_charset_that_nobody_knows_is_told():
    assert reasons(read(multipart(b"Content-Type: text/plain; charset=x-odd\r\n\r\nabc"))) == [("1", "encoding")]


def test_a_page_saved_as_one_file_is_a_mail():
    page = b"From: <Saved by Browser>\r\nSubject: x\r\nDate: today\r\nMIME-Version: 1.0\r\n"
    page += b"Content-Type: text/html\r\n\r\n<html>secret</html>"
    assert "secret" in everything(read(page, "page.mhtml"))


@pytest.mark.parametrize(
    ("data", "want"),
    [
        (HEAD + b"\r\nx", True),
        (b"From: a\nTo: b\nSubject: c\n\nplain, with nothing to decode", False),
        (b"Dear all,\nFrom: a\nTo: b\nSubject: c\nMIME-Version: 1.0\n", False),
        (b"name: x\nversion: 1\n", False),
        (b"", False),
    ],
)
def test_a_mail_is_known_by_its_first_lines(data: bytes, want: bool):
    assert is_mail(data) is want


@given(st.binary(max_size=300))
def test_any_mail_is_read_or_told(body: bytes):
    document = read(HEAD + body)
    assert document.parts or document.opaque
