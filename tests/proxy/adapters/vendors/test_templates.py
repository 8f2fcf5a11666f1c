"""Prompts that were put together by a model's template are taken apart, and any other stays whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.vendors.templates import turns_in
from proxy.errors import WireError
from tests.thorough import drawn

TURNS = [("system", "简短。"), ("user", "张伟?"), ("assistant", "Ann"), ("user", "and\nthen?")]


def marked(begin: str, close: str, end: str, answer: str = "assistant", head: str = "") -> str:
    said = "".join(f"{begin}{answer if who == 'assistant' else who}{close}{text}{end}" for who, text in TURNS)
    return head + said + f"{begin}{answer}{close}"


TEMPLATES = {
    "Llama 3": marked("<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>", head="<|begin_of_text|>"),
    "Llama 4": marked("<|header_start|>", "<|header_end|>\n\n", "<|eot|>", head="<|begin_of_text|>"),
    "ChatML": marked("<|im_start|>", "\n", "<|im_end|>\n"),
    "Granite": marked("<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>\n"),
    "Gemma": marked("<start_of_turn>", "\n", "<end_of_turn>\n", "model", "<bos>"),
    "Mistral": "<s>[INST] <<SYS>>\n简短。\n<</SYS>>\n\n张伟? [/INST] Ann</s><s>[INST] and\nthen? [/INST]",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_turns_of_a_template_are_those_of_a_conversation(name: str) -> None:
    assert [(one["role"], one["content"]) for one in turns_in(TEMPLATES[name], "prompt")] == TURNS


@pytest.mark.parametrize(
    "prompt",
    [
        "Dear Ann,",
        "",
        "first <|im_start|>user\nhi<|im_end|>",
        "<|im_start|>ghost\nhi<|im_end|>",
        "<|im_start|>user\nhi<|im_end|> and more <|im_start|>user\nhi<|im_end|>",
        "before [INST] hi [/INST]",
        "[INST] hi",
        "<|im_start|>user\n<|im_end|>",
    ],
)
def test_what_is_in_no_template_is_what_the_person_says(prompt: str) -> None:
    assert turns_in(prompt, "prompt") == [{"role": "user", "content": prompt}]


@settings(max_examples=drawn(100), deadline=None)
@given(st.lists(st.sampled_from(["<|im_start|>", "user\n", "<|im_end|>", "[INST]", "[/INST]", "张", " ", "</s>"])))
def test_no_word_of_a_prompt_is_ever_lost(pieces: list[str]) -> None:
    prompt = "".join(pieces)
    kept = "".join(one["content"] for one in turns_in(prompt, "prompt"))
    assert kept.count("张") == prompt.count("张")


@pytest.mark.parametrize("prompt", [None, 7, ["a"], {"a": 1}])
def test_a_prompt_is_a_text(prompt: object) -> None:
    with pytest.raises(WireError, match="inputs must be a string"):
        turns_in(prompt, "inputs")
