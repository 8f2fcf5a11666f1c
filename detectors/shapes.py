"""Characters told apart only as far as patterns of numbers need it.

Enters: the tree of a pattern, or the bytes of a skeleton. Leaves: the same with one sign for all digits and four for
the letters, so that whatever the pattern matches, the new one matches too. Texts have far fewer shapes than spellings,
and an engine makes a state of each that it meets for the first time.
"""

from functools import cache
from typing import Final

from detectors.spelt import members_of
from detectors.syntax import Atom, Choice, Item

SIGNS: Final = {
    **dict.fromkeys("0123456789", "0"),
    **dict.fromkeys("abcdef", "a"),
    **dict.fromkeys("ghijklmnopqrstuvwxyz", "g"),
    **dict.fromkeys("ABCDEF", "A"),
    **dict.fromkeys("GHIJKLMNOPQRSTUVWXYZ", "G"),
}
"""What stands for digits, and for letters that are hexadecimal digits and that are not; all else stands for itself."""

SHAPE: Final = bytes.maketrans("".join(SIGNS).encode(), "".join(SIGNS.values()).encode())


DIGIT: Final = r"[\x30]"


def shape_of(skeleton: bytes) -> bytes:
    """Return the shape of a skeleton, byte for byte."""
    return skeleton.translate(SHAPE)


def shaped(choice: Choice) -> str:
    """Return RE2 over shapes for a pattern over skeletons."""
    return "|".join("".join(map(_item, branch)) for branch in choice.branches)


def digits_of(choice: Choice) -> int:
    """Return how many digits whatever the pattern matches has at least, each in a certain place."""
    return min(sum(item.least * _digits(item.part) for item in branch) for branch in choice.branches)


def _digits(part: Atom | Choice) -> int:
    if isinstance(part, Choice):
        return digits_of(part)
    return int(not part.edge and _class(part.text) == DIGIT)


def _item(item: Item) -> str:
    if isinstance(item.part, Choice):
        text = f"(?:{shaped(item.part)})"
    elif item.part.edge:
        return item.part.mark
    else:
        text = _class(item.part.text)
    if (item.least, item.most) == (1, 1):
        return text
    return f"{text}{{{item.least},{'' if item.most is None else item.most}}}"


@cache
def _class(text: str) -> str:
    members = {SIGNS.get(one, one) for one in members_of(text)}
    escaped = "".join(f"\\x{ord(one):02x}" for one in sorted(members))
    return f"[{escaped}]" if members else r"[\x00-\x7f]"
