"""A real KDC of MIT Kerberos on loopback, for tests: a realm, a person, and the proxy's service with its keytab."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.redis_servers import until

REALM = "CORP.EXAMPLE"
PERSON, PASSWORD = "wangfang", "kerberos-password"
SERVICE = "HTTP/localhost"
PLACES = "/usr/sbin:/usr/bin:/usr/lib/mit/sbin"
PACKAGES = {
    "krb5kdc": "krb5-kdc",
    "kdb5_util": "krb5-kdc",
    "kadmin.local": "krb5-admin-server",
    "kinit": "krb5-user",
    "curl": "curl",
}


@dataclass(frozen=True)
class Kdc:
    """The running realm."""

    folder: Path
    environment: Mapping[str, str]
    """Where programs find the realm, and tickets."""

    @property
    def keytab(self) -> Path:
        return self.folder / "proxy.keytab"

    def run(self, name: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of this realm; fails where it does not end well."""
        done = subprocess.run(
            [program(name), *words],
            env={**os.environ, **self.environment},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def take_ticket(self) -> None:
        """Log the person in, as a machine of the domain does."""
        self.run("kinit", PERSON, given=f"{PASSWORD}\n")


def program(name: str) -> str:
    found = shutil.which(name, path=PLACES)
    if found is None:
        pytest.skip(f"NOT TESTED: {name} is not installed: apt-get install {PACKAGES[name]} (Debian)")
    return found


@contextmanager
def open_kdc(folder: Path) -> Iterator[Kdc]:
    """Make the realm and serve it."""
    for name in PACKAGES:
        program(name)
    port = free_port()
    (folder / "krb5.conf").write_text(
        f"[libdefaults]\ndefault_realm = {REALM}\ndns_canonicalize_hostname = false\nrdns = false\n"
        f"dns_lookup_kdc = false\nudp_preference_limit = 1\ndefault_keytab_name = FILE:{folder}/none.keytab\n"
        f"[realms]\n{REALM} = {{\nkdc = 127.0.0.1:{port}\n}}\n[domain_realm]\nlocalhost = {REALM}\n"
    )
    (folder / "kdc.conf").write_text(
        f"[kdcdefaults]\nkdc_listen = 127.0.0.1:{port}\nkdc_tcp_listen = 127.0.0.1:{port}\n"
        f"[realms]\n{REALM} = {{\ndatabase_name = {folder}/principal\nkey_stash_file = {folder}/stash\n"
        f"acl_file = {folder}/kadm5.acl\nmax_life = 1h\n}}\n"
    )
    made = Kdc(
        folder,
        {
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{folder}/tickets",
        },
    )
    made.run("kdb5_util", "create", "-s", "-r", REALM, "-P", "of-the-database")
    for query in (
        f"addprinc -pw {PASSWORD} {PERSON}",
        f"addprinc -randkey {SERVICE}",
        f"ktadd -k {made.keytab} {SERVICE}",
    ):
        made.run("kadmin.local", "-r", REALM, "-q", query)
    with (folder / "log").open("wb") as log:
        words = [program("krb5kdc"), "-n", "-r", REALM]
        process = subprocess.Popen(words, env={**os.environ, **made.environment}, stdout=log, stderr=log)
    try:
        until(lambda: listens(port), "a KDC that listens")
        yield made
    finally:
        process.terminate()
        process.wait(20)


def listens(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0
