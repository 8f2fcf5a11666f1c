"""A running proxy signs its log, tells a witness, and turns over the vault's keys while people work."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from proxy.errors import StoreError
from proxy.store.database import BUSY_SECONDS
from proxy.trail.signer import as_pem, public_keys
from tests.e2e.street import (
    CHAT,
    PATIENCE,
    Street,
    command,
    completion,
    content_of,
    load_planted,
    open_street,
    run_here,
)

CARD = next(each for each in load_planted() if each.name == "card with spaces")


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Street, Path]]:
    """A street and the file of its witness; the last test stops its proxy."""
    folder = tmp_path_factory.mktemp("trail")
    told = folder / "outside" / "told.jsonl"
    told.parent.mkdir()
    with open_street(folder, checkpoints={"every_seconds": 1, "witnesses": [{"file": str(told)}]}) as street:
        yield street, told


def found_the_store_locked(street: Street, answer: httpx.Response) -> bool:
    """Tell whether an exchange was refused for nothing but a lock of the store that was not free while it waited.

    SQLite's lock has no queue, and on a busy machine who holds it may not run for as long. A key that cannot be used is
    refused with the same code, but at once.
    """
    if answer.status_code != 503 or answer.json()["error"]["code"] != StoreError.code:
        return False
    [record] = [line for line in street.request_records() if line["id"] in answer.text]
    return bool(record["timings"]["decided"] >= 1000 * BUSY_SECONDS)


def test_an_exchange_that_finds_the_store_locked_is_refused_and_may_be_asked_again(
    witnessed: tuple[Street, Path],
) -> None:
    street, _ = witnessed
    with closing(sqlite3.connect(street.proxy.folder / "state" / "sluice.db", timeout=60)) as locked:
        locked.execute("BEGIN IMMEDIATE")
        answer = street.post(CHAT, json=completion(CARD.text))
        locked.execute("COMMIT")
    assert found_the_store_locked(street, answer)
    again = street.post(CHAT, json=completion(CARD.text))
    assert CARD.value in content_of(again) and not found_the_store_locked(street, again)


def test_keys_turn_over_under_load_and_every_answer_is_restored(
    witnessed: tuple[Street, Path],
) -> None:
    street, _ = witnessed
    stop, failed, restored = threading.Event(), list[str](), [0]

    def work() -> None:
        with street.client() as client:
            while not stop.is_set():
                answer = client.post(CHAT, json=completion(CARD.text))
                if found_the_store_locked(street, answer):
                    continue  # as whoever is told so
                if answer.status_code != 200 or CARD.value not in content_of(answer):
                    failed.append(answer.text)
                restored[0] += 1
                stop.wait(0.05)  # SQLite's lock has no queue: where it is never free, a command gets it by chance alone

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    try:
        until = time.monotonic() + PATIENCE
        while not restored[0]:  # the first exchange makes version 1; a command before it would make that one, not 2
            assert time.monotonic() < until and not failed, failed
            time.sleep(0.05)
        for version in (2, 3):
            for words in (("rotate",), ("rewrap",), ("end", "--below", str(version))):
                done = command(street, "keys", *words)
                assert done.returncode == 0, done.stderr
    finally:
        stop.set()
        for each in threads:
            each.join()
    assert failed == [] and restored[0] >= 8
    street.expect_no_leak()


def test_a_witness_proves_the_log_of_a_proxy_from_start_to_stop(witnessed: tuple[Street, Path], tmp_path: Path) -> None:
    street, told = witnessed
    street.post(CHAT, json=completion(CARD.text))
    log = street.proxy.audit
    assert street.proxy.stop() == 0
    lines = [json.loads(line) for line in log.read_bytes().splitlines()]
    assert lines[-1]["event"] == "stop" and "start" in {line["event"] for line in lines}
    keys = log.parent / "keys"
    assert (keys / "audit.key").stat().st_mode & 0o077 == 0
    (tmp_path / "key.pem").write_text(as_pem(public_keys(log.parent)), "utf-8")
    made = run_here("audit", "verifier", str(tmp_path / "v.pyz"))
    assert made.returncode == 0, made.stderr
    program = [sys.executable, "-I", "-S", str(tmp_path / "v.pyz"), str(log), "--key", str(tmp_path / "key.pem")]
    done = subprocess.run([*program, "--checkpoints", str(told)], capture_output=True, check=False, text=True)
    assert done.returncode == 0 and f"every record up to {len(lines)};" in done.stdout, done.stdout
