"""The calls about assistants and threads, as an adapter that the company's model can answer for.

Enters: a request, and the thread that it names where the company's model has it. Leaves: its parts, as ever; for one
that stays inside, the objects of the interface, made of what is kept, or a chat request for a run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from proxy.adapters.interface import Adapter, Asked, Talk, Turn
from proxy.adapters.openai import threads
from proxy.adapters.openai.json_body import JsonBody
from proxy.adapters.openai.threads import Call, Json, call_of
from proxy.adapters.openai.threads_writer import RunWriter
from proxy.adapters.openai_chat import refusing_for
from proxy.adapters.prompt import Rules, TreePrompt, read_tree
from proxy.errors import Untranslatable
from proxy.exchange import Answer
from proxy.internal.answer import Writer
from proxy.wire import json_text

NO_CALL: Final = Call("", "")


@dataclass(frozen=True, slots=True)
class Assistants(JsonBody):
    """Any method on `…/assistants` and `…/threads`."""

    call: Call = NO_CALL
    talk: Talk | None = None
    """The thread, or the assistant, that the call is about."""
    assistant: Talk | None = None
    """The assistant that a run names, where the company's model has it."""
    asked: bytes = b""
    """The body, which the writer of a run must know."""
    keeps: bool = True
    """Whether conversations are kept at all."""
    ascending: bool = False
    """Whether the earliest of a list comes first."""

    def at(self, asked: Asked) -> Adapter:
        """Return the adapter of one call."""
        ascending = "order=asc" in asked.path.partition("?")[2]
        return replace(self, refusing=refusing_for(asked), call=call_of(asked.method, asked.bare), ascending=ascending)

    def read(self, body: bytes, content_type: str) -> TreePrompt:
        """Read a request body, which calls that only ask have none of; raises `WireError` or `TooLarge`."""
        if not body:
            return read_tree(body, None, Rules(), json_text.dump)
        return JsonBody.read(self, body, content_type)

    @property
    def name(self) -> str:
        """The id of what the call is about."""
        return self.call.one if self.call.what == "assistants" else self.call.thread

    def named(self, path: str, body: bytes) -> str:  # noqa: ARG002 - known from the address
        """Return the id of the thread, or of the assistant, that the address names."""
        return self.name

    def last(self, body: bytes) -> int:  # noqa: ARG002 - nothing is counted
        """Return nothing."""
        return 0

    def within(self, talk: Talk) -> Self:
        """Return the adapter for one call about `talk`."""
        return replace(self, talk=talk)

    @property
    def held(self) -> Talk:
        """The thread; a new one where none is known."""
        return self.talk or Talk("thread_sluice", new=True)

    def question(self, body: bytes) -> Sequence[Mapping[str, str]]:
        """Return the turn that the call adds; raises `WireError`."""
        return threads.turn_of(self.call, parsed(body)) if self.call.adds else ()

    def to_chat(self, body: bytes, model: str) -> bytes:
        """Return the chat request of a run; raises `WireError`."""
        self.must_keep()
        known = threads.entry_in(self.assistant.turns[0], "assistant") if self.assistant else None
        asked = parsed(body)
        return json_text.dump(threads.chat_of(self.held, self.question(body), known or {}, asked, model))

    def writer(self, *, stream: bool, model: str, answer_id: str, now: int) -> Writer:
        """Return what writes the run."""
        turns = [*self.held.turns, Turn(self.question(self.asked), "", now)]
        talk = replace(self.held, turns=turns)
        number = len(turns) - 1
        name = self.call.one or threads.run_id(talk, number)
        run = {"model": model, **threads.run_of(talk, number)}
        thread = threads.thread_object(talk)
        return RunWriter(thread, run, number, name, stream=stream, model=model, answer_id=answer_id, now=now)

    def replies(self, body: bytes) -> Answer | None:
        """Return the object that a call gets, or None for a run; raises `Untranslatable` for what is not there."""
        if self.call.asks:
            return None
        self.must_keep()
        value = self.object(parsed(body) if body else {})
        if value is None:
            raise Untranslatable(threads.NOT_HERE)
        return Answer(200, (("content-type", "application/json"), ("cache-control", "no-store")), json_text.dump(value))

    def must_keep(self) -> None:
        """Raise `Untranslatable` where the settings let nothing be kept: a thread is nothing but what is kept."""
        if not self.keeps:
            raise Untranslatable(threads.NOTHING_KEPT)

    def object(self, body: Json) -> Json | None:
        """Return what a call is answered with; None for what is not there."""
        call, talk = self.call, self.held
        if call.adds:
            talk = replace(talk, turns=[*talk.turns, Turn(threads.turn_of(call, body), "", self.at_last(talk))])
        if call.ends:
            return {"id": self.name, "object": f"{call.what[:-1]}.deleted", "deleted": True}
        if call.method == "DELETE" or (call.method == "POST" and not call.adds):
            return None
        match call.what:
            case "assistants" if talk.turns:
                fields = threads.entry_in(talk.turns[0], "assistant") or {}
                return threads.assistant_object(talk.id, fields, talk.turns[0].at)
            case "threads":
                return threads.thread_object(talk)
            case "messages":
                return self.message(threads.messages_of(talk))
            case "runs":
                return self.run(talk)
        return None

    def message(self, messages: list[Json]) -> Json | None:
        """Return the message that was added, one that is named, or all of them, the latest first."""
        if self.call.adds:
            return messages[-1]
        if self.call.one:
            return next((each for each in messages if each["id"] == self.call.one), None)
        return threads.page_of(messages if self.ascending else messages[::-1])

    def run(self, talk: Talk) -> Json | None:
        """Return a run, its steps, or all runs."""
        call = self.call
        if call.more == "steps":
            return threads.page_of(())
        if call.one:
            return threads.run_object(talk, call.one)
        names = dict.fromkeys(threads.run_id(talk, number) for number in range(len(talk.turns)))
        runs = (threads.run_object(talk, name) for name in reversed(names))
        return threads.page_of([each for each in runs if each is not None])

    def at_last(self, talk: Talk) -> int:
        """Return the time of the last turn: a call's own is not known here."""
        return talk.turns[-1].at if talk.turns else 0


def parsed(body: bytes) -> dict[str, Any]:
    """Return the object of a body; raises `WireError`."""
    return json_text.parse_object(body)
