"""A real server behind a real proxy: llama.cpp's own, with a tiny model of random weights. `make real` installs it.

It talks nonsense. What counts is that real clients can read what it says, and that one server steps in for another.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.e2e.street import Street, open_street

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-real" / "bin" / "python"
POLICY = """\
policy: Real models
version: 1
otherwise: forbid
data_classes: {falcon: {terms: [Falcon]}, merger: {terms: [Merger]}}
rules:
  - {id: falcon-inside, verdict: allowed, when: {data: falcon}, route: internal, model: translated}
  - {id: merger-inside, verdict: allowed, when: {data: merger}, route: internal, model: native}
"""

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not PYTHON.exists(), reason="NOT TESTED with a real model server: `make real` installs one"),
]


@contextmanager
def model_server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run llama.cpp's server; give its address and its process."""
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, ROOT / "tests" / "real" / "model_server.py", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert process.stdin is not None and process.stdout is not None
    try:
        address = process.stdout.readline().decode().strip()
        assert address, (folder / "log").read_text("utf-8", "replace")[-2000:]
        yield address, process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("real")
    with model_server(folder / "first") as (first, _), model_server(folder / "second") as (second, _):
        native = ["openai-chat", "anthropic-messages"]
        models = {
            "servers": {
                "translated": [{"url": f"{each}/v1"} for each in (first, second)],
                "native": {"url": f"{second}/v1", "speaks": native},
            },
            "checks": {"every": "never"},
        }
        with open_street(folder / "street", POLICY, {}, internal_model=None, internal_models=models) as street:
            yield street


@pytest.fixture
def street(running: Street) -> Iterator[Street]:
    running.reset()
    yield running
    assert running.external.requests == []


def chat(client: httpx.Client) -> openai.OpenAI:
    return openai.OpenAI(api_key="k", http_client=client, max_retries=0)


PROMPTS = {"translated": "Summarise Falcon.", "native": "Summarise the Merger."}


@pytest.mark.parametrize("model", PROMPTS)
def test_openais_client_reads_whole_and_streamed_answers(street: Street, model: str) -> None:
    asked: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": PROMPTS[model]}], "max_tokens": 12}
    with street.client() as client:
        whole = chat(client).chat.completions.create(**asked)
        pieces = list(chat(client).chat.completions.create(**asked, stream=True))
    assert whole.choices[0].message.content and whole.model == "gpt-4o"
    assert any(piece.choices and piece.choices[0].delta.content for piece in pieces)
    assert {piece.model for piece in pieces} == {"gpt-4o"}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", PROMPTS)
def test_anthropics_client_reads_whole_and_streamed_answers(street: Street, model: str, stream: bool) -> None:
    body = {"max_tokens": 12, "stream": True} if stream else {"max_tokens": 12}
    asked = {"sdk": "anthropic", "base_url": "https://api.anthropic.com", "prompt": PROMPTS[model], "body": body}
    answer = street.employee.ask(asked)
    assert "error" not in answer
    message = answer["done"]
    assert message["model"] == "claude-sonnet-5" and message["content"][0]["text"]
    assert message["stop_reason"] in ("max_tokens", "end_turn")


def test_the_second_server_steps_in_when_the_first_is_killed(tmp_path: Path) -> None:
    with model_server(tmp_path / "first") as (first, process), model_server(tmp_path / "second") as (second, _):
        servers = {"translated": [{"url": f"{each}/v1"} for each in (first, second)]}
        models = {"servers": servers, "checks": {"every": "never"}}
        policy = POLICY.replace(", model: translated", "").replace(", model: native", "")
        with open_street(tmp_path / "street", policy, {}, internal_model=None, internal_models=models) as street:
            asked: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Falcon?"}], "max_tokens": 12}
            with street.client() as client:
                assert chat(client).chat.completions.create(**asked).choices[0].message.content
                process.kill()
                process.wait()
                assert chat(client).chat.completions.create(**asked).choices[0].message.content
            steps = [line for line in street.records() if line["event"] == "internal_failover"]
            assert [(step["from"], step["to"]) for step in steps] == [("translated/1", "translated/2")]
            assert street.external.requests == []
