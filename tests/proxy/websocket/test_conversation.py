"""A conversation: each message an exchange, its answer restored for one person, and nothing counted twice."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from policies.load import parse_policy
from proxy.documents.reader import Reader
from proxy.exchange import Answer, Refuse
from proxy.handle import PLAIN_ERROR
from proxy.websocket.conversation import refusal_in
from tests.proxy.house import CUSTOMER, NOON, SECRET, Tenant, open_house, street
from tests.proxy.sockets import Socket, sent

REALTIME = "api.openai.com/v1/realtime"


def item(text: str, **more: object) -> str:
    content = [{"type": "input_text", "text": text}]
    event = {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}}
    return json.dumps({**event, **more}, ensure_ascii=False)


def delta(text: str) -> str:
    where = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0}
    return json.dumps({**where, "delta": text}, ensure_ascii=False)


def policy(text: str):
    head = "policy: p\nversion: 1\n"
    return replace(street(), policy=parse_policy(head + text, "p", lambda _name: ""))


def test_a_message_is_redacted_and_on_record_before_it_goes_out(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    delivery = socket.say(item(f"请致电 {SECRET}"))
    (out,) = sent(delivery)
    assert SECRET not in out and "[PHONE_NUMBER_" in out and delivery.to_server[0].text
    handshake, answered, message = tenant.records()
    assert (handshake["method"], handshake["outcome"], answered["status"]) == ("GET", "forwarded", 101)
    told = {key: message[key] for key in ("method", "activity", "adapter", "outcome", "inspection", "redacted", "host")}
    assert told == {
        "method": "MESSAGE",
        "activity": "prompt",
        "adapter": "openai-realtime",
        "outcome": "forwarded",
        "inspection": "full",
        "redacted": {"PHONE_NUMBER": 1},
        "host": "api.openai.com",
    }


def test_answers_are_restored_over_messages_and_counted_with_the_message_they_answer(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    (out,) = sent(socket.say(item(SECRET)))
    placeholder = json.loads(out)["item"]["content"][0]["text"]
    told = socket.hear(delta("call " + placeholder[:7])) + socket.hear(delta(placeholder[7:] + "!"))
    assert "".join(json.loads(one)["delta"] for one in told) == f"call {SECRET}!"
    socket.say(item("next"))
    answer = tenant.records()[-2]
    assert (answer["event"], answer["status"], answer["restored"], answer["code"]) == ("answer", 101, 1, "")
    assert answer["bytes_in"] > 0 and answer["id"] == tenant.records()[-3]["id"]
    assert socket.end() == []
    assert [line["event"] for line in tenant.records()] == ["request", "answer"] * 3


def test_what_is_held_back_comes_in_a_message_of_its_own_before_the_event_that_ends_the_text(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    done = json.dumps({"type": "response.done", "response": {}})
    assert [json.loads(one)["delta"] for one in socket.hear(delta("a ["))] == ["a "]
    held, last = socket.hear(done)
    assert (json.loads(held)["delta"], last) == ("[", done)


def test_what_is_held_back_comes_when_the_connection_ends(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    socket.hear(delta("a [PERS"))
    (rest,) = socket.end()
    assert json.loads(rest)["delta"] == "[PERS"


ANSWERS = {
    "as it came": ('{"type": "x",  "n": 1.50}', '{"type": "x",  "n": 1.50}'),
    "a string in an unknown event": ('{"note":"see %s"}', '{"note":"see 13912345678"}'),
    "Socket.IO": ('42["m","%s"]', '42["m","13912345678"]'),
    "plain text": ("call %s", "call 13912345678"),
    "a list in prose": ("1. %s", "1. 13912345678"),
    "text that begins with it": ("%s is the number", "13912345678 is the number"),
    "what only looks like JSON": ('{"a":"%s"', '{"a":"13912345678"'),
    "records": ('{"a":"%s"}\x1e{"b":1}\x1e', '{"a":"13912345678"}\x1e{"b":1}\x1e'),
    "bytes that are text": (b'{"note":"%s"}', '{"note":"13912345678"}'),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_placeholder_is_restored_in_whatever_text_a_server_sends(tenant: Tenant, name: str) -> None:
    came, got = ANSWERS[name]
    socket = Socket(tenant).open()
    (placeholder,) = sent(socket.say(SECRET))
    came = came.replace(b"%s", placeholder.encode()) if isinstance(came, bytes) else came.replace("%s", placeholder)
    assert "".join(socket.hear(came)) == got


def test_bytes_that_are_no_text_come_as_they_are(tenant: Tenant) -> None:
    socket = Socket(tenant).open()
    delivery = socket.message(b"\xff\xfb[PHONE_NUMBER_00000000] sound", from_client=False)
    assert delivery is not None
    assert [(one.content, one.text) for one in delivery.to_client] == [
        (b"\xff\xfb[PHONE_NUMBER_00000000] sound", False)
    ]


def test_somebody_elses_placeholder_stays_one(tenant: Tenant) -> None:
    (placeholder,) = sent(Socket(tenant).open().say(SECRET))
    other = Socket(tenant)
    other.flow.client_conn.peername = ("10.9.8.7", 4711)
    other.open()
    assert other.hear(f'{{"note":"{placeholder}"}}') == [f'{{"note":"{placeholder}"}}']


@pytest.mark.parametrize(
    "content",
    ['{"type":"ping"}', "", '{"type":"input_audio_buffer.commit","event_id":"e7"}'],
    ids=["ping", "empty", "event"],
)
def test_a_message_without_text_passes_and_leaves_no_line(tenant: Tenant, content: str) -> None:
    socket = Socket(tenant, REALTIME).open()
    before = tenant.records()
    assert sent(socket.say(content)) == [content]
    assert tenant.records() == before


def test_a_refused_message_is_told_in_place_and_the_connection_goes_on(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    delivery = socket.say(json.dumps({"type": "something.else", "text": f"{CUSTOMER} 的合同", "event_id": "e7"}))
    assert delivery.to_server == () and delivery.closing is None
    (told,) = (json.loads(one.content) for one in delivery.to_client)
    record = tenant.records()[-1]
    assert (record["outcome"], record["code"]) == ("refused", "not_translatable")
    assert told["error"]["event_id"] == "e7" and record["id"] in told["error"]["message"]
    assert sent(socket.say(item("hello"))) == [item("hello")]


def test_where_the_format_has_no_words_the_connection_ends_with_the_reason(tenant: Tenant) -> None:
    delivery = Socket(tenant).open().say(f"about {CUSTOMER}")
    assert delivery.to_server == delivery.to_client == ()
    assert delivery.closing is not None and delivery.closing.code == 1008
    assert tenant.records()[-1]["id"] in delivery.closing.reason


def test_a_message_is_judged_by_the_policy_of_now(tenant: Tenant) -> None:
    socket = Socket(tenant, REALTIME).open()
    assert sent(socket.say(item("one")))
    tenant.house.street = policy("otherwise: forbid\nrules: []\n")
    delivery = socket.say(item("two"))
    assert delivery.to_server == () and delivery.to_client
    assert [line["policy"][:2] for line in tenant.records() if line["event"] == "request"] == ["7@", "7@", "1@"]


QUOTA = """time_zone: Asia/Shanghai
otherwise: forbid
rules:
  - id: a-few
    name: A few
    verdict: allowed
    quota: {requests: 2, per: day}
"""


def test_opening_costs_nothing_and_each_message_with_text_one_request(tmp_path: Path) -> None:
    tenant = open_house(tmp_path, policy=policy(QUOTA).policy)
    try:
        socket = Socket(tenant, REALTIME).open()
        assert sent(socket.say('{"type":"ping"}'))
        assert [bool(sent(socket.say(item(text)))) for text in ("one", "two", "three")] == [True, True, False]
        refused = tenant.records()[-1]
        assert (refused["outcome"], refused["deciding"]) == ("refused", "a-few")
    finally:
        tenant.close()


NOISE = b"\xff\xfb\x00 sound"
SOUND = json.dumps({"type": "input_audio_buffer.append", "audio": "AAAA" * 70})


def test_sound_is_refused_where_policy_says_nothing_of_it(tenant: Tenant) -> None:
    delivery = Socket(tenant, REALTIME).open().say(SOUND)
    assert delivery.to_server == ()
    assert json.loads(delivery.to_client[0].content)["error"]["code"] == "unreadable_part"


@pytest.mark.parametrize("content", [SOUND, NOISE], ids=["in JSON", "bytes"])
def test_sound_that_may_pass_has_a_line_every_few_seconds(tmp_path: Path, content: str | bytes) -> None:
    now = [NOON]
    tenant = open_house(tmp_path, lambda: now[0])
    try:
        socket = Socket(tenant, "api.groq.com/v1/realtime").open()
        raw = content.encode() if isinstance(content, str) else content
        for _ in range(20):
            delivery = socket.say(content)
            assert [one.content for one in delivery.to_server] == [raw]
            now[0] += timedelta(seconds=1)
        lines = [line["inspection"] for line in tenant.records() if line.get("method") == "MESSAGE"]
        assert len(lines) == 4 and set(lines) <= {"none", "partial"}
        assert SECRET not in sent(socket.say(item(SECRET)))[0], "text is read all the same"
        socket.say(content)
        tenant.house.street = policy("otherwise: forbid\nrules: []\n")
        assert socket.say(content).to_server == ()
    finally:
        tenant.close()


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Tenant]:
    """A house that reads files."""
    reader = Reader()
    tenant = open_house(tmp_path, documents=reader)
    yield tenant
    tenant.close()
    reader.close()


def letter(text: str) -> bytes:
    return rb"{\rtf1\ansi " + text.encode() + b"}"


FILES = {
    "in JSON": lambda data: json.dumps({"file": f"data:application/rtf;base64,{b64encode(data).decode()}"}),
    "as it is": lambda data: data,
}


@pytest.mark.parametrize("form", FILES)
def test_what_covers_sound_covers_no_file_that_can_be_read(reading: Tenant, form: str) -> None:
    socket = Socket(reading, "api.groq.com/v1/socket").open()
    assert socket.say(NOISE).to_server
    assert socket.say(FILES[form](letter(f"Call {SECRET} today."))).to_server == ()
    assert reading.records()[-1]["code"] == "confidential_file"


@pytest.mark.parametrize("form", FILES)
def test_a_file_that_was_read_covers_no_sound(reading: Tenant, form: str) -> None:
    socket = Socket(reading).open()
    assert socket.say(FILES[form](letter("Nothing of note."))).to_server
    assert reading.records()[-1]["inspection"] == "full"
    assert socket.say(NOISE).to_server == ()


def test_what_the_head_of_the_handshake_says_is_taken_out_once_and_not_read_again(tenant: Tenant) -> None:
    socket = Socket(tenant, f"api.openai.com/v1/realtime?note={SECRET}", x_title=f"call {SECRET}").open()
    assert SECRET not in socket.flow.request.path + str(socket.flow.request.headers)
    socket.say(item("hello"))
    redacted = [line["redacted"] for line in tenant.records() if line["event"] == "request"]
    assert redacted == [{"PHONE_NUMBER": 1}, {}]


HEADS = {
    "codings": {"content_type": "application/grpc", "transfer_encoding": "identity"},
    "a signature": {"authorization": "AWS4-HMAC-SHA256 Credential=k/20261127/r/s/aws4_request", "signature_input": "x"},
}


@pytest.mark.parametrize("name", HEADS)
def test_what_the_handshake_says_of_itself_hides_no_message_and_binds_none(tenant: Tenant, name: str) -> None:
    socket = Socket(tenant, REALTIME)
    for field, value in HEADS[name].items():
        socket.flow.request.headers[field.replace("_", "-")] = value
    socket.open()
    assert "[PHONE_NUMBER_" in sent(socket.say(item(SECRET)))[0]


WORDS = {
    "its own": (Refuse("c", Answer(403, (("x-request-id", "SLC-1"),), b'{"error":{"message":"no"}}')), ("no", "SLC-1")),
    "the last resort": (Refuse("c", PLAIN_ERROR), ("Sluice, your company's AI gateway, could not check", "")),
    "a page": (Refuse("c", Answer(403, (), b"<html>")), ("The message was not sent.", "")),
    "another shape": (Refuse("c", Answer(403, (), b'{"error":"no"}')), ("The message was not sent.", "")),
}


@pytest.mark.parametrize("name", WORDS)
def test_the_words_of_a_refusal_are_those_that_http_would_tell(name: str) -> None:
    outcome, (message, reference) = WORDS[name]
    refusal = refusal_in(outcome)
    assert refusal.message.startswith(message) and refusal.reference == reference
