"""Settings → a house that can take exchanges. This room does I/O, once, at the start.

Whatever cannot be had (a policy with a mistake, a detector that does not load, a store that does not open) stops the
start with an error that says where; a proxy with a part missing must never run.
"""

import secrets
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from detectors.dictionary import Dictionary
from detectors.find import Finder, shipped_detectors
from detectors.interface import Detector
from detectors.vault import Sealer
from policies.load import load_policy
from policies.model import Policy
from proxy.caller import identity_fields
from proxy.catalogue import Catalogue, load_catalogue
from proxy.errors import SluiceError
from proxy.handle import House
from proxy.keys import master_key, private_directory
from proxy.ledger import Ledger
from proxy.pipeline import Street
from proxy.settings import Settings
from proxy.sinks import open_audit
from proxy.store.sqlite import open_store

SHIPPED_POLICY = Path(str(files("policies") / "shipped" / "default.yaml"))


def catalogue_of(settings: Settings) -> Catalogue:
    """Return the shipped catalogue with the company's own entries."""
    catalogue = load_catalogue()
    return catalogue.with_extra(settings.services) if settings.services else catalogue


def policy_of(settings: Settings, catalogue: Catalogue) -> Policy:
    """Return the company's policy; raises `PolicyError` with everything that is wrong with it."""
    return load_policy(settings.policy or SHIPPED_POLICY, known_services=catalogue.names)


def detectors_of(policy: Policy | None) -> Sequence[Detector]:
    """Return all detectors: the shipped ones, and the policy's own terms."""
    terms = policy.dictionaries if policy is not None else ()
    return (*shipped_detectors(), *(Dictionary(f"terms:{one.entity}", one.entity, one.terms) for one in terms))


def street_of(settings: Settings) -> Street:
    """Return the street for these settings and the policy they name."""
    catalogue = catalogue_of(settings)
    policy = policy_of(settings, catalogue)
    finder = Finder(detectors_of(policy), cache_key=secrets.token_bytes(32))
    stripped = identity_fields(settings.identity)
    return Street(policy, catalogue, finder, settings.limits, settings.internal, stripped)


def ledger_of(settings: Settings) -> Ledger:
    """Open store and audit log, and forget what has expired; raises `StoreError` or `SettingsError`."""
    state = private_directory(settings.state)
    node = settings.node or socket.gethostname()
    store = open_store(settings.store, state)
    sealer = Sealer(master_key(state))
    try:
        store.purge(datetime.now(UTC))
        audit = open_audit(settings.audit, state, node)
    except SluiceError:
        store.close()
        raise
    return Ledger(audit, store, sealer, node, timedelta(days=settings.keep_originals_days))


def house_of(settings: Settings) -> House:
    """Return everything that handling an exchange needs."""
    return House(
        street=street_of(settings),
        ledger=ledger_of(settings),
        sources=settings.identity,
        language=settings.language,
        contact=settings.contact,
        clock=lambda: datetime.now(UTC),
        entropy=secrets.token_bytes,
    )
