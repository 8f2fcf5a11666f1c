"""How long an auditor's check of a large log takes: `python -m bench.trail --records 1000000`.

Enters: how many records. Leaves: on standard output, how fast they were written into a log with its tree, and how fast
the program for auditors checked them against signed checkpoints, in how much memory; where it does not find the log
sound, all that it said, and exit status 1. Nothing is synced to the disk. A million records take minutes, and 0.7 GB
below `TMPDIR`; how far it has come is said on standard error all the time, and what stopped it when it is stopped.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from proxy.audit import Chain, Record
from proxy.cli.trail import write_program
from proxy.scratch import scratch
from proxy.trail.chain import GENESIS, Tree
from proxy.trail.checkpoint import read_checkpoint
from proxy.trail.signer import as_pem, public_keys, sign

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MEASURED: Final = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"code": code, "processor": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss}))
"""
"""Runs a command from a small process: one that is begun from here counts the memory of whoever began it as its own."""


BYTES_EACH: Final = 700
"""Of a record and its share of the checkpoints, at most."""


class Stopped(Exception):
    """Somebody has stopped it."""


def stop(number: int, _frame: object) -> None:
    """Stop with a word: a limit on time ends programs by signal, and says nothing of it itself."""
    raise Stopped(signal.Signals(number).name)


def say(words: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def write(folder: Path, records: int, every: int, says_every: int) -> None:
    """Write a log with a checkpoint after each `every` records."""
    began = time.perf_counter()
    chain, tree, first, prev = Chain(), Tree(), "", GENESIS
    with (folder / "log").open("wb") as log, (folder / "told").open("wb") as told:
        for number in range(1, records + 1):
            record = Record(f"SLC-{number}", AT, "forwarded", "wangfang", "10.20.1.7", "kimi", "kimi.com", "prompt")
            line, chain = chain.seal(record.fields("n1"))
            first = first or chain.prev
            log.write(line + b"\n")
            tree.add(line)
            if number % says_every == 0:
                say(f"{number} records written in {time.perf_counter() - began:.0f} s")
            if number % every == 0 or number == records:
                fields = {"size": number, "hash": chain.prev, "root": tree.root, "log": first, "policy": "1"}
                more = {"number": -(-number // every), "prev": prev, "time": AT.isoformat(), "node": "n1"}
                signed = sign(folder, {**fields, **more})
                told.write(signed + b"\n")
                prev = read_checkpoint(signed, {}, proven=True).digest


def check(folder: Path) -> int:
    """Run the program for auditors over what was written, say what it took, and return its exit status."""
    alone = [sys.executable, "-I", "-S"]
    command = [*alone, "verify.pyz", "log", "--key", "key", "--checkpoints", "told"]
    began = time.perf_counter()
    done = subprocess.run([*alone, "-c", MEASURED, *command], cwd=folder, check=True, capture_output=True, text=True)
    took = time.perf_counter() - began
    told, _, last = done.stdout.strip().rpartition("\n")
    used = json.loads(last)
    sys.stdout.write(
        f"checked in {took:.1f} s ({used['processor']:.1f} s of a processor) with {used['memory'] / 1024:.0f} MiB, "
        f"exit status {used['code']}\n{told}\n{done.stderr}"
    )
    return int(used["code"])


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--says-every", type=int, default=50_000, help="records between two words on how far it is")
    given = parser.parse_args()
    room, needed = shutil.disk_usage(gettempdir()).free, given.records * BYTES_EACH
    if room < needed:
        sys.exit(
            f"{gettempdir()} has {room >> 20} MiB free, and this takes {needed >> 20}: set TMPDIR to another folder"
        )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        measure(given)
    except Stopped as reason:
        sys.exit(f"stopped by {reason}: nothing is known of a log of {given.records} records")


def measure(given: argparse.Namespace) -> None:
    """Write a log and have it checked."""
    with scratch("trail") as folder:
        write_program(folder / "verify.pyz")  # first: the sources it is made of may change while records are written
        began = time.perf_counter()
        write(folder, given.records, given.every, given.says_every)
        (folder / "key").write_text(as_pem(public_keys(folder)), "ascii")
        size = (folder / "log").stat().st_size / 1e6
        written = time.perf_counter() - began
        sys.stdout.write(f"{given.records} records, {size:.0f} MB, written in {written:.1f} s\n")
        sys.stdout.flush()
        say("checking it")
        sys.exit(check(folder))


if __name__ == "__main__":
    main()
