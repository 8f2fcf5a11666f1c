"""Starts what the demo and the end-to-end tests need as processes of their own: the proxy, the command, an employee.

Enters: settings, a policy and a folder to keep all in. Leaves: a running proxy and where it listens. A process that
was started here is always ended here, and only those.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

type Json = dict[str, Any]
type Begin = Callable[..., subprocess.Popen[bytes]]

ROOT: Final = Path(__file__).resolve().parents[2]
"""The folder that holds the packages, so that a process finds them installed or not."""

STARTS_WITHIN: Final = 240.0
"""Seconds until the proxy must listen; one that ends before is told at once, and a busy machine takes a minute."""

ENDS_WITHIN: Final = 60.0
"""Seconds between the polite request to end and the other kind; a busy machine takes some."""


class DidNotStart(Exception):
    """A process ended, or kept silent, before it was ready; says what it wrote last."""


@dataclass(slots=True)
class RunningProxy:
    """A proxy that listens."""

    process: subprocess.Popen[bytes]
    folder: Path
    """Where its settings, policy, state and log are."""
    url: str
    """As a client writes it: `http://127.0.0.1:8080`."""
    ca: Path
    """The certificate that clients must trust."""
    secrets: Mapping[str, str] = field(repr=False)
    """Environment variables with the keys that its settings name."""

    @property
    def config(self) -> Path:
        """Its settings file."""
        return self.folder / "sluice.yaml"

    @property
    def log(self) -> Path:
        """All it wrote to standard output and standard error."""
        return self.folder / "sluice.log"

    @property
    def audit(self) -> Path:
        """Its audit file."""
        return self.folder / "state" / "audit.jsonl"

    def environment(self) -> dict[str, str]:
        """Return the environment of a client that goes through this proxy and trusts it."""
        plain = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        trust = str(self.ca)
        return {**plain, "HTTPS_PROXY": self.url, "https_proxy": self.url, "SSL_CERT_FILE": trust}

    def stop(self) -> int:
        """End the proxy and return its exit status."""
        return end(self.process)


TEMPORARY: Final = "tmp"
"""Folder of a proxy's temporary files, below its own."""


def start_proxy(
    folder: Path,
    settings: Mapping[str, Any],
    policy: str,
    secrets: Mapping[str, str],
    begin: Begin = subprocess.Popen,
) -> RunningProxy:
    """Start a proxy on a free port, with all its files below `folder`; raises `DidNotStart`.

    `secrets` are environment variables, as the settings name them for keys; `begin` is what starts the process.
    """
    (folder / TEMPORARY).mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    config = folder / "sluice.yaml"
    whole = {"listen": "127.0.0.1:0", "policy": "policy.yaml", "state": "state", **settings}
    config.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    log = folder / "sluice.log"
    with log.open("ab") as output:
        process = begin(
            sluice("run", "--config", str(config), "--ready-file", str(ready)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **importable(), **secrets, "TMPDIR": str(folder.absolute() / TEMPORARY)},
            cwd=folder,
        )
    said = wait_for(ready, process, log)
    return RunningProxy(process, folder, f"http://{said['listen']}", Path(said["ca"]), secrets)


def wait_for(ready: Path, process: subprocess.Popen[bytes], log: Path) -> Json:
    """Return what the ready file says once it is there; raises `DidNotStart`."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if ready.exists() and (text := ready.read_bytes()):
            said: Json = orjson.loads(text)
            return said
        if process.poll() is not None:
            break
        time.sleep(0.05)
    end(process)
    raise DidNotStart(f"the proxy did not start; it wrote last:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def end(process: subprocess.Popen[bytes]) -> int:
    """End a process, politely first, and return its exit status."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def sluice(*arguments: str) -> list[str]:
    """Return the command line of `sluice` with `arguments`, in this very interpreter."""
    return [sys.executable, "-m", "proxy.cli.main", *arguments]


def importable() -> dict[str, str]:
    """Return the environment variable that lets a process elsewhere find the packages."""
    return {"PYTHONPATH": str(ROOT)}


def run_sluice(*arguments: str, secrets: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run `sluice` to its end and return what it said; `secrets` are the variables that its settings name."""
    environment = {**os.environ, **importable(), "NO_COLOR": "1", **(secrets or {})}
    return subprocess.run(sluice(*arguments), capture_output=True, env=environment, check=False)


@dataclass(slots=True)
class Employee:
    """A running `proxy.demo.employee`."""

    process: subprocess.Popen[bytes]
    pieces: list[str] = field(default_factory=list)
    """Pieces of text of the last answer, as they arrived."""

    @classmethod
    def start(cls, environment: Mapping[str, str], begin: Begin = subprocess.Popen) -> "Employee":
        """Start one whose way out is what `environment` says; `begin` is what starts the process."""
        return cls(
            begin(
                [sys.executable, "-m", "proxy.demo.employee"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**environment, **importable()},
            )
        )

    def ask(self, asked: Json, on_piece: Callable[[str], None] = lambda _: None) -> Json:
        """Let it ask, and return the result: `done`, `error` or `missing`; `on_piece` sees each piece as it comes."""
        assert self.process.stdin and self.process.stdout
        self.pieces.clear()
        self.process.stdin.write(orjson.dumps({"body": {}, **asked}) + b"\n")
        self.process.stdin.flush()
        while line := self.process.stdout.readline():
            said: Json = orjson.loads(line)
            if "piece" not in said:
                return said
            self.pieces.append(said["piece"])
            on_piece(said["piece"])
        raise DidNotStart("the employee's program ended without an answer")

    def stop(self) -> None:
        """End it."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        end(self.process)
