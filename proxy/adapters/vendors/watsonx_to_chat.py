"""A request of watsonx → the OpenAI chat request that asks the company's model the same.

The parsed body goes in, a new one comes out. Projects, moderations and limits of time stay behind. A chat is OpenAI's
but for a few words; a prompt of a generation that was put together by a model's template is taken apart. Prompts that
IBM keeps raise `Untranslatable`; no error holds text of the body.
"""

from typing import Final

from proxy.adapters.anthropic_blocks import Chat
from proxy.adapters.vendors.chat import entries, renamed, streaming, turns_of
from proxy.adapters.vendors.templates import turns_in
from proxy.errors import Untranslatable

SAME: Final = {
    name: name
    for name in (
        "tools", "tool_choice", "max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed",
        "response_format", "presence_penalty", "frequency_penalty", "logit_bias", "reasoning_effort",
    )
}  # fmt: skip
PARAMETERS: Final = {
    "max_new_tokens": "max_tokens", "temperature": "temperature", "top_p": "top_p", "stop_sequences": "stop",
    "random_seed": "seed",
}  # fmt: skip


def chat_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for `/text/chat`; raises `WireError`."""
    chat = {"model": model, "messages": turns_of(body, "messages"), **renamed(body, SAME), **streaming(stream)}
    option = body.get("tool_choice_option")
    if "tool_choice" not in chat and "tools" in chat and option in ("auto", "none", "required"):
        chat["tool_choice"] = option
    return chat


def generation_to_chat(body: Chat, model: str, *, stream: bool) -> Chat:
    """Return the chat request for `/text/generation`; raises `WireError`."""
    parameters = entries(body, "parameters")
    if body.get("prompt_id") or parameters.get("prompt_variables"):
        raise Untranslatable("the internal model has no prompts that watsonx keeps")
    chat = {"model": model, "messages": turns_in(body.get("input"), "input"), **renamed(parameters, PARAMETERS)}
    if parameters.get("decoding_method") == "greedy":
        chat["temperature"] = 0
    return {**chat, **streaming(stream)}
