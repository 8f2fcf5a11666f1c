"""Every canary is a request of its service's own form, or says at once why it cannot be sent."""

from itertools import count
from urllib.parse import unquote

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.examples import examples
from proxy.adapters.interface import Asked
from proxy.canary.judge import FIELD, IDENTITY, Result, Wanted, planted
from proxy.canary.plan import Shot, plan
from proxy.canary.spoken import spoken
from proxy.errors import SettingsError
from proxy.services.catalogue import load_catalogue
from tests.rows import each

CATALOGUE = load_catalogue()
SPOKEN = sorted(id_ for id_, service in CATALOGUE.services.items() if service.wire in examples() and service.hosts)


def planned(**wanted: Wanted) -> list[Shot | Result]:
    marks = (f"{number:024x}" for number in count())
    named = {id_.replace("_", "-"): one for id_, one in wanted.items()}
    return plan(CATALOGUE, named, lambda: next(marks), lambda mark: f"{mark}.signed")


@each("service", SPOKEN)
def test_the_request_goes_to_the_service_with_its_values_and_its_mark(service: str) -> None:
    (shot,) = plan(CATALOGUE, {service: Wanted()}, lambda: "ab" * 12, lambda mark: f"{mark}.signed")
    assert isinstance(shot, Shot)
    assert CATALOGUE.lookup(shot.host, shot.path) == CATALOGUE.services[service]
    assert all(value.encode() in shot.body for value in planted(shot.mark).values())
    assert dict(shot.headers)[FIELD] == f"{shot.mark}.signed"


def test_no_two_canaries_have_one_mark() -> None:
    shots = planned(openai_api=Wanted(), groq=Wanted())
    assert len({shot.mark for shot in shots if isinstance(shot, Shot)}) == 2


KEYS = {
    "openai-api": ("authorization", "Bearer k"),
    "anthropic-api": ("x-api-key", "k"),
    "google-gemini-api": ("x-goog-api-key", "k"),
    "deepl": ("authorization", "DeepL-Auth-Key k"),
}


@pytest.mark.parametrize(("service", "field"), KEYS.items(), ids=KEYS)
def test_a_key_stands_where_the_service_wants_it_and_in_no_repr(service: str, field: tuple[str, str]) -> None:
    (shot,) = plan(CATALOGUE, {service: Wanted(key="k")}, lambda: "ab" * 12, str)
    assert isinstance(shot, Shot)
    assert field in shot.headers
    assert "'k'" not in repr(shot) + repr(Wanted(key="k"))


def test_the_settings_beat_the_catalogue() -> None:
    (shot,) = planned(aws_bedrock=Wanted(host="bedrock-runtime.eu-west-1.amazonaws.com", path="/model/a/converse"))
    assert isinstance(shot, Shot)
    assert (shot.host, shot.path) == ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/a/converse")


CANNOT = {"aws_bedrock": ("not_reached", "no_host")}


@pytest.mark.parametrize(("service", "fate"), CANNOT.items(), ids=CANNOT)
def test_what_cannot_be_sent_is_a_result_that_proves_nothing(service: str, fate: tuple[str, str]) -> None:
    (result,) = planned(**{service: Wanted()})
    assert isinstance(result, Result) and not result.proven
    assert (result.fate, result.code) == fate


def test_where_nobody_knows_the_format_a_request_without_words_asks_whether_policy_forbids_it() -> None:
    (shot,) = planned(lmarena=Wanted())
    assert isinstance(shot, Shot) and shot.knock and shot.body == b"{}"
    assert CATALOGUE.lookup(shot.host, shot.path) == CATALOGUE.services["lmarena"]


def test_an_unknown_service_is_told_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(SettingsError, match=r"no service has the id 'openai-apy'; did you mean openai-api"):
        planned(openai_apy=Wanted())


def test_a_page_takes_no_key() -> None:
    with pytest.raises(SettingsError, match="take no key"):
        planned(openai_chatgpt=Wanted(key="k"))


def test_a_service_that_is_asked_otherwise_is_asked_in_its_address_or_on_a_websocket() -> None:
    for wire, way in spoken().items():
        service = next(one for one in CATALOGUE.services.values() if one.wire == wire)
        (shot,) = plan(CATALOGUE, {service.id: Wanted()}, lambda: "ab" * 12, lambda mark: f"{mark}.signed")
        assert isinstance(shot, Shot) and not shot.knock and shot.method == "GET"
        assert CATALOGUE.lookup(shot.host, shot.path) == service
        said = b"".join(shot.messages).decode() or unquote(shot.path)
        assert all(value in said for value in planted(shot.mark).values()), wire
        upgrade = (("upgrade", "websocket"), ("sec-websocket-version", "13")) if way.says else ()
        adapter = choose(Asked("GET", shot.path, upgrade, wire))
        assert adapter.id not in ("fallback", "websocket")
        for message in shot.messages[-1:]:
            assert any(IDENTITY in part.text for part in adapter.read(message, "").parts)
