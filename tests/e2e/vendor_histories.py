"""What vendors of chat pages give when a page loads a conversation again, as the formats say."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from tests.e2e.vendor_nouns import Turn


def chatgpt_message(role: str, text: str, status: str, id: str) -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text]}
    done = status == "finished_successfully"
    ends = {"end_turn": True if done and role == "assistant" else None}
    return {"id": id, "author": {"role": role}, "content": content, "status": status, "recipient": "all", **ends}


def chatgpt_history(id: str, turns: Sequence[Turn]) -> Any:
    said = [(role, text) for turn in turns for role, text in (("user", turn.heard), ("assistant", turn.said))]
    mapping: dict[str, Any] = {"m0": {"id": "m0", "message": None, "parent": None, "children": []}}
    for number, (role, text) in enumerate(said, start=1):
        here, before = f"m{number}", f"m{number - 1}"
        message = chatgpt_message(role, text, "finished_successfully", here)
        mapping[here] = {"id": here, "message": message, "parent": before, "children": []}
        mapping[before]["children"].append(here)
    return {"conversation_id": id, "title": turns[0].heard, "mapping": mapping, "current_node": f"m{len(said)}"}


def claude_history(id: str, turns: Sequence[Turn]) -> Any:
    said = [(sender, text) for turn in turns for sender, text in (("human", turn.heard), ("assistant", turn.said))]
    messages = [
        {
            "uuid": f"m{number}",
            "parent_message_uuid": f"m{number - 1}",
            "sender": sender,
            "text": "",
            "content": [{"type": "text", "text": text}],
        }
        for number, (sender, text) in enumerate(said, start=1)
    ]
    return {"uuid": id, "name": "", "chat_messages": messages, "current_leaf_message_uuid": f"m{len(said)}"}


def deepseek_history(id: str, turns: Sequence[Turn]) -> Any:
    said = [(role, kind, text) for turn in turns for role, kind, text in (
        ("USER", "REQUEST", turn.heard), ("ASSISTANT", "RESPONSE", turn.said)
    )]  # fmt: skip
    messages = [
        {"message_id": number, "role": role, "status": "FINISHED", "fragments": [{"type": kind, "content": text}]}
        for number, (role, kind, text) in enumerate(said, start=1)
    ]
    session = {"id": id, "title": turns[0].heard[:20], "current_message_id": len(said)}
    return in_envelope({"chat_session": session, "chat_messages": messages})


def in_envelope(data: Any) -> Any:
    return {"code": 0, "msg": "", "data": {"biz_code": 0, "biz_msg": "", "biz_data": data}}


def kimi_history(turns: Sequence[Turn]) -> bytes:
    said = [(f"m{2 * turn.number + 1}", "user", turn.heard) for turn in turns]
    said += [(f"m{2 * turn.number + 2}", "assistant", turn.said) for turn in turns]
    newest_first = sorted(said, key=lambda one: int(one[0][1:]), reverse=True)
    messages = [{"id": id, "role": role, "blocks": [{"text": {"content": text}}]} for id, role, text in newest_first]
    return json.dumps({"messages": messages}, ensure_ascii=False).encode()


def grok_responses(_id: str, turns: Sequence[Turn]) -> Any:
    said = [(sender, text) for turn in turns for sender, text in (("human", turn.heard), ("assistant", turn.said))]
    told = [
        {"responseId": f"m{number}", "sender": sender, "message": text}
        for number, (sender, text) in enumerate(said, start=1)
    ]
    return {"responses": told, "responseNodes": told}


def gemini_history(turns: Sequence[Turn]) -> bytes:
    told = [
        [[f"c_{turn.talk}", f"r_{turn.id}"], None, [[turn.heard]], [[[f"rc_{turn.id}", [turn.said]]]], [1764200000]]
        for turn in reversed(turns)
    ]
    inner = json.dumps([told], ensure_ascii=False)
    text = f"\n{json.dumps([['wrb.fr', 'hNvQHb', inner, None, None, None, 'generic']], ensure_ascii=False)}\n"
    return f")]}}'\n\n{len(text.encode('utf-16-le')) // 2}{text}".encode()


def gemini_loaded(body: bytes) -> str:
    ((call,),) = json.loads(parse_qs(body.decode(), strict_parsing=True)["f.req"][0])
    return str(json.loads(call[1])[0]).removeprefix("c_")
