"""An exported graph computes what the network computes. Needs PyTorch, so it runs where training does."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from detectors.ner.hashed import Hashed  # noqa: E402
from detectors.ner.tokenise import tokenise  # noqa: E402
from detectors.ner.train import export as room  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402


@pytest.mark.filterwarnings("ignore")
def test_the_graph_computes_what_the_network_does_and_eight_bits_nearly_so(tmp_path: Path) -> None:
    torch.manual_seed(1)
    tagger = HashedTagger().eval()
    room.export("hashed", tagger, tmp_path, tmp_path / "full.onnx")
    text = "Please call John Smith, 请联系张三。"
    features = Hashed().features(text, tokenise(text))[None]
    logits = {}
    for name in ("full.onnx", "model.onnx"):
        session = onnxruntime.InferenceSession(str(tmp_path / name), providers=["CPUExecutionProvider"])
        assert [one.name for one in session.get_inputs()] == ["ids"]
        (logits[name],) = session.run(["logits"], {"ids": features})
    with torch.no_grad():
        assert np.abs(logits["full.onnx"] - tagger(torch.from_numpy(features)).numpy()).max() < 1e-4
    assert np.corrcoef(logits["full.onnx"].ravel(), logits["model.onnx"].ravel())[0, 1] > 0.8


def test_a_table_is_rounded_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LARGE", 10)
    table = np.random.default_rng(1).normal(size=(20, 8)).astype(np.float32) * np.logspace(-3, 2, 20)[:, None].astype(
        np.float32
    )
    which = helper.make_tensor_value_info("which", TensorProto.INT64, ["n"])
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 8])
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "which"], ["rows"])],
        "g",
        [which],
        [rows],
        [numpy_helper.from_array(table, "table")],
    )
    file = tmp_path / "table.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
    room.round_tables(file)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    (out,) = session.run(None, {"which": np.arange(20)})
    assert np.abs(out - table).max(1) == pytest.approx(0, abs=float(np.abs(table).max() / 127)), (
        "small rows keep their digits"
    )
    assert (np.abs(out - table).max(1) <= np.abs(table).max(1) / 250).all()
