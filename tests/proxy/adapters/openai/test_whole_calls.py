"""What a client gets that knows calls of tools only as a whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.interface import Asked
from proxy.adapters.openai.whole_calls import WholeCalls
from proxy.adapters.openai_chat import OpenAIChat
from proxy.internal.translate import CHAT, translation_for


def chunk(number: int = 0, *calls: Any, done: str | None = None, **delta: Any) -> dict[str, Any]:
    said = delta | ({"tool_calls": list(calls)} if calls else {})
    return {"choices": [{"index": number, "delta": said, "finish_reason": done}]}


def opened(index: int, name: str) -> dict[str, Any]:
    return {"index": index, "id": f"c{index}", "type": "function", "function": {"name": name, "arguments": ""}}


def piece(index: int, text: str) -> dict[str, Any]:
    return {"index": index, "function": {"arguments": text}}


def gathered(*chunks: Any) -> list[Any]:
    calls = WholeCalls()
    for one in chunks:
        calls.gather(one)
    return [one["choices"][0]["delta"].get("tool_calls") for one in chunks]


@given(st.lists(st.tuples(st.integers(0, 2), st.text(max_size=4)), max_size=12))
def test_pieces_of_parallel_calls_come_whole_where_their_choice_finishes(said: list[tuple[int, str]]) -> None:
    names = sorted({index for index, _ in said})
    chunks = [chunk(0, opened(index, f"f{index}")) for index in names]
    chunks += [chunk(0, piece(index, text)) for index, text in said]
    *before, last = gathered(*chunks, chunk(done="tool_calls"))
    assert not any(before)
    whole = {index: "".join(text for at, text in said if at == index) for index in names}
    assert [(call["id"], call["function"]) for call in last or ()] == [
        (f"c{index}", {"name": f"f{index}", "arguments": whole[index]}) for index in names
    ]


def test_choices_are_not_mixed_and_running_text_stays_where_it_is() -> None:
    calls = WholeCalls()
    first, other = chunk(0, opened(0, "a"), content="Let me see"), chunk(1, opened(0, "b"))
    ends = chunk(1, done="tool_calls")
    for one in (first, other, ends):
        calls.gather(one)
    assert first["choices"][0]["delta"] == {"content": "Let me see"}
    assert [call["function"]["name"] for call in ends["choices"][0]["delta"]["tool_calls"]] == ["b"]


@pytest.mark.parametrize(
    "odd", [None, [], {"choices": None}, {"choices": [1]}, chunk(0, 7), chunk(0, {"function": 3}), chunk(0, "x")]
)
def test_what_is_no_chunk_harms_nothing(odd: Any) -> None:
    WholeCalls().gather(odd)


STREAM = (
    b'data: {"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"note",'
    b'"arguments":""}}]}}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}\n\n'
    b'data: {"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n'
)


@pytest.mark.parametrize("client", ["speakeasy-sdk/python 3.7.0 2.935.1 1.0.0 mistralai", "OpenAI/Python 3.52.0"])
def test_mistrals_own_clients_get_whole_calls_of_the_companys_model_and_others_what_came(client: str) -> None:
    adapter = OpenAIChat().at(Asked("POST", "/v1/chat/completions", (("user-agent", client),)))
    translation = translation_for(adapter, frozenset({CHAT}))
    assert translation is not None
    answer = translation.answer(stream=True, client_model="asked", answer_id="x", now=1)
    told = answer.feed(STREAM) + answer.end()
    assert (b'"arguments":"{}"' in told.split(b"\n\n")[2]) == ("mistral" in client)
    assert told.count(b"asked") == 2 and told.endswith(b"data: [DONE]\n\n")
