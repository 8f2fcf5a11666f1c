import asyncio

import pytest

from proxy.demo.seen import Seen, send_whole

SEEN = Seen("HTTP/1.1", "POST", "h", "/p", (("a", "1"), ("a", "2")), b"HEAD", b'{"x": 1}', (("t", "3"),))


def test_everything_is_head_body_and_trailers() -> None:
    assert SEEN.everything == b'HEAD{"x": 1}t: 3\r\n'


@pytest.mark.parametrize(("name", "value"), [("a", "1"), ("b", "")])
def test_a_field_is_found_by_name(name: str, value: str) -> None:
    assert value == SEEN.header(name)


def test_the_body_is_read_as_json() -> None:
    assert SEEN.json() == {"x": 1}


class Log:
    """A reply that notes what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    async def start(self, status, headers) -> None:
        self.told.append((status, dict(headers)))

    async def send(self, data) -> None:
        self.told.append(data)

    async def end(self) -> None:
        self.told.append("end")

    def break_off(self) -> None:
        self.told.append("broken")


def test_a_whole_answer_has_its_length_and_an_end() -> None:
    log = Log()
    asyncio.run(send_whole(log, 200, "text/plain", b"hello", (("x", "y"),)))
    assert log.told == [(200, {"content-type": "text/plain", "content-length": "5", "x": "y"}), b"hello", "end"]
