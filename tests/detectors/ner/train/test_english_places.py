"""Made-up organisations and addresses in Latin script come in the shapes of many countries."""

import re
from random import Random

import pytest

from detectors.ner.train.english_places import Sites
from detectors.ner.train.lists import TRAIN

SHAPES = {
    "a US ZIP code": r", [A-Z]{2} \d{5}",
    "a British postcode": r"[A-Z]{2}\d{1,2} \d[A-Z]{2}",
    "a flat": r"(Apt|Suite|Ste|Unit|Flat|Floor|Room|#)",
    "a German street": "(straße|str\\.|gasse|weg|allee|platz)",
    "a French street": r"(rue|avenue des|boulevard|chemin|quai)",
    "a post-office box": r"P\.? ?O\.? Box",
    "more than one line": "\n",
}


@pytest.mark.parametrize(("shape", "pattern"), SHAPES.items())
def test_addresses_have_the_shapes_of_many_countries(shape: str, pattern: str) -> None:
    sites = Sites(Random(1), TRAIN, {})
    addresses = [sites.address() for _ in range(400)]
    assert len(set(addresses)) > 395
    assert sum(bool(re.search(pattern, address)) for address in addresses) > 8, shape


def test_an_address_may_be_a_corner_or_a_number_with_a_road() -> None:
    sites = Sites(Random(2), TRAIN, {})
    partial = [sites.address("partial") for _ in range(200)]
    assert any(address.startswith("the corner of ") for address in partial)
    assert any(re.fullmatch(r"\d+ .+", address) for address in partial)


@pytest.mark.parametrize("variant", ["", "company", "short", "bank", "hospital", "school", "gov", "dept", "lower"])
def test_organisations_of_each_kind_vary(variant: str) -> None:
    sites = Sites(Random(3), TRAIN, {})
    names = [sites.organisation(variant) for _ in range(200)]
    assert len(set(names)) > (25 if variant == "dept" else 80) and all(name.strip() == name for name in names)
    assert variant != "lower" or all(name == name.lower() for name in names)


def test_what_the_data_names_is_used_where_it_is_known() -> None:
    known = {
        ("ORGANIZATION", "en"): tuple(f"Known {number}" for number in range(50)),
        ("LOCATION", "en"): ("Old Town",) * 3,
    }
    sites = Sites(Random(4), TRAIN, known)
    assert any(sites.organisation().startswith("Known ") for _ in range(60))
