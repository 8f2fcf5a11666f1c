"""A finding is told on one line, and to machines in both languages."""

import pytest

from policies.decision import Text
from proxy.cli.check import Check

TOLD = Text("well", "好")


@pytest.mark.parametrize(("level", "ok"), [("ok", True), ("warn", True), ("FAIL", False)])
def test_only_a_failure_is_not_ok(level, ok) -> None:
    one = Check("store", level, TOLD)
    assert one.ok is ok
    assert one.as_json() == {"name": "store", "ok": ok, "level": level, "en": "well", "zh": "好"}


@pytest.mark.parametrize(("language", "told"), [("zh", "好"), ("en", "well")])
def test_a_line_has_level_name_and_words(language: str, told: str) -> None:
    assert Check("store", "warn", TOLD).line(language).split() == ["warn", "store", told]
