"""Codes in pieces are put together and found where they stand; lists of words are not taken for them."""

import base64

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.broken import broken
from tests.detectors.views.reading import CARD, ID, MAIL, MOBILE, found, redacted
from tests.thorough import drawn

VALUES = st.sampled_from([f"身份证 {ID}", MOBILE, CARD, MAIL])


def pieces(code: str, width: int) -> list[str]:
    return [code[place : place + width] for place in range(0, len(code), width)]


@given(VALUES, st.integers(2, 40), st.sampled_from(["\n", "\r\n", "\n  ", "\n> ", " \n"]), st.booleans())
@example(f"身份证 {ID}", 3, "\n", True)
@settings(max_examples=drawn(60), deadline=None)
def test_a_code_over_lines_of_any_length_is_found_and_taken_out(value, width, sign, padded):
    code = base64.b64encode(value.encode()).decode()
    code = code if padded else code.rstrip("=")
    width = min(width, len(code.rstrip("=")) - 1)
    text = f"看:\n{sign.join(pieces(code, width))}\n谢谢"
    assert redacted(text).replace(f"{sign}=", "") == "看:\n⟦⟧\n谢谢", "but for a line that only fills it up"


JOINTS = [" + ", "+", " . ", " & ", " & _\n    ", "\n    ", " \\\n  ", " +\n  ", " || ", ", "]


@given(VALUES, st.integers(3, 12), st.sampled_from(JOINTS), st.sampled_from("\"'"))
@settings(max_examples=drawn(60), deadline=None)
def test_a_code_in_the_strings_of_a_program_is_found_and_taken_out(value, width, joint, quote):
    code = base64.b64encode(value.encode()).decode()
    row = joint.join(f"{quote}{one}{quote}" for one in pieces(code, width))
    assert redacted(f"s = {row};") == "s = ⟦⟧;"


@pytest.mark.parametrize("encode", [bytes.hex, lambda data: base64.b32encode(data).decode()], ids=["hex", "base32"])
@pytest.mark.parametrize("width", [4, 8, 12, 30])
def test_other_codes_are_put_together_as_well(encode, width):
    assert "EMAIL_ADDRESS" in {entity for entity, _ in found("\n".join(pieces(encode(MAIL.encode()), width)))}


def test_a_word_beside_a_code_is_none_of_it():
    code = base64.b64encode(f"id {ID}".encode()).decode().rstrip("=")
    assert "CN_ID_CARD" in {entity for entity, _ in found("\n".join([*pieces(code, 8), "thanks"]))}
    assert "CN_ID_CARD" in {entity for entity, _ in found("\n".join(["thankyou", *pieces(code, 8)]))}


@pytest.mark.parametrize(
    "text",
    [
        "import os\nimport sys\nfrom typing import Any\nfrom collections import deque",
        'names = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]',
        "The Northern Territory\nGovernment House\nParliament",
        "\n".join(["AAPL", "MSFT", "GOOG", "AMZN", "TSLA", "NVDA", "META"]),
        'x = "Hello" + "World" + "AndMore"',
        "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC",
    ],
)
def test_lists_of_words_are_no_codes(text):
    assert found(text) == []


@given(st.text("abAB01+/=\"', \n", max_size=120))
@settings(max_examples=drawn(200), deadline=None)
def test_any_text_can_be_read_and_codes_lie_in_it(text):
    for ways in broken(read_text(text)):
        for start, end, code in ways:
            assert 0 <= start < end <= len(text) and len(code) <= end - start
