"""How long one thread of a process of ours may keep the interpreter while others wait for it.

Enters and leaves nothing; it speaks to Python. By default that is five milliseconds: with a few exchanges read at once
somebody whose own step takes half a millisecond would wait for several of these, one after the other.
"""

import sys
from typing import Final

TURN: Final = 0.001
"""Seconds. Shorter ones gain little more, and each costs some microseconds to hand over."""


def take_short_turns() -> None:
    """Let every thread of this process, from now on, hand the interpreter over soon to whoever waits."""
    sys.setswitchinterval(TURN)
