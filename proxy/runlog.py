"""Sets up the running log: what Sluice and mitmproxy say to the operator, on standard error.

Events go in from structlog and from the standard library's loggers; lines of JSON (or colour, on a terminal) come
out. Only allow-listed keys pass, and an exception is told by its type and places alone: its message and locals may
hold what somebody wrote to an AI service, which must never stand in a log.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

import orjson
import structlog

from proxy.audit import clean
from proxy.errors import SettingsError

ALLOWED: Final = frozenset(
    {
        *("event", "level", "logger", "timestamp", "error", "places"),
        *("id", "code", "status", "service", "host", "port", "address", "adapter", "activity", "step"),
        *("path", "policy", "rule", "rules", "grant", "detector", "entity", "count", "bytes", "ms", "version", "seq"),
        *("until", "server", "unproven"),
    }
)
"""Keys that may be logged. `path` is a file of ours, never a request's path, which may hold a query."""
OURS: Final = ("sluice", "proxy", "policies", "detectors")
"""Loggers that are heard from the level that was asked for; those of libraries, which tell of every byte and step, only
when they warn."""
QUIET: Final = "mitmproxy"
"""Tells of every connection, tunnelled ones too, of which only a count may stay; heard under debug."""
LEVELS: Final = ("debug", "info", "warning", "error", "critical")
CAUSES: Final = 5
"""Exceptions of one chain that are named."""
FRAMES: Final = 12
"""Places of one exception that are named, the innermost last."""
QUOTED: Final = re.compile(r"""(?:\bb)?(['"]).*\1|(?<=[?&=])[^\s&]+|(?<=://)[^/@\s]+(?=@)""", re.DOTALL)
"""What other programs quote from traffic in their messages: literals, queries, passwords in addresses."""

stamp: Final = structlog.processors.TimeStamper(fmt="iso", utc=True)

type Event = MutableMapping[str, Any]


def configure_logging(level: str, stream: TextIO) -> None:
    """Send structlog and the standard library's loggers to `stream`, from `level` on; raises `SettingsError`."""
    if level not in LEVELS:
        raise SettingsError(
            f"the log level must be one of {', '.join(LEVELS)}", f"日志级别须为以下之一：{'、'.join(LEVELS)}"
        )
    number = logging.getLevelNamesMapping()[level.upper()]
    render = structlog.dev.ConsoleRenderer() if stream.isatty() else render_json
    finish = [tell_exception, allow, render]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level, stamp, hush],
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(number)
    logging.getLogger(QUIET).setLevel(number if number <= logging.DEBUG else root.level)
    logging.captureWarnings(True)
    # The standard library would print a failing handler's traceback, with the record's text in it.
    logging.raiseExceptions = False
    structlog.configure(
        processors=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            stamp,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def hush(_logger: Any, _method: str, event: Event) -> Event:
    """Take what other programs quote from traffic out of their messages.

    A message is often made from an exception's, so beside an exception only the logger's name is kept.
    """
    if event.get("exc_info"):
        return {**event, "event": f"error in {event.get('logger', 'a library')}"}
    return {**event, "event": QUOTED.sub("…", str(event["event"]))}


def tell_exception(_logger: Any, _method: str, event: Event) -> Event:
    """Put `error` and `places` where `exc_info` stood."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()[1]
    error = found[1] if isinstance(found, tuple) else found
    if not isinstance(error, BaseException):
        return event
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < CAUSES:
        names.append(f"{type(cause).__module__}.{type(cause).__qualname__}".removeprefix("builtins."))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return {**event, "error": " < ".join(names), "places": _places(error.__traceback__)}


def _places(trace: TracebackType | None) -> list[str]:
    places: list[str] = []
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        places.append(f"{'/'.join(path.parts[-2:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-FRAMES:]


def allow(_logger: Any, _method: str, event: Event) -> Event:
    """Keep the allow-listed keys, their strings capped and escaped."""
    return {key: _shown(value) for key, value in event.items() if key in ALLOWED}


def _shown(value: object) -> object:
    match value:
        case bool() | int() | float() | None:
            return value
        case list() | tuple():
            return [_shown(item) for item in value[:FRAMES]]
        case Path() | str():
            return clean(str(value))
        case _:
            return f"<{type(value).__name__}>"


def render_json(_logger: Any, _method: str, event: Mapping[str, Any]) -> str:
    """Return the event as one line of JSON."""
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
