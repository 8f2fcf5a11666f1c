"""What is logged where a test has no log of its own, and how the loggers are put back after one that has.

structlog's own default draws every traceback in boxes, with the local variables of each frame: half a second each.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


def log_plainly() -> None:
    """Make structlog's default one that draws nothing."""
    structlog.reset_defaults()
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


@contextmanager
def loggers_kept() -> Iterator[None]:
    """Give all loggers back as they were."""
    root = logging.getLogger()
    handlers, level, noisy = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = noisy
    logging.captureWarnings(False)
    log_plainly()
