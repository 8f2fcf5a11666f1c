"""Where a password ends that stands before a tag, the next field of a query, or the next pair of brackets.

Enters: a text, and from where to where a rule took a value. Leaves: where it really ends. What follows in markup, in a
query or among brackets is no part of it; but passwords may hold all these signs, so that where quotes, an element or
the end of a line close the value, or where there is no markup and no query, nothing is cut off.
"""

import re
from collections.abc import Callable
from typing import Final

BEHIND: Final = re.compile(
    r"(?i)</?(?P<whole>[a-z][a-z0-9]{0,15})/?>|</(?P<shut>[a-z][a-z0-9]{0,15})|(?P<note><!--)"
    r"|<(?P<open>a|b|br|code|div|em|font|h[1-6]|hr|i|img|li|p|pre|span|td|th|tr|ul)\s"
    r"|(?P<field>&)[a-z_][a-z0-9_.\-]{0,40}=|(?P<bracket>\]\[)"
)
"""What may follow a value where it stands in markup, in a query or among brackets."""

ALONE: Final = frozenset({"br", "dd", "dt", "hr", "img", "input", "li", "option", "p", "td", "th", "tr", "wbr"})
"""Tags that need no other half."""

QUOTES: Final = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "「": "」"}
AROUND: Final = 2000
"""Characters in which the other half of a tag is looked for."""

LONGEST_NAME: Final = 72
UNSET: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_.\-]{0,63}:?=?\Z")
OPENED: Final = re.compile(r"\$\{(?:[A-Za-z_][A-Za-z0-9_.\-]{0,63}:(?=[^}])|[A-Za-z_][A-Za-z0-9_]{0,63}(?=[\-=+?]))")
"""A variable of a shell (`${X:-…}`, `${X-…}`) or of settings (`${x:…}`), up to what stands in for it if it is unset."""
DEFAULT: Final = re.compile(
    r"""[\-=+]?(?P<value>[^\s"'`$?{}\-=+](?:[^\s"'`${}]|\$(?![A-Z_]{2}|[{(])|\{[^\s"'`${}]{0,40}\}){3,127})\}"""
)
"""What stands in for it: no other variable, and no words about one that must be set. A sign of variables may be part of
it, and so may a pair of braces."""
WRITTEN_OUT: Final = re.compile(r"""[\-=+]?[^\s"'`$?{}\-=+][^\s"'`]{3,127}\}""")
"""What stands in for it, whatever else it holds: it is judged as the rule took it."""
MIXED: Final = re.compile(r"(?=.*[A-Za-z])(?=.*[^A-Za-z_\-])")
"""What somebody chose. A word of letters alone, or a row of figures, is there for whoever tries it at home."""
STANDS_IN: Final = re.compile(
    r"(?i)(?:(?:change[_\-]?(?:me|it|this)|example|default|dummy|placeholder|secret|sample|postgres|mysql|root|admin|guest"
    r"|test|user|pass(?:word)?|local|dev|my|your|please|the|key)[_\-]?){1,5}[0-9]{0,4}|[a-z]{1,5}12345?6?|[a-z0-9]{1,3}"
)
"""Defaults that everybody knows, by which nothing is guarded."""
CHOSEN: Final = re.compile(
    r"(?!(?i:change|example|default|dummy|placeholder|sample|your))(?=.*[A-Z])(?=.*[a-z])[A-Za-z_\-]+(?:19|20)[0-9]{2}"
)
"""Such a word as people make a password of, with the year."""

NEXT: Final = re.compile(r"&([A-Za-z_][A-Za-z0-9_.\-]{0,40})=")
SETTING: Final = re.compile(r"(?:^|\n)[ \t]*(?:-[ \t]+)?(?:(?:export|set|setx|env|ENV)[ \t]+)?[\w.\-]{1,64}=\Z")
"""What stands before the value of a setting that has a line of its own."""
FIELDS: Final = frozenset(
    {
        "account",
        "action",
        "captcha",
        "client_id",
        "code",
        "csrf",
        "email",
        "grant_type",
        "id",
        "lang",
        "login",
        "mobile",
    }
    | {"name", "next", "password", "password2", "phone", "redirect", "remember", "scope", "submit", "token", "type"}
    | {"user", "username"}
)
"""Names of fields that forms send beside a password, by which one is known that begins with it."""
WRITTEN_AS_CODE: Final = 3
"""Characters of a sign that is written as `%26`, so that it parts nothing where the others stand as they are."""


BYTE: Final = "\ufffd"
REST: Final = re.compile(rf"{BYTE}[A-Za-z0-9!#$%&()*+\-./=?@\[\\\]^_{{|}}~<>]{{0,63}}")
WRITTEN_AS_BYTE: Final = 3
"""Characters of a byte in no charset that is written as `%82`: more likely the password has a per cent sign."""


TOLD: Final = re.compile(r"""(?:\s(?:is|was)|[是为為])[\s:]{0,2}["'`“]?\Z""")
"""What stands before a password that somebody tells in a sentence."""
LONGEST_TOLD: Final = 8
GOES_ON: Final = re.compile(r"(?::[A-Za-z0-9!#$%&*+\-?@^_~]{1,32})+")
"""A colon in the middle of a password, as in `Mark4:12x`: in a sentence nothing else is written so close."""


def value_span(text: str, start: int, end: int, width: Callable[[int], int]) -> tuple[int, int]:
    """Return where the value that was taken from `start` to `end` really stands; see `value_end` for `width`.

    What stands in for an unset variable is the value, if it may be a real one: an empty value otherwise.
    """
    while text.startswith(BYTE, end) and width(end) == WRITTEN_AS_BYTE and (rest := REST.match(text, end)):
        end = rest.end()
    opened = OPENED.match(text, start, start + AROUND)
    unset = opened is None and UNSET.search(text, max(0, start - LONGEST_NAME), start)
    if opened is None and not unset:
        stop = value_end(text, start, end, width)
        more = (
            GOES_ON.match(text, stop)
            if stop == end and TOLD.search(text, max(0, start - LONGEST_TOLD), start)
            else None
        )
        return start, more.end() if more else stop
    begin = opened.end() if opened else start
    default = DEFAULT.match(text, begin)
    if default is None and WRITTEN_OUT.match(text, begin):
        return start, value_end(text, start, end, width)
    if default is None or is_known(default["value"]):
        return start, start
    return default.span("value")


def is_known(default: str) -> bool:
    """Tell whether a default is one by which nothing is guarded; a capital and a year are what somebody chose."""
    if not MIXED.match(default):
        return True
    return STANDS_IN.fullmatch(default) is not None and not CHOSEN.fullmatch(default)


def value_end(text: str, start: int, end: int, width: Callable[[int], int]) -> int:
    """Return where the value that was taken from `start` to `end` ends; `width` tells how long a sign is as written."""
    if _is_empty(text, start, end):
        return start
    behind = BEHIND.search(text, start + 1, end + 1)
    if behind is None or _closed(text, start, end):
        return end
    while behind is not None and behind.start() < end:
        if _parts(text, start, end, behind, width):
            return behind.start()
        behind = BEHIND.search(text, behind.start() + 1, end + 1)
    return end


def _is_empty(text: str, start: int, end: int) -> bool:
    """Tell whether there is no value, for the next field follows."""
    field = NEXT.match(text, start, end)
    return field is not None and text[start - 1 : start] == "=" and field[1].lower() in FIELDS


def _closed(text: str, start: int, end: int) -> bool:
    """Tell whether quotes, or the two tags of an element, stand right round a value."""
    before = text[start - 1 : start]
    return (before in QUOTES and text[end : end + 1] == QUOTES[before]) or (
        before == ">" and text.startswith("</", end)
    )


def _parts(text: str, start: int, end: int, behind: re.Match[str], width: Callable[[int], int]) -> bool:
    """Tell whether what was found in a value ends it."""
    if behind["bracket"]:
        line = text.rfind("\n", max(0, start - AROUND), start) + 1
        return text.count("[", line, start) > text.count("]", line, start)
    if behind["field"]:
        return _of_query(text, start, end, behind, width)
    name = (behind["whole"] or behind["shut"] or behind["open"] or "").lower()
    if not name or name in ALONE or behind[0].endswith("/>"):
        return True
    if behind[0].startswith("</"):
        return f"<{name}" in text[max(0, start - AROUND) : behind.start()].lower()
    return f"</{name}" in text[behind.end() : behind.end() + AROUND].lower()


def _of_query(text: str, start: int, end: int, behind: re.Match[str], width: Callable[[int], int]) -> bool:
    """Tell whether a sign in a value is the one between two fields of a query or a form."""
    if text[start - 1 : start] != "=" or width(behind.start()) == WRITTEN_AS_CODE != width(start - 1):
        return False
    if behind[0][1:-1].lower() in FIELDS:
        return True
    alone = SETTING.search(text, max(0, start - AROUND), start) is not None
    return not (alone and text[end : end + 1] in ("", "\r", "\n"))
