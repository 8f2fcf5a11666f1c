"""What a page shows of its own streams: small readers, each written from the format and not from our code."""

import json
from typing import Any


def chatgpt_turn(body: bytes) -> tuple[str, str, bool]:
    """Return what the page would show of a stream: text, status, and whether it was closed."""
    message: dict[str, Any] = {}
    pointer, operation = "", "add"
    for event in body.decode().split("\n\n"):
        data = event.partition("data: ")[2]
        if not data.startswith("{") or "v" not in (patch := json.loads(data)):
            continue
        pointer, operation = patch.get("p", pointer), patch.get("o", operation)
        for step in patch["v"] if operation == "patch" else [{"p": pointer, "o": operation, "v": patch["v"]}]:
            if not step["p"]:
                message = step["v"]["message"]
            elif step["p"] == "/message/content/parts/0":
                message["content"]["parts"][0] += step["v"]
            else:
                message[step["p"].rpartition("/")[2]] = step["v"]
    return message["content"]["parts"][0], message["status"], body.endswith(b"data: [DONE]\n\n")
