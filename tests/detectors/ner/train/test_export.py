"""An exported graph computes what its network computes, or is not written. It runs where training does."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402

from detectors.ner.hashed import Hashed  # noqa: E402
from detectors.ner.tokenise import tokenise  # noqa: E402
from detectors.ner.train.export import export  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402


@pytest.mark.parametrize("text", ["Please call John Smith, 请联系张三。", "a"])
def test_the_graph_computes_what_the_network_does(tmp_path: Path, text: str) -> None:
    torch.manual_seed(1)
    tagger = HashedTagger().eval()
    export("hashed", tagger, tmp_path, tmp_path / "full.onnx")
    features = Hashed().features(text, tokenise(text))[None]
    session = onnxruntime.InferenceSession(str(tmp_path / "full.onnx"), providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["ids"]
    (logits,) = session.run(["logits"], {"ids": features})
    with torch.no_grad():
        assert logits == pytest.approx(tagger(torch.from_numpy(features)).numpy(), abs=1e-4)
    assert (tmp_path / "model.onnx").read_bytes() == (tmp_path / "full.onnx").read_bytes()


def test_a_graph_that_computes_anything_else_is_not_written(tmp_path: Path) -> None:
    class Changed(HashedTagger):
        def forward(self, ids: object) -> object:
            return super().forward(ids) + 0.5

    with pytest.raises(SystemExit, match="not the network"):
        export("hashed", Changed(), tmp_path)
    assert not list(tmp_path.iterdir())
