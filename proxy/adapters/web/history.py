"""A conversation that the company's model holds, as a page loads it again from its vendor.

Enters: a conversation whose placeholders were put back. Leaves: the JSON value that the page's own call for it gives.
Ids of messages are made of the conversation's id, so that they are the same each time. Source: public client code; not
seen live.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from proxy.adapters.interface import Talk, Turn
from proxy.adapters.web.claude import ROOT_OF_ALL
from proxy.adapters.web.page_writer import identify

TITLE: Final = 60
"""Characters of a title at most."""


def title_of(talk: Talk) -> str:
    """Return what a conversation is called: how its first question begins."""
    said = next((text for turn in talk.turns for role, text in messages_of(turn) if role == "user"), "")
    return " ".join(said.split())[:TITLE]


def messages_of(turn: Turn) -> Iterator[tuple[str, str]]:
    """Yield the role and text of each message of a turn."""
    for message in turn.question:
        yield message["role"], message["content"]
    if turn.answer:
        yield "assistant", turn.answer


def numbered(talk: Talk) -> Iterator[tuple[str, str, str, int]]:
    """Yield id, role, text and time of each message."""
    said = ((role, text, turn.at) for turn in talk.turns for role, text in messages_of(turn))
    for number, (role, text, at) in enumerate(said):
        yield identify(f"{number:04x}{talk.id[-11:]}", 3), role, text, at


def chatgpt_history(talk: Talk) -> dict[str, Any]:
    """Return what `GET /backend-api/conversation/{id}` gives: a tree of messages below a root without one."""
    root = identify(talk.id, 4)
    nodes: dict[str, dict[str, Any]] = {root: {"id": root, "message": None, "parent": None, "children": []}}
    last, at = root, 0
    for id, role, text, at in numbered(talk):
        message = {
            "id": id,
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": at,
            "update_time": None,
            "content": {"content_type": "text", "parts": [text]},
            "status": "finished_successfully",
            "end_turn": True,
            "weight": 1.0,
            "metadata": {},
            "recipient": "all",
            "channel": "final" if role == "assistant" else None,
        }
        nodes[id] = {"id": id, "message": message, "parent": last, "children": []}
        nodes[last]["children"] = [id]
        last = id
    return {
        "title": title_of(talk),
        "create_time": talk.turns[0].at if talk.turns else at,
        "update_time": at,
        "mapping": nodes,
        "moderation_results": [],
        "current_node": last,
        "conversation_id": talk.id,
        "is_archived": False,
    }


def claude_history(talk: Talk) -> dict[str, Any]:
    """Return what `GET …/chat_conversations/{id}` gives: the messages in order, each naming the one before it."""
    messages: list[dict[str, Any]] = []
    before = ROOT_OF_ALL
    for number, (id, role, text, at) in enumerate(numbered(talk)):
        messages.append(
            {
                "uuid": id,
                "parent_message_uuid": before,
                "index": number,
                "sender": "assistant" if role == "assistant" else "human",
                "text": "",
                "content": [{"type": "text", "text": text}],
                "created_at": written(at),
                "updated_at": written(at),
                "truncated": False,
                "attachments": [],
                "files": [],
                "sync_sources": [],
            }
        )
        before = id
    return {
        "uuid": talk.id,
        "name": title_of(talk),
        "summary": "",
        "settings": {},
        "is_starred": False,
        "created_at": messages[0]["created_at"] if messages else written(0),
        "updated_at": messages[-1]["created_at"] if messages else written(0),
        "current_leaf_message_uuid": before,
        "chat_messages": messages,
    }


def deepseek_history(talk: Talk) -> dict[str, Any]:
    """Return what `GET /api/v0/chat/history_messages` gives: messages with the numbers that their streams had."""
    messages = [
        {
            "message_id": number,
            "parent_id": number - 1 or None,
            "model": "",
            "role": "ASSISTANT" if kind == "RESPONSE" else "USER",
            "status": "FINISHED",
            "inserted_at": turn.at,
            "files": [],
            "fragments": [{"id": 1, "type": kind, "content": text}],
            "content": text,
        }
        for before, turn in enumerate(talk.turns)
        for number, kind, text in (
            (2 * before + 1, "REQUEST", "\n".join(each["content"] for each in turn.question)),
            (2 * before + 2, "RESPONSE", turn.answer),
        )
    ]
    last = messages[-1]["message_id"] if messages else None
    session = {"id": talk.id, "title": title_of(talk), "current_message_id": last}
    return in_deepseeks_envelope({"chat_session": session, "chat_messages": messages})


def kimi_history(talk: Talk) -> dict[str, Any]:
    """Return what `POST …ChatService/ListMessages` gives: the latest message first, each naming the one before it."""
    messages: list[dict[str, Any]] = []
    for id, role, text, at in numbered(talk):
        messages.append(
            {
                "id": id,
                "parentId": messages[-1]["id"] if messages else "",
                "role": role,
                "status": "MESSAGE_STATUS_COMPLETED",
                "blocks": [{"id": "1", "messageId": id, "text": {"content": text}}],
                "createTime": written(at),
            }
        )
    return {"messages": messages[::-1]}


def kimi_chat(talk: Talk) -> dict[str, Any]:
    """Return what `POST …ChatService/GetChat` gives: what the conversation is called, and when it was held."""
    return {"chat": {"id": talk.id, "name": title_of(talk), **times_of(talk, "createTime", "updateTime")}}


def qwen_history(talk: Talk) -> dict[str, Any]:
    """Return what `GET /api/v2/chats/{id}` gives: messages by id, each with its parent and its children."""
    said = list(numbered(talk))
    ids = [id for id, *_ in said]
    messages = {
        id: {
            "id": id,
            "parentId": before,
            "childrenIds": [after] if after else [],
            "role": role,
            "content": text,
            "content_list": [{"content": text, "phase": "answer", "status": "finished"}] if role != "user" else [],
            "files": [],
            "chat_type": "t2t",
            "done": True,
            "timestamp": at,
        }
        for (id, role, text, at), before, after in zip(said, [None, *ids], [*ids[1:], None], strict=False)
    }
    chat = {
        "history": {"messages": messages, "currentId": ids[-1] if ids else None},
        "models": [],
        "messages": list(messages.values()),
    }
    times = {"created_at": talk.turns[0].at, "updated_at": talk.turns[-1].at} if talk.turns else {}
    data = {"id": talk.id, "title": title_of(talk), "chat": chat, "currentId": ids[-1] if ids else None, **times}
    return {"success": True, "request_id": identify(talk.id, 5), "data": data}


def grok_responses(talk: Talk) -> dict[str, Any]:
    """Return what `POST …/load-responses` gives: the messages in order, whichever of them were asked for."""
    return {"responses": [node | {"message": text} for node, text in grok_nodes(talk)]}


def grok_tree(talk: Talk) -> dict[str, Any]:
    """Return what `GET …/response-node` gives: which messages there are, and what each answers."""
    return {"responseNodes": [node for node, _ in grok_nodes(talk)], "inflightResponses": []}


def grok_conversation(talk: Talk) -> dict[str, Any]:
    """Return what `GET …/conversations_v2/{id}` gives: what the conversation is called, and when it was held."""
    named = {"conversationId": talk.id, "title": title_of(talk), "starred": False}
    return {"conversation": named | times_of(talk, "createTime", "modifyTime")}


def grok_nodes(talk: Talk) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each message without its text, and the text."""
    before = ""
    for id, role, text, at in numbered(talk):
        sender = "human" if role == "user" else "assistant"
        node = {"responseId": id, "sender": sender, "createTime": written(at), "partial": False}
        yield node | ({"parentResponseId": before} if before else {}), text
        before = id


def huggingchat_history(talk: Talk) -> dict[str, Any]:
    """Return what `GET /chat/api/v2/conversations/{id}` gives: a line of messages below an empty one of the system."""
    root = identify(talk.id, 4)
    said = [(root, "system", "", talk.turns[0].at if talk.turns else 0), *numbered(talk)]
    ids = [id for id, *_ in said]
    messages = [
        {
            "id": id,
            "from": role,
            "content": text,
            "ancestors": ids[:number],
            "children": ids[number + 1 : number + 2],
            "files": [],
            **dict.fromkeys(("createdAt", "updatedAt"), written(at)),
        }
        for number, (id, role, text, at) in enumerate(said)
    ]
    told = {"id": talk.id, "title": title_of(talk), "model": "", "preprompt": "", "rootMessageId": root}
    return {"json": told | {"messages": messages, "updatedAt": messages[-1]["updatedAt"], "shared": False}}


def copilot_history(talk: Talk) -> dict[str, Any]:
    """Return what `GET /c/api/conversations/{id}/history` gives: the latest message first."""
    messages = [
        {
            "id": id,
            "author": {"type": "human" if role == "user" else "ai"},
            "content": [{"type": "text", "text": text, "partId": "1"}],
            "createdAt": written(at),
            "channel": "web",
            "mode": "chat",
        }
        for id, role, text, at in numbered(talk)
    ]
    return {"results": messages[::-1], "next": None}


def times_of(talk: Talk, *names: str) -> dict[str, str]:
    """Return when a conversation began and when it last went on, under the page's own names for the two."""
    if not talk.turns:
        return {}
    return dict(zip(names, (written(talk.turns[0].at), written(talk.turns[-1].at)), strict=True))


def in_deepseeks_envelope(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what DeepSeek's page reads an answer out of."""
    return {"code": 0, "msg": "", "data": {"biz_code": 0, "biz_msg": "", "biz_data": data}}


def written(at: int) -> str:
    """Return a time as the interface writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat()
