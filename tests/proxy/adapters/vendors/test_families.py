"""Interfaces without a client library here, to the company's model and back: each row is a family, told by its bodies.

A row's request is read, translated, answered whole, in pieces and broken off; what its answers must say stands beside
it. Where the words of a whole answer are the vendor's, the row has them letter by letter.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from proxy.errors import Untranslatable, WireError
from tests.proxy.adapters.inside import CALL, Inside, chat_stream, chat_whole
from tests.rows import each

USER = [{"role": "user", "content": "查客户"}]
TURNS = [{"role": "system", "content": "简短。"}, *USER]
TOOL = {"type": "function", "function": {"name": "find", "description": "d", "parameters": {"type": "object"}}}
OLD = {"name": "find", "description": "d", "parameters": {"type": "object"}}
LLAMA = (
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n简短。<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\n查客户<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
)


@dataclass
class Family:
    path: str
    body: dict[str, Any]
    asked: dict[str, Any]
    """What the company's model is asked, besides its name and the stream."""
    whole: dict[str, Any] | list[Any]
    """The answer 你好 with 12 tokens of prompt and 7 of answer."""
    streamed: str = ""
    """The path that streams; empty where the body asks."""
    wire: str = ""
    tools: dict[str, Any] = field(default_factory=dict)
    """What offers a tool, where one can be."""

    def ask(self, answer: bytes, *, stream: bool, size: int = 7, **more: Any) -> tuple[Inside, httpx.Response]:
        """Ask, and return what was asked inside with the answer."""
        inside = Inside(answer, self.wire, size)
        path = self.streamed if stream and self.streamed else self.path
        body = {**self.body, **more, **({"stream": True} if stream and not self.streamed else {})}
        request = httpx.Request("POST", f"https://x.example{path}", json=body)
        response = inside(request)
        response.read()
        return inside, response


FAMILIES = {
    "watsonx, a chat": Family(
        "/ml/v1/text/chat?version=2024-05-01",
        {"model_id": "ibm/granite", "project_id": "p", "messages": TURNS, "max_tokens": 9, "time_limit": 100},
        {"messages": TURNS, "max_tokens": 9},
        {"id": "chatcmpl-7f3a", "object": "chat.completion", "created": 1760000000, "model_id": "ibm/granite",
         "choices": [{"index": 0, "message": {"role": "assistant", "content": "你好"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}},
        streamed="/ml/v1/text/chat_stream?version=2024-05-01",
        tools={"tools": [TOOL], "tool_choice_option": "auto"},
    ),
    "watsonx, a generation": Family(
        "/ml/v1/text/generation?version=2024-05-01",
        {"model_id": "ibm/granite", "space_id": "s", "input": LLAMA,
         "parameters": {"decoding_method": "greedy", "max_new_tokens": 9, "stop_sequences": ["完"]}},
        {"messages": TURNS, "max_tokens": 9, "stop": ["完"], "temperature": 0},
        {"model_id": "ibm/granite", "created_at": "2025-10-09T08:53:20.000Z",
         "results": [{"generated_text": "你好", "generated_token_count": 7, "input_token_count": 12,
                      "stop_reason": "eos_token"}]},
        streamed="/ml/v1/text/generation_stream?version=2024-05-01",
    ),
    "MiniMax": Family(
        "/v1/text/chatcompletion_v2",
        {"model": "abab6.5", "messages": TURNS, "mask_sensitive_info": True, "max_tokens": 9},
        {"messages": TURNS, "max_tokens": 9},
        {"id": "chatcmpl-7f3a", "object": "chat.completion", "created": 1760000000, "model": "abab6.5",
         "choices": [{"index": 0, "message": {"role": "assistant", "content": "你好"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}},
        tools={"tools": [TOOL]},
    ),
    "MiniMax, older": Family(
        "/v1/text/chatcompletion_pro?GroupId=1",
        {"model": "abab5.5", "bot_setting": [{"bot_name": "MM", "content": "简短。"}], "tokens_to_generate": 9,
         "reply_constraints": {"sender_type": "BOT", "sender_name": "MM"},
         "messages": [{"sender_type": "USER", "sender_name": "李雷", "text": "查客户"}]},
        {"messages": TURNS, "max_tokens": 9},
        {"created": 1760000000, "model": "abab5.5", "request_id": "7f3a", "reply": "你好",
         "choices": [{"index": 0, "messages": [{"sender_type": "BOT", "sender_name": "assistant", "text": "你好"}],
                      "finish_reason": "stop"}],
         "usage": {"total_tokens": 19}, "base_resp": {"status_code": 0, "status_msg": ""}},
        tools={"functions": [OLD]},
    ),
    "Qianfan": Family(
        "/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/ernie?access_token=x",
        {"messages": USER, "system": "简短。", "max_output_tokens": 9, "penalty_score": 1.1},
        {"messages": TURNS, "max_tokens": 9},
        {"id": "as-7f3a", "object": "chat.completion", "created": 1760000000, "result": "你好", "is_truncated": False,
         "need_clear_history": False, "finish_reason": "normal",
         "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}},
        tools={"functions": [OLD]},
    ),
    "Qianfan, a completion": Family(
        "/rpc/2.0/ai_custom/v1/wenxinworkshop/completions/sqlcoder?access_token=x",
        {"prompt": "[INST] <<SYS>>简短。<</SYS>> 查客户 [/INST]", "top_p": 0.5},
        {"messages": TURNS, "top_p": 0.5},
        {"id": "as-7f3a", "object": "chat.completion", "created": 1760000000, "result": "你好", "is_truncated": False,
         "need_clear_history": False, "finish_reason": "normal",
         "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}},
    ),
    "text-generation-inference": Family(
        "/generate",
        {"inputs": "<|im_start|>system\n简短。<|im_end|>\n<|im_start|>user\n查客户<|im_end|>\n<|im_start|>assistant\n",
         "parameters": {"max_new_tokens": 9, "do_sample": True, "details": True}},
        {"messages": TURNS, "max_tokens": 9},
        {"generated_text": "你好", "details": {"finish_reason": "eos_token", "generated_tokens": 7, "seed": None,
                                             "input_length": 12, "prefill": [], "tokens": []}},
        streamed="/generate_stream",
        wire="huggingface",
    ),
    "Hugging Face": Family(
        "/hf-inference/models/google/gemma-2b",
        {"inputs": "<start_of_turn>user\n查客户<end_of_turn>\n<start_of_turn>model\n",
         "parameters": {"max_new_tokens": 9}},
        {"messages": USER, "max_tokens": 9},
        [{"generated_text": "你好", "details": {"finish_reason": "eos_token", "generated_tokens": 7, "seed": None,
                                              "input_length": 12, "prefill": [], "tokens": []}}],
        wire="huggingface",
    ),
}  # fmt: skip
every_family = each("family", FAMILIES.values(), ids=FAMILIES.keys())
OFFERING = {name: family for name, family in FAMILIES.items() if family.tools}


def said(inside: Inside, answer: httpx.Response) -> str:
    """Return what a stream says on all its channels, as its client puts it together."""
    shape = inside.adapter.shape.begin()
    framer = shape.framer(answer.headers["content-type"])
    told: dict[str, str] = {}
    for frame in [*framer.feed(answer.content), *framer.end()]:
        data = json.loads(frame.data) if frame.data and frame.data != "[DONE]" else None
        for slot in shape.slots(frame.event, data):
            told[slot.channel] = slot.text if slot.whole else told.get(slot.channel, "") + slot.text
    return "|".join(text for text in told.values() if text)


@every_family
def test_a_whole_answer_is_in_the_words_of_the_family(family: Family) -> None:
    inside, answer = family.ask(chat_whole({"content": "你好"}), stream=False)
    assert answer.json() == family.whole
    assert inside.asked == {"model": "qwen3-32b", **family.asked}


@every_family
@pytest.mark.parametrize("size", [1, 10_000])
def test_a_streamed_answer_reads_as_one_of_the_service(family: Family, size: int) -> None:
    deltas = ({"reasoning_content": "想"}, {"content": "你"}, {"content": "好"})
    inside, answer = family.ask(chat_stream(*deltas), stream=True, size=size)
    assert said(inside, answer) == "你好"
    assert inside.asked["stream"] is True and inside.asked["messages"] == family.asked["messages"]


@each("family", OFFERING.values(), ids=OFFERING.keys())
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_tool_is_offered_and_called(family: Family, stream: bool) -> None:
    calls = [{"id": "k1", "type": "function", "function": {"name": "find", "arguments": '{"q": "客户"}'}}]
    whole = chat_whole({"content": None, "tool_calls": calls}, "tool_calls")
    inside, answer = family.ask(
        chat_stream(*CALL, reason="tool_calls") if stream else whole, stream=stream, **family.tools
    )
    assert inside.asked["tools"] == [TOOL]
    assert json.dumps('{"q": "客户"}', ensure_ascii=False) in answer.text and '"find"' in answer.text
    if stream:
        assert said(inside, answer) == '{"q": "客户"}'


@every_family
def test_an_answer_that_broke_off_says_so(family: Family) -> None:
    inside, answer = family.ask(chat_stream({"content": "你"})[:-260], stream=True)
    assert "broke off" in answer.text and said(inside, answer).startswith("你")
    assert not answer.text.endswith("[DONE]\n\n")


@every_family
@pytest.mark.parametrize(("reason", "words"), [("length", ("length", "max_tokens", '"is_truncated":true'))])
def test_an_answer_that_is_cut_short_says_so(family: Family, reason: str, words: tuple[str, ...]) -> None:
    _, answer = family.ask(chat_whole({"content": "你好"}, reason), stream=False)
    assert any(word in answer.text for word in words)


TALKS = {
    "MiniMax, older": (
        "/v1/text/chatcompletion_pro", "",
        {"messages": [
            {"sender_type": "USER", "sender_name": "u", "text": "天气?"},
            {"sender_type": "BOT", "sender_name": "MM", "text": "", "function_call": {"name": "f", "arguments": "{}"}},
            {"sender_type": "FUNCTION", "sender_name": "f", "text": "晴"},
        ]},
    ),
    "Qianfan": (
        "/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/x", "",
        {"messages": [
            {"role": "user", "content": "天气?"},
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "晴"},
        ]},
    ),
    "Cohere": (
        "/v1/chat", "cohere",
        {"message": "", "chat_history": [{"role": "USER", "message": "天气?"}],
         "tool_results": [{"call": {"name": "f", "parameters": {}}, "outputs": ["晴"]}]},
    ),
}  # fmt: skip


@each("talk", TALKS.values(), ids=TALKS.keys())
def test_a_call_and_its_result_are_matched_by_name(talk: tuple[str, str, dict[str, Any]]) -> None:
    path, wire, body = talk
    adapter = choose(Asked("POST", path, (), wire))
    assert isinstance(adapter, Speaker)
    user, call, result = json.loads(adapter.to_chat(json.dumps(body).encode(), "m"))["messages"]
    assert (user["content"], call["content"], call["tool_calls"][0]["function"]) == (
        "天气?", None, {"name": "f", "arguments": "{}"},
    )  # fmt: skip
    assert (call["tool_calls"][0]["id"], "晴" in result["content"]) == (result["tool_call_id"], True)


SECRET = "张伟 4111"
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("/ml/v1/text/embeddings", "", {"inputs": [SECRET]}, "chats and generations"),
    ("/ml/v1/deployments/d/text/generation", "", {"parameters": {"prompt_variables": {"a": SECRET}}}, "keeps"),
    ("/ml/v1/text/generation", "", {"input": [SECRET]}, "input must be a string"),
    ("/ml/v1/text/chat", "", {"messages": SECRET}, "messages must be a list"),
    ("/v1/text/chatcompletion_v2", "", {"messages": []}, "messages must be a list"),
    ("/v1/text/chatcompletion_pro", "", {"messages": [{"sender_type": SECRET}]}, "role of a message"),
    ("/v1/text/chatcompletion_pro", "", {"messages": [{"sender_type": "USER", "text": [SECRET]}]}, "must be a string"),
    ("/v1/text/chatcompletion_pro", "", {"messages": [{"sender_type": "USER"}], "plugins": ["x"]}, "plugins"),
    ("/v1/text/chatcompletion_pro", "", {"messages": [{"sender_type": "FUNCTION", "text": SECRET}]}, "answers no call"),
    ("/rpc/2.0/ai_custom/v1/wenxinworkshop/embeddings/e", "", {"input": [SECRET]}, "chats and completions"),
    ("/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/e", "", {"messages": [{"role": "张伟"}]}, "role of a message"),
    ("/models/a/b", "huggingface", {"inputs": {"question": SECRET}}, "one text only"),
    ("/generate", "huggingface", {"inputs": SECRET, "parameters": {"return_full_text": True}}, "return_full_text"),
    ("/generate", "huggingface", {"inputs": SECRET, "parameters": {"best_of": 3}}, "best_of"),
    ("/v1/chat", "cohere", {"message": SECRET, "conversation_id": "c"}, "keeps"),
    ("/v1/chat", "cohere", {"chat_history": [{"role": "CHATBOT", "message": SECRET}]}, "message must be"),
    ("/v1/chat", "cohere", {"message": "a", "chat_history": [{"role": SECRET}]}, "role of a message"),
    ("/v1/chat", "cohere", {"message": "a", "tools": [{"name": "f", "parameter_definitions": {"q": SECRET}}]}, "param"),
    ("/v1/generate", "cohere", {"prompt": SECRET, "num_generations": 2}, "one generation"),
]


@pytest.mark.parametrize(("path", "wire", "body", "why"), REFUSED)
def test_what_has_no_counterpart_is_refused_and_never_quoted(
    path: str, wire: str, body: dict[str, Any], why: str
) -> None:
    adapter = choose(Asked("POST", path, (), wire))
    assert isinstance(adapter, Speaker)
    with pytest.raises(WireError, match=why) as caught:
        adapter.to_chat(json.dumps(body).encode(), "m")
    assert "张伟" not in str(caught.value)
    asks_too_much = why in ("chats and generations", "keeps", "plugins", "chats and completions", "one generation")
    assert isinstance(caught.value, Untranslatable) >= asks_too_much
