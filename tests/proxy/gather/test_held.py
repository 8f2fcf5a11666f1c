"""Stretches of files that wait for their end: in order, within bounds, and not for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Overloaded, TooLarge
from proxy.gather.held import FILES, FILES_OF_ONE, LASTS, Held
from proxy.gather.stretch import Stretch

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
MOST = 100


def stretch(start: int, body: bytes, total: int = 0, *, last: bool = False) -> Stretch:
    return Stretch("google", start, len(body), total, last)


def take(held: Held, start: int, body: bytes, name: str = "a", person: str = "p", at: datetime = NOW) -> bool:
    return held.take(name, person, stretch(start, body), body, MOST, at)


def end(held: Held, start: int, body: bytes, name: str = "a", at: datetime = NOW) -> bytes | None:
    return held.end(name, stretch(start, body, last=True), body, MOST, at)


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=2, max_size=9), st.data())
def test_a_file_is_what_its_stretches_were_however_often_one_comes(pieces: list[bytes], data: st.DataObject) -> None:
    held, at = Held(), 0
    for piece in pieces[:-1]:
        for _ in range(data.draw(st.integers(1, 2))):
            assert take(held, at, piece)
        at += len(piece)
    for _ in range(data.draw(st.integers(1, 2))):
        assert end(held, at, pieces[-1]) == b"".join(pieces), "also where the end comes once more"


ODD = {
    "nothing before it": [],
    "a gap": [(0, b"ab")],
    "an overlap": [(0, b"abcdef")],
}


@pytest.mark.parametrize("before", ODD.values(), ids=ODD.keys())
def test_what_does_not_go_on_where_the_file_ends_ends_no_file(before: list[tuple[int, bytes]]) -> None:
    held = Held()
    for start, body in before:
        assert take(held, start, body)
    assert end(held, 4, b"x") is None
    assert not take(held, 4, b"x") and end(held, 5, b"x") is None, "nor later"


def test_a_stretch_that_comes_again_with_other_bytes_is_no_repetition() -> None:
    held = Held()
    assert take(held, 0, b"ab") and take(held, 2, b"cd")
    assert not take(held, 2, b"xy") and end(held, 4, b"e") is None


def test_a_file_begun_anew_forgets_what_was() -> None:
    held = Held()
    assert take(held, 0, b"abc") and take(held, 0, b"xy")
    assert end(held, 2, b"z") == b"xyz"


def test_one_uploads_bytes_are_not_anothers() -> None:
    held = Held()
    assert take(held, 0, b"abc", "a") and take(held, 0, b"xyz", "b")
    assert end(held, 3, b"!", "a") == b"abc!"


def test_what_is_waited_for_too_long_is_forgotten() -> None:
    held, late = Held(), NOW + LASTS + timedelta(seconds=1)
    assert take(held, 0, b"abc")
    assert end(held, 3, b"!", at=late) is None and held.files == {}


def test_no_file_is_longer_than_a_body_may_be() -> None:
    held = Held()
    with pytest.raises(TooLarge):
        held.take("a", "p", stretch(0, b"x", MOST + 1), b"x", MOST, NOW)
    assert take(held, 0, b"x" * MOST)
    with pytest.raises(TooLarge):
        take(held, MOST, b"x")
    with pytest.raises(TooLarge):
        end(held, MOST, b"x")


def test_there_is_room_for_so_many_of_one_person_and_of_all_and_files_that_went_on_make_way() -> None:
    held, full = Held(), b"x" * MOST
    for number in range(FILES_OF_ONE):
        assert take(held, 0, full, f"mine {number}", "me")
    with pytest.raises(Overloaded):
        take(held, 0, b"x", "one more", "me")
    for number in range(FILES - FILES_OF_ONE):
        assert take(held, 0, full, f"theirs {number}", f"person {number}")
    with pytest.raises(Overloaded):
        take(held, 0, b"x", "one more", "somebody")
    assert end(held, MOST, b"", "mine 0") == full
    assert take(held, 0, b"x", "one more", "me") and "mine 0" not in held.files


def test_nothing_of_a_file_is_in_its_repr() -> None:
    held = Held()
    take(held, 0, b"confidential")
    assert "confidential" not in repr(held) + repr(held.files)
