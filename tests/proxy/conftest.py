"""What the tests of the proxy's shell stand on."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.quiet  # noqa: F401
from proxy.runlog import configure_logging
from tests.plain_log import loggers_kept
from tests.proxy.house import Tenant, open_house


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    """A real house of its own."""
    opened = open_house(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that the running log says, debug included."""
    stream = io.StringIO()
    with loggers_kept():
        configure_logging("debug", stream)
        yield stream
