"""Sets Python's switch interval: how long a thread may hold the interpreter lock while others wait for it.

Enters and leaves nothing. By default it is five milliseconds: with a few exchanges read at once, one that needs half
a millisecond would wait for several such intervals, one after the other.
"""

import sys
from typing import Final

TURN: Final = 0.001
"""Seconds. Shorter ones gain little more, and each costs some microseconds to hand over."""


def take_short_turns() -> None:
    """Let every thread of this process, from now on, hand the interpreter over soon to whoever waits."""
    sys.setswitchinterval(TURN)
