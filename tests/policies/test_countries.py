"""The countries a policy can name."""

from policies.countries import COUNTRIES


def test_countries_are_two_capital_letters():
    assert all(len(each) == 2 and each.isascii() and each.isupper() for each in COUNTRIES)


def test_the_usual_homes_of_services_are_there_and_usual_slips_are_not():
    assert {"CN", "US", "GB", "FR", "IL", "HK", "TW", "SG"} <= COUNTRIES
    assert not {"UK", "EU", "ZH", "XX"} & COUNTRIES
