"""Spark's native interface, as iFlytek's documentation and public client code describe it; not seen live.

Each message of a client holds the whole conversation; the answer is frames with a status, and the last one has the
count of tokens. The address is signed and the messages are not, so that they can be rewritten, and the company's model
can answer them on the same connection.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

from proxy.adapters.anthropic_blocks import Chat
from proxy.adapters.anthropic_to_chat import add
from proxy.adapters.interface import Asked, Refusal
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import TextAt
from proxy.adapters.sockets.session import event_in, given, objects_in
from proxy.adapters.sockets.socket_adapter import SocketAdapter, SocketShape, text_in
from proxy.adapters.vendors.chat import Calls, entries, image, renamed, streaming, turns_of
from proxy.adapters.vendors.gather import GatheringWriter
from proxy.adapters.vendors.old_functions import add_turn, offered, told
from proxy.exchange import Role
from proxy.framing.message import MESSAGES, pack
from proxy.wire.json_text import dump

IGNORED: Final = shapes(
    "/header/app_id", "/parameter/chat/domain", "/parameter/chat/question_type", "/parameter/chat/auditing",
    "/payload/message/text/*/role", "/payload/message/text/*/content_type", "/header/patch_id/*",
)  # fmt: skip
INPUT_REFUSED: Final = 10013
"""Spark's own code for a question that its audit does not let through."""
BUSY: Final = 10110
"""Its code for a service that cannot answer now."""
ROLES: Final[dict[str, Role]] = {"system": "system", "user": "user", "assistant": "assistant", "function": "tool"}
SAME: Final = {"temperature": "temperature", "max_tokens": "max_tokens", "top_p": "top_p"}


def role_of(tree: Any, path: tuple[Any, ...]) -> Role:
    """Return who wrote the leaf at `path`: the message it stands in says it."""
    if path[:3] != ("payload", "message", "text") or len(path) < 4 or not isinstance(path[3], int):
        return "other"
    return ROLES.get(text_in(tree["payload"]["message"]["text"][path[3]], "role"), "other")


def tell(refusal: Refusal, _message: Any) -> tuple[Any, ...]:
    """Return the error with which Spark ends an answer."""
    return ({"header": {"code": INPUT_REFUSED, "message": refusal.message, "sid": refusal.reference, "status": 2}},)


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkSocket(SocketAdapter):
    """WebSocket `/v…/chat`."""

    def at(self, asked: Asked) -> Self:  # noqa: ARG002 - the messages say all
        """Return itself."""
        return self

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the conversation as a chat request; raises `WireError`."""
        event = event_in(body)
        payload = entries(event, "payload")
        messages: list[Chat] = []
        calls = Calls()
        for turn in turns_of(entries(payload, "message"), "text"):
            if text_in(turn, "content_type") == "image":
                add(messages, "user", [image(f"data:image/jpeg;base64,{text_in(turn, 'content')}")])
                continue
            add_turn(messages, turn.get("role"), turn.get("content"), turn, calls, turn.get("name"))
        functions = {"functions": objects_in(given(payload.get("functions")).get("text"))}
        asked = renamed(given(given(event.get("parameter")).get("chat")), SAME)
        return dump({"model": model, "messages": messages, **asked, **streaming(stream=True), **offered(functions)})

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> "SparkWriter":  # noqa: ARG002 - as for all
        """Return what writes the answer."""
        return SparkWriter(model=model, answer_id=answer_id)


class SparkWriter(GatheringWriter):
    """Writes one answer, a frame a message."""

    streamed = MESSAGES

    def __init__(self, *, model: str, answer_id: str) -> None:
        """Begin before the first frame."""
        super().__init__(stream=True, model=model, answer_id=answer_id)
        self.number = 0

    def piece(self, text: str) -> bytes:
        """Return a frame with more text: the first has the status 0, those after it 1."""
        return self.frame(1 if self.number else 0, {"content": text})

    def idle(self) -> bytes:
        """Return nothing."""
        return b""

    def finish(self) -> bytes:
        """Return the last frame, with the call of a function and the count of tokens."""
        end, call = self.finished, told([one for _, one in sorted(self.calls.items())])
        total = end.input_tokens + end.output_tokens
        counted = {"question_tokens": end.input_tokens, "prompt_tokens": end.input_tokens}
        counted |= {"completion_tokens": end.output_tokens, "total_tokens": total}
        return self.frame(2, {"content": "", **call}, {"usage": {"text": counted}})

    def failed(self, message: str) -> bytes:
        """Return the error with which an answer ends."""
        return pack(dump({"header": self.head(2) | {"code": BUSY, "message": message}}))

    def head(self, status: int) -> dict[str, Any]:
        """Return the header of a frame."""
        return {"code": 0, "message": "Success", "sid": f"spa{self.answer_id}", "status": status}

    def frame(self, status: int, text: Chat, more: Chat | None = None) -> bytes:
        """Return one frame."""
        said = {"role": "assistant", "index": 0, **text}
        choices = {"status": status, "seq": self.number, "text": [said]}
        self.number += 1
        return pack(dump({"header": self.head(status), "payload": {"choices": choices, **(more or {})}}))


SPARK: Final = SparkSocket(
    id="spark-socket",
    shape=SocketShape(
        texts=(
            TextAt("/payload/choices/text/*/content"),
            TextAt("/payload/choices/text/*/reasoning_content"),
            TextAt("/payload/choices/text/*/function_call/arguments", json=True),
        ),
        ends=({"/header/status": frozenset({2})},),
    ),
    ignored=IGNORED,
    roles=role_of,
    telling=tell,
    tested="sdk",
)
