"""Requests of OpenAI's clients, and what the company's model is asked."""

import copy
import json

import pytest

from proxy.adapters.openai.responses_to_chat import to_chat
from proxy.errors import Untranslatable, WireError

ASKED = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}}
TOOL = {"type": "function", "name": "find", "description": "查客户", "parameters": SCHEMA, "strict": True}
FUNCTION = {
    "type": "function",
    "function": {"name": "find", "description": "查客户", "parameters": SCHEMA, "strict": True},
}
SEARCH = {"type": "web_search", "search_context_size": "low"}
PATCH = {"type": "custom", "name": "apply_patch", "description": "Edit files"}
FREE = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
PATCH_FUNCTION = {
    "type": "function",
    "function": {"name": "custom_tool--apply_patch", "description": "Edit files", "parameters": FREE},
}


def chosen(name: str) -> dict:
    return {"type": "function", "function": {"name": name}}


FIELDS: dict[str, tuple[dict, dict]] = {
    "sampling": (
        {"max_output_tokens": 9, "temperature": 0, "top_p": 0.5},
        {"max_tokens": 9, "temperature": 0, "top_p": 0.5},
    ),
    "stream": ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
    "no stream": ({"stream": False}, {}),
    "what stays behind": (
        {
            "metadata": {"team": "华东"},
            "user": "zhangwei",
            "safety_identifier": "zhangwei",
            "prompt_cache_key": "k",
            "reasoning": {"effort": "high"},
            "include": ["reasoning.encrypted_content"],
            "service_tier": "auto",
            "truncation": "auto",
            "store": True,
            "background": False,
            "previous_response_id": None,
            "anything_new": 1,
        },
        {},
    ),
    "a tool": ({"tools": [TOOL]}, {"tools": [FUNCTION]}),
    "a tool without parameters": (
        {"tools": [{"type": "function", "name": "f", "parameters": None}]},
        {
            "tools": [
                {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
            ]
        },
    ),
    "a tool that takes free text": ({"tools": [PATCH]}, {"tools": [PATCH_FUNCTION]}),
    "tools of the vendor's are left out": (
        {"tools": [SEARCH, TOOL, {"type": "local_shell"}, {"type": "mcp", "server_label": "crm"}]},
        {"tools": [FUNCTION]},
    ),
    "only tools of the vendor's": ({"tools": [SEARCH], "tool_choice": "required", "parallel_tool_calls": True}, {}),
    "tools of a namespace": (
        {"tools": [{"type": "namespace", "name": "crm", "description": "d", "tools": [TOOL, SEARCH]}]},
        {"tools": [{"type": "function", "function": FUNCTION["function"] | {"name": "find--in--crm"}}]},
    ),
    "no tools": ({"tools": []}, {}),
    "a choice in a word, one call at a time": (
        {"tools": [TOOL], "tool_choice": "required", "parallel_tool_calls": False},
        {"tools": [FUNCTION], "tool_choice": "required", "parallel_tool_calls": False},
    ),
    "a choice of one": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "find"}},
        {"tools": [FUNCTION], "tool_choice": chosen("find")},
    ),
    "a choice of one that takes free text": (
        {"tools": [PATCH], "tool_choice": {"type": "custom", "name": "apply_patch"}},
        {"tools": [PATCH_FUNCTION], "tool_choice": chosen("custom_tool--apply_patch")},
    ),
    "a choice of one that is left out": (
        {"tools": [TOOL, SEARCH], "tool_choice": {"type": "web_search"}},
        {"tools": [FUNCTION]},
    ),
    "a choice of some": (
        {
            "tools": [TOOL, PATCH],
            "tool_choice": {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "find"}],
            },
        },
        {"tools": [FUNCTION], "tool_choice": "required"},
    ),
    "a choice of some that are all left out": (
        {"tools": [TOOL, SEARCH], "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [SEARCH]}},
        {},
    ),
    "an answer in JSON of a schema": (
        {"text": {"format": {"type": "json_schema", "name": "letter", "schema": SCHEMA, "strict": True}}},
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "letter", "schema": SCHEMA, "strict": True},
            }
        },
    ),
    "an answer in any JSON": (
        {"text": {"format": {"type": "json_object"}}},
        {"response_format": {"type": "json_object"}},
    ),
    "an answer in words": ({"text": {"format": {"type": "text"}, "verbosity": "low"}}, {}),
}


@pytest.mark.parametrize(("given", "want"), FIELDS.values(), ids=FIELDS.keys())
def test_only_known_fields_cross_over(given, want):
    body = {"model": "gpt-test", "input": "hi", **given}
    before = copy.deepcopy(body)
    assert to_chat(body, "qwen") == {"model": "qwen", "messages": ASKED, **want}
    assert body == before


def test_instructions_come_first_and_join_what_else_the_system_says():
    items = [{"role": "developer", "content": "B"}, *ASKED]
    chat = to_chat({"instructions": "A", "input": items}, "qwen")
    assert chat["messages"] == [{"role": "system", "content": "A\nB"}, *ASKED]


def test_tools_that_are_added_on_the_way_are_offered_too():
    items = [*ASKED, {"type": "additional_tools", "role": "developer", "tools": [TOOL]}]
    assert to_chat({"input": items, "tools": [PATCH]}, "qwen")["tools"] == [PATCH_FUNCTION, FUNCTION]


def test_the_grammar_of_free_text_is_told_in_words():
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: /a+/"}
    (tool,) = to_chat({"input": "hi", "tools": [PATCH | {"format": grammar}]}, "qwen")["tools"]
    assert tool["function"]["description"] == ("Edit files\n\nThe input must match this grammar (lark):\nstart: /a+/")


KEPT = {
    "the answer before": ({"previous_response_id": "resp_张伟"}, "previous_response_id: the conversation so far"),
    "a conversation": ({"conversation": "conv_张伟"}, "conversation: the conversation so far"),
    "a conversation as an object": ({"conversation": {"id": "conv_张伟"}}, "conversation: the conversation so far"),
    "a prompt": ({"prompt": {"id": "张伟"}}, "prompt: the prompt is kept"),
    "an answer for later": ({"background": True}, "without background"),
}


@pytest.mark.parametrize(("given", "why"), KEPT.values(), ids=KEPT.keys())
def test_what_only_the_service_holds_is_refused_with_what_to_do_and_no_word_of_the_request(given, why):
    with pytest.raises(Untranslatable, match=why) as caught:
        to_chat({"input": "hi", **given}, "qwen")
    assert "张伟" not in str(caught.value)


BROKEN = {
    "no input": ({}, "input must be"),
    "an empty input": ({"input": []}, "input must not be empty"),
    "tools that are none": ({"input": "hi", "tools": {"a": 1}}, "tools must be a list"),
    "a tool without a name": ({"input": "hi", "tools": [{"type": "function"}]}, "the field name of a function"),
    "a strange choice": ({"input": "hi", "tools": [TOOL], "tool_choice": 7}, "tool_choice must be"),
    "a choice of some without a mode": (
        {"input": "hi", "tools": [TOOL], "tool_choice": {"type": "allowed_tools", "tools": [TOOL]}},
        "the field mode",
    ),
    "a schema that is none": ({"input": "hi", "text": {"format": {"type": "json_schema"}}}, "the field schema"),
}


@pytest.mark.parametrize(("body", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_a_request_that_cannot_be_carried_says_why(body, why):
    with pytest.raises(WireError, match=why):
        to_chat(json.loads(json.dumps(body)), "qwen")
