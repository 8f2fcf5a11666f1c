"""Questions, scans, briefs and settings come through to the last bit; an answer that no detector gives is none."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.interface import Finding, Scan
from policies.own import TermList
from proxy.detecting.frames import Garbled
from proxy.detecting.interface import Brief
from proxy.detecting.messages import (
    Question,
    read_brief,
    read_detection,
    read_question,
    read_scans,
    say_brief,
    say_detection,
    say_question,
    say_scans,
)
from proxy.settings.detection import Detection, NameModel

ANY = st.text(st.characters(), max_size=30)
"""Halves of surrogate pairs, too."""
NAMES = st.frozensets(st.sampled_from(["PERSON", "CUSTOMER", "CN_ID_CARD"]))


@given(st.lists(ANY, max_size=5), NAMES, st.integers(0, 99), st.floats(0, 1000))
def test_a_question_comes_through(texts: list[str], entities: frozenset[str], version: int, seconds: float) -> None:
    groups = tuple(None if place % 2 else place for place in range(len(texts)))
    question = Question(version, seconds, entities, tuple(texts), groups)
    fields, body = say_question(question)
    assert read_question(orjson.loads(orjson.dumps(fields)), body) == question
    assert not any(text in repr(question) for text in texts if len(text) > 3)


FIELDS = {"version": 1, "seconds": 1.0, "entities": [], "sizes": [1, 1], "groups": []}
WRONG_QUESTIONS = {
    "sizes that are not the body's": {"sizes": [1, 2]},
    "a size below nought": {"sizes": [3, -1]},
    "a size that is no number": {"sizes": [True, 1]},
    "no sizes": {"sizes": None},
    "no end to the waiting": {"seconds": None},
    "entities that are no names": {"entities": [1]},
    "a version that is none": {"version": "1"},
    "fewer groups than texts": {"groups": [1]},
    "a group that is no number": {"groups": [1, "a"]},
}


@pytest.mark.parametrize("wrong", WRONG_QUESTIONS.values(), ids=WRONG_QUESTIONS)
def test_what_is_no_question_is_refused(wrong: dict[str, object]) -> None:
    assert read_question(FIELDS, b"ab").texts == ("a", "b")
    with pytest.raises(Garbled):
        read_question({**FIELDS, **wrong}, b"ab")
    with pytest.raises(Garbled):
        read_question(FIELDS, b"\xff\xff")


@st.composite
def scanned(draw: st.DrawFn) -> tuple[str, Scan]:
    text = draw(st.text(min_size=1, max_size=20))
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        because = draw(st.lists(st.sampled_from(["check:luhn", "context:身份证"]), max_size=2))
        score = draw(st.floats(0, 1))
        rows.append(Finding(start, end, draw(st.sampled_from(["PERSON", "CUSTOMER"])), score, "d", tuple(because)))
    closed = ((0, draw(st.integers(1, len(text)))),) if draw(st.booleans()) else ()
    return text, Scan(tuple(rows), draw(NAMES), closed)


@given(st.lists(scanned(), max_size=4))
def test_scans_come_through_with_what_speaks_for_each_finding(both: list[tuple[str, Scan]]) -> None:
    texts, scans = [text for text, _ in both], [scan for _, scan in both]
    read = read_scans(say_scans(scans), texts, frozenset({"PERSON", "CUSTOMER", "CN_ID_CARD"}))
    assert read == scans
    assert [[one.because for one in scan.findings] for scan in read] == [
        [one.because for one in scan.findings] for scan in scans
    ]


GOOD = [0, 3, "PERSON", 0.5, "names", []]


def changed(place: int, value: object) -> bytes:
    return orjson.dumps([[[], [[*GOOD[:place], value, *GOOD[place + 1 :]]], []]])


WRONG_SCANS = {
    "no JSON": b"[",
    "no list": b"{}",
    "too few texts": b"[]",
    "too many texts": b"[[[],[],[]],[[],[],[]]]",
    "no scan": b"[1]",
    "a place before the text": changed(0, -1),
    "a place behind the text": changed(1, 4),
    "nothing": changed(1, 0),
    "half a place": changed(1, 2.5),
    "what was not asked for": changed(2, "CUSTOMER"),
    "a name that is none": changed(2, ["PERSON"]),
    "a score above one": changed(3, 1.5),
    "a score that is none": changed(3, "1"),
    "a detector without a name": changed(4, None),
    "reasons that are none": changed(5, [1]),
    "a row that is too short": b'[[[],[[0,3,"PERSON"]],[]]]',
    "what nobody asked for is unknown": b'[[["CUSTOMER"],[],[]]]',
    "what is unknown is no list": b'[["PERSON",[],[]]]',
    "what is closed stands outside the text": b"[[[],[],[[0,4]]]]",
    "what is closed is no place": b"[[[],[],[[0]]]]",
}


@pytest.mark.parametrize("body", WRONG_SCANS.values(), ids=WRONG_SCANS)
def test_what_no_detector_says_is_refused(body: bytes) -> None:
    assert read_scans(orjson.dumps([[[], [GOOD], []]]), ["abc"], frozenset({"PERSON"}))
    with pytest.raises(Garbled):
        read_scans(body, ["abc"], frozenset({"PERSON"}))


@given(
    st.booleans(),
    st.lists(
        st.builds(
            TermList,
            st.sampled_from(["CUSTOMER", "PLANS"]),
            *(st.lists(ANY, max_size=3).map(tuple) for _ in range(2)),
            st.frozensets(st.sampled_from(["pinyin", "separated"])),
            *(st.lists(ANY, max_size=2).map(tuple) for _ in range(2)),
        ),
        max_size=3,
    ),
)
def test_what_a_policy_asks_for_comes_through(names: bool, own: list[TermList]) -> None:
    assert read_brief(say_brief(Brief(names, tuple(own)))) == Brief(names, tuple(own))


SETTINGS = (
    Detection(),
    Detection(
        names="fast",
        device="cpu",
        threads=3,
        processes=2,
        models=(NameModel(Path("m/公司"), {"PER": "PERSON"}, 0.7), NameModel(Path("n"))),
        spacy=("zh_core_web_sm",),
        rules=(Path("r.yaml"),),
        presidio=(Path("p.yaml"),),
        recognizers=("a.b:C",),
    ),
)


@pytest.mark.parametrize("detection", SETTINGS, ids=["the usual ones", "all of them"])
def test_the_settings_come_through(detection: Detection) -> None:
    assert read_detection(say_detection(detection, Path("state"))) == (detection, Path("state"))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"detection": {}, "state": "s"}', b"\xff"])
def test_settings_and_briefs_that_are_none_are_refused(body: bytes) -> None:
    for read in (read_detection, read_brief):
        with pytest.raises(Garbled):
            read(body)
