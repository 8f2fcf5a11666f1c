"""The catalogue of services: a host and a path enter, the service they belong to leaves.

An exact host beats a suffix, a longer suffix beats a shorter one, a pattern comes last, and a path scope beats the
bare host. A look-up costs as many dictionary reads as the host has labels, however many services there are.
A host outside the catalogue must never be taken for a service, nor a service's host for an unknown one because it is
spelt differently (case, final dot, full-width letters, percent-encoded path).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

import re2
import yaml

from proxy.errors import SettingsError
from proxy.services.scope import PathScope, canonical_target, read_scope
from proxy.services.service import Service, read_service, require_mapping

SHIPPED: Final = files("proxy.services")
"""Folder of the services that come with Sluice, one file a category."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Host patterns, matched all at once in linear time."""

    matcher: Any
    """A compiled `re2.Set`."""
    services: tuple[Service, ...]
    """The service of each pattern, in order of preference."""

    def find(self, host: str) -> Service | None:
        """Return the service of the first pattern that matches the whole host, or None."""
        hits = self.matcher.Match(host)
        return self.services[min(hits)] if hits else None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services, with indexes by host; build it with `load_catalogue` or `build`."""

    services: Mapping[str, Service]
    """Every service by id."""
    exact: Mapping[str, Service]
    suffix: Mapping[str, Service]
    patterns: Patterns
    exact_scopes: Mapping[str, tuple[PathScope, ...]]
    """Path scopes by their host, the most specific first."""
    wild_scopes: Mapping[str, tuple[PathScope, ...]]
    """Path scopes of `*.host`, by that host."""
    holding: Mapping[str, tuple[PathScope, ...]]
    """Scopes of calls that are the service's only with a word in their body, by their host."""
    stores: Mapping[str, Service]
    """Services by the hosts that only take their files."""

    @property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """What people call each service, by id; see `Service.called`."""
        return {id_: service.called for id_, service in self.services.items()}

    def by_host(self, host: str) -> Service | None:
        """Return the service that has `host` as a whole, or None."""
        host = canonical_host(host)
        if service := self.exact.get(host):
            return service
        for domain in domains(host):
            if service := self.suffix.get(domain):
                return service
        return self.patterns.find(host)

    def lookup(self, host: str, path: str) -> Service | None:
        """Return the service of a request for `path` (with its query) on `host`, or None."""
        host = canonical_host(host)
        scopes = self.scopes_of(host)
        if scopes:
            target = canonical_target(path)
            for scope in scopes:
                if scope.covers(target):
                    return scope.service
        return self.by_host(host)

    def intercepts(self, host: str) -> bool:
        """Return whether connections to `host` must be read: a service has it, wholly or in part."""
        host = canonical_host(host)
        shared = bool(self.scopes_of(host)) or host in self.holding
        return shared or self.by_host(host) is not None or host in self.stores

    def by_body(self, host: str, path: str) -> PathScope | None:
        """Return the scope of a call that is a service's if its body holds the scope's word, or None."""
        scopes = self.holding.get(canonical_host(host), ())
        target = canonical_target(path) if scopes else None
        return next((scope for scope in scopes if target is not None and scope.covers(target)), None)

    def store_of(self, host: str) -> Service | None:
        """Return the service whose files are sent to `host`, or None."""
        return self.stores.get(canonical_host(host))

    def scopes_of(self, host: str) -> tuple[PathScope, ...]:
        """Return the path scopes on a canonical `host`, the most specific first."""
        found = self.exact_scopes.get(host, ())
        for domain in domains(host):
            if domain != host:
                found += self.wild_scopes.get(domain, ())
        return found

    def with_extra(self, entries: Iterable[object], where: str = "settings: services") -> "Catalogue":
        """Return a catalogue in which the company's own `entries` replace shipped ones by id and by host.

        The entries are plain mappings of the schema that `read_service` reads. Raises `SettingsError`.
        """
        extra = read_all(entries, where)
        kept = [service for service in self.services.values() if service.id not in extra]
        return build(kept, extra.values())


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that comes with Sluice, read once a process: nothing changes it meanwhile."""
    return read_catalogue(SHIPPED)


def read_catalogue(folder: Traversable) -> Catalogue:
    """Return the catalogue of all `*.yaml` in `folder`.

    Raises `SettingsError`, which names the file and the service.
    """
    found: dict[str, Service] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        for slug, service in read_all(read_yaml(file), file.name).items():
            if slug in found:
                raise SettingsError(f"{file.name}: service `{slug}` stands in two files; keep one")
            found[slug] = service
    return build(found.values(), ())


def read_yaml(file: Traversable) -> Iterable[object]:
    """Return the list under `services` of one file."""
    try:
        data = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file.name}: this is no YAML in UTF-8: {error}") from error
    services = require_mapping(data, file.name).get("services")
    if not isinstance(services, list) or len(data) != 1:
        raise SettingsError(f"{file.name}: the file must hold one key, `services`, with a list")
    return services


def read_all(entries: Iterable[object], where: str) -> dict[str, Service]:
    """Return the services that `entries` describe, by id; raises `SettingsError` for an id used twice."""
    found: dict[str, Service] = {}
    for entry in entries:
        service = read_service(entry, where)
        if service.id in found:
            raise SettingsError(f"{where}: service `{service.id}` is there twice; keep one")
        found[service.id] = service
    return found


def build(shipped: Iterable[Service], own: Iterable[Service]) -> Catalogue:
    """Return the catalogue of `shipped` services overlaid with the company's `own`.

    Raises `SettingsError` if two services of the same layer claim the same host.
    """
    layers = [tuple(own), tuple(shipped)]
    scopes = [read_scope(text, service) for layer in layers for service in layer for text in service.paths]
    every = [service for layer in layers for service in layer]
    told = [read_scope(text, service, word) for service in every for text, word in service.paths_holding]
    return Catalogue(
        services=MappingProxyType({service.id: service for layer in reversed(layers) for service in layer}),
        exact=index_hosts(layers, "exact"),
        suffix=index_hosts(layers, "suffix"),
        patterns=index_patterns(service for layer in layers for service in layer),
        exact_scopes=index_scopes(scope for scope in scopes if not scope.wild),
        wild_scopes=index_scopes(scope for scope in scopes if scope.wild),
        holding=index_scopes(told),
        stores=index_hosts(layers, "upload_hosts"),
    )


def index_hosts(layers: Iterable[Iterable[Service]], kind: str) -> Mapping[str, Service]:
    """Return the owner of each host; the first layer that names a host has it."""
    index: dict[str, Service] = {}
    for layer in layers:
        claimed: dict[str, Service] = {}
        for service in layer:
            for host in getattr(service, kind):
                rival = claimed.setdefault(host, service)
                if rival is not service:
                    raise SettingsError(f"services `{rival.id}` and `{service.id}` both claim {kind} host {host}")
        index = claimed | index
    return MappingProxyType(index)


def index_patterns(services: Iterable[Service]) -> Patterns:
    """Return the patterns of all services, compiled; raises `SettingsError` for one the engine cannot read."""
    options = re2.Options()
    options.log_errors = False
    matcher = re2.Set.FullMatchSet()
    owners: list[Service] = []
    for service in services:
        for pattern in service.regex:
            try:
                re2.compile(pattern, options)
            except re2.error as error:
                raise SettingsError(f"service `{service.id}`: cannot read the pattern `{pattern}`: {error}") from error
            matcher.Add(pattern)
            owners.append(service)
    matcher.Compile()
    return Patterns(matcher, tuple(owners))


def index_scopes(scopes: Iterable[PathScope]) -> Mapping[str, tuple[PathScope, ...]]:
    """Return the scopes of each host, the longest first."""
    index: defaultdict[str, list[PathScope]] = defaultdict(list)
    for scope in scopes:
        index[scope.host].append(scope)
    return MappingProxyType(
        {host: tuple(sorted(found, key=lambda scope: -scope.length)) for host, found in index.items()}
    )


def canonical_host(host: str) -> str:
    """Return `host` in lower-case ASCII without a final dot: as resolvers see it."""
    if not host.isascii():
        try:
            # Nameprep (RFC 3491) folds full-width letters and the ideographic full stop, as browsers do.
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return host.casefold().rstrip(".")
    return host.lower().rstrip(".")


def domains(host: str) -> Iterator[str]:
    """Yield `host` and every domain above it, the longest first."""
    yield host
    start = host.find(".")
    while start >= 0:
        yield host[start + 1 :]
        start = host.find(".", start + 1)
