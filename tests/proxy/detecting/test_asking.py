"""What an answer says of the work for it is believed only where it can be so."""

import math
from typing import Any

import pytest

from detectors.effort import Effort
from proxy.detecting.asking import say_effort, take_note
from proxy.detecting.frames import Garbled


def test_what_is_said_of_an_effort_is_added_to_that_of_whoever_asked() -> None:
    there, here = Effort(), Effort()
    there.add(1.5)
    there.short = True
    for _ in range(2):
        take_note(say_effort(there), here)
    assert (here.seconds, here.short, here.crowded) == (3.0, True, False)
    take_note({"crowded": True}, here)
    take_note({}, here)
    assert (here.seconds, here.short, here.crowded) == (3.0, True, True), "what was noted stays"


@pytest.mark.parametrize(
    "fields",
    [
        *({"worked": worked} for worked in ("1", -0.1, math.inf, math.nan, True)),
        *({name: said} for name in ("short", "crowded") for said in (1, "yes", None)),
    ],
)
def test_what_no_process_says_is_garbled(fields: dict[str, Any]) -> None:
    with pytest.raises(Garbled):
        take_note(fields, Effort())
