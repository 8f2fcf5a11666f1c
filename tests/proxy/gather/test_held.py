"""Stretches of files that wait for their end: in order, within bounds, and not for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Overloaded, TooLarge
from proxy.gather.held import ENTRY, FILES, FILES_OF_ONE, LASTS, MANY, MANY_OF_ONE, Held
from proxy.gather.stretch import Stretch

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
MOST = 1 << 15


def stretch(start: int, body: bytes, total: int = 0, *, last: bool = False) -> Stretch:
    return Stretch("google", start, len(body), total, last)


def take(held: Held, start: int, body: bytes, name: str = "a", person: str = "p", at: datetime = NOW) -> bool:
    return held.take((name,), person, stretch(start, body), body, MOST, at)


def end(held: Held, start: int, body: bytes, name: str = "a", at: datetime = NOW) -> bytes | None:
    return held.end((name,), stretch(start, body, last=True), body, MOST, at)


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


AGAIN = {
    "the first": (0, b"ab", True),
    "one between": (2, b"cd", True),
    "the last": (4, b"ef", True),
    "cut otherwise": (1, b"bcd", True),
    "the first with other bytes": (0, b"xy", False),
    "one between with other bytes": (2, b"cx", False),
    "the last with other bytes": (4, b"xf", False),
    "one that goes on from other bytes": (4, b"xfgh", False),
    "one that leaves a gap": (7, b"h", False),
}


@pytest.mark.parametrize(("start", "body", "taken"), AGAIN.values(), ids=AGAIN.keys())
def test_a_stretch_that_comes_again_is_taken_if_its_bytes_are_the_same_and_what_is_held_stays(
    start: int, body: bytes, taken: bool
) -> None:
    held = Held()
    for at, piece in enumerate((b"ab", b"cd", b"ef")):
        assert take(held, at * 2, piece)
    assert take(held, start, body) is taken
    assert end(held, 6, b"g") == b"abcdefg", "nothing is lost"


def test_a_file_begun_again_in_longer_stretches_goes_on() -> None:
    held = Held()
    assert take(held, 0, b"abc") and take(held, 0, b"abcde")
    assert end(held, 4, b"ef") == b"abcdef"
    assert end(held, 0, b"abc") is None, "a file does not end before its end"


def test_a_file_begun_anew_where_one_has_ended_forgets_what_was() -> None:
    held = Held()
    assert take(held, 0, b"abc") and end(held, 3, b"d") == b"abcd"
    assert take(held, 0, b"xy")
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
        held.take(("a",), "p", stretch(0, b"x", MOST + 1), b"x", MOST, NOW)
    assert take(held, 0, b"x" * MOST)
    with pytest.raises(TooLarge):
        take(held, MOST, b"x")
    with pytest.raises(TooLarge):
        end(held, MOST, b"x")


def test_there_is_room_for_so_many_of_one_person_and_of_all_and_files_that_went_on_make_way() -> None:
    held, full = Held(), b"x" * (MOST - 2 * ENTRY)
    for number in range(FILES_OF_ONE):
        assert take(held, 0, full, f"mine {number}", "me")
    with pytest.raises(Overloaded):
        take(held, 0, b"x" * 3 * ENTRY, "one more", "me")
    for number in range(FILES - FILES_OF_ONE):
        assert take(held, 0, full, f"theirs {number}", f"person {number}")
    with pytest.raises(Overloaded):
        take(held, 0, b"x" * 9 * ENTRY, "one more", "somebody")
    assert end(held, len(full), b"", "mine 0") == full
    assert take(held, 0, b"x" * 9 * ENTRY, "one more", "me") and ("mine 0",) not in held.files


def test_there_is_an_end_to_the_files_of_one_person_and_of_all_however_small_they_are() -> None:
    held = Held()
    for number in range(MANY):
        assert held.take((f"{number}",), f"{number // MANY_OF_ONE}", stretch(0, b"x"), b"x", 1 << 30, NOW)
    for person in ("0", "somebody"):
        with pytest.raises(Overloaded):
            held.take(("one more",), person, stretch(0, b"x"), b"x", 1 << 30, NOW)
    assert len(held.files) == MANY
    held.end(("0",), stretch(1, b"y", last=True), b"y", MOST, NOW)
    assert held.take(("one more",), "0", stretch(0, b"x"), b"x", 1 << 30, NOW), "one that went on makes way"


def test_a_persons_files_do_not_make_those_of_others_go_where_there_is_room_for_all() -> None:
    held = Held()
    assert take(held, 0, b"x", "other", "other") and end(held, 1, b"y", "other") == b"xy"
    for number in range(MANY_OF_ONE):
        assert take(held, 0, b"x", f"{number}", "me")
    with pytest.raises(Overloaded):
        take(held, 0, b"x", "one more", "me")
    assert end(held, 1, b"y", "other") == b"xy"


def test_the_name_of_a_file_takes_room_too() -> None:
    with pytest.raises(Overloaded):
        take(Held(), 0, b"x", "n" * (FILES_OF_ONE * MOST))


def test_a_file_for_whose_next_stretch_there_is_no_room_goes_on_when_there_is() -> None:
    held, much = Held(), b"x" * (MOST - 2 * ENTRY)
    assert take(held, 0, b"ab") and take(held, 0, much, "b") and take(held, 0, b"y" * ENTRY, "c")
    with pytest.raises(Overloaded):
        take(held, 2, much)
    held.cancel(("b",))
    assert take(held, 2, much) and end(held, 2 + len(much), b"z") == b"ab" + much + b"z"


@given(st.lists(st.tuples(st.sampled_from("tecf"), st.sampled_from("abc"), st.integers(0, 3), st.binary(max_size=3))))
def test_what_is_counted_is_what_is_held(steps: list[tuple[str, str, int, bytes]]) -> None:
    held, at = Held(), NOW
    for step, name, start, body in steps:
        if step == "t":
            take(held, start, body, name, "ab"[name == "c"], at)
        elif step == "e":
            end(held, start, body, name, at)
        elif step == "c":
            held.cancel((name,))
        else:
            at += LASTS / 2
            held.forget(at)
        files = held.files.values()
        assert held.size == sum(file.entry + len(file.content) for file in files) == held.sizes.total()
        assert held.many.total() == len(files) and held.many.keys() == {file.person for file in files}
        assert held.ended.keys() <= held.files.keys()
        assert [file.seen for file in files] == sorted(file.seen for file in files), "the oldest is in front"


def test_what_is_held_is_forgotten_without_another_upload() -> None:
    held = Held()
    assert take(held, 0, b"abc")
    assert not held.forget(NOW + LASTS)
    assert held.forget(NOW + LASTS + timedelta(seconds=1)) and not held.files and held.size == 0


def test_nothing_of_a_file_is_in_its_repr() -> None:
    held = Held()
    take(held, 0, b"confidential")
    assert "confidential" not in repr(held) + repr(held.files)
