"""claude.ai: the completion of the page, with the texts of attached files inside it, and the calls beside it.

Enters: what the page posts below `/api/organizations/…`. Leaves: a turn of the page's own stream, which is that of the
Messages interface, for an answer of the company's model, for a refusal. Source: public client code; not seen live. The
server keeps the turns before. The page names a conversation before its first turn, in the path.
"""

from collections.abc import Sequence
from typing import Any, Final

from proxy.adapters.anthropic_messages import AnthropicMessages, MessagesShape
from proxy.adapters.anthropic_writer import AnthropicWriter
from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user
from proxy.errors import WireError
from proxy.exchange import Answer, Role

IGNORED: Final = shapes(
    "/model", "/parent_message_uuid", "/timezone", "/locale", "/rendering_mode", "/files/*", "/thinking_mode",
    "/effort",
    "/turn_message_uuids/human_message_uuid", "/turn_message_uuids/assistant_message_uuid", "/organization_uuid",
    "/conversation_uuid", "/attachments/*/file_type", "/attachments/*/id", "/sync_sources/*/uuid",
    "/sync_sources/*/type", "/tools/*/type", "/personalized_styles/*/type", "/personalized_styles/*/uuid",
    "/personalized_styles/*/key", "/create_conversation_params/uuid", "/create_conversation_params/model", "/uuid",
)  # fmt: skip

ROOT_OF_ALL: Final = "00000000-0000-4000-8000-000000000000"
"""The parent of a conversation's first message."""


class ClaudeShape(MessagesShape):
    """The events of a message stream, and those of the older rendering as raw text."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:
        """Return the pieces of text of an event."""
        if isinstance(data, dict) and isinstance(text := data.get("completion"), str):
            return (Slot("completion", ("completion",), text),)
        return super().slots(event, data)

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return the channels that an event ends."""
        if isinstance(data, dict) and "completion" in data and data.get("stop_reason"):
            return open_channels
        return super().closes(event, data, open_channels)

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return an event that carries `text`."""
        if channel == "completion":
            return "completion", {**like, "completion": text, "stop_reason": None}
        return super().carry(channel, text, like)


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: the person, but for what pages add."""
    return "user" if path[:1] in (("prompt",), ("attachments",)) else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the error whose message the page shows."""
    return AnthropicMessages().refuse(refusal)


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if tree.get("files") or tree.get("sync_sources"):
        raise WireError(FILES)
    prompt, attached = tree.get("prompt"), tree.get("attachments") or []
    if not isinstance(prompt, str) or not isinstance(attached, list):
        raise WireError("the prompt must be a text, and attachments a list")
    return from_user("\n\n".join(text for text in (prompt, *map(attachment, attached)) if text))


def attachment(each: Any) -> str:
    """Return the text of an attached file under its name; raises `WireError`."""
    text = each.get("extracted_content") if isinstance(each, dict) else None
    if not isinstance(text, str):
        raise WireError("an attachment must have its text with it")
    name = each.get("file_name")
    return f"{name}:\n{text}" if isinstance(name, str) and name else text


CLAUDE: Final = PageAdapter(
    id="claude-web",
    shape=ClaudeShape(),
    refusing=refuse,
    ignored=IGNORED,
    roles=role_of,
    turns=turns_of,
    names=lambda path, _: path.partition("/chat_conversations/")[2].partition("/")[0],
    later=lambda tree: tree.get("parent_message_uuid", ROOT_OF_ALL) != ROOT_OF_ALL,
    writing=lambda model, answer_id, _now, _talk: AnthropicWriter(
        stream=True, model=model, message_id=f"chatcompl_{answer_id}"
    ),
    tested="replica",
)
BESIDE: Final = BesideCalls("claude-web-beside", ClaudeShape(), refuse, IGNORED, role_of)
"""Titles, projects, styles, settings: text without a turn of its own."""
