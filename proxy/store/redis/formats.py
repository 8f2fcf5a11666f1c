"""The number of the format in which Redis keeps a house's state, for nodes of several versions that share it.

Enters: what stands under `{w}:format`. Leaves: nothing, or an error that says what to do. A node never reads or writes
a format that is newer than it knows: not at its start, and not when a newer node takes over while it runs.
"""

import time
from typing import Final

from proxy.errors import SettingsError, StoreError
from proxy.store.redis.connection import Connection, Script

FORMAT: Final = 1
"""Of keys and of what they hold. A change that nodes of the version before could not read raises it, and comes with
what makes the newer of the older. A store without a number, made before there was one, is of format 1."""
EVERY: Final = 5.0
"""Seconds after which a running node looks whether a newer one has taken over."""

SETTLE: Final = Script("""
if redis.call('SETNX', KEYS[1], ARGV[1]) == 1 then redis.call('SET', KEYS[2], ARGV[2]) end
local house = redis.call('GET', KEYS[1])
if house ~= ARGV[1] then return {house, ARGV[2]} end
local held = redis.call('GET', KEYS[2])
if ARGV[3] == '1' and (not held or (tonumber(held) or 1e9) < tonumber(ARGV[2])) then
  redis.call('SET', KEYS[2], ARGV[2])
end
return {house, held or '1'}
""")
"""Marks an empty store as this house's, in this format; of one that is ours, tells the number, and raises it where
that is wanted. It begins with a change, so that a replica, which takes none, refuses it."""


def must_be_known(held: bytes | None, name: str, *, writing: bool = False) -> None:
    """Raise `SettingsError` for a number that is newer than this Sluice, or is none.

    So does who is `writing` and does not raise the number, where older nodes have made what is there.
    """
    if held is not None and not held.isdigit():
        raise SettingsError(
            f"{name} holds no number of a format where Sluice keeps one: another program writes there, or "
            "another house",
            f"{name} 在 Sluice 存放格式编号之处不是编号：有其他程序或另一套 Sluice 在那里写入",
        )
    if held is not None and int(held) > FORMAT:
        raise SettingsError(
            f"{name} holds state of format {int(held)}, made by a newer Sluice; this one knows formats up to {FORMAT}: "
            "update this node, or put Redis back as it was before the update (docs/operations.md)",
            f"{name} 中的状态为格式 {int(held)}，由更新版本的 Sluice 建立；本机只认识格式 {FORMAT} 及以前："
            "请升级本节点，或把 Redis 恢复到升级之前（docs/operations.zh.md）",
        )
    if writing and held is not None and int(held) < FORMAT:
        raise SettingsError(
            f"{name} holds state of format {int(held)}, made by an older Sluice, whose nodes may run: use the `sluice` "
            "of one of them; or start a node of this version, which raises the format and makes all older ones refuse",
            f"{name} 中的状态为格式 {int(held)}，由旧版 Sluice 建立，旧版节点可能仍在运行：请使用旧版节点上的 `sluice` "
            "命令；或启动本版本的节点，格式将随之升级，此后所有旧版节点拒绝服务",
        )


class Watch:
    """Stops a running node that has become too old for its store."""

    def __init__(self, key: str) -> None:
        """Take the key of the number, which was right a moment ago."""
        self._key = key
        self._again = time.monotonic() + EVERY
        self._wrong = ""

    def __call__(self, connection: Connection) -> None:
        """Raise `StoreError` where a newer Sluice has taken over; asks now and then."""
        if time.monotonic() >= self._again:
            held = connection.ask("GET", self._key)
            self._again = time.monotonic() + EVERY
            try:
                must_be_known(held, connection.name)
                self._wrong = ""
            except SettingsError as error:
                self._wrong = str(error)
        if self._wrong:
            raise StoreError(self._wrong)
