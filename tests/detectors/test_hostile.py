"""No text makes detection slower than in proportion to its length, nor falls silently out of it.

Work is counted, never timed: the steps that detectors take, and the loops, branches and calls of our own code.
"""

import math
import sys
from itertools import count
from types import SimpleNamespace

import pytest

from bench.hostile_company import company_detectors
from bench.hostile_texts import HOSTILE
from detectors import allowance
from detectors.agree import agree
from detectors.allowance import CURRENT, Allowance, Interest, before
from detectors.combined import combined
from detectors.find import Finder, merge, shipped_patterns
from detectors.interface import CannotTell, Finding
from detectors.ner.mention import Mention
from detectors.ner.names import by_rules, shipped_names
from detectors.ner.settle import choose, join_addresses, settle
from detectors.reading import read_text
from detectors.redact import redact
from tests.thorough import THOROUGH, some

SHORT, LONG = 600, 2400
FACTOR = LONG / SHORT
PLANTED = {
    "PHONE_NUMBER": ("客户电话", "13912345678"),
    "CREDIT_CARD": ("card ", "4111 1111 1111 1111"),
    "EMAIL_ADDRESS": ("mail ", "jane.doe@northwind-traders.com"),
    "API_KEY": ("key ", "ghp_1b7Xq9ZkT4mR8sVw2LyC6dFjH3nPaE5uQ0gK"),
    "CN_ID_CARD": ("身份证", "11010519491231002X"),
    "PERSON": ("联系人：", "王小明"),
    "COMPANY_TERM": ("项目", "北辰计划"),
}
END = "\n".join(["", *(f"{lead}{value}。" for lead, value in PLANTED.values())])
ENDLESS = "prefixes of keys"
"""Candidates that run to the end of the text, each read anew: these are bounded by their number, not by the text."""
MONITOR = 4
"""A number that neither debugger, coverage nor profiler has."""


class ByRules:
    """The rules round the models, without the models: what these cost is counted in windows, elsewhere."""

    name = "rules"
    entities = frozenset({"PERSON"})

    def find(self, text, _):
        view = read_text(text)
        names = settle(view.text, by_rules(view.text))
        return tuple(Finding(*view.view.span(one.start, one.end), one.label, one.score, self.name) for one in names)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return company_detectors(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def everybody(company):
    return Finder(combined((*shipped_patterns(), shipped_names("fast"), *company)), cache_size=0)


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_stands_behind_a_hostile_text_is_found_or_unknown(everybody, kind):
    text = HOSTILE[kind](LONG if THOROUGH else SHORT) + END
    scan = everybody.find(text, everybody.entities)
    for entity, (_, value) in PLANTED.items():
        start = text.rindex(value)
        covered = any(one.start <= start and start + len(value) <= one.end for one in scan.findings)
        assert covered or entity in scan.unknown, entity


def counted(detector, text):
    """Return the steps that a detector takes in a text, and how often our code loops, branches and calls."""
    events = SimpleNamespace(number=0)

    def heard(*_):
        events.number += 1

    monitoring = sys.monitoring
    kinds = monitoring.events.JUMP | monitoring.events.PY_START | monitoring.events.CALL
    given = Allowance(allowance.STEPS + allowance.STEPS_A_CHARACTER * len(text), math.inf, lambda: 0.0, Interest())
    steps = given.left
    mark = CURRENT.set(given)
    monitoring.use_tool_id(MONITOR, "work")
    for kind in (monitoring.events.JUMP, monitoring.events.PY_START, monitoring.events.CALL):
        monitoring.register_callback(MONITOR, kind, heard)
    monitoring.set_events(MONITOR, kinds)
    try:
        detector.find(text, detector.entities)
    except CannotTell:
        pass
    finally:
        monitoring.set_events(MONITOR, 0)
        monitoring.free_tool_id(MONITOR)
        CURRENT.reset(mark)
    return steps - given.left, events.number


def grows_as_the_text(detector, make):
    """Tell whether the work in a text of some kind grows in proportion to its length.

    It is counted anew where it does not: what is compiled when it is first needed counts once.
    """
    for _ in range(2):
        (steps, loops), (more_steps, more_loops) = counted(detector, make(SHORT)), counted(detector, make(LONG))
        if more_steps <= 1.5 * FACTOR * steps + 200 and more_loops <= 1.5 * FACTOR * loops + 2000:
            return True
    return False


# Of neighbours, which are hostile in much the same way, one; that each is found or unknown in time is proven above.
@pytest.mark.parametrize("kind", some([kind for kind in HOSTILE if kind != ENDLESS], 5))
def test_work_grows_no_faster_than_the_text(company, kind):
    for detector in (*shipped_patterns(), ByRules(), *company):
        assert grows_as_the_text(detector, HOSTILE[kind]), detector.name


def test_the_count_sees_what_grows_faster():
    def pairs(text, _):
        return tuple(one for one in text for other in text if one < other)

    detector = SimpleNamespace(name="pairs", entities=frozenset(), find=pairs)
    assert not grows_as_the_text(detector, lambda length: HOSTILE["letters"](length // 4))


def test_candidates_without_an_end_are_soon_unknown():
    (patterns,) = shipped_patterns()
    work = [counted(patterns, HOSTILE[ENDLESS](length))[1] for length in (3000, 30_000)]
    assert work[1] < 20 * work[0]
    scan = Finder([patterns], cache_size=0).find(HOSTILE[ENDLESS](60_000), patterns.entities)
    assert scan.unknown == {"API_KEY"}


MANY = 8000


def side_by_side(number):
    return [Mention(3 * at, 3 * at + 2, "PERSON", 0.8, ("cue:title",)) for at in range(number)]


def before_an_address(number):
    places = [Mention(3 * at, 3 * at + 3, "LOCATION", 0.8, ("model:latin",)) for at in range(number)]
    return [*places, Mention(3 * number, 3 * number + 3, "ADDRESS", 0.8, ("cue:street",))]


@pytest.mark.parametrize("crowd", [side_by_side, before_an_address])
def test_a_crowd_of_names_is_settled_one_by_one(crowd):
    def find(text, _):
        return join_addresses(text, choose(crowd(len(text) // 3)))

    detector = SimpleNamespace(name="crowd", entities=frozenset(), find=find)
    loops = [counted(detector, "王小明" * number)[1] for number in (MANY // 8, MANY // 2)]
    assert loops[1] < 6 * loops[0] + 2000


def test_identifiers_and_names_that_overlap_in_thousands_agree():
    numbers = [Finding(at, at + 15, "PHONE_NUMBER", 0.9, "phone") for at in range(0, MANY, 10)]
    names = [Finding(at + 3, at + 13, "PERSON", 0.9, "names") for at in range(0, MANY, 10)]
    work = []
    for length in (MANY // 8, MANY // 2):
        found = merge([one for one in (*numbers[::2], *names) if one.end < length])
        crowd = SimpleNamespace(name="", entities=frozenset(), find=lambda *_, found=found: agree(found))
        work.append(counted(crowd, "")[1])
    assert work[1] < 6 * work[0] + 2000


def test_placeholders_in_thousands_are_passed_over_one_by_one():
    text = "[PERSON_0A1B2C3D] Ann " * 2000
    found = [Finding(at + 18, at + 21, "PERSON", 0.9, "names") for at in range(0, len(text), 22)]
    assert redact(text, found, b"key").text.count("[PERSON_0A1B2C3D]") == 2000


@pytest.mark.parametrize(
    "kind", ["digits, spaced", "telephones of no plan", "keys of forms", "names", "labels", "emoji"]
)
@pytest.mark.parametrize("moment", [0, 3, 40])
def test_past_the_deadline_every_detector_stops_and_nothing_reads_as_clean(company, kind, moment):
    text = HOSTILE[kind](LONG * 5) + END
    for detector in (*shipped_patterns(), ByRules(), *company):
        ticks = count()
        with before(moment, lambda ticks=ticks: next(ticks)):
            scan = Finder([detector], cache_size=0).find(text, detector.entities)
        looked = next(ticks)
        sought = [(entity, value) for entity, (_, value) in PLANTED.items() if entity in detector.entities]
        for entity, value in sought:
            start = text.rindex(value)
            covered = any(one.start <= start and start + len(value) <= one.end for one in scan.findings)
            assert covered or entity in scan.unknown, (detector.name, entity)
        # whoever is stopped once more by each seeker that would still look is stopped at its first step
        assert looked <= moment + 2 * len(getattr(detector, "seekers", ())) + 5 or not scan.unknown


def test_past_its_steps_a_text_is_unknown_and_the_next_one_is_not(monkeypatch):
    monkeypatch.setattr(allowance, "STEPS", 50)
    monkeypatch.setattr(allowance, "STEPS_A_CHARACTER", 0)
    finder = Finder(shipped_patterns(), cache_size=0)
    hard, easy = finder.find_all([HOSTILE["digits, spaced"](LONG), "mail jane.doe@northwind-traders.com"])
    assert "CN_ID_CARD" in hard.unknown
    assert (easy.unknown, [one.entity for one in easy.findings]) == (frozenset(), ["EMAIL_ADDRESS"])
