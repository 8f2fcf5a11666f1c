"""What the machine has, and what a container lets it have."""

import resource
from pathlib import Path

import pytest

from proxy.overload.machine import cores, memory, open_files

ALLOWED = {
    "no file": (None, False),
    "no limit": ("max\n", False),
    "a limit": (str(64 << 20), True),
    "nonsense": ("lots", False),
    "more than there is": (str(1 << 60), False),
}


@pytest.mark.parametrize(("written", "counts"), ALLOWED.values(), ids=ALLOWED)
def test_a_containers_limit_counts_where_it_is_less(tmp_path: Path, written: str | None, counts: bool) -> None:
    file = tmp_path / "memory.max"
    if written is not None:
        file.write_text(written, "ascii")
    whole = memory(tmp_path / "none")
    assert whole > 64 << 20
    assert memory(file) == (64 << 20 if counts else whole)


def test_as_many_files_are_opened_as_the_system_lets() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
        assert open_files() == before[1] == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_there_is_a_core() -> None:
    assert cores() >= 1
