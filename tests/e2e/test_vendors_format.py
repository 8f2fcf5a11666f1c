"""Interfaces whose client library is not here, through the proxy: a small client asks and reads as they are described.

That the words are right is for nobody here to say; that they go through the real proxy, whole and streamed, is.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.any_client import (
    CARD,
    FALCON,
    OLD_TOOL,
    TOOL,
    Ask,
    Said,
    arguments_come_back,
    http,
    is_answered_inside,
    is_refused_once,
    tool_is_called_inside,
    whole_and_streamed,
)
from tests.e2e.street import Street
from tests.e2e.vendor_street import SAYS

type Read = Callable[[Any], tuple[str, str]]
"""Returns what of text, and of a call's arguments, an answer or an event holds; raises `RuntimeError` for a failure."""


def values_of(answer: httpx.Response) -> Iterator[Any]:
    """Yield the whole answer, or its events."""
    if not answer.headers["content-type"].startswith("text/event-stream"):
        yield answer.json()
        return
    for line in answer.text.splitlines():
        if (data := line.removeprefix("data:").strip()).startswith("{"):
            yield json.loads(data)


def asked(street: Street, url: str, body: dict[str, Any], read: Read) -> Said:
    with http(street) as client:
        told = [read(value) for value in values_of(client.post(url, json=body, headers={"authorization": "Bearer k"}))]
    arguments = "".join(piece for _, piece in told)
    return Said("".join(text for text, _ in told), json.loads(arguments) if arguments else None)


def of_choice(value: Any) -> tuple[str, str]:
    if (base := value.get("base_resp") or {}).get("status_code"):
        raise RuntimeError(base["status_msg"])
    (choice,) = value.get("choices") or [{}]
    message = choice.get("delta") or choice.get("message") or {}
    if "message" in choice and value.get("object", "").endswith("chunk"):
        return "", ""  # the last event tells the whole answer once more
    calls = message.get("tool_calls") or []
    return message.get("content") or "", "".join(call["function"].get("arguments") or "" for call in calls)


def minimax(street: Street, text: str, stream: bool, tool: bool) -> Said:
    body = {"model": "MiniMax-M2", "messages": [{"role": "user", "content": text}], "stream": stream}
    url = "https://api.minimax.io/v1/text/chatcompletion_v2"
    return asked(street, url, body | ({"tools": [TOOL]} if tool else {}), of_choice)


def of_result(value: Any) -> tuple[str, str]:
    if value.get("error_code"):
        raise RuntimeError(value["error_msg"])
    return value.get("result") or "", (value.get("function_call") or {}).get("arguments") or ""


def qianfan(street: Street, text: str, stream: bool, tool: bool) -> Said:
    body = {"messages": [{"role": "user", "content": text}], "stream": stream}
    url = "https://aip.baidubce.com/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/ernie-speed?access_token=24.x"
    return asked(street, url, body | ({"functions": [OLD_TOOL]} if tool else {}), of_result)


def of_candidate(value: Any) -> tuple[str, str]:
    if "error" in value:
        raise RuntimeError(value["error"]["message"])
    parts = [part for one in value["response"]["candidates"] for part in one.get("content", {}).get("parts", [])]
    calls = [json.dumps(part["functionCall"]["args"]) for part in parts if "functionCall" in part]
    return "".join(part.get("text", "") for part in parts), "".join(calls)


def code_assist(street: Street, text: str, stream: bool, tool: bool) -> Said:
    request: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    if tool:
        request["tools"] = [{"functionDeclarations": [OLD_TOOL]}]
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    body = {"model": "gemini-2.5-pro", "project": "p", "request": request}
    return asked(street, f"https://cloudcode-pa.googleapis.com/v1internal:{verb}", body, of_candidate)


CLIENTS: dict[str, Ask] = {"MiniMax": minimax, "Qianfan, version 1": qianfan, "Code Assist": code_assist}


@whole_and_streamed
@pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS.keys())
def test_what_is_asked_is_restored_answered_inside_or_refused(vendor_street: Street, ask: Ask, stream: bool) -> None:
    assert ask(vendor_street, CARD.text, stream, False) == Said(SAYS + CARD.text)
    (seen,) = vendor_street.external.requests
    assert f"[{CARD.entity}_".encode() in seen.body
    vendor_street.external.requests.clear()
    arguments_come_back(vendor_street, ask, stream)
    vendor_street.external.requests.clear()
    for text in FALCON:
        is_answered_inside(vendor_street, ask, text, stream)
    vendor_street.internal.requests.clear()
    tool_is_called_inside(vendor_street, ask, stream)
    vendor_street.internal.requests.clear()
    assert "该项目保密" in is_refused_once(vendor_street, ask, stream)
