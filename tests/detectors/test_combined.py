"""All seekers in one pass find what each finds alone, and one that cannot tell spoils no other's answer."""

import pytest

from detectors.combined import Combined, PartlyTold, combined, of_a_form
from detectors.context import words
from detectors.engine import Which
from detectors.interface import CannotTell, DetectorError, Finding
from detectors.patterns import Patterns, shipped_rules
from detectors.phone import Phone
from detectors.presidio import Presidio, shipped_recognizers
from detectors.prove import marked
from detectors.reading import read_text
from detectors.sieve import Opening
from detectors.traditional import in_simplified

PARTS = (Patterns(shipped_rules()), Phone(), Presidio(shipped_recognizers()))
(ALL,) = combined(PARTS)

TEXTS = (
    "张三13800138000，卡6222021234567894，身份证110101199003074477，邮箱alice@example.com，密码是Hr2024!x",
    "Mail bob@corp.example, or ring 020 7946 0958; SSN 536-22-1234, NHS number 9434765919, server 10.2.3.4",
    "汇入DE89370400440532013000账户；车牌京A12345；护照E12345678；PAN卡ABCPE1234F；机密★10年",
    "x" * 3000 + " SSN 536-22-1234 " + "今天" * 2000 + "电话13800138000" + " y" * 900,
    "nothing at all here",
    "",
)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_all_together_find_what_each_finds_alone(text):
    alone = {finding for part in PARTS for finding in part.find(text, part.entities)}
    assert set(ALL.find(text, ALL.entities)) == alone


def test_combining_keeps_other_detectors_and_their_order():
    class Other:
        name, entities = "other", frozenset({"ROOM"})

    other = Other()
    first, second = combined((other, PARTS[0], PARTS[1]))
    assert isinstance(first, Combined) and second is other
    assert first.entities == PARTS[0].entities | PARTS[1].entities
    assert combined((other,)) == (other,)


class Seeker:
    """Finds an @ as a room, or cannot tell."""

    spoken = None
    formless = False
    figures = 0

    def __init__(self, entity, tells=True, near=None):
        self.entity, self.tells, self.spoken = entity, tells, near
        self.openings = (Opening("@", (), 5),)
        self.asked = 0

    def seek(self, reading, spans):
        self.asked += 1
        if not self.tells:
            raise CannotTell("out of time")
        place = reading.text.index("@", spans[0][0])
        return [Finding(place, place + 1, self.entity, 0.5, "seeker")]


def test_a_seeker_that_cannot_tell_leaves_its_entity_unknown_and_the_others_findings():
    with pytest.raises(PartlyTold, match="out of time") as raised:
        Combined([Seeker("ROOM"), Seeker("DESK", tells=False)]).find("a @", frozenset({"ROOM", "DESK"}))
    assert raised.value.entities == {"DESK"}
    assert [one.entity for one in raised.value.findings] == ["ROOM"]


@pytest.mark.parametrize("only", [False, True])
def test_where_only_what_has_a_form_counts_nothing_else_is_looked_for(only):
    formless, formed = Seeker("ROOM"), Seeker("ROOM")
    formless.formless = True
    detector = Combined([formless, formed])
    with of_a_form(only):
        detector.find("a @", frozenset({"ROOM"}))
    assert (formless.asked, formed.asked) == (int(not only), 1)


def test_a_seeker_that_is_not_asked_for_or_has_nothing_to_look_for_does_not_run():
    seeker = Seeker("ROOM")
    detector = Combined([seeker])
    assert detector.find("@", frozenset({"DESK"})) == () and detector.find("y", frozenset({"ROOM"})) == ()
    assert seeker.asked == 0


def test_a_seeker_that_needs_a_word_runs_only_near_one():
    seeker = Seeker("ROOM", near=words(["room"], 10))
    detector = Combined([seeker])
    assert detector.find("@" + " " * 300 + "room", frozenset({"ROOM"})) == () and seeker.asked == 0
    assert detector.find("room @", frozenset({"ROOM"})) and seeker.asked == 1
    (found,) = detector.find("@" + " " * 300 + "room @", frozenset({"ROOM"}))
    assert found.start == 306, "nor does it look at the place with none"


def test_a_seeker_of_digits_looks_only_where_as_many_stand():
    seeker = Seeker("ROOM")
    seeker.figures = 3
    detector = Combined([seeker])
    assert detector.find("@12 " + " " * 300 + "345", frozenset({"ROOM"})) == () and seeker.asked == 0
    (found,) = detector.find("@12 " + " " * 300 + "3@45", frozenset({"ROOM"}))
    assert found.start == 305, "nor does it look at the place with too few"


@pytest.mark.parametrize("matcher", [one for one in PARTS[0].seekers if one.figures], ids=lambda one: one.rule.id)
def test_whatever_a_rule_finds_has_the_digits_it_is_said_to_have(matcher):
    for example in matcher.rule.examples:
        text, spans = marked(example)
        reading = in_simplified(read_text(text)) or read_text(text)
        found = matcher.seek(reading, [(0, len(reading.text))])
        matches = 1 if matcher.rule.check == "several_passports" else len(spans)
        assert found and matches <= sum(map(str.isdigit, reading.text)) // matcher.figures, example


def test_too_little_memory_for_the_gates_stops_the_start():
    with pytest.raises(DetectorError, match="need more than 1000 bytes"):
        Combined(PARTS[0].seekers, memory=1000)


class Forgetful:
    """An engine that ran out of memory in the middle of a text."""

    def Match(self, _data):
        return []


def test_an_engine_out_of_memory_loses_nothing():
    (detector,) = combined(PARTS)
    text = TEXTS[0]
    want = detector.find(text, detector.entities)
    for look in detector._sieve._looks:
        assert isinstance(look._which, Which)
        for several in look._which._sets:
            several._set = Forgetful()
    assert set(detector.find(text, detector.entities)) == set(want)


def test_no_text_is_in_any_repr():
    assert "alice" not in repr(ALL.find(TEXTS[0], ALL.entities)) + repr(ALL)
