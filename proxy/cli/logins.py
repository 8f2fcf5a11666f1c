"""What `sluice doctor` sees of logins, and of the admin listener: each is asked as the running proxy asks it."""

import ipaddress
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from policies.decision import Text
from proxy.cli.check import Check
from proxy.cli.common import in_use_by_us
from proxy.cli.look_at_machine import cannot_listen, taken
from proxy.errors import SettingsError
from proxy.settings.interface import Settings

WIDEST = 8
"""A front whose network is this wide, or wider, is more than balancers."""


def look_at_logins(settings: Settings) -> Iterator[Check]:
    """See that the file of passwords, the directory and Kerberos can be asked, and that a front is one."""
    if settings.proxy_login is not None:
        yield from look_at_passwords(settings.proxy_login)
    if settings.directory is not None:
        from proxy.identity.directory import Directory

        wrong = Directory(settings.directory).probe()
        where = settings.directory.url
        if wrong:
            told = Text(
                f"{where}: {wrong}; then nobody's groups are known", f"{where}：{wrong}；此时无法得知任何人的组"
            )
            yield Check("directory", "FAIL", told)
        else:
            yield Check("directory", "ok", Text(f"{where} answers", f"{where} 应答正常"))
        if settings.directory.plain:
            en = "passwords travel unencrypted (`plain`): use ldaps:// or StartTLS"
            yield Check("directory", "warn", Text(en, "密码以明文传输（`plain`）：请改用 ldaps:// 或 StartTLS"))
    if settings.tickets is not None:
        from proxy.identity.tickets import acceptor_of

        try:
            acceptor_of(settings.tickets)
            yield Check("kerberos", "ok", Text("tickets can be accepted", "可接受 Kerberos 票据"))
        except SettingsError as error:
            yield Check("kerberos", "FAIL", error.told)
    wide = [str(net) for net in settings.front.trusted if net.prefixlen <= WIDEST]
    if wide:
        en = f"front.from has {', '.join(wide)}: whoever connects from there may give any address for his own"
        yield Check("front", "warn", Text(en, f"front.from 含有 {'、'.join(wide)}：其中任何人都可以冒用任意地址"))


def look_at_passwords(path: Path) -> Iterator[Check]:
    """Count who can log in; a file that cannot be read is told where the proxy's own start is rehearsed."""
    from proxy.identity.passwords import read_passwords

    try:
        users = read_passwords(path).users
    except SettingsError:
        return
    yield Check(
        "proxy_login", "ok" if users else "warn", Text(f"{len(users)} people can log in", f"可登录 {len(users)} 人")
    )
    if weak := sum(value.startswith("{SHA}") for value in users.values()):
        en = f"{weak} passwords are kept as SHA-1, which is quickly guessed: set them anew with `htpasswd -B`"
        yield Check("proxy_login", "warn", Text(en, f"{weak} 个密码以 SHA-1 保存，容易被破解：请用 `htpasswd -B` 重设"))


def look_at_admin(settings: Settings) -> Iterator[Check]:
    """See whether health and metrics can be had, and whether the running proxy is ready."""
    if settings.admin is None:
        en = 'health and metrics are shown nowhere (`admin: {listen: "127.0.0.1:9464"}`)'
        yield Check("admin", "ok", Text(en, '未开放健康检查与指标（`admin: {listen: "127.0.0.1:9464"}`）'))
        return
    host, port = settings.admin
    with suppress(ValueError):
        if not ipaddress.ip_address(host).is_loopback:
            en = f"{host}:{port} answers without a login: let a firewall admit the monitoring alone"
            yield Check("admin", "warn", Text(en, f"{host}:{port} 无需登录即可访问：请用防火墙限制为监控系统"))
    if not in_use_by_us(settings):
        free = Text(f"{host}:{port} is free", f"{host}:{port} 可用")
        why = taken(host, port)
        yield cannot_listen("admin", "admin.listen", host, port, why) if why else Check("admin", "ok", free)
        return
    connection = HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "::") else host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        why = ", ".join(json.loads(answer.read())["why"])
    except (OSError, HTTPException, ValueError, KeyError, socket.gaierror):
        yield Check("admin", "FAIL", Text(f"{host}:{port} does not answer", f"{host}:{port} 没有应答"))
        return
    finally:
        connection.close()
    if answer.status == 200:
        yield Check("admin", "ok", Text("the running proxy is ready", "正在运行的代理已就绪"))
    else:
        told = Text(f"NOT ready: {why} (docs/monitoring.md)", f"未就绪：{why}（docs/monitoring.md）")
        yield Check("admin", "FAIL", told)
