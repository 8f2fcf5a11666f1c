"""Days of birth, numbers of accounts and spelt-out mailboxes, as against figures and words that have their form.

Enters: what a rule took for one of them; the words around it have been seen by the rule. Leaves: yes or no. Nothing is
looked up, and no clock is asked: which years can be somebody's does not depend on today.
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
MOMENT: Final = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-9]{2,8}")
"""A row of figures that begins with a day and a time: the number of an order or of a booking."""

DAY: Final = re.compile(r"(?:19|20)[0-9]{2}[ \-](?:0?[1-9]|1[0-2])[ \-](?:0?[1-9]|[12][0-9]|3[01])(?![0-9])")

AT: Final = re.compile(r"(?i)\s?[\[({<]\s?(?:at|@|艾特|圈a)\s?[\])}>]\s?|\s(?:at|@)\s|\s?(?:艾特|圈a|小老鼠)\s?|_at_")
DOT: Final = re.compile(r"(?i)\s?[\[({<]\s?(?:dot|\.|点)\s?[\])}>]\s?|\s(?:dot|\.)\s|\s?点\s?|_dot_")
ODD: Final = re.compile(r"\s?[.。点,]\s?")

MOST_DAYS: Final = 31
"""What is more than that beside a month in words is a year."""

LEAP: Final = 2000
"""The year of a day that is told without one; it has all days."""


def day_of_birth(value: str) -> bool:
    """Tell whether the figures of a date can be a day, a month, or a year; of one in words the rule saw enough."""
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
    """Tell whether a row of figures can be the number of an account: no mobile, no identity number, no moment."""
    digits = NO_DIGIT.sub("", value)
    if len(set(digits)) < 3 or MOBILE.fullmatch(digits) or MOMENT.fullmatch(digits) or DAY.match(value):
        return False
    return not (len(digits) == 18 and cn_id_card(digits))


def employee_number(value: str) -> bool:
    """Tell whether what follows the word for it can be the number of an employee: no month, and not only one figure."""
    return not MONTH.fullmatch(value) and len(set(NO_DIGIT.sub("", value))) > 1


def some_figures(value: str) -> bool:
    """Tell whether a number that has letters has figures, too: six signs at least, two of them figures."""
    return len(value) >= 6 and len(NO_DIGIT.sub("", value)) >= 2


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
    """Tell whether an address whose sign is spelt out leads to a host: its dots are spelt too, or its domain exists."""
    _, _, domain = AT.sub("@", value, count=1).partition("@")
    host = DOT.sub(".", domain)
    return host != domain or bare_host(host)


def odd_mailbox(value: str) -> bool:
    """Tell whether an address with odd stops or a space in it is a mailbox; `us @corp.com` names an account."""
    name, _, domain = value.partition("@")
    plain = ODD.sub(".", domain.strip())
    return not name.endswith(" ") and plain != domain and mailbox(f"{name}@{plain}")


PERSONAL: Final[dict[str, Callable[[str], bool]]] = {
    "account_number": account_number,
    "day_of_birth": day_of_birth,
    "employee_number": employee_number,
    "odd_mailbox": odd_mailbox,
    "phone_in_words": phone_in_words,
    "some_figures": some_figures,
    "spelt_mailbox": spelt_mailbox,
}
"""What a rule may name under `check:` besides the check digits."""
