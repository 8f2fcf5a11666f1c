"""The company's model, asked by the proxy itself: what is sent, what comes, and what is said where nothing does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from proxy.errors import InternalModelError
from proxy.exchange import Redirect
from proxy.internal.models import Checks
from proxy.route import redirect
from proxy.websocket.ask_inside import Asker
from tests.proxy.house import SERVER

QUESTION = redirect(SERVER, "/chat/completions", "qwen", b'{"messages": []}')
HERE = ("llm.internal", 8000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

type Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(*parts: bytes) -> Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head + await reader.readexactly(len(QUESTION.body)))
        for part in parts:
            writer.write(part)
            await writer.drain()
        writer.close()

    return serve


asked: list[bytes] = []


def ask(server: Server, question: Redirect = QUESTION, checks: Checks | None = None) -> tuple[int, list[bytes]]:
    """Return the status and the chunks of an answer."""

    async def run() -> tuple[int, list[bytes]]:
        asked.clear()
        async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
            there = {HERE: ("127.0.0.1", listening.sockets[0].getsockname()[1])}
            async with Asker(there).ask(question, checks or Checks(timeout=2, answer=2)) as reply:
                return reply.status, [chunk async for chunk in reply.chunks()]

    return asyncio.run(run())


def test_the_question_goes_as_the_street_made_it_and_the_answer_comes_as_it_is_sent() -> None:
    status, chunks = ask(says(HEAD, b"5\r\nhello\r\n", b"3\r\n you\r\n0\r\n\r\n".replace(b"3", b"4")))
    assert (status, b"".join(chunks)) == (200, b"hello you")
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /v1/chat/completions HTTP/1.1"
    assert b"host: llm.internal:8000" in head.lower() and body == QUESTION.body


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    assert ask(says(b"HTTP/1.1 503 No\r\n\r\nbusy")) == (503, [b"busy"])


def test_a_redirection_is_an_answer_like_any_other_and_is_not_followed() -> None:
    assert ask(says(b"HTTP/1.1 302 Go\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n")) == (
        302,
        [],
    )


BROKEN = {
    "nothing": (),
    "no HTTP": (b"\x00\x01 what\r\n\r\n",),
    "half a head": (b"HTTP/1.1 200 OK\r\ncontent-",),
    "half a body": (HEAD, b"5\r\nhel"),
    "a wrong chunk": (HEAD, b"zz\r\nhel"),
    "an endless head": (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000,),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_is_an_error_that_names_nobody(name: str) -> None:
    with pytest.raises(InternalModelError) as raised:
        ask(says(*BROKEN[name]))
    assert "llm.internal" not in str(raised.value) and "127.0.0.1" not in str(raised.value)


def test_an_answer_that_does_not_begin_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        await asyncio.sleep(1)
        writer.close()

    with pytest.raises(InternalModelError, match="no answer in time"):
        ask(silent, checks=Checks(timeout=2, answer=0.05))


def test_where_nobody_listens_there_is_no_connection_and_no_other_place_is_asked() -> None:
    async def run() -> None:
        async with Asker({HERE: ("127.0.0.1", 1)}).ask(QUESTION, Checks(timeout=2)):
            raise AssertionError("nobody is there")

    with pytest.raises(InternalModelError, match="no connection"):
        asyncio.run(run())


def test_a_certificate_that_does_not_hold_is_no_connection() -> None:
    with pytest.raises(InternalModelError, match="no connection"):
        ask(says(HEAD), replace(QUESTION, scheme="https"))
