"""The file that says up to which record a log has gone to a SIEM. This room does I/O.

Enters: a place in the log. Leaves: the same place after a restart. Written whole or not at all; one that cannot be read
is an error, for to begin anew unasked would send everything twice.
"""

import os
from dataclasses import asdict
from pathlib import Path

import orjson

from proxy.errors import SettingsError, StoreError
from proxy.siem.follow import Place


class Mark:
    """Where one left off; without a path it lasts as long as the process."""

    def __init__(self, path: Path | None) -> None:
        """Take the file, which need not be there yet."""
        self.path = path

    def load(self) -> Place | None:
        """Return the place that was kept, or None at the first start; raises `SettingsError`."""
        if self.path is None:
            return None
        try:
            told = orjson.loads(self.path.read_bytes())
            place = Place(**told)
            good = (
                set(told) == set(Place.__slots__)
                and all(type(one) is int for one in (place.seq, place.start, place.end))
                and isinstance(place.hash, str)
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            good = False
        if not good:
            raise SettingsError(
                f"{self.path}: does not say where the export left off; delete it, and say it with --after",
                f"{self.path}：没有记下导出到哪一条；请删除它，并用 --after 说明",
            )
        return place

    def keep(self, place: Place) -> None:
        """Keep a place for good; raises `StoreError`."""
        if self.path is None:
            return
        partial = self.path.with_name(f"{self.path.name}.partial")
        try:
            with partial.open("wb") as file:
                file.write(orjson.dumps(asdict(place)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be written: {error.strerror}") from None
