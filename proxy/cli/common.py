"""What all commands share: the settings option, the reader's language, and errors told plainly.

Enters: arguments and the environment. Leaves: settings, or an exit with a message. No traceback is shown to a user,
for it may quote what somebody wrote.
"""

import fcntl
import getpass
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console

from detectors.interface import DetectorError
from policies.decision import Text
from policies.problem import PolicyError
from proxy.cli.exits import Exit
from proxy.errors import OtherVersion, SettingsError, SluiceError
from proxy.keys import hand_over
from proxy.runlog import configure_logging
from proxy.settings.interface import Settings
from proxy.settings.read import load_settings
from proxy.store.interface import Older, Store

DEFAULT_CONFIG = Path("sluice.yaml")

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file; ./sluice.yaml if it is there.", show_default=False)
]
JsonOut = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

out = Console(soft_wrap=True, highlight=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def language() -> str:
    """Return the reader's language, `zh` or `en`, by the usual environment variables."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    return "en"


def settings_of(config: Path | None, *, secrets: bool = False) -> Settings:
    """Read the settings, or take the defaults where there is no file; raises `SettingsError`.

    Only what sends something needs `secrets`.
    """
    return load_settings(file_of(config), os.environ, secrets=secrets)


def store_of(settings: Settings, *, looking: bool = False, keeping: bool = False) -> Store:
    """Open the store beside a running proxy, or without one, and wait for it as long as a command may.

    A store of an older Sluice stays as it is for who is only `looking`; who is `keeping` to what each version knows
    writes into it as that one would: what was looked at, and whatever must be possible in an emergency. Who changes
    anything else renews it where that stops nobody: no proxy has this state, and no other node shares it.
    """
    from proxy.store.address import is_redis
    from proxy.store.open import A_COMMAND_WAITS, open_store  # what it needs takes a moment to import

    older: Older = "copy" if looking else "keep" if keeping else "renew"
    if older == "renew" and (is_redis(settings.store) or in_use_by_us(settings)):
        older = "refuse"
    try:
        store = open_store(settings.store, settings.state, settings.redis, older=older, patience=A_COMMAND_WAITS)
    except OtherVersion as error:
        raise naming_the_other(settings, error) from None
    hand_over(settings.state)
    return store


def naming_the_other(settings: Settings, error: OtherVersion) -> SettingsError:
    """Return the error with the command of the Sluice that runs here, which is of the version that is asked for."""
    from proxy.store.owner import command_of, owner_of

    owner = owner_of(settings.state)
    words = command_of(owner) if owner is not None else ""
    if owner is None or not words:
        return error
    en, zh = error.told.en, error.told.zh
    en += f". The one that runs here (process {owner.pid}) is: {words}"
    return SettingsError(en, f"{zh}。此处正在运行的（进程 {owner.pid}）是：{words}")


def in_use_by_us(settings: Settings) -> bool:
    """Whether a running Sluice has this state, or the audit log, as one has that knows no lock of the directory."""
    from proxy.store.owner import owner_of

    path = settings.state / settings.audit
    if owner_of(settings.state) is not None:
        return True
    if settings.audit == "-" or not path.is_file():
        return False
    with path.open("rb") as log:
        try:
            fcntl.flock(log, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def file_of(config: Path | None) -> Path | None:
    """Return the settings file that counts: the one that is named, or ours where it stands; None for the defaults."""
    return DEFAULT_CONFIG if config is None and DEFAULT_CONFIG.exists() else config


def account() -> str:
    """Return the name of the account that runs this command; its number, where it has no name, as in a container."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid-{os.getuid()}"


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn errors into a message and an exit code; what is logged shows no locals, as structlog's own way would."""
    if not structlog.is_configured():
        configure_logging("warning", sys.stderr)
    try:
        yield
    except PolicyError as error:
        stop(Exit.UNUSABLE, error.render(language()))
    except SluiceError as error:
        stop(Exit.UNUSABLE, error.told.in_language(language()))
    except DetectorError as error:
        stop(Exit.UNUSABLE, error.chinese if language() == "zh" else str(error))
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(Exit.OK) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        places = traceback.extract_tb(error.__traceback__)
        where = f"{Path(places[-1].filename).name}:{places[-1].lineno}" if places else "nowhere"
        what = f"{type(error).__name__} at {where}"
        told = Text(f"something failed inside Sluice: {what}; please report it", f"Sluice 内部出错：{what}；请报告")
        stop(Exit.BUG, told.in_language(language()))


def must_have_begun(settings: Settings) -> None:
    """Raise `SettingsError` where no proxy was ever started: a command would make keys of a house that nobody has."""
    if not (settings.state / "keys" / "master.key").exists():
        raise SettingsError(
            f"{settings.state}: no proxy was ever started with this state; see `sluice run`, or name the settings with"
            " --config",
            f"{settings.state}：从未有代理以此状态目录启动过；参见 `sluice run`，或用 --config 指定设置文件",
        )


def say(en: str, zh: str) -> None:
    """Print a line in the reader's language."""
    tell(Text(en, zh))


def tell(text: Text) -> None:
    """Print a line in the reader's language."""
    out.print(text.in_language(language()), markup=False)


def clean_line(text: str) -> str:
    """Return a line out of a log that a terminal shows and does not obey."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def stop(code: Exit, message: str) -> None:
    """Print the message and end with the code."""
    err.print(message, markup=False)
    raise typer.Exit(code)
