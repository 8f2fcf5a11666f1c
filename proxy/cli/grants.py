"""`sluice grants`: give, list and take back permissions.

Enters: the approver's words. Leaves: a changed store, and a record of the change in the running log's sight: the
store is shared with the running proxy, which sees a grant at the next request.
"""

import secrets
from contextlib import closing
from datetime import UTC, datetime

from policies.decision import Grant
from policies.problem import clip
from policies.recognise import offer
from proxy.assemble import catalogue_of, policy_of
from proxy.errors import SettingsError
from proxy.grants import alive, grant_id, until
from proxy.keys import private_directory
from proxy.settings import Settings
from proxy.store.interface import Store
from proxy.store.sqlite import open_store


def open_grants(settings: Settings) -> closing[Store]:
    """Open the store that the settings name, for a `with` block."""
    return closing(open_store(settings.store, private_directory(settings.state)))


def new_grant(
    settings: Settings, person: str, group: str, service: str, rule: str, approver: str, purpose: str, end: str
) -> Grant:
    """Return a checked grant; raises `SettingsError` where it could never help."""
    if bool(person) == bool(group):
        raise SettingsError("a grant is for one person or for one group: give --person or --group")
    catalogue = catalogue_of(settings)
    if service != "*" and service not in catalogue.services:
        offered = offer(service, catalogue.names)
        advice = f"give the id: perhaps one of {offered}" if offered else "see `sluice services list`"
        raise SettingsError(f"no service has the id {clip(service)}; {advice}")
    rules = {one.id for one in policy_of(settings, catalogue).rules}
    if rule != "*" and rule not in rules:
        raise SettingsError(f"the policy has no rule {rule}; its rules are {', '.join(sorted(rules))}")
    if person and approver.casefold() == person.casefold():
        raise SettingsError("nobody approves their own request; another person must be named in --by")
    if not approver.strip() or not purpose.strip():
        raise SettingsError("a grant names who approves it and what it is for: --by and --purpose")
    now = datetime.now().astimezone()
    return Grant(grant_id(secrets.token_bytes(4)), person, group, service, rule, approver, purpose, until(end, now))


def describe(grant: Grant) -> str:
    """Return a grant on one line."""
    whom = grant.person or f"group {grant.group}"
    state = "" if alive(grant, datetime.now(UTC)) else "  (over)"
    return (
        f"{grant.id}  {whom}  service {grant.service}  rule {grant.rule}"
        f"  until {grant.until.isoformat(timespec='minutes')}  by {grant.approver}  {grant.purpose}{state}"
    )
