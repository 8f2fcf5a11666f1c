"""Prompts that a client has put together by a model's template → the turns of a conversation.

A prompt goes in, chat messages come out. The company's model has a template of its own, and would take the marks of
another for text. What is in no template known here, whole, is what the person says.
"""

import re
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat
from proxy.errors import WireError

ROLES: Final = {"system": "system", "user": "user", "human": "user", "assistant": "assistant", "model": "assistant"}
TURNS: Final = tuple(
    re.compile(rf"{begin}[ \t]*(?P<role>[a-z]{{1,20}})[ \t]*{close}(?P<text>.*?)(?:{end}|(?={begin})|\Z)", re.DOTALL)
    for begin, close, end in (
        (r"<\|start_header_id\|>", r"<\|end_header_id\|>", r"<\|eot_id\|>|<\|eom_id\|>"),
        (r"<\|header_start\|>", r"<\|header_end\|>", r"<\|eot\|>|<\|eom\|>"),
        (r"<\|im_start\|>", r"\n", r"<\|im_end\|>"),
        (r"<\|start_of_role\|>", r"<\|end_of_role\|>", r"<\|end_of_text\|>"),
        (r"<start_of_turn>", r"\n", r"<end_of_turn>"),
    )
)
"""Llama 3, Llama 4, ChatML (Qwen), Granite, Gemma: a mark, who speaks, a mark, what is said, a mark."""
INSTRUCTION: Final = re.compile(
    r"\[INST\](?:\s*<<SYS>>(?P<system>.*?)<</SYS>>)?(?P<user>.*?)\[/INST\](?P<assistant>.*?)(?=(?:<s>)?\[INST\]|\Z)",
    re.DOTALL,
)
"""Mistral, Llama 2."""
AROUND: Final = re.compile(r"(?:\s|<\|begin_of_text\|>|<\|endoftext\|>|<bos>|</?s>)*")
"""What stands round the turns."""
ENDS: Final = re.compile(r"(?:\s|</?s>)*\Z")


def turns_in(prompt: Any, where: str) -> list[Chat]:
    """Return what is said in a prompt, as messages; raises `WireError` where it is no text."""
    if not isinstance(prompt, str):
        raise WireError(f"{where} must be a string")
    for pattern in TURNS:
        if pattern.search(prompt):
            return in_turns(prompt, pattern) or said(prompt)
    if "[INST]" in prompt:
        return in_instructions(prompt) or said(prompt)
    return said(prompt)


def said(prompt: str) -> list[Chat]:
    """Return a prompt as what the person says."""
    return [{"role": "user", "content": prompt}]


def in_turns(prompt: str, pattern: re.Pattern[str]) -> list[Chat]:
    """Return the turns of a prompt, or nothing where it holds more than these."""
    found = list(pattern.finditer(prompt))
    roles = [ROLES.get(one["role"], "") for one in found]
    if not all(roles) or not covers(prompt, found):
        return []
    return told((role, one["text"].strip()) for role, one in zip(roles, found, strict=True))


def in_instructions(prompt: str) -> list[Chat]:
    """Return the turns of a prompt of instructions, or nothing where it holds more than these."""
    found = list(INSTRUCTION.finditer(prompt))
    if not covers(prompt, found):
        return []
    roles = ("system", "user", "assistant")
    return told((role, ENDS.sub("", one[role] or "").strip()) for one in found for role in roles)


def told(turns: Any) -> list[Chat]:
    """Return those turns in which something is said."""
    return [{"role": role, "content": text} for role, text in turns if text]


def covers(prompt: str, found: list[re.Match[str]]) -> bool:
    """Return whether nothing is said outside what was found."""
    starts = [one.start() for one in found]
    ends = [one.end() for one in found]
    return all(
        AROUND.fullmatch(prompt, end, start) for end, start in zip([0, *ends], [*starts, len(prompt)], strict=True)
    )
