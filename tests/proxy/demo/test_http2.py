import httpx
import pytest

from proxy.demo.manner import Mode
from proxy.demo.standins import ExternalStandIn


def test_a_request_is_seen_with_its_fields_and_body(external: ExternalStandIn, client) -> None:
    answer = client(True).post("/any?q=1", content=b"hello", headers={"x-odd": "kept"})
    assert (answer.http_version, answer.json()["heard"]) == ("HTTP/2", "hello")
    (seen,) = external.requests
    assert (seen.protocol, seen.method, seen.path, seen.body) == ("HTTP/2", "POST", "/any?q=1", b"hello")
    assert seen.host.startswith("localhost")
    assert b"x-odd: kept\r\n" in seen.everything
    assert seen.header("x-odd") == "kept"


def test_an_answer_larger_than_the_window_arrives_whole(client) -> None:
    body = b"x" * 300_000
    assert body.decode() == client(True).post("/any", content=body).json()["heard"]


def test_a_stream_that_is_broken_off_leaves_the_connection_open_for_the_next(external: ExternalStandIn, client) -> None:
    asking = client(True)
    external.manner.mode = Mode.RESET
    body = {"stream": True, "messages": [{"role": "user", "content": "hello there"}]}
    with pytest.raises(httpx.RemoteProtocolError):
        asking.post("/v1/chat/completions", json=body)
    external.reset()
    assert asking.post("/any", content=b"x").status_code == 200
