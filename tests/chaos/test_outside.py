"""What the proxy leans on from outside fails: the witness of its log, the time a model takes.

As in `test_faults`: nothing goes out before a verdict, nothing is lost, all is on record, and it mends itself.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.trail.collector import Collection, server
from proxy.trail.signer import public_keys
from tests.chaos.test_faults import FAST, NER_MODEL, PLANTED, ask, wait_until_it_works
from tests.e2e.street import CASES, COLD, Street, detecting, open_street
from tests.ports import free_port

PATIENCE = 120.0

pytestmark = pytest.mark.chaos


def wait_for(holds: Callable[[], bool], street: Street) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, street.proxy.log.read_text("utf-8")[-3000:]
        time.sleep(0.1)


@contextmanager
def witness(street: Street, file: Path, port: int) -> Iterator[None]:
    """Run the shipped witness, which refuses what contradicts what it has."""
    with server(Collection(file, public_keys(street.proxy.folder / "state")), ("127.0.0.1", port)) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            made.shutdown()
            thread.join()


def signed(street: Street) -> list[bytes]:
    """Return the checkpoints that the proxy has signed so far."""
    path = street.proxy.folder / "state" / "audit.checkpoints.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def test_a_witness_that_is_away_hears_of_all_once_it_is_back(tmp_path: Path) -> None:
    """Away from the start, back, away again and back: each checkpoint comes to it, in order, and once."""
    port, kept = free_port(), tmp_path / "kept.jsonl"
    told = {"every_seconds": 1, "witnesses": [{"url": f"http://127.0.0.1:{port}/"}]}
    with open_street(tmp_path / "street", checkpoints=told, **FAST) as street:
        for count in (1, 2):
            wait_until_it_works(street)  # it holds nobody up
            before = len(signed(street))
            wait_for(lambda before=before: len(signed(street)) > before or before > 1, street)
            assert ask(street, f"while the witness is away, {count}").status_code == 200
            with witness(street, kept, port):
                wait_for(lambda: kept.read_bytes().splitlines() == signed(street), street)
            assert not kept.with_name("kept.jsonl.refused").exists()
        assert len(signed(street)) > 1
        street.expect_no_leak()
        street.expect_silence()
        assert street.leaks(kept.read_bytes()) == []


def test_a_model_for_names_that_is_slow(tmp_path: Path) -> None:
    """A real model that stands still: in time its answer is waited for; too late, nothing goes out, and it recovers."""
    policy = (CASES / "policy.yaml").read_text("utf-8").replace("PHONE_NUMBER,", "PHONE_NUMBER, PERSON,")
    detection = {"names": "off", "models": [{"path": str(NER_MODEL)}]}
    with open_street(tmp_path, policy, detection=detection, scan_seconds=20, begin=COLD) as street:
        wait_until_it_works(street)
        for stands, codes in ((2.0, (200,)), (60.0, (403, 413, 500, 503))):
            street.reset()
            (pid,) = detecting(street)
            os.kill(pid, signal.SIGSTOP)
            with ThreadPoolExecutor(1) as pool:
                asked = pool.submit(ask, street, f"while it stands still for {stands} s")
                until = time.monotonic() + stands
                while time.monotonic() < until and not asked.done():
                    assert street.external.everything() == b"", "bytes upstream before a verdict"
                    time.sleep(0.1)
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, signal.SIGCONT)
                answer = asked.result()
            assert answer.status_code in codes, answer.text
            if answer.status_code != 200:
                assert street.external.everything() == b"" and PLANTED.value not in answer.text
                assert street.last_record()["outcome"] in ("refused", "error")
            wait_until_it_works(street)
        street.expect_no_leak()
        street.expect_silence()
