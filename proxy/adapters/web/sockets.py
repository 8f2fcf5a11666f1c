"""Calls over HTTP of pages that talk over a WebSocket: conversations, their titles, what is changed of them.

Enters: what these pages ask beside their sockets. Leaves: every string of it, and refusals as errors that scripts read:
no words of the pages' own are known for them. Sources: tools that export conversations; not seen live.
"""

from typing import Final

from proxy.adapters import openai_chat
from proxy.adapters.any_shape import AnyShape
from proxy.adapters.prompt import shapes
from proxy.adapters.web.beside_calls import BesideCalls

COPILOT: Final = BesideCalls(
    "ms-copilot-beside", AnyShape(), openai_chat.refuse, shapes("/conversationId", "/timeZone", "/mode", "/types/*")
)
"""copilot.microsoft.com: `/c/api/…`."""
HUB: Final = BesideCalls(
    "m365-copilot-beside", AnyShape(), openai_chat.refuse, shapes("/conversationId", "/source", "/traceId")
)
"""Microsoft 365 Copilot: `/m365Copilot/…`."""
NEO: Final = BesideCalls(
    "character-ai-beside", AnyShape(), openai_chat.refuse, shapes("/chat_id", "/character_id", "/turn_key/*")
)
"""character.ai: `/turns/…`, `/chats/…`."""
