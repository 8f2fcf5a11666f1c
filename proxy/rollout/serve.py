"""The server of the PAC file, and of the certificate beside it, for clients that have no proxy yet.

Enters: settings and a running house. Leaves: pages at `pac.listen`; the catalogue is that of the street in force.
"""

from pathlib import Path

from proxy.observe.pages import Page, Server
from proxy.passage import House
from proxy.rollout.pac import KIND, Pac, script


def server_of(pac: Pac | None, state: Path, house: House) -> Server | None:
    """Return the server that the settings ask for; raises `SettingsError` where its address cannot be had."""
    if pac is None:
        return None

    def file() -> Page:
        street = house.street
        return Page(script(street.catalogue, pac.proxies, street.inspected).encode(), KIND)

    def certificate() -> Page:
        return Page((state / "sluice-ca.pem").read_bytes(), "application/x-x509-ca-cert")

    return Server(pac.listen, {"/proxy.pac": file, "/wpad.dat": file, "/sluice-ca.pem": certificate}, "pac.listen")
