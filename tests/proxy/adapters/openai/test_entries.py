"""Which requests speak which format of the family, on any host, and which only look like it."""

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from tests.rows import each

JSON = (("content-type", "application/json"),)
FORM = (("content-type", "multipart/form-data; boundary=x"),)

SPEAKS = {
    "openai-chat": [
        "/v1/chat/completions",
        "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "/models/chat/completions",
        "/v1/agents/completions",
        "/api/v3/bots/chat/completions",
    ],
    "openai-chat-later": ["/async/chat/completions", "/api/paas/v4/async/chat/completions"],
    "openai-completions": [
        "/v1/completions",
        "/v1/fim/completions",
        "/beta/completions",
        "/v1/engines/copilot-codex/completions",
        "/openai/deployments/x/completions",
        "/inference/v1/completions/",
    ],
    "openai-responses": [
        "/v1/responses",
        "/responses",
        "/openai/v1/responses?api-version=preview",
        "/openai/responses",
        "/backend-api/codex/responses",
        "/api/v3/responses",
    ],
    "openai-items": [
        "/v1/responses/compact",
        "/responses/input_tokens",
        "/v1/conversations",
        "/v1/conversations/conv_1",
        "/v1/conversations/conv_1/items",
        "/v1/conversations/conv_1/restart",
    ],
    "openai-embeddings": ["/v1/embeddings", "/embeddings", "/openai/deployments/e/embeddings"],
    "openai-media": [
        "/v1/images/generations",
        "/v1/image/generations",
        "/v1/audio/speech",
        "/v1/moderations",
        "/v1/videos",
        "/v1/videos/video_1/remix",
    ],
    "rerank": ["/v1/rerank", "/rerank"],
    "openai-assistants": [
        "/v1/assistants",
        "/v1/assistants/asst_1",
        "/v1/threads",
        "/v1/threads/runs",
        "/v1/threads/thread_1/messages",
        "/v1/threads/thread_1/runs/run_1/submit_tool_outputs",
        "/openai/threads/thread_1/runs?api-version=2024-05-01-preview",
    ],
    "fallback": [
        "/v1/batches",
        "/v1/fine_tuning/jobs",
        "/v1/vector_stores/vs_1/search",
        "/v1/evals",
        "/v1/ocr",
        "/v1/completions/extra",
        "/v1/xresponses",
        "/v1/xchat/completions",
        "/api/conversations",
        "/api/chat/threads/x",
        "/v1/conversations/c/name",
        "/x?y=/v1/responses",
    ],
}
PATHS = [(path, adapter) for adapter, paths in SPEAKS.items() for path in paths]


@each(("path", "adapter"), PATHS, ids=[path for path, _ in PATHS])
def test_a_path_names_its_format_on_any_host(path: str, adapter: str):
    assert choose(Asked("POST", path, JSON)).id == adapter


@pytest.mark.parametrize("path", ["/v1/images/edits", "/v1/audio/transcriptions", "/v1/files", "/v1/responses"])
def test_forms_with_files_are_the_fallbacks(path: str):
    assert choose(Asked("POST", path, FORM)).id == "fallback"


THREAD = "/github/chat/threads/4e5b591e/messages"


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "text/plain", ""])
def test_a_thread_on_github_is_copilots_alone(kind: str):
    headers = (("content-type", kind),)
    assert choose(Asked("POST", THREAD, headers, "github-copilot")).id == "github-chat"
    assert choose(Asked("POST", THREAD, headers)).id == "fallback"


@pytest.mark.parametrize("path", ["/v1/files/file-1/content", "/openai/files/file-1/content?api-version=1"])
def test_the_content_of_a_file_is_asked_for_by_get(path: str):
    assert choose(Asked("GET", path)).id == "file-content"
    assert choose(Asked("POST", path, JSON)).id == "fallback"


def test_a_thread_may_be_kept_here_so_that_its_reading_is_no_fallbacks():
    assert choose(Asked("GET", "/v1/threads/thread_1/messages")).id == "openai-assistants"


@pytest.mark.parametrize("path", ["/v1/responses/resp_1", "/v1/files"])
def test_what_is_only_read_is_the_fallbacks(path: str):
    assert choose(Asked("GET", path)).id == "fallback"
