"""Why the company's model does not answer in place of some wire formats, adapter by adapter.

Enters: an adapter's id. Leaves: the reason, for the page of what is covered. An adapter that cannot be answered for and
is not here, or is here and can be, fails a test: so no format goes without by oversight.
"""

import re
from typing import Final

REASONS: Final[tuple[tuple[str, str], ...]] = (
    (r".+-beside", "calls beside the turns of a page (titles, drafts, settings): there is nothing to answer"),
    (r"poe-web|poe-updates", "the prompt goes out over HTTP under a hash of its own, the answer comes on a WebSocket: "
     "no answer can be put where the page looks for it"),
    (r"dashscope-tasks", "speech and transcription: the company's model gives and takes text"),
    (r"websocket|fallback|grpc|connect-proto", "the format is not known"),
    (r".+-any", "whatever else such a service is asked: the interface of the turn has a line of its own"),
    (r"(?:gemini|gemini-code-assist|cohere|dashscope|hunyuan|minimax)-calls", "counting, vectors, pictures, speech, "
     "batches: a chat model has no answer to these (how long a prompt is, is told without asking anybody)"),
    (r"ollama-embed|openai-embeddings|rerank", "vectors and ranks: another model's would not fit those that the "
     "application has stored"),
    (r"openai-media|fal|elevenlabs", "pictures, sound and films"),
    (r"deepl", "translations in the service's own terms and glossaries"),
    (r"replicate|replicate-stream", "each model has fields of its own; the answer is fetched later"),
    (r"anthropic-batches|openai-chat-later", "answered hours later, to whoever fetches it: the company's model answers "
     "at once"),
    (r"anthropic-content|file-content", "files of the service, fetched"),
    (r"openai-items", "conversations and compaction that the service keeps, and counts of tokens"),
    (r"anthropic-complete", "withdrawn by its vendor; Messages are answered for"),
    (r"dify|github-chat|amazon-q|jetbrains-ai", "instructions, tools and documents of the application are kept by the "
     "service: another model would answer something else"),
    (r"sensenova|cloudflare", "their interfaces in OpenAI's words, on the same hosts, are answered for"),
)  # fmt: skip
"""Patterns over whole ids, the first that fits."""


def why_not(adapter: str) -> str:
    """Return why the company's model does not answer for an adapter; empty where no reason is known."""
    return next((why for pattern, why in REASONS if re.fullmatch(pattern, adapter)), "")
