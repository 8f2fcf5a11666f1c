"""Eight bits come near the full numbers, and no batch changes their scales. It runs where training does."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402
import onnxruntime  # noqa: E402

from detectors.ner.hashed import BUCKETS, FEATURES  # noqa: E402
from detectors.ner.train.calibrate import fix_scales  # noqa: E402
from detectors.ner.train.encode import Row  # noqa: E402
from detectors.ner.train.export import export  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402


def run(file: Path, ids: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"ids": ids})[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("hashed")
    export("hashed", HashedTagger(), folder, folder / "full.onnx")
    fix_scales(folder / "model.onnx", [Row((one,), np.zeros(len(one), np.int64)) for one in rows(2, 6)])
    return folder


def rows(seed: int, count: int) -> list[np.ndarray]:
    chance = np.random.default_rng(seed)
    features = chance.integers(1, min(BUCKETS.values()), (count, 20, FEATURES))
    features[:, :, -1] = chance.integers(1, 4, (count, 20))
    return list(features.astype(np.int32))


def test_eight_bits_say_nearly_what_the_full_numbers_say(folder: Path) -> None:
    ids = np.stack(rows(3, 4))
    full, small = run(folder / "full.onnx", ids), run(folder / "model.onnx", ids)
    assert np.corrcoef(full.ravel(), small.ravel())[0, 1] > 0.99
    assert 3 * (folder / "model.onnx").stat().st_size < (folder / "full.onnx").stat().st_size


def test_a_row_gets_the_same_alone_and_beside_longer_ones(folder: Path) -> None:
    short, *others = rows(4, 4)
    together = np.stack([short, *others])
    together[0, 9:] = 0
    alone = run(folder / "model.onnx", together[:1, :9])
    assert run(folder / "model.onnx", together)[0, :9] == pytest.approx(alone[0], abs=1e-4)


def test_nothing_is_measured_at_work(folder: Path) -> None:
    kinds = {node.op_type for node in onnx.load(folder / "model.onnx").graph.node}
    assert "QuantizeLinear" in kinds and not any("Dynamic" in kind for kind in kinds)
