"""The container image, run as compose.yaml runs its service: a real exchange, a stop in its midst, and a start again.

`make image` builds it and runs this. It takes root and podman; Redis runs beside it with the service's own command.
"""

import json
import os
import secrets
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.demo.authority import make_authority, server_context
from proxy.demo.standins import ExternalStandIn
from tests.deploy.net import inside
from tests.deploy.test_compose import compose, shipped_redis
from tests.deploy.tools import DEPLOY, run
from tests.e2e.street import CHAT, NUMBERS, completion, content_of, office_policy

IMAGE = compose()["services"]["sluice"]["image"]
RUNTIME = os.environ.get("IMAGE_RUNTIME", "runc")
PATIENCE = 240.0
MAIL = "wangfang@example.com"
POLICY = office_policy("openai-api", personal=NUMBERS)
MOST_MEGABYTES = 1_200


def there() -> bool:
    """Whether the image has been built here."""
    podman = shutil.which("podman")
    if podman is None or os.geteuid() != 0:
        return False
    return subprocess.run([podman, "image", "exists", IMAGE], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not there(), reason="the container image is not built here: make image (root, podman)")


def podman(*words: str, ok: bool = True) -> str:
    """Ask podman; returns what it says on standard output."""
    done = subprocess.run(
        ["podman", "--runtime", RUNTIME, *words], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0 or not ok, done.stderr
    return done.stdout.strip()


@dataclass
class Container:
    """The service of compose.yaml, in the network in which this test is."""

    name: str
    folder: Path
    external: ExternalStandIn
    options: list[str]

    def start(self) -> None:
        """Start it, and wait until its own check of health is content."""
        service = compose()["services"]["sluice"]
        podman("run", "--detach", "--name", self.name, *self.options, IMAGE, *service["command"])
        kind, *check = service["healthcheck"]["test"]
        assert kind == "CMD"
        end = time.monotonic() + PATIENCE
        while self.ask(*check, ok=False)[0] != 0:
            assert time.monotonic() < end and self.state()["Running"], self.log()
            time.sleep(1)

    def ask(self, *words: str, ok: bool = True) -> tuple[int, str]:
        """Run a command in the container."""
        done = subprocess.run(
            ["podman", "--runtime", RUNTIME, "exec", self.name, *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not ok, done.stdout + done.stderr
        return done.returncode, done.stdout

    def state(self) -> dict[str, Any]:
        """Return how it stands."""
        return json.loads(podman("inspect", "--format", "{{json .State}}", self.name))

    def log(self) -> str:
        """Return the end of what it wrote."""
        done = subprocess.run(["podman", "logs", self.name], capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr)[-3000:]

    def records(self) -> list[dict[str, Any]]:
        """Return the lines of its audit log."""
        return [json.loads(line) for line in self.ask("cat", "audit.jsonl")[1].splitlines()]

    def client(self) -> httpx.Client:
        """Return a client that goes through it and trusts its certificate, taken out of the volume."""
        trust = ssl.create_default_context(cadata=self.ask("cat", "sluice-ca.pem")[1])
        return httpx.Client(proxy="http://127.0.0.1:8080", verify=trust, trust_env=False, timeout=PATIENCE)

    def remove(self) -> None:
        """End it and take it away; its volumes stay."""
        podman("rm", "--force", "--time", "60", self.name, ok=False)


def options_of(folder: Path, external: str, ca: Path, password: Path) -> list[str]:
    """Return podman's options for what compose.yaml says of the service, and write what it mounts."""
    service = compose()["services"]["sluice"]
    assert service["read_only"] is True
    settings = (DEPLOY / "compose" / "sluice.yaml").read_text("utf-8")
    settings += "\npolicy: /etc/sluice/policy.yaml\nupstream_ca: /etc/sluice/ca.pem\nscan_seconds: 100\n"
    settings += f"resolve: {{'api.openai.com:443': '{external}'}}\n"
    (folder / "sluice.yaml").write_text(settings, "utf-8")
    (folder / "policy.yaml").write_text(POLICY, "utf-8")
    shutil.copy(ca, folder / "ca.pem")
    shutil.copy(password, folder / "redis_password")
    for file in folder.iterdir():
        file.chmod(0o444)
    mounts = {
        "policy.yaml": "/etc/sluice/policy.yaml",
        "ca.pem": "/etc/sluice/ca.pem",
        "sluice.yaml": "/etc/sluice/sluice.yaml",
    }
    mounts["redis_password"] = "/run/secrets/redis_password"
    options = ["--read-only", "--user", service["user"], "--network", "host", "--add-host", "redis:127.0.0.1"]
    options += [word for one in service["cap_drop"] for word in ("--cap-drop", one)]
    options += [word for one in service["security_opt"] for word in ("--security-opt", one.replace(":true", ""))]
    options += [word for one in service["tmpfs"] for word in ("--tmpfs", one)]
    options += [word for key, value in service["environment"].items() for word in ("--env", f"{key}={value}")]
    options += [word for file, at in mounts.items() for word in ("--volume", f"{folder / file}:{at}:ro")]
    # What a service manager or a daemon would permit is not always permitted here.
    return [*options, "--no-healthcheck", "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """Run it with Redis and a service of its own, in a network of its own: the ports are those of the image."""
    folder, mark = tmp_path_factory.mktemp("image"), secrets.token_hex(3)
    space = f"sluice-image-{mark}"
    run("ip", "netns", "add", space)
    (folder / "redis").mkdir()
    (folder / "mounted").mkdir()
    try:
        run("ip", "-n", space, "link", "set", "lo", "up")
        with inside(space), shipped_redis(folder / "redis", 6379):
            authority = make_authority(folder)
            external = ExternalStandIn(server_context(authority, ("api.openai.com",)))
            external.start()
            password = folder / "redis" / "redis_password"
            options = options_of(folder / "mounted", external.address, authority.pem, password)
            made = Container(
                f"sluice-{mark}", folder, external, [*options, "--volume", f"sluice-{mark}:/var/lib/sluice"]
            )
            try:
                made.start()
                yield made
            finally:
                made.remove()
                podman("volume", "rm", "--force", f"sluice-{mark}", ok=False)
                external.stop()
    finally:
        run("ip", "netns", "del", space, ok=False)


def test_it_runs_as_nobody_who_can_write_anything_but_its_state(container: Container) -> None:
    assert container.ask("id", "-u")[1].strip() == "10001"
    status = dict(
        line.split(":\t", 1) for line in container.ask("cat", "/proc/1/status")[1].splitlines() if ":\t" in line
    )
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0 and status["NoNewPrivs"] == "1"
    for place in ("/opt/sluice/x", "/etc/x", "/usr/local/x", "/var/cache/x"):
        assert container.ask("sh", "-c", f": > {place}", ok=False)[0] != 0, place
    assert container.ask("sh", "-c", ": > /tmp/x && rm /tmp/x")[0] == 0
    assert container.ask("stat", "-c", "%a %u", "/var/lib/sluice/keys")[1].strip() == "700 10001"


def test_what_was_worked_out_beforehand_is_believed(container: Container) -> None:
    code = "from detectors import build_cache as b; c = b.cache_folder(); print(len(b.read_file(next(c.iterdir()))))"
    assert int(container.ask("python", "-c", code)[1]) > 100


def test_its_size_is_known() -> None:
    size = int(podman("image", "inspect", "--format", "{{.Size}}", IMAGE)) / 1e6
    assert size < MOST_MEGABYTES, f"{size:.0f} MB"


def test_an_exchange_goes_through_and_nothing_confidential_with_it(container: Container) -> None:
    with container.client() as client:
        answer = client.post(CHAT, json=completion(f"Write to {MAIL}"))
    assert answer.status_code == 200 and MAIL in content_of(answer)
    assert MAIL.encode() not in container.external.everything()


def test_a_stream_under_way_ends_whole_on_sigterm_and_the_state_is_there_after_a_start(container: Container) -> None:
    before = container.records()
    with (
        container.client() as client,
        client.stream("POST", CHAT, json=completion(f"Write to {MAIL}", stream=True)) as answer,
    ):
        pieces = answer.iter_text()
        text = next(pieces)
        assert podman("kill", "--signal", "TERM", container.name)
        text += "".join(pieces)
    assert "[DONE]" in text
    assert podman("wait", container.name) == "0", container.log()
    podman("rm", container.name)
    container.start()
    after = container.records()
    assert after[: len(before)] == before and [line["event"] for line in after[len(before) :]].count("start") == 1
    with container.client() as client:
        assert MAIL in content_of(client.post(CHAT, json=completion(f"Write to {MAIL}")))
    assert container.ask("sluice", "audit", "verify", "audit.jsonl")[0] == 0
