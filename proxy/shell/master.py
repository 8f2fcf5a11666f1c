"""mitmproxy started our way: the addons that a forward proxy needs, its options set so that nothing leaks.

Enters: settings and a house. Leaves: a running proxy, until a signal. Every option on the list of hazards is set here
and checked after the start; where one does not hold, the proxy does not run.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from mitmproxy import options
from mitmproxy.addons import (
    core,
    disable_h2c,
    dns_resolver,
    errorcheck,
    proxyserver,
    strip_dns_https_records,
    tlsconfig,
    upstream_auth,
)
from mitmproxy.exceptions import OptionsError
from mitmproxy.proxy.mode_specs import ProxyMode

from proxy.assemble import Works
from proxy.audit import Value, notice
from proxy.destination import concerns
from proxy.errors import SettingsError, StoreError, taken, unkept
from proxy.gate import Gate
from proxy.identity.header import TrustedHeader
from proxy.internal.upstreams import Upstreams
from proxy.keys import certificate_authority, trusted_upstreams
from proxy.observe.live import Serving
from proxy.observe.outlook import Outlook
from proxy.overload import connections, machine, memory
from proxy.overload.doorkeeper import Doorkeeper
from proxy.passage import House
from proxy.reload import Reloader
from proxy.settings.interface import Settings
from proxy.shell import heads, pieces, stream, unchecked
from proxy.shell.addon import SluiceAddon
from proxy.shell.guard import GuardedMaster
from proxy.shell.layers import CatalogueLayers
from proxy.websocket.ask_inside import Asker
from proxy.workflow.api import HOST

if TYPE_CHECKING:
    from proxy.identity.directory import Directory
    from proxy.identity.login import Login

LARGEST_ANSWER: Final = "256m"
"""Bound of an answer that must be whole before it can be restored; streams have none."""

LOOKS_EVERY: Final = 1.0
"""Seconds between two looks at the policy's files."""

ENFORCED: Final[dict[str, Any]] = {
    "rawtcp": False,  # bytes that are not HTTP would go round the addon
    "connection_strategy": "lazy",  # no upstream hears of a request before its verdict
    "upstream_cert": False,  # nor is it asked for a certificate; ours names the SNI alone, so browsers cannot coalesce
    "validate_inbound_headers": True,  # request smuggling
    "stream_large_bodies": None,  # a streamed request body skips the addon
    "store_streamed_bodies": False,
    "ssl_insecure": False,
    "http3": False,  # Chrome accepts no private CA over QUIC
    "ignore_hosts": [],
    "allow_hosts": [],
    "tcp_hosts": [],
    "udp_hosts": [],
    "show_ignored_hosts": False,  # the tunnels of others would become flows
    "body_size_limit": LARGEST_ANSWER,
    "proxy_debug": False,  # it logs what passes
    "websocket": True,  # or a WebSocket would be a protocol that nobody reads
    "keep_host_header": False,
    "normalize_outbound_headers": True,
    "strip_ech": True,  # a name that is encrypted cannot be compared
    "request_client_cert": False,
    "client_certs": None,
    "certs": [],  # no other certificates than those of our own authority
    "cert_passphrase": None,
    "add_upstream_certs_to_client_chain": False,
    "ssl_verify_upstream_trusted_confdir": None,
    "ciphers_client": None,
    "ciphers_server": None,
    "tls_version_client_min": "TLS1_2",
    "tls_version_server_min": "TLS1_2",
    "tls_version_client_max": "UNBOUNDED",
    "tls_version_server_max": "UNBOUNDED",
    "tls_ecdh_curve_client": None,
    "tls_ecdh_curve_server": None,
    "protobuf_definitions": None,
    "connect_addr": None,
    "server": True,
    "http2": True,
    "http_connect_send_host_header": True,
}

OURS: Final = frozenset(
    {
        *("listen_host", "listen_port", "mode", "confdir", "upstream_auth"),
        "ssl_verify_upstream_trusted_ca",
    }
)
"""Options that the settings of Sluice give a value."""

HARMLESS: Final = frozenset(
    {
        *("content_view_lines_cutoff", "showhost", "key_size", "tcp_timeout", "http2_ping_keepalive"),
        *("dns_name_servers", "dns_use_hosts_file"),
    }
)
"""Options that let nothing out, whatever they are."""

KEY_LOGS: Final = ("SSLKEYLOGFILE", "MITMPROXY_SSLKEYLOGFILE")
"""Variables for which mitmproxy and Python write the keys of every TLS connection into a file."""

FIRST: Final = (core.Core, strip_dns_https_records.StripDnsHttpsRecords, disable_h2c.DisableH2C)
SECOND: Final = (proxyserver.Proxyserver, dns_resolver.DnsResolver)
SECURE: Final = (tlsconfig.TlsConfig, upstream_auth.UpstreamAuth)
"""mitmproxy's addons, those before our layers in two rows."""
STOCK: Final = (*FIRST, *SECOND)
"""Those before our layers."""


LOG = structlog.get_logger("sluice")


def tunnelled_or_ours(settings: Settings, house: House) -> Callable[[str], bool]:
    """Return the question "is this host ours to open?"."""

    def intercepts(host: str) -> bool:
        name = host.lower().rstrip(".")
        if name in settings.tunnel:
            return False
        if name == HOST or name in settings.tenants.opened:
            return True
        return concerns(house, house.street, host)

    return intercepts


def make(settings: Settings, house: House) -> tuple[GuardedMaster, SluiceAddon]:
    """Return a mitmproxy master with our addons; call it inside a running loop. Raises `SettingsError`."""
    certificate_authority(settings.state, house.ledger.node)
    gate = Gate(settings.reach, lambda host: concerns(house, house.street, host), settings.internal)
    admission = settings.admission.fitted(machine.cores(), machine.memory(), settings.limits.max_body)
    doors = Doorkeeper(settings.connections.fitted(machine.open_files()))
    addon = SluiceAddon(house, settings.scan_seconds, Asker(settings.resolve, settings.upstream_ca), gate, admission)
    layers = CatalogueLayers(tunnelled_or_ours(settings, house), lambda name: addon.counters.update((name,)))
    addon.opens, addon.doors = layers.intercepts, doors
    patience = stream.Patience(settings.connections.body_idle_seconds, settings.connections.body_seconds)
    stream.install(settings.limits.max_body, layers.tunnels, patience)
    pieces.install()
    unchecked.install()
    heads.install()
    connections.install(doors, settings.front)
    login = login_of(settings, directory_of(settings, house))
    told = [TrustedHeader(settings.identity.header)] if settings.identity.header else []
    watch = connections.ConnectionWatch(doors)
    tidy = memory.Tidy(
        lambda: addon.reading.read, lambda: addon.reading.quiet, lambda: house.held.forget(house.clock())
    )
    with mitmproxy_asked(settings):
        made = GuardedMaster(options_of(settings))
        upstreams = Upstreams(settings.resolve, settings.internal, gate, settings.mode)
        stock, secure = (tuple(each() for each in kinds) for kinds in (STOCK, SECURE))
        made.addons.fail = addon.fail
        faults = errorcheck.ErrorCheck()
        # An alarm of ours (a witness contradicts, detection is down) must not end a start as if the port were taken; a
        # hook that failed must.
        faults.logger.addFilter(lambda record: record.name != "sluice" or record.module == "guard")
        made.addons.add(*login, *told, *stock, layers, *secure, addon, upstreams, watch, tidy, faults)
        set_options(made.options, settings)
    check(made.options)
    return made, addon


def directory_of(settings: Settings, house: House) -> "Directory | None":
    """Let the house know everybody's groups, where the settings name a directory that does; return it."""
    if settings.directory is None:
        return None
    from proxy.identity.directory import Directory

    made = Directory(settings.directory)
    house.groups_of = made.groups_of
    return made


async def rehearse(settings: Settings) -> None:
    """Set all options as `make` does, on a master that never runs; raises `SettingsError`.

    Authority and bundle are made in `settings.state`: give a directory that is thrown away.
    """
    with mitmproxy_asked(settings):
        trial = GuardedMaster(options_of(settings))
        try:
            login_of(settings, None)
            trial.addons.add(*(each() for each in (*STOCK, *SECURE)))
            set_options(trial.options, settings)
        finally:
            trial._legacy_log_events.uninstall()  # or all that this process logs would go to a loop that has ended
    check(trial.options)


def login_of(settings: Settings, directory: "Directory | None") -> tuple["Login", ...]:
    """Return the proxy's own login where there is one; raises `SettingsError`."""
    if not settings.identity.proxy_login and settings.proxy_login is None:
        return ()
    from proxy.identity.login import Login  # what checks passwords takes a moment to import
    from proxy.identity.passwords import Check, PasswordFile, Passwords
    from proxy.identity.tickets import acceptor_of

    places: list[Check] = [PasswordFile(settings.proxy_login)] if settings.proxy_login else []
    if directory is not None and directory.source.login:
        places.append(directory)
    passwords = Passwords(tuple(places), os.urandom(32)) if places else None
    return (Login(passwords, acceptor_of(settings.tickets) if settings.tickets else None),)


@contextmanager
def mitmproxy_asked(settings: Settings) -> Iterator[None]:
    """Turn what mitmproxy says of options into a `SettingsError`."""
    try:
        yield
    except (OptionsError, ValueError) as error:
        told = str(error)
        if settings.upstream_auth:
            told = told.replace(settings.upstream_auth, "…")
        raise SettingsError(f"mitmproxy does not take the settings: {told}") from None


def options_of(settings: Settings) -> options.Options:
    """Return the options that every master has before it knows its addons; raises `ValueError` for a strange mode."""
    ProxyMode.parse(settings.mode)  # mitmproxy itself looks at it only once it runs
    return options.Options(
        listen_host=settings.listen[0],
        listen_port=settings.listen[1],
        mode=[settings.mode],
        confdir=str(settings.state / "ca"),
    )


def set_options(opts: options.Options, settings: Settings) -> None:
    """Set the options that addons have brought; raises `OptionsError` or `SettingsError`."""
    opts.update(**{name: value for name, value in ENFORCED.items() if not holds(opts, name)})
    opts.update(
        ssl_verify_upstream_trusted_ca=trusted_upstreams(settings.state, settings.upstream_ca),
        upstream_auth=settings.upstream_auth or None,
    )


def holds(opts: options.Options, name: str) -> bool:
    """Return whether an option has the value that it must have."""
    value, held = ENFORCED[name], getattr(opts, name)
    return bool((list(held) if isinstance(value, list) else held) == value)


def check(opts: options.Options) -> None:
    """Refuse to run where an option that keeps things from leaking does not hold, or where one is unknown."""
    for name, value in ENFORCED.items():
        if not holds(opts, name):
            raise SettingsError(f"mitmproxy's option {name} must be {value!r}; Sluice does not run without it")
    if unknown := sorted(opts.keys() - ENFORCED.keys() - OURS - HARMLESS):
        named = ", ".join(unknown)
        raise SettingsError(f"mitmproxy has options that Sluice does not know ({named}); use version 12.2 of it")


def must_keep_no_keys(environment: Mapping[str, str]) -> None:
    """Refuse to run where the keys of TLS connections would be written to a file; raises `SettingsError`."""
    for name in KEY_LOGS:
        if environment.get(name):
            raise SettingsError(
                f"the environment variable {name} is set: the keys of all connections would be written to that file, "
                "and whoever reads it reads what people write; unset it"
            )


async def run(settings: Settings, works: Works, ready: Callable[[str, Path], None]) -> None:
    """Run until SIGINT or SIGTERM; `ready` is told the listening address and the certificate to trust.

    SIGHUP looks at the policy at once.
    """
    must_keep_no_keys(os.environ)
    house = works.house
    made, addon = make(settings, house)
    outlook = Outlook(settings, works)
    house.observer.meters.registry.register(Serving(addon))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, made.shutdown)
    hurry = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, hurry.set)
    looking = asyncio.create_task(keep_looking(works.reloader, hurry))
    works.reloader.hear(partial(wake, loop, hurry))
    begin(works, settings)
    outlook.start(loop)
    await loop.run_in_executor(None, works.watcher.start)

    def listening(listen: str, ca: Path) -> None:
        ready(listen, ca)
        if works.canaries is not None:
            host, _, port = listen.rpartition(":")
            works.canaries.start((host.strip("[]"), int(port)))

    watch = asyncio.create_task(announce(made, settings, listening))
    watch.add_done_callback(lambda _: watch.cancelled() or watch.exception() is None or made.shutdown())
    try:
        await made.run()
        if watch.done():
            watch.result()  # whoever waits to be told must not wait for ever
    except SystemExit:  # mitmproxy's way to say that an error was logged while it started
        host, port = settings.listen
        raise taken("listen", host, port, f"mode {settings.mode}, the log says why") from None
    finally:
        outlook.prober.drain()
        watch.cancel()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        for instance in made.addons.get("proxyserver").servers:
            if instance.is_running:
                await instance.stop()
        if works.canaries is not None:
            works.canaries.stop()
        await loop.run_in_executor(None, outlook.stop)
        await loop.run_in_executor(None, works.detecting.close)
        await loop.run_in_executor(None, works.watcher.stop)
        await loop.run_in_executor(None, partial(end, works))
        house.ledger.audit.close()
        house.ledger.store.close()


def begin(works: Works, settings: Settings) -> None:
    """Record the start, and begin to sign the log and to carry out."""
    label = works.house.street.policy.label
    tell(works.house, "start", {"version": version("sluice"), "settings": settings.digest, "policy": label})
    works.courier.start()
    if works.trail is not None:
        works.trail.start()


def end(works: Works) -> None:
    """Carry out and record what is left, and sign over the end."""
    works.courier.stop()
    tell(works.house, "stop", {})
    if works.trail is not None:
        works.trail.stop()


def tell(house: House, word: str, notes: Mapping[str, Value]) -> None:
    """Record that the proxy starts or stops; where that cannot be, no request gets through either."""
    try:
        house.ledger.audit.write(notice(word, house.clock(), house.ledger.node, notes))
    except StoreError as error:
        LOG.error(unkept(error), exc_info=error)


def wake(loop: asyncio.AbstractEventLoop, hurry: asyncio.Event) -> None:
    """Have the policy looked at; in another thread."""
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(hurry.set)


async def keep_looking(reloader: Reloader, hurry: asyncio.Event) -> None:
    """Look at the policy every second, off the event loop, and at once when `hurry` is set."""
    loop = asyncio.get_running_loop()
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(hurry.wait(), LOOKS_EVERY)
        at_once = hurry.is_set()
        hurry.clear()
        try:
            await loop.run_in_executor(None, partial(reloader.poll, at_once=at_once))
        except Exception as error:  # the next look may find the files again
            LOG.error(unkept(error, "the policy could not be looked at"), exc_info=error)


async def announce(made: GuardedMaster, settings: Settings, ready: Callable[[str, Path], None]) -> None:
    """Wait for the listening sockets, then tell."""
    server = made.addons.get("proxyserver")
    while not any(instance.is_running and instance.listen_addrs for instance in server.servers):
        await asyncio.sleep(0.02)
    host, port, *_ = next(instance for instance in server.servers if instance.is_running).listen_addrs[0]
    ready(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", settings.state.resolve() / "sluice-ca.pem")
