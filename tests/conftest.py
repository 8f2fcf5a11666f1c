"""No test here is timed: the machine may be busy. What many processes need alike is made once."""

import compileall
import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the house, and give all processes of a run one build cache: proxies start by the dozen."""
    if hasattr(config, "workerinput"):
        return
    for package in ("detectors", "policies", "proxy"):  # where Python is told to leave no files, too
        compileall.compile_dir(ROOT / package, quiet=2)
    os.environ["CACHE_DIRECTORY"] = folder = mkdtemp(prefix="sluice-tests-")
    config.add_cleanup(lambda: rmtree(folder, ignore_errors=True))
