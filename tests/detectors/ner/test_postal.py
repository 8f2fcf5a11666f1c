"""Addresses that begin with a flat, a house by its name, a box, a camp or a door of India are found whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.postal import postal

WHOLE = [
    "No. 14/2, 2nd Cross Street, Nehru Nagar, Chennai - 600020",
    "H.No. 8-2-293/82, Plot 404, Road No. 2, Banjara Hills, Hyderabad 500034",
    "B-703 Silver Oak, FC Road, Pune 411045, Maharashtra",
    "#21, Ashoka Towers,\nMG Road, Bengaluru 560 001, Karnataka",
    "PSC 3301, Box 4417\nAPO AE 09765",
    "USNS Garcia, FPO AP 22315",
    "CMR 467 Box 5512, APO AE 09096-1234",
    "PO Box 21877, Riyadh 11485, KSA",
    "P.O. Box 512, Hanalei HI 96714",
    "Flat 4, Beech Court, Mill Lane, Skipton BD23 1PS",
    "The Old Rectory, Mill Lane, Tetbury GL8 8AB",
    "Park Lane, Bootle, L30 4UR",
    "Unit 12B, Westgate Park, Telford TF3 4NB",
    "71 Larch Road, Birkenhead, Merseyside CH42 0PQ",
    "3-11-2 Ginza, Chuo-ku, Tokyo 104-0061, Japan",
]
NONE = {
    "a number of six figures is no PIN code alone": "No. 5 in the list, see page 4, invoice 123456",
    "nor behind words that no address has": "Flat rate, no refund, order 560001",
    "words in capitals before a postcode are no road": "Alice, Bob, Carol SW1A 1AA",
    "a postcode alone": "the code is SW1A 1AA",
    "a unit with a box is no camp": "Unit 12 Box 4 is empty",
    "a box without a number": "PO Box rental for a year",
    "a score": "3-11-2, they won",
}


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in postal(text)]


@pytest.mark.parametrize("address", WHOLE)
@pytest.mark.parametrize("around", ["{}", "Send it to {} please", "Ship to:\n{}\n\nThanks", "({})", "- {} - today"])
def test_an_address_is_found_from_its_first_word_to_its_last(address: str, around: str) -> None:
    text = around.format(address)
    assert address in found(text)
    assert all(label == "ADDRESS" for label in {one.label for one in postal(text)})


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Jane Smith, Ivy Cottage, Church Lane, Leek ST13 5AB", "Ivy Cottage, Church Lane, Leek ST13 5AB"),
        ("Mrs Eileen Frost 71 Larch Road, Poole BH15 1AA", "71 Larch Road, Poole BH15 1AA"),
        ("ANNE ROSS of The Old Forge, Mill Lane, Tetbury GL8 8AB", "The Old Forge, Mill Lane, Tetbury GL8 8AB"),
    ],
)
def test_whoever_lives_there_stays_outside(text: str, address: str) -> None:
    assert found(text) == [address]


def test_a_country_or_state_behind_the_code_belongs_to_it_and_the_next_sentence_does_not() -> None:
    assert found("Plot 9, Ring Road, Jaipur 302001, Rajasthan, by Monday") == [
        "Plot 9, Ring Road, Jaipur 302001, Rajasthan"
    ]
    assert found("Plot 9, Ring Road, Jaipur 302001. Ask Ravi") == ["Plot 9, Ring Road, Jaipur 302001"]


@given(st.text(alphabet="Aa1 ,\n-/#.BoxPOSW1A 560001-kuRoad", max_size=300))
def test_whatever_the_text_what_is_found_lies_in_it_and_ends_as_addresses_do(text: str) -> None:
    for one in postal(text):
        words = text[one.start : one.end]
        assert words == words.strip() and words
        assert re.search(r"[0-9]", words)
