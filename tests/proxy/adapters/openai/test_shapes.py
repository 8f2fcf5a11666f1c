"""Which pieces the events of the family carry, and which texts an event ends."""

from typing import Any

import pytest

from proxy.adapters.openai.shapes import CompletionShape, DeltaShape, RunShape
from proxy.answers.restore import restore_body

DELTAS, COMPLETIONS, RUNS = DeltaShape(), CompletionShape(), RunShape()


def delta(kind: str, piece: Any = "x", **more: Any) -> dict[str, Any]:
    return {"type": f"{kind}.delta", "output_index": 1, **more, "delta": piece}


TEXT = "response.output_text"
PIECES: dict[str, tuple[dict[str, Any], list[tuple[str, str, bool]]]] = {
    "text": (delta(TEXT, content_index=2), [("1/content_index=2/response.output_text/", "x", False)]),
    "refusal": (delta("response.refusal", content_index=0), [("1/content_index=0/response.refusal/", "x", False)]),
    "reasoning": (
        delta("response.reasoning_text", content_index=0),
        [("1/content_index=0/response.reasoning_text/", "x", False)],
    ),
    "its summary": (
        delta("response.reasoning_summary_text", summary_index=0),
        [("1/summary_index=0/response.reasoning_summary_text/", "x", False)],
    ),
    "arguments": (delta("response.function_call_arguments"), [("1//response.function_call_arguments/", "x", True)]),
    "arguments of MCP": (delta("response.mcp_call_arguments"), [("1//response.mcp_call_arguments/", "x", True)]),
    "free text": (delta("response.custom_tool_call_input"), [("1//response.custom_tool_call_input/", "x", False)]),
    "code": (
        delta("response.code_interpreter_call_code"),
        [("1//response.code_interpreter_call_code/", "x", False)],
    ),
    "a command": (
        delta("response.shell_call_command", command_index=3),
        [("1/command_index=3/response.shell_call_command/", "x", False)],
    ),
    "what it wrote": (
        delta("response.shell_call_output_content", {"stdout": "o", "stderr": "e"}, command_index=0),
        [
            ("1/command_index=0/response.shell_call_output_content/stdout", "o", False),
            ("1/command_index=0/response.shell_call_output_content/stderr", "e", False),
        ],
    ),
    "a transcript": ({"type": "transcript.text.delta", "delta": "x"}, [("//transcript.text/", "x", False)]),
    "what is spoken": (
        delta("response.output_audio_transcript", content_index=0),
        [("1/content_index=0/response.output_audio_transcript/", "x", False)],
    ),
    "sound": (delta("response.output_audio"), []),
    "sound, by its old name": (delta("response.audio"), []),
    "words at Mistral": (
        {"type": "message.output.delta", "output_index": 0, "content_index": 0, "content": "x"},
        [("0/content_index=0/message.output/", "x", False)],
    ),
    "arguments at Mistral": (
        {"type": "function.call.delta", "output_index": 0, "arguments": "{"},
        [("0//function.call/", "{", True)],
    ),
    "the end of a text": ({"type": f"{TEXT}.done", "output_index": 1, "content_index": 2, "text": "x"}, []),
    "no delta": ({"type": f"{TEXT}.delta", "delta": 7}, []),
}


@pytest.mark.parametrize(("data", "want"), PIECES.values(), ids=PIECES.keys())
def test_an_event_that_adds_to_a_text_names_the_piece_and_its_text(data, want):
    assert [(slot.channel, slot.text, slot.json) for slot in DELTAS.slots("", data)] == want


OPEN = [
    "1/content_index=0/response.output_text/",
    "1/content_index=0/response.refusal/",
    "1/content_index=1/response.output_text/",
    "1/command_index=0/response.shell_call_output_content/stdout",
    "2/content_index=0/response.output_text/",
]
ENDS: dict[str, tuple[Any, list[int]]] = {
    "a text": ({"type": f"{TEXT}.done", "output_index": 1, "content_index": 0}, [0]),
    "a part": ({"type": "response.content_part.done", "output_index": 1, "content_index": 0, "part": {}}, [0, 1]),
    "an item": ({"type": "response.output_item.done", "output_index": 1, "item": {}}, [0, 1, 2, 3]),
    "what a command wrote": (
        {"type": "response.shell_call_output_content.done", "output_index": 1, "command_index": 0, "output": []},
        [3],
    ),
    "the answer": ({"type": "response.completed", "response": {}}, [0, 1, 2, 3, 4]),
    "an answer cut short": ({"type": "response.incomplete", "response": {}}, [0, 1, 2, 3, 4]),
    "an error": ({"type": "error", "message": "x"}, [0, 1, 2, 3, 4]),
    "a conversation at Mistral": ({"type": "conversation.response.done"}, [0, 1, 2, 3, 4]),
    "nothing: more of one": (delta(TEXT, content_index=0), []),
    "nothing: an item begins": ({"type": "response.output_item.added", "output_index": 2, "item": {}}, []),
    "nothing: no type": ({"output_index": 1}, []),
    "nothing: no object": ([1], []),
}


@pytest.mark.parametrize(("data", "want"), ENDS.values(), ids=ENDS.keys())
def test_an_event_ends_what_it_says(data, want: list[int]):
    assert list(DELTAS.closes("", data, OPEN)) == [OPEN[at] for at in want]


def test_what_is_carried_is_an_event_of_the_same_text():
    like = delta(TEXT, "said", content_index=0, item_id="msg_1", sequence_number=7)
    (slot,) = DELTAS.slots("", like)
    assert DELTAS.carry(slot.channel, "rest", like) == ("", like | {"delta": "rest"})
    both = delta("response.shell_call_output_content", {"stdout": "o", "stderr": "e"}, command_index=0)
    out, _ = DELTAS.slots("", both)
    assert DELTAS.carry(out.channel, "rest", both)[1]["delta"] == {"stdout": "rest", "stderr": ""}


@pytest.mark.parametrize(
    ("choice", "pieces", "ends"),
    [
        ({"index": 1, "text": "a", "finish_reason": None}, {"1": "a"}, []),
        ({"index": 0, "text": "a", "finish_reason": "stop"}, {"0": "a"}, ["0"]),
        ({"text": "a"}, {"0": "a"}, []),
        ({"index": 1, "finish_reason": "length"}, {}, ["1"]),
        ({"index": 0, "delta": {"content": "a"}}, {}, []),
        ("no choice", {}, []),
    ],
    ids=repr,
)
def test_a_completion_names_its_pieces_by_choice(choice, pieces, ends):
    data = {"choices": [choice]}
    assert {slot.channel: slot.text for slot in COMPLETIONS.slots("", data)} == pieces
    assert COMPLETIONS.closes("", data, ["0", "1"]) == ends


MESSAGE = {
    "id": "msg_1",
    "object": "thread.message.delta",
    "delta": {"content": [{"index": 3, "type": "text", "text": {"value": "a"}}]},
}
STEP = {
    "id": "step_1",
    "object": "thread.run.step.delta",
    "delta": {
        "step_details": {
            "tool_calls": [
                {"index": 0, "function": {"arguments": "{", "output": "o"}},
                {"index": 1, "code_interpreter": {"input": "i", "outputs": [{"index": 0, "logs": "l"}]}},
            ]
        }
    },
}


def test_a_run_names_its_pieces_by_message_and_step():
    assert [(slot.channel, slot.text, slot.json) for slot in RUNS.slots("thread.message.delta", MESSAGE)] == [
        ("msg_1/delta/content/3/text/value", "a", False)
    ]
    calls = "step_1/delta/step_details/tool_calls"
    assert {slot.channel: (slot.text, slot.json) for slot in RUNS.slots("", STEP)} == {
        f"{calls}/0/function/arguments": ("{", True),
        f"{calls}/0/function/output": ("o", False),
        f"{calls}/1/code_interpreter/input": ("i", False),
        f"{calls}/1/code_interpreter/outputs/0/logs": ("l", False),
    }


@pytest.mark.parametrize(
    ("data", "want"),
    [
        ({"object": "thread.message", "id": "m", "status": "completed"}, ["m/a"]),
        ({"object": "thread.message", "id": "m", "status": "in_progress"}, []),
        ({"object": "thread.run.step", "id": "s", "status": "failed"}, ["s/a"]),
        ({"object": "thread.run", "id": "r", "status": "queued"}, []),
        ({"object": "thread.run", "id": "r", "status": "requires_action"}, ["m/a", "s/a"]),
        ({"object": "thread", "id": "t", "status": "completed"}, []),
        (MESSAGE, []),
        (None, []),
    ],
    ids=str,
)
def test_a_run_ends_what_is_complete(data, want):
    assert list(RUNS.closes("", data, ["m/a", "s/a"])) == want


@pytest.mark.parametrize("shape", [DELTAS, COMPLETIONS, RUNS], ids=lambda shape: type(shape).__name__)
@pytest.mark.parametrize(
    "data",
    [None, 7, "x", [], {}, {"type": 7}, {"type": ".delta", "delta": None}, {"choices": [7]}, {"object": []}],
    ids=repr,
)
def test_an_event_of_another_form_has_no_text_and_ends_nothing(shape, data):
    assert (list(shape.slots("", data)), list(shape.closes("", data, ["1/a"]))) == ([], [])


def test_a_whole_answer_is_restored_in_every_string_but_ciphertext():
    body = (
        b'{"output":[{"type":"reasoning","summary":[{"text":"[PERSON_7K2F9ABC]?"}],"encrypted_content":"gAAAAABo"},'
        b'{"type":"function_call","arguments":"{\\"to\\":\\"[PERSON_7K2F9ABC]\\"}"}]}'
    )
    restored, count = restore_body(body, "application/json", DELTAS, {"[PERSON_7K2F9ABC]": '张"伟'}.get)
    assert count == 2
    assert restored.decode() == (
        '{"output":[{"type":"reasoning","summary":[{"text":"张\\"伟?"}],"encrypted_content":"gAAAAABo"},'
        '{"type":"function_call","arguments":"{\\"to\\":\\"张\\\\\\"伟\\"}"}]}'
    )
