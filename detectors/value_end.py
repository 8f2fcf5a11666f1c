"""Corrects the span of a password that a rule has matched: it ends before a tag, the next query field, or a bracket.

Enters: a text, and the span of the value in it. Leaves: the span without what belongs to markup, to a query or to the
brackets around it. Passwords may hold all these signs, though; so nothing is cut off where quotes, an element or the
end of a line close the value, or where there is neither markup nor a query.
"""

import re
from collections.abc import Callable
from typing import Final

from detectors.redact import PLACEHOLDER

BEHIND: Final = re.compile(
    r"(?i)</?(?P<whole>[a-z][a-z0-9]{0,15})/?>|</(?P<shut>[a-z][a-z0-9]{0,15})|(?P<note><!--)"
    r"|<(?P<open>a|b|br|code|div|em|font|h[1-6]|hr|i|img|li|p|pre|span|td|th|tr|ul)\s"
    r"|(?P<field>&)[a-z_][a-z0-9_.\-]{0,40}=|(?P<bracket>\]\[)"
)
"""What may follow a value in markup, in a query or in brackets."""

ALONE: Final = frozenset({"br", "dd", "dt", "hr", "img", "input", "li", "option", "p", "td", "th", "tr", "wbr"})
"""Tags without a closing tag."""

QUOTES: Final = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "「": "」"}
AROUND: Final = 2000
"""Characters around the value in which the other tag of an element is looked for."""

LONGEST_NAME: Final = 72
UNSET: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_.\-]{0,63}:?=?\Z")
OPENED: Final = re.compile(r"\$\{(?:[A-Za-z_][A-Za-z0-9_.\-]{0,63}:(?=[^}])|[A-Za-z_][A-Za-z0-9_]{0,63}(?=[\-=+?]))")
"""A shell variable (`${X:-…}`, `${X-…}`) or one of settings (`${x:…}`), up to its default value."""
DEFAULT: Final = re.compile(
    r"""[\-=+]?(?P<value>[^\s"'`$?{}\-=+](?:[^\s"'`${}]|\$(?![A-Z_]{2}|[{(])|\{[^\s"'`${}]{0,40}\}){3,127})\}"""
)
"""The default: neither another variable nor an error message. It may hold `$` and a pair of braces."""
WRITTEN_OUT: Final = re.compile(r"""[\-=+]?[^\s"'`$?{}\-=+][^\s"'`]{3,127}\}""")
"""Any other default: it is judged as the rule matched it."""
MIXED: Final = re.compile(r"(?=.*[A-Za-z])(?=.*[^A-Za-z_\-])")
"""A password that somebody chose. Letters alone, or digits alone, are a default for trying things out."""
STANDS_IN: Final = re.compile(
    r"(?i)(?:(?:change[_\-]?(?:me|it|this)|example|default|dummy|placeholder|secret|sample|postgres|mysql|root|admin|guest"
    r"|test|user|pass(?:word)?|local|dev|my|your|please|the|key)[_\-]?){1,5}[0-9]{0,4}|[a-z]{1,5}12345?6?|[a-z0-9]{1,3}"
)
"""Well-known defaults, which protect nothing."""
CHOSEN: Final = re.compile(
    r"(?!(?i:change|example|default|dummy|placeholder|sample|your))(?=.*[A-Z])(?=.*[a-z])[A-Za-z_\-]+(?:19|20)[0-9]{2}"
)
"""A word with a year, as people make passwords."""

NEXT: Final = re.compile(r"&([A-Za-z_][A-Za-z0-9_.\-]{0,40})=")
SETTING: Final = re.compile(r"(?:^|\n)[ \t]*(?:-[ \t]+)?(?:(?:export|set|setx|env|ENV)[ \t]+)?[\w.\-]{1,64}=\Z")
"""The key of a setting on a line of its own, up to its value."""
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
"""Names of fields that forms send beside a password; `&name=` ends the value."""
WRITTEN_AS_CODE: Final = 3
"""Width of a sign written as `%26`: escaped, it separates nothing where the other signs are not escaped."""


BYTE: Final = "\ufffd"
REST: Final = re.compile(rf"{BYTE}[A-Za-z0-9!#$%&()*+\-./=?@\[\\\]^_{{|}}~<>]{{0,63}}")
WRITTEN_AS_BYTE: Final = 3
"""Width of `%82`, a byte that is valid in no charset: more likely the password has a per cent sign."""


TOLD: Final = re.compile(r"""(?:\s(?:is|was)|[是为為])[\s:]{0,2}["'`“]?\Z""")
"""What stands before a password that somebody tells in a sentence."""
LONGEST_TOLD: Final = 8
GOES_ON: Final = re.compile(r"(?::[A-Za-z0-9!#$%&*+\-?@^_~]{1,32})+")
"""A colon in the middle of a password, as in `Mark4:12x`: in a sentence nothing else is written so close."""


def value_span(text: str, start: int, end: int, width: Callable[[int], int]) -> tuple[int, int]:
    """Return the corrected span of the value matched from `start` to `end`; see `value_end` for `width`.

    Of a variable with a default the default is the value, if it may be a real password; the span is empty otherwise.
    A placeholder is no value, for its value was taken out; what is glued to it may be the rest of one that was cut.
    """
    while (ours := PLACEHOLDER.match(text, start - (text[start - 1 : start] == "["))) and ours.end() > start:
        start = min(ours.end(), end)
    if start >= end:
        return end, end
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
    """Tell whether a default is a well-known one; a word with a capital and a year is one that somebody chose."""
    if not MIXED.match(default):
        return True
    return STANDS_IN.fullmatch(default) is not None and not CHOSEN.fullmatch(default)


def value_end(text: str, start: int, end: int, width: Callable[[int], int]) -> int:
    """Return the true end of the value matched from `start` to `end`; `width` gives the characters written for one."""
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
    """Tell whether the value is empty: the next field follows at once."""
    field = NEXT.match(text, start, end)
    return field is not None and text[start - 1 : start] == "=" and field[1].lower() in FIELDS


def _closed(text: str, start: int, end: int) -> bool:
    """Tell whether quotes, or the two tags of an element, enclose the value exactly."""
    before = text[start - 1 : start]
    return (before in QUOTES and text[end : end + 1] == QUOTES[before]) or (
        before == ">" and text.startswith("</", end)
    )


def _parts(text: str, start: int, end: int, behind: re.Match[str], width: Callable[[int], int]) -> bool:
    """Tell whether the separator found in a value ends it."""
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
    """Tell whether a sign in a value separates two fields of a query or a form."""
    if text[start - 1 : start] != "=" or width(behind.start()) == WRITTEN_AS_CODE != width(start - 1):
        return False
    if behind[0][1:-1].lower() in FIELDS:
        return True
    alone = SETTING.search(text, max(0, start - AROUND), start) is not None
    return not (alone and text[end : end + 1] in ("", "\r", "\n"))
