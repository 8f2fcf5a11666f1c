"""Bodies no adapter knows, on a catalogue host: every string is read; what cannot be read is never called clean."""

import orjson
import pytest

from tests.e2e.street import Street, load_planted

CARD = next(each for each in load_planted() if each.name == "card with spaces")
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")

HERE = "https://api.openai.com/v1/something/new"
MAY_PASS = "https://api.groq.com/something/new"

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 8


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)
def test_every_string_of_unknown_json_is_read_keys_included(street: Street, case, http2: bool) -> None:
    body = {"a": [{"deep": case.text}], case.value: 1, "inner": orjson.dumps({"again": case.value}).decode()}
    answer = street.post(HERE, http2=http2, json=body)
    assert answer.status_code == 200
    assert street.external.requests[0].body.count(f"[{case.entity}_".encode()) >= 3
    assert case.text in answer.text
    assert (street.last_record()["adapter"], street.last_record()["inspection"]) == ("fallback", "full")


@pytest.mark.parametrize("text", [CARD.text, IDENTITY.text], ids=["en", "zh"])
def test_a_known_path_with_an_unknown_shape_is_read_all_the_same(street: Street, text: str) -> None:
    for shape in ({"prompt": {"of": text}}, {"messages": [], "new": [[text]]}):
        street.post("https://api.openai.com/v1/chat/completions", json=shape)
    assert [b"[C" in seen.body for seen in street.external.requests] == [True, True]


@pytest.mark.parametrize("charset", ["cp037", "utf-16", "gbk", "utf-7"])
def test_json_is_read_as_utf_8_whatever_is_announced(street: Street, charset: str) -> None:
    """RFC 8259, section 8.1: the declaration of another charset must not hide anything."""
    body = orjson.dumps({"messages": [{"role": "user", "content": IDENTITY.text}]})
    headers = {"content-type": f"application/json; charset={charset}"}
    street.post("https://api.openai.com/v1/chat/completions", content=body, headers=headers)
    assert IDENTITY.value.encode() not in street.external.everything()


def test_a_form_is_read(street: Street) -> None:
    answer = street.post(HERE, data={"question": IDENTITY.text, "n": "1"})
    assert answer.status_code == 200
    assert b"CN_ID_CARD_" in street.external.requests[0].body
    assert street.external.requests[0].body.endswith(b"&n=1")


def test_plain_text_is_read(street: Street) -> None:
    answer = street.post(HERE, content=IDENTITY.text.encode(), headers={"content-type": "text/plain; charset=utf-8"})
    assert answer.status_code == 200
    assert b"[CN_ID_CARD_" in street.external.requests[0].body


def test_the_text_of_a_multipart_body_is_read_and_its_boundary_kept(street: Street) -> None:
    files = {"prompt": (None, CARD.text), "file": ("notes.txt", f"{IDENTITY.text}\n".encode(), "text/plain")}
    answer = street.post("https://api.openai.com/upload", files=files)
    assert answer.status_code == 200, answer.text
    (seen,) = street.external.requests
    boundary = seen.header("content-type").partition("boundary=")[2]
    assert seen.body.count(f"--{boundary}".encode()) == 3
    assert b"[CREDIT_CARD_" in seen.body and b"[CN_ID_CARD_" in seen.body


def test_the_query_is_text_too(street: Street) -> None:
    with street.client() as client:
        answer = client.get("https://chatgpt.com/search", params={"q": CARD.text})
    assert answer.status_code == 200
    assert "CREDIT_CARD_" in street.external.requests[0].path


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "application/pdf"), (PDF, "application/octet-stream"), (PDF, "")],
    ids=["pdf", "bytes", "no type"],
)
def test_what_cannot_be_read_is_refused_where_policy_says_nothing(street: Street, content: bytes, kind: str) -> None:
    answer = street.post(HERE, content=content, headers={"content-type": kind} if kind else {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unreadable_body")
    assert street.external.requests == []
    assert (street.last_record()["outcome"], street.last_record()["inspection"]) == ("refused", "none")


def test_a_grpc_call_is_refused_in_the_words_of_grpc(street: Street) -> None:
    """A call fails by its trailers, here alone in the header fields; HTTP itself succeeds (gRPC over HTTP/2)."""
    answer = street.post(HERE, content=b"\0\0\0\0\1x", headers={"content-type": "application/grpc"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["grpc-status"] not in ("", "0")
    assert street.last_record()["id"] in answer.headers["grpc-message"]
    assert street.external.requests == []
    assert (street.last_record()["outcome"], street.last_record()["inspection"]) == ("refused", "none")


def test_what_cannot_be_read_may_pass_where_policy_says_so_and_is_recorded_as_not_inspected(street: Street) -> None:
    answer = street.post(MAY_PASS, content=PDF, headers={"content-type": "application/pdf"})
    assert answer.status_code == 200
    assert street.external.requests[0].body == PDF
    assert (street.last_record()["outcome"], street.last_record()["inspection"]) == ("not_inspected", "none")


@pytest.mark.parametrize(
    "upgrade",
    [
        {"upgrade": "h2c", "http2-settings": "AAMAAABkAAQAAP__"},
        {"upgrade": "some-tunnel"},
        {"upgrade": "websocket, h2c", "sec-websocket-version": "13"},
        {"upgrade": "websocket", "sec-websocket-version": "8"},
    ],
    ids=["h2c", "a tunnel", "two protocols", "an old WebSocket"],
)
def test_a_switch_to_a_protocol_that_nobody_reads_is_refused(street: Street, upgrade: dict[str, str]) -> None:
    key = {"connection": "Upgrade", "sec-websocket-key": "c3R1cGlkLWtleS0xNi1ieQ=="}
    with street.client() as client:
        answer = client.get("https://api.openai.com/v1/realtime", headers={**key, **upgrade})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unreadable_body")
    assert street.external.requests == []


def test_a_stream_in_a_format_of_its_own_is_restored_where_a_placeholder_is_whole(street: Street) -> None:
    street.external.manner.piece = 1000
    answer = street.post("https://chatgpt.com/backend/chat", json={"message": CARD.text})
    assert CARD.text in answer.text
