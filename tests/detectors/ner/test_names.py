"""The detector of names: exact offsets, the right model for each script, and no failure that reads as clean."""

import base64
import json
import logging
import shutil
from dataclasses import replace
from threading import Thread
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.interface import CannotTell, DetectorError
from detectors.ner import names as module
from detectors.ner.batch import Batcher, Pace
from detectors.ner.believe import believed
from detectors.ner.mention import Mention
from detectors.ner.model import padded
from detectors.ner.names import Judge, Names, names_by, shipped, shipped_names
from detectors.ner.session import choose_device
from tests.detectors.ner.small import CASES, ENTITIES, foreign, hashed, latin, names
from tests.thorough import drawn

NAMES = names()
LEAST = dict.fromkeys(ENTITIES, 0.5)


def found(text, detector=NAMES, entities=ENTITIES):
    return [f"{one.entity}:{text[one.start : one.end]}" for one in detector.find(text, entities)]


def reasons(text, detector=NAMES):
    return {text[one.start : one.end]: one.because for one in detector.find(text, ENTITIES)}


def test_latin_text_is_read_by_one_model_and_chinese_by_the_other():
    assert reasons("then we saw Anna Weber at home") == {"Anna Weber": ("model:latin",)}
    assert reasons("张伟说给了李娜") == {"张伟": ("model:hashed",), "李娜": ("model:hashed",)}


def test_a_text_in_both_is_read_by_both():
    assert reasons("then we saw Anna Weber at home, 张伟说给了") == {
        "Anna Weber": ("model:latin",),
        "张伟": ("model:hashed",),
    }


def test_a_latin_name_in_a_chinese_sentence_is_read_by_the_model_for_chinese():
    by = {name: because[0] for name, because in reasons("张伟说给了Anna Weber").items()}
    assert by == {"张伟": "model:hashed", "Anna Weber": "model:hashed"}


def code(text):
    return base64.b64encode(text.encode()).decode()


def test_names_that_base64_holds_are_found_and_the_whole_code_is_the_finding():
    hidden = code("then we saw Anna Weber at home")
    assert reasons(f"then we saw {hidden} at home") == {hidden: ("model:latin", "inside:base64")}
    told = code("then we saw key 4417 at home")
    assert [f"{one.entity}:{one.because}" for one in NAMES.find(f"we {told} at", ENTITIES | {"PASSWORD"})] == [
        "PASSWORD:('model:latin', 'inside:base64')"
    ]
    twice = code(code("张伟说给了李娜"))
    assert reasons(f"说{twice}") == {twice: ("model:hashed", "inside:base64")}


def test_the_fast_profile_reads_all_with_one_model():
    fast = Names(Judge(hashed(), LEAST), None, Batcher())
    assert reasons("then we saw Anna Weber at home", fast) == {"Anna Weber": ("model:hashed",)}
    fast.close()


def test_a_text_too_long_for_the_accurate_model_is_read_by_the_fast_one():
    text = "then we saw Anna Weber at home"
    detector = names(longest_accurate=len(text) - 1)
    assert reasons(text, detector) == {"Anna Weber": ("model:hashed",)}
    assert reasons(text[1:], detector) == {"Anna Weber": ("model:latin",)}
    detector.close()


def test_other_scripts_are_read_by_the_model_for_chinese():
    asked = []

    class Listening:
        name, cost, padding = "listening", 1, ()

    class Told:
        waiting = 0

        def spans(self):
            return []

    def ask(text, *_args, **_options):
        asked.append(text)
        return Told()

    tagger = type("Tagger", (), {"model": Listening(), "ask": staticmethod(ask)})()
    detector = Names(Judge(tagger, LEAST), Judge(latin(), LEAST), Batcher())
    texts = ["Иван", "محمد", "สมชาย", "さくら", "김철수"]
    for text in [*texts, "only Latin"]:
        detector.find(text, ENTITIES)
    assert asked == texts
    detector.close()


def test_rules_find_what_the_models_miss():
    assert reasons("联系人：孟我们") == {"孟我们": ("cue:联系人",)}
    assert reasons("联系人：张伟") == {"张伟": ("cue:联系人", "model:hashed")}, "and say so where both find it"


DISGUISED = {
    "full width": "then we saw Ａｎｎａ　Ｗｅｂｅｒ at home",
    "zero-width": "then we saw An\u200bna Web\u200ber at home",
    "percent": "then we saw %41nna Weber at home",
    "unicode escapes": "then we saw \\u0041nna Weber at home",
}


@pytest.mark.parametrize("text", DISGUISED.values(), ids=DISGUISED)
def test_a_disguised_name_is_found_where_it_stands_in_the_original(text):
    (one,) = NAMES.find(text, ENTITIES)
    assert (text[: one.start], text[one.end :]) == ("then we saw ", " at home")


def test_only_what_is_asked_for_is_found():
    assert found("then we saw Anna Weber at xyzcorp", entities=frozenset({"PERSON"})) == ["PERSON:Anna Weber"]
    assert NAMES.find("Anna Weber", frozenset({"URL"})) == ()
    assert NAMES.find("Anna Weber", frozenset()) == ()


def test_a_secret_that_is_told_is_found_where_it_is_asked_for_along_with_names():
    both = frozenset({"PERSON", "PASSWORD"})
    assert found("then Anna Weber met key 4417", entities=both) == ["PERSON:Anna Weber", "PASSWORD:4417"]
    assert found("then Anna Weber met key 4417", entities=frozenset({"PERSON"})) == ["PERSON:Anna Weber"]
    assert NAMES.beside == {"PASSWORD"} and Names(None, None, Batcher(), others=[foreign()]).beside == frozenset()
    own = names(others=[foreign(labels={"PER": "PASSWORD"})])
    assert own.beside == frozenset() and "PASSWORD" in own.entities, "who answers for it sees it alone, too"


def test_a_text_is_read_whole_however_long_it_is():
    text = "".join(f"line {at} 张伟说给了\n" for at in range(400)) + "then we saw Anna Weber at home"
    places = [one.start for one in NAMES.find(text, frozenset({"PERSON"}))]
    assert len([at for at in places if text.startswith("张伟", at)]) == 400
    assert text.index("Anna") in places


def test_a_model_that_fails_is_not_nothing():
    class Failing:
        name, cost, padding = "failing", 1, MappingProxyType({})

        def run(self, _inputs):
            raise MemoryError("Anna Weber")

    detector = Names(Judge(type(hashed())(Failing(), hashed().reader), LEAST), None, Batcher())
    with pytest.raises(CannotTell) as told:
        detector.find("then we saw Anna Weber", ENTITIES)
    assert "Anna" not in str(told.value)
    detector.close()


def test_whatever_goes_wrong_is_cannot_tell_without_the_text(monkeypatch):
    def broken(text, _mentions):
        raise ValueError(text)

    monkeypatch.setattr(module, "settle", broken)
    with pytest.raises(CannotTell) as told:
        NAMES.find("then we saw Anna Weber", ENTITIES)
    assert str(told.value) == "names: ValueError" and told.value.__context__ is told.value.__cause__ is None


def test_who_has_no_time_cannot_tell():
    detector = names(seconds=0.0)
    with pytest.raises(CannotTell):
        detector.find("then we saw Anna Weber", ENTITIES)
    detector.close()


def test_a_full_queue_is_cannot_tell():
    detector = names(batcher=Batcher(Pace(waiting=0)))
    with pytest.raises(CannotTell, match="too many"):
        detector.find("then we saw Anna Weber", ENTITIES)
    detector.close()


def test_without_any_model_it_does_not_start():
    with pytest.raises(DetectorError, match="no model"):
        Names(None, None, Batcher())


def test_models_from_elsewhere_stand_beside_ours_or_alone():
    text = "then we saw Anna Weber at home"
    alone = Names(None, None, Batcher(), others=[foreign()])
    assert reasons(text, alone) == {"Anna Weber": ("model:strange",)}
    beside = names(others=[foreign()])
    assert reasons(text, beside) == {"Anna Weber": ("model:latin", "model:strange")}
    own = Names(None, None, Batcher(), others=[foreign(labels={"MISC": "PRODUCT_NAME"})])
    assert own.entities == ENTITIES | {"PRODUCT_NAME"}
    both = names(others=[foreign(labels={"PER": "EMPLOYEE"})])
    found = both.find(text, ENTITIES | {"EMPLOYEE"})
    assert {(one.entity, text[one.start : one.end]) for one in found} == {
        ("EMPLOYEE", "Anna Weber"),
        ("PERSON", "Anna Weber"),
    }
    for one in (alone, beside, own, both):
        one.close()


CODE = "def load(path):\n    import os\n    return os.path.join(Anna, path)\n\nfor x in range(3):\n    print(load(x))\n"


def test_in_code_a_model_must_be_surer_than_in_prose():
    def mention(score):
        return Mention(CODE.index("Anna"), CODE.index("Anna") + 4, "PERSON", score, ("model:latin",))

    assert believed(CODE, [(mention(0.7), 0.5)]) == []
    assert believed(CODE, [(mention(0.9), 0.5)]) == [mention(0.9)]
    prose = "We met Anna yesterday and went for a walk along the river, she told me about her work."
    doubtful = Mention(7, 11, "PERSON", 0.7, ("model:latin",))
    assert believed(prose, [(doubtful, 0.5)]) == [doubtful]


def test_callers_at_once_get_what_they_would_get_alone():
    texts = [f"then we saw Anna Weber and 张伟说 {'at home ' * (at % 7)}" for at in range(24)]
    alone = [NAMES.find(text, ENTITIES) for text in texts]
    together = [()] * len(texts)

    def ask(at):
        together[at] = NAMES.find(texts[at], ENTITIES)

    threads = [Thread(target=ask, args=(at,)) for at in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


MANY = [
    *(f"then we saw Anna Weber and 张伟说 {'at home ' * (at % 7)}" for at in range(20)),
    "",
    "only words here",
    "then she met xyzcorp at home, " * 300,
    f"see {code('then we saw Anna Weber at home')}",
]


def test_several_texts_at_once_give_what_each_gives_alone():
    assert NAMES.find_all(MANY, ENTITIES) == [NAMES.find(text, ENTITIES) for text in MANY]
    assert NAMES.find_all([], ENTITIES) == []
    assert NAMES.find_all(MANY, frozenset({"URL"})) == [()] * len(MANY)


def test_several_texts_share_batches():
    counted = []

    class Counting:
        def __init__(self, model):
            self.name, self.cost, self.padding, self.model = model.name, model.cost, model.padding, model

        def run(self, inputs):
            counted.append(len(inputs["ids"]))
            return self.model.run(inputs)

    tagger = replace(hashed(), model=Counting(hashed().model))
    detector = Names(Judge(tagger, LEAST), None, Batcher(Pace(wait=5.0)))
    detector.find_all([f"then we saw Anna Weber {at}" for at in range(12)], ENTITIES)
    detector.close()
    assert sum(counted) == 12 and len(counted) < 6


def test_a_text_that_a_model_fails_on_leaves_the_others_their_answers():
    class Failing:
        def __init__(self, model):
            self.name, self.cost, self.padding, self.model = model.name, model.cost, model.padding, model

        def run(self, inputs):
            if inputs["ids"].shape[1] > 12:
                raise MemoryError("the text")
            return self.model.run(inputs)

    detector = Names(Judge(replace(hashed(), model=Failing(hashed().model)), LEAST), None, Batcher())
    short, long = "then we saw Anna Weber", "then we saw Anna Weber " * 4
    good, bad, fine = detector.find_all([short, long, short], ENTITIES)
    detector.close()
    assert good == fine == detector_alone(short)
    assert isinstance(bad, CannotTell) and "text" not in str(bad).replace("this text", "")


def detector_alone(text):
    detector = Names(Judge(hashed(), LEAST), None, Batcher())
    try:
        return detector.find(text, ENTITIES)
    finally:
        detector.close()


def test_who_has_no_time_for_several_cannot_tell_of_any():
    detector = names(seconds=0.0)
    assert all(isinstance(answer, CannotTell) for answer in detector.find_all(MANY[:3], ENTITIES))
    detector.close()


PIECES = st.sampled_from(
    [
        "Anna Weber",
        "张伟",
        "met",
        "说",
        "xyzcorp",
        "key 4417",
        "联系人：李娜",
        "\n",
        " ",
        ",",
        "\u200b",
        "Ａ",
        "%20",
        "&amp;",
        "😀",
        "é",
        "12",
        "\ud800",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=drawn(60), deadline=None)
def test_findings_lie_in_the_text_and_do_not_overlap_and_a_second_look_sees_the_same(text):
    findings = NAMES.find(text, ENTITIES)
    assert all(0 <= one.start < one.end <= len(text) for one in findings)
    assert list(findings) == sorted(findings)
    assert NAMES.find(text, ENTITIES) == findings


def test_nothing_that_is_kept_or_logged_shows_the_text(caplog):
    with caplog.at_level(logging.DEBUG):
        findings = NAMES.find("then we saw Anna Weber at home", ENTITIES)
    assert "Anna" not in repr(findings) + repr(NAMES.__dict__) + caplog.text


def test_the_shipped_models_load_and_are_shared():
    detector = shipped_names(wish="cpu", threads=1)
    assert detector is shipped_names(wish="cpu", threads=1)
    assert detector.entities == ENTITIES and detector.device.kind == "cpu"
    assert found("联系人：李娜，电话", detector) == ["PERSON:李娜"]


@pytest.mark.parametrize(("threads", "workers", "of_latin"), [(1, 1, 1), (2, 2, 1), (3, 2, 1), (4, 2, 2), (16, 2, 8)])
def test_models_take_no_more_threads_together_than_the_settings_say(threads, workers, of_latin):
    opened = {}

    def opens(name, _file, device, **_more):
        opened[name] = device.threads
        return hashed().model

    detector = names_by("accurate", choose_device("cpu", threads), opens)
    assert opened == {"hashed": 1, "latin": of_latin}
    assert detector._batcher.pace.workers == workers
    assert max(opened.values()) * workers <= threads == detector.device.threads


@pytest.mark.parametrize("kind", ["hashed", "latin"])
def test_the_logits_of_a_shipped_model_do_not_depend_on_who_shares_the_batch(kind):
    tagger, _ = shipped(kind, choose_device("cpu", 1))
    texts = [
        "张伟昨天在北京市海淀区中关村大街27号",
        "Anna Weber wrote to Acme Corp. in Paris",
        "ok",
        "Redis 7.2 已升级 ",
        "后门按4417#进来，the shed door opens with 8830",
    ]
    rows = [next(tagger.reader.windows(text, p, 0, len(p))) for text in texts for p in [tagger.reader.places(text)]]
    together = tagger.model.run(padded(rows, {}))
    for row, logits in zip(rows, together, strict=True):
        alone = tagger.model.run(padded([row], {}))[0]
        assert logits[: len(row)] == pytest.approx(alone, abs=1e-3)


def test_a_shipped_model_that_was_changed_stops_the_start(tmp_path):
    folder = shutil.copytree(CASES / "hashed", tmp_path / "hashed")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["sha256"]["model.onnx"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(DetectorError, match="is not the file its manifest speaks of"):
        shipped("hashed", choose_device("cpu", 1), tmp_path)


@given(st.lists(st.lists(PIECES, max_size=12).map("".join), max_size=6))
@settings(max_examples=drawn(40), deadline=None)
def test_whatever_the_texts_together_they_give_what_each_gives_alone(texts):
    wanted = ENTITIES | {"PASSWORD"}
    assert NAMES.find_all(texts, wanted) == [NAMES.find(text, wanted) for text in texts]
