"""With fixed scales a row gets the same whatever shares its batch. Needs onnx, so it runs where training does."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

import onnxruntime  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: E402

from detectors.ner.hashed import FEATURES  # noqa: E402
from detectors.ner.train.calibrate import MEASURING, fix_scales  # noqa: E402
from detectors.ner.train.encode import Row  # noqa: E402


def graph(file: Path) -> None:
    weight = np.random.default_rng(1).normal(size=(FEATURES, 4)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["ids"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["numbers", "weight"], ["logits"]),
    ]
    ids = helper.make_tensor_value_info("ids", TensorProto.INT32, ["b", "t", FEATURES])
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", "t", 4])
    made = helper.make_graph(nodes, "g", [ids], [out], [numpy_helper.from_array(weight, "weight")])
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)


def run(file: Path, ids: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"ids": ids})[0]


@pytest.mark.filterwarnings("ignore")
def test_a_row_gets_the_same_alone_and_beside_a_louder_one(tmp_path: Path) -> None:
    full, small = tmp_path / "full.onnx", tmp_path / "small.onnx"
    graph(full)
    quantize_dynamic(full, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    quiet = np.random.default_rng(2).integers(0, 9, (1, 5, FEATURES)).astype(np.int32)
    both = np.concatenate([quiet, quiet * 30])
    before = np.abs(run(small, quiet)[0] - run(small, both)[0]).max()
    fix_scales(small, [Row((row,), np.zeros(5, np.int64)) for row in both])
    assert before > 0.1 and np.array_equal(run(small, quiet)[0], run(small, both)[0])
    assert np.abs(run(small, both) - run(full, both)).max() < 0.05 * np.abs(run(full, both)).max()
    assert MEASURING not in {node.op_type for node in onnx.load(small).graph.node}
