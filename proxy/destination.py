"""Resolves whose a request is: a service of the catalogue, an unlisted host, or a service that expects a file there.

Enters: the destination of a request, the street and what was announced lately. Leaves: a service or None. A host that
one of them may have is opened; what no service has passes by. Calls that all of a product goes by are a service's only
where their body holds a word of its own; one whose body cannot be decoded, or is over the limit, is never taken for
nobody's: policy says whether what cannot be read may pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn, Self

from policies.decision import RecordDetail
from proxy.adapters.interface import Adapter, AnswerShape, Asked, Refusal
from proxy.errors import SluiceError, TooLarge, TooLargeToTell
from proxy.exchange import Answer, header
from proxy.passage import House, Passage
from proxy.pipeline import Street
from proxy.services.scope import holds
from proxy.services.service import Service
from proxy.services.unlisted import unlisted, watched
from proxy.uploads import ABOUT, SENDS
from proxy.wire.body import charset_of, codings_of, decode
from proxy.wire.charset import any_as_utf8


def concerns(house: House, street: Street, host: str) -> bool:
    """Return whether a connection to `host` must be opened."""
    known = street.catalogue.intercepts(host) or watched(host, street.inspected)
    return known or house.uploads.watches(host, house.clock())


def service_among(
    house: House, street: Street, names: Iterable[str], method: str, path: str
) -> tuple[str, Service, str] | None:
    """Return the name of a request by which a service has it, the service, and the word that its body must hold.

    Of several names every one is asked: one whose service is out of scope must not hide another.
    """
    ordered = sorted(names)
    for name in ordered:
        if (service := service_of(house, street, name, method, path)) is not None:
            return name, service, ""
    for name in ordered:
        if (scope := street.catalogue.by_body(name, path)) is not None:
            return name, scope.service, scope.word
    return None


def is_meant(passage: Passage, body: bytes) -> bool:
    """Return whether the body of a call says that it is the service's."""
    try:
        plain = decode(body, codings_of(passage.request.headers), passage.street.limits)
        kind = header(passage.request.headers, "content-type")
        plain, anew = any_as_utf8(plain, kind)
        charset_of(anew or kind)
    except SluiceError:
        return True  # whatever it is, it is refused as that
    return holds(plain, passage.word)


@dataclass(frozen=True, slots=True)
class Unseen:
    """The format of a call that must be judged without its body, which is over the limit: only it could say more."""

    known: Adapter
    """Of calls whose body is read."""

    @property
    def id(self) -> str:
        """Return its name."""
        return self.known.id

    @property
    def shape(self) -> AnswerShape:
        """Return where the text of the answer sits."""
        return self.known.shape

    def at(self, asked: Asked) -> Self:  # noqa: ARG002 - it was chosen already
        """Return itself."""
        return self

    def read(self, body: bytes, content_type: str) -> NoReturn:  # noqa: ARG002 - what every adapter is given
        """Raise `TooLargeToTell`; policy answers for what cannot be read."""
        raise TooLargeToTell("only its body, which is over the limit, could say whose the request is")

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the refusal as this format's own error."""
        return self.known.refuse(refusal)


def over_limit(passage: Passage | None) -> SluiceError:
    """Return the error for a body over the limit that is not read."""
    if passage is not None and passage.word:
        return TooLargeToTell("the body is over the limit, and only it could say whose the request is")
    return TooLarge("the body is over the limit")


def unseen(passage: Passage) -> None:
    """Let a call be judged by its head alone whose body is over the limit; raises `TooLarge` where the path said all.

    Where only the body could say whose it is, policy answers for it as for whatever cannot be read; but it never goes
    where a copy of it must be kept.
    """
    if passage.arrival is None or not passage.word:
        raise over_limit(passage)
    if passage.arrival.decision.record is RecordDetail.SEALED:
        raise TooLargeToTell("a copy of it is to be kept for the auditor, and the body is over the limit")
    passage.arrival = replace(passage.arrival, adapter=Unseen(passage.arrival.adapter))


def service_of(house: House, street: Street, host: str, method: str, path: str) -> Service | None:
    """Return the service that a request is for; `path` is with its query."""
    known = street.catalogue.lookup(host, path) or unlisted(host, method, path, street.inspected)
    if known is not None or method.upper() not in ABOUT:
        return known
    file = house.uploads.find(method, host, path, house.clock())
    if file is not None:
        return street.catalogue.services.get(file.service)
    return street.catalogue.store_of(host) if method.upper() in SENDS else None


def declared(house: House, street: Street, method: str, host: str, path: str, now: datetime) -> int | None:
    """Return how long the file is that a request is about, 0 where that was not said; None for any other."""
    file = house.uploads.find(method, host, path, now)
    if file is not None:
        return file.size
    return 0 if method.upper() in SENDS and street.catalogue.store_of(host) is not None else None
