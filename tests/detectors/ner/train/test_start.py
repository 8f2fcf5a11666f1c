"""A training may go on from a shipped model: the network gets its weights, or nothing begins. Needs PyTorch."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

from detectors.ner.hashed import Hashed  # noqa: E402
from detectors.ner.tags import TAGS  # noqa: E402
from detectors.ner.tokenise import tokenise  # noqa: E402
from detectors.ner.train.calibrate import fix_scales  # noqa: E402
from detectors.ner.train.encode import hashed_rows  # noqa: E402
from detectors.ner.train.export import export  # noqa: E402
from detectors.ner.train.manifest import MODELS  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402
from detectors.ner.train.records import Record  # noqa: E402
from detectors.ner.train.start import start_from  # noqa: E402

TEXT = "新华社北京3月2日电（记者郑卫平）John Smith called from Berlin."


def features() -> "np.ndarray[tuple[int, int, int], np.dtype[np.int32]]":
    return Hashed().features(TEXT, tokenise(TEXT))[None]


def test_the_shipped_model_and_the_network_that_starts_from_it_say_the_same() -> None:
    tagger = HashedTagger()
    start_from(MODELS / "hashed", "hashed", tagger)
    with torch.no_grad():
        ours = tagger.eval()(torch.from_numpy(features())).numpy()
    session = onnxruntime.InferenceSession(str(MODELS / "hashed" / "model.onnx"), providers=["CPUExecutionProvider"])
    shipped = session.run(["logits"], {"ids": features()})[0][:, :, : len(TAGS)]
    assert np.abs(ours - shipped).max() < 0.3, "what rounding of the inputs makes of it"
    assert (ours.argmax(-1) == shipped.argmax(-1)).all()


def test_every_weight_comes_back_to_within_its_rounding(tmp_path: Path) -> None:
    torch.manual_seed(1)
    trained, other = HashedTagger().eval(), HashedTagger()
    export("hashed", trained, tmp_path)
    fix_scales(tmp_path / "model.onnx", hashed_rows([Record(TEXT, (), "zh", "made up")], Hashed()))
    start_from(tmp_path, "hashed", other)
    tables = ("tables.", "suffix.", "space.")
    for (name, one), (_, two) in zip(trained.named_parameters(), other.named_parameters(), strict=True):
        apart = (one - two).abs().detach()
        if name.startswith(tables):  # beyond the range that the measured rows span a table is cut
            assert apart.median() < 0.01, name
        else:
            assert apart.max() < 0.01, name


def test_a_model_of_another_kind_or_drawn_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="kind latin, not hashed"):
        start_from(MODELS / "latin", "hashed", HashedTagger())
    with pytest.raises(SystemExit, match="drawn otherwise"):
        start_from(MODELS / "hashed", "hashed", HashedTagger(width=64))
    export("hashed", HashedTagger().eval(), tmp_path)  # full numbers: there is nothing rounded to read
    with pytest.raises(SystemExit, match="drawn otherwise"):
        start_from(tmp_path, "hashed", HashedTagger())
