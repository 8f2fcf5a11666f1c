"""Requests by which somebody signs in at a service: told by host and path, so that account and password arrive there.

Enters: where a request goes, and the names and values of its fields. Leaves: yes or no. A prompt must never pass as
somebody's password: only a single word does, under the name of an account or a password, and all else of such a
request is read like any other.
"""

import re
from typing import Final
from urllib.parse import unquote

from detectors.headings import is_account, is_password

HOST: Final = re.compile(
    r"(?:accounts?|auth[0-9]*|id|idp|identity|log-?[io]n|oauth2?|passport|sign-?in|signup|sso|uc|ucenter)\..+"
)
"""Hosts on which nothing else is done."""

PATH: Final = re.compile(
    r"(?:^|[/_.:\-])(?:2fa|auth[nsz]?|authenticat(?:e|ion)|authori[sz]e|log[_-]?[io]n|logon|mfa|oauth2?|otp|passport|passw(?:or)?d"
    r"|regist(?:er|ration)|reset[_-]password|saml|sign[_-]?(?:in|up)|sso|verify[_-](?:code|email|password))(?=$|[/_.:\-])",
    re.IGNORECASE,
)
HUMP: Final = re.compile("(?<=[a-z])(?=[A-Z])")
"""Between the words of a name such as `userLogin`."""

WORD: Final = re.compile(r"\S{1,128}")
"""What an account or a password is; a longer one is encrypted, and reads as nothing."""


def signs_in(host: str, path: str) -> bool:
    """Tell whether a request to `host` for `path` (with its query) signs somebody in."""
    bare = HUMP.sub("_", unquote(path.partition("?")[0]))
    if "/." in bare or "//" in bare:
        return False  # a server may read another path in it
    return HOST.fullmatch(host) is not None or PATH.search(bare) is not None


def is_login(name: str, value: str) -> bool:
    """Tell whether what stands under `name` is an account or its password, as somebody types them to sign in."""
    return WORD.fullmatch(value) is not None and (is_password(name) or is_account(name))
