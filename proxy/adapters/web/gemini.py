"""gemini.google.com: the question of the page, JSON in JSON in a form, and the calls beside it.

Enters: what the page posts to `…BardFrontendService/StreamGenerate`, and the batches of calls beside it (history,
titles, gems); values stand at fixed places of arrays. Leaves: a turn of the page's own stream for an answer of the
company's model, for a refusal. Source: public client code; not seen live, nor which places besides those that clients
read the page asks for, nor whether the browser's attestation in the request covers the prompt. NotebookLM's calls go
the same way: their answers are restored where a placeholder is complete.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from proxy.adapters.forms import parse_form
from proxy.adapters.interface import Refusal, Talk
from proxy.adapters.json_adapter import JsonAdapter
from proxy.adapters.prompt import TreePrompt, shapes
from proxy.adapters.shape import PathShape, TextAt, find
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.adapters.web.places import Places
from proxy.errors import WireError
from proxy.exchange import Answer
from proxy.framing.events import Framer
from proxy.framing.units import ANSWER, GUARD, UnitFramer, counted
from proxy.wire import json_text

ASKED: Final = "f.req"
"""The field that holds the question."""
THOUGHTS: Final = 37
"""Place of what the model thinks, in a candidate; the last one that is written."""

IGNORED: Final = shapes("/at")
WORDS: Final = re.compile(
    r"f\.req|[\w-]{16,90}:\d{13}|(?!\d{6})[\w-]{0,12}|(?:c|r|rc)_[0-9a-f-]{1,40}|!?[\w=-]{32,}"
    r"|[a-z]{0,20}[0-9a-f]{12}|/contrib_service/[\w./-]+",
    re.ASCII,
)
"""Names of fields and calls, tokens, ids, addresses of uploads."""
TURN: Final = Places(
    re.compile(r"/(?:(?:f\.req)?#key)?|/at|/f\.req#/1#/(?:1/\d+|2/\d+|3|4|19|59|0/3/\d+/0/0)"), WORDS, "/f.req#/1#/0/"
)
"""The field's name, an empty field, the token against forgery, languages, ids of the conversation, attestation, ids of
a gem and of the question, addresses of uploads."""
BATCH: Final = Places(re.compile(r"/(?:(?:f\.req)?#key)?|/at|/f\.req#/\d+/\d+/[03]"), WORDS)
"""The field's name, an empty field, the token against forgery, names of calls."""


class UnitShape(PathShape):
    """Frames behind their lengths."""

    __slots__ = ()

    def framer(self, content_type: str) -> Framer | None:
        """Return the framer of what the page calls JSON."""
        return UnitFramer() if "json" in content_type else super(PathShape, self).framer(content_type)


SHAPE: Final = UnitShape(
    (
        TextAt("/*/2/4/*/1/0", whole=True),
        TextAt("/*/2/4/*/22/0", whole=True),
        TextAt(f"/*/2/4/*/{THOUGHTS}/0/0", whole=True),
    ),
    ends=({"/*/0": frozenset({"e"})},),
)
"""Answers, answers on cards, and what the model thinks: all so far, each time."""


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as a Google error object."""
    status = page_error(refusal.status)
    error = {"code": status, "message": refusal.message, "status": "PERMISSION_DENIED"}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(status, headers, json_text.dump({"error": error}))


def name_of(_path: str, tree: dict[str, Any]) -> Any:
    """Return the conversation's id, which stands behind a mark of its kind."""
    name = at(tree, "/2/0")
    return name.removeprefix("c_") if isinstance(name, str) else None


def is_later(tree: dict[str, Any]) -> bool:
    """Return whether there are turns before: their ids, or what stands for them all."""
    return bool(at(tree, "/2/0") or at(tree, "/2/9"))


def at(tree: dict[str, Any], path: str) -> Any:
    """Return what stands at one place of the question, or nothing."""
    return next((value for _, value in find(tree, f"/{ASKED}{path}")), None)


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the turn as a chat message; raises `WireError` for what only the vendor has."""
    if at(tree, "/0/3"):
        raise WireError(FILES)
    if at(tree, "/19"):
        raise WireError("the instructions of the gem are kept by the vendor")
    return from_user(at(tree, "/0/0"))


class GeminiWriter(PageWriter):
    """Writes one turn; each frame says all so far."""

    content_type = "application/json; charset=utf-8"

    def __init__(self, _model: str, answer_id: str, _now: int, talk: Talk) -> None:
        """Take the answer's name, and the conversation."""
        super().__init__()
        self.ids = [f"c_{talk.id}", f"r_{answer_id}"]
        self.candidate_id = f"rc_{answer_id}"
        self.said = self.thoughts = ""
        self.frames = 0

    def head(self) -> bytes:
        """Return the guard, and the names of the turn."""
        return GUARD + b"\n\n" + self.frame([None, self.ids])

    def text(self, text: str) -> bytes:
        """Return the answer so far."""
        self.said += text
        return self.snapshot(finished=False)

    def thought(self, text: str) -> bytes:
        """Return what the model thinks, so far."""
        self.thoughts += text
        return self.snapshot(finished=False)

    def tail(self) -> bytes:
        """Return the answer, finished, and the end of the stream."""
        last = self.snapshot(finished=True)
        return last + counted(json_text.dump([["e", self.frames + 1, None, None, len(self.said)]]).decode())

    def snapshot(self, *, finished: bool) -> bytes:
        """Return a frame with all so far."""
        candidate: list[Any] = [None] * (THOUGHTS + 1)
        candidate[0], candidate[1], candidate[8] = self.candidate_id, [self.said], [2 if finished else 1]
        candidate[THOUGHTS] = [[self.thoughts]] if self.thoughts else None
        return self.frame([None, self.ids, None, None, [candidate]])

    def frame(self, value: list[Any]) -> bytes:
        """Return one frame."""
        self.frames += 1
        return counted(json_text.dump([[ANSWER, None, json_text.dump(value).decode()]]).decode())


class GeminiChat(PageAdapter):
    """The chat, in a form."""

    __slots__ = ()

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request; raises `WireError` or `TooLarge`."""
        return replace(TURN.read(body, content_type), stream=True)

    def tree(self, body: bytes) -> dict[str, Any]:
        """Return the arrays of the question under the name of their field; raises `WireError` or `TooLarge`."""
        asked = [field[ASKED] for field in parse_form(body) if ASKED in field]
        if len(asked) != 1:
            raise WireError(f"the form must hold {ASKED} once")
        outer = json_text.parse(asked[0].encode("utf-8"))
        if not isinstance(outer, list) or len(outer) < 2 or not isinstance(outer[1], str):
            raise WireError(f"{ASKED} must be an array whose second value is JSON in a string")
        return {ASKED: json_text.parse(outer[1].encode("utf-8"))}


class GeminiCalls(JsonAdapter):
    """Batches of calls, in a form."""

    __slots__ = ()

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request; raises `Unreadable`, `WireError` or `TooLarge`."""
        return BATCH.read(body, content_type)


GEMINI: Final = GeminiChat(
    id="gemini-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, turns=turns_of, names=name_of, later=is_later,
    writing=GeminiWriter, tested="replica",
)  # fmt: skip
BESIDE: Final = GeminiCalls("gemini-web-beside", SHAPE, refuse, IGNORED)
"""History, titles, gems, settings, several calls at once: text without a turn of its own."""
