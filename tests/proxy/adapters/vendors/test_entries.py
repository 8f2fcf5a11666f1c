"""Which requests speak other vendors' interfaces, and which only look alike."""

import pytest

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.services.catalogue import load_catalogue

JSON = (("content-type", "application/json"),)
CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("path", "wire", "want"),
    [
        ("/v2/chat", "openai", "fallback"),
        ("/v1/generate", "", "fallback"),
        ("/api/v1/services/aigc/text-generation/generation", "", "dashscope"),
        ("/api/v1/services/rerank/text-rerank/text-rerank", "dashscope", "dashscope-calls"),
        ("/api/v1/services/rerank/text-rerank/text-rerank", "", "fallback"),
        ("/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/completions", "openai", "qianfan"),
        ("/v1/text/chatcompletion_v2", "minimax", "minimax-chat"),
        ("/v1/chat/completions", "minimax", "openai-chat"),
        ("/ml/v1/deployments/d/text/generation_stream", "", "watsonx"),
        ("/generate", "", "fallback"),
        ("/generate", "huggingface", "huggingface"),
        ("/v1/chat/completions", "huggingface", "openai-chat"),
        ("/client/v4/accounts/a/ai/v1/chat/completions", "openai", "openai-chat"),
        ("/v1/workflows/w/run", "", "dify"),
        ("/v1/predictions", "", "fallback"),
        ("/user/v5/llm/chat/stream/v8", "", "fallback"),
    ],
)
def test_the_address_says_which(path: str, wire: str, want: str) -> None:
    assert choose(Asked("POST", path, JSON, wire)).id == want


@pytest.mark.parametrize(
    ("host", "path", "headers", "want"),
    [
        ("api.cohere.com", "/v2/chat", JSON, "cohere-chat"),
        ("dashscope.aliyuncs.com", "/api/v1/apps/a/completion", JSON, "dashscope-calls"),
        ("ollama.com", "/api/chat", JSON, "ollama"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse", JSON, "bedrock-converse"),
        ("q.us-east-1.amazonaws.com", "/generateAssistantResponse", JSON, "amazon-q"),
        ("api.jetbrains.ai", "/user/v5/llm/chat/stream/v8", JSON, "jetbrains-ai"),
        ("pi.ai", "/api/chat", JSON, "pi-web"),
        ("duckduckgo.com", "/duckchat/v1/chat", JSON, "duck-web"),
        ("aistudio.xiaomimimo.com", "/open-apis/bot/chat?xiaomichatbot_ph=x", JSON, "mimo-web"),
        ("quillbot.com", "/api/ai-chat/chat/conversation/c", JSON, "quillbot-web"),
        ("quillbot.com", "/api/paraphraser/single", JSON, "fallback"),
        (
            "api2.cursor.sh",
            "/aiserver.v1.ChatService/Stream",
            (("content-type", "application/connect+proto"),),
            "connect-proto",
        ),
        (
            "us-central1-aiplatform.googleapis.com",
            "/google.cloud.aiplatform.v1.PredictionService/GenerateContent",
            (("content-type", "application/grpc"),),
            "grpc",
        ),
        ("generativelanguage.googleapis.com", "/v1beta/models/g:generateContent", JSON, "gemini"),
        ("cloudcode-pa.googleapis.com", "/v1internal:streamGenerateContent?alt=sse", JSON, "gemini-code-assist"),
        ("api.deepl.com", "/v2/translate", JSON, "deepl"),
        ("api.elevenlabs.io", "/v1/text-to-speech/v", JSON, "elevenlabs"),
        ("api.replicate.com", "/v1/predictions", JSON, "replicate"),
        ("fal.run", "/fal-ai/flux", JSON, "fal"),
    ],
)
def test_services_of_the_catalogue_have_their_formats(host: str, path: str, headers, want: str) -> None:
    service = CATALOGUE.lookup(host, path)
    assert service is not None
    assert choose(Asked("POST", path, headers, service.wire or "")).id == want


def test_an_action_is_asked_for_by_its_header() -> None:
    assert choose(Asked("POST", "/", (("x-tc-action", "ChatCompletions"),), "hunyuan")).id == "hunyuan"
    assert choose(Asked("POST", "/", (), "hunyuan")).id == "hunyuan-calls"
