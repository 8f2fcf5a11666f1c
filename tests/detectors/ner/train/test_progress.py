"""Who watches a training sees each line at once, with the time."""

import re

import pytest

from detectors.ner.train.progress import log


def test_a_line_comes_with_the_time_of_day(capsys: pytest.CaptureFixture[str]) -> None:
    log("round 3")
    assert re.fullmatch(r"\d\d:\d\d:\d\d round 3\n", capsys.readouterr().out)
