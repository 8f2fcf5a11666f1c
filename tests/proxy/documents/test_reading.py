"""No limit is passed by more than a piece."""

import io
from collections.abc import Callable

import pytest

from proxy.documents.document import Document, Limits, sealed
from proxy.documents.reading import CHUNK, FREE, Reading, Unread


def nothing(data: bytes, _name: str, _reading: Reading) -> Document:
    return Document("text", data)


def counting(limits: Limits, clock: Callable[[], float] = lambda: 0.0) -> Reading:
    return Reading(limits, clock, nothing)


class Bomb(io.BytesIO):
    """A file that never ends."""

    given = 0

    def read(self, size: int | None = -1) -> bytes:
        self.given += size or 0
        return b"\0" * (size or 0)


@pytest.mark.parametrize(
    ("limits", "packed", "most"),
    [
        (Limits(expansion=10), FREE, 10 * FREE),
        (Limits(expansion=10), 1, FREE),
        (Limits(unpacked=3 * FREE, expansion=10), FREE, 3 * FREE),
        (Limits(size=FREE, expansion=1000), FREE, 4 * FREE),
    ],
)
def test_a_bomb_is_unpacked_up_to_the_limit(limits: Limits, packed: int, most: int):
    bomb = Bomb()
    with pytest.raises(Unread) as caught:
        counting(limits).unpack(bomb, packed)
    assert caught.value.reason == "too_large"
    assert bomb.given <= most + CHUNK


def test_members_count_together():
    reading = counting(Limits(unpacked=100))
    assert reading.unpack(io.BytesIO(b"a" * 60), 60) == b"a" * 60
    with pytest.raises(Unread, match="too_large"):
        reading.unpack(io.BytesIO(b"a" * 60), 60)


def test_files_within_files_end_at_the_depth():
    def opener(data: bytes, name: str, reading: Reading) -> Document:
        inner = reading.within(data, name)
        return inner if inner.opaque else sealed("text", data, "unknown")

    document = Reading(Limits(depth=3), lambda: 0.0, opener).within(b"x", "")
    assert [one.reason for one in document.opaque] == ["too_deep"]


def test_the_time_that_is_allowed_is_all_there_is():
    now = [0.0]
    reading = counting(Limits(seconds=5), lambda: now[0])
    reading.file()
    now[0] = 5.1
    for step in (reading.file, reading.picture, reading.wait, lambda: reading.text(1)):
        with pytest.raises(Unread, match="too_slow"):
            step()


@pytest.mark.parametrize(
    ("limits", "step", "reason"),
    [
        (Limits(files=2), Reading.file, "too_many_files"),
        (Limits(pictures=2), Reading.picture, "too_many_pages"),
        (Limits(characters=2), lambda reading: reading.text(1), "too_large"),
    ],
)
def test_each_count_has_an_end(limits: Limits, step: Callable[[Reading], None], reason: str):
    reading = counting(limits)
    step(reading)
    step(reading)
    with pytest.raises(Unread, match=reason):
        step(reading)
