"""The sections `admission` and `connections`: each key is read, and each mistake told with its place."""

from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.overload.admission import Admission
from proxy.overload.doorkeeper import Connections
from proxy.settings.read import parse_settings

RIGHT = {
    "at_once": ("admission: {at_once: 3, person_at_once: 2}", Admission(at_once=3, person_at_once=2)),
    "waiting": ("admission: {waiting: 30, person_waiting: 4}", Admission(waiting=30, person_waiting=4)),
    "one person's alone": ("admission: {person_waiting: 4}", Admission(person_waiting=4)),
    "bytes": (
        "admission: {waiting_bytes: 1GiB, person_waiting_bytes: 64MiB}",
        Admission(waiting_bytes=1 << 30, person_waiting_bytes=64 << 20),
    ),
    "seconds": ("admission: {wait_seconds: 2.5, retry_seconds: 30}", Admission(wait_seconds=2.5, retry_seconds=30)),
    "connections": ("connections: {total: 500, address: 50}", Connections(total=500, address=50)),
    "slowness": (
        "connections: {head_seconds: 1, body_idle_seconds: 2, body_seconds: 3, idle_seconds: 4, stalled_seconds: 5}",
        Connections(0, 0, 1.0, 2.0, 3.0, 4.0, 5.0),
    ),
}


@pytest.mark.parametrize(("text", "wanted"), RIGHT.values(), ids=RIGHT)
def test_what_is_written_is_read(text: str, wanted: object) -> None:
    settings = parse_settings(text, "s.yaml", Path(), {})
    assert wanted in (settings.admission, settings.connections)


WRONG = {
    "none at once": ("admission: {at_once: 0}", "1:22: a whole number from 1"),
    "no time": ("admission: {wait_seconds: 0}", "1:27: a number above zero"),
    "no size": ("admission: {waiting_bytes: many}", "1:28: a size is expected"),
    "more for one than for all": ("admission: {at_once: 2, person_at_once: 3}", "`person_at_once` is more than"),
    "more bytes": ("admission: {waiting_bytes: 1MiB, person_waiting_bytes: 2MiB}", "`person_waiting_bytes` is more"),
    "another key": ("connections: {totals: 5}", "total"),
    "no head": ("connections: {head_seconds: soon}", "1:29: a number above zero"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings(text, "s.yaml", Path(), {})
    assert told in str(error.value)
