"""A real proxy on a machine with too much to do: whoever had to wait hears so, and no prompt is called too long."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.e2e.sockets import PATIENCE, Sockets, open_sockets
from tests.e2e.street import CHAT, COLD, detecting, load_planted

PLANTED = load_planted()[0]
ECHO = "api.openai.com/v1/something/new"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent"
TURNS = 150
"""More turns than a small prompt has, which an idle machine looks through in a fraction of a second."""
BURNERS = 2


@pytest.fixture(scope="module")
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    with open_sockets(tmp_path_factory.mktemp("pressure"), scan_seconds=3, begin=COLD) as sockets:
        yield sockets
        sockets.expect_no_leak()


@contextmanager
def pressure(sockets: Sockets) -> Iterator[None]:
    """Let what detects have next to nothing of a processor that others keep busy; it is replaced afterwards."""
    (pid,) = detecting(sockets.street)
    processor = min(os.sched_getaffinity(0))
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {processor})
        os.sched_setscheduler(int(thread.name), os.SCHED_IDLE, os.sched_param(0))
    burn = f"import os; os.sched_setaffinity(0, {{{processor}}})\nwhile True: pass"
    burners = [subprocess.Popen([sys.executable, "-c", burn]) for _ in range(BURNERS)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
        os.kill(pid, 9)


def talk() -> list[dict[str, str]]:
    """Return an ordinary conversation that nobody has looked through before."""
    said = [f"{number}. {time.monotonic()} {PLANTED.text}" for number in range(TURNS)]
    return [{"role": ("user", "assistant")[number % 2], "content": one} for number, one in enumerate(said)]


def until_it_looks(sockets: Sockets) -> None:
    """Wait until a message goes out and comes back."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with sockets.connect(ECHO) as connection:
                connection.send(PLANTED.text)
                assert connection.recv(PATIENCE) == PLANTED.text
                return
        except ConnectionClosed:
            assert time.monotonic() < until


def expect_overload(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("10", "true")
    assert PLANTED.value not in answer.text


@pytest.mark.slow  # tests/proxy/test_out_of_time.py, test_keeper.py and test_hooks.py prove it step by step
def test_what_had_to_wait_is_an_overload_for_every_client_and_goes_out_when_it_is_over(sockets: Sockets) -> None:
    until_it_looks(sockets)
    sockets.standin.reset()
    before = len(sockets.street.request_records())
    with pressure(sockets):
        with sockets.street.client() as client:
            openai = client.post(CHAT, json={"model": "gpt-4o", "messages": talk()}, timeout=PATIENCE)
            parts = [{"role": one["role"], "parts": [{"text": one["content"]}]} for one in talk()]
            google = client.post(GEMINI, json={"contents": parts}, timeout=PATIENCE)
        expect_overload(openai)
        assert openai.json()["error"]["code"] == "overloaded"
        expect_overload(google)
        assert google.json()["error"]["status"] == "UNAVAILABLE"
        with sockets.connect(ECHO) as connection:
            connection.send(json.dumps({"said": talk()}))
            with pytest.raises(ConnectionClosed) as closed:
                connection.recv(PATIENCE)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013, "try again later"
    lines = [line for line in sockets.street.request_records()[before:] if line["outcome"] == "refused"]
    assert [line["code"] for line in lines] == ["overloaded"] * 3
    assert sockets.standin.messages == []
    until_it_looks(sockets)
