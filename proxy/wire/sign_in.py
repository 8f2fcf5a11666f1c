"""Requests by which somebody signs in at a service: told by host and path, so that account and password arrive there.

Enters: where a request goes, and the names and values of its fields. Leaves: which of them are what somebody types to
sign in. A prompt must never pass as one: each has a narrow shape, each name counts once, and there are few of them;
one too many, and none passes.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from detectors.checksums import bank_card, cn_id_card
from detectors.headings import is_account, is_password, words_of
from proxy.errors import SluiceError
from proxy.wire import json_text

HOST: Final = re.compile(
    r"(?:accounts?|auth[0-9]*|id|idp|identity|log-?[io]n|oauth2?|passport|sign-?in|signup|sso|uc|ucenter)\..+"
)
"""Hosts on which nothing else is done."""

PLAIN: Final = re.compile(r"(?!.*(?:/\.|//))/[A-Za-z0-9/_.:@~-]{0,255}")
"""A path that every server reads alike."""

PATH: Final = re.compile(
    r"(?:^|[/_.:\-])(?:2fa|auth[nsz]?|authenticat(?:e|ion)|authori[sz]e|log[_-]?[io]n|logon|mfa|oauth2?|otp|passport|passw(?:or)?d"
    r"|regist(?:er|ration)|reset[_-]password|saml|sign[_-]?(?:in|up)|sso|verify[_-](?:code|email|password))(?=$|[/_.:\-])",
    re.IGNORECASE,
)
HUMP: Final = re.compile("(?<=[a-z])(?=[A-Z])")
"""Between the words of a name such as `userLogin`."""

PASSWORD: Final = re.compile(r"(?!.*[0-9]{15})[!-~]{1,128}")
"""Without blanks and in ASCII: in scripts that set no blanks, a whole sentence would be one word. Nobody remembers
fifteen digits in a row: they are a card's."""

ACCOUNT: Final = re.compile(
    r"""(?x)
    [A-Za-z0-9._%+-]{1,64} @ (?: [A-Za-z0-9-]{1,63} \. ){1,5} [A-Za-z]{2,24}      # a mail address
    | \+? (?: [ ()-]{0,2} [0-9] ){5,15}                                           # a telephone number
    | (?! .* [0-9]{15} ) [A-Za-z0-9._-]{1,64}                                     # the name of a user
    """
)
NAME: Final = re.compile(r"(?=.{3,40}$)[A-Za-zÀ-ɏ.'’-]+(?: [A-Za-zÀ-ɏ.'’-]+){1,3}|[\u4e00-\u9fff]{2,4}")
"""Of a person who registers."""
HALF: Final = re.compile(r"[A-Za-zÀ-ɏ.'’-]{1,40}|[\u4e00-\u9fff]{1,4}")
"""Of such a name, where each half has a field of its own."""

TOKEN: Final = re.compile(r"(eyJ[A-Za-z0-9_-]{10,2000})\.(eyJ[A-Za-z0-9_-]{10,4000})\.[A-Za-z0-9_-]{20,1400}")
"""A signed JSON Web Token (RFC 7519)."""

MOST_FOREIGN: Final = 64
MOST_BLANKS: Final = 24
"""Letters beyond ASCII, and blanks, in all that a token claims: somebody's name, and what it is good for."""

NAMES: Final = frozenset({"name", "fullname", "displayname", "realname", "nickname", "姓名", "昵称"})
HALVES: Final = frozenset({"firstname", "lastname", "givenname", "familyname", "surname"})
TOKENS: Final = frozenset(
    {"idtoken", "credential", "identitytoken", "accesstoken", "refreshtoken", "subjecttoken", "idtokenhint"}
)

MOST: Final[Mapping[str, int]] = MappingProxyType({"account": 4, "password": 4, "name": 3, "token": 3})
"""How many values of each kind a sign-in has: mail, telephone and user; the password old, new and again."""


def looks_like_sign_in(host: str, path: str) -> bool:
    """Tell whether a request to `host` for `path` (with its query) looks as if it signs somebody in."""
    bare = path.partition("?")[0]
    if PLAIN.fullmatch(bare) is None:
        return False  # a server may read another path in it
    return HOST.fullmatch(host) is not None or PATH.search(HUMP.sub("_", bare)) is not None


def kind_of(name: str) -> str:
    """Return what stands under `name`: `account`, `password`, `name` or `token`; nothing where it is none of them."""
    if is_password(name):
        return "password"
    joined = "".join(words_of(name)) or name.strip()
    if joined in TOKENS:
        return "token"
    if joined in NAMES or joined in HALVES:
        return "name"
    return "account" if is_account(name) else ""


def fits(kind: str, name: str, value: str) -> bool:
    """Tell whether `value` has the shape of such a thing."""
    match kind:
        case "password":
            return PASSWORD.fullmatch(value) is not None
        case "account":
            return ACCOUNT.fullmatch(value) is not None and not (cn_id_card(value) or bank_card(value))
        case "name":
            shape = HALF if "".join(words_of(name)) in HALVES else NAME
            return shape.fullmatch(value) is not None
        case _:
            return is_token(value)


def is_token(value: str) -> bool:
    """Tell whether a value is a token that somebody's identity provider has signed: its head names how."""
    found = TOKEN.fullmatch(value)
    if found is None:
        return False
    try:
        head, claims = (
            json_text.parse_object(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in found.groups()
        )
    except (binascii.Error, SluiceError):
        return False
    said = json_text.dump(claims).decode("utf-8")
    foreign, blanks = sum(not one.isascii() for one in said), sum(map(str.isspace, said))
    signed = isinstance(head.get("alg"), str) and {"iss", "exp"} <= claims.keys()
    return signed and foreign <= MOST_FOREIGN and blanks <= MOST_BLANKS


def passing[Place: Hashable](
    fields: Iterable[tuple[Place, str, str]], takes: Callable[[str], bool] = lambda _: True
) -> frozenset[Place]:
    """Return the places of what passes unread, of fields given by place, name and value.

    `takes` says which kinds do. Where a name comes twice, or there are more of a kind than a sign-in has, none passes.
    """
    known = [(place, name, value, kind) for place, name, value in fields if takes(kind := kind_of(name)) and kind]
    names = Counter(name.casefold() for _, name, _, _ in known)
    kinds = Counter(kind for _, _, value, kind in known if value)
    if any(count > 1 for count in names.values()) or any(kinds[kind] > most for kind, most in MOST.items()):
        return frozenset()
    return frozenset(place for place, name, value, kind in known if fits(kind, name, value))
