"""Targets of the audit trail: whatever is done to a log or its checkpoints, the verifier says what does not hold."""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from io import BytesIO

from proxy.scratch import scratch
from proxy.trail.chain import BadLine, Lines, read_line
from proxy.trail.checked import PROBLEMS
from proxy.trail.checkpoint import Key, read_keys
from proxy.trail.prove import proof, records
from proxy.trail.seal import Copy
from proxy.trail.signer import as_pem
from proxy.trail.verify import compare, proves, read_head, verify
from tests.fuzz.target import must, target
from tests.proxy.trail.signed import signed_log

PARTED = b"\n====\n"
"""Between a log and its checkpoints in one input."""


@cache
def kept() -> tuple[bytes, bytes, tuple[Key, ...]]:
    """Return a log, its checkpoints and keys."""
    with scratch("fuzz") as folder:
        return signed_log(folder, (2, 3, 3))


def logs() -> Iterator[bytes]:
    """Yield a log with its checkpoints."""
    log, points, _ = kept()
    yield log + PARTED + points
    yield log + PARTED + b"".join(reversed(points.splitlines(True)))


@target(
    "verifier",
    "a log that is called proven is the one that was signed, to the byte; anything else is told, and nothing raised",
    logs,
    (b"\n", b'"seq":1,', b'"prev":"', b'"hash":"', b"0" * 64, b'"event":"recovered"', PARTED),
)
def verifier(data: bytes) -> None:
    log, _, points = data.partition(PARTED)
    whole, told, keys = kept()
    checked = compare(BytesIO(log), points.split(b"\n"), keys)
    for language in ("en", "zh"):
        must(checked.told(language).strip(), "what was found is told")
    must(checked.problem in {"", *PROBLEMS}, "a problem has words")
    if checked.ok and checked.signed:
        first = b"".join(whole.splitlines(True)[: checked.signed])
        must(log.startswith(first), "what is proven is what was signed")
    if set(points.splitlines()) >= set(told.splitlines()) and checked.ok:
        must(log.startswith(whole), "with all checkpoints, nothing is missing")
    verify(BytesIO(log))
    same_as_parsed(log)


def same_as_parsed(log: bytes) -> None:
    """Compare what is read of lines without parsing them with what is read by parsing."""
    lines = Lines()
    for line in (*kept()[0].splitlines(), *log.split(b"\n")):
        told = []
        for read in (lines.read, read_line):
            try:
                record = read(line)
                told.append({name: record.get(name) for name in ("seq", "prev", "hash", "event", "time")})
            except BadLine as bad:
                told.append(bad.problem)
        must(told[0] == told[1], "a line that is not parsed is read as one that is")


def proofs() -> Iterator[bytes]:
    """Yield a proof of one record."""
    log, points, _ = kept()
    yield proof(3, records(BytesIO(log), 5), points.splitlines()[1])


@target(
    "proofs",
    "a record that is called proven is one that was signed; anything else is told as bad",
    proofs,
    (b'"path":', b'"record":', b'"checkpoint":', b"[]", b"null", b'"00"', b'\\"seq\\":'),
)
def single(data: bytes) -> None:
    log, _, keys = kept()
    try:
        record, _ = proves(data, keys)
    except BadLine as bad:
        must(bad.problem in PROBLEMS, "a problem has words")
        return
    must(record in [json.loads(line) for line in log.splitlines()], "it stands in the log")


@target(
    "keys-and-heads",
    "public keys, heads and copies are read, or told as wrong",
    lambda: [
        as_pem(kept()[2]).encode(),
        b"12:" + b"a" * 64,
        b'{"reference":"SLC-1","user":"a","service":"b","host":"c","method":"d","path":"e","content_type":"f",'
        b'"content_encoding":"","at":"2026-11-20T09:30:00+00:00","body":3}\nabc',
    ],
    (b"-----BEGIN PUBLIC KEY-----", b"Revoked: ", b"2026-11-20T09:30:00+08:00", b"MCowBQYDK2VwAyEA", b"\xef\xbc\x91"),
)
def keys_and_heads(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for read in (read_keys, read_head):
        with suppress(ValueError):
            read(text)
    with suppress(ValueError):
        Copy.unpack(data)
