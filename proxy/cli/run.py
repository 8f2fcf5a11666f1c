"""`sluice run`: the proxy itself.

Enters: the settings. Leaves: a running proxy, with a few lines that say how to use it.
"""

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from policies.decision import Text
from policies.problem import PolicyError
from proxy.assemble import works_of
from proxy.cli.common import err, language, out
from proxy.cli.warn import warnings_of
from proxy.keys import BUNDLE
from proxy.no_core import leave_no_core
from proxy.overload.memory import few_arenas
from proxy.reload import CLOSED, Reloader
from proxy.runlog import configure_logging
from proxy.settings.interface import Settings
from proxy.settings.read import settings_in
from proxy.shell.master import run
from proxy.store.owner import owned
from proxy.turns import take_short_turns
from proxy.workers.interface import Source
from proxy.workers.supervise import supervise


def serve(source: Source, config: Path | None, ready_file: Path | None, workers: int | None = None) -> None:
    """Run the proxy until it is told to stop; `workers` is how many processes serve, where the command line says."""
    settings = settings_in(source, os.environ)
    if workers is not None:
        settings = replace(settings, workers=replace(settings.workers, count=workers))
    leave_no_core()
    take_short_turns()
    few_arenas()
    configure_logging(settings.log_level, sys.stderr)
    with owned(settings.state):
        open_up(settings, source, config, ready_file)


def open_up(settings: Settings, source: Source, config: Path | None, ready_file: Path | None) -> None:
    """Run the proxy in a state directory that is its own."""
    starting = Text("Starting: policy, catalogue and detectors …", "正在启动：政策、服务目录与检测程序 …")
    warned = Text("warning: {}", "警告：{}").in_language(language())
    with out.status(starting.in_language(language())):
        works = works_of(settings)
    if works.house.street.policy is CLOSED:
        complain(works.reloader)
    elif not works.reloader.health.sound:
        err.print(warned.format(", ".join(works.reloader.health.rejected)), markup=False)
    for warning in warnings_of(settings, works.house.street.policy):
        err.print(warned.format(warning.in_language(language())), markup=False)

    def ready(listen: str, ca: Path, *serving: int) -> None:
        out.print(instructions(settings, listen, ca, works.house.street.policy.label), markup=False)
        if ready_file is not None:
            more = {"workers": serving} if serving else {}
            told = json.dumps({"listen": listen, "ca": str(ca), "pid": os.getpid(), **more})
            partial = ready_file.with_name(ready_file.name + ".partial")
            partial.write_text(told, encoding="utf-8")
            partial.replace(ready_file)  # a reader never sees half of it

    if settings.workers.count:
        supervise(settings, config, source, works, ready)
    else:
        asyncio.run(run(settings, works, ready))


def complain(reloader: Reloader) -> None:
    """Say loudly that there is no policy, and what is wrong with it."""
    if isinstance(reloader.error, PolicyError):
        err.print(reloader.error.render(language()), markup=False)
    else:
        zh = language() == "zh"
        head = "政策自带的测试没有通过：" if zh else "Tests of the policy fail:"
        tail = (
            f"想知道哪里不对，请运行：sluice policy test {reloader.path}"
            if zh
            else (f"To see what is wrong, run: sluice policy test {reloader.path}")
        )
        err.print("\n".join((head, *reloader.health.rejected, tail)), markup=False)
    told = "NO VALID POLICY: every AI service is refused until it is corrected; a corrected file is taken up by itself."
    if language() == "zh":
        told = "没有有效的政策：在更正之前，所有 AI 服务都会被拒绝；政策文件更正后会自动启用。"
    err.print(told, style="bold red")


def instructions(settings: Settings, listen: str, ca: Path, policy: str) -> str:
    """Return what a person needs to use the proxy, short enough to read."""
    host, _, port = listen.rpartition(":")
    reachable = "127.0.0.1" if host in ("0.0.0.0", "[::]", "::") else host
    url = f"http://{reachable}:{port}"
    audit = settings.audit if settings.audit == "-" else str((settings.state / settings.audit).resolve())
    bundle = ca.with_name(BUNDLE)
    zh = language() == "zh"
    lines = (
        [
            f"Sluice 正在监听 {listen}（模式 {settings.mode}），政策 {policy}。",
            f"  需要信任的证书   {ca}",
            f"  审计日志         {audit}",
        ]
        if zh
        else [
            f"Sluice listens on {listen} (mode {settings.mode}), policy {policy}.",
            f"  certificate to trust   {ca}",
            f"  audit log              {audit}",
        ]
    )
    if settings.mode.startswith(("regular", "upstream")):
        lines += [
            "  在终端中执行以下各行，再在其中启动您的程序：" if zh else "  in a shell, then start your program there:",
            f"    export HTTPS_PROXY={url} HTTP_PROXY={url} http_proxy={url}",  # curl reads the small one only
            f"    export SSL_CERT_FILE={bundle} REQUESTS_CA_BUNDLE={bundle} CURL_CA_BUNDLE={bundle}",
            f"    export NODE_EXTRA_CA_CERTS={ca}",
        ]
        told = f"  in a browser: proxy {reachable}, port {port}; import the certificate as an authority for web sites."
        lines.append(f"  浏览器：代理 {reachable}，端口 {port}；导入该证书，用作网站的证书颁发机构。" if zh else told)
    lines.append("按 Ctrl-C 停止。" if zh else "Stop with Ctrl-C.")
    return "\n".join(lines)
