"""Check digits: a number's own proof that it is what it looks like.

Enters: digits and letters as matched, separators allowed. Leaves: yes or no. Nothing is looked up and nothing raises,
whatever the text: a check that raised would be a detector that went blind.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

SEPARATORS: Final = re.compile(r"[^0-9A-Za-z]")

PROVINCES: Final = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for code in codes
)
"""First two digits of GB/T 2260; 71, 81, 82 and 83 stand for Taiwan, Hong Kong and Macao residents."""

CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100: no I, O, S, V, Z."""

CREDIT_KINDS: Final = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "1239",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "123",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
"""GB 32100, table 1: registering department, and the kinds of body it registers."""

IBAN_LENGTHS: Final = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""Length by country, from the IBAN registry of ISO 13616."""


def bare(text: str) -> str:
    """Return `text` without separators, in upper case."""
    return SEPARATORS.sub("", text).upper()


def luhn(text: str) -> bool:
    """Tell whether the digits carry a right check digit by ISO/IEC 7812-1, annex B."""
    digits = bare(text)
    if len(digits) < 2 or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def bank_card(text: str) -> bool:
    """Tell whether these are the 13 to 19 digits of a card number of ISO/IEC 7812-1."""
    return 13 <= len(bare(text)) <= 19 and luhn(text)


def cn_id_card(text: str) -> bool:
    """Tell whether this is an 18-digit citizen number of GB 11643-1999: region, birth date and ISO 7064 MOD 11-2.

    Numbers that begin with 9 belong to foreign permanent residents and follow the same rule since 2023.
    """
    number = bare(text)
    if len(number) != 18 or not (number.isascii() and number[:17].isdigit()) or number[17] not in "0123456789X":
        return False
    if number[:2] not in PROVINCES and number[0] != "9":
        return False
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(number[:17]))
    return born(number[6:14]) and "10X98765432"[total % 11] == number[17]


def cn_id_card_15(text: str) -> bool:
    """Tell whether this can be a 15-digit citizen number of GB 11643-1989: region and birth date, no check digit."""
    number = bare(text)
    return (
        len(number) == 15
        and number.isascii()
        and number.isdigit()
        and number[:2] in PROVINCES
        and born("19" + number[6:12])
    )


def born(digits: str) -> bool:
    """Tell whether eight digits are a day of the calendar between 1900 and 2099."""
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year <= 2099
    except ValueError:
        return False


def cn_credit_code(text: str) -> bool:
    """Tell whether this is a unified social credit code of GB 32100-2015: department, kind, MOD 31-3."""
    code = bare(text)
    if len(code) != 18 or any(character not in CREDIT_ALPHABET for character in code):
        return False
    if code[1] not in CREDIT_KINDS.get(code[0], "") or not code[2:8].isdigit():
        return False
    total = sum(CREDIT_ALPHABET.index(character) * (3**place % 31) for place, character in enumerate(code[:17]))
    return CREDIT_ALPHABET[-total % 31] == code[17]


def iban(text: str) -> bool:
    """Tell whether this is an account number of ISO 13616: length of its country and ISO 7064 MOD 97-10."""
    number = bare(text)
    if not number.isascii() or IBAN_LENGTHS.get(number[:2]) != len(number) or not number[2:4].isdigit():
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


def cn_vehicle_plate(text: str) -> bool:
    """Tell whether the serial has the three digits at least that GA 36-2018 leaves; words in capitals have none."""
    return sum(character.isdigit() for character in text[2:]) >= 3


CHECKSUMS: Final[dict[str, Callable[[str], bool]]] = {
    "luhn": luhn,
    "bank_card": bank_card,
    "cn_id_card": cn_id_card,
    "cn_id_card_15": cn_id_card_15,
    "cn_credit_code": cn_credit_code,
    "cn_vehicle_plate": cn_vehicle_plate,
    "iban": iban,
}
"""What a rule may name under `check:`."""
