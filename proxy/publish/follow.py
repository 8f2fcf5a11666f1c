"""Which release this node follows: the latest that it has ever seen of its own house. This room does I/O.

Enters: the store, and this node's own copy of the last release. Leaves: the release to put in force, and what is wrong
with the one in the store. Redis may be away, may have lost it, or may have been written to by somebody else: then the
copy holds, also over a restart, and goes back into the store. A release with a lower number than one that was
followed, or with a tag that does not hold, is never followed.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import orjson
import structlog

from proxy.errors import StoreError, UnreadableRecord, unkept
from proxy.keys import put_whole
from proxy.publish.release import Board, Release, Standing
from proxy.workflow.signing import Signer

COPY: Final = "policy-release.json"
GOOD: Final = "policy-release-good.json"
"""The last one that this node has put in force, where it rejects a later one."""
SELDOM: Final = 5.0
"""Seconds between two looks while announcements come; otherwise each look of the reloader is one."""
WHOLE_EVERY: Final = 60.0
"""Seconds between two looks at the release itself where its number has not changed."""
TELLS_EVERY: Final = 20.0
"""Seconds after which a node says again how it stands, so that others know that it is there."""

LOG = structlog.get_logger("sluice")


class Followed:
    """Looks at the board; used by one thread."""

    def __init__(
        self, board: Board, signer: Signer, state: Path, node: str, *, follows: bool = True, seldom: float = SELDOM
    ) -> None:
        """Take what is looked at, and where the copy is kept; without `follows` it is only told how the node stands."""
        self.board, self.signer, self.state, self.node, self.follows = board, signer, state, node, follows
        self.release = read_copy(state, signer, COPY) if follows else None
        self.wrong = ""
        """What is wrong with the release in the store, as it was last seen."""
        self._known = False
        """Whether the store has ever answered."""
        self._seldom = seldom
        self._hears: Callable[[], bool] = lambda: False
        self._next = 0.0
        self._away = False
        self._whole = 0.0
        """When the release is read again, whatever its number says."""
        self._told: tuple[Standing, float] | None = None
        self._sluice = version("sluice")

    @property
    def unsure(self) -> str:
        """Return why nobody knows whether a release was published; nothing where that is known."""
        if not self.follows or self.release is not None:
            return ""
        return self.wrong or ("" if self._known else "the store has not said whether a policy was published")

    def hear(self, heard: Callable[[], None]) -> None:
        """Have `heard` called when a release is announced."""
        if self.follows:
            self._hears = self.board.hear(heard)

    def look(self, *, at_once: bool = False) -> Release | None:
        """Return the release to be in force; None where none was ever published, or none is followed."""
        if not self.follows or (time.monotonic() < self._next and not at_once):
            return self.release
        self._next = time.monotonic() + (self._seldom if self._hears() else 0)
        try:
            self._look()
            self._away, self._known = False, True
        except StoreError as error:
            if not self._away:
                LOG.warning(unkept(error, "the store cannot be asked for the policy"), exc_info=error)
            self._away = True
        return self.release

    def _look(self) -> None:
        number, held = self.board.release_number(), self.release.number if self.release else 0
        if number == held and not self.wrong and time.monotonic() < self._whole:
            return
        self._whole = time.monotonic() + WHOLE_EVERY
        try:
            found = self.board.get_release()
        except UnreadableRecord:
            found, self.wrong = None, f"release {number} in the store cannot be read"
        else:
            self.wrong = self._fault(found, held)
        if not self.wrong and found is not None and found.number > held:
            self.release = found
            write_copy(self.state, found, COPY)
        elif self.wrong and self.release is not None:
            LOG.error("the release in the store is put back", code=self.wrong)
            self.board.put_release(self.release, number)

    def _fault(self, found: Release | None, held: int) -> str:
        if found is None:
            return f"the store has lost release {held}" if held else ""
        if not self.signer.holds_release(found.told(), found.tag):
            return f"release {found.number} in the store was not published by this house"
        return f"the store went back from release {held} to {found.number}" if found.number < held else ""

    def good(self) -> Release | None:
        """Return the last release that this node has put in force."""
        return read_copy(self.state, self.signer, GOOD)

    def keep_good(self, release: Release) -> None:
        """Remember that a release is in force here."""
        write_copy(self.state, release, GOOD)

    def stand(self, number: int, policy: str, rejected: tuple[str, ...], now: datetime) -> None:
        """Say how this node stands, where that has changed or was long ago; a store that is away is told later."""
        seen = self.release.number if self.release else 0
        standing = Standing(self.node, now, number, policy, rejected, seen, self._sluice)
        if self._told is not None:
            before, at = self._told
            if replace(before, at=now) == standing and time.monotonic() < at + TELLS_EVERY:
                return
        try:
            self.board.stand(standing)
            self._told = standing, time.monotonic()
        except StoreError as error:
            LOG.debug("the store cannot be told how this node stands", exc_info=error)


def write_copy(state: Path, release: Release, name: str) -> None:
    """Keep a release for the next start; without it the node goes on all the same."""
    try:
        put_whole(state / name, orjson.dumps(release.fields()), 0o600)
    except OSError as error:
        LOG.error("the copy of the policy cannot be written", exc_info=error)


def read_copy(state: Path, signer: Signer, name: str = COPY) -> Release | None:
    """Return the release that this node has followed last; None where there is none, or it is not our house's."""
    try:
        found = Release.from_fields(orjson.loads((state / name).read_bytes()))
    except (OSError, ValueError):
        return None
    return found if signer.holds_release(found.told(), found.tag) else None
