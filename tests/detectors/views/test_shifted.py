"""What was shifted by thirteen before it was put into a code is found, and the code taken out."""

import base64
import codecs

import pytest

from tests.detectors.views.reading import MAIL, found, redacted


@pytest.mark.parametrize("value", [MAIL, "AKIAIVMV6SDZHN6C7UVG"])
def test_a_value_shifted_by_thirteen_is_found_in_a_code(value):
    code = base64.b64encode(codecs.encode(f"use {value} now", "rot13").encode()).decode()
    assert redacted(f"看 {code} 谢谢") == "看 ⟦⟧ 谢谢"


def test_words_in_a_code_are_nobodys_either_way():
    code = base64.b64encode(b"import numpy_2_extension_module_number_12 as np").decode()
    assert found(f"see {code} there") == []
