"""`sluice audit export`: the log's records in the form of a SIEM, on standard output or to a syslog server.

Enters: the command's options. Leaves: lines of JSON in the Elastic Common Schema, or messages of syslog (RFC 5424) that
hold them. The log itself is not touched, and is what counts: the copy proves nothing.
"""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

from policies.decision import Text
from proxy.errors import SettingsError
from proxy.siem.mark import Mark
from proxy.siem.message import FORMS
from proxy.siem.shipper import Shipper
from proxy.siem.wire import Output, connect, read_server, trust


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    log: Path
    form: str = ""
    after: int = 0
    follow: bool = False
    to: str = ""
    mark: Path | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def shipper_of(asked: Asked, tell: Callable[[Text], None]) -> Shipper:
    """Return what carries the log as it was asked; raises `SettingsError`."""
    form = asked.form or ("syslog" if asked.to else "ecs")
    if form not in FORMS:
        raise SettingsError(f"--as must be one of {', '.join(FORMS)}", f"--as 须为以下之一：{'、'.join(FORMS)}")
    if asked.to and form != "syslog":
        raise SettingsError(
            "a server of syslog takes syslog: leave --as out", "syslog 服务器只接收 syslog：请去掉 --as"
        )
    given = {"--ca": asked.ca, "--certificate": asked.certificate, "--key": asked.key}
    extra = [name for name, value in given.items() if value is not None]
    mark = Mark(asked.mark)
    if not asked.to:
        if extra:
            raise SettingsError(f"{extra[0]} is for --to syslog+tls://…", f"{extra[0]} 只用于 --to syslog+tls://…")
        output = Output(sys.stdout.buffer)
        return Shipper(asked.log, form, lambda: output, "", mark, tell, asked.after, asked.follow)
    server = read_server(asked.to)
    if extra and server.transport != "tls":
        raise SettingsError(f"{extra[0]} is for --to syslog+tls://…", f"{extra[0]} 只用于 --to syslog+tls://…")
    context = trust(asked.ca, asked.certificate, asked.key) if server.transport == "tls" else None
    return Shipper(
        asked.log, form, partial(connect, server, context), server.told, mark, tell, asked.after, asked.follow
    )


def export(asked: Asked, tell: Callable[[Text], None]) -> None:
    """Carry the log; SIGTERM and SIGINT end it once what was sent counts. Raises `SettingsError` or `StoreError`."""
    shipper = shipper_of(asked, tell)

    def end(_number: int, _frame: FrameType | None) -> None:
        shipper.stop.set()

    if asked.follow:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
    shipper.run()
