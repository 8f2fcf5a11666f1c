"""The process that reads has little to lose, and answers every request with one answer."""

import io
import json
import subprocess
import sys
from dataclasses import asdict

from proxy.documents.document import Limits
from proxy.documents.worker import answer, serve
from tests.proxy.documents.files import PATIENT, PHONE, members, word, zipped


def asked(name: str = "", texts: list[str] | None = None, **more: object) -> dict[str, object]:
    return {"name": name, "limits": asdict(PATIENT), "texts": texts, "seen": {}, **more}


def test_a_request_is_read_or_written():
    data = zipped({"a.txt": PHONE.encode()})
    told, _ = answer(asked(), data)
    want = [["@names", "a.txt", False, (), False], ["a.txt", PHONE, False, (), False]]
    assert told["parts"] == want and told["kind"] == "zip"
    told, content = answer(asked(texts=["a.txt", "[P]"]), data)
    assert told == {"done": True} and members(content) == {"a.txt": b"[P]"}


def test_what_cannot_be_written_is_said():
    for texts in (["x"], ["a.txt", "b.txt", "c"]):
        assert answer(asked(texts=texts), zipped({"a.txt": b"x"})) == ({"done": False}, b"")


def test_pictures_that_were_seen_are_not_looked_at_again():
    told, _ = answer(asked(seen={"m": {"text": "t", "illegible": False}}), b"hello")
    assert told["seen"] == {"m": {"text": "t", "illegible": False}}


def test_requests_come_one_after_the_other():
    data = b"hello"
    line = json.dumps(asked(size=len(data))).encode() + b"\n"
    out = io.BytesIO()
    serve(io.BytesIO((line + data) * 2), out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [one["parts"] for one in answers] == [[["", "hello", False, [], False]]] * 2


CONFINED = """
import resource, sys
from pathlib import Path
from proxy.documents.worker import confine
confine(1 << 30)
try:
    Path(sys.argv[1]).write_bytes(b"content")
except OSError as error:
    print(type(error).__name__)
try:
    bytearray(2 << 30)
except MemoryError as error:
    print(type(error).__name__)
print(resource.getrlimit(resource.RLIMIT_CORE)[0])
"""


def test_it_can_write_no_file_and_take_no_more_memory_and_leaves_no_core(tmp_path):
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            CONFINED,
            str(tmp_path / "f"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["OSError", "MemoryError", "0"]
    assert not (tmp_path / "f").read_bytes()


def test_what_it_prints_goes_nowhere():
    data = word(["secret words"])
    line = json.dumps(asked(size=len(data))).encode() + b"\n"
    command = [sys.executable, "-m", "proxy.documents.worker", str(Limits().memory)]
    run = subprocess.run(command, input=line + data + b"no request\n", capture_output=True, check=False)
    assert run.returncode != 0 and run.stderr == b""
    assert json.loads(run.stdout)["kind"] == "docx"
