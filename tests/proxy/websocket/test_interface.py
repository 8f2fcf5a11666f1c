"""What opens a WebSocket, and how one is closed where nothing else can tell a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.interface import Refusal
from proxy.websocket.interface import LONGEST_REASON, MESSAGE, closing_for, opens_websocket

PLAIN = (("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-version", "13"))

HANDSHAKES = {
    "a browser's": ("GET", PLAIN, True),
    "in other letters": ("GET", (("upgrade", " WebSocket "), ("sec-websocket-version", "13")), True),
    "a message of one": (MESSAGE, PLAIN, True),
    "another method": ("POST", PLAIN, False),
    "h2c": ("GET", (("upgrade", "h2c"), ("sec-websocket-version", "13")), False),
    "two protocols in one field": ("GET", (("upgrade", "websocket, h2c"), ("sec-websocket-version", "13")), False),
    "two fields": ("GET", (*PLAIN, ("upgrade", "h2c")), False),
    "another version": ("GET", (("upgrade", "websocket"), ("sec-websocket-version", "8")), False),
    "two versions": ("GET", (*PLAIN, ("sec-websocket-version", "8")), False),
    "no version": ("GET", (("upgrade", "websocket"),), False),
    "no upgrade": ("GET", (("sec-websocket-version", "13"),), False),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_only_a_handshake_that_every_reader_takes_for_one_opens_a_websocket(name: str) -> None:
    method, headers, opens = HANDSHAKES[name]
    assert opens_websocket(method, headers) is opens


ENGLISH = "Sluice, your company's AI gateway, did not send this request to Poe. Rule: no Poe. It is not assessed."
CHINESE = "公司的 AI 网关 Sluice 未将本次请求发送给 Poe。依据规则：禁止 Poe。尚未评估。"

CLOSINGS = {
    "en": (ENGLISH, 403, 1008, "Sluice SLC-20261127-7K2F9Q: Rule: no Poe. It is not assessed."),
    "zh": (CHINESE, 403, 1008, "Sluice SLC-20261127-7K2F9Q: 依据规则：禁止 Poe。尚未评估。"),
    "too large": (ENGLISH, 413, 1009, "Sluice SLC-20261127-7K2F9Q: Rule: no Poe. It is not assessed."),
    "one sentence": ("Not sent", 403, 1008, "Sluice SLC-20261127-7K2F9Q: Not sent"),
}


@pytest.mark.parametrize("name", CLOSINGS)
def test_the_reason_of_a_closing_says_the_number_and_why(name: str) -> None:
    message, status, code, reason = CLOSINGS[name]
    closing = closing_for(Refusal(status, "blocked_by_policy", message, "SLC-20261127-7K2F9Q"))
    assert (closing.code, closing.reason) == (code, reason)


def test_what_may_be_asked_again_says_so_by_its_code() -> None:
    assert closing_for(Refusal(503, "overloaded", "Not sent", "", again=10)).code == 1013


def test_without_a_number_it_still_says_who_speaks() -> None:
    assert closing_for(Refusal(403, "x", "Not sent", "")).reason == "Sluice: Not sent"


@given(st.text(max_size=300), st.text("SLC-0123456789", max_size=30))
def test_a_reason_always_fits_into_the_frame_that_carries_it(message: str, reference: str) -> None:
    reason = closing_for(Refusal(403, "blocked_by_policy", message, reference)).reason
    assert len(reason.encode("utf-8", "replace")) <= LONGEST_REASON
    assert reason.startswith("Sluice")
