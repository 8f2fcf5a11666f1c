"""Whether a name in the interface may carry a value out: a model's name, an id, a segment of the path.

Enters: a text that should be a name or an id. Leaves: yes or no. Names and ids are long and full of digits themselves,
so their own forms (dates, UUIDs, mixed tokens) are known here; in doubt the answer is yes, and a detector looks.
"""

import re
from typing import Final

LONGEST_NAME: Final = 64
"""In characters; published model names and ids are shorter."""

LONG_NUMBER: Final = 9
"""Digits from which a number is no limit, budget or version."""

OWN_DIGITS: Final = re.compile(
    r"""(?xi)
    (?<![0-9a-z]) (?:
        [0-9a-f]{8} (?: -[0-9a-f]{4} ){3} -[0-9a-f]{12}                                          # a UUID
        | (?:20)? [2-3][0-9] -? (?:0[1-9]|1[0-2]) -? (?:0[1-9]|[12][0-9]|3[01]) (?:[0-9]{6})?    # a date, and a time
    ) (?![0-9a-z])
    """
)
"""Digits that version names and ids are made of; years from 2020 on."""

VALUE: Final = re.compile(
    r"""(?xi)
    (?<![0-9a-z]) (?: [a-z]*[0-9]{6,} | [0-9]{6,}[a-z]* | [a-z]+[0-9]{17}x ) (?![0-9a-z])  # not in a mixed token
    | (?<![0-9a-z]) (?= [0-9] (?: [-. ()_/]{0,2} [0-9] ){8} )             # nine digits, in groups
      [0-9]+ (?: [-. ()_/]{1,2} [0-9]+ )+ (?![0-9a-z])
    | [^\s/@] @ [^\s/@]+ \. [a-z]{2}                                      # an address; `model@20240620` is a name
    """
)


def carries(text: str) -> bool:
    """Return whether `text` has digits or an address in it that are no name's own."""
    return VALUE.search(OWN_DIGITS.sub("~", text)) is not None


def is_name(text: str) -> bool:
    """Return whether `text` is nothing but a name, an id or a small number may be."""
    return len(text) <= LONGEST_NAME and not carries(text)
