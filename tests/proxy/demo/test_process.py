import subprocess
import sys

import pytest

from proxy.demo.process import DidNotStart, Employee, end, run_sluice, start_proxy
from tests import nursery

STUBBORN = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


def test_a_proxy_that_cannot_start_says_why(tmp_path) -> None:
    with pytest.raises(DidNotStart, match="no_such_setting"):
        start_proxy(tmp_path, {"no_such_setting": 1}, "policy: p\nversion: 1\notherwise: forbid\n", {}, nursery.begin)


def test_a_process_that_will_not_end_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.demo.process.ENDS_WITHIN", 0.2)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert end(process) < 0


def test_ending_what_has_ended_returns_its_status() -> None:
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as process:
        process.wait()
        assert end(process) == 3


def test_an_employee_that_ended_is_noticed() -> None:
    silent = [sys.executable, "-c", "input()"]
    with (
        subprocess.Popen(silent, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ended,
        pytest.raises(DidNotStart),
    ):
        Employee(ended).ask({"sdk": "openai"})


def test_the_command_runs_in_this_interpreter() -> None:
    done = run_sluice("--help")
    assert (done.returncode, done.stderr) == (0, b"")
