"""The section on detection is read whole, and every slip in it is told with its place."""

from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.settings.detection import Detection, NameModel
from proxy.settings.read import parse_settings

HERE = Path("/etc/sluice")


def read(text: str, **environment: str) -> Detection:
    return parse_settings(f"detection: {text}", "sluice.yaml", HERE, environment).detection


GOOD = {
    "nothing": ("{}", Detection()),
    "profile": ("{names: fast}", Detection(names="fast")),
    "device": ("{device: cuda, threads: 8}", Detection(device="cuda", threads=8)),
    "processes": ("{processes: 3}", Detection(processes=3)),
    "no process": ("{processes: 0}", Detection(processes=0)),
    "a model by its folder": ("{models: [{path: m}]}", Detection(models=(NameModel(HERE / "m"),))),
    "a model with a map": (
        "{models: {path: /m, labels: {PER: PERSON, B-X: STAFF}, minimum: 0.7}}",
        Detection(models=(NameModel(Path("/m"), {"PER": "PERSON", "B-X": "STAFF"}, 0.7),)),
    ),
    "pipelines": ("{spacy: [zh_core_web_sm, en_core_web_lg]}", Detection(spacy=("zh_core_web_sm", "en_core_web_lg"))),
    "files": ("{rules: a.yaml, presidio: [b.yaml]}", Detection(rules=(HERE / "a.yaml",), presidio=(HERE / "b.yaml",))),
    "classes": ("{recognizers: ['corp.ids:Staff']}", Detection(recognizers=("corp.ids:Staff",))),
}


@pytest.mark.parametrize(("text", "expected"), GOOD.values(), ids=GOOD)
def test_it_is_read(text: str, expected: Detection) -> None:
    assert read(text) == expected


WRONG = {
    "unknown key": ("{name: fast}", "1:13: unknown key `name`"),
    "profile": ("{names: quick}", "1:20: must be one of accurate, fast, off"),
    "device": ("{device: tpu}", "must be one of auto, cpu, cuda"),
    "threads": ("{threads: 0}", "a whole number from 1 to 256"),
    "processes": ("{processes: 65}", "a whole number from 0 to 64"),
    "a model without a folder": ("{models: [{labels: {A: PERSON}}]}", "a model needs `path`"),
    "a label that is no entity": ("{models: [{path: m, labels: {A: person}}]}", "an entity such as PERSON"),
    "a score above one": ("{models: [{path: m, minimum: 60}]}", "a number from 0 to 1"),
    "a pipeline by path": ("{spacy: [./model]}", "an installed pipeline such as zh_core_web_sm"),
    "a class without its module": ("{recognizers: [Staff]}", "package.module:Class is expected"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_slip_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert said in str(caught.value)


def test_the_environment_beats_the_file() -> None:
    assert read("{names: fast, device: cpu}", SLUICE_DETECTION_NAMES="off") == Detection(names="off", device="cpu")
    assert read("{processes: 0}", SLUICE_DETECTION_PROCESSES="2").processes == 2
