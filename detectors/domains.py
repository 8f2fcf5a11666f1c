"""Host names that exist in public: the last part is one that the public suffix list has.

Enters: a web address as matched, with or without its scheme. Leaves: yes or no. The list is the copy that comes with
`tldextract`; it is never fetched.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

HOST: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*://)?(?:[^/?#@\s]*@)?([^/?#:\s]+)")

FILES: Final = frozenset(["py", "rs", "sh", "md", "cc", "pl", "so", "ps", "zip", "mov", "java", "vi", "js", "ts"])
"""Public suffixes, or what looks like one, that end the name of a file more often than that of a host."""


@cache
def extract() -> Any:
    """Return what knows the list, made for the first host: it takes a fifth of a second to import."""
    from tldextract import TLDExtract

    # Nothing to fetch the list from, and nowhere to keep what was fetched.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def public_host(value: str) -> bool:
    """Tell whether the host of an address has a name below a public suffix."""
    match = HOST.match(value)
    if not match:
        return False
    name = extract()(match[1])
    return bool(name.domain and name.suffix)


def bare_host(value: str) -> bool:
    """Tell whether an address written without its scheme is one, and no path of files such as `main.py/a`."""
    match = HOST.match(value)
    return bool(match and public_host(match[1]) and match[1].rpartition(".")[2].lower() not in FILES)


DOMAINS: Final[dict[str, Callable[[str], bool]]] = {"public_host": public_host, "bare_host": bare_host}
"""What a rule may name under `check:` besides the check digits."""
