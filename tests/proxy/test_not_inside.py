"""Every family of the interfaces has all abilities, proved where the table says, or the page says why not."""

from pathlib import Path

import pytest

from proxy.coverage import covered
from proxy.not_inside import REASONS, why_not

ROOT = Path(__file__).parents[2]
ROWS = {one.id: one for one in covered()}

FAMILIES: dict[str, tuple[tuple[str, ...], str]] = {
    "OpenAI Chat, Azure, Foundry, Mistral, Zhipu, Moonshot, DeepSeek, Ark": (
        ("openai-chat",), "tests/e2e/test_openai_sdk.py tests/e2e/test_chat_clients.py"),
    "Responses": (("openai-responses",), "tests/e2e/test_openai_family.py"),
    "Responses over a WebSocket, Realtime, Gemini Live, Spark": (
        ("openai-responses-socket", "openai-realtime", "gemini-live", "spark-socket"),
        "tests/proxy/websocket/test_session.py tests/e2e/test_websocket_clients.py"),
    "Completions": (("openai-completions",), "tests/e2e/test_openai_family.py"),
    "Embeddings, images, audio": (("openai-embeddings", "openai-media"), "tests/e2e/test_openai_family.py"),
    "Assistants and threads": (("openai-assistants",), "tests/e2e/test_openai_family.py"),
    "Files, batches": (("file-content", "anthropic-batches", "anthropic-content"), "tests/e2e/test_openai_family.py"),
    "Anthropic Messages, count_tokens": (("anthropic-messages",), "tests/e2e/test_anthropic_sdk.py"),
    "Gemini and Vertex": (("gemini", "vertex-claude"), "tests/e2e/test_vendors_sdk.py tests/e2e/test_vendors_more.py"),
    "Gemini interactions": (("gemini-interactions",), "tests/e2e/test_vendors_sdk.py"),
    "Code Assist": (("gemini-code-assist",), "tests/e2e/test_vendors_sdk.py"),
    "Cohere": (("cohere-chat", "cohere-v1"), "tests/e2e/test_vendors_sdk.py"),
    "DashScope": (("dashscope",), "tests/e2e/test_vendors_sdk.py"),
    "Qianfan, Hunyuan, MiniMax, watsonx": (
        ("qianfan", "hunyuan", "minimax-chat", "minimax-pro", "watsonx"),
        "tests/proxy/adapters/vendors/test_families.py"),
    "Bedrock": (("bedrock-converse", "bedrock-invoke"), "tests/e2e/test_vendors_sdk.py"),
    "Ollama": (("ollama",), "tests/e2e/test_vendors_sdk.py"),
    "Hugging Face": (("huggingface", "text-generation-inference"), "tests/e2e/test_vendors_more.py"),
}  # fmt: skip
"""The families that Sluice promises, their adapters, and the files whose tests prove them with a client."""


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_read_restored_and_answered_inside_or_the_page_says_why_not(family: str) -> None:
    adapters, proofs = FAMILIES[family]
    for name in adapters:
        one = ROWS[name]
        assert one.redacts
        assert one.redirects != bool(why_not(name)), name
        assert one.restores or name.endswith("content"), "a file comes whole, and is restored as any whole answer"
    assert all((ROOT / proof).is_file() for proof in proofs.split())


def test_an_adapter_is_answered_for_inside_or_has_a_reason_and_never_both() -> None:
    assert {one.id for one in ROWS.values() if not one.redirects and not why_not(one.id)} == set()
    assert {one.id for one in ROWS.values() if one.redirects and why_not(one.id)} == set()
    assert all(any(why == why_not(one) for one in ROWS) for _, why in REASONS), "a reason that no adapter has"
