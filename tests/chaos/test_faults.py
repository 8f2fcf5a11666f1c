"""One part of the real proxy breaks: nothing goes out unseen, it is told and on record, and it mends itself.

Which fault is tested where, those of other files too: docs/chaos.md. The service is a stand-in that keeps every byte
it is sent. A test that needs a file system of its own is left out, loudly, where nobody may mount one.
"""

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import orjson
import pytest

import proxy.demo.authority
import tests.e2e.street
from proxy.demo.authority import server_context
from tests.e2e.street import (
    CHAT,
    COLD,
    Street,
    again,
    completion,
    content_of,
    detecting,
    load_planted,
    open_street,
    run_here,
)

PLANTED = load_planted()[0]
PATIENCE = 60.0
NER_MODEL = Path(__file__).parents[1] / "cases" / "ner" / "foreign"
FAST = {"detection": {"names": "off"}, "scan_seconds": 60}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with open_street(tmp_path_factory.mktemp("street"), **FAST) as street:
        yield street
        street.expect_no_leak()
        street.expect_silence()


def ask(street: Street, note: str = "") -> httpx.Response:
    """Send a prompt with a confidential value that nobody has sent before in these words."""
    with street.client() as client:
        return client.post(CHAT, json=completion(f"{note} {time.monotonic()} {PLANTED.text}"), timeout=PATIENCE)


def wait_until_it_works(street: Street) -> None:
    until = time.monotonic() + PATIENCE
    while (answer := ask(street)).status_code != 200:
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)
    assert PLANTED.value in content_of(answer)


def must_refuse(street: Street, code: str) -> httpx.Response:
    """Ask; nothing may reach the service, and the person must hear the reason."""
    street.reset()
    answer = ask(street, "while it is broken:")
    assert street.external.everything() == b"", "bytes upstream before a verdict"
    assert answer.status_code >= 400 and answer.json()["error"]["code"] == code, answer.text
    assert PLANTED.value not in answer.text
    if code == "store_unavailable":  # the person hears no more; whoever is on call finds why
        [said] = [line for line in street.logged(answer) if line["event"].startswith("refused: ")]
        assert (said["level"], said["code"]) == ("error", code)
        assert re.search(f"{street.proxy.audit.parent}|the store", said["event"]), said["event"]
    return answer


# -- the store --------------------------------------------------------------------------------------------------------


@contextmanager
def locked(street: Street) -> Iterator[None]:
    """Hold the database as another process does that writes for long."""
    other = sqlite3.connect(street.proxy.folder / "state" / "sluice.db", timeout=PATIENCE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_a_store_that_is_locked(street: Street) -> None:
    wait_until_it_works(street)
    with locked(street):
        must_refuse(street, "store_unavailable")
    wait_until_it_works(street)
    assert "store_unavailable" in [line["code"] for line in street.request_records()]


def test_a_store_that_is_slow(street: Street) -> None:
    """It is waited for, the answer is whole, and nothing is asked twice."""
    wait_until_it_works(street)
    street.reset()
    with locked(street):
        client = street.client()
        pool = ThreadPoolExecutor(1)
        answered = pool.submit(client.post, CHAT, json=completion(f"slow {PLANTED.text}"), timeout=PATIENCE)
        time.sleep(0.5)
        assert street.external.everything() == b"" and not answered.done()
    assert PLANTED.value in content_of(answered.result())
    pool.shutdown()
    client.close()
    assert len(street.external.requests) == 1


# -- the disk ---------------------------------------------------------------------------------------------------------


@contextmanager
def room(street: Street, size: int) -> Iterator[None]:
    """Let no file of the proxy grow beyond `size`: the system answers as for a full disk."""
    pid, hard = street.proxy.process.pid, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def test_an_audit_log_without_room(street: Street) -> None:
    wait_until_it_works(street)
    with room(street, street.proxy.audit.stat().st_size + 100):  # a line is longer: it fits in part
        must_refuse(street, "store_unavailable")
        must_refuse(street, "store_unavailable")
    wait_until_it_works(street)
    assert "recovered" in [line.get("event") for line in lines_that_hold(street)]
    verified = run_here("audit", "verify", str(street.proxy.audit))
    assert verified.returncode == 0, verified.stdout.decode()


def lines_that_hold(street: Street) -> list[dict[str, object]]:
    """Return the records, without what stands torn between them."""
    found = []
    for line in street.proxy.audit.read_bytes().splitlines():
        try:
            found.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            continue
    return found


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of 8 MB, which needs root."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"NOT TESTED on a full disk: nobody here may mount one ({made.stderr.decode().strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.chaos
def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, open_street(tmp_path / "street", state=str(disk), **FAST) as street:
        audit = disk / "audit.jsonl"
        wait_until_it_works(street)
        filler = disk / "filler"
        with filler.open("wb") as file:
            try:
                while True:
                    file.write(b"x" * 4096)
                    file.flush()
            except OSError:
                pass
        # The last page of the log may have room for some lines yet; whatever goes out before is on record.
        until = time.monotonic() + PATIENCE
        while ask(street).status_code == 200:
            assert time.monotonic() < until
        must_refuse(street, "store_unavailable")
        os.truncate(filler, 0)
        wait_until_it_works(street)
        assert run_here("audit", "verify", str(audit)).returncode == 0
        street.expect_no_leak()
        assert PLANTED.value.encode() not in audit.read_bytes() + street.proxy.log.read_bytes()


def try_as_root(*command: str, needed: bool = True) -> None:
    """Run a command that needs root; the test is left out, loudly, where it cannot be run."""
    done = subprocess.run(command, capture_output=True, check=False)
    if needed and done.returncode:
        pytest.skip(f"NOT TESTED on a read-only disk: {' '.join(command)}: {done.stderr.decode().strip()}")


@contextmanager
def failing_disk(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Mount an ext4 file system from a file, and give what makes the system find it broken: then it is read-only."""
    image, place = folder / "image", folder / "disk"
    place.mkdir(parents=True)
    with image.open("wb") as file:
        file.truncate(32 << 20)
    try_as_root("mkfs.ext4", "-q", "-F", str(image))
    try_as_root("mount", "-o", "loop,errors=remount-ro", str(image), str(place))
    try:
        device = next(line.split()[0] for line in Path("/proc/mounts").read_text().splitlines() if f" {place} " in line)
        trigger = Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"
        if not trigger.exists():
            pytest.skip("NOT TESTED on a read-only disk: this kernel breaks no file system on demand")
        yield place, trigger
    finally:
        try_as_root("umount", "-l", str(place), needed=False)


@pytest.mark.chaos
def test_a_disk_that_became_read_only(tmp_path: Path) -> None:
    """As after an error of the disk: nothing goes out, and once it is mounted anew, all that was written is there."""
    with (
        failing_disk(tmp_path) as (disk, trigger),
        open_street(tmp_path / "street", state=str(disk / "state"), **FAST) as street,
    ):
        wait_until_it_works(street)
        before = len((disk / "state" / "audit.jsonl").read_bytes().splitlines())
        trigger.write_text("a test")
        must_refuse(street, "store_unavailable")
        must_refuse(street, "store_unavailable")
        assert PLANTED.value.encode() not in street.proxy.log.read_bytes()
        street.proxy.process.kill()
        street.proxy.process.wait()
        try_as_root("umount", str(disk))
        subprocess.run(["fsck.ext4", "-p", str(tmp_path / "image")], capture_output=True, check=False)
        try_as_root("mount", "-o", "loop", str(tmp_path / "image"), str(disk))
        street.proxy = again(street)
        wait_until_it_works(street)
        street.reset()
        assert len((disk / "state" / "audit.jsonl").read_bytes().splitlines()) > before
        assert run_here("audit", "verify", str(disk / "state" / "audit.jsonl")).returncode == 0
        street.proxy.stop()


@pytest.mark.chaos
def test_an_audit_log_that_was_taken_away(tmp_path: Path) -> None:
    """Nobody knows any more what stood in it, so a person must look: it does not go on by itself."""
    with open_street(tmp_path, **FAST) as street:
        wait_until_it_works(street)
        street.proxy.audit.rename(tmp_path / "taken.jsonl")
        (tmp_path / "taken.jsonl").unlink()
        must_refuse(street, "store_unavailable")
        assert "was deleted while in use" in street.proxy.log.read_text("utf-8")
        street.proxy.stop()
        street.proxy = again(street)
        wait_until_it_works(street)
        street.expect_no_leak()


# -- processes --------------------------------------------------------------------------------------------------------


def test_a_proxy_that_is_killed_in_mid_stream(street: Street) -> None:
    """The client sees the end; afterwards the log holds, and what was sent can still be restored."""
    wait_until_it_works(street)
    street.reset()
    street.external.manner.hold_after = 2
    with street.client() as client, client.stream("POST", CHAT, json=completion(PLANTED.text, stream=True)) as got:
        pieces = got.iter_bytes()
        next(pieces)
        street.proxy.process.kill()
        street.external.manner.released.set()
        with pytest.raises(httpx.HTTPError):
            b"".join(pieces)
    street.proxy.process.wait()
    sent = street.external.requests[-1].json()["messages"][-1]["content"]
    assert PLANTED.value not in sent
    street.reset()
    street.proxy = again(street)
    back = street.post(CHAT, json=completion(f"say it again: {sent}"))
    assert PLANTED.value in content_of(back), "what was sent before the end is still known"
    assert run_here("audit", "verify", str(street.proxy.audit)).returncode == 0


@pytest.mark.chaos
def test_a_proxy_that_is_killed_while_it_reads(tmp_path: Path) -> None:
    with open_street(tmp_path, **FAST) as street:
        wait_until_it_works(street)
        street.reset()
        long = "".join(f"{number}. {PLANTED.text} 下午三点。\n" for number in range(3000))
        with ThreadPoolExecutor(1) as pool, street.client() as client:
            asked = pool.submit(client.post, CHAT, json=completion(long), timeout=PATIENCE)
            time.sleep(0.3)
            street.proxy.process.kill()
            with pytest.raises(httpx.HTTPError):
                asked.result()
        street.proxy.process.wait()
        assert street.external.everything() == b"", "bytes upstream before a verdict"
        street.proxy = again(street)
        wait_until_it_works(street)


@pytest.mark.chaos
@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_a_model_for_names_that_is_gone_when_detection_starts_anew(tmp_path: Path, how: str) -> None:
    """What nobody can look for is unknown, and the policy refuses; put back, it works again by itself."""
    model = tmp_path / "model"
    shutil.copytree(NER_MODEL, model)
    policy = (tests.e2e.street.CASES / "policy.yaml").read_text("utf-8")
    policy = policy.replace("PHONE_NUMBER,", "PHONE_NUMBER, PERSON,")
    detection = {"names": "off", "models": [{"path": str(model)}]}
    with open_street(tmp_path / "street", policy, detection=detection, scan_seconds=20, begin=COLD) as street:
        wait_until_it_works(street)
        file = model / "model.onnx"
        kept = file.read_bytes()
        file.unlink() if how == "missing" else file.write_bytes(kept[: len(kept) // 2])
        (before,) = detecting(street)
        os.kill(before, signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while before in detecting(street):
            assert time.monotonic() < until
        street.reset()
        answer = ask(street)
        assert answer.status_code >= 400 and street.external.everything() == b"", answer.text
        file.write_bytes(kept)
        wait_until_it_works(street)
        street.expect_no_leak()
        told = [line for line in street.records() if line["event"] == "detection_process"]
        assert [one["state"] for one in told][-1] == "working"


# -- the other side ---------------------------------------------------------------------------------------------------


@pytest.mark.chaos
def test_a_service_whose_certificate_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def expired(*given):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(proxy.demo.authority, "LIFETIME", timedelta(minutes=-30))
            return server_context(*given)

    monkeypatch.setattr(tests.e2e.street, "server_context", expired)
    with open_street(tmp_path, **FAST) as street:
        must_refuse(street, "service_unreachable")
        assert street.answers(1)[-1]["code"] == "upstream_unreachable"
        street.expect_no_leak()


# -- many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.chaos
def test_more_than_it_can_read_at_once(tmp_path: Path) -> None:
    """Whoever is sent away is told when to come again; nothing of it went out, and what was let in is whole."""
    few = {"at_once": 1, "person_at_once": 1, "waiting": 2, "person_waiting": 2}
    with open_street(tmp_path, admission=few, **FAST) as street:
        wait_until_it_works(street)
        before = len(street.request_records())
        long = "".join(f"{number}. {PLANTED.text}\n" for number in range(600))
        with ThreadPoolExecutor(12) as pool:
            answers = list(
                pool.map(lambda n: street.post(CHAT, json=completion(f"{n} {long}"), timeout=PATIENCE), range(12))
            )
        by_status = {status: [one for one in answers if one.status_code == status] for status in (200, 503)}
        assert len(by_status[200]) + len(by_status[503]) == 12 and by_status[200] and by_status[503]
        for one in by_status[503]:
            assert one.json()["error"]["code"] == "overloaded" and one.headers["retry-after"] == "5"
        for one in by_status[200]:
            assert content_of(one).count(PLANTED.value) == 600
        codes = [line["code"] for line in street.request_records()[before:]]
        assert codes.count("overloaded") == len(by_status[503]) and len(codes) == 12
        wait_until_it_works(street)
        street.expect_no_leak()
        street.expect_silence()
