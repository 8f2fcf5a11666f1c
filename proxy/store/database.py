"""One SQLite file, opened safely: private, recognised as ours or left alone, and never waited on for long.

Enters: a path. Leaves: rows, and transactions of which all or nothing is kept. The file is for its owner alone (0600).
SQLite's own messages may quote a value, so only the names of its errors leave this room.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from proxy.errors import OtherVersion, SettingsError, StoreError
from proxy.store.interface import Older
from proxy.store.schema import APPLICATION, OUTBOX, VERSION, create, migrate

BUSY_SECONDS: Final = 2.0
"""How long to wait for another process that writes, before the exchange is refused."""


class Database:
    """A connection shared by the threads of this process."""

    def __init__(self, path: Path | None, patience: float | None = None, *, older: Older = "renew") -> None:
        """Open the file, made if need be; raises `StoreError`, or `SettingsError` if it is not ours to use.

        `patience` is how many seconds to wait for another that writes; as long as an exchange does if None. What
        becomes of the file of an `older` Sluice, its word says; who only looks (`copy`) makes none.
        """
        looking = older == "copy"
        path = None if looking and path and not path.exists() else path
        self._patience = BUSY_SECONDS if patience is None else patience
        self._lock = threading.Lock()
        self._name = str(path) if path else "in memory"
        self._keeps = older == "keep"
        self._path = path
        self._file = _make_private(path) if path else None
        try:
            self._base = self._connect(path or ":memory:")
            if looking and path and self._base.execute("PRAGMA user_version").fetchone()[0] < VERSION:
                with closing(self._base) as theirs:
                    self._base = self._connect("")  # a file of SQLite's own, gone with the connection
                    theirs.backup(self._base)
                self._path = None
        except sqlite3.Error as error:
            raise self.failure(error) from error
        self._aside = threading.Lock()
        self._closed = False
        self._looking: sqlite3.Connection | None = None
        """For those who cannot wait while somebody writes; made when it is first needed."""
        try:
            self._prepare(older)
        except BaseException:
            self._base.close()
            raise

    def rows(self, question: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what a question finds."""
        self.check()
        try:
            with self._lock:
                return self._base.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise self.failure(error) from error

    def rows_aside(self, question: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what a question finds, without waiting for anybody who writes."""
        if self._path is None:
            return self.rows(question, values)
        self.check()
        try:
            with self._aside:
                if self._closed:
                    raise StoreError(f"the store {self._name} is closed")
                if self._looking is None:
                    self._looking = self._connect(self._path)
                return self._looking.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise self.failure(error) from error

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Hold the write lock of the file from the first statement on, and keep all of the block or nothing.

        What is not `durable` outlives this process but maybe not a power cut: nothing waits for the disk.
        """
        self.check()
        try:
            with self._lock:
                if not durable:
                    self._base.execute("PRAGMA synchronous = NORMAL")
                try:
                    self._base.execute("BEGIN IMMEDIATE")
                    yield self._base
                    self._base.execute("COMMIT")
                finally:
                    if self._base.in_transaction:
                        self._base.execute("ROLLBACK")
                    if not durable:
                        self._base.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            raise self.failure(error) from error

    def check(self) -> None:
        """Refuse to go on with a file that is no longer at its place: what is written there nobody would find again."""
        if self._path is None:
            return
        try:
            there = _identity(self._path.stat())
        except OSError:
            there = None
        if there != self._file:
            raise StoreError(
                f"the store {self._name} was deleted or replaced while in use; restart Sluice",
                f"存储 {self._name} 在使用中被删除或替换；请重启 Sluice",
            )

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            self._base.close()
        with self._aside:
            self._closed = True
            if self._looking is not None:
                self._looking.close()

    def _connect(self, path: Path | str) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=self._patience, isolation_level=None, check_same_thread=False)

    def failure(self, error: sqlite3.Error) -> StoreError | OtherVersion:
        """Return our error for SQLite's, with its name but not its message."""
        if self._keeps and str(error).startswith("no such table"):  # asked for more than that version knows
            return OtherVersion(
                f"nothing was changed: the store {self._name} is of an older Sluice, which knows nothing of this. Use"
                " the `sluice` of that one; or stop it and start this one (sluice run), which brings the store up to"
                " date",
                f"未作任何改动：存储 {self._name} 属于旧版 Sluice，旧版没有这项功能。请使用旧版自己的 `sluice` 命令；"
                "或先停止它，再启动本版本（sluice run）使存储升级",
            )
        kind = getattr(error, "sqlite_errorname", type(error).__name__)
        return StoreError(
            f"the store {self._name} cannot be used ({kind}); look at the disk and at who else has it open",
            f"存储 {self._name} 不能使用（{kind}）；请检查磁盘，以及还有谁打开了它",
        )

    def _prepare(self, older: Older) -> None:
        """Make or renew the tables; refuse a file that is not ours or is newer than we are."""
        with self.writing() as base:
            version = base.execute("PRAGMA user_version").fetchone()[0]
            owner = base.execute("PRAGMA application_id").fetchone()[0]
            used = base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if owner != APPLICATION and (used or version or owner):
                raise SettingsError(
                    f"the store {self._name} is a database of another program; name another file",
                    f"存储 {self._name} 是其他程序的数据库；请指定另一个文件",
                )
            if version > VERSION:
                raise OtherVersion(
                    f"the store {self._name} was made by a newer Sluice; update this one",
                    f"存储 {self._name} 由更新版本的 Sluice 建立；请升级本机",
                )
            if not used:
                create(base)
            elif version < VERSION and older == "refuse":
                raise OtherVersion(
                    f"the store {self._name} is of an older Sluice, which is running: use the `sluice` of that one, or"
                    " stop it; this one brings the store up to date when it starts, and then the older one starts no"
                    " more",
                    f"存储 {self._name} 属于正在运行的旧版 Sluice：请使用旧版自己的 `sluice` 命令，或先停止它；"
                    "本版本启动时会升级该存储，此后旧版无法再启动",
                )
            elif version < VERSION and older == "keep":
                if version < OUTBOX:
                    raise OtherVersion(
                        f"the store {self._name} is of a Sluice that is too old for this to be recorded in: use the"
                        " `sluice` of that one, or start this one (sluice run), which brings it up to date",
                        f"存储 {self._name} 属于过旧的 Sluice，无法记录本次操作：请使用旧版自己的 `sluice` 命令，或启动"
                        "本版本（sluice run）使其升级",
                    )
            elif version < VERSION:
                try:
                    migrate(base, version)
                except ValueError as error:
                    raise StoreError(
                        f"the store {self._name} holds a grant that cannot be read; restore it",
                        f"存储 {self._name} 中有一条授权无法读取；请从备份恢复",
                    ) from error
        self._share()
        # FULL: a revoked grant must stay revoked when the power fails.
        for pragma in ("synchronous = FULL", "secure_delete = ON"):
            self.rows(f"PRAGMA {pragma}")

    def _share(self) -> None:
        """Let others read while one writes (WAL). SQLite waits for nobody here, so a file in use is tried again."""
        until = monotonic() + self._patience
        while True:
            try:
                self.rows("PRAGMA journal_mode = WAL")
                return
            except StoreError as error:
                busy = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or monotonic() > until:
                    raise
                sleep(0.02)


def marks(values: list[str]) -> str:
    """Return as many question marks, for a list in a statement."""
    return ", ".join("?" for _ in values)


def _make_private(path: Path) -> tuple[int, int]:
    """Create the file for its owner alone, and say which one it is; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
        return _identity(path.stat())
    except OSError as error:
        raise StoreError(
            f"the store {path} cannot be opened: {error.strerror}", f"无法打开存储 {path}：{error.strerror}"
        ) from error


def _identity(there: os.stat_result) -> tuple[int, int]:
    """Return what no other file of this machine has at the same time."""
    return there.st_dev, there.st_ino
