"""The networks compute what the runtime feeds them. Needs PyTorch, so it runs where training does."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from detectors.ner.hashed import Hashed  # noqa: E402
from detectors.ner.tags import TAGS  # noqa: E402
from detectors.ner.tokenise import tokenise  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402


def test_padding_does_not_change_what_a_text_gets() -> None:
    torch.manual_seed(1)
    tagger = HashedTagger().eval()
    text = "请联系张三,他在北京。"
    features = Hashed().features(text, tokenise(text))
    padded = np.zeros((1, len(features) + 9, features.shape[1]), np.int32)
    padded[0, : len(features)] = features
    with torch.no_grad():
        alone = tagger(torch.from_numpy(features[None]))
        among = tagger(torch.from_numpy(padded))
    assert alone.shape == (1, len(features), len(TAGS))
    assert torch.allclose(alone, among[:, : len(features)], atol=1e-5)
