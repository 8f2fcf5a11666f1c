"""The catalogue: each host and path finds its service, and no other."""

from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.define import CATEGORIES
from proxy.errors import SettingsError
from proxy.services.catalogue import SHIPPED, canonical_host, domains, load_catalogue, read_catalogue
from tests.rows import each

CATALOGUE = load_catalogue()

HOSTS = {
    "suffix itself": ("chatgpt.com", "openai-chatgpt"),
    "below a suffix": ("ab.chatgpt.com", "openai-chatgpt"),
    "two below a suffix": ("a.b.claude.ai", "anthropic-claude"),
    "ends alike, other domain": ("notchatgpt.com", None),
    "suffix in the middle": ("chatgpt.com.evil.example", None),
    "exact beats suffix": ("chat.openai.com", "openai-chatgpt"),
    "exact of the API beats the apex": ("api.openai.com", "openai-api"),
    "apex": ("help.openai.com", "openai-site"),
    "longer suffix beats shorter": ("x.gateway.ai.cloudflare.com", "cloudflare-ai"),
    "pattern": ("ark.cn-beijing-2.volces.com", "volcengine-ark"),
    "exact before pattern": ("ark.cn-beijing.volces.com", "volcengine-ark"),
    "pattern must match the whole": ("x.ark.cn-a.volces.com", None),
    "Bedrock region": ("bedrock-runtime.us-east-1.amazonaws.com", "aws-bedrock"),
    "Bedrock in China": ("bedrock-runtime.cn-north-1.amazonaws.com.cn", "aws-bedrock"),
    "other AWS": ("s3.us-east-1.amazonaws.com", None),
    "Vertex region": ("europe-west4-aiplatform.googleapis.com", "google-vertex-ai"),
    "capitals": ("ChatGPT.COM", "openai-chatgpt"),
    "final dot": ("chatgpt.com.", "openai-chatgpt"),
    "full-width letters": ("ｃｈａｔｇｐｔ。ｃｏｍ", "openai-chatgpt"),
    "host of path scopes only": ("x.com", None),
    "shared object store": ("bj.bcebos.com", None),
    "shared host of Google": ("www.google.com", None),
    "unlisted": ("example.org", None),
    "top-level domain": ("com", None),
    "empty": ("", None),
    "IPv4 address": ("192.0.2.1", None),
    "IPv6 address": ("2001:db8::1", None),
    "overlong label": ("好" * 80 + ".com", None),
}


@pytest.mark.parametrize(("host", "wanted"), HOSTS.values(), ids=HOSTS.keys())
def test_a_host_finds_its_service(host, wanted):
    service = CATALOGUE.by_host(host)
    assert wanted == (service.id if service else None)


PATHS = {
    "path scope beats the bare host": ("huggingface.co", "/chat/conversation/1", "huggingchat"),
    "the rest of that host": ("huggingface.co", "/bert-base", "huggingface"),
    "scope on a host of other uses": ("x.com", "/i/grok", "xai-grok"),
    "the rest of it": ("x.com", "/someone/status/1", None),
    "scope by field": ("www.google.com", "/search?q=a&udm=50", "google-ai-mode"),
    "ordinary search": ("www.google.com", "/search?q=a", None),
    "star in the path": ("api.cloudflare.com", "/client/v4/accounts/7f/ai/run/m", "cloudflare-ai"),
    "other API of that host": ("api.cloudflare.com", "/client/v4/zones", None),
    "star before the host": ("acme.cloud.databricks.com", "/serving-endpoints/m/invocations", "databricks-ai"),
    "the domain itself is no subdomain": ("cloud.databricks.com", "/serving-endpoints/m", None),
    "other work there": ("acme.cloud.databricks.com", "/sql/1", None),
    "OpenAI below Azure Cognitive Services": (
        "acme.cognitiveservices.azure.com",
        "/openai/deployments/g/chat/completions",
        "ms-azure-openai",
    ),
    "other Cognitive Services": ("acme.cognitiveservices.azure.com", "/vision/v3.2/ocr", None),
    "Copilot on GitHub": ("github.com", "/copilot/c/1", "github-copilot"),
    "a user whose name begins alike": ("github.com", "/copilot-fan/repo", None),
    "Copilot token": ("api.github.com", "/copilot_internal/v2/token", "github-copilot"),
    "spelt to slip past": ("X.com.", "//i/%67rok", "xai-grok"),
    "any path of a listed host": ("api.anthropic.com", "/whatever", "anthropic-api"),
}


@pytest.mark.parametrize(("host", "path", "wanted"), PATHS.values(), ids=PATHS.keys())
def test_a_host_with_a_path_finds_its_service(host, path, wanted):
    service = CATALOGUE.lookup(host, path)
    assert wanted == (service.id if service else None)


INTERCEPTED = {
    "listed host": ("chatgpt.com", True),
    "pattern": ("ark.cn-x.volces.com", True),
    "path-scoped host": ("www.google.com", True),
    "wildly path-scoped host": ("acme.snowflakecomputing.com", True),
    "its domain": ("snowflakecomputing.com", False),
    "other subdomain of a path-scoped host": ("mail.google.com", False),
    "shared upload host": ("bj.bcebos.com", False),
    "unlisted": ("bank.example", False),
}


@pytest.mark.parametrize(("host", "wanted"), INTERCEPTED.values(), ids=INTERCEPTED.keys())
def test_only_hosts_that_a_service_has_or_shares_are_intercepted(host, wanted):
    assert CATALOGUE.intercepts(host) is wanted


def test_the_catalogue_has_491_services_114_of_them_chinese():
    assert len(CATALOGUE.services) == 491
    assert sum(service.country == "CN" for service in CATALOGUE.services.values()) == 114


def test_each_file_holds_the_category_it_is_named_after():
    counted: Counter[str] = Counter()
    for file in SHIPPED.iterdir():
        if file.name.endswith(".yaml"):
            entries = yaml.safe_load(file.read_text("utf-8"))["services"]
            assert {file.name.removesuffix(".yaml")} == {entry["category"] for entry in entries}
            counted[file.name.removesuffix(".yaml")] = len(entries)
            assert [entry["id"] for entry in entries] == sorted(entry["id"] for entry in entries)
    assert set(CATEGORIES) == set(counted)
    assert sum(counted.values()) == 491


@each("service", CATALOGUE.services.values(), ids=lambda service: service.id)
def test_every_service_is_found_by_each_of_its_own_hosts(service):
    for host in service.exact:
        assert CATALOGUE.by_host(host) is service
    for host in service.suffix:
        for name in (host, f"deep.er-7.{host}"):
            found = CATALOGUE.by_host(name)
            specific = found is not None and any(
                name == other or other.endswith("." + host) for other in found.exact + found.suffix
            )
            assert found is service or specific, f"{name} goes to {found}"
    for scope in service.paths:
        host, _, prefix = scope.partition("/")
        assert CATALOGUE.lookup(host.replace("*", "tenant"), "/" + prefix.replace("*", "seg")) is service
    assert all(CATALOGUE.intercepts(host) for host in service.hosts)


OWN = {
    "id": "acme-llm",
    "name": {"en": "Acme LLM", "zh": "艾克美大模型"},
    "vendor": "Acme",
    "country": "CN",
    "category": "chat",
    "hosts": {"exact": ["127.0.0.1"], "suffix": ["acme.example"], "regex": [r"llm-\d+\.example\.net"]},
    "paths": ["portal.example/ai/"],
    "wire": "openai",
}


def test_a_company_adds_its_own_service():
    own = CATALOGUE.with_extra([OWN])
    for host in ("127.0.0.1", "a.acme.example", "llm-7.example.net"):
        assert own.by_host(host) is own.services["acme-llm"]
    assert own.lookup("portal.example", "/ai/x") is own.services["acme-llm"]
    assert len(own.services) == 492
    assert CATALOGUE.by_host("127.0.0.1") is None


def test_an_own_service_replaces_the_shipped_one_of_its_id():
    own = CATALOGUE.with_extra([OWN | {"id": "openai-chatgpt"}])
    assert own.by_host("chatgpt.com") is None
    assert own.services["openai-chatgpt"].vendor == "Acme"
    assert len(own.services) == 491


def test_an_own_service_takes_a_host_from_a_shipped_one():
    own = CATALOGUE.with_extra(
        [OWN | {"hosts": {"suffix": ["chatgpt.com"], "regex": [r"^ark\.[a-z0-9-]+\.volces\.com$"]}}]
    )
    assert own.by_host("www.chatgpt.com") is own.services["acme-llm"]
    assert own.by_host("ark.cn-new.volces.com") is own.services["acme-llm"]
    assert own.by_host("chat.openai.com") is own.services["openai-chatgpt"]


EXTRA_MISTAKES = {
    "same id": ([OWN, OWN], "settings: services: service `acme-llm` is there twice"),
    "same host": (
        [OWN, OWN | {"id": "acme-two"}],
        "services `acme-llm` and `acme-two` both claim exact host 127.0.0.1",
    ),
    "bad pattern": ([OWN | {"hosts": {"regex": ["("]}}], "service `acme-llm`: cannot read the pattern `(`"),
    "not linear": ([OWN | {"hosts": {"regex": [r"(a)\1"]}}], "cannot read the pattern"),
}


@pytest.mark.parametrize(("entries", "message"), EXTRA_MISTAKES.values(), ids=EXTRA_MISTAKES.keys())
def test_conflicting_own_services_are_refused(entries, message):
    with pytest.raises(SettingsError) as caught:
        CATALOGUE.with_extra(entries)
    assert message in str(caught.value)


FILES = {
    "broken YAML": ({"a.yaml": "services: ["}, "a.yaml: this is no YAML"),
    "no list": ({"a.yaml": "services: {}"}, "a.yaml: the file must hold one key, `services`"),
    "other key": ({"a.yaml": "services: []\nextra: 1"}, "a.yaml: the file must hold one key, `services`"),
    "empty": ({"a.yaml": ""}, "a.yaml: write a mapping"),
    "Norway unquoted": (
        {"a.yaml": "services: [{id: x, name: {en: X}, vendor: X, country: NO, category: chat, hosts: {exact: [x]}}]"},
        "a.yaml: service `x`: `country` must be two capital letters in quotes",
    ),
    "in two files": (
        dict.fromkeys(
            ("a.yaml", "b.yaml"),
            'services: [{id: x, name: {en: X}, vendor: X, country: "NO", category: chat, hosts: {exact: [x.no]}}]',
        ),
        "b.yaml: service `x` stands in two files",
    ),
}


@pytest.mark.parametrize(("texts", "message"), FILES.values(), ids=FILES.keys())
def test_a_broken_file_is_named(tmp_path: Path, texts, message):
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "README.md").write_text("not a service")
    with pytest.raises(SettingsError) as caught:
        read_catalogue(tmp_path)
    assert message in str(caught.value)


@given(st.text())
def test_any_host_can_be_looked_up(host):
    CATALOGUE.lookup(host, "/" + host)
    assert CATALOGUE.intercepts(host) in {True, False}
    assert canonical_host(canonical_host(host)) == canonical_host(host)


def test_the_domains_of_a_host_are_walked_from_the_longest():
    assert list(domains("a.b.c")) == ["a.b.c", "b.c", "c"]
