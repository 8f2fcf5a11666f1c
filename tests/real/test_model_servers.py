"""The models for names on real servers of the Open Inference Protocol v2: what is found is what is found here.

`make real-models` installs MLServer, and Triton as PyTriton brings it, in an environment of their own.
"""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from detectors.ner.names import names_by, shipped_names
from proxy.demo.process import run_sluice
from proxy.inference.client import Client
from proxy.inference.remote import Opener
from proxy.settings.detection import ModelServer
from tests.proxy.inference.test_remote import PERSONS, TEXTS

pytestmark = pytest.mark.real

PATIENCE = 180.0
SERVERS = Path(__file__).with_name("triton_server.py")


def environment() -> Path:
    """Return the environment of the servers."""
    named = os.environ.get("MODEL_SERVERS")
    if named is None:
        pytest.skip("MODEL_SERVERS names no environment; see `make real-models`")
    return Path(named)


def free_port() -> int:
    """Return the first of three ports that are most likely free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(url: str) -> bool:
    """Tell whether the server and all its models are ready."""
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def running(command: list[str], folder: Path, port: int, names: list[str], **variables: str) -> Iterator[str]:
    """Run a server until the end, and yield its address once it has its models."""
    url = f"http://127.0.0.1:{port}"
    with (folder.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **variables},
            start_new_session=True,
        )
        try:
            until = time.monotonic() + PATIENCE
            while not all(ready(f"{url}/v2/models/{name}/ready") for name in names):
                told = (folder.parent / "server.log").read_text("utf-8", "replace")[-3000:]
                assert process.poll() is None and time.monotonic() < until, told
                time.sleep(0.5)
            yield url
        finally:
            assert process.stdin
            process.stdin.close()
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def exported(form: str, folder: Path) -> list[str]:
    """Export the shipped models, and return their names."""
    done = run_sluice("models", "export", f"--{form}", str(folder))
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().split()


@contextmanager
def mlserver(folder: Path) -> Iterator[str]:
    names, port = exported("mlserver", folder), free_port()
    told = {"host": "127.0.0.1", "http_port": port, "grpc_port": port + 1, "metrics_port": port + 2}
    (folder / "settings.json").write_text(json.dumps({**told, "parallel_workers": 0}), "utf-8")
    with running([str(environment() / "bin" / "mlserver"), "start", "."], folder, port, names) as url:
        yield url


@contextmanager
def triton(folder: Path) -> Iterator[str]:
    names, port = exported("triton", folder), free_port()
    python = (environment() / "bin" / "python").resolve()
    command = [str(environment() / "bin" / "python"), str(SERVERS), str(folder), str(port)]
    libraries = str(python.parents[1] / "lib")  # of a Python that is not the system's
    with running(command, folder, port, names, LD_LIBRARY_PATH=libraries) as url:
        yield url


@pytest.mark.parametrize("server", [mlserver, triton], ids=["MLServer", "Triton"])
def test_a_real_server_finds_what_is_found_here(server: object, tmp_path: Path) -> None:
    assert callable(server)
    with server(tmp_path / "repository") as url:
        opener = Opener(Client(ModelServer(url, seconds=60)), 60)
        names = names_by("accurate", opener.device, opener)
        try:
            found = names.find_all(TEXTS, PERSONS)
            assert found == shipped_names("accurate", "cpu", 1).find_all(TEXTS, PERSONS)
            assert sum(len(one) for one in found if isinstance(one, tuple)) >= 5
        finally:
            names.close()
            opener.close()
