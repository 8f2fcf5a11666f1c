"""Where an export left off: kept whole, and never guessed."""

from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.siem.follow import Place
from proxy.siem.mark import Mark

PLACE = Place(7, "ab", 100, 200)


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "sent.json"
    assert Mark(path).load() is None
    Mark(path).keep(PLACE)
    assert Mark(path).load() == PLACE and [one.name for one in tmp_path.iterdir()] == ["sent.json"]


def test_without_a_file_nothing_is_kept() -> None:
    made = Mark(None)
    made.keep(PLACE)
    assert made.load() is None


BROKEN = (b"", b"{", b"[]", b"{}", b"7", b'{"seq":"7","hash":"","start":0,"end":0}', b'{"seq":7,"more":1}', b"\xff")


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_does_not_say_it_is_told_and_not_begun_anew(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "sent.json"
    path.write_bytes(text)
    with pytest.raises(SettingsError, match="does not say where the export left off; delete it, and say it with --aft"):
        Mark(path).load()
