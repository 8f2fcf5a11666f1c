"""`sluice restart`: the workers of the running proxy are replaced one by one, and the command waits for it.

Enters: the settings. Leaves: a signal to the supervisor, and a line for each worker that serves anew. It ends with 0
when all were replaced, and with 1 where that was given up; those that served before then still do.
"""

import os
import signal
import time
from typing import Final

from proxy.cli.common import err, language, out
from proxy.cli.exits import Exit
from proxy.cli.look_at_workers import standing_of
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from proxy.workers.standing import Standing, read_standing

LOOKS_EVERY: Final = 0.2
WITHIN: Final = 900.0
"""Seconds that all replacements together may take."""


def restart(settings: Settings) -> Exit:
    """Replace the workers; raises `SettingsError` where none run here."""
    before = standing_of(settings)
    if before is None:
        raise SettingsError(
            f"{settings.state}: no proxy with workers runs here; start one with `sluice run --workers`",
            f"{settings.state}：这里没有带工作进程的代理在运行；请用 `sluice run --workers` 启动",
        )
    try:
        os.kill(before.supervisor, signal.SIGUSR2)
    except (ProcessLookupError, PermissionError) as error:
        raise SettingsError(
            f"the supervisor {before.supervisor} cannot be told: {error.strerror}",
            f"无法通知主管进程 {before.supervisor}：{error.strerror}",
        ) from None
    return wait(settings, before)


def wait(settings: Settings, before: Standing) -> Exit:
    """Wait until every worker is another one."""
    old = {one.pid for one in before.workers}
    seen: set[int] = set()
    until = time.monotonic() + WITHIN
    zh = language() == "zh"
    while time.monotonic() < until:
        time.sleep(LOOKS_EVERY)
        now = read_standing(settings.state)
        if now is None:
            continue
        serving = {one.pid: one for one in now.workers if one.state == "ready"}
        for pid in sorted(serving.keys() - old - seen):
            seen.add(pid)
            number = serving[pid].worker
            out.print(f"进程 {number} 已由新进程接替（{pid}）" if zh else f"worker {number} is a new process ({pid})")
        if now.refused and now.refused != before.refused:
            told = "未全部接替，原进程继续服务：" if zh else "not all were replaced, those before go on: "
            err.print(f"{told}{now.refused}", markup=False)
            return Exit.FOUND
        if serving and not serving.keys() & old:
            return Exit.OK
    err.print("等待超时" if zh else "it took too long; see the log", markup=False)
    return Exit.FOUND
