"""A real OpenLDAP server on loopback, for tests: a handful of people and groups, with TLS."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from proxy.demo.authority import make_authority, server_context
from tests.ports import free_port

BASE = "dc=corp,dc=example"
ROOT, ROOT_PASSWORD = f"cn=admin,{BASE}", "directory-password"
PASSWORD = "pass:word-密码"
"""With a colon, and not in ASCII."""
PEOPLE = f"ou=people,{BASE}"
GROUPS = f"ou=groups,{BASE}"


@dataclass
class Slapd:
    """The running server."""

    port: int
    tls_port: int
    ca: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"ldap://localhost:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://localhost:{self.tls_port}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def program() -> str:
    found = shutil.which("slapd", path="/usr/sbin:/usr/libexec:/usr/bin")
    if found is None:
        pytest.skip("slapd is not installed: apt-get install slapd (Debian), see .ci/system-packages")
    return found


def entries() -> str:
    people = [("wangfang", "王芳", "Wang Fang"), ("LiLei", "李雷", "Li Lei"), ("star*", "星", "Star")]
    text = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: corp\n\n"
    text += "".join(f"dn: ou={ou},{BASE}\nobjectClass: organizationalUnit\nou: {ou}\n\n" for ou in ("people", "groups"))
    for uid, _, name in people:
        text += (
            f"dn: cn={name},{PEOPLE}\nobjectClass: inetOrgPerson\ncn: {name}\nsn: {name}\nuid: {uid}\n"
            f"userPassword: {PASSWORD}\n\n"
        )
    for twin in (1, 2):
        text += f"dn: cn=Twin {twin},{PEOPLE}\nobjectClass: inetOrgPerson\ncn: Twin {twin}\nsn: T\nuid: twin\n\n"
    text += f"dn: cn=研发部,{GROUPS}\nobjectClass: groupOfNames\ncn: 研发部\nmember: cn=Wang Fang,{PEOPLE}\n\n"
    text += f"dn: cn=legal,{GROUPS}\nobjectClass: groupOfNames\ncn: legal\nmember: cn=Wang Fang,{PEOPLE}\n"
    return text + f"member: cn=Li Lei,{PEOPLE}\n"


@contextmanager
def open_slapd(folder: Path) -> Iterator[Slapd]:
    """Start it below `folder`."""
    slapd, schema = program(), Path("/etc/ldap/schema")
    authority = make_authority(folder)
    server_context(authority, ("localhost",))
    pair = next(file for file in folder.glob("standin-*.pem") if file != authority.pem)
    (folder / "db").mkdir()
    (folder / "slapd.conf").write_text(
        "".join(f"include {schema / name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        + f"modulepath /usr/lib/ldap\nmoduleload back_mdb\nTLSCACertificateFile {authority.pem}\n"
        + f"TLSCertificateFile {pair}\nTLSCertificateKeyFile {pair}\n"
        + f'database mdb\nmaxsize 10485760\nsuffix "{BASE}"\nrootdn "{ROOT}"\nrootpw {ROOT_PASSWORD}\n'
        + f"directory {folder / 'db'}\naccess to attrs=userPassword by anonymous auth by * none\n"
        + "access to * by users read by anonymous auth\n"
    )
    port, tls_port = free_port(), free_port()
    urls = f"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/"
    with (folder / "slapd.log").open("wb") as log:
        process = subprocess.Popen(
            [slapd, "-f", str(folder / "slapd.conf"), "-h", urls, "-d", "0"], stdout=log, stderr=log
        )
        running = Slapd(port, tls_port, authority.pem, process)
        try:
            until = time.monotonic() + 30
            while True:
                assert process.poll() is None, (folder / "slapd.log").read_text()
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert time.monotonic() < until
                    time.sleep(0.05)
            subprocess.run(
                ["ldapadd", "-x", "-H", running.url, "-D", ROOT, "-w", ROOT_PASSWORD],
                input=entries().encode(),
                check=True,
                capture_output=True,
            )
            yield running
        finally:
            if process.poll() is None:
                running.stop()
