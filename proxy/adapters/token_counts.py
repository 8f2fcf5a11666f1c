"""Answers the calls that ask how long a prompt is, for requests that go to the company's model: estimates, not counts.

Enters: the path and the body of such a call. Leaves: the JSON answer in the call's own words, or None for any other
call. Clients plan by it, so it leans upwards; nothing is sent anywhere for it. Calls that ask for the tokens themselves
have no answer here: only the vendor's own tokenizer could tell.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from math import ceil
from typing import Any, Final

from proxy.adapters.anthropic_count import count_answer, weigh
from proxy.adapters.wrapped import data_in
from proxy.errors import SluiceError
from proxy.wire.json_text import dump, parse_object

type Body = Mapping[str, Any]


def tokens(*held: Any) -> int:
    """Return about how many tokens JSON values are."""
    return max(1, ceil(sum(map(weigh, held))))


def first(body: Body, keys: Iterable[str]) -> Body:
    """Return the first of the objects under `keys`, or the body itself."""
    return next((value for key in keys if isinstance(value := body.get(key), Mapping)), body)


def only(body: Body, *names: str) -> list[Any]:
    """Return what stands under `names`, spelt as they are or with underscores."""
    spelt = {re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name) for name in names} | set(names)
    return [value for key, value in body.items() if key in spelt]


def google(body: Body) -> dict[str, Any]:
    """Answer `countTokens` of Gemini, Vertex AI and Code Assist."""
    asked = first(body, ("generateContentRequest", "generate_content_request", "request"))
    return {"totalTokens": tokens(*only(asked, "contents", "systemInstruction", "tools", "instances"))}


def responses(body: Body) -> dict[str, Any]:
    """Answer `input_tokens` of OpenAI's Responses."""
    return {"object": "response.input_tokens", "input_tokens": tokens(*only(body, "input", "instructions", "tools"))}


def bedrock(body: Body) -> dict[str, Any]:
    """Answer CountTokens of Bedrock: a Converse request, or that of a vendor in base64."""
    asked = first(body, ("input",))
    if isinstance(asked.get("converse"), Mapping):
        return {"inputTokens": tokens(*only(asked["converse"], "messages", "system", "toolConfig"))}
    coded = first(asked, ("invokeModel",)).get("body")
    data = data_in(coded) if isinstance(coded, str) else None
    try:
        return {"inputTokens": tokens(parse_object(data or b""))}
    except SluiceError:
        return {"inputTokens": tokens(asked)}


def moonshot(body: Body) -> dict[str, Any]:
    """Answer `estimate-token-count` of Moonshot."""
    return {"code": 0, "data": {"total_tokens": tokens(body.get("messages"))}, "scode": "0x0", "status": True}


def watsonx(body: Body) -> dict[str, Any]:
    """Answer `tokenization` of watsonx, but for the tokens themselves."""
    return {"model_id": body.get("model_id", ""), "result": {"token_count": tokens(body.get("input"))}}


CALLS: Final[tuple[tuple[re.Pattern[str], Callable[[Body], dict[str, Any]]], ...]] = (
    (re.compile(r".*:countTokens/?"), google),
    (re.compile(r".*/responses/input_tokens/?"), responses),
    (re.compile(r".*/model/[^/]+/count-tokens/?"), bedrock),
    (re.compile(r".*/tokenizers/estimate-token-count/?"), moonshot),
    (re.compile(r".*/ml/v1/text/tokenization/?"), watsonx),
)
ANTHROPIC: Final = re.compile(r".*/messages/count_tokens/?|.*/models/count-tokens:rawPredict/?")


def counted(path: str, body: bytes) -> bytes | None:
    """Return the answer to a call that asks for a number of tokens; None for all others.

    Raises `WireError` or `TooLarge`.
    """
    bare = path.partition("?")[0]
    if ANTHROPIC.fullmatch(bare):
        return count_answer(parse_object(body))
    found = next((answer for pattern, answer in CALLS if pattern.fullmatch(bare)), None)
    if found is None:
        return None
    asked = parse_object(body)
    if found is watsonx and first(asked, ("parameters",)).get("return_tokens") is True:
        return None
    return dump(found(asked))
