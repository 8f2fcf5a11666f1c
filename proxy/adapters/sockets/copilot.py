"""copilot.microsoft.com and Microsoft 365 Copilot.

Both as described in public client code and captures; neither seen live. The former sends small JSON events. The latter
speaks SignalR: records of JSON, several a message, in which the answer comes as pieces and as the text so far.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.interface import Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import TextAt
from proxy.adapters.sockets.socket_adapter import SocketAdapter, SocketEntry, SocketShape, text_in

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


def tell_chat(refusal: Refusal, message: Any) -> Sequence[Any]:
    """Return a turn of the assistant's that says it; the page shows no errors (order of events uncertain)."""
    turn = {"conversationId": text_in(message, "conversationId"), "messageId": f"sluice-{refusal.reference}"}
    part = {"messageId": turn["messageId"], "partId": f"{turn['messageId']}-1"}
    return (
        {"event": "received", **turn},
        {"event": "startMessage", **turn},
        {"event": "appendText", **part, "text": refusal.message},
        {"event": "partCompleted", **part},
        {"event": "done", "messageId": turn["messageId"]},
    )


def tell_hub(refusal: Refusal, message: Any) -> Sequence[Any]:
    """Return a turn of the assistant's that says it, and the end of the invocation (fields uncertain)."""
    about = text_in(message, "invocationId")
    bot = {"text": refusal.message, "author": "bot", "messageId": f"sluice-{refusal.reference}"}
    return (
        {"type": 1, "target": "update", "arguments": [{"messages": [bot], "requestId": refusal.reference}]},
        {"type": 2, "invocationId": about, "item": {"messages": [bot], "result": {"value": "Success"}}},
        {"type": 3, "invocationId": about},
    )


CHAT: Final = SocketAdapter(
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
    telling=tell_chat,
    tested="replica",
)

HUB: Final = SocketAdapter(
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
    telling=tell_hub,
)

ENTRIES: Final = (
    SocketEntry(CHAT, re.compile(r"/c/api/chat/?"), wires=frozenset({"ms-copilot"})),
    SocketEntry(HUB, re.compile(r"/m365Copilot/.*", re.IGNORECASE), wires=frozenset({"m365-copilot"})),
)
