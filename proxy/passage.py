"""The house that handles exchanges, and one exchange on its way through it. Nouns; nothing is done here.

A passage keeps the street that it began with: a policy that is swapped meanwhile changes nothing for it, so that what
is recorded is what was enforced.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from detectors.allowance import Interest
from proxy.adapters.choose import FALLBACK, choose
from proxy.adapters.interface import Adapter, Asked
from proxy.answers.returning import Returning
from proxy.caller import Caller, IdentitySources
from proxy.exchange import Forward, Request
from proxy.gather.held import Held
from proxy.internal.fleet import Fleet
from proxy.ledger import Ledger
from proxy.observe.marks import Marks
from proxy.observe.observer import Observer
from proxy.pipeline import Arrival, Departure, Street
from proxy.refusals.front_door import FrontDoor
from proxy.refusals.language import Choice
from proxy.services.service import Service
from proxy.uploads import Uploads
from proxy.workflow.portal import Portal

LOG = structlog.get_logger("sluice")


@dataclass(slots=True)
class House:
    """Everything that handling needs; `street` is swapped as a whole when the policy changes."""

    street: Street
    ledger: Ledger
    sources: IdentitySources
    language: Choice
    contact: str
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    fleet: Fleet = field(default_factory=Fleet)
    """How the servers of the company's models stand."""
    front_door: FrontDoor = field(default_factory=FrontDoor)
    """Where a person is sent who opens a forbidden page."""
    uploads: Uploads = field(default_factory=Uploads)
    """Files that were announced, and where they are expected."""
    held: Held = field(default_factory=Held)
    """Files of which some is here, and the rest is waited for."""
    portal: Portal | None = None
    """Where people ask, confirm and declare; None where the proxy answers nothing itself."""
    groups_of: Callable[[str], frozenset[str]] = lambda _: frozenset()
    """What the directory knows of a person's groups; raises `DirectoryAway`."""
    observer: Observer = field(default_factory=Observer)
    """What hears of every exchange, to count it."""


@dataclass(slots=True)
class Passage:
    """One exchange on its way: what is known of it so far."""

    request: Request
    service: Service
    caller: Caller
    reference: str
    began: datetime
    street: Street
    """The one it began with."""
    login: str = ""
    """User name that has passed the proxy's own login."""
    canary: str = ""
    """Mark of the self-test that it is; empty for what people send."""
    account: str = ""
    """Whose account it is, where a message of a WebSocket no longer shows what its handshake did."""
    word: str = ""
    """What its body must hold to be the service's; empty where its path has said so."""
    arrival: Arrival | None = None
    departure: Departure | None = None
    body: bytes | None = field(default=None, repr=False)
    """The request's, as it came; None until it has, and where no policy could want a copy."""
    words: str = field(default="", repr=False)
    """What policy adds to its answer."""
    recorded: bool = False
    """Whether the line about the request was written; what goes wrong from then on concerns its answer."""
    returning: Returning | None = field(default=None, repr=False)
    failure: BaseException | None = field(default=None, repr=False)
    """Why the answer of the company's model cannot go back, found out before its body came."""
    turn: int = 0
    """Number under which the store keeps the turn of a page's conversation; 0 where it keeps none."""
    answered: bool = False
    """Whether the line about its answer was written, or none is due."""
    marks: Marks = field(default_factory=Marks, repr=False)
    """How long each step took."""
    interest: Interest = field(default_factory=Interest, repr=False)
    """Whether its client still waits."""

    @property
    def adapter(self) -> Adapter:
        """The wire format that its refusal must speak."""
        if self.arrival is not None:
            return self.arrival.adapter
        try:
            return choose(Asked(self.request.method, self.request.path, self.request.headers, self.service.wire or ""))
        except Exception as error:  # a refusal must find words, and a record its name
            LOG.error("no wire format can be chosen", exc_info=error, id=self.reference)
            return FALLBACK

    @property
    def watching(self) -> bool:
        """Whether its text is only looked through for rules that are not in force."""
        return self.arrival is not None and self.arrival.watching

    @property
    def announces(self) -> bool:
        """Whether the answer may say where a file is to be sent."""
        if self.departure is None or self.arrival is None or not isinstance(self.departure.outcome, Forward):
            return False
        return self.arrival.facts.activity == "upload"

    @property
    def thinker(self) -> str:
        """Whose thoughts come in its answer: what a service signs for one kind of account is not known for another."""
        account = self.arrival.facts.account if self.arrival is not None else self.account
        return f"{self.service.id} {account}"
