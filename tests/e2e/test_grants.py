"""Authorized use: closed without a grant, open with one, closed again when it ends."""

import pytest

from tests.e2e.street import Street, again, command, completion, content_of, grant, load_planted, open_street

MISTRAL = "https://api.mistral.ai/v1/chat/completions"
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory):
    """A street of its own: its state holds no grant."""
    with open_street(tmp_path_factory.mktemp("fresh")) as street:
        yield street


def test_a_grant_opens_the_service_until_it_is_taken_back(fresh: Street) -> None:
    refused = fresh.post(MISTRAL, json=completion(IDENTITY.text))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "authorization_required")
    assert (fresh.last_record()["verdict"], fresh.external.requests) == ("authorized", [])

    grant(fresh)
    allowed = fresh.post(MISTRAL, json=completion(IDENTITY.text))
    assert content_of(allowed).endswith(IDENTITY.text)
    assert b"[CN_ID_CARD_" in fresh.external.requests[0].body
    fresh.expect_no_leak()

    revoke(fresh, fresh.last_record()["grant"])
    again = fresh.post(MISTRAL, json=completion(IDENTITY.text))
    assert again.json()["error"]["code"] == "authorization_required"
    assert len(fresh.external.requests) == 1


def revoke(street: Street, id: str) -> None:
    """Take a grant back through the command line."""
    done = command(street, "grants", "revoke", id)
    assert done.returncode == 0, done.stderr.decode()


def test_state_survives_a_restart_of_the_proxy(fresh: Street) -> None:
    """Grants, keys, authority and the audit chain are found again where they were left."""
    grant(fresh)
    fresh.reset()
    fresh.post(MISTRAL, json=completion(IDENTITY.text))
    authority = fresh.proxy.ca.read_bytes()
    assert fresh.proxy.stop() == 0
    lines = len(fresh.records())
    fresh.proxy = again(fresh)
    answer = fresh.post(MISTRAL, json=completion(IDENTITY.text))
    assert answer.status_code == 200
    assert authority == fresh.proxy.ca.read_bytes()
    before, after = fresh.external.requests
    assert before.json()["messages"] == after.json()["messages"]
    assert len(fresh.records()) > lines
