"""Check digits: a number's own proof that it is what it looks like.

Enters: digits and letters as matched, separators allowed. Leaves: yes or no. Nothing is looked up and nothing raises,
whatever the text: a check that raised would be a detector that went blind.
"""

import re
from collections.abc import Callable
from datetime import date
from operator import mul
from string import ascii_uppercase
from typing import Final

from detectors.regions import PROVINCES, county

SEPARATORS: Final = re.compile(r"[^0-9A-Za-z]")

CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100: no I, O, S, V, Z."""
CREDIT_VALUES: Final = {character: value for value, character in enumerate(CREDIT_ALPHABET)}
CREDIT_WEIGHTS: Final = tuple(3**place % 31 for place in range(17))
CITIZEN_WEIGHTS: Final = tuple(2 ** (17 - place) % 11 for place in range(17))

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

TAIWAN_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""Letters of the places where the numbers were first given; their order is their value, from 10 on."""

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
IBAN_VALUES: Final = str.maketrans({letter: str(int(letter, 36)) for letter in ascii_uppercase})


DOUBLED: Final = str.maketrans("0123456789", "0246813579")
"""Twice a digit, the two digits of that added."""


def bare(text: str) -> str:
    """Return `text` without separators, in upper case."""
    return (text if text.isascii() and text.isalnum() else SEPARATORS.sub("", text)).upper()


def luhn(text: str) -> bool:
    """Tell whether the digits carry a right check digit by ISO/IEC 7812-1, annex B."""
    digits = bare(text)
    if len(digits) < 2 or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return False
    backwards = digits[::-1]
    return (sum(map(int, backwards[::2])) + sum(map(int, backwards[1::2].translate(DOUBLED)))) % 10 == 0


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
    # Of a foreigner only the province is told, after the 9; then comes the country, by ISO 3166.
    if not (number[1:3] in PROVINCES if number[0] == "9" else county(number[:6])):
        return False
    total = sum(map(mul, map(int, number[:17]), CITIZEN_WEIGHTS))
    return "10X98765432"[total % 11] == number[17] and born(number[6:14])


def cn_id_card_15(text: str) -> bool:
    """Tell whether this can be a 15-digit citizen number of GB 11643-1989: region and birth date, no check digit."""
    number = bare(text)
    return (
        len(number) == 15 and number.isascii() and number.isdigit() and county(number[:6]) and born("19" + number[6:12])
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
    if len(code) != 18 or not CREDIT_VALUES.keys() >= set(code):
        return False
    if code[1] not in CREDIT_KINDS.get(code[0], "") or not code[2:8].isdigit():
        return False
    total = sum(map(mul, map(CREDIT_VALUES.__getitem__, code[:17]), CREDIT_WEIGHTS))
    return CREDIT_ALPHABET[-total % 31] == code[17]


def iban(text: str) -> bool:
    """Tell whether this is an account number of ISO 13616: length of its country and ISO 7064 MOD 97-10."""
    number = bare(text)
    if not number.isascii() or IBAN_LENGTHS.get(number[:2]) != len(number) or not number[2:4].isdigit():
        return False
    return int((number[4:] + number[:4]).translate(IBAN_VALUES)) % 97 == 1


def cn_organization_code(text: str) -> bool:
    """Tell whether this is an organisation code of GB 11714-1997: eight characters and MOD 11 over them."""
    code = bare(text)
    if len(code) != 9 or not code.isascii() or len(set(code[:8])) == 1:
        return False
    total = sum(int(character, 36) * weight for character, weight in zip(code, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
    return "0X987654321"[total % 11] == code[8]


def cn_taxpayer_number(text: str) -> bool:
    """Tell whether this can be a taxpayer's number.

    15 characters are a county and an organisation code; 18 a unified social credit code or a citizen number; 17 and 20
    a citizen number, old or new, and a number in sequence.
    """
    number = bare(text)
    if len(number) == 15:
        return (county(number[:6]) and cn_organization_code(number[6:])) or cn_id_card_15(number)
    if len(number) == 18:
        return cn_credit_code(number) or cn_id_card(number)
    return (len(number) == 17 and cn_id_card_15(number[:15])) or (len(number) == 20 and cn_id_card(number[:18]))


def hk_id_card(text: str) -> bool:
    """Tell whether this is a Hong Kong identity number: one or two letters, six digits, MOD 11 with weights 9 to 1."""
    number = bare(text).rjust(9)
    if len(number) != 9 or not number[1].isalpha() or not number[2:8].isdigit() or not number.isascii():
        return False
    values = [36 if character == " " else int(character, 36) for character in number]
    return number[8] in "0123456789A" and sum(value * (9 - place) for place, value in enumerate(values)) % 11 == 0


def tw_id_card(text: str) -> bool:
    """Tell whether this is a number of Taiwan's identity or resident cards: letter, nine digits, MOD 10."""
    number = bare(text)
    if len(number) != 10 or not number.isascii() or not number[1:].isdigit() or number[0] not in TAIWAN_LETTERS:
        return False
    tens, ones = divmod(TAIWAN_LETTERS.index(number[0]) + 10, 10)
    total = tens + 9 * ones + sum(int(digit) * (8 - place) for place, digit in enumerate(number[1:9]))
    return (total + int(number[9])) % 10 == 0


def us_ssn(text: str) -> bool:
    """Tell whether nine digits can be an American social security number: no group that is never given."""
    digits = bare(text)
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return False
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def de_tax_id(text: str) -> bool:
    """Tell whether this is a German tax identity number: one digit twice or thrice in ten, ISO 7064 MOD 11,10."""
    digits = bare(text)
    if len(digits) != 11 or not (digits.isascii() and digits.isdigit()) or digits[0] == "0":
        return False
    if max(map(digits[:10].count, digits[:10])) > 3 or len(set(digits[:10])) not in (8, 9):
        return False
    product = 10
    for one in digits[:10]:
        product = (((int(one) + product) % 10 or 10) * 2) % 11
    return (11 - product) % 10 == int(digits[10])


def fr_social_security(text: str) -> bool:
    """Tell whether this is a number of the French register of people: a month, a department, and a key by MOD 97.

    Of Corsica the letters count as 19 and 18, as INSEE has it.
    """
    number = bare(text)
    digits = number.replace("2A", "19").replace("2B", "18") if number[5:7] in ("2A", "2B") else number
    if len(digits) != 15 or not (digits.isascii() and digits.isdigit()):
        return False
    month = int(digits[3:5])
    if not (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) or number[5:7] == "00":
        return False
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


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
    "cn_organization_code": cn_organization_code,
    "cn_taxpayer_number": cn_taxpayer_number,
    "hk_id_card": hk_id_card,
    "tw_id_card": tw_id_card,
    "iban": iban,
    "us_ssn": us_ssn,
    "de_tax_id": de_tax_id,
    "fr_social_security": fr_social_security,
}
"""What a rule may name under `check:`."""
