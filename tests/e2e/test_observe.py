"""A real proxy shows how it stands: ready by what it has done, in numbers, and without a word of what passed."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.street import Street, completion, load_planted, open_street
from tests.ports import free_port
from tests.sweep import SHOWN

WITHIN = 60.0


class Collector(ThreadingHTTPServer):
    """Takes traces as OpenTelemetry's collector does, and keeps their bytes."""

    def __init__(self) -> None:
        self.told: list[bytes] = []
        super().__init__(("127.0.0.1", 0), Taker)


class Taker(BaseHTTPRequestHandler):
    """Takes one request."""

    server: Collector

    def do_POST(self) -> None:
        self.server.told.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[tuple[Street, str]]:
    """A street; at its end the traces are where the search of the whole run finds them."""
    port = free_port()
    tracing = {"endpoint": f"http://127.0.0.1:{collector.server_port}/v1/traces"}
    admin = {"listen": f"127.0.0.1:{port}"}
    with open_street(tmp_path_factory.mktemp("observe"), admin=admin, tracing=tracing) as street:
        yield street, f"http://127.0.0.1:{port}"
    (street.proxy.folder / SHOWN / "traces").write_bytes(b"\n".join(collector.told))


def ask(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wait_for(url: str, status: int) -> bytes:
    until = time.monotonic() + WITHIN
    while (told := ask(url))[0] != status:
        assert time.monotonic() < until, told
        time.sleep(0.2)
    return told[1]


def values(text: bytes) -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_it_lives_and_is_ready_once_it_has_scanned_and_recorded(watched: tuple[Street, str]) -> None:
    street, url = watched
    assert ask(f"{url}/healthz") == (200, b"ok\n")
    told = json.loads(wait_for(f"{url}/readyz", 200))
    assert told["ready"] is True and told["scanned_ago"] is not None and told["recorded_ago"] is not None
    assert "probe" in {line["event"] for line in street.records()}


def test_metrics_count_what_passed_and_tell_nothing_of_it(watched: tuple[Street, str]) -> None:
    street, url = watched
    for planted in load_planted()[:5]:
        street.post("https://api.openai.com/v1/chat/completions", json=completion(planted.text))
    text = ask(f"{url}/metrics")[1]
    told = values(text)
    assert told["sluice_ready"] == 1 and told["sluice_policy_sound"] == 1 and told["sluice_detection_up"] == 1
    assert told["sluice_audit_records"] >= 5 and told["sluice_certificate_expiry_timestamp_seconds"] > time.time()
    assert b'sluice_exchanges_total{outcome="forwarded",service="openai-api"}' in text
    assert street.leaks(text) == [] and b"127.0.0.1" not in text and b"api.openai.com" not in text


def test_traces_arrive_and_tell_nothing_of_what_passed(watched: tuple[Street, str], collector: Collector) -> None:
    street, _ = watched
    for planted in load_planted()[:5]:
        street.post("https://api.openai.com/v1/chat/completions", json=completion(f"traced {planted.text}"))
    until = time.monotonic() + WITHIN
    while b"sluice.service" not in (told := b"".join(collector.told)):
        assert time.monotonic() < until, "no spans came"
        time.sleep(0.2)
    assert b"exchange" in told and b"openai-api" in told
    assert street.leaks(told) == [] and b"api.openai.com" not in told and b"traced" not in told


def test_metrics_are_not_reached_through_the_proxy_itself(watched: tuple[Street, str]) -> None:
    street, url = watched
    with street.client() as client:
        assert client.get(f"{url}/metrics").status_code == 403


def test_a_log_that_is_gone_makes_it_unready(watched: tuple[Street, str]) -> None:
    """The last one: its street stays so."""
    street, url = watched
    street.proxy.audit.unlink(missing_ok=True)
    street.post("https://api.openai.com/v1/chat/completions", json=completion("hello"))
    told = json.loads(wait_for(f"{url}/readyz", 503))
    assert told["why"] == ["record"]
    assert ask(f"{url}/healthz")[0] == 200
    text = ask(f"{url}/metrics")[1]
    assert values(text)["sluice_ready"] == 0 and values(text)["sluice_store_errors_total"] >= 1
