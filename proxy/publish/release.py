"""What is published: one version of the policy, whole, for every node; and what a node says of itself. Pure.

Enters: the texts of a policy, packed, with who published it and when. Leaves: the same with a number and a tag that
only the house's own key makes. A release whose tag does not hold must never be put in force: who can write into the
store cannot write policy. Nouns, and the part of the store that keeps them.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from proxy.store.plain import document
from proxy.workflow.permission import PolicyVersion, instant, text

FORM: Final = "sluice release 1"


@dataclass(frozen=True, slots=True)
class Release:
    """A version that all nodes put in force."""

    number: int
    """Each one is higher than the one before; a node never goes back to a lower one."""
    version: PolicyVersion
    passed: tuple[str, ...] = ()
    """Labels of the versions that somebody left behind by going back; empty where they went on."""
    tag: str = ""

    def told(self) -> bytes:
        """Return all that the tag stands for."""
        return document({**self.fields(), "tag": "", "form": FORM}).encode()

    def fields(self) -> dict[str, Any]:
        """Return it as plain values."""
        told = {**asdict(self.version), "at": self.version.at.isoformat()}
        return {"number": self.number, "version": told, "passed": list(self.passed), "tag": self.tag}

    @classmethod
    def from_fields(cls, told: Any) -> "Release":
        """Return what `fields` says; raises `ValueError`."""
        try:
            kept = told["version"]
            id, digest, source, by = (text(kept[name]) for name in ("id", "digest", "source", "by"))
            version = PolicyVersion(id, digest, source, instant(kept["at"]), by)
            return cls(int(told["number"]), version, tuple(map(text, told["passed"])), text(told["tag"]))
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError("a kept release is not whole") from error


@dataclass(frozen=True, slots=True)
class Standing:
    """What a node last said of itself."""

    node: str
    at: datetime
    number: int
    """Of the release that it enforces; 0 where it takes its own file."""
    policy: str
    """Label of the version that it enforces."""
    rejected: tuple[str, ...] = ()
    """Places of what is wrong with a release that it does not put in force."""
    seen: int = 0
    """Number of the latest release that it has taken up, put in force or not."""
    sluice: str = ""
    """Version of Sluice that it runs; empty for one that does not say so yet."""

    def fields(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "at": self.at.isoformat(), "rejected": list(self.rejected)}

    @classmethod
    def from_fields(cls, told: Any) -> "Standing":
        """Return what `fields` says; raises `ValueError`."""
        try:
            node, at, number, policy = (
                text(told["node"]),
                instant(told["at"]),
                int(told["number"]),
                text(told["policy"]),
            )
            rejected, seen = tuple(map(text, told["rejected"])), int(told["seen"])
            return cls(node, at, number, policy, rejected, seen, text(told.get("sluice", "")))
        except (AttributeError, KeyError, TypeError, OverflowError) as error:
            raise ValueError("a kept standing is not whole") from error


class Board(Protocol):
    """The part of the store that all nodes look at; raises `StoreError` as all of it does."""

    def put_release(self, release: Release, was: int) -> bool:
        """Keep it in the place of number `was` (0 for none), and announce it; returns whether that was there."""
        ...

    def get_release(self) -> Release | None:
        """Return the latest; whether its tag holds is asked elsewhere. `UnreadableRecord` where it does not open."""
        ...

    def release_number(self) -> int:
        """Return the number of the one that is kept, 0 for none: the quick way to see that nothing is new."""
        ...

    def hear(self, heard: Callable[[], None]) -> Callable[[], bool]:
        """Call `heard`, in a thread of the store, when a release is announced and whenever one may have been missed.

        Returns what tells whether announcements come at the moment; never, where nobody announces.
        """
        ...

    def stand(self, standing: Standing) -> None:
        """Keep what a node says of itself, and forget those that have said nothing for a week."""
        ...

    def standings(self) -> Mapping[str, Standing]:
        """Return what each node last said, by its name."""
        ...
