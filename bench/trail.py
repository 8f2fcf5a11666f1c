"""How long an auditor's check of a large log takes: `python -m bench.trail --records 1000000`.

Enters: how many records. Leaves: on standard output, how fast they were written into a log with its tree, and how fast
the program for auditors checked them against signed checkpoints, in how much memory. Nothing is synced to the disk.
"""

import argparse
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from proxy.audit import Chain, Record
from proxy.cli.trail import write_program
from proxy.trail.chain import GENESIS, Tree
from proxy.trail.checkpoint import read_checkpoint
from proxy.trail.signer import as_pem, public_keys, sign

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def write(folder: Path, records: int, every: int) -> None:
    """Write a log with a checkpoint after each `every` records."""
    chain, tree, first, prev = Chain(), Tree(), "", GENESIS
    with (folder / "log").open("wb") as log, (folder / "told").open("wb") as told:
        for number in range(1, records + 1):
            record = Record(f"SLC-{number}", AT, "forwarded", "wangfang", "10.20.1.7", "kimi", "kimi.com", "prompt")
            line, chain = chain.seal(record.fields("n1"))
            first = first or chain.prev
            log.write(line + b"\n")
            tree.add(line)
            if number % every == 0 or number == records:
                fields = {"size": number, "hash": chain.prev, "root": tree.root, "log": first, "policy": "1"}
                more = {"number": -(-number // every), "prev": prev, "time": AT.isoformat(), "node": "n1"}
                signed = sign(folder, {**fields, **more})
                told.write(signed + b"\n")
                prev = read_checkpoint(signed, {}, proven=True).digest


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=1000)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        write(folder, given.records, given.every)
        written = time.perf_counter() - began
        (folder / "key").write_text(as_pem(public_keys(folder)), "ascii")
        write_program(folder / "verify.pyz")
        command = [sys.executable, "-I", "-S", "verify.pyz", "log", "--key", "key", "--checkpoints", "told"]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        checked = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = (folder / "log").stat().st_size / 1e6
        sys.stdout.write(f"{given.records} records, {size:.0f} MB, written in {written:.1f} s\n")
        sys.stdout.write(
            f"checked in {checked:.1f} s with {memory:.0f} MiB, exit code {done.returncode}\n{done.stdout}"
        )


if __name__ == "__main__":
    main()
