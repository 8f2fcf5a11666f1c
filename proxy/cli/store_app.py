"""The words and options of `sluice store`, and what they do.

Enters: the settings, whose store is a SQLite file, and the address of another store. Leaves: all of it there, a line
for each kind of thing with how many there are, and what to do next. It works while no proxy has the state directory.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from policies.decision import Text
from proxy.cli.check import Check
from proxy.cli.common import Config, language, out, settings_of, told_plainly
from proxy.cli.exits import Exit
from proxy.errors import SettingsError
from proxy.settings.interface import Settings

store_app = typer.Typer(help="Move the state of a node to another store.", no_args_is_help=True)
MOST_NAMED: Final = 10


@store_app.callback()
def store() -> None:
    """Move the state of a node to another store."""


@store_app.command("copy")
def store_copy(
    to: Annotated[
        str, typer.Option("--to", help="Address of the other store, as rediss://sluice@redis.example:6379/0.")
    ],
    source: Annotated[
        str, typer.Option("--from", help="The SQLite file, as sqlite:///sluice.db; the settings' `store` if left out.")
    ] = "",
    config: Config = None,
) -> None:
    """Copy all that is kept from SQLite to Redis, and look whether it is there; exits with 1 if something differs."""
    with told_plainly():
        told = list(moved(settings_of(config, secrets=True), source, to))
        for one in told:
            out.print(one.line(language()), markup=False)
    raise typer.Exit(Exit.OK if all(one.ok for one in told) else Exit.FOUND)


def moved(settings: Settings, source: str, to: str) -> Iterator[Check]:
    """Copy, and say of each kind how much of it is there; raises `SettingsError` or `StoreError`."""
    from proxy.store.address import store_file
    from proxy.store.copy import copy
    from proxy.store.open import A_COMMAND_WAITS, open_store
    from proxy.store.owner import owned
    from proxy.store.sqlite import SqliteStore

    address = source or settings.store
    file, same = store_file(address, settings.state), store_file(to, settings.state)
    if file is None:
        raise SettingsError(
            f"{address} is no SQLite file; name the file with --from sqlite:///sluice.db",
            f"{address} 不是 SQLite 文件；请用 --from sqlite:///sluice.db 指定",
        )
    if not file.is_file():
        raise SettingsError(
            f"{file}: there is no such store; name the file with --from", f"{file}：没有这个存储文件；请用 --from 指定"
        )
    if same is not None and same.resolve() == file.resolve():
        raise SettingsError(f"{to} is the store that is to be copied", f"{to} 就是要复制的存储")
    with (
        owned(settings.state, "sluice store copy"),
        closing(SqliteStore(file, A_COMMAND_WAITS, older="copy")) as before,
        closing(open_store(to, settings.state, settings.redis, patience=A_COMMAND_WAITS)) as after,
    ):
        tallies = copy(before, after, datetime.now(UTC))
    whole = True
    for one in tallies:
        whole = whole and one.whole
        en = f"{one.found} found, {one.put} copied now, {one.there} are there"
        zh = f"共 {one.found}，本次复制 {one.put}，目标中已有 {one.there}"
        if not one.whole:
            names = ", ".join([name for name in one.others if name][:MOST_NAMED])
            other = one.found - one.there
            en += f"; {other} are other ones there{f' ({names})' if names else ''}, and were left as they are"
            zh += f"；其中 {other} 项与目标中的不同{f'（{names}）' if names else ''}，未作改动"
        yield Check(one.kind, "ok" if one.whole else "FAIL", Text(en, zh))
    yield _next(to, file.name) if whole else OTHERS


def _next(to: str, name: str) -> Check:
    en = f"all is there. Write `store: {to}` into the settings, start, and keep {name} as a backup, not as a store"
    return Check(
        "next", "ok", Text(en, f"已全部就位。请在设置中写入 `store: {to}` 并启动；{name} 仅作备份保留，不再使用")
    )


OTHERS: Final = Check(
    "next",
    "FAIL",
    Text(
        "the other store was in use before, or changed since: do not start on it. Copy into an empty database or"
        " another `redis`, `prefix`; or keep what is there, and settle by hand what differs",
        "目标存储此前已被使用，或之后有改动：请勿在其上启动。请复制到空的数据库或另一个 `redis` 的 `prefix`；"
        "或保留目标中的内容，逐项人工处理不同之处",
    ),
)
