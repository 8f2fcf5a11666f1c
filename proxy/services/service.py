"""One entry of the catalogue, and the strict reader of its schema.

Plain data enters (a mapping out of YAML), a frozen `Service` leaves. A key, a category or a host name that the schema
does not know must never be passed over in silence: a misspelt key would weaken every policy that names the service.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policies.decision import Text
from policies.define import CATEGORIES
from proxy.errors import SettingsError

KEYS: Final = frozenset(
    {"id", "name", "vendor", "country", "category", "hosts", "paths", "paths_holding", "upload_hosts", "wire", "notes"}
)
HOST_KEYS: Final = frozenset({"exact", "suffix", "regex"})

SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
WORD: Final = re.compile(r"[A-Za-z0-9_-]{4,}", re.ASCII)
LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Service:
    """An external generative-AI product: what it is and where it lives."""

    id: str
    """Stable slug that policies, grants and records use."""
    name: Text
    """What people call it."""
    vendor: str
    country: str
    """ISO 3166 alpha-2 code of the operator's home; the service can be hosted elsewhere."""
    category: str
    """One of `CATEGORIES`."""
    exact: tuple[str, ...] = ()
    """Hosts that are the service, without their subdomains."""
    suffix: tuple[str, ...] = ()
    """Hosts that are the service together with all their subdomains."""
    regex: tuple[str, ...] = ()
    """Patterns over the whole host name, for families whose regional hosts are siblings."""
    paths: tuple[str, ...] = ()
    """Scopes `host/prefix` on hosts shared with other uses; `*` stands for one or more characters within a segment,
    a leading `*.` for any subdomain, and a query asks for its fields."""
    paths_holding: tuple[tuple[str, str], ...] = ()
    """Scopes of calls that all of a product goes by, each with the word that a body holds which is the service's."""
    upload_hosts: tuple[str, ...] = ()
    """Object stores that receive its files; shared with others, so data only, never intercepted for their own sake."""
    wire: str | None = None
    """Id of the wire format its endpoints speak, if one is described."""
    notes: str = ""

    @property
    def called(self) -> tuple[str, ...]:
        """Its name as it is shown, then everything people may call it: the name in each language, the vendor."""
        names = [name for name in (self.name.en, self.name.zh) if name]
        return tuple(dict.fromkeys([" / ".join(names), *names, self.vendor]))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that the service claims as a whole."""
        return self.exact + self.suffix


def read_service(data: object, where: str) -> Service:
    """Return the service that `data` describes.

    `where` names the file or setting for messages. Raises `SettingsError`.
    """
    entry = require_mapping(data, where)
    slug = entry.get("id")
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        raise SettingsError(f"{where}: a service needs an `id` of lower-case letters, digits and single hyphens")
    where = f"{where}: service `{slug}`"
    refuse_unknown_keys(entry, KEYS, where)
    hosts = require_mapping(entry.get("hosts", {}), f"{where}: `hosts`")
    refuse_unknown_keys(hosts, HOST_KEYS, f"{where}: `hosts`")
    service = Service(
        id=slug,
        name=read_name(entry.get("name"), where),
        vendor=read_text(entry, "vendor", where),
        country=read_country(entry.get("country"), where),
        category=read_category(entry.get("category"), where),
        exact=tuple(check_host(host, where) for host in read_list(hosts, "exact", where)),
        suffix=tuple(check_suffix(host, where) for host in read_list(hosts, "suffix", where)),
        regex=read_list(hosts, "regex", where),
        paths=tuple(check_scope(scope, where) for scope in read_list(entry, "paths", where)),
        paths_holding=read_holding(entry, where),
        upload_hosts=tuple(check_host(host, where) for host in read_list(entry, "upload_hosts", where)),
        wire=read_wire(entry.get("wire"), where),
        notes=read_text(entry, "notes", where) if "notes" in entry else "",
    )
    if not (service.hosts or service.regex or service.paths):
        raise SettingsError(f"{where}: give it at least one host or path, or nothing can ever match it")
    return service


def require_mapping(data: object, where: str) -> Mapping[str, Any]:
    """Return `data` if it is a mapping with text keys; raises `SettingsError`."""
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        raise SettingsError(f"{where}: write a mapping of keys and values here")
    return data


def refuse_unknown_keys(entry: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    """Raise `SettingsError` for a key that the schema does not have."""
    unknown = sorted(entry.keys() - known)
    if unknown:
        raise SettingsError(f"{where}: unknown key `{unknown[0]}`; known are {', '.join(sorted(known))}")


def read_name(data: object, where: str) -> Text:
    """Return the name in both languages; at least one must be there."""
    names = require_mapping(data, f"{where}: `name`")
    refuse_unknown_keys(names, frozenset({"en", "zh"}), f"{where}: `name`")
    if not names:
        raise SettingsError(f"{where}: `name` needs `en`, `zh` or both")
    return Text(**{language: read_text(names, language, where) for language in names})


def read_text(entry: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text value that is not blank."""
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{where}: `{key}` must be a text; put it in quotes")
    return value


def read_country(value: object, where: str) -> str:
    """Return an ISO 3166 alpha-2 code."""
    if not isinstance(value, str) or not COUNTRY.fullmatch(value):
        # YAML 1.1 reads a bare NO as false: Norway must be quoted.
        raise SettingsError(f'{where}: `country` must be two capital letters in quotes, as "CN" or "NO"')
    return value


def read_category(value: object, where: str) -> str:
    """Return one of `CATEGORIES`."""
    if not isinstance(value, str) or value not in CATEGORIES:
        raise SettingsError(f"{where}: `category` must be one of {', '.join(CATEGORIES)}")
    return value


def read_wire(value: object, where: str) -> str | None:
    """Return the id of a wire format, or None."""
    if value is None or value == "null":  # readers that type nothing hand the word on
        return None
    if isinstance(value, str) and SLUG.fullmatch(value):
        return value
    raise SettingsError(f"{where}: `wire` must be null or the id of a wire format, as openai")


def read_list(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Return a list of texts; an absent key is an empty list."""
    value = entry.get(key, ())
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"{where}: `{key}` must be a list of texts")
    return tuple(value)


def read_holding(entry: Mapping[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    """Return the scopes under each word of `paths_holding`, each with its word."""
    words = require_mapping(entry.get("paths_holding", {}), f"{where}: `paths_holding`")
    for word in words:
        if not WORD.fullmatch(word):
            raise SettingsError(f"{where}: `paths_holding` needs words of four letters or more, as thread_message")
    scopes = [(check_scope(scope, where), word) for word in words for scope in read_list(words, word, where)]
    if any(scope.startswith("*.") for scope, _ in scopes):
        raise SettingsError(f"{where}: `paths_holding` needs whole hosts, without `*.`")
    return tuple(scopes)


def check_host(host: str, where: str) -> str:
    """Return `host` if it is a lower-case ASCII host name or an IP address; raises `SettingsError`."""
    if all(LABEL.fullmatch(label) for label in host.split(".")):
        return host
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        raise SettingsError(
            f"{where}: `{host}` is no host name; write it in lower case and in Punycode, without scheme, port or `*`"
        ) from None


def check_suffix(host: str, where: str) -> str:
    """Return `host` if it can stand for all its subdomains."""
    if "." not in check_host(host, where):
        raise SettingsError(f"{where}: the suffix `{host}` would take a whole top-level domain; name a domain below it")
    return host


def check_scope(scope: str, where: str) -> str:
    """Return a path scope `host/prefix` whose host is valid and whose prefix is more than `/`."""
    host, slash, prefix = scope.partition("/")
    check_host(host.removeprefix("*."), where)
    if not slash or not prefix:
        raise SettingsError(f"{where}: the path `{scope}` covers a whole host; list the host under `hosts` instead")
    return scope
