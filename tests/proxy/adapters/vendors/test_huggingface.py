"""Hugging Face's inference, spoken by its own client library: to the company's model, and when it is refused."""

from collections.abc import Iterator
from typing import Any

import httpx2
import huggingface_hub
import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import TextGenerationError
from huggingface_hub.utils._http import default_client_factory

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from tests.proxy.adapters.inside import Inside, Refusing, chat_stream, chat_whole, newer

MODEL = "google/gemma-2b"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A function that makes a client whose requests a handler answers."""
    monkeypatch.setattr(
        "huggingface_hub.inference._providers.hf_inference._check_supported_task", lambda *_: None, raising=False
    )
    # Once a day and process the library asks its hub for a list of agents, with the very client that is made here.
    monkeypatch.setattr("huggingface_hub.utils._detect_agent._fetch_registry", lambda: None, raising=False)

    def made(handler: Any) -> InferenceClient:
        huggingface_hub.set_client_factory(lambda: httpx2.Client(transport=newer(handler)))
        return InferenceClient(provider="hf-inference", api_key="hf_x", timeout=5)

    yield made
    huggingface_hub.set_client_factory(default_client_factory)


def test_a_streamed_answer_reaches_the_sdk(client: Any) -> None:
    inside = Inside(chat_stream({"content": "你"}, {"content": "好"}, reason="length"), "huggingface")
    asked = {"model": MODEL, "stream": True, "details": True, "max_new_tokens": 9, "stop": ["完"]}
    read = list(client(inside).text_generation("查客户", **asked))
    assert "".join(one.token.text for one in read if not one.token.special) == "你好"
    assert (read[-1].generated_text, read[-1].details.finish_reason) == ("你好", "length")
    assert (inside.asked["messages"], inside.asked["max_tokens"]) == ([{"role": "user", "content": "查客户"}], 9)


def test_a_whole_answer_reaches_the_sdk(client: Any) -> None:
    inside = Inside(chat_whole({"content": "好"}), "huggingface")
    answer = client(inside).text_generation("查客户", model=MODEL, details=True)
    assert (answer.generated_text, answer.details.generated_tokens) == ("好", 7)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_refusal_is_the_sdks_own_error_and_is_not_asked_again(client: Any, stream: bool) -> None:
    refusing = Refusing("huggingface")
    with pytest.raises(TextGenerationError, match="不可外发"):
        list(client(refusing).text_generation("查客户", model=MODEL, stream=stream))
    assert refusing.count == 1


def test_what_the_model_is_asked_follows_the_path() -> None:
    adapter = choose(Asked("POST", f"/hf-inference/models/{MODEL}", (), "huggingface"))
    assert isinstance(adapter, Speaker) and adapter.read(b'{"inputs":"a"}', "").model == MODEL
