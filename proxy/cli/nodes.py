"""What `sluice doctor` finds of Redis, where that is the store that many nodes share.

Settings enter, checks leave. What would lose a grant's end, a count or a value is a failure; what may is a warning.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

from policies.decision import Text
from proxy.cli.check import Check
from proxy.cli.common import store_of
from proxy.settings.interface import Settings
from proxy.store.address import read_servers

APART: Final = 2.0
"""Seconds that clocks may be apart: about half the slack of what is signed and counted by time."""


def look_at_redis(settings: Settings) -> Iterator[Check]:
    """See whether Redis is reached and is safe to keep state in."""
    servers = read_servers(settings.store)
    if not (settings.state / "keys" / "master.key").exists():
        told = Text(
            f"{servers.told}: looked at once there are keys; on every node but the first, copy the folder `keys`",
            f"{servers.told}：有密钥之后再检查；除第一个节点外，请复制 `keys` 文件夹",
        )
        yield Check("store", "warn", told)
        return
    from proxy.store.redis.look import look
    from proxy.store.redis.store import RedisStore

    with closing(store_of(settings, looking=True)) as store:
        grants = len(store.all_grants())
        found = look(store.redis) if isinstance(store, RedisStore) else None
    yield Check("store", "ok", Text(f"{servers.told}, {grants} grants", f"{servers.told}，{grants} 条授权"))
    if found is None:
        told = Text("may not be looked at: allow INFO and TIME to the user", "无权查看：请允许该用户执行 INFO 与 TIME")
        yield Check("redis", "warn", told)
        return
    for one in found:
        name = f"{one.name}: " if one.name else ""
        wrong: list[Text] = []
        if one.old:
            wrong.append(Text("older than 6.2: update it", "版本低于 6.2：请升级"))
        if one.evicts:
            wrong.append(
                Text(
                    f"throws data away when its memory is full ({one.eviction}): set maxmemory-policy noeviction",
                    f"内存满时会丢弃数据（{one.eviction}）：请设置 maxmemory-policy noeviction",
                )
            )
        if one.replicas < settings.redis.replicas:
            en = f"has {one.replicas} replicas, and `replicas` asks for {settings.redis.replicas}"
            wrong.append(Text(en, f"只有 {one.replicas} 个副本，而 `replicas` 要求 {settings.redis.replicas} 个"))
        if abs(one.clock) > APART:
            en = f"its clock is {one.clock:+.0f} s from ours: run NTP on both"
            wrong.append(Text(en, f"其时钟与本机相差 {one.clock:+.0f} 秒：请两边启用 NTP"))
        told = Text(f"{name}version {one.version}, {one.eviction}", f"{name}版本 {one.version}，{one.eviction}")
        en, zh = (": ".join([told.en, "; ".join(text.en for text in wrong)]) if wrong else told.en), told.zh
        zh = f"{zh}：{'；'.join(text.zh for text in wrong)}" if wrong else zh
        if not one.durable:
            en += "; nothing survives a restart of Redis: set appendonly yes"
            zh += "；Redis 重启后数据会丢失：请设置 appendonly yes"
        yield Check("redis", "FAIL" if wrong else "ok" if one.durable else "warn", Text(en, zh))
