"""A street of other vendors: the proxy as a process, and a stand-in that speaks each vendor's own interface.

The stand-in repeats what it was last told, in words, or in a call of the tool that it was offered. It reads and writes
with the formats' own translators; whether these are right is for the vendors' client libraries to say, which read it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked, Speaker
from proxy.adapters.openai.whole_calls import WholeCalls
from proxy.demo import speak_openai
from proxy.demo.manner import Manner, pieces
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.standins import ExternalStandIn, path_of
from proxy.internal.answer import Event, Finished, Started, TextDelta, ToolDelta, ToolStarted
from proxy.internal.translate import CHAT, MESSAGES
from proxy.services.catalogue import load_catalogue
from tests.e2e.street import Street, office_policy, open_street

SAYS = "The stand-in heard: "
HOSTS = (
    "generativelanguage.googleapis.com",
    "cloudcode-pa.googleapis.com",
    "api.cohere.com",
    "dashscope.aliyuncs.com",
    "ollama.com",
    "bedrock-runtime.us-east-1.amazonaws.com",
    "api2.cursor.sh",
    "server.codeium.com",
    "api.mistral.ai",
    "open.bigmodel.cn",
    "api.z.ai",
    "router.huggingface.co",
    "api.openai.com",
    "api.anthropic.com",
    "us-east5-aiplatform.googleapis.com",
    "us-south.ml.cloud.ibm.com",
    "hunyuan.tencentcloudapi.com",
    "api.minimax.io",
    "aip.baidubce.com",
    "chatgpt.com",
    "claude.ai",
    "www.perplexity.ai",
)
CATALOGUE = load_catalogue()

VECTORS: dict[str, Any] = {
    "gemini-calls": {"embeddings": [{"values": [0.5]}], "embedding": {"values": [0.5]}, "totalTokens": 7},
    "cohere-calls": {
        "id": "1",
        "response_type": "embeddings_by_type",
        "embeddings": {"float": [[0.5]]},
        "texts": [],
    },
    "dashscope-calls": {"output": {"embeddings": [{"embedding": [0.5], "text_index": 0}]}, "usage": {}},
    "ollama-embed": {"model": "nomic", "embeddings": [[0.5]]},
}
"""Answers of calls that are answered in numbers."""

PAGES = ("openai-chatgpt", "anthropic-claude", "perplexity")
"""Services with a page, which answers all that is asked beside its turns alike."""

SERVICES = (
    *("google-gemini-api", "google-code-assist", "cohere", "dashscope", "ollama", "aws-bedrock", "cursor"),
    *(
        "ibm-watsonx",
        "tencent-hunyuan",
        "mistral-api",
        "zhipu-api",
        "huggingface",
        "openai-api",
        "anthropic-api",
        "google-vertex-ai",
        "minimax",
        "baidu-qianfan",
    ),
    *PAGES,
)


class VendorStandIn(ExternalStandIn):
    """Every vendor at once."""

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer in the format of the request."""
        service = CATALOGUE.lookup(seen.host.partition(":")[0], path_of(seen))
        assert service is not None
        adapter = choose(Asked(seen.method, seen.path, seen.headers, service.wire or ""))
        if service.id in PAGES and not isinstance(adapter, Speaker):
            await send_whole(reply, 200, "text/html", b"<p>a page</p>")
            return
        if adapter.id.startswith("anthropic-") and adapter.id != MESSAGES:
            await self.batch(adapter.id, seen, reply)
            return
        if "mistral" in seen.host and seen.json().get("stream"):  # it sends calls of tools whole
            await self.mistral(seen, reply, manner)
            return
        if adapter.id in (CHAT, MESSAGES):  # the protocols of the company's model need no translator
            await super().route(seen, reply, manner)
            return
        if not isinstance(adapter, Speaker):
            await send_whole(reply, 200, "application/json", json.dumps(VECTORS[adapter.id]).encode())
            return
        prompt = adapter.read(seen.body, seen.header("content-type"))
        chat = json.loads(adapter.to_chat(seen.body, "standin"))
        writer = adapter.writer(stream=prompt.stream, model=prompt.model, answer_id="standin1", now=1_790_000_000)
        events = answer_to(chat, manner.piece)
        kind = dict(writer.headers)["content-type"]
        if not prompt.stream:
            writer.write(events)
            await send_whole(reply, 200, kind, writer.end())
            return
        await reply.start(200, (("content-type", kind),))
        for event in events:
            await reply.send(writer.write([event]))
        await reply.send(writer.end())
        await reply.end()

    async def mistral(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Play Mistral's stream."""
        body, calls = seen.json(), WholeCalls()
        await reply.start(200, (("content-type", "text/event-stream"),))
        for frame in speak_openai.frames(body, SAYS, manner.piece):
            if (data := frame.removeprefix(b"data: ")).startswith(b"{"):
                calls.gather(chunk := json.loads(data))
                await reply.send(speak_openai.sse(chunk))
        await reply.send(b"data: [DONE]\n\n")
        await reply.end()

    async def batch(self, adapter: str, seen: Seen, reply: Reply) -> None:
        """Play Anthropic's batches: the last one is kept."""
        if adapter == "anthropic-batches":
            self.asked = seen.json()["requests"]
        if adapter == "anthropic-content":
            lines = [json.dumps(batched(one), ensure_ascii=False).encode() for one in self.asked]
            await send_whole(reply, 200, "application/x-jsonl", b"\n".join(lines) + b"\n")
            return
        url = f"https://{seen.host}/v1/messages/batches/msgbatch_1/results"
        told = {"id": "msgbatch_1", "type": "message_batch", "processing_status": "ended", "results_url": url}
        await send_whole(reply, 200, "application/json", json.dumps(told).encode())


def batched(one: dict[str, Any]) -> dict[str, Any]:
    """Return the result of one request of a batch: a message that repeats its question."""
    about = {"id": "msg_1", "type": "message", "role": "assistant", "model": one["params"]["model"]}
    ended = {"stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
    content = [{"type": "text", "text": SAYS + one["params"]["messages"][-1]["content"]}]
    message = {**about, **ended, "content": content}
    return {"custom_id": one["custom_id"], "result": {"type": "succeeded", "message": message}}


def answer_to(chat: dict[str, Any], size: int) -> list[Event]:
    """Return the answer to a chat request: its last words, or a call of the tool with them."""
    content = chat["messages"][-1]["content"]
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    if not chat.get("tools"):
        said = [TextDelta(piece) for piece in pieces(SAYS + text, size)]
        return [Started("", ""), *said, Finished("stop", 3, 4)]
    arguments = pieces(json.dumps({"text": text}, ensure_ascii=False), size)
    called = [ToolStarted(0, "call1", chat["tools"][0]["function"]["name"]), *(ToolDelta(0, one) for one in arguments)]
    return [Started("", ""), *called, Finished("tool_calls", 3, 4)]


@contextmanager
def open_vendor_street(folder: Path) -> Iterator[Street]:
    """Start everything below `folder`."""
    with open_street(folder, office_policy(*SERVICES), hosts=HOSTS, standin=VendorStandIn) as street:
        yield street
