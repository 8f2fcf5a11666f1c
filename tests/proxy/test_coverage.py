"""What is said to be covered is what the register can do."""

import ast
from pathlib import Path

import pytest

from proxy.adapters.choose import ADAPTERS
from proxy.adapters.known import WITHOUT_FORMAT
from proxy.coverage import PROVED, covered, how_restored, served
from proxy.services.catalogue import load_catalogue

ROWS = {one.id: one for one in covered()}


@pytest.mark.parametrize(
    ("adapter", "restores", "redirects", "turns", "in_place"),
    [
        ("openai-chat", "yes", True, "client", False),
        ("anthropic-messages", "yes", True, "client", False),
        ("chatgpt-web", "yes", True, "kept, shown on reload", True),
        ("kimi-web", "yes", True, "kept, shown on reload", True),
        ("chatglm-web", "yes", True, "kept", True),
        ("chatgpt-web-beside", "yes", False, "", False),
        ("fallback", "partly", False, "", False),
        ("anthropic-batches", "yes", False, "", False),
    ],
)
def test_a_row_says_what_the_adapter_can_do(
    adapter: str, restores: str, redirects: bool, turns: str, in_place: bool
) -> None:
    one = ROWS[adapter]
    assert (one.redacts, how_restored(one), one.redirects, one.turns, one.in_place) == (
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
    assert one.restores == ("partly" if by == "fallback" else "yes"), (
        "what reads its answers may not be what reads its turns"
    )


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


E2E = Path(__file__).parents[1] / "e2e"
SDKS = "test_a_planted_value_leaves_as_a_placeholder_and_comes_back_as_itself"
VECTORS = "test_what_is_made_into_vectors_leaves_with_placeholders"
ONCE = "test_what_is_asked_is_restored_answered_inside_or_refused"
BATCH = "test_a_batch_of_messages_is_redacted_and_its_results_are_restored"
LINE_BY_LINE = "test_a_batch_is_redacted_line_by_line_and_its_results_are_restored"
BY_LIBRARY = {
    "openai-realtime": ("websocket_clients", "test_realtime_with_openais_own_library"),
    "openai-responses-socket": ("websocket_clients", "test_responses_over_a_websocket_with_openais_own_library"),
    "spark-socket": ("websocket_clients", "test_spark_with_iflyteks_own_library"),
    "dashscope-tasks": ("websocket_clients", "test_speech_with_dashscopes_own_library"),
    "gemini-live": ("websocket_clients", "test_gemini_live_with_googles_own_library"),
    "bedrock-converse": ("clients", SDKS),
    "bedrock-invoke": ("clients", SDKS),
    "gemini": ("clients", SDKS),
    "gemini-interactions": ("clients", SDKS),
    "cohere-chat": ("clients", SDKS),
    "dashscope": ("clients", SDKS),
    "ollama": ("clients", SDKS),
    "gemini-calls": ("vendors_sdk", VECTORS),
    "cohere-calls": ("vendors_sdk", VECTORS),
    "dashscope-calls": ("vendors_sdk", VECTORS),
    "ollama-embed": ("vendors_sdk", VECTORS),
    "vertex-claude": ("vendors_more", ONCE),
    "cohere-v1": ("vendors_more", ONCE),
    "huggingface": ("vendors_more", ONCE),
    "hunyuan": ("vendors_tencent", "test_a_signed_request_with_nothing_to_take_out_arrives_as_it_was_signed"),
    "anthropic-batches": ("vendors_more", BATCH),
    "anthropic-content": ("vendors_more", BATCH),
    "anthropic-any": ("vendors_more", BATCH),
    "anthropic-messages": ("anthropic_sdk", SDKS),
    "openai-chat": ("openai_sdk", SDKS),
    "openai-responses": ("openai_family", SDKS),
    "openai-completions": ("openai_family", "test_completions_are_redacted_and_restored"),
    "openai-embeddings": ("openai_family", "test_what_is_to_become_vectors_is_redacted"),
    "openai-media": ("openai_family", "test_what_a_picture_is_to_show_is_redacted_and_told_again_restored"),
    "openai-assistants": ("openai_family", "test_a_run_of_an_assistant_is_redacted_and_restored_as_it_streams"),
    "file-content": ("openai_family", LINE_BY_LINE),
}
"""By the adapter's id, the end-to-end test in which an official client library talks to it through the real proxy."""


def test_each_adapter_that_is_said_to_be_proved_by_a_client_library_names_the_test_that_does_it() -> None:
    assert {one.id for one in ROWS.values() if one.proved == "sdk"} == BY_LIBRARY.keys()
    for file, name in set(BY_LIBRARY.values()):
        tree = ast.parse((E2E / f"test_{file}.py").read_text("utf-8"))
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, (file, name)
