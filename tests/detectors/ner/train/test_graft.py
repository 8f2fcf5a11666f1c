"""A grafted head computes what the network does, and changes nothing of the names. It runs where training does."""

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402

from detectors.ner.hashed import BUCKETS, FEATURES  # noqa: E402
from detectors.ner.pieces import TYPES  # noqa: E402
from detectors.ner.tags import SECRET_TAGS, TAGS  # noqa: E402
from detectors.ner.train.draw import hashed, latin  # noqa: E402
from detectors.ner.train.encode import Row  # noqa: E402
from detectors.ner.train.graft import bare, grafted, taps  # noqa: E402
from detectors.ner.train.graphs import Graph  # noqa: E402
from detectors.ner.train.head import Head, Read, ranges  # noqa: E402
from detectors.ner.train.networks import HashedTagger  # noqa: E402
from tests.detectors.ner.train.test_draw import small_bert  # noqa: E402

CHANCE = np.random.default_rng(1)
KINDS = ("hashed", "latin")


def graph(kind: str) -> onnx.ModelProto:
    torch.manual_seed(1)
    network, draw = (HashedTagger(24), hashed) if kind == "hashed" else (small_bert(), latin)
    return draw(Graph({name: value.numpy() for name, value in network.state_dict().items()}))


def row(kind: str, length: int) -> Row:
    tags = CHANCE.integers(0, len(SECRET_TAGS), length)
    if kind == "hashed":
        ids = CHANCE.integers(1, min(BUCKETS.values()), (length, FEATURES)).astype(np.int32)
        ids[:, -1] %= 4
        return Row((ids,), tags)
    return Row((CHANCE.integers(1, 90, length), CHANCE.integers(0, TYPES, length)), tags)


def answer(model: onnx.ModelProto, kind: str, rows: list[Row]) -> np.ndarray:
    longest = max(map(len, rows))

    def padded(which: int) -> np.ndarray:
        shape = rows[0].inputs[which].shape[1:]
        whole = np.zeros((len(rows), longest, *shape), rows[0].inputs[which].dtype)
        for at, one in enumerate(rows):
            whole[at, : len(one)] = one.inputs[which]
        return whole

    if kind == "hashed":
        inputs = {"ids": padded(0)}
    else:
        mask = np.zeros((len(rows), longest), np.int64)
        for at, one in enumerate(rows):
            mask[at, : len(one)] = 1
        inputs = {"input_ids": padded(0), "attention_mask": mask, "token_type_ids": padded(1)}
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["logits"], inputs)[0]


def head(model: onnx.ModelProto, kind: str) -> tuple[Head, Read, list[Row], dict]:
    rows = [row(kind, 12), row(kind, 7)]
    read = Read(model, taps(model), rows)
    torch.manual_seed(2)
    learnt = Head(read.numbers[0].shape[1], own=kind == "hashed").eval()
    return learnt, read, rows, ranges(learnt, read)


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_answers_both_questions_names_to_the_last_bit_and_secrets_as_the_network_does(kind):
    model = graph(kind)
    learnt, read, rows, wide = head(model, kind)
    before, after = answer(model, kind, rows), answer(grafted(model, learnt, wide), kind, rows)
    assert np.array_equal(after[:, :, : len(TAGS)], before), "names changed"
    entering, _ = read.batch([0, 1])
    with torch.no_grad():
        want = learnt(*entering).numpy()
    for at, one in enumerate(rows):
        assert after[at, : len(one), len(TAGS) :] == pytest.approx(want[at, : len(one)], abs=0.06), "not the network"


@pytest.mark.parametrize("kind", KINDS)
def test_what_shares_a_batch_does_not_change_a_secret(kind):
    model = graph(kind)
    learnt, _, rows, wide = head(model, kind)
    whole = grafted(model, learnt, wide)
    together = answer(whole, kind, rows)
    for at, one in enumerate(rows):
        assert together[at, : len(one)] == pytest.approx(answer(whole, kind, [one])[0], abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_can_be_taken_off_and_another_put_in_its_place(kind):
    model = graph(kind)
    learnt, _, rows, wide = head(model, kind)
    once = bare(grafted(model, learnt, wide))
    assert np.array_equal(answer(once, kind, rows), answer(model, kind, rows))
    assert grafted(once, learnt, wide).SerializeToString() == grafted(model, learnt, wide).SerializeToString()
