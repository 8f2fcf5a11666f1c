"""Calls of a shell in Responses: what their arguments hold leaves as placeholders and comes back as itself."""

import json
from typing import Any

import pytest

from detectors.find import DEFAULT_ENTITIES, Finder, shipped_patterns
from detectors.interface import Finding
from detectors.redact import redact
from proxy.adapters.openai.responses import RESPONSES
from proxy.answers.restore import StreamRestorer, restore_body
from proxy.labelled import find_in

FINDER = Finder(shipped_patterns())
ENTITIES = frozenset({*DEFAULT_ENTITIES, "PASSWORD", "API_KEY"})
PASSWORD = "Zw99kk12"
MOBILE = "13912345678"


def exec_of(*command: str, **more: Any) -> dict[str, Any]:
    action = {"type": "exec", "command": list(command), **more}
    return {"type": "local_shell_call", "id": "l", "call_id": "t1", "status": "completed", "action": action}


CALLS = {
    "an option of a command": (exec_of("mysql", "-uroot", f"-p{PASSWORD}", "crm"), PASSWORD),
    "an argument": (exec_of("sshpass", "-p", PASSWORD, "ssh", "db1"), PASSWORD),
    "a line for a shell": (exec_of("bash", "-lc", f"mysql -uroot -p{PASSWORD} crm"), PASSWORD),
    "an archive": (exec_of("zip", "-P", PASSWORD, "a.zip", "b.csv"), PASSWORD),
    "a variable": (exec_of("psql", env={"PGPASSWORD": PASSWORD}), PASSWORD),
    "a key among the variables": (exec_of("run", env={"api_token": "8f3kd92kd0sq"}), "8f3kd92kd0sq"),
    "a number": (exec_of("sms", MOBILE), MOBILE),
    "commands": ({"type": "shell_call", "call_id": "t2", "action": {"commands": [f"sms {MOBILE}"]}}, MOBILE),
    "what a shell wrote": ({"type": "local_shell_call_output", "id": "t1", "output": f"password={PASSWORD}"}, PASSWORD),
    "what a command wrote": (
        {"type": "shell_call_output", "call_id": "t2", "output": [{"stdout": f"password={PASSWORD}", "stderr": ""}]},
        PASSWORD,
    ),
}


@pytest.mark.parametrize(("item", "value"), CALLS.values(), ids=CALLS)
def test_what_a_shell_is_given_leaves_as_placeholders_and_comes_back_as_itself(item: Any, value: str) -> None:
    prompt = RESPONSES.read(json.dumps({"model": "m", "input": [item]}).encode(), "application/json")
    originals: dict[str, str] = {}
    texts = []
    for part, scan in zip(prompt.parts, find_in(tuple, FINDER, prompt.parts, 0, ENTITIES), strict=True):
        found: list[Finding] = list(scan.findings)
        made = redact(part.text, found, b"k" * 32, originals)
        originals |= made.originals
        texts.append(made.text)
    sent = json.loads(prompt.rewrite(texts))["input"][0]
    assert value not in json.dumps(sent) and any(value in one for one in originals.values())

    event = {"type": "response.output_item.done", "output_index": 0, "item": sent}
    stream = StreamRestorer(RESPONSES.shape, "text/event-stream", originals.get)
    said = b"event: response.output_item.done\ndata: " + json.dumps(event).encode() + b"\n\n"
    got = stream.feed(said) + stream.end()
    assert json.loads(got.partition(b"data: ")[2])["item"] == item
    whole, _ = restore_body(json.dumps({"output": [sent]}).encode(), "application/json", RESPONSES.shape, originals.get)
    assert json.loads(whole)["output"] == [item]
