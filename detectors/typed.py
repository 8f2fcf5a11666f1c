"""Tell a password that somebody typed beside its word, with no sign between them, from a word that stands there.

Enters: what a rule took for the password. Leaves: yes or no. The rules that ask have seen nothing that says `this is
it`, so more is asked of the value than of one after a colon: letters and figures mixed, and no name of an algorithm, a
version or a file. Nothing is looked up.
"""

import re
from collections.abc import Callable
from typing import Final

from detectors.plausible import FILE_ENDING, IDENTIFIER, NAME, no_password

TECHNICAL: Final = re.compile(
    r"""(?ix)
    (?: (?:
          3?des | aes | argon | base | bcrypt | chacha | cve | ecdh | ecdsa | fips | gbk? | ghost | gost
          | hmac | https? | ieee | iso | kerberos | krb | latin | ldap | ntlm | nist | oauth | openid | openssl
          | pbkdf | pkcs | rfc | ripemd | rsa | saml | scram | scrypt | sha | socks | ssl | tls | totp
          | utf | uuid | wpa | yescrypt
        ) [_\-.]? v? [0-9]+
      | (?:
          android | ci | ed | fido | hs | ike | ios | ipad | iphone | ipv | java | jdk | kdf
          | log4j | mac | macos | md | mysql | office | php | postgres | ps | python | redis | rs | sm
          | smtp | sqlite | ssh | ubuntu | v | ver | version | wcf | windows | x | arg
          | case | field | group | item | key | level | line | node | option | page | param | part | step
          | type | value
        ) [_\-.]? v? [0-9]{1,3} )
    (?: [a-z]{1,4} [0-9]* )? (?: [_\-./+] [0-9a-z]+ )*
    """
)
"""Names of algorithms, formats, versions and numbered things."""

FIGURES: Final = re.compile(r"[0-9]{6,12}")
DAY: Final = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{2}){0,3}")
SURE_SIGNS: Final = frozenset("!#$%&*+?@^~")
"""Signs that stand in passwords, and seldom in names of files, hosts and versions."""

PLAIN: Final = re.compile(r"[A-Za-z][a-z]+[0-9]|[0-9]{1,3}[a-z]+|[A-Za-z_\-]+[_\-][A-Za-z]{0,3}[0-9]")
"""A word with one figure, as in a list of numbered ones."""


def mixed_password(value: str) -> bool:
    """Tell whether what follows 密码 directly can be it: mixed, or a row of figures that is no day."""
    if FIGURES.fullmatch(value):
        return not DAY.fullmatch(value) and not value.endswith("0000")
    return typed_password(value)


def typed_password(value: str) -> bool:
    """Tell whether a value can be a password by itself: letters and figures mixed, and nothing technical."""
    bare = value.strip(".,;:!?()[]{}'\"`")
    mixed = any(one.isdigit() for one in bare) and any(one.isalpha() for one in bare)
    if not mixed or len(bare) < 6 or _technical(bare):
        return False
    return not PLAIN.fullmatch(bare) and not no_password(value)


def pair_password(value: str) -> bool:
    """Tell whether what follows an account and a stroke can be its password: signs in it, or all kinds of letters."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return signed_password(value) or (typed_password(value) and all(any(map(kind, value)) for kind in kinds))


def signed_password(value: str) -> bool:
    """Tell whether a value has a figure, a letter, and a sign that names have not."""
    return typed_password(value) and not SURE_SIGNS.isdisjoint(value[:-1] if value[-1] in "!?" else value)


def _technical(bare: str) -> bool:
    """Tell whether a value is the name of something: an algorithm, a file, an identifier, a path."""
    if TECHNICAL.fullmatch(bare) or NAME.fullmatch(bare) or IDENTIFIER.fullmatch(bare):
        return True
    return "/" in bare or bool(FILE_ENDING.fullmatch(bare.rpartition(".")[2])) or "::" in bare


TYPED: Final[dict[str, Callable[[str], bool]]] = {
    "mixed_password": mixed_password,
    "pair_password": pair_password,
    "signed_password": signed_password,
    "typed_password": typed_password,
}
"""What a rule may name under `check:` besides the check digits."""
