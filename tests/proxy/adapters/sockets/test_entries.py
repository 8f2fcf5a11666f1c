"""Which adapter reads a WebSocket: by its path, or by its service and path; and one reads whatever is left."""

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.services.catalogue import load_catalogue

UPGRADE = (("upgrade", "websocket"), ("sec-websocket-version", "13"))

SOCKETS = {
    "Realtime": ("api.openai.com", "/v1/realtime?model=gpt-realtime", "openai-realtime"),
    "Realtime at Azure": ("x.openai.azure.com", "/openai/realtime?api-version=1&deployment=d", "openai-realtime"),
    "Realtime at DashScope": ("dashscope.aliyuncs.com", "/api-ws/v1/realtime?model=qwen", "openai-realtime"),
    "Responses": ("api.openai.com", "/v1/responses", "openai-responses-socket"),
    "Codex": ("chatgpt.com", "/backend-api/codex/responses", "openai-responses-socket"),
    "Copilot": ("copilot.microsoft.com", "/c/api/chat?api-version=2&accessToken=t", "ms-copilot"),
    "Microsoft 365": ("substrate.office.com", "/m365Copilot/Chathub/o@t?access_token=t", "m365-copilot"),
    "character.ai": ("neo.character.ai", "/ws/", "character-ai"),
    "Poe": ("tch123.tch.poe.com", "/up/chan1/updates?min_seq=1", "poe-updates"),
    "Spark": ("spark-api.xf-yun.com", "/v4.0/chat?authorization=x", "spark-socket"),
    "Spark for long texts": ("spark-api.xf-yun.com", "/chat/max-32k", "spark-socket"),
    "DashScope": ("dashscope.aliyuncs.com", "/api-ws/v1/inference", "dashscope-tasks"),
    "Gemini": (
        "generativelanguage.googleapis.com",
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=k",
        "gemini-live",
    ),
    "Vertex": (
        "us-central1-aiplatform.googleapis.com",
        "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent",
        "gemini-live",
    ),
    "a path of Copilot's elsewhere": ("api.openai.com", "/c/api/chat", "websocket"),
    "anything": ("chatgpt.com", "/backend-api/celsius/ws", "websocket"),
}


@pytest.mark.parametrize("name", SOCKETS)
def test_a_websocket_finds_its_adapter(name: str) -> None:
    host, path, adapter = SOCKETS[name]
    service = load_catalogue().lookup(host, path)
    assert service is not None, "not in the catalogue"
    assert choose(Asked("GET", path, UPGRADE, service.wire or "")).id == adapter


@pytest.mark.parametrize("name", SOCKETS)
def test_without_the_upgrade_it_is_no_websocket(name: str) -> None:
    host, path, adapter = SOCKETS[name]
    service = load_catalogue().lookup(host, path)
    assert service is not None
    assert choose(Asked("GET", path, (), service.wire or "")).id != adapter
