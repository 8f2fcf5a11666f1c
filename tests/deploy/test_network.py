"""The shipped rules and configurations at work, in networks of their own.

A client that knows of no proxy is intercepted, HAProxy leads to two proxies, Prometheus scrapes one.
"""

import json
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.balancer import balancer, running
from tests.deploy.net import CLIENT, GATEWAY, GATEWAY6, SERVICE, SERVICE6, Net, inside, open_net
from tests.deploy.tools import DEPLOY
from tests.e2e.street import load_planted, open_street
from tests.ports import free_port

WITHIN = 90.0
PLANTED = load_planted()[0]
ASK = ("https://api.openai.com/v1/chat/completions", "-H", "content-type: application/json")
BODY = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": PLANTED.text}]})


def wait_for[T](what: Callable[[], T | None]) -> T:
    until = time.monotonic() + WITHIN
    while True:
        try:
            if (found := what()) is not None:
                return found
        except OSError:
            pass
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.2)


@pytest.fixture
def net() -> Iterator[Net]:
    with open_net() as made:
        yield made


def rules_of() -> str:
    return (DEPLOY / "nftables" / "sluice.nft").read_text("utf-8")


def knock(net: Net, kind: int, port: int, service: str) -> str:
    """Say what comes of a packet from the client to the service."""
    family = socket.AF_INET6 if ":" in service else socket.AF_INET
    with inside(net.client), socket.socket(family, kind) as one:
        one.settimeout(3)
        try:
            one.connect((service, port))
            one.send(b"x")
            return one.recv(10).decode()
        except (ConnectionRefusedError, ConnectionResetError):
            return "rejected"
        except TimeoutError:
            return "no answer"


def test_a_client_that_knows_of_no_proxy_is_intercepted_by_the_shipped_rules(net: Net, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"mode": "transparent", "listen": "0.0.0.0:8080", "reach": ["203.0.113.0/24"]}
    settings["identity"] = {"networks": [{"cidr": "10.77.0.0/16", "user": "wangfang"}]}
    with inside(net.gateway), open_street(tmp_path, **settings) as street:
        host, port = street.external.address.split(":")
        away = f"ip daddr {SERVICE} tcp dport 443 dnat to {host}:{port}"
        chain = f"chain out {{\ntype nat hook output priority 0;\n{away}\n}}"
        net.load(f"{rules_of()}\ntable ip world {{\n{chain}\n}}\n")
        done = net.curl(street.proxy.ca, *ASK, "-d", BODY)
        assert done.returncode == 0 and "choices" in done.stdout, done.stdout + done.stderr
        assert PLANTED.value in done.stdout  # restored on the way back
        record = street.last_record()
        assert (record["address"], record["user"], record["outcome"]) == (CLIENT, "wangfang", "forwarded")
        street.expect_no_leak()
        street.expect_silence()


@pytest.mark.parametrize(("service", "gateway"), [(SERVICE, GATEWAY), (SERVICE6, GATEWAY6)])
def test_the_shipped_rules_reject_what_would_go_round_the_proxy(net: Net, service: str, gateway: str) -> None:
    family = socket.AF_INET6 if ":" in service else socket.AF_INET
    with inside(net.world):
        quic = socket.socket(family, socket.SOCK_DGRAM)
        quic.bind((service, 443))
    with quic:
        assert knock(net, socket.SOCK_DGRAM, 443, service) == "no answer"
        quic.settimeout(60)
        assert quic.recv(10) == b"x"  # without the rules it gets through
        net.load(rules_of())
        quic.settimeout(1)
        assert knock(net, socket.SOCK_DGRAM, 443, service) == "rejected"
        with pytest.raises(TimeoutError):
            quic.recv(10)
    for kind, port in ((socket.SOCK_DGRAM, 853), (socket.SOCK_STREAM, 853), (socket.SOCK_STREAM, 443)):
        # the last one: while no proxy runs, or none that listens on such addresses, nothing gets round it
        assert knock(net, kind, port, service) == "rejected"
    with inside(net.client), socket.socket(family) as one, pytest.raises(ConnectionRefusedError):
        one.settimeout(3)
        one.connect((gateway, 9464))


def test_haproxy_leads_to_two_proxies_and_the_callers_address_survives(net: Net, tmp_path: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(inside(net.gateway))
        streets = []
        for number in (1, 2):
            admin = free_port()
            settings: dict[str, Any] = {"front": {"from": "127.0.0.0/8"}, "admin": {"listen": f"127.0.0.1:{admin}"}}
            settings["identity"] = {"networks": [{"cidr": "10.77.0.0/16", "user": "wangfang"}]}
            settings["node"] = f"proxy-{number}"  # and its authority is called by that
            streets.append((stack.enter_context(open_street(tmp_path / str(number), **settings)), admin))
        config = balancer(tmp_path, 8888, [(street.proxy.url, admin) for street, admin in streets])
        stack.enter_context(running("haproxy", "-f", str(config), log=tmp_path / "haproxy.log"))
        (first, _), (second, _) = streets
        ca = tmp_path / "both.pem"
        ca.write_bytes(first.proxy.ca.read_bytes() + second.proxy.ca.read_bytes())

        def ask() -> str | None:
            done = net.curl(ca, *ASK, "-d", BODY, proxy=f"http://{GATEWAY}:8888")
            return done.stdout if "choices" in done.stdout else None

        assert PLANTED.value in wait_for(ask)
        wait_for(lambda: (ask() and (first.request_records() and second.request_records())) or None)
        for street in (first, second):
            assert {(one["address"], one["user"]) for one in street.request_records()} == {(CLIENT, "wangfang")}
            street.expect_no_leak()
        first.proxy.stop()
        wait_for(lambda: "DOWN" in (tmp_path / "haproxy.log").read_text() or None)
        before = len(second.request_records())
        for _ in range(3):
            assert ask() is not None
        assert len(second.request_records()) == before + 3


def pods_as_found(address: str) -> dict[str, Any]:
    """Return the shipped job for Kubernetes, with a pod in the words of its API: Debian's Prometheus cannot ask one."""
    (job,) = yaml.safe_load((DEPLOY / "prometheus" / "kubernetes.yaml").read_text("utf-8"))["scrape_configs"]
    assert [one["role"] for one in job.pop("kubernetes_sd_configs")] == ["pod"]
    meta = "__meta_kubernetes_"
    found = {
        f"{meta}namespace": "sluice",
        f"{meta}pod_name": "sluice-0",
        f"{meta}pod_container_port_name": "admin",
        f"{meta}pod_annotation_prometheus_io_scrape": "true",
        f"{meta}pod_annotation_prometheus_io_path": "/metrics",
    }
    others = ({f"{meta}pod_container_port_name": "proxy"}, {f"{meta}pod_annotation_prometheus_io_scrape": "false"})
    pods = [{"targets": [address], "labels": {**found, **other}} for other in ({}, *others)]
    return {**job, "static_configs": pods}


def test_prometheus_scrapes_a_real_proxy_with_the_shipped_configuration(tmp_path: Path) -> None:
    admin, port = free_port(), free_port()
    (tmp_path / "alerts.yaml").write_bytes((DEPLOY / "prometheus" / "alerts.yaml").read_bytes())
    text = (DEPLOY / "prometheus" / "prometheus.yaml").read_text("utf-8")
    text = text.replace("127.0.0.1:9464", f"127.0.0.1:{admin}").replace("interval: 15s", "interval: 1s")
    told = yaml.safe_load(text)
    told["scrape_configs"].append({**pods_as_found(f"127.0.0.1:{admin}"), "job_name": "pods"})
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(told))

    def query(path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    words = (f"--config.file={tmp_path / 'prometheus.yaml'}", f"--storage.tsdb.path={tmp_path / 'data'}")
    address = f"--web.listen-address=127.0.0.1:{port}"
    with (
        open_street(tmp_path / "street", admin={"listen": f"127.0.0.1:{admin}"}),
        running("prometheus", *words, address, log=tmp_path / "prometheus.log"),
    ):
        ready = wait_for(lambda: query("query?query=sluice_ready==1")["result"] or None)
        assert ready[0]["metric"]["job"] in ("sluice", "pods")
        for job in ("sluice", "pods"):
            (found,) = wait_for(lambda job=job: query(f'query?query=sluice_ready{{job="{job}"}}')["result"] or None)
        labels = {key: found["metric"][key] for key in ("namespace", "pod", "instance")}
        assert labels == {"namespace": "sluice", "pod": "sluice-0", "instance": f"127.0.0.1:{admin}"}
        assert query("query?query=sluice_policy_sound")["result"][0]["value"][1] == "1"
        assert {group["name"] for group in query("rules")["groups"]} == {"sluice"}
