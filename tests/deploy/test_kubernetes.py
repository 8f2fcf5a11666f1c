"""The files of Kubernetes are what its schemas take; nodes get all they share; the metric that scales them is one."""

import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from proxy.errors import SettingsError
from proxy.keyring import Keyring
from proxy.keys import certificate_authority, master_key
from proxy.settings.read import parse_settings
from proxy.store.address import read_servers
from tests.deploy.kustomize import build
from tests.deploy.tools import DEPLOY, UNPINNED, metrics_of, run

KUBERNETES = DEPLOY / "kubernetes"
VERSION = "1.32"


def kept() -> dict[str, str]:
    """Return the environment of a pod: what the example of a secret says, where the node asks for it."""
    secret = yaml.safe_load((KUBERNETES / "secrets.example.yaml").read_text("utf-8"))["stringData"]
    pod = yaml.safe_load((KUBERNETES / "statefulset.yaml").read_text("utf-8"))["spec"]["template"]["spec"]
    asked = {one["name"]: one["valueFrom"].get("secretKeyRef") for one in pod["containers"][0]["env"]}
    return {name: secret[ref["key"]] for name, ref in asked.items() if ref}


def test_a_node_of_kubernetes_has_the_password_of_redis_and_none_in_an_address() -> None:
    text = (KUBERNETES / "sluice.yaml").read_text("utf-8")
    made = parse_settings(text, "sluice.yaml", DEPLOY, kept() | {"REDIS_PASSWORD": "secret-word"})
    servers = read_servers(made.store)
    assert servers.tls and made.redis.password == "secret-word"
    with pytest.raises(SettingsError, match="REDIS_PASSWORD is empty or not set"):
        parse_settings(text, "sluice.yaml", DEPLOY, {"INTERNAL_MODEL_KEY": "k"})
    with pytest.raises(SettingsError, match="a password does not belong into the store's address"):
        read_servers(made.store.replace("sluice@", "sluice:word@"))


def test_a_node_of_kubernetes_gets_all_keys_that_nodes_share(tmp_path: Path) -> None:
    first, node, secrets = tmp_path / "first", tmp_path / "node", tmp_path / "secrets"
    certificate_authority(first, "first")
    master_key(first)
    Keyring(first / "keys").newest()
    names = yaml.safe_load((KUBERNETES / "secrets.example.yaml").read_text("utf-8"))["stringData"]
    secrets.mkdir()
    for name in names:
        found = list(first.glob(f"*/{name}"))
        (secrets / name).write_bytes(found[0].read_bytes() if found else b"x")
    pod = yaml.safe_load((KUBERNETES / "statefulset.yaml").read_text("utf-8"))["spec"]["template"]["spec"]
    script = pod["initContainers"][0]["args"][0].replace("/secrets", str(secrets)).replace("/var/lib/sluice", str(node))
    subprocess.run(["/bin/sh", "-ec", script], check=True)
    assert master_key(node) == master_key(first)
    assert Keyring(node / "keys").newest() == Keyring(first / "keys").newest()
    assert certificate_authority(node, "node").read_bytes() == (first / "sluice-ca.pem").read_bytes()
    shared = {path.name for path in (first / "keys").iterdir()}
    assert shared == {path.name for path in (node / "keys").iterdir()}, "all keys of a first node are with the others"


def test_the_settings_of_the_nodes_are_taken() -> None:
    made = parse_settings((KUBERNETES / "sluice.yaml").read_text("utf-8"), "sluice.yaml", KUBERNETES, kept())
    assert made.admin and made.pac


def objects() -> list[dict[str, Any]]:
    return build(KUBERNETES)


def test_kubectl_makes_the_same_of_it() -> None:
    done = run("kubectl", "kustomize", str(KUBERNETES)).stdout
    done = re.sub(r"\bsluice-settings-[a-z0-9]{10}\b", "sluice-settings", done)  # the hash of what it holds
    made = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(done) if one}
    assert made == {(one["kind"], one["metadata"]["name"]): one for one in objects()}


def test_kustomize_makes_what_kubernetes_takes() -> None:
    made = objects()
    kinds = [one["kind"] for one in made]
    assert {"StatefulSet", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Service"} <= set(kinds)
    secret = yaml.safe_load((KUBERNETES / "secrets.example.yaml").read_text("utf-8"))
    for one in (*made, secret):
        kubernetes_validate.validate(one, VERSION, strict=True)
    wrong = next(one for one in made if one["kind"] == "StatefulSet")
    wrong["spec"]["replicaz"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


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


# -- the metric that scales -------------------------------------------------------------------------------------------


def test_the_adapter_adds_up_what_a_node_reads_in_all_lanes(tmp_path: Path) -> None:
    (rule,) = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text("utf-8"))["rules"]["custom"]
    scaler = next(one for one in objects() if one["kind"] == "HorizontalPodAutoscaler")
    (metric,) = scaler["spec"]["metrics"]
    series = rule["seriesQuery"].partition("{")[0]
    assert re.sub(rule["name"]["matches"], rule["name"]["as"], series) == metric["pods"]["metric"]["name"]
    resources = {label: told["resource"] for label, told in rule["resources"]["overrides"].items()}
    assert resources == {"namespace": "namespace", "pod": "pod"}
    asked = rule["metricsQuery"]
    for name, words in (
        ("<<.Series>>", series),
        ("<<.LabelMatchers>>", 'namespace="sluice",pod=~"sluice-0|sluice-1"'),
        ("<<.GroupBy>>", "pod"),
    ):
        assert name in asked
        asked = asked.replace(name, words)
    told = {
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {
                        "series": f'sluice_reading{{namespace="{space}",pod="sluice-{pod}",lane="{lane}"}}',
                        "values": value,
                    }
                    for space, pod, lane, value in (
                        ("sluice", 0, "light", "3"),
                        ("sluice", 0, "heavy", "2"),
                        ("sluice", 1, "light", "1"),
                        ("another", 1, "light", "50"),
                    )
                ],
                "promql_expr_test": [
                    {
                        "expr": asked,
                        "eval_time": "0m",
                        "exp_samples": [
                            {"labels": '{pod="sluice-0"}', "value": 5},
                            {"labels": '{pod="sluice-1"}', "value": 1},
                        ],
                    }
                ],
            }
        ],
    }
    path = tmp_path / "adapter.yaml"
    path.write_text(yaml.safe_dump(told))
    run("promtool", "test", "rules", str(path))


def test_prometheus_scrapes_the_port_of_each_node_with_the_labels_that_the_adapter_asks_for() -> None:
    nodes = next(one for one in objects() if one["kind"] == "StatefulSet")["spec"]["template"]
    (port,) = [one for one in nodes["spec"]["containers"][0]["ports"] if one["name"] == "admin"]
    notes, labels = nodes["metadata"]["annotations"], nodes["metadata"]["labels"]
    told = {"scrape": "true", "port": str(port["containerPort"]), "path": "/metrics"}
    assert notes == {f"prometheus.io/{key}": value for key, value in told.items()}
    (job,) = yaml.safe_load((DEPLOY / "prometheus" / "kubernetes.yaml").read_text("utf-8"))["scrape_configs"]
    rules = {tuple(one["source_labels"]): one for one in job["relabel_configs"]}
    assert rules[("__meta_kubernetes_pod_container_port_name",)]["regex"] == port["name"]
    assert {one["target_label"] for one in rules.values() if "target_label" in one} >= {"namespace", "pod"}
    monitor = yaml.safe_load((KUBERNETES / "podmonitor.yaml").read_text("utf-8"))["spec"]
    assert monitor["selector"]["matchLabels"].items() <= labels.items()
    assert [one["port"] for one in monitor["podMetricsEndpoints"]] == [port["name"]]
