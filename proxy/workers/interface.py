"""What the supervisor and its workers are told of, and what they say of themselves. Nouns."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from proxy.errors import SettingsError

type Condition = Literal["starting", "ready", "leaving", "gone"]
"""How a worker stands: it loads, it serves, it serves only what it had begun, it has ended."""


@dataclass(frozen=True, slots=True)
class Workers:
    """The section `workers` of the settings."""

    count: int = 0
    """Processes that serve clients; 0 serves them in the one process that does everything."""
    drain_seconds: float = 300.0
    """How long one that leaves may go on with what it had begun."""
    websocket_seconds: float = 30.0
    """After so long of that, WebSockets are told to come again."""


@dataclass(frozen=True, slots=True)
class Source:
    """The settings as they were read, so that every worker has the same, whenever it starts."""

    text: str
    name: str
    """The file's, for messages."""
    directory: Path
    """What relative paths are below."""


class WorkerFailed(SettingsError):
    """A worker did not become ready; says why, in words of ours."""
