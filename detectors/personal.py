"""Validates dates of birth, account numbers and spelt-out e-mail addresses that rules have matched.

Enters: the matched value; its context words are the rule's concern. Leaves: whether it is valid. Nothing
is looked up, and no clock is read: which years can be years of birth does not depend on today.
"""

import re
from collections.abc import Callable
from datetime import date
from itertools import permutations
from typing import Final

from detectors.checksums import cn_id_card
from detectors.domains import bare_host
from detectors.plausible import mailbox

FIGURES: Final = re.compile("[0-9]+")
NO_DIGIT: Final = re.compile("[^0-9]")
IN_WORDS: Final = re.compile(r"[ ,\-]+")
TIMES: Final = {"double": 2, "triple": 3}
MONTH: Final = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?")
MOBILE: Final = re.compile("(?:86)?1[3-9][0-9]{9}")
SERVICE: Final = re.compile("[48]00[0-9]{7}")
"""A telephone number of a company, for which nobody pays, or only as for a call in town."""
MOMENT: Final = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-9]{2,8}")
"""Digits that begin with a date and a time: an order or booking number."""

DAY: Final = re.compile(r"(?:19|20)[0-9]{2}[ \-](?:0?[1-9]|1[0-2])[ \-](?:0?[1-9]|[12][0-9]|3[01])(?![0-9])")

AT: Final = re.compile(r"(?i)\s?[\[({<]\s?(?:at|@|艾特|圈a)\s?[\])}>]\s?|\s(?:at|@)\s|\s?(?:艾特|圈a|小老鼠)\s?|_at_")
DOT: Final = re.compile(r"(?i)\s?[\[({<]\s?(?:dot|\.|点)\s?[\])}>]\s?|\s(?:dot|\.)\s|\s?点\s?|_dot_")
ODD: Final = re.compile(r"\s?[.。点,]\s?")

MOST_DAYS: Final = 31
"""A number above this beside a month's name is a year, not a day."""

LEAP: Final = 2000
"""The year assumed for a date without one: a leap year, so that every date exists."""

CREDENTIALS: Final = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.\-]{0,30}://[^\s:/?#\"'<>]{0,128}:[^\s/?#@\"'<>]{0,128}"
    r"|\bjdbc:oracle:\w{1,12}:[^\s:/@]{1,64}/[^\s:/@]{0,64})\Z"
)
"""Before the last signs of a password in a URL (RFC 3986, section 3.2.1), or in the addresses that Oracle has."""
LONGEST_CREDENTIALS: Final = 300


def day_of_birth(value: str) -> bool:
    """Tell whether the numbers of a date are a possible day, month and year; a date in words is taken as it is."""
    figures = FIGURES.findall(value)
    if len(figures) == 1 and len(figures[0]) == 8:
        figures = [figures[0][:4], figures[0][4:6], figures[0][6:]]
    numbers = [int(one) for one in figures]
    if len(numbers) == 3:
        return any(_day(year % 100 + LEAP, month, day) for year, month, day in permutations(numbers))
    if len(numbers) == 2 and (len(figures[0]) == 4 or "年" in value):
        return _day(LEAP, numbers[1], 1)
    if len(numbers) == 2 and "月" in value:
        return _day(LEAP, *numbers)
    if len(numbers) == 2:
        return numbers[1] > MOST_DAYS or any(_day(LEAP, *pair) for pair in permutations(numbers))
    return True


def _day(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def account_number(value: str) -> bool:
    """Tell whether digits can be an account number: no mobile number, no identity number, no time stamp."""
    digits = NO_DIGIT.sub("", value)
    if len(set(digits)) < 3 or MOBILE.fullmatch(digits) or MOMENT.fullmatch(digits) or DAY.match(value):
        return False
    return not (len(digits) == 18 and cn_id_card(digits))


def document_number(value: str) -> bool:
    """Tell whether figures behind the name of a paper can be its number: no day, moment, amount or telephone.

    One number in 1,400 is a day of these two centuries; most figures behind such a word that look like a day are one.
    """
    digits = value.lstrip("vV")
    if not digits.isdigit():
        return True
    if (
        len(digits) in (8, 12, 14)
        and digits[:2] in ("19", "20")
        and _day(*map(int, (digits[:4], digits[4:6], digits[6:8])))
    ):
        return False
    return len(set(digits)) > 2 and not MOBILE.fullmatch(digits) and not SERVICE.fullmatch(digits)


def stands_apart(text: str, start: int, end: int) -> bool:
    """Tell whether figures do not go on beyond a point or before a hyphen, as those of amounts and telephones do."""
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    return not (before[:1].isdigit() and before[1:] in (".", "-")) and not (behind[:1] == "." and behind[1:].isdigit())


def employee_number(value: str) -> bool:
    """Tell whether what follows the word for it can be the number of an employee: no month, and not only one figure."""
    return not MONTH.fullmatch(value) and len(set(NO_DIGIT.sub("", value))) > 1


def some_figures(value: str) -> bool:
    """Tell whether a number that has letters has figures, too: six signs at least, two of them figures; no month."""
    return not MONTH.fullmatch(value) and len(value) >= 6 and len(NO_DIGIT.sub("", value)) >= 2


def phone_in_words(value: str) -> bool:
    """Tell whether figures told in words, some of them perhaps in figures, are as many as a telephone number has."""
    said = [one.lower() for one in IN_WORDS.split(value) if one]
    count, times = 0, 1
    for one in said:
        if one in TIMES:
            times = TIMES[one]
            continue
        count += len(one) if one.isdigit() else times
        times = 1
    return 9 <= count <= 13 and len(set(said)) > 3


def spelt_mailbox(value: str) -> bool:
    """Tell whether an address with `at` spelt out is one: its dots are spelt out too, or its domain exists."""
    _, _, domain = AT.sub("@", value, count=1).partition("@")
    host = DOT.sub(".", domain)
    return host != domain or bare_host(host)


def odd_mailbox(value: str) -> bool:
    """Tell whether an address with odd dots or a space in it is one; `us @corp.com` names an account instead."""
    name, _, domain = value.partition("@")
    plain = ODD.sub(".", domain.strip())
    return not name.endswith(" ") and plain != domain and mailbox(f"{name}@{plain}")


def no_credential(text: str, start: int, _end: int) -> bool:
    """Tell whether an address is none of which the name is the password of a URL: `//user:password@host`."""
    return CREDENTIALS.search(text, max(0, start - LONGEST_CREDENTIALS), start) is None


BESIDE: Final = {"document_number": stands_apart, "mailbox": no_credential, "odd_mailbox": no_credential}
"""What is told of these by what stands before the value, too."""
PERSONAL: Final[dict[str, Callable[[str], bool]]] = {
    "account_number": account_number,
    "day_of_birth": day_of_birth,
    "document_number": document_number,
    "employee_number": employee_number,
    "odd_mailbox": odd_mailbox,
    "phone_in_words": phone_in_words,
    "some_figures": some_figures,
    "spelt_mailbox": spelt_mailbox,
}
"""Checks that a rule may name under `check:`, besides check digits."""
