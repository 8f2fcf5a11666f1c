"""The PAC file as clients get it: of the catalogue in force, with the certificate beside it."""

import urllib.request
from dataclasses import replace
from pathlib import Path

from proxy.rollout.pac import KIND, Pac
from proxy.rollout.serve import server_of
from tests.proxy.house import Tenant


def test_it_is_served_as_the_street_in_force_says(tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "sluice-ca.pem").write_bytes(b"certificate")
    server = server_of(Pac(("127.0.0.1", 0), (("proxy.example", 8080),)), tmp_path, tenant.house)
    assert server is not None
    server.start()
    try:
        url = "http://{}:{}".format(*server.address)
        with urllib.request.urlopen(f"{url}/proxy.pac", timeout=30) as answer:
            text = answer.read()
            assert answer.headers["content-type"] == KIND and b'"api.openai.com":1' in text
            assert b"PROXY proxy.example:8080" in text and b"partner.example" not in text
        tenant.house.street = replace(tenant.house.street, inspected=frozenset({"partner.example"}))
        with urllib.request.urlopen(f"{url}/wpad.dat", timeout=30) as answer:
            assert b'"partner.example":1' in answer.read()
        with urllib.request.urlopen(f"{url}/sluice-ca.pem", timeout=30) as answer:
            assert answer.read() == b"certificate"
    finally:
        server.stop()


def test_without_the_setting_nobody_serves_it(tenant: Tenant, tmp_path: Path) -> None:
    assert server_of(None, tmp_path, tenant.house) is None
