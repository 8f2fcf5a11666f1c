"""Targets of detection: readings of a text and the way back, and what processes say to each other."""

import json
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from detectors.find import Finder, shipped_patterns
from detectors.interface import Finding, Scan
from detectors.normalise import normalise
from detectors.views.look import look
from policies.own import TermList
from proxy.detecting.frames import Frame, Garbled, pack, read_frame
from proxy.detecting.interface import Brief
from proxy.detecting.messages import (
    Question,
    read_brief,
    read_detection,
    read_question,
    read_scans,
    say_brief,
    say_detection,
    say_question,
    say_scans,
)
from proxy.settings.detection import Detection
from tests.fuzz.target import PLANTED, must, pieces, target

CODES = (b"=E4=BD", b"%E4%BD", b"\\u4f60", b"&#20320;", b"0x", b"aGVsbG8gd29ybGQ", "一三八".encode(), "\u200b".encode())


def texts() -> Iterator[bytes]:
    """Yield texts in which values stand in other readings."""
    yield from (
        text.encode()
        for text in (
            f"写信给 {PLANTED}，电话 138-0013-8000",
            "一三八零零一三八零零零 and 1 3 8 0 0 1 3 8 0 0 0",
            "aGVsbG8gd29ybGQgemhhbmd3ZWk3NzMxQGtlaHUuZXhhbXBsZQ== 68 65 6c 6c 6f 20 77 6f 72 6c 64 20 68 65",
            "&#49;&#51;&#56; %31%33%38 \\u0031\\u0033 =31=33=38=30=30=31=33=38=30=30=30",
            "\u202e0008310831\u202c １３８００１３８０００ ⅠⅡ①②",
            "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----",
            'begin 644 a\n#0V%T\n`\nend <~87cURD]i,"Ebo80~> MFRGGZDFMZTWQ2LK=',
        )
    )


@target(
    "views",
    "every reading of a text leads back into it, and ends",
    texts,
    CODES,
)
def views(data: bytes) -> None:
    text = data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace") if safe(data) else str(data)
    view = normalise(text)
    for start in range(0, len(view.text), max(1, len(view.text) // 40)):
        begins, ends = view.span(start, min(len(view.text), start + 3))
        must(0 <= begins <= ends <= len(text), "a stretch of a view stands in the text")
    sight = look(text)
    for child in sight.children:
        must(0 <= child.start < child.end <= len(text), "a child stands in the text")
    for start, end in sight.closed:
        must(0 <= start <= end <= len(text), "what is closed stands in the text")


def safe(data: bytes) -> bool:
    """Whether bytes are UTF-8, halves of pairs allowed."""
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


@cache
def finder() -> Finder:
    """Return what the house finds without models."""
    return Finder(shipped_patterns(), cache_size=0)


WANTED = frozenset({"EMAIL_ADDRESS", "PHONE_NUMBER", "CN_ID_CARD", "CREDIT_CARD", "API_KEY"})


@target(
    "find",
    "findings stand in the text, and a value that stands there in plain, between blanks, is among them",
    texts,
    (*CODES, f" {PLANTED} ".encode(), b" 13800138000 "),
    slow=True,
)
def find(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    scan = finder().find(text, WANTED & finder().entities)
    for one in scan.findings:
        must(0 <= one.start < one.end <= len(text), "a finding stands in the text")
    where = f" {PLANTED} "
    at = text.find(where)
    if at < 0 or "EMAIL_ADDRESS" in scan.unknown:
        return
    start, end = at + 1, at + len(where) - 1
    covered = any(one.start <= start and end <= one.end for one in scan.findings)
    covered |= any(first <= start and end <= last for first, last in scan.opaque)
    must(covered, "a planted value in plain is found, or lies in what nobody can read")


QUESTION = Question(1, 2.0, frozenset({"PERSON"}), ("你好", "x" * 20), (0, None))
SCANS = [Scan((Finding(0, 2, "PERSON", 0.5, "d", ("r",)),), frozenset(), ((0, 1),)), Scan((), frozenset({"PERSON"}))]
BRIEF = Brief(True, (TermList(entity="X", terms=("a",)),))


def frames() -> Iterator[bytes]:
    """Yield what one side says to the other."""
    fields, body = say_question(QUESTION)
    yield pack(Frame(1, "find", fields, body)) + pack(Frame(2, "ping"))
    yield pack(Frame(1, "done", {}, say_scans(SCANS)))
    yield pack(Frame(1, "build", {"version": 1}, say_brief(BRIEF)))
    yield pack(Frame(1, "settings", {}, say_detection(Detection(), Path("/x"))))


@target(
    "detecting-frames",
    "what a process says is read as it was said, or refused as garbled; what is written is read again",
    frames,
    (b"\0\0\0\x02\0\0\0\0{}", b'"id":', b'"kind":', b"\xff\xff\xff\xff", b'"sizes":[', b"-1", b"true"),
)
def detecting_frames(data: bytes) -> None:
    chunks = iter(pieces(data))
    held = bytearray()

    def receive(most: int) -> bytes:
        if not held:
            held.extend(next(chunks, b""))
        taken = bytes(held[:most])
        del held[:most]
        return taken

    try:
        while (frame := read_frame(receive)) is not None:
            again = read_frame(BytesIO(pack(frame)).read)
            must(again == frame, "what is written is read again")
            hear(frame)
    except Garbled:
        return


def hear(frame: Frame) -> None:
    """Read a frame as anything that it may be."""
    for read in (
        lambda: read_question(frame.fields, frame.body),
        lambda: read_scans(frame.body, QUESTION.texts, QUESTION.entities),
        lambda: read_brief(frame.body),
        lambda: read_detection(frame.body),
    ):
        try:
            read()
        except Garbled:
            continue


@target(
    "detecting-scans",
    "scans name places in their text and entities that were asked for, or are refused as garbled",
    lambda: [say_scans(SCANS), b"[[[],[],[]],[[],[],[]]]"],
    (b"[0,2,", b'"PERSON"', b"1e3", b"NaN", b"-1", b"true", b"null", b"{}"),
)
def detecting_scans(data: bytes) -> None:
    try:
        scans = read_scans(data, QUESTION.texts, QUESTION.entities)
    except Garbled:
        return
    for scan, text in zip(scans, QUESTION.texts, strict=True):
        must(scan.unknown <= QUESTION.entities, "only what was asked for")
        must(all(0 <= one.start < one.end <= len(text) for one in scan.findings), "within the text")
    must(json.loads(say_scans(scans)) is not None, "what was read can be said")
