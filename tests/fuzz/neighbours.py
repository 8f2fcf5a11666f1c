"""What those beside the proxy say of themselves and of people: balancers, fronts, nodes, model servers, workers."""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any, Final

from mitmproxy import connection
from mitmproxy.test import tflow

from detectors.views.seams import seams
from policies.calendar import read_holidays
from policies.decision import Grant
from policies.problem import PolicyError
from proxy.caller import HeaderSource, clean_name, read_address, read_identity_headers
from proxy.detecting.frames import Garbled
from proxy.errors import Declined
from proxy.identity.front import SIGNATURE, NoHead, Told, read_head
from proxy.identity.login import Login
from proxy.inference.v2 import LENGTH, Unreadable, read, read_model, read_server
from proxy.publish.release import Release, Standing
from proxy.recent import LENGTH as LONGEST_END
from proxy.recent import may_be_piece, run_together, tail_of
from proxy.refusals.language import read_ranges
from proxy.token_claims import read_claims
from proxy.websocket.frames import Lookout
from proxy.workers.desk import record_in
from proxy.workflow.permission import Event, GrantRecord, GrantRequest, PolicyVersion
from proxy.workflow.signing import AskToken, Signer
from tests.fuzz.target import must, pieces, target

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
SIGNER: Final = Signer(b"k" * 32)
ASKED: Final = AskToken("SLC-1", "alice", "chatgpt", "r1", "upload", frozenset({"personal"}), NOW + timedelta(days=1))
TOKEN: Final = SIGNER.token(ASKED)
V2: Final = SIGNATURE + b"\x21\x11\x00\x0c\x0a\x00\x00\x01\x7f\x00\x00\x01\x1f\x90\x00\x50"


@target(
    "balancer",
    "the head of the PROXY protocol is read the same however it is cut, or refused; an address is one",
    lambda: [b"PROXY TCP4 10.0.0.1 127.0.0.1 8080 80\r\nGET", b"PROXY UNKNOWN\r\n", V2 + b"GET"],
    (SIGNATURE, b"PROXY ", b"TCP6 ", b"::1 ", b"\r\n", b"\x20\x00\x08\x01\x00\x00\x00\x00\x22\x00\x00"),
)
def balancer(data: bytes) -> None:
    def told(of: bytes) -> tuple[Told, int] | str | None:
        try:
            return read_head(of)
        except NoHead:
            return "none"

    whole = told(data)
    for end in sorted({0, 1, 5, 12, 16, len(data) // 2, len(data)}):
        part = told(data[:end])
        must(part is None or part == whole, "a piece says the same, or waits for the rest")
    if isinstance(whole, tuple):
        must(whole[1] <= len(data), "a head ends where it ends")
        if whole[0].address:
            ip_address(whole[0].address)


@target(
    "who-says-who",
    "names, addresses and claims in header fields are read, or nothing is believed",
    lambda: ["张伟\nsales, 研发".encode(), b"alice\n10.0.0.1", b"::ffff:1.2.3.4%eth0\nzh-CN,zh;q=0.9", TOKEN.encode()],
    (b"\n", b",", b";q=0.", b"\xe2\x80\xae", b"eyJ", b".", base64.urlsafe_b64encode(b'{"org":"acme"}')),
)
def who_says_who(data: bytes) -> None:
    first, _, second = data.decode("utf-8", "surrogateescape").partition("\n")
    source = HeaderSource("x-user", (), "x-groups")
    user, groups = read_identity_headers((("x-user", first), ("x-groups", second)), source)
    for name in (user, *groups):
        must(name == clean_name(name), "a name is clean")
    must(user or not groups, "nobody has no groups")
    must(
        read_identity_headers((("x-user", first), ("x-user", first)), source) == ("", frozenset()),
        "two are not believed",
    )
    for text in (first, second):
        read_address(text)
        must(all(0 <= weight <= 1 for weight in read_ranges(text).values()), "a weight is one")
        must(isinstance(read_claims(text.encode("ascii", "ignore").decode()), dict), "claims are an object")


@target(
    "our-own-marks",
    "what is signed is believed as it was made, and nothing else",
    lambda: [TOKEN.encode(), SIGNER.canary("a" * 16).encode(), (TOKEN + "=").encode(), TOKEN[:-1].encode()],
    (b".", b"=", TOKEN.encode()[:40], TOKEN.encode()[-40:]),
)
def our_own_marks(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with suppress(Declined):
        must(SIGNER.read_token(text, NOW) == ASKED and text == TOKEN, "only ours, as it was made")
    mark = SIGNER.read_canary(text)
    must(not mark or SIGNER.canary(mark) == text, "only ours, as it was made")


def unread(_token: bytes) -> bytes:
    raise RuntimeError("no ticket")


LOGIN: Final = Login(None, lambda: SimpleNamespace(step=unread, complete=False))
CLIENT: Final[connection.Client] = tflow.tclient_conn()


@target(
    "proxy-login",
    "what a client sends to log in proves nobody, and raises nothing",
    lambda: [b"Basic " + base64.b64encode(b"alice:secret"), b"Negotiate " + base64.b64encode(b"`\x82"), b"Basic", b""],
    (b"Basic ", b"Negotiate ", b"NTLM ", b"=", b"YII"),
)
def proxy_login(data: bytes) -> None:
    name, _ = asyncio.run(LOGIN.read(CLIENT, data.decode("latin-1")))
    must(name == "", "nobody")
    LOGIN.exchanges.clear()


def answers() -> Iterator[bytes]:
    """Yield what a model server may say."""
    tensor = {"name": "logits", "datatype": "FP32", "shape": [1, 2, 3], "data": [0.5] * 6}
    yield b"0\n" + json.dumps({"outputs": [tensor]}).encode()
    packed = json.dumps(
        {"outputs": [{**tensor, "data": None, "parameters": {"binary_data_size": 24}}]}, separators=(",", ":")
    ).encode()
    yield str(len(packed)).encode() + b"\n" + packed + bytes(24)
    yield b'x\n{"extensions":["binary_tensor_data"],"inputs":[{"name":"a","datatype":"INT64"}],"outputs":[]}'
    yield b'\n{"outputs":[{"name":"logits","shape":["-1","2","3"]}]}'


@target(
    "model-server",
    "what a server of models answers is numbers of the shape that was asked for, or unreadable",
    answers,
    (b'"shape":[', b'"data":[[', b"1e999", b"NaN", b'"FP16"', b'"parameters":{', b"null", b"-1"),
)
def model_server(data: bytes) -> None:
    length, _, body = data.partition(b"\n")
    for headers in ({}, {LENGTH: length.decode("latin-1")}):
        with suppress(Unreadable):
            must(read(headers, body, "logits", 1, 2).shape[:2] == (1, 2), "the shape that was asked for")
    for each in (read_server, read_model):
        with suppress(Unreadable):
            each(body)


RELEASE: Final = Release(3, PolicyVersion("3@9f", "9f", "policy: x", NOW, "chen"), ("2@aa",), "tag")
STANDING: Final = Standing("n1", NOW, 3, "3@9f", ("p.yaml:3",), 3)


GRANT: Final = GrantRecord(Grant("G-1", "alice", "", "chatgpt", "r1", "bob", "quotes", NOW + timedelta(days=1)), NOW)
WISH: Final = GrantRequest(
    id="R-1",
    reference="SLC-1",
    user="alice",
    service="chatgpt",
    rule="r1",
    activity="upload",
    purpose="quotes",
    at=NOW,
    classes=frozenset({"personal"}),
    duration=timedelta(days=1),
    deadline=NOW + timedelta(hours=2),
)
STEP: Final = Event("grant_given", NOW, {"grant": "G-1"})
KEPT: Final[tuple[Any, ...]] = (RELEASE, STANDING, GRANT, WISH, STEP)


@target(
    "what-nodes-say",
    "releases, standings, grants, requests and steps are read as they were written, or are not whole",
    lambda: [json.dumps(one.fields()).encode() for one in KEPT],
    (
        b'"duration":',
        b'"until":',
        b'"uses":',
        b'"approvals":[["',
        b'"number":',
        b"1e400",
        b'"rejected":[',
        b'"version":{',
        b'"at":"',
        b"null",
        b"[]",
    ),
)
def what_nodes_say(data: bytes) -> None:
    try:
        told: Any = json.loads(data)
    except (ValueError, RecursionError):
        return
    for kind in map(type, KEPT):
        with suppress(ValueError):
            made = kind.from_fields(told)
            must(kind.from_fields(made.fields()) == made, "what is written is read again")


@target(
    "records-of-workers",
    "what a worker hands in for the log is a record, or garbled",
    lambda: [b'{"event":"worker","time":"2026-11-20T00:00:00Z"}', b"[]", b"{}"],
    (b'"event":', b"null", b"{", b"\xff"),
)
def records_of_workers(data: bytes) -> None:
    with suppress(Garbled):
        must(isinstance(record_in(data)["event"], str), "a record says what happened")


@target(
    "client-goes",
    "that a client goes away is seen in its bytes wherever they are cut",
    lambda: [b"\x81\x85abcdhello\x88\x82\0\0\0\0\x03\xe9", b"\x88\x80abcd", b"\x82\xfe\x01\x00abcd" + bytes(256)],
    (b"\x88\x82", b"\x88\x80", b"\x81\xff", b"\x81\xfe", b"\x03\xe9", bytes(8)),
)
def client_goes(data: bytes) -> None:
    whole, parts = Lookout(), Lookout()
    whole.feed(data)
    for chunk in pieces(data):
        parts.feed(chunk)
    must(whole.leaving == parts.leaving, "cuts make no difference")


@target(
    "ends-of-texts",
    "the end of a text is short, and where texts are joined each loses what stands in it",
    lambda: [b"card 45395787\n63621486", "身份证 110105\n19491231\n002X".encode(), b"4\n5\n3\n9", b"a@\nb.c"],
    (b"\n", b"45395787", b"@", "号码 ".encode()),
)
def ends_of_texts(data: bytes) -> None:
    texts = data.decode("utf-8", "surrogateescape").split("\n")
    for text in texts:
        must(len(tail_of(text, text).sent) <= LONGEST_END, "an end is short")
        may_be_piece(text)
    joined_up = "".join(run_together(texts))
    must(len(joined_up) <= len("".join(texts)), "nothing is added")
    for joined in seams(texts, [1] * len(texts)):
        for core in joined.pieces.cores:
            for place in core.places:
                must(0 <= place.start < place.end <= len(texts[place.text]), "a share stands in its text")


@target(
    "holidays",
    "a file of holidays is read, or told as wrong",
    lambda: [b"off: [2026-10-01..2026-10-07]\nwork: [2026-10-10]\n", b"off: []", b"work: 2026"],
    (b"off:", b"work:", b"..", b"2026-02-30", b"9999-12-31"),
)
def holidays(data: bytes) -> None:
    try:
        read_holidays(data.decode("utf-8", "replace"), "h.yaml")
    except PolicyError as error:
        must(error.render("zh").strip(), "a mistake is told")
