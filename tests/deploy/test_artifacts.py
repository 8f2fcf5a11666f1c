"""Every file in deploy/ is read by the program that it is for; and each test shows that a mistake would be found."""

import json
import os
import re
import subprocess
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from proxy.cli.main import app
from proxy.demo.authority import make_authority, server_context
from proxy.errors import SettingsError
from proxy.keyring import Keyring
from proxy.keys import certificate_authority, master_key
from proxy.settings.read import parse_settings
from proxy.store.address import read_servers
from tests.deploy.tools import DEPLOY, needed, run, tool

ROOTS = os.geteuid() == 0
UNPINNED = re.compile(r":latest$|^[^:@]+$")


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


@pytest.mark.parametrize("config", ["prometheus/prometheus.yaml"])
def test_prometheus_reads_its_configuration_and_rules(config: str, tmp_path: Path) -> None:
    run("promtool", "check", "config", str(DEPLOY / config))
    broken = changed(tmp_path, "prometheus/alerts.yaml", "sluice_ready == 0", "sluice_ready = = 0")
    assert run("promtool", "check", "rules", broken, ok=False).returncode != 0


def test_alerts_are_raised_when_they_should_be(tmp_path: Path) -> None:
    run("promtool", "test", "rules", str(DEPLOY / "prometheus" / "alerts.test.yaml"))
    changed(tmp_path, "prometheus/alerts.yaml", "sluice_ready == 0", "sluice_ready == 2")
    assert run("promtool", "test", "rules", str(tmp_path / "alerts.test.yaml"), ok=False).returncode != 0


def metrics_of(text: str) -> set[str]:
    return {re.sub(r"_bucket$", "", name) for name in re.findall(r"\bsluice_[a-z_]+", text)}


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


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def test_each_service_of_compose_is_pinned_and_locked_down() -> None:
    made = compose()
    assert set(made["services"]) == {"sluice", "redis", "model", "prometheus", "grafana"}
    for name, service in made["services"].items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not UNPINNED.search(service["image"]) and "privileged" not in service, name
        assert set(service["networks"]) <= made["networks"].keys(), name
        assert set(service.get("depends_on", ())) <= made["services"].keys(), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            there = (DEPLOY / source).exists() if source.startswith(".") else source in made["volumes"]
            assert there, volume
    assert made["networks"]["back"] == {"internal": True}


def kept() -> dict[str, str]:
    """Return the environment of a pod: what the example of a secret says, where the node asks for it."""
    secret = yaml.safe_load((DEPLOY / "kubernetes" / "secrets.example.yaml").read_text("utf-8"))["stringData"]
    pod = yaml.safe_load((DEPLOY / "kubernetes" / "statefulset.yaml").read_text("utf-8"))["spec"]["template"]["spec"]
    asked = {one["name"]: one["valueFrom"].get("secretKeyRef") for one in pod["containers"][0]["env"]}
    return {name: secret[ref["key"]] for name, ref in asked.items() if ref}


def test_a_node_of_kubernetes_has_the_password_of_redis_and_none_in_an_address() -> None:
    text = (DEPLOY / "kubernetes" / "sluice.yaml").read_text("utf-8")
    made = parse_settings(text, "sluice.yaml", DEPLOY, kept() | {"REDIS_PASSWORD": "secret-word"})
    servers = read_servers(made.store)
    assert servers.tls and made.redis.password == "secret-word"
    with pytest.raises(SettingsError, match="REDIS_PASSWORD is empty or not set"):
        parse_settings(text, "sluice.yaml", DEPLOY, {"INTERNAL_MODEL_KEY": "k"})
    with pytest.raises(SettingsError, match="a password does not belong into the store's address"):
        read_servers(made.store.replace("sluice@", "sluice:word@"))


def test_what_is_commented_out_in_the_settings_of_compose_is_taken_too(tmp_path: Path) -> None:
    text = (DEPLOY / "compose" / "sluice.yaml").read_text("utf-8")
    password = tmp_path / "redis_password"
    password.write_text("secret-word\n")
    address, redis = re.findall(r"`(store: [^`]+)` and `(redis: [^`]+)`", text)[0]
    added = f"{address}\n{redis.replace('/run/secrets/redis_password', str(password))}\n"
    made = parse_settings(text + added, "sluice.yaml", DEPLOY, {})
    assert read_servers(made.store) and made.redis.password == "secret-word"
    (plain,) = re.findall(r"(?m)^# (store: \S+)$", text)
    assert read_servers(parse_settings(f"{text}{plain}\n", "sluice.yaml", DEPLOY, {}).store)


def test_a_node_of_kubernetes_gets_all_keys_that_nodes_share(tmp_path: Path) -> None:
    first, node, secrets = tmp_path / "first", tmp_path / "node", tmp_path / "secrets"
    certificate_authority(first, "first")
    master_key(first)
    Keyring(first / "keys").newest()
    names = yaml.safe_load((DEPLOY / "kubernetes" / "secrets.example.yaml").read_text("utf-8"))["stringData"]
    secrets.mkdir()
    for name in names:
        found = list(first.glob(f"*/{name}"))
        (secrets / name).write_bytes(found[0].read_bytes() if found else b"x")
    pod = yaml.safe_load((DEPLOY / "kubernetes" / "statefulset.yaml").read_text("utf-8"))["spec"]["template"]["spec"]
    script = pod["initContainers"][0]["args"][0].replace("/secrets", str(secrets)).replace("/var/lib/sluice", str(node))
    subprocess.run(["/bin/sh", "-ec", script], check=True)
    assert master_key(node) == master_key(first)
    assert Keyring(node / "keys").newest() == Keyring(first / "keys").newest()
    assert certificate_authority(node, "node").read_bytes() == (first / "sluice-ca.pem").read_bytes()
    shared = {path.name for path in (first / "keys").iterdir()}
    assert shared == {path.name for path in (node / "keys").iterdir()}, "all keys of a first node are with the others"


def test_the_settings_that_come_along_are_taken() -> None:
    for source in ("compose/sluice.yaml", "kubernetes/sluice.yaml", "sluice.example.yaml"):
        made = parse_settings((DEPLOY / source).read_text("utf-8"), source, DEPLOY, kept())
        assert source.startswith("sluice") or (made.admin and made.pac), source


# -- Kubernetes -------------------------------------------------------------------------------------------------------


def objects() -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(run("kubectl", "kustomize", str(DEPLOY / "kubernetes")).stdout) if one]


def test_kustomize_makes_what_kubernetes_takes() -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    made = objects()
    kinds = [one["kind"] for one in made]
    assert {"StatefulSet", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Service"} <= set(kinds)
    secret = yaml.safe_load((DEPLOY / "kubernetes" / "secrets.example.yaml").read_text("utf-8"))
    for one in (*made, secret):
        kubernetes_validate.validate(one, "1.32", strict=True)
    wrong = next(one for one in made if one["kind"] == "StatefulSet")
    wrong["spec"]["replicaz"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.32", strict=True)


def test_pods_are_locked_down_and_probed() -> None:
    pod = next(one for one in objects() if one["kind"] == "StatefulSet")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True and pod["automountServiceAccountToken"] is False
    for container in (*pod["initContainers"], *pod["containers"]):
        locked = container["securityContext"]
        assert locked["readOnlyRootFilesystem"] is True and locked["allowPrivilegeEscalation"] is False
        assert locked["capabilities"] == {"drop": ["ALL"]} and not UNPINNED.search(container["image"])
        assert container["resources"]["limits"]["memory"]
    main = pod["containers"][0]
    probes = {kind: main[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    assert probes == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    mounted = {mount["name"] for container in (main, *pod["initContainers"]) for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]} | {"state"}


def test_parts_find_each_other() -> None:
    made = {(one["kind"], one["metadata"]["name"]): one for one in objects()}
    labels = made["StatefulSet", "sluice"]["spec"]["template"]["metadata"]["labels"]
    for key in (("Service", "sluice"), ("Service", "sluice-nodes")):
        assert made[key]["spec"]["selector"].items() <= labels.items()
    assert made["PodDisruptionBudget", "sluice"]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    target = made["HorizontalPodAutoscaler", "sluice"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) in made
    metric = made["HorizontalPodAutoscaler", "sluice"]["spec"]["metrics"][0]["pods"]["metric"]["name"]
    assert metric in metrics_of((DEPLOY.parent / "docs" / "monitoring.md").read_text("utf-8"))
