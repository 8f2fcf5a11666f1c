"""compose.yaml is what a real reader takes, and what its services are given is tried with the programs that take it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from proxy.errors import StoreError
from proxy.settings.interface import Settings
from proxy.settings.read import parse_settings
from proxy.store.open import open_store
from tests.deploy.tools import DEPLOY, UNPINNED, run
from tests.ports import free_port
from tests.redis_servers import needs_redis, until

PASSWORD = "0123456789abcdef"


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def mounted(service: str, where: str) -> str:
    """Return what of deploy/ a service finds at a place."""
    found = [volume.split(":") for volume in compose()["services"][service]["volumes"]]
    return next(source.removeprefix("./") for source, target, *_ in found if target == where)


def secrets() -> dict[str, str]:
    return {name: told["file"].removeprefix("./") for name, told in compose()["secrets"].items()}


def test_each_service_is_pinned_and_locked_down() -> None:
    made = compose()
    assert set(made["services"]) == {"sluice", "redis", "model", "prometheus", "grafana"}
    for name, service in made["services"].items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not UNPINNED.search(service["image"]) and "privileged" not in service, name
        assert set(service["networks"]) <= made["networks"].keys(), name
        assert set(service.get("secrets", ())) <= made["secrets"].keys(), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            there = (DEPLOY / source).exists() if source.startswith(".") else source in made["volumes"]
            assert there, volume
        assert "/run/secrets" not in str(service) or service["secrets"], name
    assert made["networks"]["back"] == {"internal": True}
    ignored = (DEPLOY.parent / ".gitignore").read_text("utf-8").splitlines()
    assert {f"/deploy/{Path(file).parent}/*-password.txt" for file in secrets().values()} <= set(ignored)


def test_docker_compose_takes_it(tmp_path: Path) -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    path = tmp_path / "compose.yaml"

    def read(text: str, *, ok: bool = True) -> str:
        # Debian's, of version 1, is older than the key `name`; volumes and dependencies it resolves, networks not
        path.write_text(text.replace("\nname: sluice\n", "\n"), "utf-8")
        done = run("docker-compose", "-f", str(path), "config", ok=ok)
        return done.stdout if done.returncode == 0 else ""

    assert set(yaml.safe_load(read(text))["services"]) == set(compose()["services"])
    wrong = {
        "read_only: true": "read_onli: true",
        '["redis:/data"]': '["rdis:/data"]',
        "{redis: {c": "{rds: {c",
    }
    for old, new in wrong.items():
        assert old in text and not read(text.replace(old, new), ok=False), new


def test_prometheus_takes_what_it_is_given(tmp_path: Path) -> None:
    service = compose()["services"]["prometheus"]
    place = Path(next(word.removeprefix("--config.file=") for word in service["command"] if "config.file" in word))
    for name in (place.name, "alerts.yaml"):
        (tmp_path / name).write_bytes((DEPLOY / mounted("prometheus", str(place.with_name(name)))).read_bytes())
    told = run("promtool", "check", "config", str(tmp_path / place.name))
    assert "alerts.yaml" in told.stdout + told.stderr
    settings = yaml.safe_load((DEPLOY / mounted("sluice", "/etc/sluice/sluice.yaml")).read_text("utf-8"))
    (job,) = yaml.safe_load((tmp_path / place.name).read_text("utf-8"))["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"sluice:{settings['admin']['listen'].rpartition(':')[2]}"]}]


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    service, provisioning = compose()["services"]["grafana"], DEPLOY / mounted("grafana", "/etc/grafana/provisioning")
    told = {path.parent.name: yaml.safe_load(path.read_text("utf-8")) for path in provisioning.glob("*/*.yaml")}
    assert set(told) == {"dashboards", "datasources"} and all(one["apiVersion"] == 1 for one in told.values())
    (source,) = told["datasources"]["datasources"]
    assert (source["type"], source["access"], source["url"]) == ("prometheus", "proxy", "http://prometheus:9090")
    assert set(service["networks"]) & set(compose()["services"]["prometheus"]["networks"])
    (provider,) = told["dashboards"]["providers"]
    assert provider["type"] == "file"
    assert mounted("grafana", f"{provider['options']['path']}/sluice.json") == "grafana/sluice.json"


@contextmanager
def shipped_redis(folder: Path, port: int = 0) -> Iterator[int]:
    """Run the very command of the service, with its password, on a port of this machine."""
    password, port, data = folder / "redis_password", port or free_port(), folder / "data"
    password.write_text(f"{PASSWORD}\n")
    data.mkdir()
    shell, option, script = compose()["services"]["redis"]["command"]
    for old, new in (
        ("$$", "$"),
        ("/run/secrets/redis_password", str(password)),
        ("dir /data", f"dir {data}\nbind 127.0.0.1\nport {port}"),
    ):
        assert old in script
        script = script.replace(old, new)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([shell, option, script], stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.terminate()
        assert process.wait(30) == 0, "it is the first process of its container, and hears that it is to end"


def settings_for(folder: Path, port: int) -> Settings:
    text = (DEPLOY / "compose" / "sluice.yaml").read_text("utf-8")
    assert "/run/secrets/redis_password" in text and "redis://redis:6379/" in text
    text = text.replace("/run/secrets/redis_password", str(folder / "redis_password"))
    return parse_settings(text.replace("redis:6379", f"127.0.0.1:{port}"), "sluice.yaml", DEPLOY, {})


@needs_redis
def test_the_shipped_settings_open_the_shipped_redis_and_nobody_without_the_password_does(tmp_path: Path) -> None:
    with shipped_redis(tmp_path) as port:
        settings = settings_for(tmp_path, port)
        assert settings.admin and settings.pac and settings.redis.password == PASSWORD

        def asked(password: str) -> str:
            words = ["redis-cli", "-p", str(port), "--pass", password, "--no-auth-warning", "config", "get", "*"]
            return subprocess.run(words, capture_output=True, text=True, check=False).stdout

        until(lambda: "appendonly" in asked(PASSWORD), "a server that answers")
        told = asked(PASSWORD).splitlines()
        kept = dict(zip(told[::2], told[1::2], strict=False))
        assert (kept["appendfsync"], kept["maxmemory-policy"], kept["protected-mode"]) == (
            "always",
            "noeviction",
            "yes",
        )
        state = tmp_path / "state"
        (state / "keys").mkdir(parents=True, mode=0o700)
        store = open_store(settings.store, state, settings.redis)
        assert store.requests() == ()
        store.close()
        (tmp_path / "redis_password").write_text("another")
        with pytest.raises(StoreError, match=r"set redis\.password_file"):
            open_store(settings.store, state, settings_for(tmp_path, port).redis)
        assert "NOAUTH" in asked("") or "WRONGPASS" in asked("")


def test_both_sides_have_the_same_password() -> None:
    made = compose()
    (name,) = made["services"]["redis"]["secrets"]
    assert name in made["services"]["sluice"]["secrets"] and name in secrets()
    check = made["services"]["redis"]["healthcheck"]["test"][1]
    assert f"/run/secrets/{name}" in check and made["services"]["sluice"]["depends_on"] == {
        "redis": {"condition": "service_healthy"}
    }
