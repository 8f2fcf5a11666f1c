"""Work is bounded, and past the bound nobody says that a text is clean."""

import base64
from random import Random

import pytest

from detectors.views.budget import DEPTH, Budget, Exceeded
from detectors.views.look import look
from tests.detectors.views.reading import ID


def test_what_is_spent_is_gone():
    budget = Budget(10)
    budget.spend(10)
    with pytest.raises(Exceeded):
        budget.spend(1)


def test_a_text_with_too_much_in_it_is_closed_as_a_whole():
    text = " ".join(Random(1).randbytes(40).hex() for _ in range(20))
    assert look(text, Budget(100)).closed == [(0, len(text))]


def test_a_code_that_lies_too_deep_is_closed():
    code = f"number {ID} of somebody"
    for _ in range(DEPTH + 2):
        code = base64.b64encode(code.encode()).decode()
    assert look(f"see {code}").closed == [(4, 4 + len(code))]
