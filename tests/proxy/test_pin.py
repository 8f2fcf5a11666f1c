"""A pin is kept whole or not at all, and what cannot be read is none."""

from pathlib import Path

import pytest

from proxy.pin import FILE, Pin, drop_pin, read_pin, set_pin

PIN = Pin("3@9f86d081884c", "ab12", "张敏", ("4@x",), closed=True, before=Pin("2@a", "d", "b"))


def test_a_pin_is_read_as_it_was_set_until_it_is_dropped(tmp_path: Path) -> None:
    assert read_pin(tmp_path) is None
    set_pin(tmp_path, PIN)
    assert read_pin(tmp_path) == PIN
    drop_pin(tmp_path)
    drop_pin(tmp_path)
    assert read_pin(tmp_path) is None


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"id": "x"}', b"\xff"])
def test_a_pin_that_cannot_be_read_is_none(tmp_path: Path, text: bytes) -> None:
    (tmp_path / FILE).write_bytes(text)
    assert read_pin(tmp_path) is None
