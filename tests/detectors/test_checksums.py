"""Check digits tell right numbers from wrong ones, and never raise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.checksums import CHECKSUMS, CREDIT_ALPHABET
from tests.rows import each
from tests.thorough import drawn

RIGHT = {
    "luhn": ["4111111111111111", "5555-5555-5555-4444", "79927398713"],
    "bank_card": ["6222 0212 3456 7894", "6222021234567890128", "378282246310005"],
    "cn_id_card": [
        "110101199003074477",
        "11010519491231002X",
        "11010519491231002x",
        "110101 19900307 4477",
        "810000199003079693",
        "931840198808080016",
    ],
    "cn_id_card_15": ["110105491231002"],
    "cn_credit_code": ["91350100M000100Y43", "91110108551385082Q"],
    "cn_vehicle_plate": ["京A12345", "粤B1234学", "沪AD12345"],
    "cn_organization_code": ["D2143569-X", "39825979-1", "190748334"],
    "cn_taxpayer_number": [
        "440106646869581",
        "110105491231002",
        "91350100M000100Y43",
        "110101199003074477",
        "11010549123100201",
        "11010119900307447701",
    ],
    "hk_id_card": ["A123456(3)", "A7887623", "AB328601(9)", "a123456 (3)"],
    "tw_id_card": ["A123456789", "F296669722", "A800000014"],
    "iban": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NO9386011117947"],
    "us_ssn": ["261254953", "261-25-4953", "665 01 0001"],
    "de_tax_id": ["30581264492", "30 581 264 492"],
    "fr_social_security": ["284052807402145", "2 84 05 28 074 021 45", "1 55 08 2A 006 001 84", "155082B00600114"],
}
WRONG = {
    "luhn": {"wrong check digit": "4111111111111112", "one digit repeated": "0000000000000000", "a letter": "4111x"},
    "bank_card": {"too short": "424242424242", "too long": "42424242424242424242", "wrong": "6222021234567895"},
    "cn_id_card": {
        "wrong check digit": "110101199003074478",
        "no such day": "110101199002304470",
        "no such month": "110101199013074477",
        "no such province": "160101199003074477",
        "no such county": "110001199003074477",
        "a foreigner of no province": "990840198808080016",
        "17 digits": "11010119900307447",
        "letters": "11010119900307447A",
        "other digits": "١١٠١٠١١٩٩٠٠٣٠٧٤٤٧٧",
    },
    "cn_id_card_15": {
        "no such day": "110105491331002",
        "no such province": "100105491231002",
        "16": "1101054912310021",
    },
    "cn_credit_code": {
        "wrong check character": "91350100M000100Y44",
        "letter I": "91350100M000100Y4I",
        "no such kind": "94350100M000100Y43",
        "letter in the region": "91A50100M000100Y43",
        "17": "91350100M000100Y4",
    },
    "cn_vehicle_plate": {"a word": "新USERID", "two digits": "京AB12CD"},
    "cn_organization_code": {"wrong check": "D2143569-1", "eight": "D2143569", "one character": "00000000-0"},
    "cn_taxpayer_number": {
        "no code after the county": "440106646869582",
        "no county before the code": "000106646869581",
        "neither code nor citizen": "91350100M000100Y44",
        "sixteen": "4401066468695811",
        "a number after no citizen": "11010119900307447801",
    },
    "hk_id_card": {"wrong check": "A123456(4)", "no letter": "1123456(3)", "a letter for a digit": "A12345B(3)"},
    "tw_id_card": {"wrong check": "A123456788", "no letter": "1123456789", "nine": "A12345678"},
    "iban": {
        "wrong check": "DE89370400440532013001",
        "wrong length": "DE8937040044053201300",
        "no country": "ZZ89370400",
    },
    "us_ssn": {
        "an area never given": "666254953",
        "no area": "000254953",
        "a taxpayer's": "912-70-1234",
        "no group": "261-00-4953",
        "no serial": "261-25-0000",
        "one digit": "222222222",
        "other digits": "٢٦١٢٥٤٩٥٣",
    },
    "de_tax_id": {
        "wrong check digit": "30581264493",
        "it begins with 0": "03581264492",
        "no digit twice": "01234567890",
        "one digit too often": "11112345670",
        "ten": "3058126449",
    },
    "fr_social_security": {
        "wrong key": "284052807402146",
        "no such month": "284152807402118",
        "no department": "284050007402145",
        "no such letter": "1 55 08 2C 006 001 64",
        "fourteen": "28405280740214",
    },
}


@pytest.mark.parametrize(("check", "text"), [(check, text) for check, row in RIGHT.items() for text in row])
def test_a_right_number_passes(check, text):
    assert CHECKSUMS[check](text)


@each(
    ("check", "text"),
    [pytest.param(check, text, id=f"{check}: {why}") for check, row in WRONG.items() for why, text in row.items()],
)
def test_a_wrong_number_does_not(check, text):
    assert not CHECKSUMS[check](text)


def test_every_check_has_right_and_wrong_numbers_here():
    assert CHECKSUMS.keys() == RIGHT.keys() == WRONG.keys()


@pytest.mark.parametrize("check", CHECKSUMS)
@given(text=st.one_of(st.text(), st.text("0123456789Xx ٣３٤-", max_size=40)))
@settings(max_examples=drawn(50))
def test_no_text_makes_a_check_raise(check, text):
    assert CHECKSUMS[check](text) in (True, False)


@given(st.text("0123456789", min_size=15, max_size=18).filter(lambda body: len(set(body)) > 1))
def test_luhn_notices_any_single_wrong_digit(body):
    (right,) = (body + digit for digit in "0123456789" if CHECKSUMS["luhn"](body + digit))
    for place, digit in enumerate(right):
        wrong = right[:place] + str((int(digit) + 1) % 10) + right[place + 1 :]
        assert not CHECKSUMS["luhn"](wrong)


NOTICED = {
    "cn_id_card": ["110101199003074477", "11010519491231002X", "810000199003079693"],
    "cn_organization_code": ["D2143569X", "398259791", "190748334"],
    "hk_id_card": ["A1234563", "AB3286019"],
    "iban": ["DE89370400440532013000", "GB82WEST12345698765432"],
}
"""Numbers whose checks promise to notice one wrong digit, wherever it stands."""


@pytest.mark.parametrize(("check", "right"), [(check, right) for check, row in NOTICED.items() for right in row])
def test_one_wrong_digit_is_noticed_wherever_it_stands(check, right):
    for place, digit in enumerate(right):
        for other in set("0123456789") - {digit} if digit.isdigit() else ():
            assert not CHECKSUMS[check](right[:place] + other + right[place + 1 :])


@given(st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_a_credit_code_notices_any_single_wrong_character(place, character):
    right = "91350100M000100Y43"
    wrong = right[:place] + character + right[place + 1 :]
    assert CHECKSUMS["cn_credit_code"](wrong) == (wrong == right)
