"""Old completions: a prompt that the model goes on with, also between two ends (FIM), as editors ask for ghost text.

Source: the `openai` client library's types; paths of Mistral, DeepSeek and Copilot as described in public client code.
A prompt of token ids is opaque. The company's model can be asked to go on with one text; what lies between a prompt and
a suffix, or several prompts at once, it cannot.
"""

from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.openai.completions_writer import CompletionsWriter
from proxy.adapters.openai.json_body import JsonBody
from proxy.adapters.openai.shapes import CompletionShape
from proxy.adapters.openai_chat import refuse
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.errors import Untranslatable, WireError
from proxy.exchange import Role
from proxy.wire import json_text

IGNORED: Final = shapes("/model", "/max_tokens", "/seed", "/extra/language")

SAME: Final = ("max_tokens", "temperature", "top_p", "stop", "seed", "presence_penalty", "frequency_penalty")
"""Fields that mean the same in both protocols."""


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] in (("prompt",), ("suffix",)) else "other"


@dataclass(frozen=True, slots=True)
class Completions(JsonBody):
    """POST `…/completions` on any host."""

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the request as one for chat completions of `model`; raises `WireError` or `TooLarge`."""
        return json_text.dump(to_chat(json_text.parse_object(body), model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> CompletionsWriter:
        """Return what writes an answer as a completion."""
        return CompletionsWriter(stream=stream, model=model, answer_id=answer_id, now=now)


def to_chat(body: dict[str, Any], model: str) -> dict[str, Any]:
    """Return the chat request to `model`: the prompt is what the person says."""
    prompt = body.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1:
        (prompt,) = prompt
    if isinstance(prompt, list):
        raise Untranslatable("the company's model can go on with one text only, and not with token ids")
    if not isinstance(prompt, str):
        raise WireError("prompt must be a string")
    for field, why in (("suffix", "cannot fill in what lies before a suffix"), ("echo", "does not repeat a prompt")):
        if body.get(field):
            raise Untranslatable(f"the company's model {why}; send the request without {field}")
    chat: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    chat |= {key: body[key] for key in SAME if body.get(key) is not None}
    if body.get("stream") is True:
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    return chat


COMPLETIONS: Final = Completions(
    "openai-completions", CompletionShape(), refuse, IGNORED, role_of, tokens="prompt", tested="sdk"
)
