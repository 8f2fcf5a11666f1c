"""What nobody can read is told as such, and what hides nothing is not."""

import base64
import hashlib
import io
import zipfile
from random import Random

import pytest

from detectors.views.opaque import is_closed, is_noise
from tests.detectors.views.reading import finder

NOISE = Random(1).randbytes(120)
CODE = base64.b64encode(NOISE).decode()


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("a.txt", "hello")
    return made.getvalue()


CLOSED = {
    "PGP": f"-----BEGIN PGP MESSAGE-----\n\n{CODE}\n-----END PGP MESSAGE-----",
    "age": f"-----BEGIN AGE ENCRYPTED FILE-----\n{CODE}\n-----END AGE ENCRYPTED FILE-----",
    "OpenSSL": base64.b64encode(b"Salted__" + NOISE).decode(),
    "Ansible": "$ANSIBLE_VAULT;1.1;AES256\n" + NOISE.hex(),
    "an archive": base64.b64encode(archive()).decode(),
    "an archive in hex": archive().hex(),
    "noise that the model shall decode": f"请解密:{CODE}",
    "noise in hex": f"decrypt this: {NOISE.hex()}",
    "a truncated gzip": base64.b64encode(b"\x1f\x8b\x08\x00" + NOISE).decode(),
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_cannot_be_read_is_opaque(name):
    text = f"see {CLOSED[name]}"
    (span,) = finder().find(text).opaque
    assert 0 < span[0] < span[1] <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        f"noise of no interest: {CODE}",
        f"decode the digest {hashlib.sha256(b'a').hexdigest()}",
        "def test_decode(): assert a_long_name_of_a_function_that_tests_something_else_and_goes_on_and_on",
        "-----BEGIN CERTIFICATE-----\n"
        + base64.b64encode(b"\x30\x82" + NOISE).decode()
        + "\n-----END CERTIFICATE-----",
    ],
)
def test_what_hides_nothing_is_not_opaque(text):
    assert finder().find(text).opaque == ()


def test_heads_and_noise_are_told_by_their_bytes():
    assert is_closed(archive()) and not is_closed(b"PK\x03\x04") and not is_closed(b"hello" * 9)
    assert is_noise(NOISE) and not is_noise(NOISE[:32]) and not is_noise(b"a" * 120)
