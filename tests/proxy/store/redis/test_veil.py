"""Redis sees names and records closed; what was moved or changed there does not open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import StoreError
from proxy.store.redis.veil import BUCKETS, Veil, bucket

VEIL = Veil(b"k" * 32)


@given(st.text())
def test_a_name_comes_back_and_is_always_called_the_same(name):
    closed = VEIL.name(name)
    assert VEIL.told(closed.encode("ascii")) == name
    assert closed == Veil(b"k" * 32).name(name) != Veil(b"x" * 32).name(name)
    assert closed.isascii() and not set(closed) & set("{}: ")
    assert 0 <= bucket(closed) < BUCKETS


@given(st.recursive(st.text() | st.integers(-(2**53), 2**53) | st.none(), st.lists), st.text())
def test_a_record_opens_at_its_place_alone(fields, place):
    data = VEIL.close(fields, "g", place)
    assert VEIL.open(data, "g", place) == fields
    assert data == VEIL.close(fields, "g", place), "Redis compares what it cannot read"
    for other in (("r", place), ("g", f"{place}x"), ("g",)):
        with pytest.raises(StoreError, match="cannot be read; restore it"):
            VEIL.open(data, *other)


@pytest.mark.parametrize("change", [b"", b"\0" * 40, b"SECRET"])
def test_what_was_changed_is_never_passed_over(change):
    for read in (lambda: VEIL.open(change, "g"), lambda: VEIL.told(change)):
        with pytest.raises(StoreError, match="cannot be read; restore it") as caught:
            read()
        assert "SECRET" not in str(caught.value)


def test_no_key_is_shown():
    assert repr(VEIL) == "Veil()"


def test_what_is_no_plain_value_is_not_kept():
    with pytest.raises(TypeError):
        VEIL.close({"what": object()}, "e")
