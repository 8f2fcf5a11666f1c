"""A directory that speaks LDAP: does a password hold, and in which groups is somebody? This room does I/O.

Enters: names and passwords. Leaves: yes or no, and groups. What was looked up counts for a while, and for longer while
the directory is away; after that nobody's groups are known, and `DirectoryAway` refuses: a rule that restricts a group
must not lose its people. Names are escaped in every filter; no password is in a log, an error or a `repr`.
"""

import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import ldap3
import structlog
from ldap3.core.exceptions import LDAPBindError, LDAPException, LDAPInvalidCredentialsResult
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from proxy.caller import clean_name
from proxy.errors import DirectoryAway
from proxy.identity.interface import DirectorySource

MOST: Final = 50_000
"""People whose groups are remembered."""
LOG = structlog.get_logger("sluice")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory holds of a person."""

    dn: str
    name: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was looked up, and when; None for a person whom the directory does not have."""

    entry: Entry | None
    at: float


class Directory:
    """Asks one directory."""

    def __init__(self, source: DirectorySource, clock: Callable[[], float] = monotonic) -> None:
        """Take where it is; nothing is asked yet."""
        self.source, self.clock = source, clock
        self._known: dict[str, Remembered] = {}
        self._lock = threading.Lock()
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(source.ca) if source.ca else None)
        self._server = ldap3.Server(
            source.url, tls=tls, connect_timeout=source.timeout, get_info=ldap3.NONE, allowed_referral_hosts=[]
        )

    def check(self, name: str, password: str) -> str:
        """Return the person's name as the directory writes it, or nothing; raises `DirectoryAway`."""
        if not clean_name(name) or not password:
            return ""  # an empty password is an anonymous bind, which succeeds (RFC 4513, section 5.1.2)
        entry = self.find(name, anew=True)
        if entry is None:
            return ""
        try:
            with self._bound(entry.dn, password):
                return entry.name
        except (LDAPBindError, LDAPInvalidCredentialsResult):
            return ""
        except (LDAPException, OSError) as error:
            raise self._away(error) from None

    def groups_of(self, name: str) -> frozenset[str]:
        """Return a person's groups, none for one whom the directory does not know; raises `DirectoryAway`."""
        entry = self.find(name)
        return entry.groups if entry is not None else frozenset()

    def find(self, name: str, *, anew: bool = False) -> Entry | None:
        """Return what the directory holds of a person; raises `DirectoryAway`."""
        key, now = name.casefold(), self.clock()
        with self._lock:
            known = self._known.get(key)
        if known is not None and not anew and now - known.at < self.source.fresh:
            return known.entry
        try:
            entry = self._look_up(name)
        except (LDAPException, OSError) as error:
            away = self._away(error)
            if known is not None and now - known.at < self.source.stale:
                return known.entry
            raise away from None
        with self._lock:
            if len(self._known) >= MOST:
                self._known.pop(next(iter(self._known)))
            self._known[key] = Remembered(entry, now)
        return entry

    def probe(self) -> str:
        """Return what is wrong with the way to the directory, or nothing."""
        try:
            with self._bound(self.source.bind, self.source.password) as connection:
                connection.search(self.source.base, "(objectClass=*)", ldap3.BASE, attributes=["objectClass"])
                return "" if connection.entries else f"there is no entry {self.source.base}"
        except (LDAPBindError, LDAPInvalidCredentialsResult):
            return "it does not take the proxy's own login"
        except (LDAPException, OSError) as error:
            return _short(error)

    def _look_up(self, name: str) -> Entry | None:
        source = self.source
        wanted = [source.user, *([source.groups] if source.groups and not source.group_base else [])]
        with self._bound(source.bind, source.password) as connection:
            asked = f"({source.user}={escape_filter_chars(name)})"
            connection.search(source.base, asked, ldap3.SUBTREE, attributes=wanted, size_limit=2)
            found = [one for one in connection.response or () if one.get("type") == "searchResEntry"]
            if len(found) != 1:
                return None  # of two people of one name neither is meant
            entry = found[0]
            written = _first(entry["attributes"].get(source.user)) or name
            if source.group_base:
                groups = self._groups_that_list(connection, entry["dn"], written)
            else:
                groups = _names(entry["attributes"].get(source.groups) if source.groups else ())
            return Entry(entry["dn"], clean_name(written), groups)

    def _groups_that_list(self, connection: Any, dn: str, name: str) -> frozenset[str]:
        source = self.source
        member = name if source.member.casefold() == "memberuid" else dn
        asked = f"({source.member}={escape_filter_chars(member)})"
        connection.search(source.group_base, asked, ldap3.SUBTREE, attributes=["cn"])
        return _names(one["dn"] for one in connection.response or () if one.get("type") == "searchResEntry")

    def _bound(self, who: str, password: str) -> Any:
        """Return a connection, logged in, whose `with` ends it."""
        return _Bound(self._server, self.source, who, password)

    def _away(self, error: Exception) -> DirectoryAway:
        LOG.warning("the directory does not answer", code=type(error).__name__, server=self.source.url)
        return DirectoryAway("the directory does not answer")


class _Bound:
    """One connection for one question."""

    def __init__(self, server: Any, source: DirectorySource, who: str, password: str) -> None:
        self._connection = ldap3.Connection(
            server,
            who or None,
            password if who else None,
            receive_timeout=source.timeout,
            read_only=True,
            raise_exceptions=False,
            auto_referrals=False,
        )
        self._encrypt = source.url.startswith("ldap://") and not source.plain

    def __enter__(self) -> Any:
        try:
            return self._open()
        except BaseException:
            self.__exit__()
            raise

    def _open(self) -> Any:
        self._connection.open()
        if self._encrypt and not self._connection.start_tls():
            raise OSError("the directory does not encrypt")
        if not self._connection.bind():
            told = self._connection.result.get("description", "")
            raise LDAPBindError(told) if told == "invalidCredentials" else OSError("the directory refuses")
        return self._connection

    def __exit__(self, *_: object) -> None:
        with suppress(LDAPException, OSError):
            self._connection.unbind()
        if (left := self._connection.socket) is not None:  # of a connection that was never whole
            left.close()


def _first(value: Any) -> str:
    held = value[0] if isinstance(value, list | tuple) and value else value
    return held.decode("utf-8", "replace") if isinstance(held, bytes) else str(held or "")


def _names(values: Any) -> frozenset[str]:
    """Return the names of groups: of an entry's name the first part, of any other text the whole."""
    every = [values] if isinstance(values, str | bytes) else list(values or ())
    return frozenset(name for one in every if (name := clean_name(_group(_first(one)))))


def _group(text: str) -> str:
    if "=" not in text:
        return text
    try:
        return str(parse_dn(text)[0][1])
    except (LDAPException, IndexError):
        return ""


def _short(error: Exception) -> str:
    """Return in our words what is wrong: the library's may quote what was asked."""
    told = str(error).lower()
    if "certificate" in told:
        return "its certificate is not trusted: name the authority in `ca`, and the server as in its certificate"
    if "refused" in told or "unable to open" in told or "timed out" in told:
        return "it cannot be reached"
    return type(error).__name__
