"""mitmproxy is started so that nothing leaks, and not at all where that cannot be had."""

import asyncio
import signal
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from mitmproxy import options

from proxy.errors import SettingsError
from proxy.master import ENFORCED, check, make, run, tunnelled_or_ours
from proxy.settings import Settings
from tests.proxy.house import Tenant, works


def test_every_option_that_keeps_things_from_leaking_holds(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        made, _ = make(Settings(state=tmp_path / "state"), tenant.house)
        for name, value in ENFORCED.items():
            held = getattr(made.options, name)
            assert (list(held) if isinstance(value, list) else held) == value, name

    tenant.loop.run_until_complete(scene())


@pytest.mark.parametrize("name", ENFORCED)
def test_an_option_that_does_not_hold_stops_the_start(name: str) -> None:
    class Other:
        def __getattr__(self, asked: str) -> object:
            return "another" if asked == name else ENFORCED[asked]

    with pytest.raises(SettingsError, match=name):
        check(Other())  # type: ignore[arg-type]


def test_the_stock_options_would_not_do() -> None:
    with pytest.raises((SettingsError, AttributeError)):
        check(options.Options())


@pytest.mark.parametrize(
    ("host", "opened"),
    [
        *[("api.openai.com", True), ("API.OpenAI.com.", True), ("pinned.openai.com", False), ("example.org", False)],
        *[("sluice.internal", True), ("gpu.partner.example", True), ("a.gpu.partner.example", True)],
    ],
)
def test_a_host_is_opened_unless_it_is_outside_or_excepted(tenant: Tenant, host: str, opened: bool) -> None:
    settings = Settings(tunnel=frozenset({"pinned.openai.com"}))
    tenant.house.street = replace(tenant.house.street, inspected=frozenset({"gpu.partner.example"}))
    assert tunnelled_or_ours(settings, tenant.house)(host) is opened


BAD = {
    "mode": Settings(mode="sideways"),
    "upstream without an address": Settings(mode="upstream"),
    "login file": Settings(proxy_login=Path("gone")),
    "upstream login": Settings(upstream_auth="secret-without-colon"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_setting_that_mitmproxy_refuses_stops_the_start_plainly(tenant: Tenant, tmp_path: Path, name: str) -> None:
    async def scene() -> None:
        with pytest.raises(SettingsError, match="mitmproxy") as caught:
            make(replace(BAD[name], state=tmp_path / "state"), tenant.house)
        assert "secret" not in str(caught.value)

    tenant.loop.run_until_complete(scene())


def test_it_runs_until_a_signal_and_closes_its_books(tenant: Tenant, tmp_path: Path) -> None:
    told: list[tuple[str, Path]] = []

    def ready(listen: str, certificate: Path) -> None:
        told.append((listen, certificate))
        signal.raise_signal(signal.SIGTERM)

    settings = Settings(listen=("127.0.0.1", 0), state=tmp_path / "state")
    asyncio.run(run(settings, works(tenant, tmp_path), ready))
    [(listen, certificate)] = told
    assert listen.startswith("127.0.0.1:") and certificate.exists()
    with pytest.raises(Exception, match="closed"):
        tenant.house.ledger.audit.write({})


def test_whoever_waits_to_be_told_is_not_left_waiting(tenant: Tenant, tmp_path: Path) -> None:
    def ready(*_: object) -> None:
        raise OSError(2, "No such file or directory")

    with pytest.raises(OSError, match="No such file"):
        asyncio.run(run(Settings(listen=("127.0.0.1", 0), state=tmp_path / "state"), works(tenant, tmp_path), ready))


def test_an_address_that_is_taken_stops_the_start(tenant: Tenant, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="cannot listen"):
        address = taken.getsockname()
        asyncio.run(run(Settings(listen=address, state=tmp_path / "s"), works(tenant, tmp_path), print))
