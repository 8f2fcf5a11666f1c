"""A permission from the refusal to its end, each step seen by an SDK: asked, approved, used, over, revoked."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from urllib.parse import parse_qs, urlsplit

import httpx
import pyrage
import pytest

from tests.e2e.street import Street, load_planted, open_street, run_here

MISTRAL = {"sdk": "openai", "base_url": "https://api.mistral.ai/v1", "body": {}}
API = "http://sluice.internal/api"
PURPOSE = "SECRET-季度报告翻译"
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")
PEOPLE = {
    "header": {"user": "x-person", "from": "127.0.0.0/8"},
    "networks": [{"cidr": "127.0.0.0/8", "user": "alice"}],
}
"""Everybody sits on one machine, and is alice unless the front says otherwise."""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A street where people are told apart."""
    auditor = [str(pyrage.x25519.Identity.generate().to_public())]  # the policy seals what another rule is about
    with open_street(
        tmp_path_factory.mktemp("grants"), "effects.yaml", identity=PEOPLE, auditor_keys=auditor
    ) as street:
        yield street
        street.expect_no_leak()
        street.expect_silence()


def call(street: Street, person: str, path: str, **body) -> httpx.Response:
    """Call the proxy's own interface in the name of `person`."""
    with street.client() as client:
        return client.post(f"{API}{path}", json=body, headers={"x-sluice": "1", "x-person": person})


def ask(street: Street, text: str = "hello") -> dict:
    return street.employee.ask({**MISTRAL, "prompt": text})


def refused(answer: dict) -> str:
    """Return the message of a refusal for want of an approval."""
    assert (answer["error"]["class"], answer["error"]["code"]) == ("PermissionDeniedError", "authorization_required")
    assert answer["attempts"] == 1
    return str(answer["error"]["message"])


def token_in(message: str) -> str:
    [link] = set(re.findall(r"http://sluice\.internal/ask\S+", message))
    return parse_qs(urlsplit(link).query)["token"][0]


def said(answer: dict) -> str:
    return str(answer["done"]["choices"][0]["message"]["content"])


def test_a_permission_is_asked_for_approved_used_and_revoked(street: Street) -> None:
    street.reset()
    token = token_in(refused(ask(street, IDENTITY.text)))
    assert street.external.requests == []

    assert call(street, "dave", "/requests", token=token, purpose=PURPOSE, duration="7d").status_code == 403
    asked = call(street, "alice", "/requests", token=token, purpose=PURPOSE, duration="7d")
    assert asked.status_code == 201, asked.text
    request = asked.json()["request"]
    assert (request["rule"], request["service"], request["user"]) == ("mistral-needs-approval", "mistral-api", "alice")
    refused(ask(street))

    for person, status in (("alice", 403), ("dave", 403), ("carol", 200)):
        assert call(street, person, f"/requests/{request['id']}/approve").status_code == status, person

    answer = ask(street, IDENTITY.text)
    assert said(answer).endswith("[居民身份证号]") or IDENTITY.text in said(answer)
    assert IDENTITY.value.encode() not in street.external.everything()
    grant = street.last_record()["grant"]
    assert grant and street.last_record()["verdict"] == "authorized"

    assert call(street, "alice", f"/grants/{grant}/revoke").status_code == 200
    refused(ask(street))
    assert len(street.external.requests) == 1
    expect_every_step_in_the_log(street, "alice")


def expect_every_step_in_the_log(street: Street, person: str) -> None:
    """Wait until the log tells the whole story of a permission, without a word of its purpose."""
    wanted = ["grant_asked", "grant_approved", "grant_given", "grant_revoked"]
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        steps = [line for line in street.records() if str(line["event"]).startswith("grant_")]
        events = [line["event"] for line in steps if line["holder"] == person and line["request"]]
        if len(events) >= len(wanted):
            break
        time.sleep(0.1)
    assert events == wanted
    assert "SECRET" not in street.proxy.audit.read_text("utf-8") + street.proxy.log.read_text("utf-8")


def added(street: Street, *more: str, until: str) -> CompletedProcess[bytes]:
    """Try to give alice a permission at the command line."""
    scope = ("--person", "alice", "--service", "mistral-api", "--rule", "mistral-needs-approval")
    return run_here(
        *("grants", "add", "--config", str(street.proxy.config), *scope, "--until", until, "--by", "carol"),
        *("--purpose", PURPOSE, *more),
        secrets=street.proxy.secrets,
    )


def add(street: Street, *more: str, until: str) -> str:
    """Give alice a permission at the command line; return its id."""
    done = added(street, *more, until=until)
    assert done.returncode == 0, done.stderr.decode()
    return re.findall(r"G-[0-9A-Z]{6}", done.stdout.decode())[0]


def test_a_permission_ends_by_itself(street: Street) -> None:
    for seconds in (5, 20, 80):  # a busy machine may need most of them to give the permission
        street.reset()
        end = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
        done = added(street, until=end.isoformat())
        answer = ask(street)
        if datetime.now(UTC) < end:
            break
    assert done.returncode == 0, done.stderr.decode()
    assert said(answer).endswith("hello")
    while datetime.now(UTC) < end:
        time.sleep(0.1)
    refused(ask(street))
    assert len(street.external.requests) == 1


def test_a_permission_for_two_uses_serves_two(street: Street) -> None:
    street.reset()
    grant = add(street, "--uses", "2", until="1h")
    assert [said(ask(street)).endswith("hello") for _ in range(2)] == [True, True]
    refused(ask(street))
    assert len(street.external.requests) == 2
    assert [line["grant"] for line in street.request_records()[-3:]] == [grant, grant, ""]
