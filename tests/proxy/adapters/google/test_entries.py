"""Which requests speak Google's interfaces, and which only look alike."""

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked

JSON = (("content-type", "application/json"),)


@pytest.mark.parametrize(
    ("path", "wire", "want"),
    [
        ("/v1beta/models/g:generateContent", "", "gemini"),
        ("/v1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent?alt=sse", "gemini-api", "gemini"),
        ("/v1beta/openai/chat/completions", "gemini-api", "openai-chat"),
        ("/v1internal:generateContent", "gemini-code-assist", "gemini-code-assist"),
        ("/v1beta/models/g:batchEmbedContents", "", "gemini-calls"),
        ("/v1beta/models/g:asyncBatchEmbedContent", "", "gemini-calls"),
        ("/v1beta/models/g:batchGenerateContent", "", "gemini-calls"),
        ("/upload/v1beta/files", "gemini-api", "google-any"),
        ("/v1beta/tunedModels", "gemini-api", "google-any"),
        ("/upload/v1beta/files", "", "fallback"),
        ("/v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict", "gemini-api", "openai-chat"),
        ("/v1/models/tensorflow:predict", "", "gemini-calls"),
        ("/v1/things/x:unknownVerb", "", "fallback"),
    ],
)
def test_the_address_says_which(path: str, wire: str, want: str) -> None:
    assert choose(Asked("POST", path, JSON, wire)).id == want


def test_bytes_of_a_file_are_refused_in_googles_words() -> None:
    upload = Asked("POST", "/upload/v1beta/files?upload_id=1", (("content-type", "image/png"),), "gemini-api")
    assert choose(upload).id == "google-any"
