"""perplexity.ai: the question of the page, which goes out twice, and the calls beside it.

Enters: what the page posts to `/rest/sse/perplexity_ask`. Leaves: a turn of the page's own stream for an answer of the
company's model, for a refusal. The stream is patches: a block of Markdown begins with an object, and its `chunks` grow
by one text at a time. Source: public client code; not seen live.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from proxy.adapters.interface import Refusal, Slot, Talk
from proxy.adapters.pointer import Steps, look, replace
from proxy.adapters.prompt import shapes
from proxy.adapters.shape import Shape, find
from proxy.adapters.web.beside_calls import BesideCalls
from proxy.adapters.web.page_adapter import FILES, Message, PageAdapter, from_user, page_error
from proxy.adapters.web.page_writer import PageWriter
from proxy.errors import WireError
from proxy.exchange import Answer, Role
from proxy.wire import json_text

IGNORED: Final = shapes(
    "/params/mode", "/params/model_preference", "/params/sources/*", "/params/language", "/params/timezone",
    "/params/frontend_uuid", "/params/frontend_context_uuid", "/params/last_backend_uuid", "/params/read_write_token",
    "/params/query_source", "/params/prompt_source", "/params/search_focus", "/params/version", "/params/source",
    "/params/supported_block_use_cases/*", "/params/client_coordinates", "/params/search_recency_filter",
    "/params/send_back_text_in_streaming_api",
)  # fmt: skip

MARKDOWN: Final = frozenset({"markdown_block"})


class PerplexityShape(Shape):
    """The pieces of the Markdown blocks of an answer; a repeated `answer` is a whole."""

    def slots(self, event: str, data: Any) -> Sequence[Slot]:  # noqa: ARG002 - the data says what it is
        """Return the pieces of text of an event."""
        return list(self.pieces(data))

    def pieces(self, data: Any) -> Iterator[Slot]:
        """Yield the text of each block: all its chunks so far in one, or what a patch adds to them."""
        for at, block in find(data, "/blocks/*"):
            name = block.get("intended_usage") if isinstance(block, dict) else None
            for place, chunk in find(block, "/markdown_block/chunks/*"):
                if isinstance(chunk, str):
                    yield Slot(f"{name}/whole/{place[-1]}", (*at, *place), chunk, whole=True)
            diff = block.get("diff_block") if isinstance(block, dict) else None
            if isinstance(diff, dict) and diff.get("field") in MARKDOWN:
                yield from self.patched(diff, (*at, "diff_block"), str(name))

    def patched(self, diff: Mapping[str, Any], at: Steps, name: str) -> Iterator[Slot]:
        """Yield the text that the patches of one block add."""
        for place, patch in find(diff, "/patches/*"):
            value = patch.get("value") if isinstance(patch, dict) else None
            where = (*at, *place, "value")
            if isinstance(value, str) and "/chunks/" in str(patch.get("path")):
                yield Slot(name, where, value)
            for inner, chunk in find(value, "/chunks/*"):
                if isinstance(chunk, str):
                    yield Slot(name, (*where, *inner), chunk)

    def closes(self, event: str, data: Any, open_channels: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return every channel, once the answer is complete."""
        last = isinstance(data, dict) and (data.get("final") is True or data.get("status") == "COMPLETED")
        return open_channels if last else ()

    def carry(self, channel: str, text: str, like: Any) -> tuple[str, Any]:
        """Return a patch that adds `text` as one more chunk behind those that `like` has left; or the chunk so far."""
        if "/whole/" in channel:
            return super().carry(channel, text, like)
        slot = [slot for slot in self.slots("", like) if slot.channel == channel][-1]
        at = slot.path[: slot.path.index("patches") + 2]
        patch = look(like, at)
        number = str(patch["path"]).rpartition("/chunks/")[2]
        begun = slot.path[-1]
        count: int | str = begun + 1 if isinstance(begun, int) else int(number) + 1 if number.isdecimal() else "-"
        more = {"op": "add", "path": f"/chunks/{count}", "value": text}
        return "", replace(like, {at[:-1]: [more]})


SHAPE: Final = PerplexityShape()


def role_of(_tree: Any, path: Steps) -> Role:
    """Return who wrote the leaf at `path`."""
    return "user" if path[:1] == ("query_str",) or path[:2] == ("params", "dsl_query") else "other"


def refuse(refusal: Refusal) -> Answer:
    """Return the refusal as an error object."""
    body = {"error_code": refusal.code, "detail": refusal.message, "text": refusal.message}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(page_error(refusal.status), headers, json_text.dump(body))


def param(tree: dict[str, Any], name: str) -> Any:
    """Return one of the parameters beside the question, or nothing."""
    params = tree.get("params")
    return params.get(name) if isinstance(params, dict) else None


def turns_of(tree: dict[str, Any]) -> Sequence[Message]:
    """Return the question as a chat message; raises `WireError` for what only the vendor has."""
    if param(tree, "attachments"):
        raise WireError(FILES)
    return from_user(tree.get("query_str"))


class PerplexityWriter(PageWriter):
    """Writes one turn; the next question names the answer before it, so all answers have the conversation's name."""

    def __init__(self, model: str, _answer_id: str, _now: int, talk: Talk) -> None:
        """Take the model's name, and the conversation."""
        super().__init__()
        self.model, self.talk, self.chunks = model, talk, 0
        self.said = ""

    def head(self) -> bytes:
        """Return the names of the turn."""
        return self.message([], final=False)

    def text(self, text: str) -> bytes:
        """Return a patch that adds a chunk."""
        begun = self.chunks > 0
        patch: dict[str, object] = {"op": "add", "path": f"/chunks/{self.chunks}", "value": text}
        if not begun:
            patch = {"op": "replace", "path": "", "value": {"progress": "IN_PROGRESS", "chunks": [text]}}
        self.chunks += 1
        self.said += text
        return self.message([patch], final=False)

    def tail(self) -> bytes:
        """Return the end of the answer, with all of it."""
        done: dict[str, object] = {"op": "replace", "path": "/answer", "value": self.said}
        progress: dict[str, object] = {"op": "replace", "path": "/progress", "value": "DONE"}
        return self.message([done, progress], final=True) + b"event: end_of_stream\ndata: {}\n\n"

    def message(self, patches: Sequence[dict[str, object]], *, final: bool) -> bytes:
        """Return one event."""
        block = {"intended_usage": "ask_text", "diff_block": {"field": "markdown_block", "patches": list(patches)}}
        data = {
            "backend_uuid": self.talk.id or None,
            "context_uuid": self.talk.id or None,
            "display_model": self.model,
            "status": "COMPLETED" if final else "PENDING",
            "blocks": [block] if patches else [],
            "final": final,
        }
        return b"event: message\ndata: " + json_text.dump(data) + b"\n\n"


PERPLEXITY: Final = PageAdapter(
    id="perplexity-web", shape=SHAPE, refusing=refuse, ignored=IGNORED, roles=role_of, turns=turns_of,
    tested="replica",
    names=lambda _, tree: param(tree, "last_backend_uuid"),
    later=lambda tree: bool(param(tree, "last_backend_uuid")), writing=PerplexityWriter,
)  # fmt: skip
BESIDE: Final = BesideCalls("perplexity-web-beside", SHAPE, refuse, IGNORED, role_of)
"""Suggestions at each key, threads and their titles, files' names: text without a turn of its own."""
