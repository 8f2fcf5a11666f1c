"""Tell a secret, or an address, from what stands in for one in documentation and code.

Enters: the value that a rule took for the real thing. Leaves: yes or no. It must never wave a real secret through, so
each refusal below is of a form that random generators practically never give and people do not choose.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Final

STAND_IN: Final = re.compile(
    r"""(?ix)
    example | placeholder | redacted | changeme | change[_-]me | dummy | insert[_-] | replace[_-]
    | [_\-<]your[_-] | ^your[_-] | my[_-]?(?:secret|api|token|key|pass)
    | x{5,} | \*{3,} | \.{3,} | _{4,} | 0{8,} | 1234567890 | abcdefghij
    """
)
VARIABLE: Final = re.compile(
    r"""(?ix)
    ^ (?: \$ \{? [a-z_(] | \{\{ | \{ [a-z_]* \} $ | < [^>]* >? $ | % [a-z(_] | @ [a-z]+ [.(]
        | (?: process | os | env | config | settings | secrets | vault | self | this | request | args | options
            | data | vars | ctx | credentials ) (?: \. | \[ | -> )
        | [a-z_]* (?: getenv | get_env | environ | input | getpass | prompt | generate | load | read | fetch
            | decrypt | encrypt | hash ) [a-z_]* (?: \( | \[ | $ )
        | [a-z_] [a-z0-9_.]* [(\[] )
    """
)
NAME: Final = re.compile(r"[A-Za-z]+(?:[_\-](?:[A-Za-z]+|[0-9]+)){2,}|[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+")
"""Words joined to an identifier, as `DB_PASSWORD_2`, `some-feature-flag` or `base64.b64decode`."""

IDENTIFIER: Final = re.compile(r"[a-z]+(?:[._][a-z]+)+|[a-z]+(?:[A-Z][a-z]+)+")
"""A name of something in code, where no quotes tell it from a value."""

MASK: Final = re.compile(r"(?i)[*x.•●_?#\-]+")
WORD: Final = re.compile(
    r"""(?ix)
    none | null | nil | undefined | true | false | string | str | bytes | text | number | integer | required | optional
    | secret | password | passwd | pass | pwd | user | username | token | key | api | apikey | changeit | value
    | default | empty | bearer | basic | field | type | varchar | hidden | unset | enabled | disabled | localhost
    """
)
FILE_ENDING: Final = re.compile(
    r"(?ix) png|jpe?g|gif|svg|webp|ico|css|m?js|tsx?|jsx|json|py|html?|md|txt|xml|ya?ml|zip|tgz|tar|gz|whl|jar"
)
NO_ONE: Final = frozenset({"git", "hg", "svn"})
"""Accounts of code hosts: the address of a repository is no mailbox."""


def mailbox(value: str) -> bool:
    """Tell whether an address is a mailbox rather than a repository or a file such as `icon@2x.png`."""
    name, _, domain = value.partition("@")
    return name.lower() not in NO_ONE and not FILE_ENDING.fullmatch(domain.rpartition(".")[2]) and ".." not in value


def real_key(value: str) -> bool:
    """Tell whether a value in a known key format is more than a stand-in."""
    return not STAND_IN.search(value) and len(set(value)) > 4


def random_key(value: str) -> bool:
    """Tell whether a value of no known format looks drawn at random: letters and digits mixed, hard to foretell."""
    mixed = any(character.isdigit() for character in value) and any(character.isalpha() for character in value)
    named = VARIABLE.search(value) or NAME.fullmatch(value)
    return mixed and not named and real_key(value) and _bits(value) >= 3.0


def real_password(value: str) -> bool:
    """Tell whether a bare value given for a password can be one: no variable, no type name, no mask, no prose."""
    kinds = sum(bool(re.search(kind, value)) for kind in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]"))
    bare = value.strip("()[]{},.;'\"")
    if VARIABLE.search(value) or MASK.fullmatch(value) or WORD.fullmatch(bare) or IDENTIFIER.fullmatch(bare):
        return False
    return kinds >= 2 or value.isdigit()


def quoted_password(value: str) -> bool:
    """Tell whether a quoted value given for a password can be one; a plain word may."""
    return bool(value) and not (
        VARIABLE.search(value) or STAND_IN.search(value) or MASK.fullmatch(value) or WORD.fullmatch(value)
    )


def real_private_key(value: str) -> bool:
    """Tell whether an armoured block holds any key: as many base64 characters as the shortest, an Ed25519 seed."""
    body = re.sub(r"-----[A-Z0-9 ]*-----", "", value.replace("\\n", "\n"))
    return bool(re.search(r"(?:[A-Za-z0-9+/]\s*){32}", body)) and not STAND_IN.search(body)


def _bits(value: str) -> float:
    """Return Shannon's entropy of the characters, in bits a character."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


PLAUSIBLE: Final[dict[str, Callable[[str], bool]]] = {
    "mailbox": mailbox,
    "real_key": real_key,
    "random_key": random_key,
    "real_password": real_password,
    "real_private_key": real_private_key,
    "quoted_password": quoted_password,
}
"""What a rule may name under `check:` besides the check digits."""
