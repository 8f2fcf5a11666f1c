"""copilot.microsoft.com and Microsoft 365 Copilot.

Both as described in public client code and captures; neither seen live. The former sends small JSON events. The latter
speaks SignalR: records of JSON, several a message, in which the answer comes as pieces and as the text so far.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.prompt import shapes
from proxy.adapters.shape import TextAt
from proxy.adapters.sockets.copilot_writer import ChatWriter, HubWriter
from proxy.adapters.sockets.page_socket import PageSocket
from proxy.adapters.sockets.socket_adapter import SocketEntry, SocketShape, text_in
from proxy.adapters.web.page_adapter import FILES, Message, from_user
from proxy.errors import WireError

CHAT_IGNORED: Final = shapes(
    "/event", "/conversationId", "/mode", "/content/*/type", "/content/*/attachmentId", "/context/edge",
    "/supportedFeatures/*", "/supportedCards/*", "/supportedActions/*", "/clientMessageId", "/messageId", "/method",
    "/stringFlags/*", "/id",
)  # fmt: skip

HUB_IGNORED: Final = shapes(
    "/*/protocol", "/*/target", "/*/invocationId", "/*/arguments/*/source", "/*/arguments/*/tone",
    "/*/arguments/*/clientCorrelationId", "/*/arguments/*/sessionId", "/*/arguments/*/traceId",
    "/*/arguments/*/conversationId", "/*/arguments/*/optionsSets/*", "/*/arguments/*/allowedMessageTypes/*",
    "/*/arguments/*/sliceIds/*", "/*/arguments/*/verbosity", "/*/arguments/*/scenario",
    "/*/arguments/*/threadLevelGptId",
    "/*/arguments/*/message/author", "/*/arguments/*/message/inputMethod", "/*/arguments/*/message/messageType",
    "/*/arguments/*/message/requestId", "/*/arguments/*/message/locale", "/*/arguments/*/message/market",
    "/*/arguments/*/message/region", "/*/arguments/*/message/timestamp", "/*/arguments/*/message/experienceType",
    "/*/arguments/*/plugins/*/Id", "/*/arguments/*/plugins/*/Source", "/*/arguments/*/spokenTextMode",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReplacingShape(SocketShape):
    """A format in which a text that came in pieces may be replaced as a whole."""

    replacing: str = ""
    """Name of the event that replaces."""

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return every text with the event that ends it, and with one that replaces it all but that one's own."""
        if text_in(data, "event") == self.replacing:
            own = {slot.channel for slot in self.slots(event, data)}
            return [channel for channel in open_channels if channel not in own]
        return SocketShape.closes(self, event, data, open_channels)


def is_chat_turn(frame: Any) -> bool:
    """Return whether a frame of copilot.microsoft.com is a turn of the person's."""
    return text_in(frame, "event") == "send"


def chat_turns(frame: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    content = frame.get("content")
    if not isinstance(content, list):
        raise WireError("content must be a list")
    if any(text_in(each, "type") != "text" for each in content):
        raise WireError(FILES)
    return from_user("\n".join(text_in(each, "text") for each in content))


def is_hub_turn(frame: Any) -> bool:
    """Return whether a record of the hub is a turn of the person's."""
    return text_in(frame, "target") == "chat" and isinstance(argument_of(frame).get("message"), dict)


def argument_of(frame: dict[str, Any]) -> dict[str, Any]:
    """Return the first argument of an invocation, or an empty object."""
    arguments = frame.get("arguments")
    first = arguments[0] if isinstance(arguments, list) and arguments else None
    return first if isinstance(first, dict) else {}


def hub_turns(frame: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    message = argument_of(frame)["message"]
    if message.get("messageAnnotations") or message.get("attachments"):
        raise WireError(FILES)
    if argument_of(frame).get("threadLevelGptId") or argument_of(frame).get("gpts"):
        raise WireError("the instructions of the agent are kept by the vendor")
    return from_user(message.get("text"))


def is_hub_later(frame: dict[str, Any]) -> bool:
    """Return whether a turn does not say that it is the first."""
    return argument_of(frame).get("isStartOfSession") is not True


CHAT: Final = PageSocket(
    id="ms-copilot",
    shape=ReplacingShape(
        texts=(
            TextAt("/text", when={"/event": frozenset({"appendText"})}),
            TextAt("/text", when={"/event": frozenset({"replaceText"})}, whole=True),
        ),
        ends=({"/event": frozenset({"partCompleted", "done", "error"})},),
        replacing="replaceText",
    ),
    ignored=CHAT_IGNORED,
    is_turn=is_chat_turn,
    turns=chat_turns,
    names=lambda frame: frame.get("conversationId"),
    later=lambda _: False,  # the page does not say
    writing=ChatWriter,
    tested="replica",
)

HUB: Final = PageSocket(
    id="m365-copilot",
    shape=SocketShape(
        texts=(
            TextAt("/arguments/*/writeAtCursor"),
            TextAt("/arguments/*/messages/*/text", whole=True),
            TextAt("/item/messages/*/text", whole=True),
        ),
        ends=({"/type": frozenset({2, 3, 7})},),
    ),
    ignored=HUB_IGNORED,
    is_turn=is_hub_turn,
    turns=hub_turns,
    names=lambda frame: argument_of(frame).get("conversationId"),
    later=is_hub_later,
    writing=HubWriter,
    tested="replica",
)

ENTRIES: Final = (
    SocketEntry(CHAT, re.compile(r"/c/api/chat/?"), wires=frozenset({"ms-copilot"})),
    SocketEntry(HUB, re.compile(r"/m365Copilot/.*", re.IGNORECASE), wires=frozenset({"m365-copilot"})),
)
