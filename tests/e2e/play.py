"""What a person does on any page of a chat, whatever the page talks over, and what must come of it.

Enters: a person, what the vendor says to a prompt, and what reached the vendor. Leaves: assertions.
"""

from collections.abc import Callable
from typing import Any

from proxy.demo.standins import InternalStandIn
from tests.e2e.person import Person
from tests.e2e.street import WITH_PAGES, office_policy

IDENTITY, NAME = "11010519491231002X", "John Smith"
CONFIDENTIAL = f"请核对身份证号{IDENTITY}，经办人是 {NAME}。Please write him a short letter."
FALCON = "Summarise Project Falcon 华星科技."
NEXT = "And shorter, please."

PERSONAL = ("CN_ID_CARD", "PERSON")
POLICY = office_policy(*WITH_PAGES, personal=PERSONAL)
IDENTIFIED = {"header": {"user": "x-user", "from": ["127.0.0.0/8"], "inside_tunnels": "yes"}}
"""A header says who asks; a browser writes none on a CONNECT, so that it plays a front which decrypts."""

type Heard = Callable[[Person[Any]], list[str]]


def types_what_is_confidential(person: Person[Any], release: Callable[[], None], heard: Heard, answer: str) -> None:
    """The originals are on the screen while the answer streams, and the vendor has placeholders."""
    person.vendor.pauses = True
    person.send(CONFIDENTIAL)
    person.expect_text(CONFIDENTIAL)
    assert person.page.inner_text("#state") == "streaming"
    release()
    person.expect_state("done")
    assert person.shown[-1][1] == answer
    (told,) = heard(person)
    assert "[CN_ID_CARD_" in told and "[PERSON_" in told
    person.vendor.pauses = False


def is_refused_twice(person: Person[Any], heard: Heard, answer: str) -> None:
    """A refusal is a turn that says why, before the vendor has begun a conversation and in one; `answer` is to NEXT."""
    assert "该项目保密。" in person.say("What about Project Crow?")
    assert person.say(NEXT) == answer, "the page goes on"
    assert "该项目保密。" in person.say("And Project Crow?"), "also in a conversation of the vendor's"
    assert [author for author, _ in person.shown] == ["user", "assistant"] * 3
    assert heard(person) == [NEXT]


def talks_to_the_companys_model(person: Person[Any], internal: InternalStandIn, heard: Heard) -> None:
    """It looks like any other conversation, and the vendor hears nothing, of later turns neither."""
    assert person.say(FALCON) == "内部替身模型听到：" + FALCON
    assert person.say(NEXT).endswith(NEXT), "by itself, policy would send this outside"
    assert [author for author, _ in person.shown] == ["user", "assistant"] * 2
    messages = [seen.json()["messages"] for seen in internal.requests]
    assert [[each["content"] for each in one][-1] for one in messages] == [FALCON, NEXT]
    assert messages[1][0]["content"] == FALCON
    assert heard(person) == []
