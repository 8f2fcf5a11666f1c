"""Codes of counties are told from other digits without a list that grows old."""

import pytest

from detectors.regions import PROVINCES, county


@pytest.mark.parametrize(
    "code",
    ["110101", "440106", "320583", "659001", "500243", "419001", "132201", "810000", "710000", "830000", "522401"],
)
def test_a_county_is_one_whether_it_still_exists_or_not(code):
    assert county(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "11010",
        "000000",
        "160101",
        "990101",
        "110001",
        "110500",
        "440100",
        "810101",
        "447501",
        "１１０１０１",
        "44010a",
    ],
)
def test_what_is_no_county_is_none(code):
    assert not county(code)


def test_every_province_has_its_code():
    assert len(PROVINCES) == 35 and {"11", "31", "44", "65", "71", "81", "82"} <= PROVINCES.keys()
