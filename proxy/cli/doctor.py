"""`sluice doctor`: is everything here that a working proxy needs?

Enters: the settings file. Leaves: one finding for each thing looked at, with what to do where it is not well. It
makes nothing in the state directory, and reaches for nothing but the internal model's own address.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from detectors.find import DEFAULT_ENTITIES
from detectors.interface import DetectorError
from policies.check import check
from policies.decision import Text
from policies.model import Policy
from policies.problem import PolicyError
from proxy.assemble import catalogue_of, here, policy_of
from proxy.canary.state import read_round
from proxy.cli.check import Check
from proxy.cli.common import in_use_by_us, settings_of
from proxy.cli.logins import look_at_admin, look_at_logins
from proxy.cli.look_at_machine import (
    cannot_listen,
    look_at_certificates,
    look_at_clock,
    look_at_disk,
    look_at_open_files,
    look_at_pac,
    look_at_permissions,
    look_at_redis_servers,
    taken,
)
from proxy.cli.look_at_workers import look_at_workers
from proxy.cli.policy_nodes import look_at_nodes
from proxy.cli.specimen import legible_after
from proxy.cli.state import (
    look_at_audit,
    look_at_certificate,
    look_at_state,
    look_at_store,
    look_at_vault,
    look_at_witnesses,
)
from proxy.cli.warn import missing_model, one_address_twice, open_front, unread_services, wide_reach
from proxy.detecting.standing import read_states
from proxy.equip import Equipment
from proxy.errors import SluiceError, StoreError, of_the_system
from proxy.findable import asked_for_names, brief_of, must_be_findable
from proxy.internal.models import InternalServer, must_be_served
from proxy.internal.watcher import Probe, fetch_key
from proxy.publish.closed import is_closed
from proxy.publish.health import read_health
from proxy.scratch import scratch
from proxy.settings.interface import Settings
from proxy.shell.master import rehearse
from proxy.trail.seal import must_be_sealable
from proxy.workers.proof import HOLDS, SPECIMEN

LATE_ROUNDS = 2
"""Rounds after which one that has not come is late."""
SERVERS = frozenset({"redis server", "sentinel server"})
POLICY_WAITS = Text("waits for the policy, see there", "需先改正政策，见上")
STORE_WAITS = Text("waits for the store, see there", "需先恢复存储，见上")
SERVER_AWAY = Text("cannot be used until its server answers, see there", "其服务器应答之后才能使用，见上")


def examine(config: Path | None) -> list[Check]:
    """Look at everything; one broken thing never hides the next."""
    try:
        settings = settings_of(config, secrets=True)
    except SluiceError as error:
        return [Check("settings", "FAIL", error.told)]
    found = [Check("settings", "ok", Text(f"state is kept in {settings.state}", f"状态目录：{settings.state}"))]
    looks: tuple[tuple[str, Callable[[Settings], Iterator[Check]]], ...] = (
        ("state", look_at_state),
        ("policy", look_at_policy),
        ("detectors", look_at_detectors),
        ("names", look_at_names),
        ("files", look_at_files),
        ("certificate", look_at_certificate),
        ("disk", look_at_disk),
        ("permissions", look_at_permissions),
        ("clock", look_at_clock),
        ("open files", look_at_open_files),
        ("certificates", look_at_certificates),
        ("redis server", look_at_redis_servers),
        ("store", look_at_store),
        ("vault", look_at_vault),
        ("audit", look_at_audit),
        ("witnesses", look_at_witnesses),
        ("self-test", look_at_canary),
        ("proxy", look_at_proxy),
        ("identity", look_at_identity),
        ("listen", look_at_address),
        ("pac", look_at_pac),
        ("workers", look_at_workers),
        ("nodes", look_at_nodes),
        ("admin", look_at_admin),
        ("internal_model", look_at_model),
    )
    broken: set[str] = set()
    for name, look in looks:
        try:
            found += look(settings)
        except PolicyError as error:  # told once; whatever needs it says no more than that
            told = Text(error.render("en"), error.render("zh"))
            found.append(Check(name, "FAIL", POLICY_WAITS if told.en in broken else told))
            broken.add(told.en)
        except StoreError as error:  # a server that is away was told before it, and all else that needs the store waits
            away = any(one.name in SERVERS and not one.ok for one in found)
            waits = STORE_WAITS if error.told.en in broken else SERVER_AWAY if away else error.told
            found.append(Check(name, "FAIL", waits))
            broken.add(error.told.en)
        except SluiceError as error:
            found.append(Check(name, "FAIL", error.told))
        except (DetectorError, OSError, ValueError) as error:
            found.append(Check(name, "FAIL", Text(str(error), getattr(error, "chinese", str(error)))))
    return found


def look_at_policy(settings: Settings) -> Iterator[Check]:
    """Load the policy and count its warnings."""
    policy = policy_of(settings, catalogue_of(settings))
    must_be_sealable(policy, settings.auditor_keys)
    must_be_served(policy, settings.internal)
    rules, warnings = len(policy.rules), len(check(policy))
    told = Text(
        f"{policy.name}, version {policy.label}, {rules} rules, {warnings} warnings (sluice policy check)",
        f"{policy.name}，版本 {policy.label}，{rules} 条规则，{warnings} 条警告（sluice policy check）",
    )
    yield Check("policy", "ok", told)
    if in_use_by_us(settings):
        yield from look_at_health(settings, policy)


def look_at_health(settings: Settings, policy: Policy) -> Iterator[Check]:
    """See whether the running proxy has that policy in force."""
    health = read_health(settings.state)
    if health is None or (health.sound and policy.label == health.policy and not is_closed(health.policy)):
        return
    if health.sound and policy.label == health.coming:
        told = Text(
            f"{health.coming} will be in force from {health.starts}; {health.policy} is until then",
            f"{health.coming} 将于 {health.starts} 生效；此前执行 {health.policy}",
        )
        yield Check("in force", "ok", told)
        return
    why = ", ".join(health.rejected)
    if is_closed(health.policy):
        since = health.since.isoformat(timespec="seconds")
        told = Text(
            f"CLOSED for an incident by {health.by} since {since}: every AI service is refused; sluice policy open",
            f"{health.by} 自 {since} 起因突发事件暂停：所有 AI 服务一律拒绝；恢复请运行 sluice policy open",
        )
        yield Check("in force", "warn", told)
        return
    stored = settings.policy_from == "store"
    other = Text("what is published", "已发布的版本") if stored else Text("what stands on disk", "磁盘上的版本")
    told = Text(
        f"{health.policy} is in force (by {health.by}), not {other.en}{f': {why}' if why else ''}",
        f"正在执行的是 {health.policy}（{health.by}），不是{other.zh}{f'：{why}' if why else ''}",
    )
    yield Check("in force", "FAIL" if why else "warn", told)


def look_at_detectors(settings: Settings) -> Iterator[Check]:
    """Find a canary in Chinese and English text, and see that somebody looks for all that the policy asks for."""
    policy = policy_of(settings, catalogue_of(settings))
    finder = here(settings).searcher(brief_of(policy, settings.detection))
    must_be_findable(policy, finder)
    found = {finding.entity for finding in finder.find(SPECIMEN, DEFAULT_ENTITIES | HOLDS).findings}
    missed = ", ".join(sorted(HOLDS - found))
    if missed:
        yield Check("detectors", "FAIL", Text(f"missed {missed}: reinstall", f"未识别 {missed}：请重新安装"))
        return
    kinds = len(finder.entities)
    yield Check("detectors", "ok", Text(f"{kinds} kinds; the canary was found", f"{kinds} 类；测试样本已识别"))
    if in_use_by_us(settings):
        yield from look_at_processes(settings)


def look_at_processes(settings: Settings) -> Iterator[Check]:
    """See whether the processes that detect for the running proxy work."""
    for one in read_states(settings.state) if settings.detection.processes else ():
        name = f"detection {one.process}"
        if not one.works:
            en = f"down since {one.since}: {one.why}; until it is back, what it looks for is unknown and policy refuses"
            zh = f"自 {one.since} 起不可用：{one.why}；恢复之前，所要查找的内容一律视为未知，由政策决定"
            yield Check(name, "FAIL", Text(en, zh))
        elif one.starts > 1:
            en, zh = f"works again since {one.since}; it was started anew", f"自 {one.since} 起恢复工作；曾重新启动"
            times = one.starts - 1
            yield Check(name, "warn", Text(f"{en} ({times} times so far)", f"{zh}（至今 {times} 次）"))
        else:
            yield Check(name, "ok", Text(f"works since {one.since}", f"自 {one.since} 起正常工作"))


BY_RULES: Final = Text("passwords that a sentence tells are looked for by rules alone", "句子里说出的密码只由规则查找")


def look_at_names(settings: Settings) -> Iterator[Check]:
    """Say where the models for names run, and whether the policy asks for them."""
    equipment = Equipment(settings.detection)
    devices = [
        Text(str(device), getattr(device, "chinese", str(device)))
        for one in equipment.names
        if (device := getattr(one, "device", None))
    ]
    if not devices:
        en = f"no model looks for names (`detection.names: off`), and {BY_RULES.en}"
        yield Check("names", "warn", Text(en, f"未启用姓名识别模型，{BY_RULES.zh}"))
        return
    try:
        asked = asked_for_names(policy_of(settings, catalogue_of(settings)), settings.detection)
    except PolicyError:  # told where the policy is looked at
        asked = True
    en = f"models run on {', '.join(device.en for device in devices)}"
    zh = f"模型运行于 {'、'.join(device.zh for device in devices)}"
    if not asked:
        en = f"{en}; the policy asks for no names, so they are not loaded, and {BY_RULES.en}"
        zh = f"{zh}；政策没有要求识别姓名，不会加载，{BY_RULES.zh}"
    yield Check("names", "ok", Text(en, zh))
    if equipment.notes:
        en = "`detection.device: cuda` asks for a GPU, and none can be used: see that `nvidia-smi` names one here"
        en += " (containers: `--gpus all` and Containerfile.cuda), and install CUDA 13 and cuDNN 9; or write `auto`"
        zh = "`detection.device: cuda` 要求使用 GPU，但没有可用的 GPU：请确认 `nvidia-smi` 能列出显卡"
        zh += "（容器：`--gpus all` 与 Containerfile.cuda），并安装 CUDA 13 与 cuDNN 9；或改写为 `auto`"
        yield Check("GPU", "warn", Text(en, zh))


def look_at_files(settings: Settings) -> Iterator[Check]:
    """See that the process which reads files starts within its limits, and reads a picture."""
    if not settings.documents.ocr:
        off = Text(
            "pictures and scanned pages are not read (`documents.ocr: false`)",
            "图片与扫描页不会被识别（`documents.ocr: false`）",
        )
        yield Check("files", "warn", off)
        return
    try:
        seconds = legible_after(settings.documents)
    except TimeoutError:
        within = f"{settings.documents.seconds:g}"
        en = f"could not tell within {within} s (`documents.seconds`) whether pictures are read: this machine is busy"
        load = busy()
        en += f"{load.en}, or too slow. What comes meanwhile and cannot be read in time is refused as unread; look"
        en += " again when it is quiet (uptime), and give more time if it stays so"
        zh = f"在 {within} 秒（`documents.seconds`）内无法判断图片能否识别：本机繁忙{load.zh}或太慢。在此期间"
        zh += "来不及识别的内容按读不了拒绝；请在空闲时（uptime）再查一次，若仍如此请放宽时间"
        yield Check("files", "warn", Text(en, zh))
        return
    if seconds is None:
        told = Text(
            "a picture with known words was not read as such; give `documents` more memory, or reinstall",
            "未能识别测试图片中的已知文字：请放宽 `documents` 的内存限制，或重新安装",
        )
        yield Check("files", "FAIL", told)
        return
    told = Text(
        f"files are read; a small picture took {seconds:.1f} s once the models were loaded",
        f"文件可读取；模型载入后识别一张小图用时 {seconds:.1f} 秒",
    )
    yield Check("files", "ok", told)


def busy() -> Text:
    """Return how much this machine has to do, where that is known: ` (load 9.5, 2 cores)`."""
    try:
        load, cores = os.getloadavg()[0], os.cpu_count()
    except OSError:
        return Text("", "")
    return Text(f" (load {load:.1f}, {cores} cores)", f"（负载 {load:.1f}，{cores} 个核）")


def look_at_canary(settings: Settings) -> Iterator[Check]:
    """See how the last round of self-tests ended, and whether the rounds go on; nothing where none are asked for."""
    every = settings.canary.every
    if every is None:
        return
    last = read_round(settings.state)
    if last is None:
        told = Text("asked for, but none has been flown yet", "已设置，但尚未执行过")
        yield Check("self-test", "warn" if in_use_by_us(settings) else "ok", told)
        return
    at = f"{last.at:%Y-%m-%d %H:%M} UTC"
    if last.unproven:
        which = ", ".join(f"{service} ({code})" for service, code in sorted(last.unproven.items()))
        told = Text(f"NOT proven at {at}: {which}", f"{at} 未通过：{which}")
        yield Check("self-test", "warn", told)
        return
    told = Text(f"{last.flown} of {last.flown} proven at {at}", f"{at}：{last.flown} 项全部通过")
    late = in_use_by_us(settings) and datetime.now(UTC) - last.at > LATE_ROUNDS * every
    over = Text(f"{told.en}; the rounds do not go on, see the log", f"{told.zh}；此后未再执行，请查看日志")
    yield Check("self-test", "warn" if late else "ok", over if late else told)


def look_at_proxy(settings: Settings) -> Iterator[Check]:
    """Set mitmproxy's options as a start would, in a folder that is thrown away."""
    with scratch("doctor") as folder:
        asyncio.run(rehearse(replace(settings, state=folder)))
    yield Check("proxy", "ok", Text(f"mode {settings.mode}", f"模式 {settings.mode}"))
    for name, told in (("tunnel", unread_services(settings)), ("reach", wide_reach(settings))):
        if told is not None:
            yield Check(name, "warn", told)


def look_at_identity(settings: Settings) -> Iterator[Check]:
    """Check the sources of identity, and whether they can be reached."""
    yield from look_at_logins(settings)
    warning = open_front(settings)
    sources = settings.identity
    named = {
        "proxy_login": settings.proxy_login,
        "directory": settings.directory,
        "kerberos": settings.tickets,
        "certificates": sources.certificates,
        "header": sources.header,
        "networks": sources.networks,
    }
    given = ", ".join(name for name, source in named.items() if source)
    told = Text(
        f"people are named by: {given}" if given else "nobody is named; rules for named people permit nothing",
        f"身份来源：{given}" if given else "无身份来源；面向特定人员的许可规则不会生效",
    )
    yield Check("identity", "warn" if warning else "ok", warning or told)


def look_at_address(settings: Settings) -> Iterator[Check]:
    """See whether the listening address is free, or already ours."""
    twice = one_address_twice(settings)
    if twice is not None:
        yield Check("listen", "FAIL", twice)
        return
    host, port = settings.listen
    if why := taken(host, port):
        running = Text(f"{host}:{port}, the running proxy", f"{host}:{port}，代理正在运行")
        ours = in_use_by_us(settings)
        yield Check("listen", "ok", running) if ours else cannot_listen("listen", "listen", host, port, why)
        return
    yield Check("listen", "ok", Text(f"{host}:{port} is free", f"{host}:{port} 可用"))


def look_at_model(settings: Settings) -> Iterator[Check]:
    """See whether the internal model's address takes connections, and whether the policy needs one."""
    models = settings.internal
    if models is None:
        warning = missing_model(settings, policy_of(settings, catalogue_of(settings)))
        none = Text("none is set, and no rule needs one", "未设置内部模型，也没有规则需要")
        yield Check("internal_model", "FAIL" if warning else "ok", warning or none)
        return
    probe = Probe(models.checks.timeout, settings.resolve, settings.upstream_ca)

    def look(server: InternalServer) -> str:
        return probe.ask(server, fetch_key(server)) if models.checks.every else probe.reach(server)

    for name, servers in models.servers.items():
        wrong = [look(server) for server in servers]
        for server, why in zip(servers, wrong, strict=True):
            where = f"{name}: {server.host}:{server.port}" if len(models.all) > 1 else f"{server.host}:{server.port}"
            if not why:
                yield Check("internal_model", "ok", Text(f"{where} answers", f"{where} 可连接"))
                continue
            told = f"{where} does not answer ({why}); start it, or mend its url"
            zh = f"{where} 没有应答（{of_the_system(why)}）：请启动，或修正其 url"
            yield Check("internal_model", "FAIL" if all(wrong) else "warn", Text(told, zh))
