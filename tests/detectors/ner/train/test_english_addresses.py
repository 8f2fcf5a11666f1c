"""Made-up addresses are shaped as the countries of the world write them."""

import re
from random import Random

import pytest

from detectors.ner.train.english_addresses import REGIONS, Addresses
from detectors.ner.train.english_places import Sites
from detectors.ner.train.lists import TRAIN

SHAPES = {
    "us": r"^\d+ .+, .*[A-Z]{2} \d{5}(-\d{4})?(, (USA|United States|US))?$|^\d+ .+ [A-Z]{2} \d{5}",
    "mil": r"^(PSC|Unit|USNS|USS|USCGC|CMR) .+, (APO|FPO|DPO) (AA|AE|AP) \d{5}$",
    "faker": r"^\d{3,5} [^,]+, [^,]+, [A-Z]{2} \d{5}$",
    "au": r" \d{4}(, Australia)?$",
    "ca": r" [A-Z]\d[A-Z] \d[A-Z]\d$",
    "sg": r"#\d{2}-\d{2}.*, Singapore \d{6}$",
    "ja": r"^\d+-\d+-\d+ \w+, .*-ku, ",
    "pl": r"^\S.* \d+.*, ",
    "mx": r"^(Av\.|Calle|Blvd\.|Carrera|Jr\.|Rua|Travessa|Paseo|Gran|Ronda|Avenida) ",
}


def places(country: str, count: int = 120) -> list[str]:
    """Return addresses of a country, each on one line."""
    addresses = Addresses(Random(country), Sites(Random(1), TRAIN, {}))
    return [", ".join(addresses.lines(country)) for _ in range(count)]


@pytest.mark.parametrize(("country", "shape"), SHAPES.items())
def test_addresses_of_a_country_have_its_shape(country: str, shape: str) -> None:
    wrong = [one for one in places(country) if not re.search(shape, one)]
    assert not wrong


def test_british_addresses_mostly_end_with_a_postcode_and_some_have_a_house_by_name() -> None:
    found = places("uk", 300)
    assert sum(bool(re.search(r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}(, UK)?$", one)) for one in found) > 180
    assert sum(not re.search(r"\d", one.split(",")[0]) for one in found) > 20


def test_indian_addresses_go_from_the_door_to_the_pin_code() -> None:
    found = places("in", 300)
    assert all(one.count(",") >= 2 for one in found)
    assert sum(bool(re.search(r"\b\d{3} ?\d{3}\b", one)) for one in found) > 180
    assert any(re.match(r"(H\.No\.|Flat No\.|Plot No\.|Door No\.|#)", one) for one in found)


@pytest.mark.parametrize("country", [*SHAPES, "uk", "in", "ae", "cn", *REGIONS, "", "zz"])
def test_addresses_vary_and_are_whole_lines(country: str) -> None:
    addresses = Addresses(Random(2), Sites(Random(3), TRAIN, {}))
    lines = [addresses.lines(country) for _ in range(60)]
    assert len({tuple(one) for one in lines}) > 50
    assert all(line == line.strip() and line and "\n" not in line for one in lines for line in one)
    assert all(len(one) > 1 for one in lines)
