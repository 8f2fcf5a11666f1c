"""Whose a request is: a service of the catalogue has it, one that nobody listed, or one that expects a file there.

Enters: the destination of a request, the street and what was announced lately. Leaves: a service or None. A host that
one of them may have is opened; what no service has passes by.
"""

from datetime import datetime

from proxy.passage import House
from proxy.pipeline import Street
from proxy.services.service import Service
from proxy.services.unlisted import unlisted, watched
from proxy.uploads import SENDS


def concerns(house: House, street: Street, host: str) -> bool:
    """Return whether a connection to `host` must be opened."""
    known = street.catalogue.intercepts(host) or watched(host, street.inspected)
    return known or house.uploads.watches(host, house.clock())


def service_of(house: House, street: Street, host: str, method: str, path: str) -> Service | None:
    """Return the service that a request is for; `path` is with its query."""
    known = street.catalogue.lookup(host, path) or unlisted(host, method, path, street.inspected)
    if known is not None or method.upper() not in SENDS:
        return known
    file = house.uploads.find(method, host, path, house.clock())
    return street.catalogue.services.get(file.service) if file else street.catalogue.store_of(host)


def declared(house: House, street: Street, method: str, host: str, path: str, now: datetime) -> int | None:
    """Return how long the file is that a request should bring, 0 where that was not said; None for any other."""
    file = house.uploads.find(method, host, path, now)
    if file is not None:
        return file.size
    return 0 if method.upper() in SENDS and street.catalogue.store_of(host) is not None else None
