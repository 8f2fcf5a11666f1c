"""Assertions rewritten once for all workers, by two processes, before any worker begins.

Enters: pytest's configuration. Leaves: compiled tests in `__pycache__`, as pytest itself keeps them. Each worker of a
run reads every test file; in a fresh checkout, and wherever Python is told to leave no files, each would rewrite all of
them, which takes as long as to collect them. This goes by pytest's own functions, which it promises nobody: where one
is gone, the workers do it as ever.
"""

import os
from pathlib import Path

import pytest

try:
    from _pytest.assertion.rewrite import (
        PYC_TAIL,
        _read_pyc,
        _rewrite_test,
        _write_pyc,
        assertstate_key,
        get_cache_dir,
    )
except ImportError:
    PYC_TAIL = ""

PROCESSES = 2


def rewrite_ahead(config: pytest.Config, folder: Path) -> None:
    """Rewrite what has changed of the tests below `folder`."""
    if not PYC_TAIL:
        return
    files = sorted({*folder.rglob("test_*.py"), *folder.rglob("conftest.py")})
    begun = []
    for part in range(PROCESSES):
        pid = os.fork()
        if pid == 0:
            try:
                rewrite(config, files[part::PROCESSES])
            finally:
                os._exit(0)  # what it could not do is done later, and told there
        begun.append(pid)
    for pid in begun:
        os.waitpid(pid, 0)


def rewrite(config: pytest.Config, files: list[Path]) -> None:
    """Rewrite these files, unless it was done before."""
    for file in files:
        kept = get_cache_dir(file) / (file.stem + PYC_TAIL)
        if _read_pyc(file, kept) is None:
            kept.parent.mkdir(exist_ok=True)
            source, code = _rewrite_test(file, config)
            _write_pyc(config.stash[assertstate_key], code, source, kept)
