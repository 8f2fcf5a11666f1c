"""What each server of the company's model would be sent."""

from dataclasses import replace

import orjson
import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.errors import InternalModelError, Untranslatable
from proxy.internal.models import InternalModels
from proxy.internal.ways import ways_to
from tests.proxy.house import SERVER, chat

CHATS = SERVER
BOTH = replace(SERVER, name="both", speaks=frozenset({"openai-chat", "anthropic-messages"}), models={"*": "claude"})
GPT_ONLY = replace(SERVER, name="gpt only", models={"gpt-*": "big"})


def ways(path: str, *servers, asked: str = "m", body: bytes | None = None):
    adapter = choose(Asked("POST", path, (("content-type", "application/json"),), ""))
    models = InternalModels({"general": servers}, "general")
    return ways_to(models, (), asked, adapter, chat("hello") if body is None else body)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/v1/chat/completions", [("/v1/chat/completions", "qwen"), ("/v1/chat/completions", "claude")]),
        ("/v1/messages", [("/v1/chat/completions", "qwen"), ("/v1/messages", "claude")]),
    ],
)
def test_each_server_is_told_in_a_protocol_that_it_speaks_and_by_its_own_name_for_the_model(path, sent):
    made = ways(path, CHATS, BOTH)
    assert [(way.outcome.path, orjson.loads(way.outcome.body)["model"]) for way in made] == sent
    assert [way.translation.path for way in made] == [path.removeprefix("/v1") for path, _ in sent]


def test_where_both_speak_the_clients_protocol_its_body_passes_but_for_the_model():
    made = ways("/v1/messages", BOTH, replace(BOTH, name="other", models={"*": "opus"}))
    bodies = [orjson.loads(way.outcome.body) for way in made]
    assert bodies == [orjson.loads(chat("hello")) | {"model": model} for model in ("claude", "opus")]


def test_a_server_that_does_not_have_the_model_is_left_out():
    assert [way.outcome.server.name for way in ways("/v1/chat/completions", GPT_ONLY, BOTH)] == ["both"]
    assert len(ways("/v1/chat/completions", GPT_ONLY, BOTH, asked="gpt-4o")) == 2


@pytest.mark.parametrize(
    ("path", "servers", "error"),
    [
        ("/v1/chat/completions", (GPT_ONLY,), InternalModelError),
        ("/v1/embeddings", (CHATS, BOTH), Untranslatable),
        ("/v1/messages", (replace(SERVER, speaks=frozenset()),), Untranslatable),
    ],
)
def test_where_no_server_is_left_there_is_an_error_and_no_way(path, servers, error):
    with pytest.raises(error):
        ways(path, *servers)
