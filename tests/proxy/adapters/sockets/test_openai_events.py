"""Refusals on OpenAI's sockets are errors that its own client library reads; the parts are told in test_conformance."""

import json

import pytest
from openai.types.realtime import RealtimeErrorEvent
from openai.types.responses import ResponsesServerEvent
from pydantic import TypeAdapter

from proxy.adapters.interface import Refusal
from proxy.adapters.sockets.openai_events import REALTIME, RESPONSES

REFUSAL = Refusal(403, "blocked_by_policy", "未发送。", "SLC-20261127-7K2F9Q")


@pytest.mark.parametrize(("body", "about"), [(b'{"type":"response.create","event_id":"e7"}', "e7"), (b"{}", None)])
def test_a_refusal_is_realtimes_error_about_the_event(body: bytes, about: str | None) -> None:
    (told,) = REALTIME.refuse_message(REFUSAL, body)
    event = RealtimeErrorEvent.model_validate_json(told, strict=True)
    assert (event.error.message, event.error.code, event.error.event_id) == ("未发送。", "blocked_by_policy", about)


@pytest.mark.parametrize(("body", "lane"), [(b'{"type":"response.create","stream_id":"l1"}', "l1"), (b"[]", None)])
def test_a_refusal_is_an_error_of_responses_on_the_lane_that_asked(body: bytes, lane: str | None) -> None:
    (told,) = RESPONSES.refuse_message(REFUSAL, body)
    event = TypeAdapter(ResponsesServerEvent).validate_json(told)
    assert (event.type, event.status, event.stream_id) == ("error", 403, lane)
    assert event.error.message == json.loads(told)["message"] == "未发送。"
