"""The section `workers` is read whole, or told where it is wrong."""

from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.settings.read import parse_settings
from proxy.workers.interface import Workers


def read(text: str, **variables: str) -> Workers:
    return parse_settings(text, "sluice.yaml", Path("/etc"), variables).workers


def test_a_number_alone_is_how_many_there_are() -> None:
    assert read("{}") == Workers()
    assert read("workers: 4") == Workers(count=4)
    whole = "workers: {count: 2, drain_seconds: 60, websocket_seconds: 5.5}"
    assert read(whole) == Workers(2, 60.0, 5.5)
    assert read(whole, SLUICE_WORKERS_COUNT="3").count == 3


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("workers: -1", "1:10"),
        ("workers: 65", "1:10"),
        ("workers: many", "1:10"),
        ("workers: {counts: 1}", "1:11"),
        ("workers: {drain_seconds: 0}", "1:26"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, where: str) -> None:
    with pytest.raises(SettingsError, match=f"sluice.yaml:{where}"):
        read(text)
