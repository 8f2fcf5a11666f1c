"""Every file in deploy/ is read by the program that it is for; and each test shows that a mistake would be found."""

import json
import os
import re
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from proxy.cli.main import app
from proxy.demo.authority import make_authority, server_context
from proxy.errors import StoreError
from proxy.settings.read import parse_settings
from proxy.store.address import Access
from proxy.store.open import open_store
from proxy.workers.crew import LATE
from proxy.workers.interface import Workers
from tests.deploy.tools import DEPLOY, metrics_of, needed, run, tool
from tests.ports import free_port
from tests.proxy.cli.invoke import CliRunner
from tests.redis_servers import Server, needs_redis

ROOTS = os.geteuid() == 0
DOCS = DEPLOY.parent / "docs"
MANY_NODES = ("many-nodes.md", "many-nodes.zh.md")
TLS_FILES = {"ca": "redis-ca.pem", "certificate": "sluice.pem", "key": "sluice.key"}


def changed(folder: Path, source: str, old: str, new: str) -> str:
    """Return a copy of a file, and what lies beside it, in which `old` has become `new`."""
    original = DEPLOY / source
    text = original.read_text("utf-8")
    assert old in text
    for other in original.parent.iterdir():
        if other.is_file():
            (folder / other.name).write_bytes(other.read_bytes())
    path = folder / original.name
    path.write_text(text.replace(old, new), "utf-8")
    return str(path)


# -- Prometheus and Grafana -------------------------------------------------------------------------------------------


def test_prometheus_reads_its_configuration_and_rules(tmp_path: Path) -> None:
    run("promtool", "check", "config", str(DEPLOY / "prometheus" / "prometheus.yaml"))
    broken = changed(tmp_path, "prometheus/alerts.yaml", "sluice_ready == 0", "sluice_ready = = 0")
    assert run("promtool", "check", "rules", broken, ok=False).returncode != 0


def test_alerts_are_raised_when_they_should_be(tmp_path: Path) -> None:
    tests = ("alerts.test.yaml", "alerts.days.test.yaml")
    run("promtool", "test", "rules", *(str(DEPLOY / "prometheus" / name) for name in tests))
    for name, old, new in zip(
        tests, ("sluice_ready == 0", "[7d])) > 20"), ("sluice_ready == 2", "[7d])) > 9999"), strict=True
    ):
        changed(tmp_path, "prometheus/alerts.yaml", old, new)
        assert run("promtool", "test", "rules", str(tmp_path / name), ok=False).returncode != 0


def dashboard() -> dict[str, Any]:
    return json.loads((DEPLOY / "grafana" / "sluice.json").read_text("utf-8"))


def test_dashboard_and_alerts_speak_of_metrics_that_are_told() -> None:
    told = metrics_of((DEPLOY.parent / "docs" / "monitoring.md").read_text("utf-8"))
    expressions = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
    assert metrics_of(" ".join([*expressions, *(rule["expr"] for rule in alerts)])) - told == set()


def test_each_expression_of_the_dashboard_is_one(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{panel['id']}:{number}", "expr": target["expr"]}
        for panel in dashboard()["panels"]
        for number, target in enumerate(panel["targets"])
    ]
    path = tmp_path / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    run("promtool", "check", "rules", str(path))


def test_dashboard_has_what_grafana_needs() -> None:
    board = dashboard()
    assert board["uid"] == "sluice" and board["schemaVersion"] >= 39
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids)) and all(panel["gridPos"]["w"] <= 24 for panel in board["panels"])


# -- systemd, nftables, HAProxy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sluice.service", "sluice-siem.service"])
def test_systemd_takes_the_unit_and_finds_little_exposed(name: str, tmp_path: Path) -> None:
    unit = Path(changed(tmp_path, f"systemd/{name}", "/opt/sluice/bin/sluice", "/bin/true"))
    done = run("systemd-analyze", "verify", "--man=no", str(unit))
    assert f"{name}:" not in done.stderr, done.stderr
    run("systemd-analyze", "security", "--offline=true", "--threshold=15", str(unit))
    broken = unit.read_text().replace("ProtectSystem=strict", "ProtectSistem=strict")
    unit.write_text(broken)
    assert "ProtectSistem" in run("systemd-analyze", "verify", "--man=no", str(unit), ok=False).stderr


def test_the_unit_that_sends_the_log_says_what_the_command_takes() -> None:
    text = (DEPLOY / "systemd" / "sluice-siem.service").read_text("utf-8")
    (command,) = re.findall(r"(?m)^ExecStart=/opt/sluice/bin/sluice (.+)$", text)
    (server,) = re.findall(r"(?m)^Environment=SIEM=(.+)$", text)
    words = [word.replace("${SIEM}", server) for word in command.split()]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 3 and "/var/lib/sluice/audit.jsonl: cannot be read" in told.output


@pytest.mark.skipif(not ROOTS, reason="nft asks the kernel, which answers root alone")
def test_nftables_takes_the_rules(tmp_path: Path) -> None:
    nft = tool("nft")
    run("unshare", "-n", nft, "-c", "-f", str(DEPLOY / "nftables" / "sluice.nft"))
    broken = changed(tmp_path, "nftables/sluice.nft", "redirect to", "redirect too")
    assert run("unshare", "-n", nft, "-c", "-f", broken, ok=False).returncode != 0


def test_haproxy_takes_its_configuration(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    server_context(authority, ("proxy.corp.example",))
    pair = next(file for file in tmp_path.glob("standin-*.pem") if file != authority.pem)
    text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text()
    text = text.replace("/etc/haproxy/proxy.pem", str(pair)).replace("/etc/haproxy/clients-ca.pem", str(authority.pem))
    path = tmp_path / "haproxy.cfg"
    path.write_text(text)
    assert "Warning" not in run("haproxy", "-c", "-f", str(path)).stderr
    path.write_text(text.replace("balance leastconn", "balance leastcon"))
    assert run("haproxy", "-c", "-f", str(path), ok=False).returncode != 0


CERTIFICATES = re.compile(r"(?m)^   (openssl req -x509(?s:.*?)^   done)$")


@needs_redis
def test_redis_takes_its_configuration_and_lets_sluice_alone_in(tmp_path: Path) -> None:
    [pages] = {tuple(CERTIFICATES.findall((DOCS / name).read_text("utf-8"))) for name in MANY_NODES}
    script = pages[0].replace("DNS:$name.example", "DNS:localhost")
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True, capture_output=True)
    port = free_port()
    text = (DEPLOY / "redis" / "redis.conf").read_text("utf-8").replace("/etc/redis/tls", str(tmp_path))
    for old, new in (("6379", str(port)), ("bind 0.0.0.0 ::", f"bind 127.0.0.1\ndir {tmp_path}")):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "redis.conf").write_text(text, "utf-8")
    server = Server(tmp_path, f"tls-port {port}")
    try:
        shown = {name: tmp_path / file for name, file in TLS_FILES.items()}
        url = f"rediss://sluice@localhost:{port}/0"
        with closing(open_store(url, tmp_path / "state", Access("LONG-PASSWORD", **shown))) as store:
            assert store.count("c", datetime(2100, 1, 1, tzinfo=UTC), 1, 1) and store.all_grants() == ()
        with pytest.raises(StoreError, match="another user or password"):
            open_store(f"rediss://localhost:{port}/0", tmp_path / "state", Access(**shown))
        with pytest.raises(StoreError, match="cannot be used"):
            open_store(url, tmp_path / "state", Access("LONG-PASSWORD", ca=shown["ca"]))
        files = {"ssl_ca_certs": shown["ca"], "ssl_certfile": shown["certificate"], "ssl_keyfile": shown["key"]}
        asked = redis.Redis("localhost", port, username="sluice", password="LONG-PASSWORD", ssl=True, **files)
        for words in (("FLUSHALL",), ("CONFIG", "GET", "*"), ("SET", "elsewhere", "1"), ("PUBLISH", "elsewhere", "1")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                asked.execute_command(*words)
    finally:
        server.stop()


# -- containers -------------------------------------------------------------------------------------------------------
# Neither Debian nor the registry of Python packages has what reads these files without a daemon or the network: these
# are checks of our own, strict about what matters.


@pytest.mark.parametrize("name", ["Containerfile", "Containerfile.cuda"])
def test_an_image_is_pinned_and_runs_as_nobody_of_importance(name: str) -> None:
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "container" / name).read_text("utf-8"))
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    words = [word for word, _ in steps]
    assert set(words) <= {*("FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL")} | {
        *("HEALTHCHECK", "ENTRYPOINT", "CMD")
    }
    bases = [rest.split()[0] for word, rest in steps if word == "FROM"]
    assert len(bases) == 2 and all(re.search(r":\d+\.\d+\.\d+", base) for base in bases)
    last = max(number for number, word in enumerate(words) if word == "FROM")
    users = [rest for word, rest in steps[last:] if word == "USER"]
    assert users == ["10001:10001"] and words.index("ENTRYPOINT") > words.index("USER")
    assert "--require-hashes" in text and "curl" not in text and "sudo" not in text
    copied = {part for word, rest in steps if word == "COPY" and "--from" not in rest for part in rest.split()[:-1]}
    assert all((DEPLOY.parent / part).exists() for part in copied)
    assert json.loads(next(rest for word, rest in steps if word == "ENTRYPOINT")) == ["sluice"]


def test_the_image_for_gpus_brings_the_cuda_that_the_locked_runtime_is_linked_to() -> None:
    capi = Path(str(files("onnxruntime"))) / "capi"
    library = capi / "libonnxruntime_providers_cuda.so"
    if not library.exists():
        pytest.skip("NOT TESTED: onnxruntime-gpu is not installed; it is made for Linux on x86-64 alone")
    locked = (DEPLOY.parent / "requirements" / "run.txt").read_text("utf-8")
    assert f"\nonnxruntime-gpu=={version('onnxruntime-gpu')} " in locked
    wanted = dict(name.removeprefix("lib").split(".so.") for name in needed(library) if "cu" in name)
    text = (DEPLOY / "container" / "Containerfile.cuda").read_text("utf-8")
    bases = set(re.findall(r"(?m)^FROM nvidia/cuda:(\d+)\.\d+\.\d+-(cudnn)-runtime-", text))
    assert bases == {(wanted["cudart"], "cudnn")} and wanted["cublas"] == wanted["cudart"]


def test_the_image_for_gpus_is_the_one_that_is_built_and_tried_but_for_its_base_python_and_device() -> None:
    """So that what `make image` shows of the other holds for this one, which needs a registry to be built."""

    def steps(name: str) -> set[str]:
        text = re.sub(r"(?m)^#.*\n", "", (DEPLOY / "container" / name).read_text("utf-8"))
        text = re.sub(r"\\\n\s*", "", text)
        return {part.strip() for line in text.splitlines() for part in line.split("&&")}

    plain, cuda = steps("Containerfile"), steps("Containerfile.cuda")
    own = re.compile(r"FROM |apt|groupadd|python3?(\.12)? -m |rm -f .*providers_|DEVICE=|ENV PIP_|DEBIAN_FRONTEND")
    assert {part for part in plain ^ cuda if not own.search(part)} == set()
    assert len(plain & cuda) > 15


def test_what_has_begun_may_end_before_a_unit_a_container_or_a_pod_is_killed() -> None:
    def workers(file: str) -> Workers:
        return Workers(**yaml.safe_load((DEPLOY / file).read_text("utf-8"))["workers"])

    unit = (DEPLOY / "systemd" / "sluice.service").read_text("utf-8")
    [stops] = re.findall(r"(?m)^TimeoutStopSec=(\d+)$", unit)
    assert int(stops) > Workers().drain_seconds + LATE
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["sluice"]
    settings = workers("compose/sluice.yaml")
    assert settings.count and int(compose["stop_grace_period"].removesuffix("s")) > settings.drain_seconds + LATE
    pod = yaml.safe_load((DEPLOY / "kubernetes" / "statefulset.yaml").read_text("utf-8"))["spec"]["template"]["spec"]
    program, seconds = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    settings = workers("kubernetes/sluice.yaml")
    assert program == "sleep" and settings.count
    assert pod["terminationGracePeriodSeconds"] > int(seconds) + settings.drain_seconds + LATE


def test_the_settings_with_all_keys_are_taken() -> None:
    parse_settings((DEPLOY / "sluice.example.yaml").read_text("utf-8"), "sluice.example.yaml", DEPLOY, {})


def test_the_guide_names_each_file_and_how_to_check_it() -> None:
    shipped = {
        str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*") if path.is_file() and "password" not in path.name
    }
    guides = {"README.md", "README.zh.md"}
    for guide in guides:
        lines = [line for line in (DEPLOY / guide).read_text("utf-8").splitlines() if line.startswith("| [")]
        cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
        assert all(len(one) == 3 and all(cell.strip() for cell in one) for one in cells)
        assert {name for one in cells for name in re.findall(r"\]\(([^)]+)\)", one[0])} == shipped - guides, guide
