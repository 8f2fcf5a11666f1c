"""What holds for whatever client library of a vendor: what a test asks it for, and what must come of it.

Enters: a street of vendors, and a function that asks by a library. Leaves: assertions.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.street import WAYS, Street, load_planted
from tests.thorough import crossed

PLANTED = {each.name: each for each in load_planted()}
IDENTITY, CARD = PLANTED["resident identity number"], PLANTED["card with spaces"]
FALCON = ("Summarise Project Falcon.", "整理一下华星科技的合同。")
CROW = "Tell them of Project Crow."
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
OLD_TOOL = {"name": "note", "description": "Write it down", "parameters": SCHEMA}
TOOL = {"type": "function", "function": OLD_TOOL}

two_cases = pytest.mark.parametrize("case", [IDENTITY, CARD], ids=lambda case: case.name)
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
two_languages = pytest.mark.parametrize("text", FALCON, ids=["en", "zh"])
every_value_one_way = crossed("case, stream", PLANTED, WAYS)
two_cases_both_ways = crossed("case, stream", {case.name: case for case in (IDENTITY, CARD)}, WAYS)
two_languages_both_ways = crossed("text, stream", dict(zip(("en", "zh"), FALCON, strict=True)), WAYS)


@dataclass(frozen=True)
class Said:
    """What a client library gave of an answer."""

    text: str
    arguments: dict[str, Any] | None = None


type Ask = Callable[[Street, Any, bool, bool], Said]
"""Asks with a text or parts, streamed or not, with a tool or not."""


def http(street: Street) -> httpx.Client:
    """Return a client for a library that takes one."""
    trust = ssl.create_default_context(cafile=str(street.proxy.ca))
    return httpx.Client(proxy=street.proxy.url, verify=trust, trust_env=False, timeout=120)


def arguments_come_back(street: Street, ask: Ask, stream: bool) -> None:
    """Arguments of a tool are the originals, and the vendor had placeholders."""
    assert ask(street, IDENTITY.text, stream, True).arguments == {"text": IDENTITY.text}
    assert b"[CN_ID_CARD_" in street.external.requests[0].body


def is_answered_inside(street: Street, ask: Ask, text: str, stream: bool) -> None:
    """The company's own model answers, and the vendor hears nothing."""
    answer = ask(street, text, stream, False)
    assert answer.text.endswith(text) and ("nternal" in answer.text or "内部替身模型" in answer.text)
    assert street.external.requests == []


def tool_is_called_inside(street: Street, ask: Ask, stream: bool) -> None:
    """A call of a tool is translated for the company's own model, and back."""
    assert ask(street, FALCON[0], stream, True).arguments == {"text": FALCON[0]}
    assert street.internal.requests[0].json()["tools"][0]["function"]["name"] == "note"


def is_refused_once(street: Street, ask: Ask, stream: bool) -> str:
    """A refusal is an error of the library, and is not asked again; return what the error says."""
    before = len(street.request_records())
    with pytest.raises(Exception, match="This project is secret") as caught:
        ask(street, CROW, stream, False)
    assert len(street.request_records()) == before + 1
    assert street.external.requests == [] and street.internal.requests == []
    return str(caught.value)
