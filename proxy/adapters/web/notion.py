"""Notion AI: the transcript that the workspace's page posts, and lines of patches for an answer.

Enters: what the page posts to `/api/v3/runInferenceTranscript`: the newest turn, and pages of the workspace that it is
about; the list of conversations. Leaves: a turn of the page's own stream for an answer of the company's model, for a
refusal. Beside the turns stand the calls of its newer agents, and those that all of the workspace goes by: of what
these save or load, only messages of the assistant are read and restored, and no page of the workspace is changed.
Source: public client code and notes on recorded traffic; not seen live.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import AnswerShape, Refusal, Slot, Talk
from proxy.adapters.openai.unread import narrowed
from proxy.adapters.pointer import Steps
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import Shape, find
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.notion_patches import whole_texts
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter, identify
from proxy.errors import WireError
from proxy.exchange import Answer, Role
from proxy.wire import json_text

IGNORED: Final = shapes(
    "/traceId", "/spaceId", "/threadId", "/threadType", "/transcript/*/id", "/transcript/*/type",
    "/transcript/*/userId", "/transcript/*/createdAt", "/transcript/*/traceId", "/transcript/*/contentType",
    "/transcript/*/value/type", "/transcript/*/value/model", "/transcript/*/value/timezone",
    "/transcript/*/value/userId", "/transcript/*/value/spaceId", "/transcript/*/value/spaceViewId",
    "/transcript/*/value/currentDatetime", "/transcript/*/value/surface", "/transcript/*/value/*/type",
)  # fmt: skip
BESIDE_IGNORED: Final = IGNORED | shapes(
    "/threadParentPointer/table", "/threadParentPointer/id", "/threadParentPointer/spaceId", "/type", "/model",
    "/surface", "/clientMessageId", "/clientEventId", "/reasoningEffort", "/policies/approval_mode", "/direction",
    "/content/*/type", "/content/*/file_id", "/event/type", "/event/content/*/type", "/event/content/*/file_id",
    "/requestId", "/transactions/*/id", "/transactions/*/spaceId", "/transactions/*/debug/userAction",
    *(f"/transactions/*/operations/*/{one}" for one in (
        "command", "pointer/table", "pointer/id", "pointer/spaceId", "args/id", "args/parent_id", "args/parent_table",
        "args/space_id", "args/type", "args/created_source", "args/created_by_id", "args/created_by_table",
        "args/updated_by_id", "args/updated_by_table", "args/messages/*", "args/step/id", "args/step/type",
        "args/step/userId", "args/step/createdAt", "args/step/value/type", "args/step/value/model",
        "args/step/value/timezone", "args/step/value/userId", "args/step/value/spaceId", "args/step/value/spaceViewId",
        "args/step/value/currentDatetime", "args/step/value/surface",
    )),
    "/requests/*/pointer/table", "/requests/*/pointer/id", "/requests/*/pointer/spaceId", "/requests/*/id",
    "/requests/*/table", "/spacePointer/table", "/spacePointer/id", "/target/type", "/target/threadId", "/mediaType",
)  # fmt: skip
TABLES: Final = frozenset({"thread", "thread_message"})
"""What the workspace keeps of the assistant; all else that is saved or loaded is no AI traffic."""
OPERATIONS: Final = ("/transactions/*/operations/*", "/operations/*")
ROLES: Final[dict[str, Role]] = {"user": "user", "agent-inference": "assistant"}
"""By the type of a transcript's entry; all others are what the page tells of itself and of the workspace."""
SAID: Final = "agent-inference"
"""Type of an entry that the model wrote."""
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


class WorkspaceShape(NotionShape):
    """What else the page loads: records of the workspace, those of the assistant among them."""

    def begin(self) -> AnswerShape:
        """Return a shape that has seen nothing."""
        return WorkspaceShape()

    def joined(self, data: Any) -> Any:
        """Return what an agent has said with the pieces of each text in one."""
        patches = data.get("patches") if isinstance(data, dict) else None
        return {**data, "patches": whole_texts(patches)} if isinstance(patches, list) else data

    def opaque(self, value: Mapping[str, Any]) -> bool:
        """Return whether an object is a record of the workspace's own, which the page may save again as it is shown."""
        return "parent_table" in value and "step" not in value and "messages" not in value


class WorkspaceCalls(BesideCalls):
    """The calls beside the turns."""

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body, but for what it saves of the workspace; raises as `BesideCalls`."""
        prompt = super().read(body, content_type)
        others = [at for where in OPERATIONS for at, saved in find(prompt.tree, where) if is_of_workspace(saved)]
        if not others:
            return prompt
        kept = [number for number, path in enumerate(prompt.paths) if not any(path[: len(at)] == at for at in others)]
        below = tuple("".join(f"/{step}" for step in at) + "/" for at in others)
        return narrowed(prompt, kept, [one for one in prompt.opaque if not one.startswith(below)])


def is_of_workspace(saved: Any) -> bool:
    """Return whether an operation says that it changes a record which is not the assistant's."""
    tables = [table for where in ("/pointer/table", "/table") for _, table in find(saved, where)]
    return bool(tables) and TABLES.isdisjoint(str(table) for table in tables)


def role_beside(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: what an agent is told, or a message that is saved."""
    if path[:1] == ("content",) or path[:2] == ("event", "content"):
        return "user"
    if len(path) > 6 and path[4:6] == ("args", "step"):
        kind = next((kind for _, kind in find(tree, "".join(f"/{step}" for step in path[:6]) + "/type")), None)
        return ROLES.get(kind, "other") if isinstance(kind, str) else "other"
    return "other"


def role_of(tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`: an entry of the transcript says it by its type."""
    if len(path) < 2 or path[0] != "transcript":
        return "other"
    kind = next((kind for _, kind in find(tree, f"/transcript/{path[1]}/type")), None)
    return ROLES.get(kind, "other") if isinstance(kind, str) else "other"


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the newest turn as chat messages, with the text of a page that came with it; raises `WireError`.

    What the vendor has of files and of other pages nobody else can be told.
    """
    entries = tree.get("transcript")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise WireError("transcript must be a list of objects")
    said = [place for place, entry in enumerate(entries) if entry.get("type") == "user"]
    before = next((place for place in reversed(range(len(entries))) if entries[place].get("type") == SAID), -1)
    newest = [place for place in said if place > before]
    if any(entry.get("type") == "attachment" for entry in entries[before + 1 :]):
        raise WireError(FILES)
    if len(newest) != 1:
        raise WireError("the transcript must hold one new turn")
    pages = [text for entry in entries for _, text in find(entry, "/value/pageContent") if isinstance(text, str)]
    pieces = [text for _, text in find(entries[newest[0]], "/value/*/0") if isinstance(text, str)]
    question = from_user("".join(pieces))
    return [{"role": "system", "content": text} for text in pages[-1:] if question] + [*question]


class NotionWriter(PageWriter):
    """Writes one turn: a step, and pieces of its text."""

    content_type = "application/x-ndjson"

    def __init__(self, _model: str, answer_id: str, _now: int, _talk: Talk) -> None:
        """Take the answer's name; an answer does not name its conversation."""
        super().__init__()
        self.step = {"id": identify(answer_id, 1), "type": SAID, "value": []}
        self.kinds: list[str] = []

    def head(self) -> bytes:
        """Return the beginning of the stream, and a step without pieces."""
        return line({"type": "patch-start", "data": {"s": []}, "version": 1}) + patch("a", "/s/-", self.step)

    def text(self, text: str) -> bytes:
        """Return more of the answer."""
        return self.more("text", text)

    def thought(self, text: str) -> bytes:
        """Return more of what the model thinks."""
        return self.more("thinking", text)

    def more(self, kind: str, text: str) -> bytes:
        """Return what goes on with a piece, or begins one of another kind."""
        if self.kinds[-1:] == [kind]:
            return patch("x", f"/s/0/value/{len(self.kinds) - 1}/content", text)
        self.kinds.append(kind)
        return patch("a", "/s/0/value/-", {"type": kind, "content": text})

    def tail(self) -> bytes:
        """Return the end of the step and of the stream."""
        return patch("a", "/s/0/finishedAt", 1) + line({"type": "done"})


def line(value: dict[str, Any]) -> bytes:
    """Return one line."""
    return json_text.dump(value) + b"\n"


def patch(operation: str, path: str, value: object) -> bytes:
    """Return a line with one patch."""
    return line({"type": "patch", "v": [{"o": operation, "p": path, "v": value}]})


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as the error object of the workspace's calls."""
    body = {
        "isNotionError": True,
        "name": "UserValidationError",
        "message": refusal.message,
        "errorId": refusal.reference,
    }
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump(body))


NOTION: Final = PageAdapter(
    id="notion-web", shape=NotionShape(), refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    names=lambda _, tree: tree.get("threadId"), later=lambda tree: tree.get("createThread") is not True,
    writing=NotionWriter, tested="replica",
)  # fmt: skip
BESIDE: Final = WorkspaceCalls("notion-web-beside", WorkspaceShape(), refuse, BESIDE_IGNORED, role_beside)
"""What the newer agents are told and say; conversations with their titles; messages that are saved and loaded."""
