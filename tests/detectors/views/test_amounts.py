"""Numbers of people written as amounts are found; amounts of a report are none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.evasion.printed import with_units
from detectors.views.amounts import value
from tests.detectors.views.reading import MOBILE, found, redacted


class Chosen:
    """Draws what a test says."""

    def __init__(self, drawn: float) -> None:
        self._drawn = drawn

    def random(self) -> float:
        return self._drawn


@given(st.integers(10**8, 10**19 - 1), st.sampled_from([0.1, 0.9]))
@example(10**12, 0.1)
@example(10**12 + 5, 0.9)
def test_an_amount_is_the_number_that_was_written(number, drawn):
    assert value(with_units(Chosen(drawn), str(number))) == number  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    ["一百三十九亿一千二百三十四万五千六百七十八", "139亿1234万5678", "壹佰叁拾玖億壹仟贰佰叁拾肆萬伍仟陆佰柒拾捌"],
)
def test_a_mobile_number_written_as_an_amount_is_found_and_taken_out(written):
    assert str(value(written)) == MOBILE
    assert redacted(f"手机{written},谢谢") == "手机⟦⟧,谢谢"


@pytest.mark.parametrize(
    "text",
    [
        "全年营业收入一百三十九亿一千二百三十四万五千六百七十八元",
        "总资产139亿1234万5678",
        "第七次人口普查十四亿一千一百七十七万八千七百二十四人",
        "市值约一百三十九亿",
        "亿亿万万千千百百",
    ],
)
def test_amounts_of_a_report_are_nobodys(text):
    assert found(text) == []
