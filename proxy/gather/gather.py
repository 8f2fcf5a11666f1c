"""An exchange that brings a stretch of a file, before it is read.

Enters: an exchange whose body has come. Leaves: the service's word for a stretch that is kept here until the rest has
come; or the request as it is when the whole file comes at once, and is read, decided and recorded so. Nothing goes out
meanwhile. What cannot be gathered stays a piece of a file, which nobody takes for read. Only what must be read before
it may go is gathered: what passes unread anyhow goes as it came. Where an upload is given up, what is held of it
goes at once, whatever becomes of the request. How far a file has come that waits here is said from here: its service
would say that it has nothing.
"""

from dataclasses import replace

from policies.decision import Needs
from proxy.bound import is_bound
from proxy.exchange import Answer, Request, header
from proxy.gather.stretch import PLACES, as_whole, asks, cancels, stretch_of, waiting
from proxy.ledger import owner
from proxy.passage import House, Passage
from proxy.pipeline import passes_unread
from proxy.refusals.deliver import cors_headers, merge


def may_matter(request: Request) -> bool:
    """Tell by the head alone whether a request may bring, give up or ask for a stretch of a file; most do not."""
    return request.method.upper() in ("DELETE", "HEAD") or any(header(request.headers, name) for name in PLACES)


def gather(house: House, passage: Passage, body: bytes) -> Answer | tuple[Request, bytes] | None:
    """Return the answer to a stretch that is held, or the request and the file that ends with it.

    None for every other request. Raises `TooLarge` or `Overloaded`.
    """
    request, arrival = passage.request, passage.arrival
    if arrival is None:
        return None
    person = owner(arrival.caller)
    name = (person, arrival.service.id, request.host, request.path)
    if cancels(request):
        house.held.cancel(name)
        return None
    if (protocol := asks(request, body)) is not None:
        reached = house.held.reach(name, house.clock())
        return told(request, waiting(protocol, reached, request.declared or 0, asked=True)) if reached else None
    if (
        not isinstance(arrival.answer, Needs)
        or arrival.watching
        or passes_unread(arrival, arrival.decision)
        or (stretch := stretch_of(request, body)) is None
        or is_bound(request.headers, arrival.service.wire or "", head=True, body=True)
    ):
        return None
    now, most = house.clock(), passage.street.limits.max_body
    if not stretch.last:
        if not house.held.take(name, person, stretch, body, most, now):
            return None
        return told(request, waiting(stretch.protocol, stretch.end))
    file = house.held.end(name, stretch, body, most, now)
    if file is None:
        return None
    passage.request = as_whole(request, stretch)
    passage.arrival = replace(arrival, request=passage.request)
    return passage.request, file


def told(request: Request, answer: Answer) -> Answer:
    """Return the answer with the fields that let a page of another origin read it."""
    fields = cors_headers(request.headers)
    shown = {"access-control-expose-headers": ", ".join(name for name, _ in answer.headers)} if fields else {}
    return replace(answer, headers=merge(answer.headers, fields | shown))
