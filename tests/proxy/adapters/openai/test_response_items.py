"""Items of OpenAI's clients, and the messages that the company's model is given."""

import copy
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.openai.response_items import add_items
from proxy.errors import Untranslatable, WireError


def messages_of(items: object) -> list[dict]:
    messages: list[dict] = []
    add_items(messages, items)
    return messages


def say(role: str, content: object) -> dict:
    return {"role": role, "content": content}


def text(words: str, kind: str = "input_text") -> dict:
    return {"type": kind, "text": words}


def part(words: str) -> dict:
    return {"type": "text", "text": words}


def call(number: str, name: str = "find", arguments: str = "{}") -> dict:
    return {"type": "function_call", "call_id": number, "name": name, "arguments": arguments}


def result(number: str, output: object, kind: str = "function", **more: object) -> dict:
    return {"type": f"{kind}_call_output", "call_id": number, "output": output, **more}


def called(number: str, name: str = "find", arguments: str = "{}") -> dict:
    return {"id": number, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(content: str | None, *made: dict) -> dict:
    return {"role": "assistant", "content": content, "tool_calls": list(made)}


def answer(number: str, content: str) -> dict:
    return {"role": "tool", "tool_call_id": number, "content": content}


PICTURE = {"type": "input_image", "detail": "low", "image_url": "data:image/png;base64,iVBO"}
PICTURE_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}
PATCH = {"type": "update_file", "path": "a.py", "diff": "+x"}

CONVERSATIONS: dict[str, tuple[object, list[dict]]] = {
    "a string": ("你好", [say("user", "你好")]),
    "an empty string": ("", []),
    "messages with and without a type": (
        [say("developer", "A"), {"type": "message", **say("system", [text("B")])}, say("user", [text("你好")])],
        [say("system", "A\nB"), say("user", "你好")],
    ),
    "what the model said, and what it refused": (
        [
            say("user", "a"),
            {"type": "message", "id": "msg_1", **say("assistant", [text("b", "output_text")])},
            {"type": "message", **say("assistant", [{"type": "refusal", "refusal": "no"}])},
            say("user", "c"),
        ],
        [say("user", "a"), say("assistant", "b\nno"), say("user", "c")],
    ),
    "a picture, sound and a file": (
        [
            say(
                "user",
                [
                    *(text("看"), PICTURE, {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}),
                    {"type": "input_file", "filename": "合同.pdf", "file_data": "data:application/pdf;base64,JVBE"},
                    {"type": "input_file", "file_data": "data:application/pdf;base64,JVBE"},
                ],
            )
        ],
        [
            say(
                "user",
                [
                    *(part("看"), PICTURE_PART),
                    {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}},
                    *(
                        {"type": "file", "file": {"filename": name, "file_data": "data:application/pdf;base64,JVBE"}}
                        for name in ("合同.pdf", "document")
                    ),
                ],
            )
        ],
    ),
    "reasoning and the service's own tools are left out": (
        [
            say("user", "a"),
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
            {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}},
            {"type": "mcp_list_tools", "id": "m", "server_label": "crm", "tools": []},
            say("assistant", "b"),
        ],
        [say("user", "a"), say("assistant", "b")],
    ),
    "parallel calls and their results": (
        [
            *(say("user", "查"), say("assistant", "好"), call("t1", "find", '{"q":"张伟"}'), call("t2", "list")),
            *(result("t1", "found"), result("t2", [text("x"), text("y")]), say("user", "谢谢")),
        ],
        [
            *(say("user", "查"), calls("好", called("t1", "find", '{"q":"张伟"}'), called("t2", "list"))),
            *(answer("t1", "found"), answer("t2", "x\ny"), say("user", "谢谢")),
        ],
    ),
    "one call after the other": (
        [call("t1"), result("t1", "1"), call("t2"), result("t2", "2")],
        [calls(None, called("t1")), answer("t1", "1"), calls(None, called("t2")), answer("t2", "2")],
    ),
    "pictures in results follow after all of them": (
        [call("t1"), call("t2"), result("t1", [text("ok"), PICTURE]), result("t2", "2"), say("user", "看")],
        [
            calls(None, called("t1"), called("t2")),
            answer("t1", "ok\n(The attachments of this result follow in the next message.)"),
            answer("t2", "2"),
            say("user", [part("Attachments of the tool result t1:"), PICTURE_PART, part("看")]),
        ],
    ),
    "a screenshot is the last that is sent": (
        [
            {"type": "computer_call", "call_id": "t1", "id": "cu", "action": {"type": "screenshot"}},
            result("t1", {"type": "computer_screenshot", "image_url": "data:image/png;base64,iVBO"}, "computer"),
        ],
        [
            calls(None, called("t1", "computer", '{"type":"screenshot"}')),
            answer("t1", "(The attachments of this result follow in the next message.)"),
            say("user", [part("Attachments of the tool result t1:"), PICTURE_PART]),
        ],
    ),
    "tools that take free text": (
        [
            {"type": "custom_tool_call", "call_id": "t1", "name": "apply_patch", "input": '+"x"'},
            result("t1", "done", "custom_tool"),
        ],
        [calls(None, called("t1", "custom_tool--apply_patch", '{"input":"+\\"x\\""}')), answer("t1", "done")],
    ),
    "a call of a tool in a namespace": (
        [call("t1") | {"namespace": "crm"}],
        [calls(None, called("t1", "find--in--crm"))],
    ),
    "shells": (
        [
            {"type": "local_shell_call", "id": "l", "call_id": "t1", "action": {"type": "exec", "command": ["ls"]}},
            {"type": "local_shell_call_output", "id": "t1", "output": "a.txt"},
            {"type": "shell_call", "call_id": "t2", "action": {"commands": ["ls", "id"]}},
            result(
                "t2",
                [
                    {"stdout": "a.txt", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}},
                    {"stdout": None, "stderr": "denied", "outcome": {"type": "exit", "exit_code": 1}},
                ],
                "shell",
            ),
        ],
        [
            calls(None, called("t1", "local_shell", '{"type":"exec","command":["ls"]}')),
            answer("t1", "a.txt"),
            calls(None, called("t2", "shell", '{"commands":["ls","id"]}')),
            answer("t2", "a.txt\ndenied"),
        ],
    ),
    "a patch that failed, and one that says nothing": (
        [
            {"type": "apply_patch_call", "call_id": "t1", "status": "completed", "operation": PATCH},
            result("t1", "no such file", "apply_patch", status="failed"),
            {"type": "apply_patch_call", "call_id": "t2", "status": "completed", "operation": PATCH},
            {"type": "apply_patch_call_output", "call_id": "t2", "status": "completed"},
        ],
        [
            calls(None, called("t1", "apply_patch", '{"type":"update_file","path":"a.py","diff":"+x"}')),
            answer("t1", "Error:\nno such file"),
            calls(None, called("t2", "apply_patch", '{"type":"update_file","path":"a.py","diff":"+x"}')),
            answer("t2", ""),
        ],
    ),
}


@pytest.mark.parametrize(("items", "want"), CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_a_conversation_is_carried_over(items, want):
    before = copy.deepcopy(items)
    assert messages_of(items) == want
    assert items == before


KEPT = {
    "a reference": ({"type": "item_reference", "id": "msg_1"}, "history that the service keeps .item_reference"),
    "a reference without its type": ({"id": "msg_1"}, "history that the service keeps"),
    "history that was compacted": ({"type": "compaction", "encrypted_content": "gAAA"}, "keeps .compaction"),
    "a picture by its id": (say("user", [{"type": "input_image", "file_id": "file-1"}]), "keeps .input_image"),
    "a file by its address": (say("user", [{"type": "input_file", "file_url": "https://a"}]), "keeps .input_file"),
    "an item that nobody knows": ({"type": "hologram"}, "an item of type hologram"),
    "an item whose type is a sentence": ({"type": "张伟's letter to Ann"}, "an item of type unknown"),
    "a part that nobody knows": (say("user", [{"type": "hologram"}]), "a part of type hologram"),
}


@pytest.mark.parametrize(("item", "why"), KEPT.values(), ids=KEPT.keys())
def test_what_the_companys_model_cannot_be_told_is_refused_and_never_left_out(item, why):
    with pytest.raises(Untranslatable, match=why):
        messages_of([item])


BROKEN = {
    "no items": (None, "input must be"),
    "an item that is none": (["hi"], "input must be"),
    "a strange role": ([say("tool", "x")], "the role of a message"),
    "a role that is no word": ([say(["user"], "x")], "the role of a message"),
    "a content that is none": ([say("user", {"a": 1})], "the content of a message"),
    "a part that is none": ([say("user", ["hi"])], "the content of a message"),
    "a picture of the assistant's": ([say("assistant", [PICTURE])], "text only"),
    "a call without a name": ([{"type": "function_call", "call_id": "a", "arguments": "{}"}], "the field name"),
    "a call without an id": ([{"type": "function_call", "name": "a", "arguments": "{}"}], "the field call_id"),
    "a call in a strange namespace": ([call("a") | {"namespace": 7}], "the field namespace"),
    "a call of the shell without an action": ([{"type": "shell_call", "call_id": "a"}], "the field action"),
    "a result of nothing": ([{"type": "function_call_output", "output": "x"}], "the field id"),
    "a result that is none": ([result("a", 7)], "the output of a call"),
}


@pytest.mark.parametrize(("items", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_items_that_break_their_own_format_say_where(items, why):
    with pytest.raises(WireError, match=why):
        messages_of(items)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
ITEMS = st.lists(
    st.builds(say, st.sampled_from(["user", "assistant", "system", "developer"]), WORDS)
    | st.builds(call, st.sampled_from(["t1", "t2"]))
    | st.builds(result, st.sampled_from(["t1", "t2"]), WORDS),
    max_size=8,
)


@given(ITEMS)
def test_no_word_is_lost_and_roles_alternate(items):
    messages = messages_of(items)
    said = json.dumps(messages)
    for item in items:
        word = item.get("content", item.get("output", ""))
        assert json.dumps(word)[1:-1] in said
    for before, after in pairwise(messages):
        assert before["role"] != after["role"] or after["role"] == "tool"
