"""A value spread over messages, and what stands closed in a text, on the whole street."""

import orjson
import pytest

from proxy.errors import Unreadable
from proxy.exchange import Forward
from tests.proxy.house import SECRET, chat
from tests.proxy.test_pipeline import JSON, depart, ruled

ARMOURED = chat("-----BEGIN PGP MESSAGE-----\n" + "hQEMAxyz1234" * 8 + "\n-----END PGP MESSAGE-----")
PIECE = (*JSON, ("content-range", "bytes 0-9/20"))


@pytest.mark.parametrize(("body", "headers", "seen"), [(ARMOURED, JSON, "partial"), (chat("hi"), PIECE, "partial")])
def test_what_stands_encrypted_in_a_text_and_a_piece_of_an_upload_pass_only_where_policy_says_so(
    body: bytes, headers, seen: str
) -> None:
    with pytest.raises(Unreadable):
        depart(body, ruled("  - {id: r, verdict: allowed, redact: c}\n"), headers=headers)
    passed = depart(body, ruled("  - {id: r, verdict: allowed, redact: c, unreadable: pass}\n"), headers=headers)
    assert isinstance(passed.outcome, Forward) and passed.inspection == seen


def test_a_value_spread_over_messages_is_taken_out_of_each() -> None:
    turns = [("user", f"记下 {SECRET[:6]}"), ("assistant", "好的"), ("user", f"然后 {SECRET[6:]}")]
    body = orjson.dumps({"model": "m", "messages": [{"role": role, "content": said} for role, said in turns]})
    departure = depart(body)
    assert isinstance(departure.outcome, Forward) and departure.outcome.body is not None
    assert not any(piece.encode() in departure.outcome.body for piece in (SECRET[:6], SECRET[6:]))
    assert set(departure.originals.values()) == {SECRET[:6], SECRET[6:]}
