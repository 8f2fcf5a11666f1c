"""What the administrator sets: frozen values, read once at the start by `proxy.settings.read`.

Past that file there is no environment and no dictionary of options. Values only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from proxy.caller import IdentitySources
from proxy.canary.judge import Canaries
from proxy.documents.document import Limits as FileLimits
from proxy.identity.interface import DirectorySource, Front, Tickets
from proxy.internal.models import InternalModels
from proxy.observe.spans import Tracing
from proxy.overload.admission import Admission
from proxy.overload.doorkeeper import Connections
from proxy.reach import Reach
from proxy.refusals.front_door import FrontDoor
from proxy.rollout.pac import Pac
from proxy.settings.detection import Detection
from proxy.store.address import Access
from proxy.tenants import Tenants
from proxy.trail.interface import Checkpoints
from proxy.wire.body import Limits
from proxy.workers.interface import Workers
from proxy.workflow.notify import Notify

type Address = tuple[str, int]
"""Host and port."""

type Language = Literal["zh", "en", "both"]

LOOKING: Final = 0.9
"""The share of `scan_seconds` after which nothing is looked for any more: what is left is for policy."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of `sluice.yaml` with the environment's overrides, checked and typed."""

    listen: Address = ("127.0.0.1", 8080)
    """Where clients connect; port 0 takes any free one."""
    mode: str = "regular"
    """A mitmproxy mode, handed on as it is: `regular`, `transparent`, `socks5`, `wireguard`, `upstream:http://…`."""
    upstream_auth: str = field(default="", repr=False)
    """`user:password` for the upstream proxy of mode `upstream`, out of an environment variable or a file."""
    policy: Path | None = None
    """The company's policy; `None` takes the one shipped as `default.yaml`."""
    policy_from: Literal["file", "store"] = "file"
    """Whether this node takes its own file, or what is published to all nodes of its store, once something is."""
    state: Path = Path("state")
    """Directory of the certificate authority, the keys, and by default of store and audit log."""
    store: str = "sqlite:///sluice.db"
    redis: Access = field(default_factory=Access)
    """What it takes to be let into the store, where that is Redis."""
    audit: str = "audit.jsonl"
    """File of the audit log, relative to `state`; `-` for standard output."""
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    """When the audit log is signed, and who outside is told."""
    internal: InternalModels | None = None
    """The company's own models."""
    identity: IdentitySources = field(default_factory=IdentitySources)
    proxy_login: Path | None = None
    """An htpasswd file; when set, every client must log in to the proxy."""
    directory: DirectorySource | None = None
    """The company's directory: passwords, and the groups of whoever is named."""
    tickets: Tickets | None = None
    """Kerberos; when set, every client must log in to the proxy."""
    front: Front = field(default_factory=Front)
    """Balancers before the proxy that say who connects to them."""
    limits: Limits = field(default_factory=Limits)
    detection: Detection = field(default_factory=Detection)
    documents: FileLimits = field(default_factory=FileLimits)
    """How much of the files in requests is read."""
    admission: Admission = field(default_factory=Admission)
    """How much is read at once, and how much may wait."""
    connections: Connections = field(default_factory=Connections)
    """How many connections clients may hold, and how long they may be silent."""
    scan_seconds: float = 20.0
    """Longest time that reading and searching one request may take before it is refused."""
    keep_originals_days: int = 30
    """How long the vault can put originals back after they were last seen."""
    most_originals_per_person: int = 20_000
    """How many values the vault keeps of one person; the oldest go first."""
    most_originals: int = 2_000_000
    """How many it keeps of all."""
    keep_conversations_days: int = 30
    """How long a conversation of a chat page that the company's model holds stays after its last turn; 0 keeps none."""
    auditor_keys: tuple[str, ...] = ()
    """Public keys, in the age format, to which copies for the auditor are encrypted; any one of them opens."""
    keep_sealed_days: int = 180
    """How long those copies stay."""
    resolve: Mapping[Address, Address] = field(default_factory=dict)
    """Other addresses for hosts, as curl's `--resolve`."""
    reach: Reach = field(default_factory=Reach)
    """Addresses and hosts that clients may be connected to although they are inside."""
    upstream_ca: Path | None = None
    """Certificates trusted towards upstreams besides the public ones."""
    tunnel: frozenset[str] = frozenset()
    """Catalogue hosts that are not opened after all (pinned applications); nothing of them is inspected."""
    inspect: frozenset[str] = frozenset()
    """Hosts outside the catalogue that are opened, with all below them, to find AI services that nobody listed."""
    accounts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids of the company's own accounts, by service."""
    tenants: Tenants = field(default_factory=Tenants)
    """Which accounts of which services may be used, as those services are told."""
    services: tuple[object, ...] = ()
    """The company's own entries of the catalogue, checked, as plain values."""
    language: Language = "both"
    """Language of messages to clients that name none."""
    contact: str = ""
    """Whom an employee may ask; shown in refusals."""
    front_door: FrontDoor = field(default_factory=FrontDoor)
    """Where a person is sent who opens a forbidden page."""
    notify: Notify = field(default_factory=Notify)
    """Who is told of the steps of the authorization workflow, and how."""
    canary: Canaries = field(default_factory=Canaries)
    """Which services are proven to be filtered, and how often."""
    admin: Address | None = None
    """Where health and metrics are shown; nowhere without it."""
    pac: Pac | None = None
    """Where clients get their PAC file; nowhere without it."""
    tracing: Tracing = field(default_factory=Tracing)
    """Where spans of exchanges are sent."""
    private_files: tuple[Path, ...] = ()
    """Files named here out of which a password, a key or a token was read."""
    digest: str = ""
    """What tells one text of the settings from another: the beginning of its SHA-256; empty for the defaults."""
    workers: Workers = field(default_factory=Workers)
    """How many processes serve clients, and how one leaves."""
    log_level: str = "info"
    node: str = ""
    """Name of this proxy in records; the host's name by default."""
