"""Two nodes of one house: real proxies with one Redis, the same stand-ins outside and inside."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from proxy.demo.process import start_proxy
from tests import nursery
from tests.e2e.street import Street, office_policy, open_street

COUNTED = """  - id: thirty-a-day
    verdict: allowed
    when: {service: deepseek-api}
    quota: {requests: 30, per: day}
  - id: mistral-needs-approval
    verdict: authorized
    when: {service: mistral-api}
"""
POLICY = (
    office_policy("openai-api", "deepseek-api", "openai-chatgpt")
    .replace("version: 1\n", "version: 1\ntime_zone: Asia/Shanghai\n")
    .replace("  - {id: office-use,", COUNTED + "  - {id: office-use,")
)
IDENTIFIED = {"header": {"user": "x-user", "from": ["127.0.0.0/8"]}}
FAST: dict[str, Any] = {
    "detection": {"names": "off"},
    "documents": {"ocr": False, "seconds": 90},  # `sluice doctor` would load its models, too
    "scan_seconds": 60,
    "identity": IDENTIFIED,
}


@contextmanager
def open_nodes(
    folder: Path, url: str, *, second: Mapping[str, Any] | None = None, **settings: Any
) -> Iterator[tuple[Street, Street]]:
    """Start both, the second with the keys of the first, and with settings of its own."""
    given = {**FAST, "store": url, **settings}
    with open_street(folder, POLICY, **given) as one:
        home = folder / "second"
        for kept in ("keys", "ca"):
            shutil.copytree(one.proxy.folder / "state" / kept, home / "state" / kept)
        told = yaml.safe_load(one.proxy.config.read_text("utf-8"))
        told = {key: value for key, value in told.items() if key not in ("listen", "policy", "state")}
        proxy = start_proxy(
            home, {**told, "node": "second", **(second or {})}, POLICY, one.proxy.secrets, nursery.begin
        )
        try:
            yield one, replace(one, proxy=proxy, employees=[])
        finally:
            proxy.stop()
