"""`sluice services`: look a service up by what people call it.

Enters: the catalogue, and a name in any language, or part of one. Leaves: services, with one line for each. A name that
is misspelt gives those that are spelt much like it; none is ever chosen for the reader.
"""

from policies.recognise import by_likeness, by_name
from proxy.services.catalogue import Catalogue
from proxy.services.service import Service


def find_named(catalogue: Catalogue, name: str | None) -> list[Service]:
    """Return the services that `name` may mean, the best first, or all by id where no name is given."""
    if name is None:
        return [catalogue.services[id_] for id_ in sorted(catalogue.services)]
    found = by_name(name, catalogue.names) or by_likeness(name, catalogue.names)
    return [catalogue.services[id_] for id_ in found]


def row(service: Service) -> str:
    """Return a service on one line."""
    return f"{service.id:32} {service.category:9} {service.country}  {service.called[0]}"
