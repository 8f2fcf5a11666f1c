"""How much work one text may make; past it nobody knows what is in it, and that is said."""

from typing import Final

DEPTH: Final = 4
"""Codes within codes that are entered."""

WORK: Final = 8 << 20
"""Characters that are decoded for one text, those of the codes and those that come out of them."""


class Exceeded(Exception):
    """A text makes more work than it may."""


class Budget:
    """What is left of the work that one text may make."""

    def __init__(self, work: int = WORK) -> None:
        """Take all that may be spent."""
        self._left = work

    def spend(self, work: int) -> None:
        """Take `work` away; raises `Exceeded` where there is not so much left."""
        self._left -= work
        if self._left < 0:
            raise Exceeded
