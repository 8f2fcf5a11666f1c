"""The answer of the company's model to a turn on a WebSocket: asked beside the connection, told on it as it comes.

Enters: a message that goes inside, on record already. Leaves: messages for the client, in its page's own words; nothing
for the service. One answer at a time on a connection, and none after it has ended. What fails is told in the
conversation, never sent outside instead.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from mitmproxy import http

from proxy import handle
from proxy.errors import InternalModelError, SluiceError, unkept
from proxy.exchange import Redirect, Refuse
from proxy.framing.message import unpack
from proxy.internal.failover import fails, give_up
from proxy.internal.models import Checks
from proxy.passage import Passage
from proxy.websocket.ask_inside import Asker, Reply
from proxy.websocket.conversation import Conversation, broken_off, refusal_in
from proxy.websocket.interface import Delivery, Message

LOG = structlog.get_logger("sluice")

LONGEST_ERROR = 65536
"""Bytes that are read of an answer which is none."""


class Speaking(Protocol):
    """What the answers need of the addon."""

    asker: Asker
    push: Callable[[http.HTTPFlow, Delivery], None]

    async def off_loop(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking work in a worker thread."""
        ...


def begin_answer(
    shell: Speaking,
    flow: http.HTTPFlow,
    conversation: Conversation,
    passage: Passage,
    outcome: Redirect,
    message: Message,
) -> None:
    """Ask the company's model for the answer to a message, without waiting for it."""

    async def one_at_a_time() -> None:
        async with conversation.answering:
            await Telling(shell, flow, conversation, passage, message).tell(outcome)

    task = asyncio.get_running_loop().create_task(one_at_a_time(), name="answer on a WebSocket")
    conversation.answers.add(task)
    task.add_done_callback(conversation.answers.discard)


async def end_answers(conversation: Conversation) -> None:
    """End what is still being told when the connection ends, and wait until that is on record."""
    tasks = tuple(conversation.answers)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Telling:
    """One answer on its way."""

    def __init__(
        self,
        shell: Speaking,
        flow: http.HTTPFlow,
        conversation: Conversation,
        passage: Passage,
        message: Message,
    ) -> None:
        """Take the exchange, and the message that asks."""
        self.shell, self.flow, self.conversation = shell, flow, conversation
        self.passage, self.message = passage, message
        self.received = self.sent = 0

    async def tell(self, outcome: Redirect) -> None:
        """Tell the answer, or why there is none, and write the line about it."""
        try:
            await self.answer(outcome)
        except asyncio.CancelledError:
            await asyncio.shield(self.finish(0, "client_left"))
            raise
        except Exception as error:
            if not isinstance(error, SluiceError):
                LOG.warning("an answer failed", exc_info=error, id=self.passage.reference)
            await self.apologise(error)

    async def answer(self, outcome: Redirect | None) -> None:
        """Ask one server after another until one answers; raises `InternalModelError` where none does."""
        internal = self.passage.street.internal
        checks = internal.checks if internal else Checks()
        house = self.conversation.house
        while outcome is not None:
            try:
                async with self.shell.asker.ask(outcome, checks) as reply:
                    if not fails(reply.status):
                        await self.relay(reply)
                        return
                    why = f"status {reply.status}"
            except InternalModelError as error:
                if self.sent:
                    raise
                why = str(error)
            outcome = await self.shell.off_loop(give_up, house, self.passage, why)
        raise InternalModelError("no server of the company's model answers")

    async def relay(self, reply: Reply) -> None:
        """Tell an answer as it comes, or the error that it is."""
        house, passage = self.conversation.house, self.passage
        if reply.status != 200:
            body = bytearray()
            async for chunk in reply.chunks():
                body += chunk[: LONGEST_ERROR - len(body)]
            answer = handle.explain_failure(passage, reply.status, bytes(body))
            self.push(self.conversation.refuse(refusal_in(Refuse("internal_model_unavailable", answer)), self.message))
            await self.finish(reply.status, "internal_model_unavailable")
            return
        returning = await self.shell.off_loop(handle.greet, house, passage, reply.headers)
        if returning is None:
            raise InternalModelError("the answer has no way back")
        try:
            async for chunk in reply.chunks():
                self.received += len(chunk)
                self.push(delivery_of(await self.shell.off_loop(returning.feed, chunk)))
        except InternalModelError:
            if not self.sent:
                raise
            LOG.warning("an answer of the company's model broke off", id=passage.reference)
        self.push(delivery_of(await self.shell.off_loop(returning.end)))
        await self.finish(reply.status, "internal_model_unavailable" if returning.failed else "")

    async def apologise(self, error: Exception) -> None:
        """Tell that there is no answer."""
        house, passage = self.conversation.house, self.passage
        try:
            refusal = await self.shell.off_loop(handle.apologise, house, passage, error)
            self.push(self.conversation.refuse(refusal_in(refusal), self.message))
        except Exception as second:
            LOG.error("a refusal failed", exc_info=second, id=passage.reference)
            self.push(broken_off())

    async def finish(self, status: int, code: str) -> None:
        """Write the line about the answer."""
        try:
            await self.shell.off_loop(
                handle.finish, self.conversation.house, self.passage, status, self.received, self.sent, code
            )
        except SluiceError as error:
            LOG.error(unkept(error), exc_info=error, id=self.passage.reference)

    def push(self, delivery: Delivery) -> None:
        """Give the client what there is to give."""
        self.sent += sum(len(one.content) for one in delivery.to_client)
        if delivery.to_client or delivery.closing:
            self.shell.push(self.flow, delivery)


def delivery_of(packed: bytes) -> Delivery:
    """Return packed messages as a delivery to the client."""
    return Delivery(to_client=tuple(map(Message, unpack(packed))))
