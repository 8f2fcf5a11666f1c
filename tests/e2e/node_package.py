"""A package of Node.js, unmodified, asked through the proxy: the script of `node/` that calls it, and what it says."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.street import Street, load_planted

SCRIPTS = Path(__file__).parent / "node"
FOLDER = Path(sys.prefix) / "node"
NODE = shutil.which("node")
PATIENCE = 110.0
"""Seconds; a busy machine must not make a test fail."""

BOTH = [each for each in load_planted() if each.name in ("card with spaces", "resident identity number")]
two_languages = pytest.mark.parametrize("case", BOTH, ids=lambda case: case.name)
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


def needs(package: str) -> pytest.MarkDecorator:
    """Return the mark of tests that are skipped where `package` is not installed."""
    return pytest.mark.skipif(
        NODE is None or not (FOLDER / "node_modules" / package).is_dir(),
        reason="NODE.JS OR ITS PACKAGES ARE NOT INSTALLED: run .ci/node-packages",
    )


def ask_by(script: str, street: Street, base: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a package made of the answer to `asked`."""
    assert NODE is not None
    finished = subprocess.run(
        [NODE, str(SCRIPTS / script), str(FOLDER), street.proxy.url, base],
        input=json.dumps(asked).encode(),
        capture_output=True,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(street.proxy.ca)},
        check=False,
        timeout=PATIENCE,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    result: dict[str, Any] = json.loads(finished.stdout)
    return result
