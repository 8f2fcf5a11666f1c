"""`sluice policy publish` and `sluice policy nodes`: one policy for all nodes of a store, and who enforces it.

Enters: a policy's path, and the name of whoever puts it in force. Leaves: a release that all nodes follow, and a line
about each node. `sluice doctor` says the same of them.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from policies.decision import Text
from proxy.assemble import SHIPPED_POLICY
from proxy.cli.check import Check
from proxy.cli.common import account, store_of
from proxy.errors import SettingsError
from proxy.publish.closed import is_closed
from proxy.publish.put import THERE, publish, taken_up, tested
from proxy.publish.release import Release, Standing
from proxy.settings.interface import Settings
from proxy.store.address import is_redis
from proxy.store.interface import Store

MOST_NAME: Final = 200


def publish_policy(
    settings: Settings, path: Path | None, by: str | None, seconds: float, *, reopen: bool = False
) -> tuple[list[Check], bool]:
    """Publish the policy at `path`, or the one that the settings name, and wait for the nodes.

    Returns a line about it and each of them, and whether all enforce it; raises `SettingsError` or `PolicyError`.
    """
    if settings.policy_from != "store":
        why = Text(
            "policy_from is file: each node takes its own policy file. To publish one for all nodes, write "
            "policy_from: store into the settings of each, and restart it",
            "policy_from 为 file：各节点使用自己的政策文件。"
            "要为所有节点发布，请在各节点的设置中写入 policy_from: store 并重启",
        )
        raise SettingsError(why.en, why.zh)
    name = named(by)
    version = tested(settings, path or settings.policy or SHIPPED_POLICY, name, now())
    with closing(store_of(settings)) as store:
        if not reopen:
            must_be_open(store)
        return told_of(store, publish(settings, store, version), seconds)


def told_of(store: Store, release: Release, seconds: float) -> tuple[list[Check], bool]:
    """Wait for the nodes to take a release up; returns a line about it and each of them, and whether all have."""
    nodes, done = taken_up(store, release.number, seconds, now)
    told = [Check("published", "ok", about(release)), *of_nodes(nodes.values(), release)]
    if not nodes:
        en, zh = "no node runs yet; each takes it up when it starts", "尚无节点在运行；各节点启动时自动采用"
        told.append(Check("nodes", "warn", Text(en, zh)))
    return told, done or not nodes


def named(by: str | None) -> str:
    """Return the name of whoever does it; raises `SettingsError`."""
    name = (by or account()).strip()
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise SettingsError("--by: write the name of whoever does it", "--by：请写明操作人的姓名")
    return name


def must_be_open(store: Store) -> None:
    """Raise `SettingsError` where somebody has closed: who publishes may not know of it."""
    latest = store.get_release()
    if latest is not None and is_closed(latest.version.id):
        version = latest.version
        raise SettingsError(
            f"closed for an incident by {version.by}, {version.at.isoformat(timespec='seconds')}: nothing is published "
            "over it. Open first (sluice policy open), or open with this policy (sluice policy publish --reopen)",
            f"{version.by} 于 {version.at.isoformat(timespec='seconds')} 因突发事件暂停：此时不能发布。请先恢复"
            "（sluice policy open），或以本政策恢复（sluice policy publish --reopen）",
        )


def nodes(settings: Settings) -> tuple[list[Check], bool]:
    """Return a line about the release and each node, and whether all that are there enforce it."""
    with closing(store_of(settings, looking=True)) as store:
        release, standings = store.get_release(), store.standings()
    told = list(of_nodes(standings.values(), release))
    if release is None:
        apart = len({one.policy for one in standings.values() if one.at > now() - THERE}) > 1
        en = f"nothing: each node takes its own file{', and they differ' if apart else ''}; see sluice policy publish"
        zh = f"尚未发布：各节点使用自己的政策文件{'，且版本不一致' if apart else ''}；参见 sluice policy publish"
        level: Literal["ok", "warn"] = "warn" if apart or settings.policy_from == "store" else "ok"
        return [Check("published", level, Text(en, zh)), *told], not apart
    return [Check("published", "ok", about(release)), *told], all(one.ok for one in told)


def look_at_nodes(settings: Settings) -> Iterator[Check]:
    """Say for `sluice doctor` how all nodes stand, where several may, or this one follows the store."""
    if settings.policy_from != "store" and not is_redis(settings.store):
        return
    if not (settings.state / "keys" / "master.key").exists():
        return
    yield from nodes(settings)[0]


def about(release: Release) -> Text:
    """Return what there is to say of a release."""
    version, at = release.version, release.version.at.isoformat(timespec="seconds")
    back, back_zh = (" (went back to it)", "（回退）") if release.passed else ("", "")
    if is_closed(version.id):
        back = " (CLOSED for an incident: every AI service is refused; end it with sluice policy open)"
        back_zh = "（因突发事件暂停：所有 AI 服务一律拒绝；结束请运行 sluice policy open）"
    return Text(
        f"release {release.number}: {version.id}, by {version.by}, {at}{back}",
        f"发布 {release.number}：{version.id}，发布人 {version.by}，{at}{back_zh}",
    )


def of_nodes(standings: Iterable[Standing], release: Release | None) -> Iterator[Check]:
    """Return a line about each node."""
    number = release.number if release else 0
    for one in standings:
        name, at = f"node {one.node}", one.at.isoformat(timespec="seconds")
        of = f" (Sluice {one.sluice})" if one.sluice else ""
        if one.at < now() - THERE:
            en, zh = (
                f"last heard of at {at}: it enforced {one.policy}{of}",
                f"最后一次报告于 {at}，当时执行 {one.policy}{of}",
            )
            yield Check(name, "warn", Text(en, zh))
        elif one.rejected:
            places = ", ".join(one.rejected)
            en, zh = f"keeps {one.policy}{of}: {places}", f"仍执行 {one.policy}{of}：{places}"
            yield Check(name, "FAIL", Text(en, zh))
        elif one.number == number:
            yield Check(name, "ok", Text(f"enforces {one.policy}{of}", f"正在执行 {one.policy}{of}"))
        elif not one.seen:
            en = f"takes its own file, {one.policy}{of}: write policy_from: store into its settings"
            yield Check(
                name, "FAIL", Text(en, f"使用自己的文件，{one.policy}{of}：请在其设置中写入 policy_from: store")
            )
        else:
            en, zh = f"has not taken it up; enforces {one.policy}{of}", f"尚未采用；正在执行 {one.policy}{of}"
            yield Check(name, "FAIL", Text(en, zh))


def now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)
