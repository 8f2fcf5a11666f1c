"""A model opens where it can run, says where, and a machine without a GPU is no error."""

import numpy as np
import onnxruntime
import pytest

from detectors.interface import DetectorError
from detectors.ner import session
from detectors.ner.names import names_by
from detectors.ner.session import CUDA, Device, Local, choose_device
from tests.detectors.ner.small import CASES, DEVICE

FILE = CASES / "hashed" / "model.onnx"


def test_the_processor_is_chosen_where_the_settings_say_so():
    assert choose_device("cpu", 3) == Device("cpu", 3, "as the settings say")
    assert str(choose_device("cpu", 3)) == "CPU, 3 threads (as the settings say)"


def test_a_runtime_without_cuda_is_no_error(monkeypatch):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    device = choose_device()
    assert (device.kind, device.why, device.instead) == ("cpu", "this onnxruntime has no CUDA", False)
    assert device.threads >= 1
    assert choose_device("cuda").instead, "who asked for a GPU by name is told"


@pytest.mark.parametrize("fails", ["at once", "by falling back"])
def test_a_gpu_that_does_not_answer_is_no_error(monkeypatch, fails):
    def opened(*_args, **_kwargs):
        if fails == "at once":
            raise RuntimeError("no driver")
        return Fallen()

    class Fallen:
        def get_providers(self):
            return ["CPUExecutionProvider"]

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, "CPUExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "InferenceSession", opened)
    device = choose_device()
    assert device.kind == "cpu" and "GPU" in device.why and not device.instead
    asked = choose_device("cuda", 3)
    assert str(asked) == f"CPU, 3 threads ({asked.why})" and asked.instead


def test_the_graph_that_a_gpu_is_tried_with_is_sound():
    opened = onnxruntime.InferenceSession(session.SMALLEST, providers=["CPUExecutionProvider"])
    assert opened.run(None, {"x": np.ones(1, np.float32)})[0].tolist() == [-1.0]


def test_a_gpu_that_went_away_after_it_was_tried_leaves_the_processor():
    model = Local("hashed", FILE, Device("cuda", 0, "CUDA works"))
    assert model.run({"ids": np.ones((1, 2, 16), np.int32)}).shape == (1, 2, 22)


def test_bound_inputs_and_output_give_the_same_logits():
    model = Local("hashed", FILE, DEVICE)
    ids = np.arange(2 * 3 * 16, dtype=np.int32).reshape(2, 3, 16) + 1
    assert np.array_equal(model.run({"ids": ids}), model._run_bound({"ids": ids}))


def test_a_file_that_is_no_graph_stops_the_start_and_is_not_quoted(tmp_path):
    file = tmp_path / "model.onnx"
    file.write_bytes(b"words of a document")
    with pytest.raises(DetectorError, match=r"model x: model.onnx cannot be opened") as told:
        Local("x", file, DEVICE)
    assert "words" not in str(told.value) and told.value.__suppress_context__


def test_a_graph_without_the_output_stops_the_start():
    with pytest.raises(DetectorError, match="has no output `scores`; it has logits"):
        Local("hashed", FILE, DEVICE, output="scores")


@pytest.mark.parametrize("width", [17, 23])
def test_a_model_that_answers_other_questions_than_this_version_asks_stops_the_start(width):
    class Old:
        def __init__(self, *_given, **_more):
            self.width = width

    with pytest.raises(DetectorError, match=f"gives {width} logits, and this version reads 22") as raised:
        names_by("fast", choose_device("cpu", 1), Old)
    assert "本版本需要 22 个" in raised.value.chinese
