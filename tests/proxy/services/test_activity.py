"""What a request does, seen from its headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.services.activity import activity
from proxy.services.catalogue import load_catalogue
from tests.rows import each

SERVICES = load_catalogue().services
JSON = (("content-type", "application/json"), ("content-length", "12"))
FORM = (("content-type", "multipart/form-data; boundary=x"), ("content-length", "900"))
NAVIGATE = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("accept", "text/html"))
SCRIPT_CALL = (("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"), ("accept", "*/*"))

CASES = {
    "chat completion": ("POST", "/v1/chat/completions", JSON, "prompt"),
    "without length, as HTTP/2 may": ("POST", "/v1/messages", (), "prompt"),
    "chunked": ("PUT", "/v1/x", (("transfer-encoding", "chunked"),), "prompt"),
    "empty body": ("POST", "/api/stop", (("content-length", "0"),), "other"),
    "delete": ("DELETE", "/v1/chat/1", (), "other"),
    "delete with a body": ("DELETE", "/v1/chat/1", JSON, "prompt"),
    "get with a body": ("GET", "/v1/chat", JSON, "prompt"),
    "unknown method": ("QUERY", "/v1/search", (), "prompt"),
    "lower-case method": ("post", "/v1/chat/completions", JSON, "prompt"),
    "Connect-RPC": ("POST", "/aiserver.v1/Stream", (("content-type", "application/connect+proto"),), "prompt"),
    "multipart": ("POST", "/v1/images/edits", FORM, "upload"),
    "files endpoint with JSON": ("POST", "/backend-api/files", JSON, "upload"),
    "parts of an upload": ("POST", "/v1/uploads/u1/parts", JSON, "upload"),
    "upload of Claude": ("POST", "/api/organizations/o/conversations/c/wiggle/upload-file", JSON, "upload"),
    "upload address of Perplexity": ("POST", "/rest/uploads/create_upload_url", JSON, "upload"),
    "upload of DeepSeek": ("POST", "/api/v0/file/upload_file", JSON, "upload"),
    "upload of Doubao": ("POST", "/alice/resource/prepare_upload", JSON, "upload"),
    "upload of Yuanbao": ("POST", "/api/resource/genUploadInfo", JSON, "upload"),
    "resumable upload": ("POST", "/u", (("x-goog-upload-command", "start"),), "upload"),
    "tus, announced by a head": ("POST", "/u", (("upload-length", "9"), ("content-length", "0")), "upload"),
    "raw image": ("PUT", "/x", (("content-type", "image/png"),), "upload"),
    "raw document": ("PUT", "/x", (("content-type", "application/vnd.openxmlformats-officedocument"),), "upload"),
    "encoded files endpoint": ("POST", "/v1/%66iles", JSON, "upload"),
    "a word that only holds `file`": ("POST", "/api/profile", JSON, "prompt"),
    "old completion": ("POST", "/v1/completions", JSON, "complete"),
    "completion of an engine": ("POST", "/v1/engines/copilot-codex/completions", JSON, "complete"),
    "fill in the middle": ("POST", "/v1/fim/completions", JSON, "complete"),
    "chat with a final slash": ("POST", "/v1/chat/completions/", JSON, "prompt"),
    "chat with an agent": ("POST", "/v1/agents/completions", JSON, "prompt"),
    "chat that is answered later": ("POST", "/async/chat/completions", JSON, "prompt"),
    "responses": ("POST", "/v1/responses", JSON, "prompt"),
    "items of a conversation": ("POST", "/v1/conversations/conv_1/items", JSON, "prompt"),
    "messages of a thread": ("POST", "/v1/threads/thread_1/messages", JSON, "prompt"),
    "pictures": ("POST", "/v1/images/generations", JSON, "prompt"),
    "batch of requests": ("POST", "/v1/batches", JSON, "prompt"),
    "last step of an upload": ("POST", "/v1/uploads/upload_1/complete", JSON, "upload"),
    "file of a vector store": ("POST", "/v1/vector_stores/vs_1/files", JSON, "upload"),
    "embeddings": ("POST", "/v1/embeddings", JSON, "embed"),
    "embeddings of Gemini": ("POST", "/v1beta/models/text-embedding-004:batchEmbedContents", JSON, "embed"),
    "embeddings of Ollama": ("POST", "/api/embed", JSON, "embed"),
    "a word that only holds `embed`": ("POST", "/api/embedded-chat", JSON, "prompt"),
    "fine-tuning": ("POST", "/v1/fine_tuning/jobs", JSON, "train"),
    "fine-tuning, older": ("POST", "/v1/fine-tunes", JSON, "train"),
    "embeddings of Gemini, later": ("POST", "/v1beta/models/m:asyncBatchEmbedContent", JSON, "embed"),
    "embeddings of DashScope": ("POST", "/api/v1/services/embeddings/text-embedding/text-embedding", JSON, "embed"),
    "embeddings of Qianfan": ("POST", "/rpc/2.0/ai_custom/v1/wenxinworkshop/embeddings/bge", JSON, "embed"),
    "a tuned model of Gemini": ("POST", "/v1beta/tunedModels/m:streamGenerateContent", JSON, "prompt"),
    "an application of DashScope": ("POST", "/api/v1/apps/a/completion", JSON, "prompt"),
    "tuning of Gemini": ("POST", "/v1beta/tunedModels", JSON, "train"),
    "a file to train with": ("POST", "/v1/fine_tuning/files", FORM, "upload"),
    "list of fine-tunings": ("GET", "/v1/fine_tuning/jobs", (), "other"),
    "content of a file": ("GET", "/v1/files/file-1/content", (), "download"),
    "download of a file": ("GET", "/backend-api/files/f/download", SCRIPT_CALL, "download"),
    "download with a question": ("GET", "/download/x?q=hello", (), "prompt"),
    "page": ("GET", "/", NAVIGATE, "visit"),
    "page of an old browser": ("GET", "/c/1", (("accept", "text/html,*/*"),), "visit"),
    "script": ("GET", "/assets/app.js?v=1", (), "visit"),
    "style of a browser": ("GET", "/s", (("sec-fetch-dest", "style"),), "visit"),
    "frame": ("GET", "/f", (("sec-fetch-dest", "iframe"), ("sec-fetch-mode", "navigate")), "visit"),
    "API read by a page": ("GET", "/backend-api/conversations", SCRIPT_CALL, "other"),
    "API read by a page that takes HTML": (
        "GET",
        "/x",
        (("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors"), ("accept", "text/html")),
        "other",
    ),
    "API read by an SDK": ("GET", "/v1/models", (("accept", "application/json"),), "other"),
    "read of files": ("GET", "/v1/files", (), "other"),
    "preflight": ("OPTIONS", "/v1/chat/completions", (("origin", "https://a.example"),), "other"),
    "preflight with a body": ("OPTIONS", "/v1", JSON, "prompt"),
    "deep link asked about": ("HEAD", "/?q=hello", NAVIGATE, "prompt"),
    "preflight of a prompt by GET": ("OPTIONS", "/?q=hello", (("origin", "https://a.example"),), "prompt"),
    "head": ("HEAD", "/", NAVIGATE, "other"),
    "WebSocket": ("GET", "/chat", (("upgrade", "WebSocket"), ("connection", "upgrade")), "prompt"),
    "deep link": ("GET", "/?q=%E4%BD%A0%E5%A5%BD", NAVIGATE, "prompt"),
    "streaming by GET": ("GET", "/api/streamingSearch?page=1&Q=hello", SCRIPT_CALL, "prompt"),
    "empty search field": ("GET", "/?q=&lang=zh", NAVIGATE, "visit"),
    "prompt in the path": ("GET", "/prompt/a%20cat", (), "prompt"),
    "page about prompts": ("GET", "/prompt/", NAVIGATE, "visit"),
}


@each(("method", "path", "headers", "wanted"), CASES.values(), ids=CASES.keys())
def test_a_request_is_named_by_what_it_does(method, path, headers, wanted):
    assert activity(method, path, headers, SERVICES["openai-chatgpt"]) == wanted
    assert activity(method, path, headers, None) == wanted


UNANNOUNCED = {
    "read": ("GET", "/v1/models", (), "prompt"),
    "page": ("GET", "/", NAVIGATE, "prompt"),
    "delete": ("DELETE", "/v1/chat/1", (), "prompt"),
    "head": ("HEAD", "/", (), "prompt"),
    "preflight": ("OPTIONS", "/v1", (), "prompt"),
    "file": ("DELETE", "/x", (("content-type", "image/png"),), "upload"),
}


@pytest.mark.parametrize(("method", "path", "headers", "wanted"), UNANNOUNCED.values(), ids=UNANNOUNCED.keys())
def test_a_body_that_came_unannounced_is_a_prompt_or_a_file(method, path, headers, wanted):
    assert activity(method, path, headers, None) in {"visit", "other"}
    assert activity(method, path, headers, None, body=True) == wanted


def test_a_prompt_that_huggingchat_posts_as_a_form_is_no_upload():
    assert activity("POST", "/chat/conversation/1", FORM, SERVICES["huggingchat"]) == "prompt"
    assert activity("POST", "/chat/conversation/1", FORM, SERVICES["poe"]) == "upload"


@given(
    st.sampled_from(["POST", "PUT", "PATCH", "QUERY"]),
    st.text(max_size=40),
    st.lists(st.tuples(st.sampled_from(["accept", "sec-fetch-mode", "sec-fetch-dest", "content-type"]), st.text())),
)
def test_no_header_makes_a_body_pass_for_a_visit(method, path, headers):
    assert activity(method, "/" + path, tuple(headers), None) in {"prompt", "complete", "embed", "train", "upload"}
