"""Where an exchange goes, and that no credential goes with it to the wrong house."""

from dataclasses import replace

import pytest

from proxy.errors import InternalModelError
from proxy.route import NEVER_FORWARDED, forward, redirect, with_key
from tests.proxy.house import INTERNAL_KEY, SERVER

HEADERS = (
    ("authorization", "Bearer vendor"),
    ("content-encoding", "gzip"),
    ("content-length", "9"),
    ("content-type", "application/json"),
    ("proxy-authorization", "Basic x"),
    ("x-user", "alice"),
)


@pytest.mark.parametrize(
    ("asked", "served"), [("gpt-4o", "big"), ("gpt-4o-mini", "small"), ("GPT-4o", "rest"), ("", "rest")]
)
def test_the_first_pattern_that_fits_names_the_model(asked: str, served: str) -> None:
    model = replace(SERVER, models={"gpt-4o-m*": "small", "gpt-*": "big", "*": "rest"})
    assert model.model_for(asked) == served


def test_a_model_that_nothing_maps_is_refused_without_being_quoted() -> None:
    with pytest.raises(InternalModelError) as caught:
        replace(SERVER, models={"gpt-*": "big"}).model_for("张三的模型")
    assert "张三" not in str(caught.value)


def test_an_unchanged_body_keeps_its_headers_but_for_what_is_only_for_us() -> None:
    outcome = forward("/p", HEADERS, None, frozenset({"x-user"}), plain_answer=True)
    assert outcome.body is None
    assert outcome.without == NEVER_FORWARDED | {"x-user"}
    assert outcome.replaced == (("accept-encoding", "identity"),)


def test_a_changed_body_loses_what_described_the_old_one() -> None:
    outcome = forward("/p", HEADERS, b"{}", frozenset(), plain_answer=False)
    assert outcome.without == NEVER_FORWARDED | {"content-encoding", "content-length"}
    assert outcome.replaced == ()


def test_a_changed_field_is_set_unless_it_never_leaves() -> None:
    changed = (("x-title", "[PHONE_NUMBER_A]"), ("x-user", "[PERSON_A]"), ("expect", "x"))
    outcome = forward("/p", HEADERS, None, frozenset({"x-user"}), plain_answer=True, changed=changed)
    assert outcome.replaced == (("x-title", "[PHONE_NUMBER_A]"), ("accept-encoding", "identity"))


def test_the_companys_model_gets_headers_made_afresh() -> None:
    outcome = redirect(SERVER, "/chat/completions", "qwen", b"{}")
    assert (outcome.scheme, outcome.host, outcome.port, outcome.path) == (
        *("http", "llm.internal", 8000),
        "/v1/chat/completions",
    )
    assert "authorization" not in dict(outcome.headers)


@pytest.mark.parametrize(
    ("field", "key", "sent"),
    [
        ("authorization", "k", ("authorization", "Bearer k")),
        ("api-key", "k", ("api-key", "k")),
        ("authorization", "", None),
    ],
)
def test_the_key_goes_in_the_field_that_the_server_wants_it_in(field: str, key: str, sent: tuple[str, str]) -> None:
    bare = redirect(replace(SERVER, key_header=field), "/", "qwen", b"")
    assert with_key(bare, key).headers == ((*bare.headers, sent) if sent else bare.headers)


def test_a_server_that_wants_model_and_version_in_its_address_gets_them_there() -> None:
    azure = replace(SERVER, base="/openai/deployments/{model}", query="api-version=2024-10-21")
    outcome = redirect(azure, "/chat/completions", "our gpt/4", b"{}")
    assert outcome.path == "/openai/deployments/our%20gpt%2F4/chat/completions?api-version=2024-10-21"


def test_no_repr_tells_a_key() -> None:
    assert INTERNAL_KEY not in repr(SERVER) + repr(with_key(redirect(SERVER, "/", "m", b"secret"), INTERNAL_KEY))
