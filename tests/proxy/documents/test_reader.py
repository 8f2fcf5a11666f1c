"""Whatever a file does to the process that reads it, the proxy gets an answer, and the next file is read."""

import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from detectors.allowance import before
from detectors.effort import Effort
from proxy.documents import reader as room
from proxy.documents.document import FixedText, Limits
from proxy.documents.reader import Ended, Process, Reader
from tests.proxy.documents.files import (
    PATIENT,
    PHONE,
    coded,
    drawing,
    everything,
    members,
    reasons,
    redacted,
    texts,
    word,
    zipped,
)
from tests.silence import says_nothing_of


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(PATIENT)
    yield made
    made.close()


def test_a_file_is_read_and_written_in_another_process(reader: Reader):
    document = reader.read(word(["tel 138", "0013", "8000"]), "a.docx")
    assert texts(document)["word/document.xml#0"] == f"tel {PHONE}"
    made = document.rewrite(redacted(document, {PHONE: "[P]"}))
    assert "tel [P]" in everything(reader.read(made, "a.docx"))


def test_text_needs_no_process():
    document = Reader(PATIENT).read("电话".encode("gbk") + PHONE.encode(), "a.txt")
    assert everything(document) == f"电话{PHONE}"


def test_a_large_page_is_read_elsewhere(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "read_document", None)
    page = "<html>" + "<p>138<b>0013</b>8000</p>" * 20_000
    document = reader.read(page.encode(), "a.html")
    assert document.kind == "html" and everything(document).count(PHONE) == 20_000


def test_a_file_read_lately_is_remembered(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    data = word(["remembered"])
    first = reader.read(data, "a.docx")
    monkeypatch.setattr(reader, "_ask", None)
    again = reader.read(data, "a.docx")
    assert (again.parts, again.kind) == (first.parts, "docx")


def test_only_so_much_is_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "KEPT", 100)
    made = Reader(PATIENT)
    try:
        for number in range(5):
            made.read(zipped({f"{number}.txt": b"x" * 40}))
        assert 0 < sum(len(part.text) for kept in made._kept.values() for part in kept.parts) <= 100
    finally:
        made.close()


def test_a_picture_in_a_file_is_read_once_for_reading_and_writing(reader: Reader):
    data = zipped({"a.png": coded(drawing("Call 13800138000 now")), "b.txt": b"secret"})
    document = reader.read(data)
    assert PHONE in texts(document)["a.png"].replace(" ", "")
    made = document.rewrite(redacted(document, {"secret": "[S]"}))
    assert members(made)["b.txt"] == b"[S]" and members(made)["a.png"] == members(data)["a.png"]
    with pytest.raises(FixedText):
        document.rewrite(redacted(document, {"13800138000": "[P]", "Call": "[C]"}))


def test_what_a_process_says_is_not_behind_the_error_of_one_that_is_ended(monkeypatch: pytest.MonkeyPatch):
    process = Process(1 << 30)

    def babbling(*_: object) -> None:
        json.loads('{"parts": "secret", ]')

    monkeypatch.setattr(process, "_exchange", babbling)
    with pytest.raises(Ended) as raised:
        process.ask({}, b"", 100, 1000)
    says_nothing_of(raised.value, "secret")


@pytest.mark.parametrize("trouble", ["killed", "silent", "babbling"])
def test_a_process_that_fails_makes_a_file_unread_and_the_next_one_is_read(
    trouble: str, monkeypatch: pytest.MonkeyPatch
):
    made = Reader(replace(PATIENT, processes=1, seconds=100 if trouble != "silent" else 0.1))
    monkeypatch.setattr(room, "GRACE", 0.2)
    commands = {"killed": ["sh", "-c", "exit 9"], "silent": ["sleep", "600"], "babbling": ["yes"]}
    popen = room.subprocess.Popen
    monkeypatch.setattr(room.subprocess, "Popen", lambda _command, **more: popen(commands[trouble], **more))
    try:
        want, note = "too_slow" if trouble == "silent" else "failed", Effort()
        with before(math.inf, effort=note):
            assert reasons(made.read(zipped({"a": b"x"}))) == [("", want)]
        assert note.short is (trouble == "silent") and not note.crowded
        monkeypatch.setattr(room.subprocess, "Popen", popen)
        made.limits = PATIENT
        assert not made.read(zipped({"a": b"x"})).opaque
    finally:
        made.close()


def test_a_file_that_takes_more_memory_than_there_is_is_told_and_the_next_one_is_read():
    made = Reader(replace(PATIENT, memory=400 << 20, size=200 << 20, unpacked=4 << 30, expansion=10_000, processes=1))
    try:
        assert made.read(zipped({"a": b"\0" * (250 << 20)})).opaque
        assert not made.read(zipped({"a": b"x"})).opaque
    finally:
        made.close()


def test_who_waits_too_long_for_a_process_is_told():
    made = Reader(Limits(seconds=0.1, processes=1))
    held, note = made._free.get(), Effort()
    with before(math.inf, effort=note):
        assert reasons(made.read(zipped({"a": b"x"}))) == [("", "too_slow")]
    assert note.crowded and note.waited, "it was for others' sake"
    made._free.put(held)


def test_several_threads_are_answered_each_with_its_own(reader: Reader):
    def ask(number: int) -> str:
        return everything(reader.read(zipped({"a.txt": f"file {number}".encode()})))

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(12))) == [f"a.txt\nfile {number}" for number in range(12)]


def test_a_file_over_the_limit_starts_no_process():
    made = Reader(Limits(size=10))
    assert reasons(made.read(zipped({"a": b"x"}))) == [("", "too_large")]


def test_a_process_gets_none_of_the_proxys_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLUICE_SECRET_KEY", "k-123")
    process = Process(PATIENT.memory)
    try:
        pid = process._process.pid
        told, _ = process.ask(
            {"name": "", "limits": vars_of(PATIENT), "texts": None, "seen": {}}, b"hello", 60, 1 << 20
        )
        assert told["kind"] == "text"
        assert b"k-123" not in Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        process.end()
    assert not Path(f"/proc/{pid}").exists()


def vars_of(limits: Limits) -> dict[str, object]:
    return {name: getattr(limits, name) for name in limits.__slots__}
