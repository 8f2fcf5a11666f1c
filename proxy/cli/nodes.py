"""What `sluice doctor` finds of Redis, where that is the store that many nodes share.

Settings enter, checks leave. What would lose a grant's end, a count or a value is a failure; what may is a warning.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from policies.decision import Text
from proxy.cli.check import Check
from proxy.cli.common import store_of
from proxy.keys import master_key
from proxy.settings.interface import Settings
from proxy.store.address import read_servers
from proxy.store.interface import Store
from proxy.workflow.grants import alive
from proxy.workflow.signing import Signer

APART: Final = 2.0
"""Seconds that clocks may be apart: about half the slack of what is signed and counted by time."""


def look_at_redis(settings: Settings) -> Iterator[Check]:
    """See whether Redis is reached and is safe to keep state in."""
    servers = read_servers(settings.store)
    if not (settings.state / "keys" / "master.key").exists():
        told = Text(
            f"{servers.told}: looked at once there are keys; on every node but the first, copy `keys/master.key` and"
            " `keys/vault-*`",
            f"{servers.told}：有密钥之后再检查；除第一个节点外，请复制 `keys/master.key` 与 `keys/vault-*`",
        )
        yield Check("store", "warn", told)
        return
    from proxy.store.redis.look import look
    from proxy.store.redis.store import RedisStore

    with closing(store_of(settings, looking=True)) as store:
        grants = look_at_grants(store, settings, servers.told)
        found = look(store.redis) if isinstance(store, RedisStore) else None
    yield grants
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


def look_at_grants(store: Store, settings: Settings, named: str) -> Check:
    """Say how many grants there are, and of how many that should hold the signature does not."""
    grants, now = store.all_grants(), datetime.now(UTC)
    there = (settings.state / "keys" / "master.key").exists()  # else the next start makes one, under which none holds
    signer = Signer(master_key(settings.state)) if there else None
    ignored = sum(not one.revoked and alive(one.grant, now) and not (signer and signer.holds(one)) for one in grants)
    en, zh = f"{named}, {len(grants)} grants", f"{named}，{len(grants)} 条授权"
    if ignored:
        en += f"; {ignored} are ignored, for their signature does not hold (sluice grants list): put `keys/master.key`"
        en += " back, or, if it was moved away on purpose, revoke them and give them again"
        zh += f"；其中 {ignored} 条签名不符，不生效（sluice grants list）：请放回 `keys/master.key`；"
        zh += "若是有意移走，请撤销并重新发放"
    return Check("store", "warn" if ignored else "ok", Text(en, zh))
