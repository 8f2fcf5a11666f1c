"""What came together goes on together, and nothing else changes: beside mitmproxy's own readers, however it is cut."""

from unittest.mock import patch

import h11
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, StreamEnded
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from hypothesis import example, given
from hypothesis import strategies as st
from mitmproxy.proxy.layers.http import _http1, _http2
from mitmproxy.proxy.layers.http._http_h2 import BufferedH2Connection

from proxy.shell import pieces
from proxy.shell.pieces import JoiningConnection, JoiningReader

CHUNKS = st.lists(st.binary(max_size=40), max_size=12)
ENDS = st.sampled_from([b"0\r\n\r\n", b"0;x=y\r\nexpires: 0\r\nx-digest: 1\r\n\r\n", b"", b"zz\r\n", b"5\r\nabcdeXX"])
CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=8)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    parts, at = [], 0
    while at < len(data):
        size = sizes[len(parts) % len(sizes)]
        parts.append(data[at : at + size])
        at += size
    return parts


def read(reader: ChunkedReader, parts: list[bytes]) -> tuple[bytes, str, list[int]]:
    """Read as mitmproxy does: after each arrival until there is no more; also how many pieces each arrival gave."""
    buffer, body, counts = ReceiveBuffer(), b"", []
    for part in parts:
        buffer += part
        counts.append(0)
        while True:
            try:
                event = reader(buffer)
            except h11.ProtocolError as error:
                return body, type(error).__name__, counts
            if event is None:
                break
            if isinstance(event, h11.EndOfMessage):
                return body, "end", counts
            counts[-1] += bool(event.data)
            body += event.data
    return body, "more", counts


@given(CHUNKS, ENDS, CUTS)
@example([b"a", b"b", b"c"], b"0\r\n\r\n", [1000])
@example([b"a", b"b"], b"zz\r\n", [1000])
def test_a_chunked_body_is_the_same_as_stock_reads_it_and_each_arrival_gives_one_piece(chunks, end, sizes) -> None:
    wire = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks if one) + end
    parts = cut(wire, sizes)
    body, how, counts = read(JoiningReader(), parts)
    assert (body, how) == read(ChunkedReader(), parts)[:2]
    assert max(counts, default=0) <= 1


def test_what_is_good_before_a_broken_chunk_goes_on_and_the_error_follows_again_and_again() -> None:
    reader, buffer = JoiningReader(), ReceiveBuffer()
    buffer += b"1\r\na\r\n1\r\nb\r\nbroken\r\n"
    data = reader(buffer)
    assert isinstance(data, h11.Data)
    assert data.data == b"ab"
    for _ in range(2):
        with pytest.raises(h11.LocalProtocolError, match="illegal chunk header"):
            reader(buffer)


def test_a_body_that_ends_with_its_connection_is_an_error_as_before() -> None:
    with pytest.raises(h11.RemoteProtocolError, match="incomplete chunked read"):
        JoiningReader().read_eof()


def answered(streams: dict[int, list[bytes]], order: list[int]) -> bytes:
    """Return the bytes of a server that answers on several streams in turn."""
    server = H2Connection(H2Configuration(client_side=False))
    client = H2Connection(H2Configuration(client_side=True))
    server.initiate_connection()
    client.initiate_connection()
    for stream in streams:
        head = [(":method", "GET"), (":path", "/"), (":scheme", "https"), (":authority", "x")]
        client.send_headers(stream, head, end_stream=True)
    server.receive_data(client.data_to_send())
    left = {stream: list(data) for stream, data in streams.items()}
    for stream in streams:
        server.send_headers(stream, [(":status", "200")])
    for stream in [*order, *streams]:
        while left.get(stream):
            server.send_data(stream, left[stream].pop(0))
            if stream in order:
                break
    for stream in streams:
        server.end_stream(stream)
    return server.data_to_send()


def heard(kind: type[BufferedH2Connection], streams: dict[int, list[bytes]], parts: list[bytes]) -> tuple:
    """Read what a server sent as mitmproxy does; return bodies, ends, bytes against the window, pieces, and windows."""
    client = kind(H2Configuration(client_side=True))
    client.initiate_connection()
    for stream in streams:
        head = [(":method", "GET"), (":path", "/"), (":scheme", "https"), (":authority", "x")]
        client.send_headers(stream, head, end_stream=True)
    bodies, ends, counted, count = dict.fromkeys(streams, b""), [], 0, 0
    for part in parts:
        for event in client.receive_data(part):
            if isinstance(event, DataReceived):
                bodies[event.stream_id] += event.data
                counted += event.flow_controlled_length
                count += 1
                client.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                ends.append((event.stream_id, bodies[event.stream_id]))
    return (bodies, ends, counted, client.inbound_flow_control_window), count


@given(
    st.tuples(CHUNKS, CHUNKS),
    st.lists(st.sampled_from([1, 3]), max_size=24),
    CUTS,
)
@example(([b"a", b"b", b"c"], []), [], [1000])
def test_frames_over_http2_are_the_same_as_stock_reads_them_in_no_more_pieces(two, order, sizes) -> None:
    streams = dict(zip((1, 3), two, strict=True))
    parts = cut(answered(streams, order), sizes)
    ours, fewer = heard(JoiningConnection, streams, parts)
    stock, more = heard(BufferedH2Connection, streams, parts)
    assert ours == stock
    assert fewer <= more


def test_frames_of_one_stream_that_came_together_are_one_piece_and_those_of_two_are_not_mixed() -> None:
    _, together = heard(JoiningConnection, {1: [b"a", b"b", b"c"]}, [answered({1: [b"a", b"b", b"c"]}, [])])
    assert together == 1
    both = {1: [b"a", b"b"], 3: [b"x", b"y"]}
    (bodies, *_), _ = heard(JoiningConnection, both, [answered(both, [1, 3, 1, 3])])
    assert bodies == {1: b"ab", 3: b"xy"}


@pytest.mark.parametrize(("where", "name"), [(_http1, "ChunkedReader"), (_http2, "BufferedH2Connection")])
def test_another_layout_of_mitmproxy_is_noticed(where: object, name: str) -> None:
    with patch.object(where, name, object), pytest.raises(RuntimeError, match=r"use version 12\.2"):
        pieces.install()
    assert _http1.ChunkedReader in (ChunkedReader, JoiningReader)
