"""Both taggers are drawn, and no node measures or is joined to a slower one. It runs where training does."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402
from transformers import BertConfig, BertForTokenClassification  # noqa: E402

from detectors.ner.pieces import TYPES  # noqa: E402
from detectors.ner.tags import TAGS  # noqa: E402
from detectors.ner.train.draw import HEADS, hashed, latin  # noqa: E402
from detectors.ner.train.graphs import Graph  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402


def small_bert() -> torch.nn.Module:
    torch.manual_seed(1)
    settings = BertConfig(
        vocab_size=90, hidden_size=4 * HEADS, num_hidden_layers=2, num_attention_heads=HEADS, intermediate_size=96,
        max_position_embeddings=40, type_vocab_size=TYPES, num_labels=len(TAGS),
    )  # fmt: skip
    network = torch.nn.Module()
    network.bert = BertForTokenClassification(settings).eval()
    return network


def test_the_tagger_over_word_pieces_is_what_the_library_computes_padding_and_all() -> None:
    network = small_bert()
    graph = Graph({name: value.numpy() for name, value in network.state_dict().items()})
    session = onnxruntime.InferenceSession(latin(graph).SerializeToString(), providers=["CPUExecutionProvider"])
    ids, types = torch.randint(1, 90, (2, 12)), torch.randint(0, TYPES, (2, 12))
    mask = torch.ones(2, 12, dtype=torch.int64)
    mask[1, 7:] = 0
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    (drawn,) = session.run(["logits"], {name: value.numpy() for name, value in inputs.items()})
    with torch.no_grad():
        want = network.bert(**inputs).logits.numpy()
    assert drawn[0] == pytest.approx(want[0], abs=5e-3)
    assert drawn[1, :7] == pytest.approx(want[1, :7], abs=5e-3)


def test_the_runtime_joins_no_norm_with_the_addition_before_it(tmp_path: Path) -> None:
    weights = {name: value.numpy() for name, value in HashedTagger().state_dict().items()}
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "seen.onnx")
    model = hashed(Graph(weights)).SerializeToString()
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    data = (tmp_path / "seen.onnx").read_bytes()
    assert b"LayerNormalization" in data and b"SkipLayerNormalization" not in data
