"""WebSockets through the real proxy over TLS: what leaves, what comes back, and what never passes."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, ResponseReceived, StreamReset
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.e2e.sockets import PATIENCE, POLICY, Sockets, open_sockets
from tests.e2e.street import load_planted
from tests.e2e.tunnel import open_tunnel, read_until
from tests.thorough import THOROUGH

LONG_WORDS = 20_000 if THOROUGH else 5_000
"""Of a message that takes longer to read than others."""

PLANTED = load_planted()
CARD = next(each for each in PLANTED if each.name == "card with spaces")
IDENTITY = next(each for each in PLANTED if each.name == "resident identity number")
ECHO = "api.openai.com/v1/something/new"


@pytest.fixture(scope="module")
def module_sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    """One running street for the tests of this module, with two people and a limit."""
    people = {"networks": [{"cidr": "127.0.0.1/32", "user": "alice"}, {"cidr": "127.0.0.2/32", "user": "bob"}]}
    with open_sockets(tmp_path_factory.mktemp("sockets"), identity=people, limits={"body": "3 MB"}) as sockets:
        yield sockets


@pytest.fixture
def sockets(module_sockets: Sockets) -> Iterator[Sockets]:
    """The street with an empty record, checked for leaks when the test is over."""
    module_sockets.standin.reset()
    yield module_sockets
    module_sockets.expect_no_leak()


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case.name)
def test_text_is_redacted_on_its_way_out_and_restored_on_its_way_back(sockets: Sockets, case) -> None:
    with sockets.connect(ECHO) as connection:
        connection.send(case.text)
        assert connection.recv(PATIENCE) == case.text
        connection.send(json.dumps({"said": [case.text]}))
        assert json.loads(connection.recv(PATIENCE)) == {"said": [case.text]}
    assert all(f"[{case.entity}_" in text for text in sockets.standin.texts())
    assert [line["redacted"] for line in sockets.messages()[-2:]] == [{case.entity: 1}] * 2


def test_bytes_that_are_text_are_read_and_stay_bytes(sockets: Sockets) -> None:
    with sockets.connect(ECHO) as connection:
        connection.send(IDENTITY.text.encode())
        assert connection.recv(PATIENCE) == IDENTITY.text.encode()
    (seen,) = sockets.standin.messages
    assert isinstance(seen, bytes) and b"[CN_ID_CARD_" in seen


def test_bytes_that_are_no_text_are_refused_and_the_reason_is_told(sockets: Sockets) -> None:
    with sockets.connect(ECHO) as connection:
        connection.send(b"\x00\xff\xfe sound")
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(PATIENCE)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    assert sockets.messages()[-1]["id"] in closed.value.rcvd.reason
    assert sockets.standin.messages == []


def test_bytes_that_are_no_text_pass_where_policy_says_so(sockets: Sockets) -> None:
    with sockets.connect("api.groq.com/v1/sound") as connection:
        connection.send(b"\x00\xff\xfe sound")
        assert connection.recv(PATIENCE) == b"\x00\xff\xfe sound"
    assert sockets.messages()[-1]["outcome"] == "not_inspected"


@pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)
def test_a_value_cut_over_fragments_is_found(sockets: Sockets, case) -> None:
    before = "很长" * 3_000
    with sockets.connect(ECHO) as connection:
        connection.send(iter([before, *case.text, before]))
        assert connection.recv(PATIENCE) == before + case.text + before
    assert f"[{case.entity}_" in sockets.standin.texts()[0]


@pytest.mark.parametrize("size", [5_000, 300_000, 2_000_000])
def test_a_large_message_arrives_whole(sockets: Sockets, size: int) -> None:
    text = "汉字 words " * (size // 12) + CARD.text
    with sockets.connect(ECHO) as connection:
        connection.send(text)
        assert connection.recv(PATIENCE) == text
    assert sockets.standin.texts()[0].replace(sockets.standin.texts()[0][-60:], "") in text


def test_a_client_that_offers_compression_is_served_without(sockets: Sockets) -> None:
    with sockets.connect(ECHO, compression="deflate") as connection:
        assert connection.response is not None
        assert "Sec-WebSocket-Extensions" not in connection.response.headers
        connection.send(CARD.text)
        assert connection.recv(PATIENCE) == CARD.text
    assert "Sec-WebSocket-Extensions" not in sockets.standin.requests[0].headers


def handshake(host: str, path: str, **more: str) -> bytes:
    fields = {
        "Host": host,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "c3R1cGlkLWtleS0xNi1ieQ==",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return "\r\n".join([f"GET {path} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields), "", ""]).encode()


def test_a_frame_that_was_compressed_all_the_same_goes_nowhere(sockets: Sockets) -> None:
    with open_tunnel(sockets.street, "api.openai.com", sockets.trust) as tunnel:
        offer = "permessage-deflate"
        tunnel.sendall(handshake("api.openai.com", "/v1/something/new", Sec_WebSocket_Extensions=offer))
        assert b"permessage-deflate" not in read_until(tunnel, b"\r\n\r\n")
        tunnel.sendall(b"\xc1\x87\x00\x00\x00\x00\xf2\x48\xcd\xc9\xc9\x07\x00")
        assert read_until(tunnel, b"\x03\xea").startswith(b"\x88"), "closed with 1002"
    assert sockets.standin.messages == []


def test_a_forbidden_service_is_refused_before_the_handshake(sockets: Sockets) -> None:
    with pytest.raises(InvalidStatus) as refused, sockets.connect("api.deepseek.com/v1/realtime"):
        pass
    answer = refused.value.response
    assert answer.status_code == 403
    error = json.loads(answer.body or b"")["error"]
    assert error["code"] == "blocked_by_policy" and "DeepSeek" in error["message"]
    assert sockets.standin.requests == []
    record = sockets.street.last_record()
    assert (record["method"], record["outcome"], record["deciding"]) == ("GET", "refused", "no-deepseek")


REALTIME = "api.openai.com/v1/realtime?model=gpt-realtime"


def item(text: str, **more: object) -> str:
    content = [{"type": "input_text", "text": text}]
    event = {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}}
    return json.dumps({**event, **more}, ensure_ascii=False)


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_a_placeholder_cut_over_messages_is_restored(sockets: Sockets, piece: int) -> None:
    sockets.standin.piece = piece
    with sockets.connect(REALTIME) as connection:
        assert json.loads(connection.recv(PATIENCE))["type"] == "session.created"
        connection.send(item(CARD.text))
        connection.send('{"type":"response.create"}')
        told = []
        while not told or told[-1]["type"] != "response.done":
            told.append(json.loads(connection.recv(PATIENCE)))
    deltas = [one["delta"] for one in told if one["type"] == "response.output_text.delta"]
    assert "".join(deltas) == CARD.text
    assert next(one["text"] for one in told if one["type"] == "response.output_text.done") == CARD.text
    assert [one["event_id"] for one in told if one["type"] == "response.done"]


def test_a_refused_message_is_told_in_place_and_the_connection_goes_on(sockets: Sockets) -> None:
    with sockets.connect(REALTIME) as connection:
        connection.recv(PATIENCE)
        sealed = b64encode(hashlib.shake_256(b"sealed").digest(300)).decode()  # nobody can read it
        connection.send(item(f"-----BEGIN PGP MESSAGE-----\n\n{sealed}\n-----END PGP MESSAGE-----", event_id="e7"))
        error = json.loads(connection.recv(PATIENCE))
        assert (error["type"], error["error"]["event_id"]) == ("error", "e7")
        assert sockets.messages()[-1]["id"] in error["error"]["message"]
        connection.send(item(CARD.text))
        assert json.loads(connection.recv(PATIENCE))["item"]["content"][0]["text"] == CARD.text
    assert len(sockets.standin.messages) == 1


def test_messages_without_text_leave_no_lines(sockets: Sockets) -> None:
    before = len(sockets.messages())
    with sockets.connect(REALTIME) as connection:
        connection.recv(PATIENCE)
        for text in ('{"type":"ping"}', '{"type":"input_audio_buffer.commit"}', '{"type":"pong"}'):
            connection.send(text)
        connection.send(item("hello"))
        connection.recv(PATIENCE)
    assert len(sockets.messages()) == before + 1
    assert len(sockets.standin.messages) == 4


def test_a_value_in_control_frames_stays_here(sockets: Sockets) -> None:
    """A ping is answered all the same, by the one it was for."""
    with sockets.connect(ECHO) as connection:
        assert connection.ping(IDENTITY.value.encode()[:60]).wait(PATIENCE)
        connection.send("please ping")
        assert connection.recv(PATIENCE) == "it is there"
        connection.close(4000, IDENTITY.value)
    wait_until(lambda: bool(sockets.standin.closings))
    assert sockets.standin.closings == [(4000, "")]


def wait_until(holds) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_service_may_close_with_its_own_words(sockets: Sockets) -> None:
    with sockets.connect(ECHO) as connection:
        connection.send("please close")
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "as you wish")


def test_under_load_every_connection_keeps_its_own_order(sockets: Sockets) -> None:
    """Long messages, which take longer to read, among short ones; many connections at once."""

    async def talk(number: int) -> list[str]:
        texts = [
            f"{number}-{turn} " + ("words " * LONG_WORDS if turn % 5 == 0 else "") + CARD.value for turn in range(20)
        ]
        async with connect_async(f"wss://{ECHO}", ssl=sockets.trust, proxy=sockets.street.proxy.url) as connection:
            for text in texts:
                await connection.send(text)
            got = [str(await asyncio.wait_for(connection.recv(), PATIENCE)) for _ in texts]
        assert got == texts
        return got

    async def all_of_them() -> None:
        await asyncio.gather(*map(talk, range(6)))

    asyncio.run(all_of_them())
    assert len(sockets.standin.messages) == 120


def test_another_persons_placeholder_is_not_restored(sockets: Sockets) -> None:
    with sockets.connect(ECHO) as alice:
        alice.send(CARD.text)
        assert alice.recv(PATIENCE) == CARD.text
    (stolen,) = sockets.standin.texts()
    host, port = sockets.street.proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE, source_address=("127.0.0.2", 0)) as raw:
        raw.sendall(b"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n")
        read_until(raw, b"\r\n\r\n")
        with sockets.connect(ECHO, sock=raw, proxy=None, server_hostname="api.openai.com") as bob:
            bob.send(stolen)
            assert bob.recv(PATIENCE) == stolen
    assert [line["user"] for line in sockets.messages()[-2:]] == ["alice", "bob"]


def test_a_message_over_the_limit_is_refused_and_the_connection_ends(sockets: Sockets) -> None:
    with sockets.connect(REALTIME) as connection:
        connection.recv(PATIENCE)
        connection.send(iter([item("x" * 1_700_000), "y" * 1_700_000]))
        assert json.loads(connection.recv(PATIENCE))["error"]["code"] == "body_too_large"
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(PATIENCE)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
    assert sockets.standin.messages == []
    assert sockets.messages()[-1]["code"] == "body_too_large"


def test_without_its_store_nothing_is_sent_and_the_person_is_told(sockets: Sockets) -> None:
    with sockets.connect(REALTIME) as connection:
        connection.recv(PATIENCE)
        with closing(sqlite3.connect(sockets.street.proxy.folder / "state" / "sluice.db", timeout=60)) as locked:
            locked.execute("begin exclusive")
            connection.send(item(CARD.text))
            error = json.loads(connection.recv(60))["error"]
            assert error["code"] in ("store_unavailable", "body_too_large")
            assert sockets.standin.messages == []
        connection.send(item(CARD.text))
        assert json.loads(connection.recv(PATIENCE))["item"]["content"][0]["text"] == CARD.text


def test_a_websocket_over_http_2_is_refused(sockets: Sockets) -> None:
    """RFC 8441: the proxy does not say that it takes one, and takes none from a client that asks all the same."""
    trust = sockets.trust
    trust.set_alpn_protocols(["h2"])
    client = H2Connection()
    client.initiate_connection()
    fields = [
        *((":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/v1/realtime")),
        *((":authority", "api.openai.com"), ("sec-websocket-version", "13")),
    ]
    client.send_headers(1, [(name.encode(), value.encode()) for name, value in fields])
    with open_tunnel(sockets.street, "api.openai.com", trust) as tunnel:
        assert tunnel.selected_alpn_protocol() == "h2"
        tunnel.sendall(client.data_to_send())
        seen: list[Any] = []
        while not any(isinstance(one, ResponseReceived | StreamReset | ConnectionTerminated) for one in seen):
            data = tunnel.recv(65536)
            if not data:
                break
            seen += client.receive_data(data)
    answers = [dict(one.headers)[b":status"] for one in seen if isinstance(one, ResponseReceived)]
    assert all(not status.startswith(b"2") for status in answers)
    assert client.remote_settings.enable_connect_protocol == 0
    assert sockets.standin.requests == []


def test_a_policy_that_changes_meanwhile_holds_for_the_next_message(tmp_path: Path) -> None:
    shut = POLICY.replace("[deepseek-api, deepseek-chat]", "[deepseek-api, openai-api]").replace(
        "version: 7", "version: 8"
    )
    with open_sockets(tmp_path) as sockets, sockets.connect(REALTIME) as connection:
        connection.recv(PATIENCE)
        connection.send(item("before"))
        assert json.loads(connection.recv(PATIENCE))["type"] == "conversation.item.added"
        (sockets.street.proxy.folder / "policy.yaml").write_text(shut, "utf-8")
        os.kill(sockets.street.proxy.process.pid, signal.SIGHUP)
        wait_until(lambda: sum(line["event"] == "policy_loaded" for line in sockets.street.records()) == 2)
        connection.send('{"type":"ping"}')
        connection.send(item("after"))
        error = json.loads(connection.recv(PATIENCE))["error"]
        assert (error["code"], "DeepSeek" in error["message"]) == ("blocked_by_policy", True)
        assert [line["policy"][:2] for line in sockets.messages()] == ["7@", "8@"]
        assert [json.loads(text)["type"] for text in sockets.standin.texts()] == ["conversation.item.create", "ping"]
