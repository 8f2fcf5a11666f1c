"""From one server of the company's model to the next, when one fails before the client has a byte of its answer.

Enters: an exchange on its way inside, and why its server failed. Leaves: what to send to the next one, or nothing: then
the client is told. There is no way outside in here. Each step is a line of the audit log, without a word of the text.
"""

from dataclasses import replace
from typing import Final

import structlog

from proxy.audit import notice
from proxy.exchange import Redirect
from proxy.passage import House, Passage
from proxy.pipeline import Departure
from proxy.route import with_key

LOG = structlog.get_logger("sluice")

BUSY: Final = 429


def fails(status: int) -> bool:
    """Tell whether a server that answers with this status may be replaced by another one."""
    return status == BUSY or status >= 500


def muster(house: House, departure: Departure) -> Departure:
    """Put the servers into the order in which they are asked; raises `InternalModelError` where none can be."""
    ways = house.fleet.order(departure.ways)
    return replace(departure, outcome=ways[0].outcome, ways=ways)


def keyed(house: House, outcome: Redirect) -> Redirect:
    """Return what is sent with the key of its server."""
    return with_key(outcome, house.fleet.key(outcome.server))


def give_up(house: House, passage: Passage, why: str) -> Redirect | None:
    """Note that the server of an exchange failed; return what to send to the next one, if there is one."""
    departure = passage.departure
    if departure is None or not departure.ways:
        return None
    failed, rest = departure.ways[0].outcome.server, departure.ways[1:]
    house.fleet.failed(failed, why)
    if not rest:
        return None
    outcome = rest[0].outcome
    told = {"id": passage.reference, "from": failed.name, "to": outcome.server.name, "why": why}
    house.ledger.audit.write(notice("internal_failover", house.clock(), house.ledger.node, told))
    LOG.warning("the company's model is asked at another server", id=passage.reference, server=outcome.server.name)
    passage.departure = replace(departure, outcome=outcome, ways=rest)
    passage.returning, passage.failure = None, None
    return keyed(house, outcome)


def settle(house: House, passage: Passage, status: int, code: str) -> None:
    """Note of a server that has answered that it works."""
    if passage.departure is not None and passage.departure.ways and status == 200 and not code:
        house.fleet.worked(passage.departure.ways[0].outcome.server)
