"""In every interface, what stands under keys that somebody has chosen is taken out behind them, in its place."""

import json
from typing import Any, Final

import pytest

from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.redact import PLACEHOLDER, redact
from proxy.adapters.choose import ADAPTERS, FALLBACK
from proxy.adapters.chosen import is_chosen
from proxy.adapters.interface import Adapter, Asked
from proxy.labelled import find_in
from tests.proxy.test_borders import differs
from tests.rows import each

FINDER: Final = Finder(shipped_detectors(names=False))
FOUND: Final = frozenset({*DEFAULT_ENTITIES, "PASSWORD", "API_KEY"})
READERS: Final[dict[str, Adapter]] = {one.id: one for one in (*(entry.adapter for entry in ADAPTERS), FALLBACK)}

CHOSEN: Final = {
    "db_password": "Sommer2024",
    "phone": 13912345678,
    "密码": "Zw99kk12",
    "api_key": "8f3kd92kd0s7fkw2",
    "login": {"pwd": "Herbst#77"},
}
"""An object whose keys somebody has chosen."""
TEXT: Final = json.dumps(CHOSEN, ensure_ascii=False)
SCHEMA: Final = {
    "type": "object",
    "properties": {
        "password": {"type": "string", "description": "of the database, e.g. Zw99kk12", "default": "Sommer2024"},
        "admin_pwd": {"type": "string", "enum": ["Herbst#77", "Winter#78"]},
        "api_key": {"type": "string", "default": "8f3kd92kd0s7fkw2", "examples": ["x8Kd93jfmWq0aLs2"]},
        "mobile": {"type": "string", "const": "13912345678"},
    },
    "required": ["password"],
}
SAID: Final = [{"role": "user", "content": "hi"}]


def function(**more: Any) -> dict[str, Any]:
    return {"name": "log_in", **more}


GEMINI: Final = {
    "contents": [
        {"role": "model", "parts": [{"functionCall": function(args=CHOSEN)}]},
        {"role": "user", "parts": [{"functionResponse": function(response=CHOSEN)}]},
    ],
    "tools": [{"functionDeclarations": [function(parameters=SCHEMA)]}],
    "labels": CHOSEN,
}
ANTHROPIC: Final = {
    "messages": [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "log_in", "input": CHOSEN}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": TEXT}]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": TEXT}]}],
        },
    ],
    "tools": [function(input_schema=SCHEMA)],
}
CHAT: Final = {
    "model": "m",
    "metadata": CHOSEN,
    "tools": [{"type": "function", "function": function(parameters=SCHEMA)}],
    "messages": [
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": function(arguments=TEXT)}]},
        {"role": "tool", "tool_call_id": "c", "content": TEXT},
    ],
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "openai-chat": CHAT,
    "openai-responses": {
        "metadata": CHOSEN,
        "prompt": {"id": "pmpt_1", "variables": CHOSEN},
        "tools": [{"type": "function", **function(parameters=SCHEMA)}],
        "input": [
            {"type": "function_call", "call_id": "c", **function(arguments=TEXT)},
            {"type": "function_call_output", "call_id": "c", "output": TEXT},
        ],
    },
    "openai-assistants": {
        "metadata": CHOSEN,
        "tools": [{"type": "function", "function": function(parameters=SCHEMA)}],
        "tool_outputs": [{"tool_call_id": "c", "output": TEXT}],
        "messages": [{"role": "user", "content": "hi", "metadata": CHOSEN}],
    },
    "openai-realtime": {
        "type": "session.update",
        "session": {"tools": [{"type": "function", **function(parameters=SCHEMA)}]},
        "item": {"type": "function_call_output", "call_id": "c", "output": TEXT},
    },
    "anthropic-messages": ANTHROPIC,
    "anthropic-batches": {"requests": [{"custom_id": "r1", "params": ANTHROPIC}]},
    "vertex-claude": ANTHROPIC,
    "gemini": GEMINI,
    "gemini-code-assist": {"request": GEMINI},
    "gemini-calls": {"requests": [{"request": GEMINI, "metadata": CHOSEN}]},
    "bedrock-converse": {
        "messages": [
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "log_in", "input": CHOSEN}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "t", "content": [{"json": CHOSEN}]}}]},
        ],
        "toolConfig": {"tools": [{"toolSpec": function(inputSchema={"json": SCHEMA})}]},
        "promptVariables": CHOSEN,
        "requestMetadata": CHOSEN,
    },
    "bedrock-invoke": ANTHROPIC,
    "cohere-chat": {
        "documents": [{"id": "1", "data": CHOSEN}],
        "messages": [
            {"role": "assistant", "tool_calls": [{"id": "c", "function": function(arguments=TEXT)}]},
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "document", "document": {"data": TEXT}}]},
        ],
        "tools": [{"type": "function", "function": function(parameters=SCHEMA)}],
    },
    "cohere-v1": {
        "message": "hi",
        "documents": [CHOSEN],
        "tool_results": [{"call": function(parameters=CHOSEN), "outputs": [CHOSEN]}],
    },
    "dashscope": {
        "input": {"messages": CHAT["messages"], "biz_params": CHOSEN},
        "parameters": {"tools": CHAT["tools"]},
    },
    "ollama": {
        "messages": [{"role": "assistant", "tool_calls": [{"function": function(arguments=CHOSEN)}]}],
        "tools": CHAT["tools"],
    },
    "hunyuan": {"Messages": [{"Role": "assistant", "ToolCalls": [{"Function": {"Name": "f", "Arguments": TEXT}}]}]},
    "qianfan": {"functions": [function(parameters=SCHEMA)], "messages": SAID},
    "dify": {"inputs": CHOSEN, "query": "hi"},
    "watsonx": {"messages": SAID, "tools": CHAT["tools"]},
}


def taken(name: str, body: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return what goes out otherwise than it came."""
    data = json.dumps(body, ensure_ascii=False).encode()
    prompt = READERS[name].at(Asked("POST", "/")).read(data, "application/json")
    scans = find_in(tuple, FINDER, prompt.parts, 0, FOUND)
    made = prompt.rewrite(
        [redact(part.text, one.findings, b"k").text for part, one in zip(prompt.parts, scans, strict=True)]
    )
    return differs(opened(body), opened(json.loads(made)))


def opened(value: Any) -> Any:
    """Return a value with all that strings of JSON hold."""
    if isinstance(value, dict):
        return {key: opened(one) for key, one in value.items()}
    if isinstance(value, list):
        return [opened(one) for one in value]
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def secrets(value: Any) -> list[Any]:
    """Return the values that nobody may see."""
    if isinstance(value, dict):
        if value == CHOSEN:
            return [one for one in CHOSEN.values() if not isinstance(one, dict)] + ["Herbst#77"]
        if value == SCHEMA:
            return [
                *("of the database, e.g. Zw99kk12", "Sommer2024", "Herbst#77", "Winter#78"),
                *("8f3kd92kd0s7fkw2", "x8Kd93jfmWq0aLs2", "13912345678"),
            ]
        return [one for inner in value.values() for one in secrets(inner)]
    return [one for inner in value for one in secrets(inner)] if isinstance(value, list) else []


@each("name", BODIES)
def test_what_stands_under_a_chosen_key_is_taken_out_and_nothing_else(name: str) -> None:
    wanted = secrets(opened(BODIES[name]))
    changed = taken(name, BODIES[name])
    assert [old for old, _ in changed] == wanted
    assert all(PLACEHOLDER.search(new) for _, new in changed)


HARMLESS: Final[dict[str, dict[str, Any]]] = {
    "anthropic-messages": {
        "metadata": {
            "user_id": "user_4c1e4c70f7a9b6f9f1d3d4a1d2c3b4a5968778695a4b3c2d1e0f9a8b7c6d5e4f_account_"
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301_session_7c9e6679-7425-40de-944b-e07fc1f90ae7"
        },
        "messages": [
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool_use",
                        "id": "toolu_01A09q90qw90lq917835lq9",
                        "name": "Read",
                        "input": {
                            "file_path": "/srv/app/token_store.py",
                            "key": "main",
                            "offset": 120,
                            "token": "next",
                        },
                    }
                ],
            }
        ],
        "tools": [
            function(
                input_schema={
                    "properties": {
                        "password": {
                            "type": "string",
                            "description": "The password of the account, 8 characters or more",
                        },
                        "token": {"type": "string", "description": "用户的令牌", "default": ""},
                        "secret_id": {"type": "string", "enum": ["staging", "production"]},
                        "max_tokens": {"type": "integer", "default": 4096},
                        "api_key": {"type": "string", "description": "Key of the API, see https://x.example/v2/keys"},
                    }
                }
            )
        ],
    },
    "openai-chat": {
        "model": "gpt-4o-2024-08-06",
        "metadata": {
            "trace_id": "7c9e667974254 0de944be07fc1f90ae7".replace(" ", ""),
            "session": "chat",
            "version": "v1.2.3",
        },
        "prompt_cache_key": "b94d27b9934d3e08a52e52d7da7dabfac484efe3",
        "user": "u-2048",
        "messages": [{"role": "tool", "tool_call_id": "call_9Xk2mQ7ZrT1vB4nC8sLd0aFg", "content": "ok"}],
    },
}


@each("name", HARMLESS)
def test_what_programs_write_there_themselves_is_left_alone(name: str) -> None:
    assert taken(name, HARMLESS[name]) == []


PAGES: Final = {
    "chatgpt-web-beside": {"prompt": "hi", "metadata": {"session_token": "8f3kd92kd0s7fkw2", "password": "Sommer2024"}},
    "kimi-web-beside": {"data": {"csrf_token": "8f3kd92kd0s7fkw2", "db_password": "Sommer2024"}},
    "claude-web-beside": {"settings": {"password": "Sommer2024"}, "token": "8f3kd92kd0s7fkw2"},
    "fallback": {"metadata": {"token": "8f3kd92kd0s7fkw2", "password": "Sommer2024"}},
}


@each("name", PAGES)
def test_what_a_page_calls_token_is_its_own_but_a_password_is_a_persons(name: str) -> None:
    assert [old for old, _ in taken(name, PAGES[name])] == ["Sommer2024"]


@pytest.mark.parametrize(
    ("tree", "path", "want"),
    [
        ({"metadata": {"token": "x"}}, ("metadata", "token"), True),
        ({"token": "x"}, ("token",), False),
        ({"metadata": "x"}, ("metadata",), False),
        ({"name": "f", "input": {"token": "x"}}, ("input", "token"), True),
        ({"input": {"token": "x"}}, ("input", "token"), False),
        ({"name": "f", "input": [{"token": "x"}]}, ("input", 0, "token"), False),
        ({"a": [{"documents": [{"token": "x"}]}]}, ("a", 0, "documents", 0, "token"), True),
    ],
)
def test_keys_are_chosen_within_what_the_interface_leaves_open(tree: Any, path: tuple[Any, ...], want: bool) -> None:
    assert is_chosen(tree, path) is want
