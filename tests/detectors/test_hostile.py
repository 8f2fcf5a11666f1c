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
from detectors.allowance import CURRENT, Allowance, before
from detectors.combined import combined
from detectors.find import Finder, merge, shipped_patterns
from detectors.interface import CannotTell, Finding
from detectors.ner.mention import Mention
from detectors.ner.names import by_rules, shipped_names
from detectors.ner.settle import settle
from detectors.reading import read_text
from detectors.redact import redact

SHORT, LONG = 1500, 6000
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
MONITOR = 4
"""A number that neither debugger, coverage nor profiler has."""


class ByRules:
    """The rules round the models, without the models: what these cost is counted in windows, elsewhere."""

    name = "rules"
    entities = frozenset({"PERSON"})

    def find(self, text, entities):
        view = read_text(text)
        return tuple(settle(view.text, by_rules(view.text)))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return company_detectors(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def everybody(company):
    return Finder(combined((*shipped_patterns(), shipped_names("fast"), *company)), cache_size=0)


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_stands_behind_a_hostile_text_is_found_or_unknown(everybody, kind):
    text = HOSTILE[kind](LONG) + END
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
    given = Allowance(allowance.STEPS + allowance.STEPS_A_CHARACTER * len(text), math.inf, lambda: 0.0)
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


@pytest.mark.parametrize("kind", HOSTILE)
def test_work_grows_no_faster_than_the_text(company, kind):
    for detector in (*shipped_patterns(), ByRules(), *company):
        short = counted(detector, HOSTILE[kind](SHORT))
        long = counted(detector, HOSTILE[kind](LONG))
        assert long[0] <= 1.5 * FACTOR * short[0] + 200, (detector.name, "steps")
        assert long[1] <= 1.5 * FACTOR * short[1] + 2000, (detector.name, "loops and calls")
