"""An alarm is raised once, again each day, and called off; nobody's words are in it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from proxy.canary.judge import Canaries, Result, Wanted
from proxy.canary.watch import Watch, watch_of
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from proxy.workflow.portal import Portal
from tests.proxy.house import open_house
from tests.proxy.portals import DAY, HOUR, NOW, events, make_portal

CAUGHT = Result("openai-api", "caught", "", "SLC-1", 200)
MISSED = Result("openai-api", "missed", "left", "SLC-2", 200, ("API_KEY",))
DOWN = Result("openai-api", "not_reached", "proxy")


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = make_portal(channels=("webhook", "smtp"))
    yield made
    made.store.close()


class Flight:
    """A watch whose canaries come back as they are told to, at a time that is told."""

    def __init__(self, portal: Portal) -> None:
        self.now, self.results = NOW, [CAUGHT]
        self.watch = Watch(portal, lambda _: self.results, HOUR, lambda: self.now)

    def after(self, time: timedelta, *results: Result) -> None:
        self.now, self.results = self.now + time, [*results]
        self.watch.round(("127.0.0.1", 1))


COURSES = {
    "all is well": ([(HOUR, CAUGHT), (HOUR, CAUGHT)], []),
    "told once": ([(HOUR, MISSED), (HOUR, MISSED), (HOUR, MISSED)], ["canary_failed"]),
    "again the next day": ([(HOUR, MISSED), (HOUR, MISSED), (DAY, MISSED)], ["canary_failed"] * 2),
    "another reason": ([(HOUR, MISSED), (HOUR, DOWN)], ["canary_failed"] * 2),
    "and called off": ([(HOUR, DOWN), (HOUR, CAUGHT), (HOUR, CAUGHT)], ["canary_failed", "canary_proven"]),
}


@pytest.mark.parametrize(("course", "told"), COURSES.values(), ids=COURSES)
def test_each_change_is_told_once(portal: Portal, course: list[tuple[timedelta, Result]], told: list[str]) -> None:
    flight = Flight(portal)
    for time, result in course:
        flight.after(time, result)
    assert [event.name for event in events(portal) if event.name != "canary_round"] == told
    assert len([event for event in events(portal) if event.name == "canary_round"]) == len(course)
    sent = [message.event.name for _, message in portal.store.due_messages(flight.now, 100)]
    assert sorted(sent) == sorted(told * 2), "each by both channels"


def test_an_alarm_says_which_service_and_what_went_out(portal: Portal) -> None:
    Flight(portal).after(HOUR, MISSED, Result("groq", "caught"))
    failed, told = events(portal)
    wanted = {"service": "openai-api", "result": "missed", "code": "left", "reference": "SLC-2"}
    assert wanted.items() <= failed.notes.items() and list(failed.notes["left"]) == ["API_KEY"]
    assert told.notes["fates"] == {"missed": 1, "caught": 1}


def test_a_watch_that_was_stopped_tells_nothing_more(portal: Portal) -> None:
    flight = Flight(portal)
    flight.watch.stop()
    flight.after(HOUR, MISSED)
    assert events(portal) == []


HOPELESS = {
    "an unknown service": (Settings(canary=Canaries({"opena": Wanted()}, HOUR)), "no service has the id"),
    "an unknown service, without a schedule": (
        Settings(canary=Canaries({"opena": Wanted()}, None)),
        "no service has the id",
    ),
    "no log to look into": (Settings(audit="-", canary=Canaries({"groq": Wanted()}, HOUR)), "standard output"),
    "a key for a page": (Settings(canary=Canaries({"openai-chatgpt": Wanted(key="k")}, HOUR)), "take no key"),
}


@pytest.mark.parametrize(("settings", "why"), HOPELESS.values(), ids=HOPELESS)
def test_a_schedule_that_can_never_prove_anything_stops_the_start(tmp_path: Path, settings: Settings, why: str) -> None:
    tenant = open_house(tmp_path)
    try:
        with pytest.raises(SettingsError, match=why):
            watch_of(settings, tenant.house)
        assert watch_of(Settings(), tenant.house) is None
    finally:
        tenant.close()
