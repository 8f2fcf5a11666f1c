"""The schema of one service: what it takes, and what it says about each mistake."""

import pytest

from policies.decision import Text
from policies.define import CATEGORIES
from proxy.errors import SettingsError
from proxy.services.service import read_service

GOOD = {
    "id": "acme-chat",
    "name": {"en": "Acme Chat", "zh": "艾克美聊天"},
    "vendor": "Acme",
    "country": "NO",
    "category": "chat",
    "hosts": {"exact": ["chat.acme.example"], "suffix": ["acme.example"], "regex": [r"^acme-\d\.example$"]},
    "paths": ["*.shared.example/ai/"],
    "upload_hosts": ["store.example"],
    "wire": "openai",
    "notes": "Relay.",
}


def test_every_key_of_the_schema_reaches_the_service():
    service = read_service(GOOD, "chat.yaml")
    assert service.id == "acme-chat"
    assert service.name == Text(en="Acme Chat", zh="艾克美聊天")
    assert (service.vendor, service.country, service.category) == ("Acme", "NO", "chat")
    assert service.hosts == ("chat.acme.example", "acme.example")
    assert service.regex == (r"^acme-\d\.example$",)
    assert service.paths == ("*.shared.example/ai/",)
    assert service.upload_hosts == ("store.example",)
    assert (service.wire, service.notes) == ("openai", "Relay.")


@pytest.mark.parametrize("wire", [None, "null"], ids=["typed", "as text"])
def test_a_service_without_wire_format_has_none(wire):
    assert read_service(GOOD | {"wire": wire}, "x").wire is None


def test_a_service_may_have_a_chinese_name_only():
    assert read_service(GOOD | {"name": {"zh": "内部助手"}}, "x").name.in_language("en") == "内部助手"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "xn--fiq228c.example", "_srv.acme.example"])
def test_an_exact_host_may_be_an_address_or_any_name(host):
    assert read_service(GOOD | {"hosts": {"exact": [host]}}, "x").exact == (host,)


MISTAKES = {
    "not a mapping": ([], "chat.yaml: write a mapping"),
    "no id": ({"id": None}, "chat.yaml: a service needs an `id`"),
    "id in capitals": ({"id": "Acme"}, "chat.yaml: a service needs an `id`"),
    "id in Chinese": ({"id": "艾克美"}, "chat.yaml: a service needs an `id`"),
    "misspelt key": ({"host": {}}, "chat.yaml: service `acme-chat`: unknown key `host`; known are category"),
    "misspelt host key": ({"hosts": {"sufix": []}}, "`hosts`: unknown key `sufix`; known are exact, regex, suffix"),
    "no name": ({"name": {}}, "`name` needs `en`, `zh` or both"),
    "name in a third language": ({"name": {"fr": "Acmé"}}, "`name`: unknown key `fr`"),
    "blank name": ({"name": {"zh": " "}}, "`zh` must be a text"),
    "vendor is a number": ({"vendor": 302}, "`vendor` must be a text; put it in quotes"),
    "Norway unquoted": ({"country": False}, '`country` must be two capital letters in quotes, as "CN" or "NO"'),
    "country in full": ({"country": "China"}, "`country` must be two capital letters"),
    "unknown category": ({"category": "chats"}, "`category` must be one of chat, api"),
    "category a list": ({"category": ["chat"]}, "`category` must be one of chat, api"),
    "wire with spaces": ({"wire": "Open AI"}, "`wire` must be null or the id"),
    "hosts a list": ({"hosts": ["acme.example"]}, "`hosts`: write a mapping"),
    "one host without list": ({"hosts": {"exact": "acme.example"}}, "`exact` must be a list of texts"),
    "host a number": ({"hosts": {"exact": [1.5]}}, "`exact` must be a list of texts"),
    "host with scheme": ({"hosts": {"exact": ["https://acme.example"]}}, "`https://acme.example` is no host name"),
    "host with port": ({"hosts": {"exact": ["acme.example:443"]}}, "`acme.example:443` is no host name"),
    "host with star": ({"hosts": {"suffix": ["*.acme.example"]}}, "`*.acme.example` is no host name"),
    "host in capitals": ({"hosts": {"exact": ["Acme.example"]}}, "`Acme.example` is no host name"),
    "host not in Punycode": ({"hosts": {"exact": ["中文.example"]}}, "`中文.example` is no host name"),
    "final dot": ({"hosts": {"exact": ["acme.example."]}}, "`acme.example.` is no host name"),
    "whole top-level domain": ({"hosts": {"suffix": ["com"]}}, "the suffix `com` would take a whole top-level domain"),
    "scope over a whole host": ({"paths": ["acme.example/"]}, "the path `acme.example/` covers a whole host"),
    "scope without slash": ({"paths": ["acme.example"]}, "the path `acme.example` covers a whole host"),
    "scope with scheme": ({"paths": ["https://acme.example/ai"]}, "`https:` is no host name"),
    "nothing to match": ({"hosts": {}, "paths": []}, "give it at least one host or path"),
    "empty notes": ({"notes": ""}, "`notes` must be a text"),
}


@pytest.mark.parametrize(("change", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_refused_with_file_service_and_remedy(change, message):
    data = GOOD | change if isinstance(change, dict) else change
    with pytest.raises(SettingsError) as caught:
        read_service(data, "chat.yaml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("chat.yaml: ")


def test_the_ten_categories_are_those_that_policies_know():
    assert len(CATEGORIES) == len(set(CATEGORIES)) == 10
