"""One command trains and ships. Needs PyTorch, so it runs where training does."""

import pytest

pytest.importorskip("torch")

from detectors.ner.train import __main__ as command


def test_both_models_have_a_plan() -> None:
    assert set(command.PLANS) == {"hashed", "latin"}
