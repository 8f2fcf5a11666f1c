"""Targets of files: each kind is read or told as unread, and written with nothing left of what was taken out."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from functools import cache, partial

from proxy.documents.document import FixedText, Limits
from proxy.documents.read import read_document
from proxy.embedded import insets
from tests.fuzz.target import PLANTED, Broken, must, pick, picks, target
from tests.proxy.documents import files

LIMITS = Limits(
    size=1 << 20, unpacked=8 << 20, depth=3, files=100, pages=5, pixels=200_000, characters=200_000, ocr=False
)
STEPS = 2_000_000
"""Looks at the clock that one file may take: a bound of work, not of time."""


def saved(write: Callable[[io.BytesIO], object]) -> bytes:
    """Return what a library writes."""
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def mail() -> bytes:
    """Return a mail with two parts and a file."""
    return (
        "From: a@b.example\r\nTo: c@d.example\r\nSubject: =?utf-8?B?5L2g5aW9?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
        f"{PLANTED}\r\n--x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<p>=E4=BD=A0</p>\r\n--x\r\nContent-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        "YSxiCjEsMgo=\r\n--x--\r\n"
    ).encode()


@cache
def kinds() -> dict[str, bytes]:
    """Return a small file of each kind."""
    notebook = {"cells": [{"cell_type": "code", "source": [f"x = '{PLANTED}'\n"], "outputs": []}], "nbformat": 4}
    tar = files.tarred({"a.txt": PLANTED.encode(), "b/c.json": b"{}"})
    return {
        "docx": files.word(["写信给", PLANTED], header="head"),
        "xlsx": files.excel([["a", PLANTED], [1, 2.5]]),
        "pptx": files.slides(PLANTED, notes="note"),
        "odt": files.open_document(f"<text:p>{PLANTED}</text:p>"),
        "pdf": files.pdf(PLANTED),
        "eml": mail(),
        "rtf": f"{{\\rtf1\\ansi\\ansicpg936 {PLANTED} \\u20320? \\'c4\\'e3{{\\*\\x y}}}}".encode(),
        "ipynb": json.dumps(notebook).encode(),
        "zip": files.zipped({"a.txt": PLANTED.encode(), "b.json": b'{"a": 1}'}, comment=b"note"),
        "tar": tar,
        "tar.gz": files.tarred({"a.txt": PLANTED.encode()}, "w:gz"),
        "html": f"<!DOCTYPE html><p title='{PLANTED}'>a&amp;b<script>x</script><!-- c --></p>".encode(),
        "xml": f'<?xml version="1.0"?><a b="c">{PLANTED}<![CDATA[x]]></a>'.encode(),
        "csv": f"name,mail\n张伟,{PLANTED}\n".encode(),
        "png": files.coded(files.drawing("x")),
        "gb18030": f"写信给 {PLANTED}".encode("gb18030"),
        "old tar": saved(lambda out: tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT).close()),
    }


NAMES = {name: f"a.{name}" for name in ("docx", "html", "json", "txt", "csv", "ipynb", "eml", "zip", "x")}


class Clock:
    """Counts how often it is looked at, and stands still."""

    def __init__(self) -> None:
        """Begin."""
        self.steps = 0

    def __call__(self) -> float:
        """Return nought; raises `Broken` where there is no end."""
        self.steps += 1
        if self.steps > STEPS:
            raise Broken("reading a file comes to an end")
        return 0.0


def read_file(data: bytes, name: str) -> None:
    """Read a file, write it as it is, and without what must go."""
    document = read_document(data, name, LIMITS, Clock())
    texts = [part.text for part in document.parts]
    must(document.rewrite(texts) == data, "what is not changed is the same bytes")
    fresh = [text.replace(PLANTED, "[EMAIL_ADDRESS_7K2F9ABC]") for text in texts]
    if fresh == texts or not document.rewritable:
        return
    try:
        written = document.rewrite(fresh)
    except (FixedText, ValueError):
        return  # refused, as the worker does
    again = read_document(written, name, LIMITS, Clock())
    must(not any(PLANTED in part.text for part in again.parts), "what was taken out is gone")
    try:
        written.decode()
    except UnicodeDecodeError:
        return  # what is packed or in another charset may look so by chance
    must(PLANTED.encode() not in written or document.opaque, "it stands nowhere else in a text that is wholly read")


def seeds_of(kind: str) -> Iterator[bytes]:
    """Yield the small file of one kind."""
    yield picks(NAMES, "x") + kinds()[kind]


KINDS = (
    *("docx", "xlsx", "pptx", "odt", "pdf", "eml", "rtf", "ipynb", "zip", "tar", "tar.gz", "html", "xml", "csv"),
    *("png", "gb18030", "old tar"),
)
WORDS = {
    "pdf": (b"endobj", b"stream\n", b"endstream", b"/Length ", b"/Filter /FlateDecode", b"xref", b"trailer", b"%%EOF"),
    "rtf": (b"\\u", b"\\'", b"{\\*", b"\\bin9", b"\\uc0", b"}", b"{", b"\\ansicpg936", b"\\par"),
    "eml": (b"\r\n\r\n", b"--x", b"base64", b"quoted-printable", b"=?utf-8?Q?", b"Content-Type: message/rfc822\r\n"),
    "html": (b"<script>", b"<!--", b"-->", b"&#x41;", b"&amp;", b"<![CDATA[", b"<a href='", b"<style>"),
    "xml": (b"<!ENTITY", b"<!DOCTYPE", b"]]>", b"<![CDATA[", b"&#0;", b"xmlns:"),
    "zip": (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"),
    "ipynb": (b'"source":', b'"cells":', b'"outputs":', b'"text/plain":', b"[]", b"{}"),
}


def register() -> None:
    """Register a target for each kind: what is changed in one kind rarely makes sense in another."""
    for kind in KINDS:

        def run(data: bytes) -> None:
            name, content = pick(NAMES, data)
            read_file(content, name)

        promise = "a file is read or told as unread; unchanged it is the same bytes; what was taken out is gone"
        words = (PLANTED.encode(), *WORDS.get(kind, ()))
        target(f"file-{kind.replace(' ', '-')}", promise, partial(seeds_of, kind), words, slow=True)(run)


register()


@target(
    "files-in-texts",
    "a file in base64 within a text is found where it stands",
    lambda: [
        b"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ and JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoK",
        b"data:text/plain;base64,eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=,UEsDBBQAAAAIAAAAIQAAAAAAAAAAAAAAAAALAAAA",
        b"data:text/html,%3Cp%3Ex%3C/p%3E",
    ],
    (b"data:", b";base64,", b"JVBERi0", b"UEsDB", b"iVBORw0KGgo", b"=", b"%0A", b"\\n"),
)
def files_in_texts(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    end = 0
    for one in insets(text):
        must(end <= one.start < one.end <= len(text), "one stands after the other, within the text")
        end = one.end
