"""The command line in this process: arguments in, exit code and both outputs out."""

from functools import cache
from typing import Any

from click.testing import Result
from typer import testing
from typer.testing import CliRunner

from proxy.cli.main import app

testing._get_command = cache(testing._get_command)
"""The tree of commands is built once, which takes longer than most of them; no command changes it."""


def sluice(*arguments: Any, input: bytes = b"", **environment: str | None) -> Result:
    """Run a command as a person would; variables of this machine that could change its words are taken away."""
    quiet: dict[str, str | None] = {"LC_ALL": "C.UTF-8", "LC_MESSAGES": None, "LANG": None, "COLUMNS": "200"}
    return CliRunner(env=quiet | environment).invoke(app, [str(one) for one in arguments], input=input)
