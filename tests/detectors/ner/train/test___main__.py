"""One command trains and ships, from the one encoder it knows. Needs PyTorch, so it runs where training does."""

from pathlib import Path

import pytest

pytest.importorskip("torch")

from detectors.ner.train import __main__ as command


def test_another_encoder_than_the_one_of_the_model_card_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")

    class Package:
        @staticmethod
        def get_model_path() -> Path:
            return tmp_path

    monkeypatch.setattr(command.importlib, "import_module", lambda _: Package)
    with pytest.raises(SystemExit, match="not those of the model card"):
        command.encoder()


def test_both_models_have_a_plan() -> None:
    assert set(command.PLANS) == {"hashed", "latin"}
