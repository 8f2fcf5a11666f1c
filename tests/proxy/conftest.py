"""What the tests of the proxy's shell stand on."""

import importlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from proxy.runlog import allow, configure_logging, render_json, tell_exception
from tests.proxy.house import Tenant, open_house

with warnings.catch_warnings():  # mitmproxy's libraries call one another by names that are going out of use
    warnings.simplefilter("ignore")
    importlib.import_module("mitmproxy.addons")

# As in life: structlog's own way shows the locals of every frame, which takes seconds besides.
structlog.configure(processors=[tell_exception, allow, render_json])


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    """A real house of its own."""
    opened = open_house(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that the running log says, debug included."""
    root = logging.getLogger()
    handlers, level, noisy = root.handlers[:], root.level, logging.raiseExceptions
    stream = io.StringIO()
    before = structlog.get_config()
    configure_logging("debug", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = noisy
    logging.captureWarnings(False)
    structlog.configure(**before)
