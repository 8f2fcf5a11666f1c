"""In every process that serves or detects, a thread hands the interpreter over soon to whoever waits for it."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.cli import run
from proxy.turns import TURN
from proxy.workers import worker

ROOT = Path(__file__).parents[2]

PROCESSES = {
    "the proxy": "from proxy.turns import take_short_turns; take_short_turns()",
    "detection": "from proxy.detecting.worker import confine; confine()",
}


@pytest.mark.parametrize("name", PROCESSES)
def test_turns_are_short(name: str) -> None:
    code = f"import sys; {PROCESSES[name]}; print(sys.getswitchinterval())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert float(done.stdout) == pytest.approx(TURN), done.stderr


@pytest.mark.parametrize("begin", [run.serve, worker.main])
def test_a_process_that_serves_begins_with_it(begin: object) -> None:
    assert "take_short_turns()" in inspect.getsource(begin)  # type: ignore[arg-type]


YIELDING = """
import os, threading
from proxy.detecting.worker import NICE, yield_to_others
before, said = os.nice(0), []
waits = threading.Event()
old = threading.Thread(target=lambda: (waits.wait(), said.append((os.sched_getscheduler(0), os.nice(0) - before))))
old.start()
yield_to_others()
waits.set(); old.join()
new = threading.Thread(target=lambda: said.append((os.sched_getscheduler(0), os.nice(0) - before)))
new.start(); new.join()
print(said == [(os.SCHED_BATCH, NICE)] * 2, said)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="policies of this kind are Linux's")
def test_every_thread_that_detects_comes_after_the_proxys_and_interrupts_nobody() -> None:
    done = subprocess.run([sys.executable, "-c", YIELDING], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("True"), done.stdout + done.stderr
