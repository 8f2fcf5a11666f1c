"""The small models of `tests/cases/ner`, opened for tests; `make.py` there says what they have learnt."""

from pathlib import Path

from detectors.ner.batch import Batcher
from detectors.ner.foreign import Wanted, open_foreign
from detectors.ner.manifest import read_manifest
from detectors.ner.names import Judge, Names
from detectors.ner.readers import HashedReader, PiecesReader
from detectors.ner.session import Local, choose_device
from detectors.ner.tagger import Tagger

CASES = Path(__file__).parents[2] / "cases" / "ner"
DEVICE = choose_device("cpu", 1)
ENTITIES = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})


def hashed(most: int = 256) -> Tagger:
    return Tagger(Local("hashed", CASES / "hashed" / "model.onnx", DEVICE), HashedReader(most))


def latin(most: int = 160) -> Tagger:
    folder = CASES / "latin"
    return Tagger(Local("latin", folder / "model.onnx", DEVICE, cost=4), PiecesReader(folder / "tokenizer.json", most))


def foreign(**changes) -> Judge:
    return Judge(*open_foreign(Wanted("strange", CASES / "foreign", **changes), DEVICE))


def names(**changes) -> Names:
    least = read_manifest(CASES / "hashed").thresholds
    return Names(Judge(hashed(), least), Judge(latin(), least), changes.pop("batcher", None) or Batcher(), **changes)


def words(text, spans):
    return [f"{one.label}:{text[one.start : one.end]}" for one in spans]
