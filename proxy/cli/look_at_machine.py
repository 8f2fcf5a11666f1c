"""What `sluice doctor` finds around the proxy: disk, clock, open files, who may write what, certificates, the PAC file.

Settings enter, checks leave. It reads, connects to the servers that the settings name, and changes nothing.
"""

import ctypes
import shutil
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from cryptography import x509

from policies.decision import Text
from proxy.cli.check import Check
from proxy.errors import of_the_system
from proxy.keys import BASENAME, FOLDERS
from proxy.overload.doorkeeper import FILES_EACH
from proxy.rollout.pac import KIND
from proxy.settings.interface import Settings
from proxy.store.address import is_redis, read_servers
from proxy.store.owner import owner_of

SOON: Final = timedelta(days=30)
LEAST_FREE: Final = 1 << 30
"""Bytes; an audit log of a busy day, and room to mend things."""
LITTLE_FREE: Final = 64 << 20
FEW_FILES: Final = 4096
TIMEX: Final = 256
"""Bytes; `struct timex` is smaller on every Linux."""
NOT_IN_STEP: Final = 5
"""`TIME_ERROR` of adjtimex(2)."""
PATIENCE: Final = 3.0
MOST_NAMED: Final = 5
CONTAINER: Final = Path("/run/secrets")
"""Where a container is given secrets, which nobody else shares with it."""


def look_at_disk(settings: Settings) -> Iterator[Check]:
    """See that there is room for records: without it, nothing goes out."""
    there = next(folder for folder in (settings.state, *settings.state.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    en, zh = f"{free >> 20} MiB are free at {there}", f"{there} 剩余 {free >> 20} MiB"
    if free < LEAST_FREE:
        en += "; make room: on a full disk every AI service is refused (docs/operations.md)"
        zh += "；请腾出空间：磁盘写满后所有 AI 服务都会被拒绝（docs/operations.zh.md）"
    yield Check("disk", "FAIL" if free < LITTLE_FREE else "warn" if free < LEAST_FREE else "ok", Text(en, zh))


def look_at_clock(_settings: Settings) -> Iterator[Check]:
    """See whether the system keeps its clock in step; nothing where it does not say."""
    state = clock_state()
    if state == NOT_IN_STEP:
        en = "not kept in step with a time server: rules, grants and logins rely on it (timedatectl set-ntp true)"
        zh = "未与时间服务器同步：规则时段、授权与登录都依赖时钟（timedatectl set-ntp true）"
        yield Check("clock", "warn", Text(en, zh))
    elif state >= 0:
        yield Check("clock", "ok", Text("kept in step with a time server", "已与时间服务器同步"))


def clock_state() -> int:
    """Return what adjtimex(2) says of the clock; it is asked, not set. Negative where it cannot be asked."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX)))
    except (OSError, AttributeError):
        return -1


def look_at_open_files(settings: Settings) -> Iterator[Check]:
    """See how many files the running proxy may open, or one started from here could."""
    owner = owner_of(settings.state)
    ours = owner is not None and owner.host == socket.gethostname() and owner.pid
    limit = limit_of(Path("/proc") / (str(owner.pid) if owner and ours else "self") / "limits")
    if limit is None:
        return
    connections = settings.connections.fitted(limit).total
    en, zh = f"{limit}, for {connections} connections", f"{limit} 个，对应 {connections} 个连接"
    few = limit < max(FEW_FILES, settings.connections.total * FILES_EACH)
    if few:
        en += "; raise LimitNOFILE of the service (or ulimit -n)"
        zh += "；请提高服务的 LimitNOFILE（或 ulimit -n）"
    yield Check("open files", "warn" if few else "ok", Text(en, zh))


def limit_of(file: Path) -> int | None:
    """Return the most files that a process may open, as Linux says; None where it does not."""
    with suppress(OSError, ValueError, IndexError):
        line = next(one for one in file.read_text("ascii").splitlines() if one.startswith("Max open files"))
        return int(line.split()[4])
    return None


def look_at_permissions(settings: Settings) -> Iterator[Check]:
    """See that nobody but the owner reads keys or writes what decides, and that all of the state has one owner."""
    open_keys = [path for path in _private_keys(settings.state) if path.stat().st_mode & 0o077]
    if open_keys:
        named = " ".join(str(path) for path in open_keys[:MOST_NAMED])
        en = f"others can read keys, so that the next start is refused: chmod 600 {named}"
        yield Check("permissions", "FAIL", Text(en, f"他人可读取密钥，因此下次启动会被拒绝：chmod 600 {named}"))
    wrong = list(_wrong(settings))
    for told in wrong:
        yield Check("permissions", "warn", told)
    if not wrong and not open_keys and settings.state.exists():
        yield Check("permissions", "ok", Text("nobody else reads keys, or writes", "他人不能读取密钥，也不能写入"))


def _private_keys(state: Path) -> Iterator[Path]:
    """Yield the files of the state that only their owner may read: keys, and the private parts of authorities."""
    for folder in sorted(FOLDERS):
        with suppress(OSError):
            for path in sorted((state / folder).iterdir()):
                private = path.suffix == ".key" if folder == "keys" else path.name.startswith(f"{BASENAME}-ca.")
                if private and stat.S_ISREG(path.lstat().st_mode):
                    yield path


def _secrets(settings: Settings) -> Iterator[Path]:
    """Yield the files with secrets that the settings name, wherever they are; not those that a container is given."""
    named = [*settings.private_files, settings.proxy_login, settings.redis.key]
    named.append(settings.tickets.keytab if settings.tickets else None)
    for path in dict.fromkeys(filter(None, named)):
        with suppress(OSError):
            ways = (folder.stat().st_mode & 0o001 for folder in path.absolute().parents)
            if CONTAINER not in path.absolute().parents and path.stat().st_mode & 0o004 and all(ways):
                yield path


def _wrong(settings: Settings) -> Iterator[Text]:
    for path in filter(None, (settings.policy, settings.state, settings.proxy_login)):
        with suppress(OSError):
            if path.stat().st_mode & 0o022:
                yield Text(
                    f"{path} may be written by others than its owner: chmod go-w {path}",
                    f"除所有者外，他人也可写入 {path}：chmod go-w {path}",
                )
    if loose := [str(path) for path in _secrets(settings)]:
        named = " ".join(loose[:MOST_NAMED])
        yield Text(
            f"others can read secrets that the settings name: chmod o-r {named}",
            f"他人可读取设置所指的机密文件：chmod o-r {named}",
        )
    strange = []
    with suppress(OSError):
        owner = settings.state.stat().st_uid
        strange = [path for path in sorted(settings.state.rglob("*")) if path.lstat().st_uid != owner]
    if strange:
        named = ", ".join(path.name for path in strange[:MOST_NAMED])
        en = f"{len(strange)} files are another account's ({named}): somebody ran sluice as another user; "
        zh = f"有 {len(strange)} 个文件属于其他账户（{named}）：有人曾以其他用户运行 sluice；"
        mend = f"chown -R --reference={settings.state} {settings.state}"
        yield Text(en + mend, zh + mend)


def look_at_certificates(settings: Settings) -> Iterator[Check]:
    """See when the certificates end that the settings name, besides our own authority's."""
    remote, directory = settings.detection.remote, settings.directory
    named = {
        "upstream_ca": settings.upstream_ca,
        "redis.ca": settings.redis.ca if is_redis(settings.store) else None,
        "redis.certificate": settings.redis.certificate if is_redis(settings.store) else None,
        "directory.ca": directory.ca if directory else None,
        "detection.remote.ca": remote.ca if remote else None,
    }
    for key, path in named.items():
        if path is None:
            continue
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            why = Text("no certificate in PEM form", "不是 PEM 格式的证书")
            if isinstance(error, OSError):
                why = by_the_system(error)
            yield Check(key, "FAIL", Text(f"{path}: {why.en}; mend `{key}`", f"{path}：{why.zh}；请修正 `{key}`"))
            continue
        ends = min(one.not_valid_after_utc for one in found)
        yield ending(key, str(path), ends)


def ending(name: str, what: str, ends: datetime) -> Check:
    """Return what there is to say of a certificate that ends then."""
    now = datetime.now(UTC)
    if ends <= now:
        return Check(
            name,
            "FAIL",
            Text(f"{what}: over since {ends:%Y-%m-%d}; renew it", f"{what}：已于 {ends:%Y-%m-%d} 过期；请更换"),
        )
    well = ends - now > SOON
    en, zh = ("", "") if well else ("; renew it in time", "；请及时更换")
    return Check(
        name,
        "ok" if well else "warn",
        Text(f"{what}, until {ends:%Y-%m-%d}{en}", f"{what}，有效期至 {ends:%Y-%m-%d}{zh}"),
    )


def look_at_redis_servers(settings: Settings) -> Iterator[Check]:
    """See of each server that the store's address names whether it is reached, over TLS where that is asked for."""
    if not is_redis(settings.store):
        return
    servers = read_servers(settings.store)
    what = "sentinel" if servers.kind == "sentinel" else "redis"
    checks = [_reached(settings, host, port, tls=servers.tls) for host, port in servers.hosts]
    alone = not any(why is None for why, _ in checks)
    for (host, port), (why, ends) in zip(servers.hosts, checks, strict=True):
        name, where = f"{what} server", f"{host}:{port}"
        if why is not None:
            en = f"{where}: {why.en}; start it, mend `store` or `redis`, or let the firewall admit this node"
            zh = f"{where}：{why.zh}；请启动它，修正 `store` 或 `redis`，或让防火墙放行本节点"
            yield Check(name, "FAIL" if alone else "warn", Text(en, zh))
        elif ends is not None:
            yield ending(name, where, ends)
        else:
            yield Check(name, "ok", Text(f"{where} is reached", f"{where} 可连接"))


def _reached(settings: Settings, host: str, port: int, *, tls: bool) -> tuple[Text | None, datetime | None]:
    """Return why a server is not reached, or None, and when its certificate ends."""
    try:
        with socket.create_connection((host, port), PATIENCE) as plain:
            if not tls:
                return None, None
            context = ssl.create_default_context(cafile=settings.redis.ca)
            if settings.redis.certificate is not None:
                context.load_cert_chain(settings.redis.certificate, settings.redis.key)
            with context.wrap_socket(plain, server_hostname=host) as secured:
                der = secured.getpeercert(binary_form=True)
        return None, x509.load_der_x509_certificate(der).not_valid_after_utc if der else None
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message
        return Text(f"its certificate is not trusted ({why})", f"其证书不受信任（{why}）"), None
    except ssl.SSLError as error:
        why = error.reason or type(error).__name__
        return Text(f"TLS fails ({why})", f"TLS 失败（{why}）"), None
    except OSError as error:
        return by_the_system(error), None


def by_the_system(error: OSError) -> Text:
    """Return in both languages what the system says went wrong."""
    why = error.strerror or str(error) or type(error).__name__
    return Text(why, of_the_system(why))


def taken(host: str, port: int) -> str:
    """Return why nobody can listen at an address, as the system says; nothing where one can."""
    with suppress(socket.gaierror), socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            raise
        except OSError as error:
            return error.strerror or type(error).__name__
    return ""


def cannot_listen(name: str, key: str, host: str, port: int, why: str) -> Check:
    """Return what there is to say of an address where nobody can listen, which the setting `key` names."""
    en = f"{host}:{port}: {why}; see who has it (ss -ltnp), or choose another `{key}`"
    return Check(
        name, "FAIL", Text(en, f"{host}:{port} 不可用（{of_the_system(why)}）：查看占用者（ss -ltnp），或更换 `{key}`")
    )


def look_at_pac(settings: Settings) -> Iterator[Check]:
    """See whether browsers get the PAC file; nothing where none is served."""
    if settings.pac is None:
        return
    host, port = settings.pac.listen
    if owner_of(settings.state) is None:
        if why := taken(host, port):
            yield cannot_listen("pac", "pac.listen", host, port, why)
            return
        yield Check("pac", "ok", Text(f"served at {host}:{port} once it runs", f"运行后在 {host}:{port} 提供"))
        return
    connection = HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "::") else host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/proxy.pac")
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except (OSError, HTTPException):
        en = (
            f"{host}:{port} does not answer: browsers keep what they have, or go without; restart, or mend `pac.listen`"
        )
        zh = f"{host}:{port} 没有应答：浏览器会沿用旧文件或不经代理；请重启，或修正 `pac.listen`"
        yield Check("pac", "FAIL", Text(en, zh))
        return
    finally:
        connection.close()
    proxies = ", ".join(f"{name}:{at}" for name, at in settings.pac.proxies)
    if answer.status != 200 or answer.getheader("content-type") != KIND or "FindProxyForURL" not in text:
        en = f"{host}:{port} answers with something else than our file: another program has the port"
        yield Check("pac", "FAIL", Text(en, f"{host}:{port} 返回的不是我们的文件：端口被其他程序占用"))
        return
    missing = [f"{name}:{at}" for name, at in settings.pac.proxies if f"{name}:{at}" not in text]
    if missing:
        en = f"names other proxies than the settings ({', '.join(missing)} is missing): restart the proxy"
        yield Check("pac", "warn", Text(en, f"所列代理与设置不同（缺少 {'、'.join(missing)}）：请重启代理"))
        return
    yield Check(
        "pac", "ok", Text(f"served at {host}:{port}, leads to {proxies}", f"在 {host}:{port} 提供，指向 {proxies}")
    )
