"""Errors are told plainly, in the reader's language, and no traceback is shown."""

import pytest
import typer

from detectors.interface import DetectorError
from policies.decision import Text
from policies.problem import PolicyError, Problem
from proxy.cli.common import language, told_plainly
from proxy.cli.exits import Exit
from proxy.errors import SettingsError, StoreError

LANGUAGES = [
    ({"LC_ALL": "zh_CN.UTF-8"}, "zh"),
    ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN"}, "en"),
    ({"LC_MESSAGES": "zh_TW"}, "zh"),
    ({"LANG": "zh_HK"}, "zh"),
    ({"LC_ALL": "", "LANG": "ZH_CN"}, "zh"),
    ({"LANG": "C"}, "en"),
    ({}, "en"),
]


@pytest.mark.parametrize(("environment", "wanted"), LANGUAGES)
def test_the_environment_names_the_readers_language(monkeypatch, environment: dict[str, str], wanted: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == wanted


POLICY = PolicyError([Problem("p.yaml", 3, 5, Text("Bad word.", "错字。"))])
ERRORS = [
    (SettingsError("s.yaml:1:1: [bold]no[/bold]"), Exit.UNUSABLE, "s.yaml:1:1: [bold]no[/bold]"),
    (StoreError("the store is locked"), Exit.UNUSABLE, "the store is locked"),
    (DetectorError("no rules"), Exit.UNUSABLE, "no rules"),
    (POLICY, Exit.UNUSABLE, "p.yaml:3:5: 错字。"),
    (RuntimeError("13912345678"), Exit.BUG, "RuntimeError at test_common.py:"),
    (KeyError("13912345678"), Exit.BUG, "please report it"),
    (BrokenPipeError(), Exit.OK, ""),
]


@pytest.mark.parametrize(("error", "code", "told"), ERRORS, ids=lambda one: type(one).__name__)
def test_an_error_is_a_message_and_an_exit_code(monkeypatch, capsys, error: Exception, code: Exit, told: str) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    if isinstance(error, BrokenPipeError):
        monkeypatch.setattr("sys.stderr", open("/dev/null", "w"))  # noqa: SIM115, PTH123 - it is closed by what is tested
    with pytest.raises(typer.Exit) as caught, told_plainly():
        raise error
    assert caught.value.exit_code == code
    said = capsys.readouterr().err
    assert told in said and "13912345678" not in said and "Traceback" not in said


def test_an_exit_is_no_error() -> None:
    with pytest.raises(typer.Exit) as caught, told_plainly():
        raise typer.Exit(Exit.FOUND)
    assert caught.value.exit_code == Exit.FOUND
