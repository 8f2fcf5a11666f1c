"""A package of Node.js, unmodified, asked through the proxy: the script of `node/` that calls it, and what it says."""

import atexit
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.street import Street, load_planted

SCRIPTS = Path(__file__).parent / "node"
FOLDER = Path(sys.prefix) / "node"
NODE = shutil.which("node")
PATIENCE = 110.0
"""Seconds that it has to end."""

BOTH = [each for each in load_planted() if each.name in ("card with spaces", "resident identity number")]
two_languages = pytest.mark.parametrize("case", BOTH, ids=lambda case: case.name)
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


def needs(package: str) -> pytest.MarkDecorator:
    """Return the mark of tests that are skipped where `package` is not installed."""
    return pytest.mark.skipif(
        NODE is None or not (FOLDER / "node_modules" / package).is_dir(),
        reason="NODE.JS OR ITS PACKAGES ARE NOT INSTALLED: run .ci/node-packages",
    )


@cache
def program(script: str, proxy: str, ca: Path) -> "subprocess.Popen[bytes]":
    """Return the program that asks through this proxy, as long as this process lives: it takes longest to begin."""
    assert NODE is not None
    process = subprocess.Popen(
        [NODE, str(SCRIPTS / script), str(FOLDER), proxy],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(ca)},
    )

    def end() -> None:
        process.communicate(timeout=PATIENCE)

    atexit.register(end)
    return process


def ask_by(script: str, street: Street, base: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a package made of the answer to `asked`."""
    process = program(script, street.proxy.url, street.proxy.ca)
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps({"base": base, **asked}).encode() + b"\n")
    process.stdin.flush()
    result: dict[str, Any] = json.loads(process.stdout.readline())
    return result
