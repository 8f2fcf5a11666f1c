"""The release of the policy that all nodes follow, and what they say of themselves, in the embedded store.

See `proxy.publish.release` for what goes in and out. Nobody announces here: one node looks by itself.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import orjson

from proxy.errors import UnreadableRecord
from proxy.publish.release import Release, Standing
from proxy.store.database import Database
from proxy.store.plain import document, millis

SILENT_FOR: Final = timedelta(days=7)
"""A node that has said nothing for so long is forgotten."""
UNREADABLE: Final = "the store holds a release of the policy that cannot be read; publish it again"


class ReleaseTables(Database):
    """The part of the store that nodes follow."""

    def put_release(self, release: Release, was: int) -> bool:
        """See `Board.put_release`."""
        told = document(release.fields())
        with self.writing() as base:
            held = base.execute("SELECT number, fields FROM releases").fetchone() or (0, "")
            if held == (release.number, told):
                return True
            if held[0] != was:
                return False
            base.execute("DELETE FROM releases")
            base.execute("INSERT INTO releases VALUES (?, ?)", (release.number, told))
            return True

    def get_release(self) -> Release | None:
        """See `Board.get_release`."""
        found = self.rows("SELECT fields FROM releases")
        try:
            return Release.from_fields(orjson.loads(found[0][0])) if found else None
        except ValueError as error:
            raise UnreadableRecord(UNREADABLE) from error

    def release_number(self) -> int:
        """See `Board.release_number`."""
        found = self.rows("SELECT number FROM releases")
        return int(found[0][0]) if found else 0

    def hear(self, _heard: Callable[[], None]) -> Callable[[], bool]:
        """See `Board.hear`."""
        return lambda: False

    def stand(self, standing: Standing) -> None:
        """See `Board.stand`."""
        row = (standing.node, millis(standing.at), document(standing.fields()))
        with self.writing() as base:
            base.execute("INSERT OR REPLACE INTO standings VALUES (?, ?, ?)", row)
            base.execute("DELETE FROM standings WHERE at <= ?", (millis(standing.at - SILENT_FOR),))

    def standings(self) -> Mapping[str, Standing]:
        """See `Board.standings`."""
        found = self.rows("SELECT node, fields FROM standings ORDER BY node")
        try:
            return {node: Standing.from_fields(orjson.loads(told)) for node, told in found}
        except ValueError as error:
            raise UnreadableRecord(UNREADABLE) from error
