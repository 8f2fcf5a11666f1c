"""What mitmproxy's hooks of an open WebSocket do: off the event loop, in a bounded time, and closed where they fail.

Enters: flows whose handshake was answered, and each of their messages. Leaves: a delivery in the flow's metadata. Where
none is left there, the layer ends the connection; so whatever goes wrong here, nothing passes because of it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

import structlog
from mitmproxy import http
from mitmproxy.websocket import WebSocketMessage

from detectors.effort import Effort, noted
from proxy import handle
from proxy.errors import EXITS, SluiceError, TooLarge, unkept
from proxy.exchange import Outcome, Redirect
from proxy.findable import body_out_of_time
from proxy.overload.reading import Reading
from proxy.passage import House, Passage
from proxy.shell import flows
from proxy.websocket.answers import begin_answer, end_answers
from proxy.websocket.ask_inside import Asker
from proxy.websocket.conversation import Conversation, Weight, broken_off
from proxy.websocket.interface import EXTENSIONS, Delivery, Message, opens_websocket
from proxy.websocket.layer import DELIVERY, TOO_LARGE

CONVERSATION: Final = "sluice_conversation"
"""Metadata key of the `Conversation` that a flow has become."""

LOG = structlog.get_logger("sluice")


class OffLoop(Protocol):
    """Runs blocking work in a worker thread."""

    async def __call__(
        self, work: Callable[..., Any], *arguments: Any, workers: ThreadPoolExecutor | None = None
    ) -> Any:
        """Run it."""
        ...


class Shell(Protocol):
    """What the hooks need of the addon."""

    house: House
    reading: Reading
    asker: Asker
    push: Callable[[http.HTTPFlow, Delivery], None]

    off_loop: OffLoop
    """Runs blocking work in a worker thread."""


def is_handshake(flow: http.HTTPFlow) -> bool:
    """Return whether a request opens a WebSocket that can be read."""
    return opens_websocket(flow.request.method, flows.headers_of(flow.request.headers))


def switched_as_asked(flow: http.HTTPFlow) -> bool:
    """Return whether the service agrees to the WebSocket it was asked for, and to nothing besides."""
    return (
        flow.websocket is not None
        and is_handshake(flow)
        and flow.response is not None
        and EXTENSIONS not in flow.response.headers
    )


def started(shell: Shell, flow: http.HTTPFlow, opening: Passage) -> None:
    """Remember what the messages of a connection are judged by."""
    flow.metadata[CONVERSATION] = Conversation(shell.house, opening)


async def messaged(shell: Shell, flow: http.HTTPFlow) -> None:
    """Say what becomes of a message."""
    conversation: Conversation | None = flow.metadata.get(CONVERSATION)
    if conversation is None or flow.websocket is None:
        return
    came = flow.websocket.messages[-1]
    message = Message(came.content, came.is_text)
    too_large = bool(flow.metadata.pop(TOO_LARGE, False))
    if came.from_client:
        flow.metadata[DELIVERY] = await from_client(shell, flow, conversation, message, too_large=too_large)
    elif not too_large:
        flow.metadata[DELIVERY] = await from_server(shell, conversation, message)


def pass_by(flow: http.HTTPFlow, message: WebSocketMessage) -> None:
    """Let a message pass that is none of our business; one over the limit ends the connection all the same."""
    if not flow.metadata.pop(TOO_LARGE, False):
        same = (Message(message.content, message.is_text),)
        flow.metadata[DELIVERY] = Delivery(to_server=same) if message.from_client else Delivery(to_client=same)


async def ended(shell: Shell, flow: http.HTTPFlow) -> None:
    """Give the client what was held back, and end the last exchange."""
    conversation: Conversation | None = flow.metadata.pop(CONVERSATION, None)
    if conversation is None:
        return
    await end_answers(conversation)
    try:
        flow.metadata[DELIVERY] = await shell.off_loop(conversation.end)
    except EXITS:
        raise
    except BaseException as error:
        LOG.error(unkept(error), exc_info=error, id=conversation.opening.reference)


async def from_client(
    shell: Shell, flow: http.HTTPFlow, conversation: Conversation, message: Message, *, too_large: bool
) -> Delivery:
    """Inspect a message; only what is on record goes out."""
    passage: Passage | None = None
    weight: Weight = "text"
    try:
        if not too_large:
            weight = await weigh(shell, conversation, message)
        if weight == "nothing" or (weight == "unseen" and conversation.is_covered()):
            return await shell.off_loop(conversation.pass_by, message)  # type: ignore[no-any-return]
        passage = conversation.begin()
        outcome: Outcome | None = await shell.off_loop(conversation.enter, passage, message)
        if outcome is None:
            if too_large:
                raise TooLarge("the message is over the limit")
            departure = await shell.reading.inspect(shell.house, passage, message.content)
            outcome = await shell.off_loop(handle.depart, shell.house, passage, departure, len(message.content))
        delivery = await delivery_of(shell, conversation, passage, outcome, message, weight)
        if isinstance(outcome, Redirect):
            begin_answer(shell, flow, conversation, passage, outcome, message)
        return delivery
    except EXITS:
        raise
    except BaseException as error:
        return await failed(shell, conversation, passage, error, message)


async def weigh(shell: Shell, conversation: Conversation, message: Message) -> Weight:
    """Return what a message holds; raises `OutOfTime` or `Overloaded` where that takes too long to see."""
    workers = shell.reading.workers_for(conversation.opening, len(message.content))
    note = Effort()
    work = shell.off_loop(noted, note, conversation.weigh, message, workers=workers)
    try:
        weight: Weight = await asyncio.wait_for(work, shell.reading.seconds)
    except TimeoutError:
        raise body_out_of_time(len(message.content), note) from None
    return weight


async def delivery_of(
    shell: Shell, conversation: Conversation, passage: Passage, outcome: Outcome, message: Message, weight: Weight
) -> Delivery:
    """Return what becomes of a message; the words of a refusal may need it parsed once more."""
    delivery: Delivery = await shell.off_loop(conversation.deliver, passage, outcome, message, weight)
    return delivery


async def failed(
    shell: Shell, conversation: Conversation, passage: Passage | None, error: BaseException, message: Message
) -> Delivery:
    """Refuse for an error, or where policy says so let the message pass, recorded."""
    reference = passage.reference if passage else conversation.opening.reference
    if isinstance(error, SluiceError):
        LOG.info("refused", code=error.code, id=reference)
    else:
        LOG.warning("a message failed", exc_info=error, id=reference)
    try:
        passage = passage or conversation.begin()
        outcome = await shell.off_loop(handle.recover, shell.house, passage, error, len(message.content))
        return await delivery_of(shell, conversation, passage, outcome, message, "text")
    except EXITS:
        raise
    except BaseException as second:
        LOG.error("a refusal failed", exc_info=second, id=reference)
        return broken_off()


async def from_server(shell: Shell, conversation: Conversation, message: Message) -> Delivery:
    """Restore a message; one that takes too long passes as it came, and so do all after it."""
    workers = shell.reading.workers_for(conversation.opening, len(message.content))
    work = shell.off_loop(conversation.answer, message, workers=workers)
    try:
        delivery: Delivery = await asyncio.wait_for(work, shell.reading.seconds)
    except TimeoutError:
        LOG.warning("restoring a message took too long", id=conversation.opening.reference)
        conversation.broken = True
        return Delivery(to_client=(message,))
    return delivery
