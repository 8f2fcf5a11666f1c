"""Any token classifier exported to ONNX works by its folder, and one that cannot says why."""

import json
import shutil
import time
from types import MappingProxyType

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from detectors.interface import DetectorError
from detectors.ner.batch import Batcher
from detectors.ner.foreign import PIECES, ForeignReader, Wanted, open_foreign
from detectors.ner.session import Local
from detectors.ner.tags import Scheme
from tests.detectors.ner.small import CASES, DEVICE, words

TEXT = "then we saw Anna Weber at home, 张伟说 and she met xyzcorp"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(CASES / "foreign", tmp_path / "foreign")


def opened(folder, **changes):
    return open_foreign(Wanted("strange", folder, **changes), DEVICE)


def spans(tagger, text):
    batcher = Batcher()
    with batcher.caller() as caller:
        found = tagger.ask(text, caller, time.monotonic() + 60).spans()
    batcher.close()
    return found


def config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def labels(*names):
    return {"id2label": {str(at): name for at, name in enumerate(names)}}


def test_usual_labels_need_no_map(folder):
    tagger, thresholds = opened(folder)
    assert thresholds == {"ORGANIZATION": 0.5, "PERSON": 0.5}, "MISC is nobody's"
    assert words(TEXT, spans(tagger, TEXT)) == ["PERSON:Anna Weber", "PERSON:张伟", "ORGANIZATION:xyzcorp"]


def test_a_map_names_other_labels_and_leaves_some_out(folder):
    tagger, thresholds = opened(folder, labels={"per": "CUSTOMER_NAME", "ORG": ""}, thresholds={"CUSTOMER_NAME": 0.7})
    assert thresholds == {"CUSTOMER_NAME": 0.7}
    assert "CUSTOMER_NAME:Anna Weber" in words(TEXT, spans(tagger, TEXT))


SCHEMES = {
    "BIOES": (["O", "B-PER", "I-PER", "E-PER", "S-PER", "B-ORG", "I-ORG"], "B-PERSON"),
    "BILOU": (["O", "B-PER", "I-PER", "L-PER", "U-PER", "B-ORG", "I-ORG"], "B-PERSON"),
    "underscores": (["O", "B_PER", "I_PER", "B_ORG", "I_ORG", "B_X", "I_X"], "B-PERSON"),
    "the exporter's own": (["O", "LABEL_1", "B-LABEL_2", "I-LABEL_2", "S_1", "PER", "ORG"], "I--"),
    "IO": (["O", "PER", "ORG", "LOC", "MISC", "DATE", "TIME"], "I-PERSON"),
}


@pytest.mark.parametrize(("names", "first"), SCHEMES.values(), ids=SCHEMES)
def test_other_schemes_are_read(folder, names, first):
    config(folder, **labels(*names))
    tagger, thresholds = opened(folder)
    assert tagger.reader.schemes[0].tags[:2] == ("O", first)
    assert "PERSON" in thresholds
    assert "-" not in thresholds


def test_labels_that_nobody_has_named_can_be_mapped(folder):
    config(folder, **labels(*(f"LABEL_{at}" for at in range(7))))
    mapped = {"LABEL_1": "PERSON", "LABEL_2": "PERSON", "LABEL_3": "SUPPLIER", "LABEL_4": "SUPPLIER"}
    tagger, thresholds = opened(folder, labels=mapped)
    assert thresholds == {"PERSON": 0.5, "SUPPLIER": 0.5}
    assert "SUPPLIER:xyzcorp" in words(TEXT, spans(tagger, TEXT))


class Graph:
    """A graph that is picky about what it is given."""

    name, width, padding, cost = "strange", 7, MappingProxyType({}), 1

    def __init__(self, types, given, most=99):
        self.types, self.given, self.most = types, given, most

    def run(self, inputs):
        rows, length = inputs["input_ids"].shape
        self.given.append({name: (one.dtype.name, one[-1].tolist()) for name, one in inputs.items()})
        if rows > self.most:
            raise ValueError("got 2 rows, expected 1\nand more")
        return np.zeros((rows, length, 7), np.float32)


def test_a_graph_is_given_what_it_takes_in_its_own_types_of_numbers(folder):
    given = []
    types = {"input_ids": "int32", "attention_mask": "float32", "position_ids": "int64"}
    tagger, _ = open_foreign(Wanted("strange", folder), DEVICE, lambda *_args, **_more: Graph(types, given))
    assert {name: kind for name, (kind, _) in given[0].items()} == types
    assert given[0]["position_ids"][1] == [0, 1, 2] and given[0]["attention_mask"][1] == [1.0] * 3
    assert "types" not in repr(tagger.reader)


def test_a_graph_that_takes_one_row_only_stops_the_start(folder):
    def opens(*_args, **_more):
        return Graph({"input_ids": "int64"}, [], most=1)

    with pytest.raises(
        DetectorError, match=r"batches and lengths that may vary \(ValueError: got 2 rows, expected 1\)"
    ):
        open_foreign(Wanted("strange", folder), DEVICE, opens)


def test_a_graph_that_takes_no_numbers_stops_the_start(folder):
    with pytest.raises(DetectorError, match="must take numbers; it takes input_ids string"):
        open_foreign(Wanted("strange", folder), DEVICE, lambda *_args, **_more: Graph({"input_ids": "string"}, []))


def test_a_graph_of_which_nobody_knows_what_it_takes_stops_the_start(folder):
    with pytest.raises(DetectorError, match="its server is away"):
        open_foreign(Wanted("strange", folder), DEVICE, lambda *_args, **_more: Graph({}, []))


WRONG = {
    "no known label": (
        labels("O", "B-X", "I-X", "B-Y", "I-Y", "B-Z", "I-Z"),
        {},
        r"none of its labels is known: map some of X, Y, Z",
    ),
    "a map for a label it has not": (
        {},
        {"labels": {"PERS": "PERSON"}},
        r"it has no label PERS; it has MISC, ORG, PER",
    ),
    "an entity that is no name": ({}, {"labels": {"PER": "a person"}}, r"capital letters"),
    "a threshold for what it does not find": (
        {},
        {"thresholds": {"LOCATION": 0.5}},
        r"no label gives LOCATION; it finds",
    ),
    "too few labels": (labels("O", "B-PER"), {}, r"gives 7 logits, config.json names 2 labels"),
    "labels with a gap": ({"id2label": {"0": "O", "2": "B-PER"}}, {}, r"`id2label` must name the labels from 0 on"),
    "no labels": ({"id2label": None}, {}, r"`id2label` must name the labels"),
}


@pytest.mark.parametrize(("changes", "wanted", "told"), WRONG.values(), ids=WRONG)
def test_a_model_that_cannot_be_understood_stops_the_start(folder, changes, wanted, told):
    config(folder, **changes)
    with pytest.raises(DetectorError, match=rf"model strange.*{told}"):
        opened(folder, **wanted)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
@pytest.mark.parametrize("content", [None, b"\x00 broken"], ids=["missing", "broken"])
def test_a_file_that_cannot_be_read_stops_the_start(folder, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(DetectorError, match=f"model strange: {name} cannot be"):
        opened(folder)


def test_a_graph_that_wants_other_inputs_stops_the_start(folder):
    shutil.copy(CASES / "hashed" / "model.onnx", folder / "model.onnx")
    config(folder, **labels(*(["O", "B-PER"] + ["O"] * 20)))
    with pytest.raises(DetectorError, match="must take input_ids"):
        opened(folder)


def test_truncation_and_padding_of_the_file_are_switched_off_and_long_texts_have_several_windows(folder):
    tagger, _ = opened(folder)
    text = TEXT + " and then she wrote to a " * 120 + "Bob Ross"
    places = tagger.reader.places(text)
    windows = list(tagger.reader.windows(text, places, 0, len(places)))
    assert len(windows) > 1 and all(len(window) <= PIECES + 2 for window in windows)
    assert words(text, spans(tagger, text))[-1] == "PERSON:Bob Ross"


def reader_of(tokenizer):
    return ForeignReader(
        tokenizer, Scheme(("O", "B-X")), dict.fromkeys(("input_ids", "attention_mask"), "int64"), "here"
    )


def metaspace():
    """A tokenizer as of XLM-R: white space is part of the piece after it, and Chinese is one run."""
    known = [
        ("<unk>", 0.0),
        *((one, -1.0) for one in ["▁", "▁we", "▁saw", "▁A", "nna", "张", "伟说", "n", "a", "w", "e", "s"]),
    ]
    tokenizer = Tokenizer(models.Unigram(known, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def byte_level():
    """A tokenizer as of GPT-2: bytes, several for one character."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({one: at for at, one in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


EXACT = {
    "white space in pieces": (metaspace, "we saw Anna 张伟说", ["we", "saw", "Anna", "张", "伟说"]),
    "bytes": (byte_level, "we Zoë 张😀", ["we", "Zoë", "张", "😀"]),
    "two blanks and a line break": (byte_level, "we  \n saw", ["we", "saw"]),
}


@pytest.mark.parametrize(("made", "text", "want"), EXACT.values(), ids=EXACT)
def test_words_have_exact_places_whatever_the_pieces_are(made, text, want):
    reader = reader_of(made())
    places = reader.places(text)
    assert [text[start:end] for start, end in places] == want
    assert sum(map(len, places.pieces)) >= len(want)


def test_a_long_text_is_encoded_in_stretches_that_change_no_place():
    reader = reader_of(byte_level())
    text = "we saw Zoë\n" * 4000
    places = reader.places(text)
    assert len(places) == 12_000 and {text[start:end] for start, end in places} == {"we", "saw", "Zoë"}


def test_special_pieces_frame_every_window(folder):
    tagger, _ = opened(folder)
    (window,) = tagger.reader.windows("a", tagger.reader.places("a"), 0, 1)
    assert isinstance(tagger.model, Local)
    plain = Tokenizer.from_file(str(folder / "tokenizer.json"))
    plain.no_truncation(), plain.no_padding()
    assert window.inputs["input_ids"].tolist() == plain.encode("a").ids
