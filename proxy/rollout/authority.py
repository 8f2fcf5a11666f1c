"""The certificate authority that clients trust: how it stands, one of the company's PKI in its place, and its rotation.

Enters: the state directory, and files that the administrator names. Leaves: files of the state directory. A new
authority is trusted by clients before it signs (`ca-next`), and the old one for a while after (`ca-old`), so that
nobody sees a certificate that he does not trust. Of one that is retired the certificate is kept, without its key, so
that kits take it from clients. Before anything changes it is told which authority will, and who hears of it can stop
it: no step may be missing in the audit log. What is no authority, does not belong to its key, or has ended is never
put in place.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from proxy.errors import SettingsError, unreadable
from proxy.keys import BASENAME, hand_over, private_directory
from proxy.store.owner import owner_of

type Before = Callable[["Standing"], None]
"""Hears which authority a step is about, when all is checked and nothing has changed; what it raises stops the step."""
type Role = Literal["current", "next", "old"]
FOLDERS: Final[dict[Role, str]] = {"current": "ca", "next": "ca-next", "old": "ca-old"}
MAKING: Final = "ca-making"
"""Where the next authority is until it is told of."""
GONE: Final = "ca-gone"
"""Where the certificates of retired authorities are, each in a file of its fingerprint."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One authority."""

    role: Role
    chain: tuple[x509.Certificate, ...]
    """The authority that signs, then those above it."""

    @property
    def trusted(self) -> x509.Certificate:
        """The certificate that clients must trust: the topmost that is known."""
        return self.chain[-1]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of that certificate."""
        return self.trusted.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def pem(self) -> bytes:
        """That certificate."""
        return self.trusted.public_bytes(Encoding.PEM)


def nobody(_standing: Standing) -> None:
    """Hear of a step, and do nothing."""


def standings(state: Path) -> tuple[Standing, ...]:
    """Return all authorities of a state directory, the current one first; raises `SettingsError`."""
    found = []
    for role, folder in FOLDERS.items():
        with suppress(FileNotFoundError):
            found.append(Standing(role, _chain(state / folder)))
    return tuple(found)


def _chain(folder: Path) -> tuple[x509.Certificate, ...]:
    path = folder / f"{BASENAME}-ca-cert.pem"
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except FileNotFoundError:
        raise
    except (OSError, ValueError):
        raise SettingsError(f"{path}: holds no certificate that can be read", f"{path}：其中没有可读取的证书") from None


def stage(state: Path, node: str, before: Before = nobody) -> Standing:
    """Make the next authority; raises `SettingsError` where there is one already, and what `before` raises."""
    from mitmproxy.certs import CertStore  # half of what the lightest command would import

    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")  # clients mix up two of one name
    with _making(state) as folder:
        CertStore.create_store(folder, BASENAME, 2048, organization="Sluice", cn=f"Sluice CA {node} {made}".strip())
        return _put(state, folder, before)


def take(state: Path, certificate: Path, key: Path, before: Before = nobody) -> Standing:
    """Take an authority of the company's PKI as the next one; raises `SettingsError` for one that cannot sign."""
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
        private = load_pem_private_key(key.read_bytes(), None)
    except OSError as error:
        raise unreadable(error.filename, error.strerror) from None
    except (ValueError, TypeError):
        raise SettingsError(
            "certificate and key must be in PEM form, the key without a password",
            "证书与私钥须为 PEM 格式，私钥不带口令",
        ) from None
    must_sign(chain, datetime.now(UTC))
    plain = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*plain) != chain[0].public_key().public_bytes(*plain):
        raise SettingsError(
            f"{key}: is not the key of the first certificate in {certificate}",
            f"{key}：不是 {certificate} 中第一张证书的私钥",
        )
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    with _making(state) as folder:
        _write(folder / f"{BASENAME}-ca.pem", secret + pem)
        _write(folder / f"{BASENAME}-ca-cert.pem", pem)
        return _put(state, folder, before)


def must_sign(chain: Sequence[x509.Certificate], now: datetime) -> None:
    """Raise `SettingsError` where the first of `chain` cannot sign, or the others do not vouch for it."""
    first = chain[0]
    try:
        basic = first.extensions.get_extension_for_class(x509.BasicConstraints).value
        able = basic.ca
    except x509.ExtensionNotFound:
        able = False
    with suppress(x509.ExtensionNotFound):  # then any use is allowed (RFC 5280, section 4.2.1.3)
        able = able and first.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    if not able:
        raise SettingsError(
            "the first certificate is no authority: it needs CA:TRUE and the key usage keyCertSign",
            "第一张证书不是颁发机构：须有 CA:TRUE 和密钥用途 keyCertSign",
        )
    for one in chain:
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            raise SettingsError(
                f"{one.subject.rfc4514_string()}: is not valid today",
                f"{one.subject.rfc4514_string()}：今天不在有效期内",
            )
    for one, above in pairwise(chain):
        try:
            one.verify_directly_issued_by(above)
        except Exception:
            raise SettingsError(
                "the certificates do not follow on one another: write the one that signs first",
                "证书的次序不对：用于签发的证书须写在最前",
            ) from None


def swap(state: Path, before: Before = nobody) -> Standing:
    """Let the next authority sign from the next start on; the present one stays as the old one."""
    if not (state / FOLDERS["next"]).exists():
        raise SettingsError(
            "there is no next authority: make one with `sluice ca next`, or `sluice ca take`",
            "没有下一个颁发机构：请用 `sluice ca next` 建立，或用 `sluice ca take` 接收",
        )
    if (state / FOLDERS["old"]).exists():
        raise SettingsError(
            "the last rotation is not over: `sluice ca retire` first", "上一次轮换尚未结束：请先运行 `sluice ca retire`"
        )
    before(_of(state, "next"))
    if (state / FOLDERS["current"]).exists():
        (state / FOLDERS["current"]).rename(state / FOLDERS["old"])
    (state / FOLDERS["next"]).rename(state / FOLDERS["current"])
    return _of(state, "current")


def still_signs(state: Path) -> Role | None:
    """Return which authority a running proxy signs with, where that is not the current one; else None."""
    try:
        written = (state / "sluice-ca.pem").read_bytes()  # at each start
    except FileNotFoundError:
        return None
    if owner_of(state) is None:
        return None
    for role in ("current", "old"):
        if (path := state / FOLDERS[role] / f"{BASENAME}-ca-cert.pem").exists() and path.read_bytes() == written:
            return None if role == "current" else "old"
    return "old"


def retire(state: Path, before: Before = nobody) -> None:
    """Forget the old authority's key; its certificate is kept among those that no client may trust any more.

    Raises `SettingsError` where there is none, or where a running proxy still signs with it.
    """
    if not (state / FOLDERS["old"]).exists():
        raise SettingsError("there is no old authority", "没有旧的颁发机构")
    if still_signs(state):
        raise SettingsError(
            "the running proxy still signs with the old authority: restart it first (systemctl restart sluice)",
            "正在运行的代理仍用旧的颁发机构签发：请先重启（systemctl restart sluice）",
        )
    old = _of(state, "old")
    before(old)
    signs = old.chain[0]  # never what is above it: that may be the root of the company's PKI
    path = private_directory(state / GONE) / f"{signs.fingerprint(hashes.SHA256()).hex()}.pem"
    path.write_bytes(signs.public_bytes(Encoding.PEM))
    hand_over(state)
    shutil.rmtree(state / FOLDERS["old"])


def gone(state: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of retired authorities that were not taken up again; raises `SettingsError`."""
    trusted = {one for standing in standings(state) for one in standing.chain}
    found = []
    for path in sorted((state / GONE).glob("*.pem")):
        try:
            found.append(x509.load_pem_x509_certificate(path.read_bytes()))
        except (OSError, ValueError):
            raise SettingsError(
                f"{path}: holds no certificate that can be read", f"{path}：其中没有可读取的证书"
            ) from None
    return tuple(one for one in found if one not in trusted)


@contextmanager
def _making(state: Path) -> Iterator[Path]:
    """Give a folder for the files of the next authority, of which nothing is left where they do not take its place."""
    if (state / FOLDERS["next"]).exists():
        raise SettingsError(
            f"{state / FOLDERS['next']}: there is a next authority already: `sluice ca swap`, or delete it",
            f"{state / FOLDERS['next']}：已有下一个颁发机构：请运行 `sluice ca swap`，或将其删除",
        )
    shutil.rmtree(state / MAKING, ignore_errors=True)  # somebody was interrupted
    folder = private_directory(private_directory(state) / MAKING)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(state: Path, folder: Path, before: Before) -> Standing:
    made = Standing("next", _chain(folder))
    before(made)
    folder.rename(state / FOLDERS["next"])
    hand_over(state)
    return made


def _of(state: Path, role: Role) -> Standing:
    return next(one for one in standings(state) if one.role == role)


def _write(path: Path, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(data)
