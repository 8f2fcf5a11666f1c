"""`sluice policy close` and `sluice policy open`: the emergency stop, and its end.

Enters: who stops. Leaves: a pin on this node that no change of the policy's file ends, or where nodes follow the store
a release for all of them; and a line that says whether it holds yet. What was in force before, an earlier version that
somebody had gone back to included, is what opening brings back.
"""

from contextlib import closing
from dataclasses import replace
from typing import Final

from policies.decision import Text
from proxy.cli.check import Check
from proxy.cli.common import in_use_by_us, store_of
from proxy.cli.policy_nodes import named, now, told_of
from proxy.cli.policy_rollback import heard_here, not_yet, pinned
from proxy.errors import SettingsError, StoreError
from proxy.pin import Pin, drop_pin, read_pin
from proxy.publish.closed import closed_version, is_closed
from proxy.publish.put import must_still_do, publish
from proxy.settings.interface import Settings
from proxy.store.address import is_redis


def close(settings: Settings, by: str | None, seconds: float) -> tuple[list[Check], bool]:
    """Refuse every AI service from now on; returns lines, and whether that holds everywhere. Raises `SettingsError`."""
    try:
        return closing_now(settings, named(by), seconds)
    except StoreError as error:
        en = (
            f"NOT closed: {error}. While the store is away every AI service that is asked for is refused all the same, "
        )
        en += "but not once it is back: run this again then, or stop the proxies (systemctl stop sluice) until you can"
        zh = f"尚未关闭：{error}。存储不可用期间，对 AI 服务的请求本来就会被拒绝，但存储恢复后不再如此："
        zh += "请在恢复后再次执行本命令；在此之前也可停止所有代理（systemctl stop sluice）"
        return [Check("closed", "FAIL", Text(en, zh))], False


def closing_now(settings: Settings, name: str, seconds: float) -> tuple[list[Check], bool]:
    """Close, as `close` says; raises `StoreError` where nothing was changed."""
    version = closed_version(now(), name)
    with closing(store_of(settings, keeping=True)) as store:
        if settings.policy_from == "store":
            latest = store.get_release()
            if latest is not None and is_closed(latest.version.id):
                return told_of(store, latest, seconds)
            passed = (latest.version.id,) if latest is not None else ()
            return told_of(store, publish(settings, store, version, passed), seconds)
        pin = read_pin(settings.state)
        if pin is None or not pin.closed:  # or the list of versions would no longer say who was first
            store.keep_policy(version)
    if pin is None or not pin.closed:
        pinned(settings, Pin(version.id, "", name, closed=True, before=pin))
    found = [holds(settings, seconds, closed=True)]
    if is_redis(settings.store):
        en = "this node alone: each takes its own policy file, so run this on every node"
        found.append(Check("nodes", "warn", Text(en, "仅限本节点：各节点使用自己的政策文件，请在每个节点上执行")))
    return found, found[0].ok


def reopen(settings: Settings, by: str | None, seconds: float) -> tuple[list[Check], bool]:
    """Bring back what was in force before the stop; returns lines, and whether it holds. Raises `SettingsError`."""
    name = named(by)
    if settings.policy_from == "store":
        with closing(store_of(settings, keeping=True)) as store:
            latest = store.get_release()
            if latest is None or not is_closed(latest.version.id):
                return [NOT_CLOSED], True
            before = store.get_policy(latest.passed[-1]) if latest.passed else None
            if before is None:
                raise SettingsError(
                    "nothing was published before it was closed: open by publishing a policy, sluice policy publish "
                    "--reopen",
                    "暂停之前没有发布过政策：请发布一份政策以恢复：sluice policy publish --reopen",
                )
            must_still_do(settings, before)
            back = replace(before, at=now(), by=name)
            return told_of(store, publish(settings, store, back, (latest.version.id,)), seconds)
    pin = read_pin(settings.state)
    if pin is None or not pin.closed:
        return [NOT_CLOSED], True
    if pin.before is not None:
        pinned(settings, pin.before)
    else:
        drop_pin(settings.state)
    found = holds(settings, seconds, closed=False)
    return [found], found.ok


def holds(settings: Settings, seconds: float, *, closed: bool) -> Check:
    """Wait until the proxy that runs here has taken it up, and say so."""
    name = "closed" if closed else "open"
    if not in_use_by_us(settings):
        en = "no proxy runs here; this holds as soon as one starts"
        return Check(name, "ok", Text(en, "此处没有正在运行的代理；启动后即按此执行"))
    health, done = heard_here(settings, seconds, lambda label: is_closed(label) == closed)
    label, by, why = health.policy, health.by, ", ".join(health.rejected)
    if done:
        en = f"every AI service is refused, by {by}; end it with sluice policy open" if closed else f"{label}, {by}"
        zh = f"所有 AI 服务一律拒绝，操作人 {by}；结束请运行 sluice policy open" if closed else f"{label}，{by}"
        return Check(name, "ok", Text(en, zh))
    if why and not closed:
        en = f"still closed: the policy on disk has mistakes ({why}); correct it, or take an earlier version "
        zh = f"仍处于暂停状态：磁盘上的政策有错误（{why}）；请改正，或用 sluice policy rollback 恢复先前版本"
        return Check(name, "FAIL", Text(f"{en}with sluice policy rollback", zh))
    return not_yet(name, health)


NOT_CLOSED: Final = Check(
    "open", "ok", Text("it was not closed; nothing was changed", "并未处于暂停状态；未作任何改动")
)
