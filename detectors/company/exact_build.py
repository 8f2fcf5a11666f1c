"""Registers rows for exact data match: digests in sorted runs on disk, then one index of them all.

Enters: rows, one after the other, of any number. Leaves: the index. This room does I/O. After every run of rows what is
done is written down, so that a build that was cut off goes on from there and comes to the same index; a value is kept
nowhere, neither in the runs nor in what is written down.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.company.columns import Column, Digester, Kind, Learnt
from detectors.company.index_file import Writer
from detectors.company.keys import derive
from detectors.company.mixing import Mixer, Words, fill, filter_bits
from detectors.interface import DetectorError

BATCH: Final = 8_192
RUN: Final = 32 * BATCH
"""Rows after which what is done is written down."""
PART: Final = 1 << 22
"""Entries that are sorted in memory at a time when the runs are joined."""
MOST_ROWS: Final = (1 << 32) - 1
FORM: Final = "exact"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be registered, and how it is looked for."""

    name: str
    columns: tuple[Column, ...]
    source: Mapping[str, Any]
    """By what the source is known again; a build goes on only with the source it began with."""
    need: int = 2
    """Columns of one row that must stand near each other."""
    near: int = 300
    """How near, in characters."""
    stop: Collection[str] = field(default=(), repr=False)
    """Values that mean nothing in this company."""

    def as_json(self, key: bytes) -> dict[str, Any]:
        """Return it as plain values; of the stop list only a keyed digest."""
        columns = [[one.name, one.kind.value, one.alone] for one in self.columns]
        stop = hashlib.blake2b("\n".join(sorted(self.stop)).encode(), key=key, digest_size=16).hexdigest()
        told = {"name": self.name, "columns": columns, "need": self.need, "near": self.near, "stop": stop}
        return {**told, "source": dict(self.source)}


class ExactBuilder:
    """A build that is under way, in a folder of its own beside the index."""

    def __init__(self, folder: Path, plan: Plan, key: bytes, salt: bytes, created: str) -> None:
        """Take the folder of all indexes, the plan, their key, a fresh salt, and the instant.

        Where a build of the same plan was cut off, its salt and instant hold, and `rows` tells how many rows are done.
        """
        self._path, self._work = folder / f"{plan.name}.idx", folder / f"{plan.name}.building"
        self._plan, self._all, self._written = plan, key, plan.as_json(key)
        self.rows, self._runs = 0, 0
        self._salt, self._created = salt, created
        told = self._told_before()
        if told:
            self._salt, self._created = bytes.fromhex(told["salt"]), told["created"]
            self.rows, self._runs = told["rows"], told["runs"]
        else:
            shutil.rmtree(self._work, ignore_errors=True)
            self._work.mkdir(mode=0o700, parents=True)
        own = derive(key, self._salt, "digests")
        self._mixer = Mixer(own)
        self._digesters = [Digester(each, self._mixer, own, plan.stop) for each in plan.columns]
        for digester, learnt in zip(self._digesters, told.get("learnt", ()), strict=False):
            digester.learnt = Learnt.of_json(learnt)

    def build(self, rows: Iterable[Sequence[str]], progress: Callable[[int], None] = lambda _: None) -> None:
        """Take all rows that come after the first `self.rows`, in the order of the columns, and write the index."""
        waiting: list[list[tuple[NDArray[Any], Words, Words]]] = [[] for _ in self._digesters]
        left, source = RUN, iter(rows)
        while batch := list(islice(source, BATCH)):
            if self.rows + len(batch) > MOST_ROWS:
                raise DetectorError(
                    f"{self._plan.name}: more than {MOST_ROWS} rows; make several indexes of them",
                    f"{self._plan.name}：超过 {MOST_ROWS} 行；请分成几个索引",
                )
            for number, digester in enumerate(self._digesters):
                made = digester.digest([row[number] for row in batch])
                waiting[number].append(((made.rows + self.rows).astype(np.uint32), made.digests, made.mixed))
            self.rows += len(batch)
            left -= len(batch)
            if left <= 0:
                self._keep(waiting)
                waiting, left = [[] for _ in self._digesters], RUN
            progress(self.rows)
        self._keep(waiting)
        self._join()
        shutil.rmtree(self._work)

    def _told_before(self) -> dict[str, Any]:
        """Return what a build that was cut off had written down; nothing where it was another one."""
        try:
            told = json.loads((self._work / "state.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) and told.get("plan") == self._written else {}

    def _keep(self, waiting: list[list[tuple[NDArray[Any], Words, Words]]]) -> None:
        """Write a run, then what is done; a run that is cut off is written anew."""
        if not any(waiting):
            return
        for number, pieces in enumerate(waiting):
            rows, made, mixed = (np.concatenate(each) for each in zip(*pieces, strict=True))
            order = np.argsort(made, kind="stable")
            for what, array in (("digests", made[order]), ("rows", rows[order]), ("mixed", mixed)):
                _write(self._file(what, number, self._runs), array.tobytes())
        self._runs += 1
        told = {
            "plan": self._written,
            "salt": self._salt.hex(),
            "created": self._created,
            "rows": self.rows,
            "runs": self._runs,
            "learnt": [each.learnt.as_json() for each in self._digesters],
        }
        _write(self._work / "state.partial", json.dumps(told).encode())
        (self._work / "state.partial").replace(self._work / "state.json")

    def _join(self) -> None:
        """Write the index of all runs."""
        with Writer(self._path, self._all, self._salt) as writer:
            for number, digester in enumerate(self._digesters):
                spool = self._work / "rows.spool"
                with spool.open("wb") as rows:
                    writer.write(f"digests-{number}", np.zeros(0, np.uint64), *self._sorted(number, rows.write))
                writer.write(f"rows-{number}", np.fromfile(spool, np.uint32))
                mixed = (np.fromfile(self._file("mixed", number, run), np.uint64) for run in range(self._runs))
                writer.write(f"filter-{number}", fill(self._mixer, mixed, filter_bits(digester.learnt.values)))
            columns = [
                {"name": one.name, "kind": one.kind.value, "alone": one.alone, **digester.learnt.as_json()}
                for one, digester in zip(self._plan.columns, self._digesters, strict=True)
            ]
            writer.finish(
                {**self._written, "form": FORM, "created": self._created, "rows": self.rows, "columns": columns}
            )

    def _sorted(self, number: int, write_rows: Callable[[bytes], object]) -> Iterator[Words]:
        """Give all digests of a column in order, and hand on their rows; bounded in memory by parts of the range."""
        made = [np.memmap(path, np.uint64, "r") for path in self._filled("digests", number)]
        rows = [np.memmap(path, np.uint32, "r") for path in self._filled("rows", number)]
        parts = max(1, sum(map(len, made)) // PART)
        edges = [np.uint64((part << 64) // parts) for part in range(1, parts)]
        cuts = [[0, *np.searchsorted(each, edges).tolist(), len(each)] for each in made]
        for part in range(parts):
            here = [slice(cut[part], cut[part + 1]) for cut in cuts]
            joined = np.concatenate([np.zeros(0, np.uint64), *(a[s] for a, s in zip(made, here, strict=True))])
            beside = np.concatenate([np.zeros(0, np.uint32), *(a[s] for a, s in zip(rows, here, strict=True))])
            order = np.argsort(joined, kind="stable")  # so that the rows of one value stay in order
            write_rows(beside[order].tobytes())
            yield joined[order]

    def _filled(self, what: str, number: int) -> list[Path]:
        paths = (self._file(what, number, run) for run in range(self._runs))
        return [path for path in paths if path.stat().st_size]

    def _file(self, what: str, number: int, run: int) -> Path:
        return self._work / f"{what}-{number}-{run}"


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def column_of(written: str, alone: Collection[str] = ()) -> Column:
    """Return the column that `NAME:KIND` describes; raises `DetectorError`."""
    name, colon, kind = written.strip().rpartition(":")
    kinds = [each.value for each in Kind]
    if not colon or not name.strip() or kind.strip() not in kinds:
        raise DetectorError(
            f"column {written}: write it NAME:KIND; a kind is one of {', '.join(kinds)}",
            f"列 {written}：写法为 列名:类型；类型有 {'、'.join(kinds)}",
        )
    one = Column(name.strip(), Kind(kind.strip()), name.strip() in alone)
    if one.alone and one.kind in (Kind.NAME, Kind.TEXT, Kind.NUMBER):
        raise DetectorError(
            f"column {one.name}: of kind {one.kind} it never matches alone, for too many people share such values;"
            " take it out of --alone",
            f"列 {one.name}：类型 {one.kind} 不能单独匹配，因为同样的值很多人都有；请从 --alone 中去掉",
        )
    return one
