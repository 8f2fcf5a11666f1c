"""The shipped detectors are loaded once for all tests of the command line: that is what takes their time."""

from functools import cache
from pathlib import Path

import pytest

from policies.model import Policy
from proxy.equip import detectors_of
from proxy.settings.detection import Detection
from proxy.settings.interface import Settings
from proxy.settings.read import parse_settings


@cache
def shipped() -> tuple:
    return tuple(detectors_of(None, parse_settings("{}", "sluice.yaml", Path(), {})))


@pytest.fixture(autouse=True)
def _detectors_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(policy: Policy | None, settings: Settings, seconds: float | None = None, *, names: bool = True) -> tuple:
        if policy is None and settings.detection == Detection():
            return shipped() if names else shipped()[:-1]
        return tuple(detectors_of(policy, settings, seconds, names=names))

    monkeypatch.setattr("proxy.cli.scan.detectors_of", once)
