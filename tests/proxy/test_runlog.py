"""The running log tells what happened and where, and never what somebody wrote."""

import io
import json
import logging
import warnings
from pathlib import Path

import pytest
import structlog

from proxy.errors import SettingsError, WireError
from proxy.runlog import configure_logging
from tests.plain_log import loggers_kept

SECRET = "张三的身份证 SECRET"


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def restored():
    """Give the loggers back as they were."""
    with loggers_kept():
        yield


@pytest.fixture
def said():
    """Log as JSON; return a function that gives the lines so far."""
    stream = io.StringIO()
    configure_logging("info", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def fail():
    try:
        raise WireError(SECRET)
    except WireError as error:
        raise KeyError(SECRET) from error


def test_allowed_keys_pass_and_all_others_are_dropped(said):
    structlog.get_logger("proxy.shell.addon").info("started", port=8080, body=SECRET, text=SECRET, path=Path("a.yaml"))
    [line] = said()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "started", "level": "info", "logger": "proxy.shell.addon", "port": 8080, "path": "a.yaml"}


def test_values_cannot_forge_lines_nor_carry_objects(said):
    structlog.get_logger("sluice").info(
        "a\nb", host="h\u202e\x1b[0m", code={"body": SECRET}, rules=[SECRET.encode(), "r1"]
    )
    [line] = said()
    assert (line["event"], line["host"]) == (r"a\u000ab", r"h\u202e\u001b[0m")
    assert (line["code"], line["rules"]) == ("<dict>", ["<bytes>", "r1"])


def failing_by_structlog():
    try:
        fail()
    except KeyError:
        structlog.get_logger("proxy.x").exception("an exchange failed", id="SLC-1")


def failing_by_value():
    try:
        fail()
    except KeyError as error:
        structlog.get_logger("proxy.x").warning("an exchange failed", exc_info=error)


def failing_by_mitmproxy():
    try:
        fail()
    except KeyError as error:
        logging.getLogger("mitmproxy.addonmanager").error(
            f"Addon error: {error}", exc_info=(type(error), error, error.__traceback__), stack_info=True
        )


@pytest.mark.parametrize(
    ("failing", "event"),
    [
        (failing_by_structlog, "an exchange failed"),
        (failing_by_value, "an exchange failed"),
        (failing_by_mitmproxy, "error in mitmproxy.addonmanager"),
    ],
)
def test_an_exception_is_told_by_type_and_place_and_never_by_its_words(said, failing, event):
    failing()
    [line] = said()
    assert line["event"] == event
    assert line["error"] == "KeyError < proxy.errors.WireError"
    assert [place.partition(":")[0] for place in line["places"]] == ["proxy/test_runlog.py"] * 2
    assert "SECRET" not in json.dumps(line)


@pytest.mark.parametrize(
    ("message", "args", "event"),
    [
        ("client connect", (), "client connect"),
        ("server connect api.openai.com:443", (), "server connect api.openai.com:443"),
        ("bad header line b'authorization: SECRET'", (), "bad header line …"),
        ("invalid \"SECRET\" 'SECRET' here", (), "invalid … … here"),
        ("GET https://x/y?q=SECRET&k=SECRET ok", (), "GET https://x/y?…&… ok"),
        ("via http://user:SECRET@proxy:1", (), "via http://…@proxy:1"),
        ("body was %s", ("SECRET",), "body was %s"),
        (f"it's {SECRET} isn't it", (), "it…t it"),
    ],
)
def test_messages_of_other_programs_lose_what_they_quote(said, message, args, event):
    logging.getLogger("mitmproxy.proxy.server").warning(message, *args)
    assert [(line["event"], line["logger"], line["level"]) for line in said()] == [
        (event, "mitmproxy.proxy.server", "warning")
    ]


def test_warnings_are_told_too(said):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old setting", UserWarning, stacklevel=1)
    assert "UserWarning: old setting" in said()[0]["event"]


def test_the_level_holds_for_both_kinds_of_loggers():
    stream = io.StringIO()
    configure_logging("warning", stream)
    structlog.get_logger("a").info("no")
    logging.getLogger("b").info("no")
    structlog.get_logger("a").warning("yes")
    logging.getLogger("b").warning("yes")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["yes", "yes"]


def test_under_debug_libraries_that_tell_of_every_byte_are_still_silent_unless_they_warn():
    stream = io.StringIO()
    configure_logging("debug", stream)
    for name in ("hpack.hpack", "hpack.table", "any.other", "mitmproxy.proxy.server", "proxy.x", "sluice"):
        logging.getLogger(name).debug("said by %s", name)
        logging.getLogger(name).warning("warned")
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["logger"] for one in said if one["level"] == "debug"] == ["mitmproxy.proxy.server", "proxy.x", "sluice"]
    assert len([one for one in said if one["level"] == "warning"]) == 6


def test_an_unknown_level_is_an_error_that_names_the_right_ones():
    with pytest.raises(SettingsError, match="debug, info, warning, error, critical"):
        configure_logging("loud", io.StringIO())


def test_a_person_at_a_terminal_gets_plain_lines_with_the_same_care():
    stream = Terminal()
    configure_logging("info", stream)
    failing_by_structlog()
    failing_by_mitmproxy()
    structlog.get_logger("proxy.x").info("started", body=SECRET)
    shown = stream.getvalue()
    assert shown.count("KeyError < proxy.errors.WireError") == 2
    assert "started" in shown
    assert "SECRET" not in shown
    assert "Traceback" not in shown


def test_configuring_again_replaces_and_does_not_double(said):
    second = io.StringIO()
    configure_logging("info", second)
    logging.getLogger("b").warning("once")
    assert said() == []
    assert len(second.getvalue().splitlines()) == 1
