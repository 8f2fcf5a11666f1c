"""Notion AI: the transcript that the workspace's page posts, and lines of patches for an answer.

Enters: what the page posts to `/api/v3/runInferenceTranscript`: the newest turn, and pages of the workspace that it is
about. Leaves: a turn of the page's own stream for a refusal. An answer of the company's model is not written: the page
keeps its conversations by calls that all of the workspace goes by, and these are not read here. Source: public client
code and notes on recorded traffic; not seen live.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from proxy import json_text
from proxy.adapters.interface import AnswerShape, Refusal, Slot
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import Shape, find
from proxy.adapters.web.page_writer import identify
from proxy.exchange import Answer, Role

IGNORED: Final = shapes(
    "/traceId", "/spaceId", "/threadId", "/threadType", "/transcript/*/id", "/transcript/*/type",
    "/transcript/*/userId", "/transcript/*/createdAt", "/transcript/*/traceId", "/transcript/*/contentType",
    "/transcript/*/value/type", "/transcript/*/value/model", "/transcript/*/value/timezone",
    "/transcript/*/value/userId", "/transcript/*/value/spaceId", "/transcript/*/value/spaceViewId",
    "/transcript/*/value/currentDatetime", "/transcript/*/value/surface", "/transcript/*/value/*/type",
)  # fmt: skip
ROLES: Final[dict[str, Role]] = {"user": "user", "agent-inference": "assistant"}
"""By the type of a transcript's entry; all others are what the page tells of itself and of the workspace."""
LAST: Final = frozenset({"done", "patch-end"})


class NotionShape(Shape):
    """Follows one stream: how many steps it has, and how many pieces of text each of them."""

    def __init__(self) -> None:
        """Start before the first line."""
        self.steps = 0
        self.pieces: dict[str, int] = {}

    def begin(self) -> AnswerShape:
        """Return a shape that has seen nothing."""
        return NotionShape()

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - lines have no names
        """Return the pieces of text of a line, and remember what it adds."""
        kind = data.get("type") if isinstance(data, dict) else None
        if kind == "agent-inference":
            return [
                Slot(f"{data.get('id')}{place[1]}", place, text, whole=True)
                for place, text in find(data, "/value/*/content")
                if isinstance(text, str)
            ]
        if kind == "patch-start":
            return [slot for at, step in find(data, "/data/s/*") for slot in self.step(at, step)]
        if kind == "patch":
            return [slot for at, patch in find(data, "/v/*") for slot in self.patched(at, patch)]
        return ()

    def patched(self, at: Steps, patch: Any) -> Iterator[Slot]:
        """Yield the text that one patch adds."""
        if not isinstance(patch, dict) or not isinstance(patch.get("p"), str):
            return
        path, value, where = patch["p"], patch.get("v"), (*at, "v")
        names = path.split("/")[1:]
        if isinstance(value, str) and names[-1:] == ["content"]:
            yield Slot(path, where, value)
        elif patch.get("o") == "a" and names == ["s", "-"]:
            yield from self.step(where, value)
        elif patch.get("o") == "a" and names[2:] == ["value", "-"]:
            yield from self.piece(names[1], where, value)

    def step(self, at: Steps, value: Any) -> Iterator[Slot]:
        """Yield the texts with which a step begins."""
        name = str(self.steps)
        self.steps += 1
        for place, piece in find(value, "/value/*"):
            yield from self.piece(name, (*at, *place), piece)

    def piece(self, step: str, at: Steps, value: Any) -> Iterator[Slot]:
        """Yield the text with which a piece of a step begins."""
        number = self.pieces.get(step, 0)
        self.pieces[step] = number + 1
        if isinstance(value, dict) and isinstance(value.get("content"), str):
            yield Slot(f"/s/{step}/value/{number}/content", (*at, "content"), value["content"])

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return what a step says that it ended, or everything at the end."""
        if not isinstance(data, dict):
            return ()
        if data.get("type") in LAST:
            return open_channels
        if data.get("finishedAt"):
            return [name for name in open_channels if name.startswith(str(data.get("id")))]
        paths = [str(path) for _, path in find(data, "/v/*/p")]
        ended = tuple(path.removesuffix("finishedAt") for path in paths if path.endswith("/finishedAt"))
        return [name for name in open_channels if name.startswith(ended)] if ended else ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a patch that appends `text`, or the step so far."""
        if channel.startswith("/"):
            return "", {"type": "patch", "v": [{"o": "x", "p": channel, "v": text}]}
        return super().carry(channel, text, like)


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: an entry of the transcript says it by its type."""
    if len(path) < 2 or path[0] != "transcript":
        return "other"
    kind = next((kind for _, kind in find(tree, f"/transcript/{path[1]}/type")), None)
    return ROLES.get(kind, "other") if isinstance(kind, str) else "other"


def say(refusal: Refusal) -> Answer:
    """Return the refusal as a turn of the page."""
    name = "".join(letter for letter in refusal.reference if letter.isalnum()).lower()
    piece = {"type": "text", "content": refusal.message}
    step = {"id": identify(name, 1), "type": "agent-inference", "value": [piece]}
    lines: tuple[dict[str, Any], ...] = (
        {"type": "patch-start", "data": {"s": []}, "version": 1},
        {"type": "patch", "v": [{"o": "a", "p": "/s/-", "v": step}]},
        {"type": "done"},
    )
    headers = (("content-type", "application/x-ndjson"), ("cache-control", "no-store"))
    return Answer(200, headers, b"".join(json_text.dump(each) + b"\n" for each in lines))


class NotionTranscript(JsonAdapter):
    """A turn, refused in its place."""

    __slots__ = ()
    in_place: Final = True


NOTION: Final = NotionTranscript("notion-web", NotionShape(), say, IGNORED, role_of, stream=True)
