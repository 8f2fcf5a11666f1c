"""Training starts from the one encoder of the model card, or not at all."""

from pathlib import Path

import pytest

from detectors.ner.train import encoder as module


def test_another_encoder_than_the_one_of_the_model_card_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")

    class Package:
        @staticmethod
        def get_model_path() -> Path:
            return tmp_path

    monkeypatch.setattr(module.importlib, "import_module", lambda _: Package)
    with pytest.raises(SystemExit, match="not those of the model card"):
        module.encoder()
