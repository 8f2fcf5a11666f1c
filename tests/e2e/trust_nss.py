"""Makes a certificate store of NSS that trusts one authority, as `certutil -A -t C,,` does, with NSS itself.

Runs as a process of its own, `trust_nss.py FOLDER PEM`, because NSS keeps state for a whole process.
"""

import ctypes
import ssl
import sys
from pathlib import Path

VALID_CA = 1 << 3
TRUSTED_CA = 1 << 4
"""Flags of `CERTCertTrust.sslFlags` (certdb.h); together they are certutil's `C`."""


class Trust(ctypes.Structure):
    """NSS's `CERTCertTrust`."""

    _fields_ = (("ssl", ctypes.c_uint), ("email", ctypes.c_uint), ("object_signing", ctypes.c_uint))


def trust(folder: Path, pem: Path) -> None:
    """Make the store in `folder` and let it trust the authority in `pem`; raises `OSError`."""
    nss = ctypes.CDLL("libnss3.so")
    decode = ctypes.CDLL("libsmime3.so").CERT_DecodeCertFromPackage
    for function in (nss.PK11_GetInternalKeySlot, nss.CERT_GetDefaultCertDB, decode):
        function.restype = ctypes.c_void_p
    der = ssl.PEM_cert_to_DER_cert(pem.read_text("ascii"))
    check(nss.NSS_InitReadWrite(f"sql:{folder}".encode()))
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    check(nss.PK11_InitPin(slot, None, None))
    certificate = ctypes.c_void_p(decode(der, len(der)))
    check(nss.PK11_ImportCert(slot, certificate, ctypes.c_ulong(0), b"Sluice", 0))
    flags = Trust(ssl=VALID_CA | TRUSTED_CA)
    check(nss.CERT_ChangeCertTrust(ctypes.c_void_p(nss.CERT_GetDefaultCertDB()), certificate, ctypes.byref(flags)))


def check(status: int) -> None:
    """Raise unless NSS says that it went well."""
    if status != 0:
        raise OSError("NSS refused a step in making the certificate store")


if __name__ == "__main__":
    trust(Path(sys.argv[1]), Path(sys.argv[2]))
