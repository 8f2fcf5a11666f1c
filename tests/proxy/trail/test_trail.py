"""Beside the writers the log is signed and told of; where it is not the signed one, nothing goes out."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from proxy.audit import Record
from proxy.errors import StoreError
from proxy.trail.interface import Checkpoints, Outside
from proxy.trail.signer import public_keys
from proxy.trail.sinks import AuditFile
from proxy.trail.trail import Trail
from proxy.trail.verify import compare
from tests.proxy.house import Tenant
from tests.proxy.trail.signed import AT, fill, signed_log


def test_from_start_to_stop_a_witness_hears_of_every_record(tmp_path: Path) -> None:
    told = tmp_path / "told"
    wanted = Checkpoints(timedelta(days=1), 5, timedelta(minutes=10), (Outside("file", str(told)),))
    log = AuditFile(tmp_path / "audit.jsonl")
    trail = Trail(log, tmp_path, wanted, "n1", lambda: AT)
    trail.start()
    fill(log, 7)
    for _ in range(100):
        if told.exists():
            break
        time.sleep(0.1)
    assert told.exists(), "after so many records, while it runs"
    fill(log, 2)
    trail.stop()
    log.close()
    with log.path.open("rb") as lines:
        checked = compare(lines, told.read_bytes().split(b"\n"), public_keys(tmp_path))
    assert (checked.ok, checked.signed) == (True, 9)


def test_over_a_log_that_was_rewritten_the_alarm_is_raised_once_and_nothing_goes_out(tmp_path: Path) -> None:
    signed_log(tmp_path, (5,))
    (tmp_path / "audit.jsonl").unlink()
    log, told = AuditFile(tmp_path / "audit.jsonl"), []
    fill(log, 6, AT + timedelta(days=1))
    trail = Trail(log, tmp_path, Checkpoints(), "n1", lambda: AT)
    trail.tell = lambda word, _notes: told.append(word)
    trail.must_hold()
    trail.look()
    trail.look()
    assert told == ["audit_rewritten"]
    with pytest.raises(StoreError, match="rewritten"):
        trail.must_hold()
    log.close()


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [("forwarded", False), ("redirected", False), ("not_inspected", False), ("refused", True), ("error", True)],
)
def test_where_the_log_cannot_be_proven_only_refusals_are_recorded(tenant: Tenant, outcome, kept: bool) -> None:
    def refuse() -> None:
        raise StoreError("away")

    ledger = replace(tenant.house.ledger, must_hold=refuse)
    record = Record("SLC-1", AT, outcome)
    if kept:
        ledger.write(record)
    else:
        with pytest.raises(StoreError, match="away"):
            ledger.write(record)
    assert len(tenant.records()) == kept
