"""Requests that speak other vendors' interfaces: by path where it is like no other, else on their own services only."""

import re
from dataclasses import dataclass
from typing import Final

from proxy.adapters.entry import Entry
from proxy.adapters.interface import Asked
from proxy.adapters.vendors import qianfan
from proxy.adapters.vendors.cloudflare import CLOUDFLARE
from proxy.adapters.vendors.cohere import COHERE_CALLS, COHERE_CHAT, COHERE_V1
from proxy.adapters.vendors.dashscope import DASHSCOPE, DASHSCOPE_CALLS
from proxy.adapters.vendors.dify import DIFY
from proxy.adapters.vendors.huggingface import HUGGINGFACE, TGI
from proxy.adapters.vendors.hunyuan import CALLS as HUNYUAN_CALLS
from proxy.adapters.vendors.hunyuan import HUNYUAN
from proxy.adapters.vendors.jetbrains import JETBRAINS
from proxy.adapters.vendors.media import DEEPL, ELEVENLABS, FAL
from proxy.adapters.vendors.minimax import MINIMAX_CALLS, MINIMAX_CHAT, MINIMAX_PRO
from proxy.adapters.vendors.ollama import OLLAMA, OLLAMA_EMBED, OllamaEntry
from proxy.adapters.vendors.replicate import REPLICATE, REPLICATE_STREAM
from proxy.adapters.vendors.rpc import CONNECT, GRPC
from proxy.adapters.vendors.sensenova import SENSENOVA
from proxy.adapters.vendors.small_chats import DUCK, MIMO, PI, QUILLBOT
from proxy.adapters.vendors.watsonx import WATSONX
from proxy.exchange import header

AIGC: Final = r"(?:/.*)?/api/v1/services/aigc"
ANY_PATH: Final = re.compile(r"/.*", re.DOTALL)
ANY_TYPE: Final = re.compile(r".*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ActionEntry(Entry):
    """A line of the register for interfaces that name what is wanted in a header field."""

    field: str = ""
    value: str = ""

    def fits(self, asked: Asked) -> bool:
        """Return whether a request speaks this format."""
        return header(asked.headers, self.field) == self.value and Entry.fits(self, asked)


def on(*wires: str) -> frozenset[str]:
    """Return the wire formats of which a service must have one."""
    return frozenset(wires)


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(COHERE_CHAT, re.compile(r"(?:/.*)?/v2/chat/?"), on("cohere")),
    Entry(COHERE_V1, re.compile(r"(?:/.*)?/v1/(?:chat|generate)/?"), on("cohere")),
    Entry(COHERE_CALLS, re.compile(r"/v[12]/[a-z-]+/?"), on("cohere")),
    Entry(DASHSCOPE, re.compile(AIGC + r"/(?:text|multimodal)-generation/generation/?")),
    Entry(DASHSCOPE_CALLS, re.compile(r"/api/v1/(?:services/.+|apps/[^/]+/completion)/?"), on("dashscope")),
    OllamaEntry(OLLAMA, re.compile(r"/api/(?:chat|generate)/?"), on("ollama")),
    OllamaEntry(OLLAMA_EMBED, re.compile(r"/api/embed(?:dings)?/?"), on("ollama")),
    ActionEntry(HUNYUAN, re.compile(r"/"), on("hunyuan"), field="x-tc-action", value="ChatCompletions"),
    Entry(HUNYUAN_CALLS, re.compile(r"/"), on("hunyuan")),
    Entry(qianfan.QIANFAN, qianfan.PATH),
    Entry(MINIMAX_CHAT, re.compile(r"(?:/.*)?/v1/text/chatcompletion_v2/?")),
    Entry(MINIMAX_PRO, re.compile(r"(?:/.*)?/v1/text/chatcompletion(?:_pro)?/?")),
    Entry(
        MINIMAX_CALLS,
        re.compile(
            r"/v1/(?:t2a(?:_v2|_async_v2|_pro)?|image_generation|video_generation|music_generation|embeddings)/?"
        ),
        on("minimax"),
    ),
    Entry(SENSENOVA, re.compile(r"(?:/.*)?/v1/llm/chat-completions/?")),
    Entry(WATSONX, re.compile(r"(?:/.*)?/ml/v1/(?:deployments/[^/]+/)?text/[a-z_]+/?")),
    Entry(HUGGINGFACE, re.compile(r"(?:/.*)?/(?:models/.+|generate|generate_stream)/?"), on("huggingface")),
    Entry(TGI, re.compile(r"(?:/.*)?/generate_stream/?")),
    Entry(CLOUDFLARE, re.compile(r"(?:/.*)?/client/v4/accounts/[^/]+/ai/run/.+")),
    Entry(DIFY, re.compile(r"(?:/.*)?/v1/(?:chat-messages|completion-messages|workflows/(?:[^/]+/)?run)/?")),
    Entry(REPLICATE, re.compile(r"/v1/(?:.*/)?predictions/?"), on("replicate")),
    Entry(JETBRAINS, re.compile(r"/user/v[0-9]+/llm/.+"), on("jetbrains-ai")),
    Entry(PI, re.compile(r"/api/chat/?"), on("pi")),
    Entry(DUCK, re.compile(r"/duckchat/v[0-9]+/chat/?"), on("duck-ai")),
    Entry(MIMO, re.compile(r"/open-apis/bot/chat/?"), on("mimo")),
    Entry(QUILLBOT, re.compile(r"/api/ai-chat/chat/conversation/[^/]+/?"), on("quillbot")),
)
"""In order: specific first."""

REST: Final[tuple[Entry, ...]] = (
    Entry(REPLICATE_STREAM, ANY_PATH, on("replicate"), method="GET", types=ANY_TYPE),
    Entry(FAL, ANY_PATH, on("fal"), types=ANY_TYPE),
    Entry(ELEVENLABS, ANY_PATH, on("elevenlabs"), types=ANY_TYPE),
    Entry(DEEPL, ANY_PATH, on("deepl"), types=ANY_TYPE),
    Entry(GRPC, ANY_PATH, types=re.compile(r"application/grpc(?:-web(?:-text)?)?(?:\+.*)?")),
    Entry(CONNECT, ANY_PATH, types=re.compile(r"application/(?:connect\+proto|proto|x-protobuf|protobuf)")),
)
"""What is asked after all others."""
