"""What the head of a request tells policy: which service, which activity, who from where, with whose account.

Enters: a request's head, its service and its caller. Leaves: `Facts`. Pure. State that is kept of the person
(grants, declarations, use of quotas) is added by `proxy.ledger`, not here.
"""

from collections.abc import Mapping
from datetime import datetime

from policies.decision import Facts
from proxy.account import account_of
from proxy.caller import Caller
from proxy.exchange import Request, header
from proxy.services.activity import activity
from proxy.services.service import Service
from proxy.wire.whole import DATA


def facts_of(
    request: Request, service: Service, caller: Caller, now: datetime, accounts: Mapping[str, frozenset[str]]
) -> Facts:
    """Return the facts; `accounts` holds the ids of the company's own accounts by service."""
    return Facts(
        service=service.id,
        category=service.category,
        country=service.country,
        user=caller.user,
        groups=caller.groups,
        address=caller.address,
        at=now,
        activity="upload" if brings_file(request) else activity(request.method, request.path, request.headers, service),
        tags=tags_of(service),
        account=account_of(request, service.id, accounts),
    )


def brings_file(request: Request) -> bool:
    """Return whether a request has an address that was given for a file, and a body that may be one."""
    return request.declared is not None and DATA.fullmatch(header(request.headers, "content-type").lower()) is not None


def tags_of(service: Service) -> frozenset[str]:
    """Return the words by which policies name services like this one.

    A service of the catalogue has its category and its country; the one that stands for all others has its own id.
    """
    return frozenset({service.category, service.country} - {""}) or frozenset({service.id} - {""})
