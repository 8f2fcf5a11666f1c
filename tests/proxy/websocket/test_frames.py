"""Fragments and control frames: nothing lost, no character cut, and nothing of a client's in a ping."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import ConnectionType
from wsproto import events as frames
from wsproto.connection import Connection

from proxy.websocket.frames import GOING_AWAY, MOST_PINGS, Assembly, Heartbeats, Lookout, cut


def test_a_message_is_put_together_from_pieces_of_fragments() -> None:
    assembly = Assembly()
    for data, ends in ((b"ab", False), (b"c", True), (b"", True), (b"de", True)):
        assembly.add(data, ends=ends)
    assert assembly.size == 5
    assert assembly.take() == (b"abcde", [3, 0, 2])
    assert assembly.take() == (b"", [])


CUTS = {
    "one frame stays one": (b"longer than it was", [4], [b"longer than it was"]),
    "a message of our own": (b"made", [], [b"made"]),
    "as it came": (b"abcdef", [1, 2, 3], [b"a", b"bc", b"def"]),
    "longer": (b"abcdefgh", [1, 3, 2], [b"abc", b"def", b"gh"]),
    "shorter": (b"ab", [2, 3], [b"ab"]),
    "much shorter": (b"", [2, 3], [b""]),
    "empty fragments": (b"ab", [0, 2, 0], [b"", b"ab", b""]),
    "from nothing": (b"ab", [0, 0], [b"a", b"b", b""]),
    "the same length, cut elsewhere": ("a你".encode(), [2, 2], ["a你".encode(), b""]),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_message_goes_on_in_fragments_like_those_it_came_in(name: str) -> None:
    content, lengths, pieces = CUTS[name]
    assert list(cut(content, lengths, text=True)) == pieces


@given(st.text(), st.lists(st.integers(0, 9), max_size=6))
def test_no_fragment_of_text_ends_inside_a_character(text: str, lengths: list[int]) -> None:
    pieces = list(cut(text.encode(), lengths, text=True))
    assert "".join(piece.decode() for piece in pieces) == text


@given(st.binary(), st.lists(st.integers(0, 9), max_size=6))
def test_bytes_are_cut_anywhere_and_lost_nowhere(content: bytes, lengths: list[int]) -> None:
    pieces = list(cut(content, lengths, text=False))
    assert b"".join(pieces) == content
    assert len(lengths) < 2 or all(len(piece) <= max([*lengths, 1]) for piece in pieces)


def test_what_a_client_writes_into_a_ping_comes_back_to_it_and_goes_nowhere_else() -> None:
    beats = Heartbeats()
    first, second = (beats.ping(secret, from_client=True) for secret in (b"11010519491231002X", b"13912345678"))
    assert {first, second}.isdisjoint({b"11010519491231002X", b"13912345678"}) and first != second
    assert beats.pong(second, from_client=False) == b"13912345678"
    assert beats.pong(first, from_client=False) == b"11010519491231002X"


def test_a_client_may_answer_a_ping_with_what_it_was_sent_and_nothing_else() -> None:
    beats = Heartbeats()
    assert beats.ping(b"are you there", from_client=False) == b"are you there"
    assert beats.pong(b"13912345678", from_client=True) == b""
    assert beats.pong(b"are you there", from_client=True) == b"are you there"
    assert beats.pong(b"are you there", from_client=True) == b"", "once is enough"


def test_pings_that_nobody_answers_are_forgotten() -> None:
    beats = Heartbeats()
    tokens = [beats.ping(b"x", from_client=True) for _ in range(MOST_PINGS + 10)]
    for number in range(MOST_PINGS + 10):
        beats.ping(b"%d" % number, from_client=False)
    assert len(beats.by_client) == len(beats.by_server) == MOST_PINGS
    assert beats.pong(tokens[0], from_client=False) == tokens[0]
    assert beats.pong(b"0", from_client=True) == b""


@given(
    st.lists(st.one_of(st.binary(max_size=300), st.sampled_from([bytes(70_000), b"\x88\x82abcd\x62\x8b"]))),
    st.sampled_from([1000, GOING_AWAY, 1005, 4001]),
    st.lists(st.integers(0, 400), max_size=8),
    st.text(max_size=20),
)
def test_that_a_client_goes_away_is_seen_however_its_bytes_are_cut(
    said: list[bytes], code: int, cuts: list[int], why: str
) -> None:
    client, lookout = Connection(ConnectionType.CLIENT), Lookout()
    data = b"".join(client.send(frames.BytesMessage(one)) for one in said) + client.send(frames.Ping(b"x"))
    places = sorted({min(one, len(data)) for one in cuts} | {0, len(data)})
    for start, end in pairwise(places):
        lookout.feed(data[start:end])
    assert not lookout.leaving
    closing = client.send(frames.CloseConnection(code, "" if code == 1005 else why))
    for place in range(len(closing)):
        lookout.feed(closing[place : place + 1])
    assert lookout.leaving == (code == GOING_AWAY)
