"""The rest of OpenAI's interface as a stand-in plays it: Responses, completions, vectors, pictures, files, runs.

It repeats what it was sent, so that whatever left the company comes back and can be seen. Answers have the shapes that
the `openai` package's types and accumulators ask for.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from proxy.adapters.multipart import boundary_of, parse_multipart
from proxy.adapters.openai.completions_writer import CompletionsWriter
from proxy.adapters.openai.responses_writer import ResponsesWriter
from proxy.adapters.openai.tool_names import ToolName
from proxy.demo.manner import Manner, pieces
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.standins import JSON, ExternalStandIn, path_of
from proxy.internal.answer import Finished, Started, TextDelta, ToolDelta, ToolStarted

SAYS = "The external stand-in heard: "
NOW = 1_790_000_000
LINES = "application/octet-stream"

type Json = dict[str, Any]


class Family:
    """Plays the interfaces that an external stand-in does not know itself; it keeps files in memory."""

    def __init__(self, standin: ExternalStandIn) -> None:
        self.standin = standin
        self.otherwise: Callable[..., Any] = standin.route
        self.files: dict[str, bytes] = {}

    async def route(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        """Answer by path."""
        path = path_of(seen)
        plays = next((play for end, play in self.plays.items() if path.endswith(end)), None)
        if plays is not None:
            await plays(self, seen, reply, manner)
        elif path.startswith("/v1/files/") and path.endswith("/content"):
            await send_whole(reply, 200, LINES, self.files[path.split("/")[3]])
        elif path == "/v1/batches/batch_1":
            await self.whole(reply, batch("completed"))
        else:
            await self.otherwise(seen, reply, manner)

    async def whole(self, reply: Reply, value: Json) -> None:
        await send_whole(reply, 200, JSON, json.dumps(value, ensure_ascii=False).encode())

    async def responses(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        body = seen.json()
        stream = body.get("stream") is True
        writer = ResponsesWriter(stream=stream, model=body["model"], answer_id="standin", now=NOW)
        events = [Started("", ""), *self.said(body, manner.piece), Finished("stop", 9, 9)]
        if stream:
            await self.standin.stream(reply, manner, (writer.write([event]) for event in events))
        else:
            writer.write(events)
            await send_whole(reply, 200, JSON, writer.end())

    def said(self, body: Json, size: int) -> Iterator[Any]:
        """Yield the events of an answer that repeats the last text, in words or in calls of every tool."""
        text = last_text(body["input"])
        if not body.get("tools"):
            yield from (TextDelta(piece) for piece in pieces(SAYS + text, size))
        for number, tool in enumerate(body.get("tools", ())):
            free = tool["type"] == "custom"
            yield ToolStarted(number, f"call_{number}", ToolName(tool["name"], free=free).as_function)
            arguments = json.dumps({"input" if free else "text": text}, ensure_ascii=False)
            yield from (ToolDelta(number, piece) for piece in pieces(arguments, size))

    async def completions(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        body = seen.json()
        stream = body.get("stream") is True
        writer = CompletionsWriter(stream=stream, model=body["model"], answer_id="standin", now=NOW)
        said = [TextDelta(piece) for piece in pieces(SAYS + str(body["prompt"]), manner.piece)]
        events = [Started("", ""), *said, Finished("stop", 9, 9)]
        if stream:
            await self.standin.stream(reply, manner, (writer.write([event]) for event in events))
        else:
            writer.write(events)
            await send_whole(reply, 200, JSON, writer.end())

    async def embeddings(self, seen: Seen, reply: Reply, _manner: Manner) -> None:
        data = [{"object": "embedding", "index": 0, "embedding": [0.25, 0.5]}]
        used = {"prompt_tokens": 1, "total_tokens": 1}
        await self.whole(reply, {"object": "list", "data": data, "model": seen.json()["model"], "usage": used})

    async def pictures(self, seen: Seen, reply: Reply, _manner: Manner) -> None:
        data = [{"b64_json": "iVBO", "revised_prompt": seen.json()["prompt"]}]
        await self.whole(reply, {"created": NOW, "data": data})

    async def take_file(self, seen: Seen, reply: Reply, _manner: Manner) -> None:
        sections = parse_multipart(seen.body, boundary_of(seen.header("content-type")))
        content = {dict(one.parameters)["name"]: one.content for one in sections}
        self.files["file-in"] = content["file"]
        about = {"id": "file-in", "object": "file", "bytes": len(content["file"]), "created_at": NOW}
        await self.whole(reply, {**about, "filename": "in.jsonl", "purpose": "batch", "status": "processed"})

    async def start_batch(self, seen: Seen, reply: Reply, _manner: Manner) -> None:
        asked = [json.loads(line) for line in self.files[seen.json()["input_file_id"]].splitlines()]
        self.files["file-out"] = b"".join(json.dumps(done(line), ensure_ascii=False).encode() + b"\n" for line in asked)
        await self.whole(reply, batch("in_progress"))

    async def run(self, seen: Seen, reply: Reply, manner: Manner) -> None:
        text = SAYS + seen.json()["thread"]["messages"][-1]["content"]
        await self.standin.stream(reply, manner, run_frames(text, manner.piece))

    plays: ClassVar[Json] = {
        "/responses": responses,
        "/v1/completions": completions,
        "/embeddings": embeddings,
        "/images/generations": pictures,
        "/v1/files": take_file,
        "/v1/batches": start_batch,
        "/v1/threads/runs": run,
    }


def last_text(items: Any) -> str:
    """Return what the last item of an input says."""
    if isinstance(items, str):
        return items
    last = items[-1]
    content = last.get("content", last.get("output", ""))
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def batch(status: str) -> Json:
    """Return a batch."""
    about = {"id": "batch_1", "object": "batch", "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    return {**about, "created_at": NOW, "input_file_id": "file-in", "output_file_id": "file-out", "status": status}


def done(line: Json) -> Json:
    """Return the result of one line of a batch: an answer that repeats its question."""
    message = {"role": "assistant", "content": SAYS + line["body"]["messages"][-1]["content"]}
    body = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    return {"id": "r", "custom_id": line["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}


def run_frames(text: str, size: int) -> Iterable[bytes]:
    """Yield the events of a run that says `text`."""

    def frame(event: str, data: Json) -> bytes:
        return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()

    head = {"id": "msg_1", "object": "thread.message", "role": "assistant", "thread_id": "thread_1", "created_at": NOW}
    yield frame("thread.run.created", {"id": "run_1", "object": "thread.run", "status": "queued"})
    yield frame("thread.message.created", {**head, "status": "in_progress", "content": []})
    for piece in pieces(text, size):
        content = [{"index": 0, "type": "text", "text": {"value": piece}}]
        yield frame(
            "thread.message.delta", {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": content}}
        )
    whole = [{"type": "text", "text": {"value": text, "annotations": []}}]
    yield frame("thread.message.completed", {**head, "status": "completed", "content": whole})
    yield frame("thread.run.completed", {"id": "run_1", "object": "thread.run", "status": "completed"})
    yield b"event: done\ndata: [DONE]\n\n"
