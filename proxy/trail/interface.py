"""The nouns of the trail: when its checkpoints are signed, and who outside is told of them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

type Kind = Literal["file", "url", "syslog"]
KINDS: Final[tuple[Kind, ...]] = ("file", "url", "syslog")
SCHEMES: Final = {"url": ("https", "http"), "syslog": ("tls", "tcp", "udp")}


@dataclass(frozen=True, slots=True)
class Outside:
    """A witness: somebody who keeps checkpoints where whoever holds the log cannot change them."""

    kind: Kind
    address: str
    """A path, or an address such as `https://collector.example/checkpoints` or `tls://siem.example:6514`."""
    token: str = field(default="", repr=False)
    """Sent to a `url` as a bearer token."""
    required: bool = False
    """Whether nothing goes out to a service while it is away."""

    @property
    def name(self) -> str:
        """What it is called in events: never more than scheme, host and path, for a query may hold a secret."""
        bare = self.address.partition("?")[0]
        scheme, separator, rest = bare.partition("://")
        return f"{scheme}{separator}{rest.rpartition('@')[2]}"


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """When checkpoints are signed, and who is told."""

    every: timedelta = timedelta(minutes=1)
    """Longest time after a record until one is signed over it."""
    records: int = 1000
    """Most records without one."""
    patience: timedelta = timedelta(minutes=10)
    """How long a witness may be away until the alarm is raised; where it is required, until nothing goes out."""
    witnesses: tuple[Outside, ...] = ()
