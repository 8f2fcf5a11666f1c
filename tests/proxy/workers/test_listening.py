"""All workers take connections out of one queue; one that ends drops none that waits in it."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from proxy.errors import SettingsError
from proxy.workers import listening
from proxy.workers.listening import Handed, listen_no_more, open_sockets, told


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    made = open_sockets(("127.0.0.1", 0))
    yield made
    for one in made:
        one.close()


class Instance:
    """What mitmproxy's server is to us."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._servers: list[asyncio.Server] = []

    async def start(self, listener: socket.socket) -> "Instance":
        handed = Handed(fileno=listener.dup().detach())
        self._servers = [await asyncio.start_server(self.serve, sock=handed, backlog=listening.AT_ONCE)]
        return self

    async def serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(str(self.number).encode())
        await writer.drain()
        writer.close()

    @property
    def is_running(self) -> bool:
        return bool(self._servers)

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        self._servers = []


async def asked(address: tuple[str, int]) -> str:
    reader, writer = await asyncio.open_connection(*address)
    said = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return said


def test_one_that_ends_drops_no_connection(sockets: list[socket.socket]) -> None:
    async def scene() -> list[str]:
        first, second = await Instance(1).start(sockets[0]), await Instance(2).start(sockets[0])
        asking = [asyncio.create_task(asked(sockets[0].getsockname())) for _ in range(100)]
        await asyncio.sleep(0)
        await listen_no_more([first])
        assert not first.is_running
        late = [asyncio.create_task(asked(sockets[0].getsockname())) for _ in range(20)]
        found = await asyncio.gather(*asking), await asyncio.gather(*late)
        assert set(found[1]) == {"2"}
        await listen_no_more([second])
        return [*found[0], *found[1]]

    found = asyncio.run(scene())
    assert len(found) == 120 and set(found) <= {"1", "2"}


def test_a_connection_waits_in_the_queue_until_somebody_takes_it(sockets: list[socket.socket]) -> None:
    async def scene() -> str:
        waiting = asyncio.create_task(asked(sockets[0].getsockname()))
        await asyncio.sleep(0.1)
        only = await Instance(3).start(sockets[0])
        found = await waiting
        await listen_no_more([only])
        return found

    assert asyncio.run(scene()) == "3"


def test_an_address_that_is_taken_is_told(sockets: list[socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "TRIES_FOR", 0.0)
    host, port = sockets[0].getsockname()
    assert told(sockets) == f"{host}:{port}"
    with pytest.raises(SettingsError, match=f"`listen`: cannot listen on {host}:{port}"):
        open_sockets((host, port))


def test_all_families_of_an_address_have_one_port() -> None:
    made = open_sockets(("localhost", 0))
    try:
        assert len({one.getsockname()[1] for one in made}) == 1
    finally:
        for one in made:
            one.close()
