"""An employee's program: the vendors' own SDKs, unmodified, that have never heard of Sluice.

It runs as a process of its own (`python -m proxy.demo.employee`), so that only the environment (HTTPS_PROXY and
SSL_CERT_FILE) leads it through the proxy. Requests enter as JSON lines on standard input; each is answered with a line
for every piece of text as it arrives, then one line with the whole result. Nothing else goes to standard output.
"""

import importlib.util
import logging
import sys
from collections.abc import Iterator
from typing import Any, Final

import orjson

type Json = dict[str, Any]

KEY: Final = "sk-standin-0000-no-real-key"
"""The vendor key the employee uses: made up, and of a length no detector takes for a real one."""

MAX_TOKENS: Final = 1024


class Attempts(logging.Handler):
    """Counts the HTTP requests the SDKs send, retries included, by the line their HTTP client logs for each."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line."""
        if record.getMessage().startswith("HTTP Request"):
            self.count += 1


def ask_openai(asked: Json) -> Iterator[Json]:
    """Ask with the `openai` package and yield what comes."""
    import openai

    wanted = {"model": "gpt-4o", "messages": [{"role": "user", "content": asked.get("prompt")}], **asked["body"]}
    with openai.OpenAI(api_key=KEY, base_url=asked["base_url"]) as client:
        if not wanted.get("stream"):
            yield {"done": client.chat.completions.create(**wanted).model_dump()}
            return
        with client.chat.completions.create(**wanted) as stream:
            chunks: list[Any] = []
            for chunk in stream:
                chunks.append(chunk)
                if chunk.choices and chunk.choices[0].delta.content:
                    yield {"piece": chunk.choices[0].delta.content}
        yield {"done": gathered(chunks)}


def gathered(chunks: list[Any]) -> Json:
    """Return a streamed completion in the shape of a whole one: text, tool calls, usage and reason."""
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    calls: dict[int, Json] = {}
    for call in (call for delta in deltas for call in delta.tool_calls or ()):
        known = calls.setdefault(call.index, {"id": call.id, "function": {"name": "", "arguments": ""}})
        known["function"]["name"] += call.function.name or ""
        known["function"]["arguments"] += call.function.arguments or ""
    message = {"content": "".join(delta.content or "" for delta in deltas), "tool_calls": list(calls.values()) or None}
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    return {
        "model": chunks[-1].model if chunks else "",
        "choices": [{"message": message, "finish_reason": reasons[-1] if reasons else None}],
        "usage": next((chunk.usage.model_dump() for chunk in reversed(chunks) if chunk.usage), None),
    }


def ask_anthropic(asked: Json) -> Iterator[Json]:
    """Ask with the `anthropic` package and yield what comes."""
    import anthropic

    wanted = {
        "model": "claude-sonnet-5",
        "max_tokens": MAX_TOKENS,
        "messages": [{"role": "user", "content": asked.get("prompt")}],
        **asked["body"],
    }
    streams = wanted.pop("stream", False)
    with anthropic.Anthropic(api_key=KEY, base_url=asked["base_url"]) as client:
        if asked.get("count"):
            wanted.pop("max_tokens")
            yield {"done": client.messages.count_tokens(**wanted).model_dump()}
            return
        if not streams:
            yield {"done": client.messages.create(**wanted).model_dump()}
            return
        with client.messages.stream(**wanted) as stream:
            for event in stream:
                if event.type == "text":
                    yield {"piece": event.text}
            yield {"done": stream.get_final_message().model_dump()}


ASK: Final = {"openai": ask_openai, "anthropic": ask_anthropic}


def failure_of(error: Exception) -> Json:
    """Return an SDK's own error as the employee sees it."""
    return {
        "class": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
        "message": str(error),
        "body": getattr(error, "body", None),
    }


def serve(lines: Iterator[bytes]) -> Iterator[Json]:
    """Yield the answers to all requests, one after another."""
    attempts = Attempts()
    for name in ("httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger(name).addHandler(attempts)
    for line in lines:
        asked = orjson.loads(line)
        attempts.count = 0
        try:
            for answer in ASK[asked["sdk"]](asked):
                yield answer if "piece" in answer else {**answer, "attempts": attempts.count}
        except ImportError as error:
            yield {"missing": error.name}
        except Exception as error:  # whatever an SDK raises is what the employee sees, and so the result
            yield {"error": failure_of(error), "attempts": attempts.count}


def missing_sdks() -> list[str]:
    """Return the names of the SDKs that are not installed."""
    return [name for name in ASK if importlib.util.find_spec(name) is None]


def main() -> None:
    """Serve standard input until it ends."""
    for answer in serve(iter(sys.stdin.buffer)):
        sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
