"""Kits of trust: for each kind of client the file or the command by which it trusts the company's authority. Pure.

Enters: the certificates to be trusted and those to be trusted no more, the public ones, where PAC file and proxy are.
Leaves: files by name. No private key is ever among them. Where a client knows one file in place of its own list, it
gets the public authorities and ours.
"""

import base64
import hashlib
import json
import plistlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from proxy.rollout.kit_texts import DOCKER, JAVA, LINUX, README, README_ZH, SHELL, WINDOWS

BELOW: Final = "/usr/local/share/sluice"
"""Where the scripts put the files on a client."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How clients reach the proxy; empty where the kit is for trust alone."""

    proxy: str = ""
    """`proxy.corp.example:8080`."""
    pac: str = ""
    """`http://proxy.corp.example:8081/proxy.pac`."""


def kit(
    trusted: Sequence[x509.Certificate],
    public: bytes,
    ways: Ways = Ways(),
    gone: Sequence[x509.Certificate] = (),
) -> dict[str, bytes]:
    """Return every file of the kit, by its path; `gone` are authorities that clients must not trust any more."""
    pems = b"".join(one.public_bytes(Encoding.PEM) for one in trusted)
    numbered = {f"sluice-ca-{number}": one for number, one in enumerate(trusted, 1)}
    made: dict[str, bytes] = {
        "sluice-ca.pem": pems,
        "sluice-bundle.pem": public.rstrip() + b"\n" + pems,
        "macos/sluice.mobileconfig": profile(numbered),
        "windows/install.ps1": _fill(WINDOWS, ways).replace(b"\n", b"\r\n"),
        "linux/install.sh": _fill(LINUX, ways),
        "linux/sluice-proxy.sh": _fill(SHELL, ways),
        "firefox/policies.json": _json(firefox(numbered, ways)),
        "chrome/sluice.json": _json(chrome(numbered, ways, gone)),
        "java/install.sh": _fill(JAVA, ways),
        "docker/Dockerfile.snippet": _fill(DOCKER, ways),
        "README.md": _fill(README, ways),
        "README.zh.md": _fill(README_ZH, ways),
    }
    for name, one in numbered.items():
        made[f"certificates/{name}.crt"] = one.public_bytes(Encoding.PEM)
        made[f"windows/{name}.cer"] = one.public_bytes(Encoding.DER)
        made[f"windows/intune-{name}.json"] = _json(intune(name, one))
    for one in gone:
        name = one.fingerprint(hashes.SHA256()).hex()
        made[f"gone/{name}.crt"] = one.public_bytes(Encoding.PEM)
        made[f"gone/{name}.cer"] = one.public_bytes(Encoding.DER)
    return made


def profile(numbered: dict[str, x509.Certificate]) -> bytes:
    """Return a configuration profile for Apple's devices."""
    payloads = [
        {
            "PayloadType": "com.apple.security.root",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"sluice.trust.{name}",
            "PayloadUUID": _uuid(one, "payload"),
            "PayloadDisplayName": one.subject.rfc4514_string(),
            "PayloadCertificateFileName": f"{name}.cer",
            "PayloadContent": one.public_bytes(Encoding.DER),
        }
        for name, one in numbered.items()
    ]
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": "sluice.trust",
            "PayloadUUID": _uuid(next(iter(numbered.values())), "profile"),
            "PayloadDisplayName": "Sluice: certificate authority of the company's AI gateway",
            "PayloadScope": "System",
            "PayloadRemovalDisallowed": True,
            "PayloadContent": payloads,
        }
    )


def intune(name: str, one: x509.Certificate) -> dict[str, Any]:
    """Return a profile for Intune, as Microsoft Graph takes it at `deviceManagement/deviceConfigurations`."""
    return {
        "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
        "displayName": f"Sluice trust {name}",
        "certFileName": f"{name}.cer",
        "destinationStore": "computerCertStoreRoot",
        "trustedRootCertificate": base64.b64encode(one.public_bytes(Encoding.DER)).decode(),
    }


def firefox(numbered: dict[str, x509.Certificate], ways: Ways) -> dict[str, Any]:
    """Return Firefox's policies."""
    files = [f"{BELOW}/{name}.crt" for name in numbered]
    policies: dict[str, Any] = {
        "Certificates": {"ImportEnterpriseRoots": True, "Install": files},
        "Preferences": {"network.http.http3.enable": {"Value": False, "Status": "locked"}},
    }
    if ways.pac:
        policies["Proxy"] = {"Mode": "autoConfig", "AutoConfigURL": ways.pac, "Locked": True}
    return {"policies": policies}


def chrome(numbered: dict[str, x509.Certificate], ways: Ways, gone: Sequence[x509.Certificate] = ()) -> dict[str, Any]:
    """Return managed policies of Chrome, Chromium and Edge."""
    policies: dict[str, Any] = {
        "CACertificates": [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in numbered.values()],
        "QuicAllowed": False,
    }
    if gone:
        policies["CADistrustedCertificates"] = [
            base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in gone
        ]
    if ways.pac:
        policies["ProxySettings"] = {"ProxyMode": "pac_script", "ProxyPacUrl": ways.pac, "ProxyPacMandatory": True}
    return policies


def _uuid(one: x509.Certificate, what: str) -> str:
    """Return an id that is the same for the same certificate, so that a profile replaces itself."""
    digest = hashlib.sha256(one.public_bytes(Encoding.DER) + what.encode()).hexdigest()
    return str(uuid.UUID(digest[:32], version=5)).upper()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _fill(text: str, ways: Ways) -> bytes:
    proxy = f"http://{ways.proxy}" if ways.proxy else ""
    return text.replace("@PROXY@", proxy).replace("@PAC@", ways.pac).replace("@BELOW@", BELOW).encode()
