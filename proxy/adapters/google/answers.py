"""Where the text stands in Gemini's answers: parts of candidates, streamed as events or as one array of objects.

Source: the `google-genai` client library's types and its stream decoder; the array is documented and was not seen live.
Each event is a whole response that holds new parts only. Thoughts are a text of their own. Signatures of thoughts are
base64, in which no placeholder can stand, so they come back as they were.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot
from proxy.adapters.openai_chat import FINAL_4XX, count
from proxy.adapters.pointer import Steps
from proxy.adapters.shape import Shape
from proxy.adapters.vendors.refusing import tell
from proxy.exchange import Answer
from proxy.framing.array import ArrayFramer
from proxy.framing.events import Framer, framer_for

STATUSES: Final = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GeminiShape(Shape):
    """Where the text sits in the answers to `generateContent` and `streamGenerateContent`."""

    wrapper: Steps = ()
    """Where the response stands in the object: Code Assist wraps it."""
    array: bool = False
    """Whether a streamed answer is one JSON array."""

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of events, or of an array's elements."""
        kind = content_type.partition(";")[0].strip().lower()
        return ArrayFramer() if self.array and kind == "application/json" else framer_for(content_type)

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - events have no names
        """Return the texts of all parts, and pieces of a call's arguments."""
        return [slot for number, path, part in self.parts(data) for slot in pieces(number, path, part)]

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:
        """Return the channels of candidates that finish or go on with another text, and finished arguments."""
        live = {slot.channel for slot in self.slots(event, data)}
        moved = {channel.partition("/")[0] for channel in live}
        done = {number for number, _, candidate in self.candidates(data) if candidate.get("finishReason")}
        ended = {channel for number, _, part in self.parts(data) for channel in ended_arguments(number, part)}
        return [
            channel
            for channel in open_channels
            if channel in ended
            or (number := channel.partition("/")[0]) in done
            or (number in moved and channel not in live)
        ]

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a response that carries `text` alone."""
        number, _, rest = channel.partition("/")
        part: dict[str, Any] = {"text": text, "thought": True} if rest == "thought" else {"text": text}
        if rest.startswith("arguments/"):
            piece = {"jsonPath": rest.partition("/")[2], "stringValue": text, "willContinue": True}
            part = {"functionCall": {"partialArgs": [piece]}}
        inner = self.unwrap(like)
        head = {key: inner[key] for key in ("modelVersion", "responseId", "createTime") if key in inner}
        made = {"candidates": [{"content": {"role": "model", "parts": [part]}, "index": int(number)}], **head}
        for step in reversed(self.wrapper):
            made = {str(step): made}
        return "", made

    def unwrap(self, data: Any) -> Mapping[str, Any]:
        """Return the response in an event, empty where there is none."""
        for step in self.wrapper:
            data = data.get(step) if isinstance(data, dict) else None
        return data if isinstance(data, dict) else {}

    def candidates(self, data: Any) -> Iterator[tuple[str, Steps, dict[str, Any]]]:
        """Yield number, path and value of each candidate."""
        found = self.unwrap(data).get("candidates")
        for place, candidate in enumerate(found if isinstance(found, list) else ()):
            if isinstance(candidate, dict):
                yield str(count(candidate.get("index"), place)), (*self.wrapper, "candidates", place), candidate

    def parts(self, data: Any) -> Iterator[tuple[str, Steps, dict[str, Any]]]:
        """Yield each part, with its candidate's number and its path."""
        for number, path, candidate in self.candidates(data):
            content = candidate.get("content")
            found = content.get("parts") if isinstance(content, dict) else None
            for place, part in enumerate(found if isinstance(found, list) else ()):
                if isinstance(part, dict):
                    yield number, (*path, "content", "parts", place), part


def pieces(number: str, path: Steps, part: dict[str, Any]) -> Iterator[Slot]:
    """Yield the text of a part, or the pieces of arguments that Vertex streams."""
    if isinstance(part.get("text"), str):
        yield Slot(f"{number}/{'thought' if part.get('thought') else 'text'}", (*path, "text"), part["text"])
    for place, piece in partial_arguments(part):
        if isinstance(piece.get("stringValue"), str):
            at = (*path, "functionCall", "partialArgs", place, "stringValue")
            yield Slot(f"{number}/arguments/{piece.get('jsonPath')}", at, piece["stringValue"])


def ended_arguments(number: str, part: dict[str, Any]) -> Iterator[str]:
    """Yield the channels of arguments that get no more pieces."""
    for _, piece in partial_arguments(part):
        if not piece.get("willContinue"):
            yield f"{number}/arguments/{piece.get('jsonPath')}"


def partial_arguments(part: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the pieces of a call's arguments, with their places."""
    call = part.get("functionCall")
    found = call.get("partialArgs") if isinstance(call, dict) else None
    for place, piece in enumerate(found if isinstance(found, list) else ()):
        if isinstance(piece, dict):
            yield place, piece


def refuse(refusal: Refusal, *, array: bool = False) -> Answer:
    """Return the refusal as Google's error object, in an array where the answer would be one.

    What is missing for the moment is `FAILED_PRECONDITION`, which says that asking again does not help.
    """
    if refusal.again:
        return refused(refusal, refusal.status, "UNAVAILABLE", array=array)
    status = refusal.status if refusal.status in FINAL_4XX else 400 if refusal.status >= 500 else 403
    word = "FAILED_PRECONDITION" if refusal.status >= 500 else STATUSES.get(status, "PERMISSION_DENIED")
    return refused(refusal, status, word, array=array)


def refused(refusal: Refusal, status: int, word: str, *, array: bool) -> Answer:
    """Return Google's error object with a status and its word."""
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": refusal.code.upper(),
        "domain": "sluice",
        "metadata": {"reference": refusal.reference},
    }
    told = {"error": {"code": status, "message": refusal.message, "status": word, "details": [detail]}}
    return tell(refusal, [told] if array else told, status=status)
