"""What `sluice doctor` says of the workers of a running proxy.

Enters: the settings, and the file in which the supervisor says how they stand. Leaves: a finding for each.
"""

from collections.abc import Iterator

from policies.decision import Text
from proxy.cli.check import Check
from proxy.settings.interface import Settings
from proxy.store.owner import owner_of
from proxy.workers.standing import Standing, read_standing
from proxy.workers.supervise import must_take_workers


def standing_of(settings: Settings) -> Standing | None:
    """Return how the workers of the proxy that runs here stand; None where it has none, or none runs."""
    owner, found = owner_of(settings.state), read_standing(settings.state)
    return found if owner is not None and found is not None and owner.pid in (found.supervisor, 0) else None


def look_at_workers(settings: Settings) -> Iterator[Check]:
    """See that all workers serve, at the version that is in force; nothing where there are none.

    Raises `SettingsError` where the mode takes none.
    """
    if settings.workers.count:
        must_take_workers(settings)
    found = standing_of(settings)
    if found is None:
        return
    numbers = range(1, settings.workers.count + 1) or range(
        1, 1 + max((one.worker for one in found.workers), default=0)
    )
    for number in numbers:
        name = f"worker {number}"
        one = next((each for each in found.workers if each.worker == number and each.state == "ready"), None)
        if one is None:
            told = Text("does not serve; the log says why", "未在服务，原因见日志")
            yield Check(name, "FAIL", told)
        elif one.deaths:
            told = Text(
                f"serves since {one.since}; {one.deaths} before it ended by themselves, the last for: {one.died_of};"
                " see the log (journalctl -u sluice) and free -m",
                f"自 {one.since} 起服务；此前有 {one.deaths} 个异常退出，最近一次原因：{one.died_of}；"
                "请查看日志（journalctl -u sluice）与 free -m",
            )
            yield Check(name, "warn", told)
        elif one.policy != found.policy:
            en, zh = f"enforces {one.policy}, not {found.policy} yet", f"正在执行 {one.policy}，尚未启用 {found.policy}"
            yield Check(name, "warn", Text(en, zh))
        else:
            starts = f", started {one.starts} times" if one.starts > 1 else ""
            starts_zh = f"，已启动 {one.starts} 次" if one.starts > 1 else ""
            since = Text(f"serves since {one.since}{starts}", f"自 {one.since} 起服务{starts_zh}")
            yield Check(name, "ok", since)
    if found.refused:
        en, zh = f"the last restart was given up: {found.refused}", f"上次滚动重启已放弃：{found.refused}"
        yield Check("workers", "warn", Text(en, zh))
