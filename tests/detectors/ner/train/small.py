"""Fewer of the open sets, one of each kind: what is tested of rounds holds for whichever sets there are."""

from functools import cache

import pytest

from detectors.ner.train import records

SETS = {
    "ENGLISH": ("wnut17/train", "btc/train", "uner_en_ewt/train", "wikigold/train", "gum_ccby/train"),
    "CHINESE": ("uner_zh_gsdsimp/train",),
    "DEVELOPMENT": ("wnut17/dev", "uner_en_ewt/train"),
}


def fewer_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let training read some sets, each once."""
    for name, sets in SETS.items():
        monkeypatch.setattr(records, name, sets)
    monkeypatch.setattr(records, "read", cache(records.read))
