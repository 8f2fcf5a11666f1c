"""What is said to be covered is what the register can do."""

import pytest

from proxy.adapters.choose import ADAPTERS
from proxy.adapters.known import WITHOUT_FORMAT
from proxy.coverage import PROVED, covered, served
from proxy.services.catalogue import load_catalogue

ROWS = {one.id: one for one in covered()}


@pytest.mark.parametrize(
    ("adapter", "restores", "redirects", "turns", "in_place"),
    [
        ("openai-chat", True, True, "client", False),
        ("anthropic-messages", True, True, "client", False),
        ("chatgpt-web", True, True, "kept, shown on reload", True),
        ("kimi-web", True, True, "kept, shown on reload", True),
        ("chatglm-web", True, True, "kept", True),
        ("chatgpt-web-beside", True, False, "", False),
        ("fallback", True, False, "", False),
    ],
)
def test_a_row_says_what_the_adapter_can_do(
    adapter: str, restores: bool, redirects: bool, turns: str, in_place: bool
) -> None:
    one = ROWS[adapter]
    assert (one.redacts, one.restores, one.redirects, one.turns, one.in_place) == (
        *(True, restores, redirects, turns),
        in_place,
    )


def test_every_adapter_has_a_row_and_says_how_it_was_proved() -> None:
    assert ROWS.keys() == {entry.adapter.id for entry in ADAPTERS} | {"fallback"}
    assert {one.proved for one in ROWS.values()} <= PROVED.keys()
    assert {one.id for one in ROWS.values() if one.proved == "none"} == WITHOUT_FORMAT, "nothing was known to test"


@pytest.mark.parametrize(
    ("service", "by", "others", "path", "files"),
    [
        ("openai-chatgpt", "chatgpt-web", ("chatgpt-web-beside",), False, "in requests, apart"),
        ("openai-api", "openai-chat", (), True, "in requests, apart"),
        ("ms-copilot", "ms-copilot", ("ms-copilot-beside",), False, "in messages"),
        ("poe", "poe-web", ("poe-updates", "poe-web-beside"), False, "in requests, apart"),
        ("iflytek-spark", "spark-web", ("spark-socket", "spark-web-beside"), False, "in requests, apart"),
        ("aws-bedrock", "bedrock-converse", ("bedrock-any",), True, "in requests, apart"),
        ("abacus-chatllm", "fallback", (), False, "in requests, apart"),
        ("google-notebooklm", "gemini-web-beside", (), False, "in requests, apart"),
        ("openai-sora", "fallback", (), False, "in requests, apart"),
        ("aws-sagemaker", "bedrock-any", (), False, "in requests, apart"),
        ("cursor", "fallback", (), False, "in requests, apart"),
    ],
)
def test_a_service_is_covered_by_what_carries_its_turns(
    service: str, by: str, others: tuple[str, ...], path: bool, files: str
) -> None:
    told = {one.service.id: one for one in served(load_catalogue().services, list(ROWS.values()))}
    one = told[service]
    assert (one.by.id, one.others, one.path, one.files) == (by, others, path, files)


SIBLINGS = {
    "amp": "anthropic-api",
    "devin": "windsurf",
    "dola-cici": "doubao",
    "google-antigravity": "google-code-assist",
    "google-vertex-ai": "google-gemini-api",
    "lambda-chat": "huggingchat",
    "ms-azure-openai": "ms-azure-openai-cn",
}
"""Services that speak another's format, as far as is known."""


def test_no_service_is_said_to_speak_the_format_of_another_that_it_does_not() -> None:
    services = load_catalogue().services
    by_wire: dict[str, list[str]] = {}
    for one in services.values():
        by_wire.setdefault(one.wire or "", []).append(one.id)
    shared = {wire: ids for wire, ids in by_wire.items() if len(ids) > 1 and wire not in ("", "openai")}
    assert {wire: [one for one in ids if one not in SIBLINGS] for wire, ids in shared.items()} == {
        wire: [SIBLINGS[one]] for wire, ids in shared.items() for one in ids if one in SIBLINGS
    }
    assert SIBLINGS.keys() == {one for ids in shared.values() for one in ids} - set(SIBLINGS.values())


def test_every_wire_format_that_an_adapter_asks_for_is_in_the_catalogue() -> None:
    known = {service.wire for service in load_catalogue().services.values()}
    lost = {wire for one in ROWS.values() for wire in one.wires} - known
    assert not lost, "no service of the catalogue would ever reach these adapters"
