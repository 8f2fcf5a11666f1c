"""Doctor looks round the proxy: room, clock, files, who may write, certificates, the PAC file, servers of Redis."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from proxy.cli import look_at_machine as looking
from proxy.cli.check import Check
from proxy.cli.logins import look_at_admin
from proxy.errors import SettingsError
from proxy.keys import BASENAME, certificate_authority, master_key
from proxy.observe.pages import Page, Server
from proxy.overload.doorkeeper import Connections
from proxy.rollout.pac import KIND, Pac
from proxy.settings.interface import Settings
from proxy.settings.read import parse_settings
from proxy.store.address import Access
from proxy.store.owner import owned


def seen(look: Callable[[Settings], Iterator[Check]], settings: Settings) -> list[tuple[str, str]]:
    return [(one.level, one.told.en) for one in look(settings)]


@pytest.mark.parametrize(
    ("free", "level", "told"),
    [(5 << 30, "ok", "5120 MiB are free"), (900 << 20, "warn", "make room"), (10 << 20, "FAIL", "10 MiB are free")],
)
def test_room_on_the_disk_of_the_state_is_told(
    tmp_path: Path, free: int, level: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    [(found, said)] = seen(looking.look_at_disk, Settings(state=tmp_path / "not" / "there"))
    assert found == level and told in said


@pytest.mark.parametrize(("state", "levels"), [(0, ["ok"]), (looking.NOT_IN_STEP, ["warn"]), (-1, [])])
def test_a_clock_that_nobody_keeps_in_step_is_told(
    state: int, levels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert looking.clock_state() in range(-1, 6), "the system is asked, and says something"
    monkeypatch.setattr(looking, "clock_state", lambda: state)
    assert [level for level, _ in seen(looking.look_at_clock, Settings())] == levels


@pytest.mark.parametrize(("limit", "level"), [("1024", "warn"), ("65536", "ok")])
def test_how_many_files_may_be_opened_is_read_of_the_process_that_runs(
    tmp_path: Path, limit: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(looking, "limit_of", lambda file: asked.append(file) or int(limit))
    [(found, said)] = seen(looking.look_at_open_files, Settings(state=tmp_path))
    assert found == level and limit in said and ("LimitNOFILE" in said) == (level == "warn")
    with owned(tmp_path):
        seen(looking.look_at_open_files, Settings(state=tmp_path))
    assert [str(one) for one in asked] == ["/proc/self/limits", f"/proc/{os.getpid()}/limits"]
    many = Settings(state=tmp_path, connections=Connections(total=1_000_000))
    assert seen(looking.look_at_open_files, many)[0][0] == "warn"


def test_the_limit_is_the_one_that_linux_tells(tmp_path: Path) -> None:
    (tmp_path / "l").write_text(
        "Limit  Soft Hard Units\nMax open files            1024                 4096    files\n"
    )
    assert looking.limit_of(tmp_path / "l") == 4096
    assert looking.limit_of(tmp_path / "gone") is None


def test_who_may_read_keys_or_write_what_decides_is_told(tmp_path: Path) -> None:
    state, policy = tmp_path / "state", tmp_path / "policy.yaml"
    (state / "keys").mkdir(parents=True, mode=0o700)
    state.chmod(0o700)
    policy.write_text("")
    policy.chmod(0o644)
    key = state / "keys" / "vault-1.key"
    key.write_bytes(b"x")
    key.chmod(0o600)
    settings = Settings(state=state, policy=policy)
    assert seen(looking.look_at_permissions, settings) == [("ok", "nobody else reads keys, or writes")]
    policy.chmod(0o666)
    key.chmod(0o640)
    assert seen(looking.look_at_permissions, settings) == [
        ("FAIL", f"others can read keys, so that the next start is refused: chmod 600 {key}"),
        ("warn", f"{policy} may be written by others than its owner: chmod go-w {policy}"),
    ]
    if os.getuid() == 0:
        policy.chmod(0o644)
        os.chown(key, 65534, -1)
        key.chmod(0o600)
        [(level, said)] = seen(looking.look_at_permissions, settings)
        assert level == "warn" and "1 files are another account's (vault-1.key)" in said and "chown -R" in said


def test_what_stops_a_start_because_others_can_read_it_is_a_failure(tmp_path: Path) -> None:
    certificate_authority(tmp_path, "test")
    master_key(tmp_path)
    (tmp_path / "keys" / "vault-least").write_text("1")
    public = (tmp_path / "keys" / "vault-least", tmp_path / "ca" / f"{BASENAME}-ca-cert.pem")
    for path in public:
        path.chmod(0o644)
    settings = Settings(state=tmp_path)
    assert [level for level, _ in seen(looking.look_at_permissions, settings)] == ["ok"], "what is public may be read"
    private = tmp_path / "ca" / f"{BASENAME}-ca.pem"
    private.chmod(0o640)
    [(level, said)] = seen(looking.look_at_permissions, settings)
    assert level == "FAIL" and said.endswith(f"chmod 600 {private}")
    with pytest.raises(SettingsError, match="others can read this key"):
        certificate_authority(tmp_path, "test")


def test_secrets_that_the_settings_name_are_told_where_others_can_read_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # as are the folders above it, or nobody else could come here
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        for name in ("redis.password", "canary-login", "users.htpasswd"):
            (folder / name).write_text("desk:word")
            (folder / name).chmod(0o640)
        (folder / "users.htpasswd").chmod(0o644)
        text = "redis: {password_file: redis.password}\nproxy_login: users.htpasswd\ncanary: {login_file: canary-login}"
        settings = replace(parse_settings(text, "s", folder, {}), state=folder / "state")
        (folder / "state").mkdir(mode=0o700)
        assert seen(looking.look_at_permissions, settings) == [("ok", "nobody else reads keys, or writes")], "0700"
        folder.chmod(0o755)
        (folder / "redis.password").chmod(0o644)
        assert seen(looking.look_at_permissions, settings) == [
            (
                "warn",
                "others can read secrets that the settings name: chmod o-r "
                f"{folder / 'redis.password'} {folder / 'users.htpasswd'}",
            )
        ]
    finally:
        shutil.rmtree(folder)


def test_an_address_that_another_program_has_is_told_before_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = other.getsockname()
        settings = Settings(state=tmp_path, pac=Pac(address, (("p.example", 8080),)), admin=address)
        for look, key in ((looking.look_at_pac, "pac.listen"), (look_at_admin, "admin.listen")):
            [(level, said)] = seen(look, settings)
            assert level == "FAIL" and "ss -ltnp" in said and said.endswith(f"choose another `{key}`")
    assert [seen(look, settings)[0][0] for look in (looking.look_at_pac, look_at_admin)] == ["ok", "ok"]


def certificate(path: Path, days: float) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=99)).not_valid_after(now + timedelta(days=days))
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return path


ENDS = {"long": (400, "ok", "until"), "soon": (9, "warn", "renew it in time"), "over": (-2, "FAIL", "over since")}


@pytest.mark.parametrize(("days", "level", "told"), ENDS.values(), ids=ENDS)
def test_when_certificates_of_the_settings_end_is_told(tmp_path: Path, days: int, level: str, told: str) -> None:
    path = certificate(tmp_path / "c.pem", days)
    [(found, said)] = seen(looking.look_at_certificates, Settings(upstream_ca=path))
    assert found == level and told in said and "c.pem" in said
    both = Settings(store="rediss://h/0", redis=Access(ca=path, certificate=path))
    assert [one.name for one in looking.look_at_certificates(both)] == ["redis.ca", "redis.certificate"]
    path.write_text("junk")
    assert seen(looking.look_at_certificates, Settings(upstream_ca=path))[0][0] == "FAIL"


def test_each_server_of_redis_is_tried_and_one_that_answers_is_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as up:
        there = f"127.0.0.1:{up.getsockname()[1]}"
        sentinels = Settings(store=f"redis+sentinel://127.0.0.1:1,{there}/m/0")
        assert seen(looking.look_at_redis_servers, sentinels) == [
            (
                "warn",
                "127.0.0.1:1: Connection refused; start it, mend `store` or `redis`, or let the firewall admit this"
                " node",
            ),
            ("ok", f"{there} is reached"),
        ]
    [(level, said)] = seen(looking.look_at_redis_servers, Settings(store="redis://127.0.0.1:1/0"))
    assert level == "FAIL" and "Connection refused" in said
    assert seen(looking.look_at_redis_servers, Settings()) == []


PAGES = {
    "ours": (Page(b"function FindProxyForURL() { 'PROXY p.example:8080' }", KIND), "ok", "leads to p.example:8080"),
    "of older settings": (Page(b"function FindProxyForURL() {}", KIND), "warn", "p.example:8080 is missing"),
    "of another program": (Page(b"hello"), "FAIL", "another program has the port"),
}


@pytest.mark.parametrize(("page", "level", "told"), PAGES.values(), ids=PAGES)
def test_what_browsers_get_as_the_pac_file_is_asked_for(tmp_path: Path, page: Page, level: str, told: str) -> None:
    assert seen(looking.look_at_pac, Settings(state=tmp_path)) == []
    server = Server(("127.0.0.1", 0), {"/proxy.pac": lambda: page}, "pac.listen")
    settings = Settings(state=tmp_path, pac=Pac(server.address, (("p.example", 8080),)))
    server.start()
    try:
        with owned(tmp_path):
            [(found, said)] = seen(looking.look_at_pac, settings)
    finally:
        server.stop()
    assert found == level and told in said
    with owned(tmp_path):
        gone = replace(settings, pac=Pac(("127.0.0.1", 1), (("p.example", 8080),)))
        [(found, said)] = seen(looking.look_at_pac, gone)
    assert found == "FAIL" and "mend `pac.listen`" in said
