"""Why the company's model does not answer in place of some wire formats, adapter by adapter.

Enters: an adapter's id. Leaves: the reason, for the page of what is covered. An adapter that cannot be answered for and
is not here, or is here and can be, fails a test: so no format goes without by oversight.
"""

import re
from typing import Final

REASONS: Final[tuple[tuple[str, str, str], ...]] = (
    (r".+-beside", "calls beside the turns of a page (titles, drafts, settings): there is nothing to answer",
     "网页在提问之外的调用（标题、草稿、设置）：没有可回答的内容"),
    (r"poe-web|poe-updates", "the prompt goes out over HTTP under a hash of its own, the answer comes on a WebSocket: "
     "no answer can be put where the page looks for it",
     "提问经 HTTP 发出并带有自身的哈希，回答经 WebSocket 到达：无法把回答放到网页查找的位置"),
    (r"dashscope-tasks", "speech and transcription: the company's model gives and takes text",
     "语音与转写：内部模型只收发文本"),
    (r"websocket|fallback|grpc|connect-proto", "the format is not known", "格式未知"),
    (r".+-any", "whatever else such a service is asked: the interface of the turn has a line of its own",
     "对这类服务的其他调用：对话接口另有一行"),
    (r"(?:gemini|gemini-code-assist|cohere|dashscope|hunyuan|minimax)-calls", "counting, vectors, pictures, speech, "
     "batches: a chat model has no answer to these (how long a prompt is, is told without asking anybody)",
     "计数、向量、图片、语音、批量：对话模型无法回答（提示词长度由代理直接给出，不询问任何模型）"),
    (r"ollama-embed|openai-embeddings|rerank", "vectors and ranks: another model's would not fit those that the "
     "application has stored", "向量与排序：另一个模型的结果与应用已存储的不匹配"),
    (r"openai-media|fal|elevenlabs", "pictures, sound and films", "图片、声音与视频"),
    (r"deepl", "translations in the service's own terms and glossaries", "使用该服务自己的术语与词汇表的翻译"),
    (r"replicate|replicate-stream", "each model has fields of its own; the answer is fetched later",
     "每个模型的字段各不相同；回答要稍后取回"),
    (r"anthropic-batches|openai-chat-later", "answered hours later, to whoever fetches it: the company's model answers "
     "at once", "数小时后才答复，由取回者领取：内部模型即时回答"),
    (r"anthropic-content|file-content", "files of the service, fetched", "取回的服务方文件"),
    (r"openai-items", "conversations and compaction that the service keeps, and counts of tokens",
     "由服务保存的对话与压缩，以及 token 计数"),
    (r"anthropic-complete", "withdrawn by its vendor; Messages are answered for", "厂商已停用；Messages 接口可以回答"),
    (r"dify|github-chat|amazon-q|jetbrains-ai", "instructions, tools and documents of the application are kept by the "
     "service: another model would answer something else", "应用的指令、工具和文档由服务保存：换一个模型，答非所问"),
    (r"(?:pi|duck|mimo|quillbot)-web", "how its page takes an answer is known from its stream alone, and its vendor "
     "keeps the conversation", "只知道其网页的流式格式，对话由厂商保存"),
    (r"sensenova|cloudflare", "their interfaces in OpenAI's words, on the same hosts, are answered for",
     "同一主机上的 OpenAI 兼容接口可以回答"),
)  # fmt: skip
"""Patterns over whole ids, the first that fits; the reason in English and in Chinese."""


def why_not(adapter: str, language: str = "en") -> str:
    """Return why the company's model does not answer for an adapter; empty where no reason is known."""
    told = next((why for pattern, *why in REASONS if re.fullmatch(pattern, adapter)), ["", ""])
    return told[language == "zh"]
