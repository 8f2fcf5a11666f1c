"""Settings → a house that can take exchanges. This room does I/O, once, at the start.

Whatever cannot be had (a detector that does not load, a store that does not open) stops the start with an error that
says where; a proxy with a part missing must never run. Without a valid policy it runs, and refuses every AI service.
"""

import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from detectors.interface import DetectorError
from detectors.vault import Sealer
from policies.load import load_policy
from policies.model import Policy
from proxy.caller import identity_fields
from proxy.canary.watch import Watch, watch_of
from proxy.detecting.interface import Detecting
from proxy.detecting.keeper import Apart, Start
from proxy.detecting.link import Link
from proxy.detecting.standing import Teller
from proxy.documents.reader import Reader
from proxy.errors import SettingsError, SluiceError
from proxy.findable import brief_of, must_be_findable
from proxy.internal.fleet import Fleet
from proxy.internal.models import Checks, must_be_served
from proxy.internal.watcher import Probe, Watcher, teller, write_states
from proxy.keyring import Keyring
from proxy.keys import master_key, private_directory, trusted_upstreams
from proxy.ledger import Ledger
from proxy.passage import House
from proxy.pipeline import Street
from proxy.publish.follow import Followed, read_copy
from proxy.reload import CLOSED, Reloader
from proxy.services.catalogue import Catalogue, load_catalogue
from proxy.services.unlisted import NOBODYS
from proxy.settings.detection import Detection
from proxy.settings.interface import LOOKING, Settings
from proxy.sources import unpack
from proxy.store.address import is_redis
from proxy.store.interface import Changes
from proxy.store.open import open_store
from proxy.trail.messenger import Tell
from proxy.trail.seal import Safe, must_be_sealable
from proxy.trail.sinks import AuditFile, AuditSink, open_audit
from proxy.trail.trail import Trail
from proxy.uploads import Uploads
from proxy.vault import Vault
from proxy.workflow.courier import Courier
from proxy.workflow.permission import Event
from proxy.workflow.portal import Portal
from proxy.workflow.rulebook import Rulebook, rulebook_of
from proxy.workflow.signing import Signer

LOG = structlog.get_logger("sluice")
if TYPE_CHECKING:
    from proxy.equip import Here

SHIPPED_POLICY = Path(str(files("policies") / "shipped" / "default.yaml"))


def could_not(why: str) -> None:
    """Tell the operator which detector could not tell of a text; what it would find is unknown in that exchange."""
    LOG.warning("a detector could not tell", detector=why)


def catalogue_of(settings: Settings) -> Catalogue:
    """Return the shipped catalogue with the company's own entries."""
    catalogue = load_catalogue()
    return catalogue.with_extra(settings.services) if settings.services else catalogue


def policy_of(settings: Settings, catalogue: Catalogue) -> Policy:
    """Return the company's policy; raises `PolicyError` with everything that is wrong with it, or `DetectorError`.

    That is its file, or the release that this node has taken up, where it follows the store.
    """
    if settings.policy_from == "store" and (settings.state / "keys" / "master.key").exists():
        release = read_copy(settings.state, Signer(master_key(settings.state)))
        if release is not None:
            return unpack(release.version.source).parse(catalogue.names, here(settings).own_entities)
    return load_policy(settings.policy or SHIPPED_POLICY, catalogue.names, here(settings).own_entities)


def here(settings: Settings) -> "Here":
    """Return detection in this process."""
    from proxy.equip import Equipment, Here  # detectors take a moment to import, and the proxy has them elsewhere

    return Here(Equipment(settings.detection), settings.state)


def detecting_of(settings: Settings, start: Start = lambda ended: Link(ended=ended)) -> Detecting:
    """Return detection as the settings want it: in processes of its own, or here; raises `DetectorError`.

    `start` starts such a process, or finds one.
    """
    made: Detecting = here(settings)
    if settings.detection.processes:
        made = Apart(settings.detection, settings.state, settings.scan_seconds * LOOKING, start).start()
    made.overhear(could_not)
    return made


def builder_of(settings: Settings, detecting: Detecting) -> Callable[[Policy], Street]:
    """Return what makes a street of a policy: all but the policy and its own data is read and loaded once.

    What it returns raises `PolicyError` for a policy that these settings cannot carry out.
    """
    catalogue = catalogue_of(settings)
    stripped = identity_fields(settings.identity)
    documents = Reader(settings.documents)
    told: set[str] = set()

    def build(policy: Policy) -> Street:
        must_be_sealable(policy, settings.auditor_keys)
        must_be_served(policy, settings.internal)
        finder = detecting.searcher(brief_of(policy, settings.detection))
        must_be_findable(policy, finder)
        for note in sorted(set(detecting.notes) - told):
            LOG.warning(note)
            told.add(note)
        return Street(
            policy=policy,
            catalogue=catalogue,
            finder=finder,
            limits=settings.limits,
            internal=settings.internal,
            stripped=stripped,
            accounts=settings.accounts,
            inspected=settings.inspect,
            tenants=settings.tenants,
            documents=documents,
        )

    return build


def ledger_of(settings: Settings, audit: AuditSink | None = None) -> Ledger:
    """Open store and audit log, and forget what has expired; raises `StoreError` or `SettingsError`.

    Whoever brings the audit log is one of several with this store, and leaves the forgetting to another.
    """
    state = private_directory(settings.state)
    node = settings.node or socket.gethostname()
    store = open_store(settings.store, state, settings.redis)
    key = master_key(state)
    try:
        if audit is None:
            store.purge(datetime.now(UTC))
            audit = open_audit(settings.audit, state, node)
    except SluiceError:
        store.close()
        raise
    kept_for = timedelta(days=settings.keep_originals_days)
    safe = Safe(state, settings.auditor_keys, timedelta(days=settings.keep_sealed_days))
    conversations_for = timedelta(days=settings.keep_conversations_days)
    vault = Vault(
        store, Sealer(key), Keyring(state / "keys"), settings.most_originals_per_person, settings.most_originals
    )
    rules = rules_of(settings.detection)
    return Ledger(audit, store, vault, node, kept_for, Signer(key), safe, conversations_for, rules=rules)


def rules_of(detection: Detection) -> str:
    """Return a digest of all rules that find: the shipped ones, and those of the company's own, as they stand now.

    The code that applies them counts, too: an upgrade may mend a check and no rule. So do our models, which see secrets
    as well, by their manifests. A file that cannot be read is none here; whoever loads it says so.
    """
    ours = Path(str(files("detectors")))
    shipped = (*ours.glob("rules/*.yaml"), *ours.glob("*.py"), *ours.glob("views/*.py"))
    seeing = (*ours.glob("ner/*.py"), *ours.glob("ner/words/*.yaml"), *ours.glob("ner/models/*/manifest.json"))
    made = sha256()
    for path in (*sorted(shipped), *sorted(seeing), *detection.rules, *detection.presidio):
        with suppress(OSError):
            made.update(sha256(path.read_bytes()).digest())
    made.update("\0".join((detection.names, *detection.recognizers)).encode())
    return made.hexdigest()[:32]


def with_trail(ledger: Ledger, settings: Settings) -> tuple[Ledger, Trail | None]:
    """Return the ledger that lets nothing out where its log cannot be proven, and what keeps it provable.

    Raises `StoreError` where the log ends before its last checkpoint.
    """
    if not isinstance(ledger.audit, AuditFile):
        return ledger, None
    cafile = trusted_upstreams(settings.state, settings.upstream_ca)
    try:
        trail = Trail(
            ledger.audit, settings.state, settings.checkpoints, ledger.node, lambda: datetime.now(UTC), cafile
        )
    except SluiceError:
        ledger.audit.close()
        ledger.store.close()
        raise
    return replace(ledger, must_hold=trail.must_hold), trail


def teller_of(house: House) -> Tell:
    """Return the callback that records an event of the trail and notifies those in charge."""

    def tell(word: str, notes: Mapping[str, Any]) -> None:
        event = Event(word, house.clock(), notes)
        messages = house.portal.messages(event) if house.portal is not None else ()
        house.ledger.store.keep(Changes(events=[event], messages=messages))

    return tell


@dataclass(frozen=True, slots=True)
class Works:
    """A house, and what keeps it going."""

    house: House
    reloader: Reloader
    courier: Courier
    watcher: Watcher
    detecting: Detecting
    trail: Trail | None = None
    """What signs the audit log and tells of it outside; None where the log is on standard output."""
    canaries: Watch | None = None
    """What lets canaries fly, where the settings ask for it."""


def house_of(settings: Settings, ledger: Ledger, street: Street) -> House:
    """Return a house on a street."""
    return House(
        street=street,
        ledger=ledger,
        sources=settings.identity,
        language=settings.language,
        contact=settings.contact,
        front_door=settings.front_door,
        clock=lambda: datetime.now(UTC),
        entropy=secrets.token_bytes,
        uploads=Uploads(ledger.store, ledger.vault.sealer.user_key("uploads")),
    )


def watcher_of(settings: Settings, house: House, keep: Callable[[], None]) -> Watcher:
    """Return what looks after the company's model servers; `keep` is called when one's state changes."""
    checks = settings.internal.checks if settings.internal else Checks()
    probe = Probe(checks.timeout, settings.resolve, settings.upstream_ca)
    return Watcher(settings.internal, house.fleet, probe, keep)


def followed_by(settings: Settings, ledger: Ledger) -> Followed | None:
    """Return the follower of releases; a node that follows none still reports its state to the shared store."""
    follows = settings.policy_from == "store"
    if not follows and not is_redis(settings.store):
        return None
    return Followed(ledger.store, ledger.signer, settings.state, ledger.node, follows=follows)


def works_of(settings: Settings) -> Works:
    """Return everything that running needs; the house holds the company's policy, or refuses all AI services.

    Why it does is in `reloader.error` and `reloader.health`. Raises `DetectorError` where a model, a rule or an index
    that the settings or the policy name cannot be loaded.
    """
    detecting = detecting_of(settings)
    try:
        build = builder_of(settings, detecting)
        closed = build(CLOSED)
        ledger, trail = with_trail(ledger_of(settings), settings)
    except BaseException:
        detecting.close()
        raise
    house = house_of(settings, ledger, closed)
    portal = house.portal = portal_of(settings, house)
    detecting.hear(Teller(settings.state, ledger.audit, ledger.node, house.clock))
    if trail is not None:
        trail.policy, trail.tell = lambda: house.street.policy.label, teller_of(house)
    tell = teller(settings.state, ledger.audit, ledger.node, house.clock, lambda: house.fleet)
    house.fleet = Fleet(settings.internal, house.clock, tell)
    path, own = settings.policy or SHIPPED_POLICY, detecting.own_entities
    reloader = Reloader(house, path, build, settings.state, own, followed_by(settings, ledger))
    try:
        reloader.start()
        canaries = watch_of(settings, house)
    except (DetectorError, SettingsError):
        detecting.close()
        ledger.audit.close()
        ledger.store.close()
        raise
    cafile = trusted_upstreams(settings.state, settings.upstream_ca)
    chores = (ledger.store.purge, ledger.safe.forget, ledger.vault.trim)
    courier = Courier(portal, ledger.audit, ledger.node, settings.notify, house.clock, cafile, chores, ledger.clock)
    watcher = watcher_of(settings, house, lambda: write_states(settings.state, house.fleet))
    return Works(house, reloader, courier, watcher, detecting, trail, canaries)


def services_named(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return the services that a grant can be for, with what each is called; also the one that nobody listed."""
    return {**catalogue.names, NOBODYS.id: NOBODYS.called}


def portal_of(settings: Settings, house: House) -> Portal:
    """Return the workflow of a house; it asks the policy that is in force whenever it is asked."""

    def rulebook() -> Rulebook:
        street = house.street
        return rulebook_of(street.policy, services_named(street.catalogue), settings.identity.roster)

    return Portal(house.ledger.store, house.ledger.signer, rulebook, house.entropy, settings.notify.channels)
