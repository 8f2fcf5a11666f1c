"""More than can be done, and what detects is killed in the midst of it: when the crowd has gone, everybody is served.

One turn a worker, so that a single one that is not given back (its client has left, its search was cut off, it was
refused while it waited) would stop that worker for good.
"""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx
import pytest

from bench.soak.machine import family
from tests.chaos.test_faults import FAST, PLANTED, ask, wait_until_it_works
from tests.e2e.street import CHAT, COLD, Street, completion, content_of, open_street

LONG = f"{PLANTED.text}\n" * 400
CROWD = 24
KILLS = 3


def detecting(street: Street) -> list[int]:
    return [pid for role, pid in family(street.proxy.process.pid) if role == "detection"]


def press(street: Street, number: int, over: Event) -> set[int]:
    """Ask without a pause until it is over; every third has no patience and leaves. Returns how it was answered."""
    seen, count = set[int](), 0
    while not over.is_set():
        count += 1
        patience = 0.5 if number % 3 == 0 else 120.0
        try:
            with street.client() as client:
                made = client.post(CHAT, json=completion(f"{number} {count} {LONG}"), timeout=patience)
        except httpx.TimeoutException:
            continue
        seen.add(made.status_code)
        over.wait(0.2)
    return seen


@pytest.mark.chaos
def test_when_a_crowd_has_gone_in_which_detection_was_killed_everybody_is_served(tmp_path: Path) -> None:
    few = {"at_once": 2, "person_at_once": 2, "waiting": 8, "person_waiting": 8}
    with open_street(tmp_path, begin=COLD, admission=few, workers={"count": 2}, **FAST) as street:
        wait_until_it_works(street)
        over = Event()
        with ThreadPoolExecutor(CROWD) as pool:
            crowd = [pool.submit(press, street, number, over) for number in range(CROWD)]
            try:
                for _ in range(KILLS):
                    until = time.monotonic() + 60
                    while not (pids := detecting(street)):
                        assert time.monotonic() < until, "what detects does not come back"
                        time.sleep(0.1)
                    time.sleep(2)
                    os.kill(pids[0], signal.SIGKILL)
            finally:
                over.set()
            answered = set[int]().union(*(one.result() for one in crowd))
        assert 503 in answered and answered <= {200, 403, 503}, answered
        wait_until_it_works(street)
        for count in range(12):  # each on a connection of its own, so both workers are asked
            answer = ask(street, f"afterwards, {count}")
            assert answer.status_code == 200 and PLANTED.value in content_of(answer), answer.text
        street.expect_no_leak()
        street.expect_silence()
