"""Tell a secret, or an address, from what stands in for one in documentation and code.

Enters: the value that a rule took for the real thing. Leaves: yes or no. It must never wave a real secret through, so
each refusal below is of a form that random generators practically never give and people do not choose.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

from detectors.decoded import (
    base58_checked,
    basic_credentials,
    coded_text,
    encoded_secret,
    real_json_web_token,
    seed_phrase,
)
from detectors.engine import compiled

STANDS_IN: Final = (
    r"(?i)example|placeholder|redacted|changeme|change[_-]me|dummy|insert[_-]|replace[_-]"
    r"|[_\-<]your[_-]|^your[_-]|my[_-]?(?:secret|api|token|key|pass)"
    r"|x{5,}|\*{3,}|\.{3,}|_{4,}|0{8,}|1234567890|abcdefghij"
    r"|4eC39HqLyj|BQokikJOvB|16C7e42F29"  # the keys that the manuals of Stripe and GitHub show
)
STAND_IN: Final = re.compile(STANDS_IN)
STAND_IN_ASCII: Final = compiled(STANDS_IN, "stand-ins")
"""The same on the linear-time engine, which is several times faster; beyond ASCII the two fold case otherwise."""
NO_PASSWORD: Final = re.compile(
    r"""(?x)
    EXAMPLE | (?i: ^example$ | placeholder | redacted | changeme | change[_-]me | insert[_-] | replace[_-]
    | [_\-<]your[_-] | ^your[_-] | x{5,} | \*{3,} | \.{3,} | _{4,} | 0{8,} )
    | ^ (?: ~ | \.{1,2} )? (?: / [\w.\-]+ ){2,} /? $
    | ^ ! (?: vault | secret | env | env_var | reference | include | Ref | Sub | GetAtt | ImportValue | Join ) \b
    | ^ / (?: app | data | etc | home | opt | root | srv | tmp | usr | var ) $
    # a regular expression that says how a password must be
    | ^ /? \^? (?: \( \? (?: [=!:] | <[=!] ) | \[ \^? (?: [a-zA-Z0-9] - [a-zA-Z0-9] | \\[dDsSwW] )
        | \. [*+{] | \\[dDsSwW] [*+{] ) | ^ /\^ [\[(.\\]
    """
)
"""What stands in for a password, tags of YAML that name one, paths of files, and the regular expressions of validators.

People do choose `example123`, `mypassword1` and 1234567890."""

VARIABLE: Final = re.compile(
    r"""(?ix)
    ^ (?: (?: enc \( )? \$ \{? [a-z_(] | \{\{ | \{ [a-z0-9_.:!]* \} $ | < [^>]* >? $ | % [a-z(_] | @ [a-z]+ [.(]
        | (?: process | os | env | config | settings | secrets | vault | self | this | request | args | options
            | data | vars | ctx | credentials ) (?: \. | \[ | -> )
        | [a-z_]* (?: getenv | get_env | environ | input | getpass | prompt | generate | load | read | fetch
            | decrypt | encrypt | hash ) [a-z_]* (?: \( | \[ | $ )
        | [a-z_] [a-z0-9_.]* [(\[] (?: ["'] | (?: [a-z_] [a-z0-9_.]* | -? [0-9]{1,2} )? [)\]]* $ )
        | [a-z_] [a-z0-9_.]* \( (?: [^)]* \) [.\[] | [a-z_] [a-z0-9_]* = ) )
    """
)
NAME: Final = re.compile(r"[A-Za-z]+(?:[_\-](?:[A-Za-z]+|[0-9]+)){2,}|[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+")
"""Words joined to an identifier, as `DB_PASSWORD_2`, `some-feature-flag` or `base64.b64decode`."""

IDENTIFIER: Final = re.compile(r"[a-z]+(?:[._][a-z]+)+|[a-z]+(?:[A-Z][a-z]+)+")
"""A name of something in code, where no quotes tell it from a value."""

VOUCHER: Final = re.compile("[A-Z]{4,}20[0-9]{2}")
HEXADECIMAL: Final = re.compile("[0-9a-f-]+|[0-9A-F-]+")
MASK: Final = re.compile(r"(?i)[*x.•●_?#\-]+")
WORD: Final = re.compile(
    r"""(?ix)
    none | null | nil | undefined | true | false | string | str | bytes | text | number | integer | required | optional
    | secret | password | passwd | pass | pwd | user | username | token | key | api | apikey | changeit | value
    | tiger | (?: [a-z]+ _ )? (?: secret | access | api ) _ (?: access_ )? key (?: _id )?
    | example | default | empty | bearer | basic | field | type | varchar | hidden | unset | enabled | disabled
    | (?: foo ){1,2} | (?: foo )? bar (?: baz )? | (?: foo | bar )? (?: baz | qux ) | foobar (?: baz | qux )
    | quux | xyzzy | your_? (?: password | passwd | pwd | passphrase | pass ) | lorem (?: ipsum )? | (?: blah ){1,2}
    | final | classvar | annotated | secretstr | foobared | sample | dummy | placeholder | todo | tbd | tba | stdin
    | prompt | interactive
    | localhost | passwort | kennwort | contraseña | contrasena | senha | wachtwoord | encrypted | hashed | masked
    | [a-z]+ - (?: based | encoded | encrypted | generated | hashed | insensitive | only | protected | sensitive )
    """
)
HAN: Final = re.compile(r".*(?:密码|密碼|口令)|(?=.*[㐀-鿿])[^A-Za-z0-9]+\Z")
"""What a person says of a password in Chinese; a password has something that every keyboard has."""

SETTING: Final = re.compile(
    r"""(?x)
    (?= (?: [A-Z0-9]+_ )* (?: API | APIKEY | AUTH | CREDENTIALS? | KEY | PASS | PASSWD | PASSWORD | PW | PWD | SECRET
        | TOKEN ) (?: _[A-Z0-9]+ )* \Z )
    [A-Z] [A-Z0-9]* (?: _ (?: [A-Z]+ [0-9]{0,2} | [0-9]{1,2} ) )+
    """
)
"""The name of a variable that holds a secret, as `APP_SECRET`: it stands where the secret would."""

FILE_ENDING: Final = re.compile(
    r"(?ix) png|jpe?g|gif|svg|webp|ico|css|m?js|tsx?|jsx|json|py|html?|md|txt|xml|ya?ml|zip|7z|rar|tgz|tar|gz|whl|jar"
)
NO_ONE: Final = frozenset({"git", "hg", "svn"})
"""Accounts of code hosts: the address of a repository is no mailbox."""

ATTRIBUTE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[,;)]*")
"""The attribute of something, as `base.password`."""

KINDS: Final = ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]")
LETTERS: Final = re.compile("[A-Za-z]+")
KIND_OF: Final = str.maketrans(ascii_lowercase + ascii_uppercase + digits, "a" * 26 + "A" * 26 + "0" * 10)
HUMPS: Final = ("aA", "a0", "A0", "0a", "0A")
"""Where a value changes between small letters, capitals and digits."""
FOLLOWERS: Final[dict[str, str]] = {
    row[0]: row[1:]
    for row in (
        *("abcdgilmnoprstuvy", "aeo", "baeilou", "caehiklortu", "deadiosu", "eacdeflmnprstvxyi", "faefior", "geinosu"),
        *("haeiou", "iabcdefglmnoprstvz", "ji", "kea", "ladeiostluy", "maebimopsu", "nacdefgiostuv"),
        *("obcdlmnoprtuvwi", "paeiloprtyp", "qui", "racedginmosrtuyk", "saceghiopstu", "tacehiltorsuy"),
        *("ubelmniprsatio", "veai", "waeio", "xti", "ype", "zeh"),
    )
}
"""For each letter those that often follow it in English words, in names in code and in pinyin."""


def mailbox(value: str) -> bool:
    """Tell whether an address is a mailbox rather than a repository or a file such as `icon@2x.png`."""
    name, _, domain = value.partition("@")
    return name.lower() not in NO_ONE and not FILE_ENDING.fullmatch(domain.rpartition(".")[2]) and ".." not in value


def real_key(value: str) -> bool:
    """Tell whether a value in a known key format is more than a stand-in."""
    return not stands_in(value) and len(set(value)) > 4


def stands_in(value: str) -> bool:
    """Tell whether a value holds what stands in for one."""
    if value.isascii():
        return STAND_IN_ASCII.search(value.encode()) is not None
    return STAND_IN.search(value) is not None


def random_key(value: str) -> bool:
    """Tell whether a value of no known format looks drawn at random: letters and digits mixed, hard to foretell."""
    mixed = any(character.isdigit() for character in value) and any(character.isalpha() for character in value)
    if not mixed or VARIABLE.search(value) or NAME.fullmatch(value) or not real_key(value):
        return False
    return _bits(value) >= min(3.0, 0.7 * math.log2(len(value))) and not reads_like_words(value)


def short_key(value: str) -> bool:
    """Tell whether a short value after the name of a key is one: letters and figures go to and fro in it."""
    return random_key(value) and _humps(value) >= 3 and sum(map(str.isdigit, value)) >= 3


def undigested_key(value: str) -> bool:
    """Tell whether a value was drawn at random and is no digest in hexadecimal, as keys of caches are."""
    return random_key(value) and not HEXADECIMAL.fullmatch(value)


def drawn(value: str) -> bool:
    """Tell whether a value was drawn at random beyond doubt: capitals, small letters and digits go to and fro in it."""
    return _humps(value) >= 3 and mixed_key(value)


def mixed_key(value: str) -> bool:
    """Tell whether a value drawn at random has capitals, small letters and digits: no digest in hexadecimal has."""
    return random_key(value) and value != value.lower() and value != value.upper()


def real_token(value: str) -> bool:
    """Tell whether what follows `Bearer` is a token: one without digits must at least not read like words."""
    return real_key(value) and not VARIABLE.search(value) and not NAME.fullmatch(value) and not reads_like_words(value)


def framework_secret(value: str) -> bool:
    """Tell whether a setting for signing and encrypting was drawn at random, signs and all."""
    plain = value.removeprefix("base64:")
    kinds = sum(bool(re.search(kind, plain)) for kind in KINDS)
    return (
        kinds >= 2 and real_token(plain) and _bits(plain) >= 3.0 and not re.search(r"[(\[]['\"]|[A-Za-z_]\(\)?$", plain)
    )


def one_time_code(value: str) -> bool:
    """Tell whether what stands for a code is one: it has a digit, and is not only what a code looks like."""
    return any(character.isdigit() for character in value) and not MASK.fullmatch(value) and len(set(value)) > 1


def code_sent(value: str) -> bool:
    """Tell whether what stands for a code is one that was drawn, and not a word with a year, as vouchers have it."""
    return one_time_code(value) and not VOUCHER.fullmatch(value)


def reads_like_words(value: str) -> bool:
    """Tell whether the letters of a value follow each other as in words, and it seldom changes between kinds."""
    if _humps(value) >= 0.28 * len(value):
        return False
    pairs = [pair for run in LETTERS.findall(value) for pair in pairwise(run.lower())]
    usual = sum(second in FOLLOWERS[first] for first, second in pairs)
    return len(pairs) >= 5 and usual >= 0.6 * len(pairs)


def _humps(value: str) -> int:
    """Return how often a value changes between small letters, capitals and digits."""
    kinds = value.translate(KIND_OF)
    return sum(map(kinds.count, HUMPS))


def real_password(value: str) -> bool:
    """Tell whether a bare value given for a password can be one: no variable, no type name, no mask, no prose."""
    bare = value.strip("()[]{},.;'\"")
    bare = bare[2:-2] if bare.startswith("**") and bare.endswith("**") else bare
    kinds = sum(bool(re.search(kind, bare)) for kind in KINDS)
    if no_password(value) or WORD.fullmatch(bare) or IDENTIFIER.fullmatch(bare):
        return False
    return kinds >= 2 or bare.isdigit()


def quoted_password(value: str) -> bool:
    """Tell whether a quoted value given for a password can be one; a plain word may."""
    return bool(value) and not no_password(value) and not WORD.fullmatch(value)


def no_password(value: str) -> bool:
    """Tell whether a value is surely no password: a variable, the name of one, a mask or a stand-in."""
    named = SETTING.fullmatch(value.strip("()[]{},.;'\"")) is not None
    return named or bool(
        HAN.match(value) or VARIABLE.search(value) or MASK.fullmatch(value) or NO_PASSWORD.search(value)
    )


def unquoted_password(value: str) -> bool:
    """Tell whether the value of a setting without quotes can be a password; a plain word may, a name in code not."""
    return quoted_password(value) and not ATTRIBUTE.fullmatch(value) and not IDENTIFIER.fullmatch(value)


def real_private_key(value: str) -> bool:
    """Tell whether an armoured block holds any key: as many base64 characters as the shortest, an Ed25519 seed."""
    body = re.sub(r"-----[A-Z0-9 ]*-----", "", value.replace("\\n", "\n"))
    return bool(re.search(r"(?:[A-Za-z0-9+/]\s*){32}", body)) and not STAND_IN.search(body)


def real_credentials(value: str) -> bool:
    """Tell whether `Basic` is followed by a name and a password in base64."""
    password = basic_credentials(value)
    return password is not None and quoted_password(password)


def real_data(value: str) -> bool:
    """Tell whether base64 of a manifest stands for something that may be secret."""
    text = encoded_secret(value)
    return text is not None and quoted_password(text)


def _bits(value: str) -> float:
    """Return Shannon's entropy of the characters, in bits a character."""
    counts = map(value.count, dict.fromkeys(value)) if value.isascii() else Counter(value).values()
    return -sum(_share(count, len(value)) for count in counts)


@lru_cache(maxsize=4096)
def _share(count: int, size: int) -> float:
    """Return what a character that stands `count` times among `size` adds."""
    return count / size * math.log2(count / size)


PLAUSIBLE: Final[dict[str, Callable[[str], bool]]] = {
    "base58_checked": base58_checked,
    "code_sent": code_sent,
    "coded_text": coded_text,
    "drawn": drawn,
    "framework_secret": framework_secret,
    "mailbox": mailbox,
    "mixed_key": mixed_key,
    "one_time_code": one_time_code,
    "quoted_password": quoted_password,
    "random_key": random_key,
    "real_credentials": real_credentials,
    "real_data": real_data,
    "real_json_web_token": real_json_web_token,
    "real_key": real_key,
    "real_password": real_password,
    "real_private_key": real_private_key,
    "real_token": real_token,
    "seed_phrase": seed_phrase,
    "short_key": short_key,
    "undigested_key": undigested_key,
    "unquoted_password": unquoted_password,
}
"""What a rule may name under `check:` besides the check digits."""
