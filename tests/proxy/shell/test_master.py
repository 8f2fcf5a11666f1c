"""mitmproxy is started so that nothing leaks, and not at all where that cannot be had."""

import asyncio
import io
import logging
import signal
import socket
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from mitmproxy import options

from proxy.errors import SettingsError, StoreError
from proxy.gather.held import LASTS
from proxy.gather.stretch import Stretch
from proxy.overload.memory import Tidy
from proxy.settings.interface import Settings
from proxy.shell.master import (
    ENFORCED,
    HARMLESS,
    KEY_LOGS,
    OURS,
    check,
    make,
    must_keep_no_keys,
    run,
    tell,
    tunnelled_or_ours,
)
from tests.proxy.house import Tenant, works


def test_every_option_that_keeps_things_from_leaking_holds(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        made, _ = make(Settings(state=tmp_path / "state"), tenant.house)
        for name, value in ENFORCED.items():
            held = getattr(made.options, name)
            assert (list(held) if isinstance(value, list) else held) == value, name

    tenant.loop.run_until_complete(scene())


class Stand:
    """Options of which one, or one more, is not as it must be."""

    def __init__(self, **other: object) -> None:
        self.held = {**ENFORCED, **other}

    def __getattr__(self, asked: str) -> object:
        return self.held[asked]

    def keys(self) -> set[str]:
        return set(self.held)


@pytest.mark.parametrize("name", ENFORCED)
def test_an_option_that_does_not_hold_stops_the_start_with_the_reason(name: str) -> None:
    check(Stand())  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=f"option {name} must be"):
        check(Stand(**{name: "another"}))  # type: ignore[arg-type]


def test_an_option_that_nobody_has_thought_of_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"does not know \(save_everything\)"):
        check(Stand(save_everything=False))  # type: ignore[arg-type]


HAZARDS = {
    *("rawtcp", "connection_strategy", "validate_inbound_headers", "stream_large_bodies", "body_size_limit"),
    *("ssl_insecure", "ignore_hosts", "tcp_hosts", "udp_hosts", "http3", "store_streamed_bodies"),
}


def test_all_that_is_known_to_be_a_hazard_is_enforced() -> None:
    assert ENFORCED.keys() >= HAZARDS
    assert not ENFORCED.keys() & (OURS | HARMLESS) and not OURS & HARMLESS


def changed(name: str) -> str:
    """Return another value for an option, as a configuration file writes it."""
    value = ENFORCED[name]
    if isinstance(value, bool):
        return str(not value).lower()
    if isinstance(value, list):
        return "[.*]"
    return {"connection_strategy": "eager", "body_size_limit": "1g"}.get(name, "TLS1")


def test_no_file_and_no_variable_of_mitmproxy_sets_anything(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own programs read `config.yaml` in the directory of its certificates, and in ~/.mitmproxy."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in (tmp_path / ".mitmproxy", tmp_path / "state" / "ca"):
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text("".join(f"{name}: {changed(name)}\n" for name in ENFORCED), "utf-8")

    async def scene() -> None:
        made, _ = make(Settings(state=tmp_path / "state"), tenant.house)
        for name, value in ENFORCED.items():
            held = getattr(made.options, name)
            assert (list(held) if isinstance(value, list) else held) == value, name

    tenant.loop.run_until_complete(scene())


@pytest.mark.parametrize("name", KEY_LOGS)
def test_keys_of_connections_are_written_nowhere(name: str) -> None:
    must_keep_no_keys({"HOME": "/", name: ""})
    with pytest.raises(SettingsError, match=f"variable {name} is set"):
        must_keep_no_keys({name: "keys.txt"})


def test_nothing_is_loaded_that_keeps_flows(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> set[str]:
        made, _ = make(Settings(state=tmp_path / "state"), tenant.house)
        return set(made.addons.lookup)

    loaded = tenant.loop.run_until_complete(scene())
    assert not loaded & {"save", "savehar", "dumper", "view", "script", "onboarding", "clientplayback", "mapremote"}


def test_pieces_of_files_are_forgotten_though_nobody_uploads_any_more(tenant: Tenant, tmp_path: Path) -> None:
    held, begun, name = tenant.house.held, tenant.house.clock(), ("user:a", "it", "files.example", "/up")

    async def scene() -> None:
        made, _ = make(Settings(state=tmp_path / "state"), tenant.house)
        assert held.take(name, name[0], Stretch("tus", 0, 1, 9, last=False), b"x", 9999, begun)
        [tidy] = [each for each in made.addons.chain if isinstance(each, Tidy)]
        await tidy.look()
        assert held.files, "its next piece may come"
        tenant.house.clock = lambda: begun + LASTS * 2
        await tidy.look()

    tenant.loop.run_until_complete(scene())
    assert not held.files


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
    "upstream login": Settings(upstream_auth="secret-without-colon"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_setting_that_mitmproxy_refuses_stops_the_start_plainly(tenant: Tenant, tmp_path: Path, name: str) -> None:
    async def scene() -> None:
        with pytest.raises(SettingsError, match="mitmproxy") as caught:
            make(replace(BAD[name], state=tmp_path / "state"), tenant.house)
        assert "secret" not in str(caught.value)

    tenant.loop.run_until_complete(scene())


def test_a_file_of_logins_that_is_not_there_stops_the_start_plainly(tenant: Tenant, tmp_path: Path) -> None:
    async def scene() -> None:
        with pytest.raises(SettingsError, match="proxy_login: gone cannot be read"):
            make(Settings(proxy_login=Path("gone"), state=tmp_path / "state"), tenant.house)

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


@pytest.mark.parametrize(
    ("logger", "module", "ends"),
    [
        ("sluice", "messenger", False),
        ("sluice", "guard", True),  # a hook failed
        ("mitmproxy.addons.proxyserver", "proxyserver", True),
    ],
)
def test_an_alarm_of_ours_does_not_end_a_start_and_a_fault_does(
    tenant: Tenant, tmp_path: Path, logger: str, module: str, ends: bool
) -> None:
    async def scene() -> None:
        made, _ = make(Settings(state=tmp_path / "state"), tenant.house)
        said = {"name": logger, "module": module, "levelno": logging.ERROR, "msg": "something is wrong"}
        logging.getLogger(logger).handle(logging.makeLogRecord(said))
        with pytest.raises(SystemExit) if ends else nullcontext():
            await made.addons.get("errorcheck").shutdown_if_errored()

    tenant.loop.run_until_complete(scene())


def test_an_address_that_is_taken_stops_the_start(tenant: Tenant, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="`listen`: cannot listen"):
        address = taken.getsockname()
        asyncio.run(run(Settings(listen=address, state=tmp_path / "s"), works(tenant, tmp_path), print))


def test_a_start_that_cannot_be_recorded_says_what_to_do(
    tenant: Tenant, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("no room: make some")

    monkeypatch.setattr(tenant.house.ledger.audit, "write", full)
    tell(tenant.house, "start", {})
    assert "a record could not be kept: no room: make some" in logged.getvalue()
