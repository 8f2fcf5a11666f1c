"""What a page shows of its own stream: small readers, each written from the format and not from our code."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shown:
    """What a person sees."""

    text: str
    finished: bool
    """Whether the page knows that no more will come."""


def events(body: bytes) -> Iterator[tuple[str, Any]]:
    """Yield name and JSON value of each server-sent event; the text itself where it is no JSON."""
    for block in body.decode().split("\n\n"):
        lines = block.split("\n")
        name = next((line[6:].strip() for line in lines if line.startswith("event:")), "")
        data = "\n".join(line[5:].removeprefix(" ") for line in lines if line.startswith("data:"))
        if data:
            try:
                yield name, json.loads(data)
            except ValueError:
                yield name, data


def chatgpt(body: bytes) -> Shown:
    message: dict[str, Any] = {}
    pointer, operation, done = "", "add", False
    for _, patch in events(body):
        done |= patch == "[DONE]"
        if not isinstance(patch, dict) or "v" not in patch:
            continue
        pointer, operation = patch.get("p", pointer), patch.get("o", operation)
        for step in patch["v"] if operation == "patch" else [{"p": pointer, "o": operation, "v": patch["v"]}]:
            if not step["p"]:
                message = step["v"]["message"]
            elif step["p"] == "/message/content/parts/0":
                message["content"]["parts"][0] += step["v"]
            else:
                message[step["p"].rpartition("/")[2]] = step["v"]
    return Shown(message["content"]["parts"][0], done and message["status"] == "finished_successfully")


def claude(body: bytes) -> Shown:
    text, finished = "", False
    for name, event in events(body):
        assert name == event["type"], "the page tells events apart by their names"
        if name == "content_block_delta" and event["delta"]["type"] == "text_delta":
            text += event["delta"]["text"]
        if name == "error":  # the page shows it below what came before
            text += event["error"]["message"]
        finished |= name in ("message_stop", "error")
    return Shown(text, finished)


def deepseek(body: bytes) -> Shown:
    response: dict[str, Any] = {}
    path, operation = "", "SET"
    for name, patch in events(body):
        if name:
            continue
        if "p" in patch:
            path, operation = patch["p"], patch.get("o", "SET")
        if not path:
            response = patch["v"]["response"]
        elif path == "response/fragments":
            response["fragments"] += patch["v"]
        elif path == "response/fragments/-1/content":
            response["fragments"][-1]["content"] += patch["v"]
        else:
            assert operation == "SET"
            response[path.partition("/")[2]] = patch["v"]
    answer = "".join(each["content"] for each in response["fragments"] if each["type"] == "RESPONSE")
    return Shown(answer, response["status"] == "FINISHED")


def qwen(body: bytes) -> Shown:
    text, finished = "", False
    for _, data in events(body):
        for choice in data.get("choices", []):
            if choice["delta"]["phase"] == "answer":
                text += choice["delta"]["content"]
                finished |= choice["delta"]["status"] == "finished"
    return Shown(text, finished)


def chatglm(body: bytes) -> Shown:
    text, finished = "", False
    for name, data in events(body):
        assert name == "message"
        pieces = [piece for part in data["parts"] for piece in part["content"] if piece["type"] == "text"]
        assert "".join(piece["text"] for piece in pieces).startswith(text), "what was shown never goes away"
        text = "".join(piece["text"] for piece in pieces)
        finished = data["status"] == "finish"
    return Shown(text, finished)


def yuanbao(body: bytes) -> Shown:
    seen = [data for _, data in events(body)]
    text = "".join(data["msg"] for data in seen if isinstance(data, dict) and data["type"] == "text")
    return Shown(text, seen[-1] == "[DONE]")


def grok(body: bytes) -> Shown:
    text, whole = "", None
    for line in body.splitlines():
        result = json.loads(line)["result"]
        response = result.get("response", result)  # one step higher in later turns
        if not response.get("isThinking"):
            text += response.get("token", "")
        whole = response.get("modelResponse", {}).get("message", whole)
    assert whole in (None, text), "at the end the page shows the whole answer again"
    return Shown(text, whole is not None)


def kimi(body: bytes) -> Shown:
    text, finished = "", False
    while body:
        flags, size = body[0], int.from_bytes(body[1:5])
        message, body = json.loads(body[5 : 5 + size]), body[5 + size :]
        if "text" in message.get("block", {}):
            piece = message["block"]["text"]["content"]
            text = piece if message["op"] == "set" else text + piece
        finished = flags == 2
    return Shown(text, finished)


def doubao(body: bytes) -> Shown:
    text, finished = "", False
    for name, data in events(body):
        if name == "STREAM_MSG_NOTIFY":
            text = "".join(block["content"]["text_block"]["text"] for block in data["content"]["content_block"])
        elif name == "CHUNK_DELTA":
            text += data["text"]
        finished |= name == "SSE_REPLY_END"
    return Shown(text, finished)


def yiyan(body: bytes) -> Shown:
    text, finished = "", False
    for name, data in events(body):
        if name == "message":
            text += data["data"]["content"]
            assert data["data"]["tokens_all"] == text, "pieces and the whole agree"
            finished |= data["data"]["is_end"] == 1
    return Shown(text, finished)


def perplexity(body: bytes) -> Shown:
    block: dict[str, Any] = {"chunks": []}
    finished = False
    for name, data in events(body):
        if name != "message":
            continue
        for patch in (patch for each in data["blocks"] for patch in each["diff_block"]["patches"]):
            if not patch["path"]:
                block = patch["value"]
            elif patch["path"].startswith("/chunks/"):
                assert int(patch["path"].rpartition("/")[2]) == len(block["chunks"])
                block["chunks"].append(patch["value"])
            else:
                block[patch["path"][1:]] = patch["value"]
        finished |= data["final"]
    return Shown("".join(block["chunks"]), finished)


def gemini(body: bytes) -> Shown:
    text, finished = "", False
    guard, _, rest = body.decode().partition("\n\n")
    assert guard == ")]}'"
    while rest:
        number = rest.partition("\n")[0]
        units = rest[len(number) :].encode("utf-16-le")
        array = json.loads(units[: 2 * int(number)].decode("utf-16-le"))
        rest = units[2 * int(number) :].decode("utf-16-le")
        for entry in array:
            finished |= entry[0] == "e"
            value = json.loads(entry[2]) if entry[0] == "wrb.fr" else []
            if len(value) > 4:
                text = value[4][0][1][0]
    return Shown(text, finished)


def huggingchat(body: bytes) -> Shown:
    text, finished = "", False
    for update in map(json.loads, body.decode().rstrip("\n").split("\n")):
        if update["type"] == "stream":
            text += update["token"].replace("\0", "")
        if update["type"] == "finalAnswer":
            assert update["text"] == text, "at the end the page shows the whole answer again"
            finished = True
    return Shown(text, finished)


def you(body: bytes) -> Shown:
    seen = list(events(body))
    return Shown("".join(data["youChatToken"] for name, data in seen if name == "youChatToken"), seen[-1][0] == "done")


def notion(body: bytes) -> Shown:
    steps: list[Any] = []
    finished = False
    for line in map(json.loads, body.decode().rstrip("\n").split("\n")):
        if line["type"] == "patch-start":
            steps = line["data"]["s"]
        for patch in line.get("v", []) if line["type"] == "patch" else []:
            place: Any = {"s": steps}
            *way, last = [int(name) if name.isdecimal() else name for name in patch["p"].split("/")[1:]]
            for name in way:
                place = place[name]
            if last == "-":
                place.append(patch["v"])
            else:
                place[last] = place[last] + patch["v"] if patch["o"] == "x" else patch["v"]
        finished |= line["type"] == "done"
    said = [piece for step in steps if step["type"] == "agent-inference" for piece in step["value"]]
    return Shown("".join(piece["content"] for piece in said if piece["type"] == "text"), finished)


def applied(patches: Iterable[Any]) -> dict[str, Any]:
    """Return the entries that patches of a transcript of Notion's agents make, by id."""
    entities: dict[str, Any] = {}
    for patch in patches:
        if patch["op"] == "put":
            entities[patch["entity"]["id"]] = json.loads(json.dumps(patch["entity"]))
        for change in patch.get("ops", ()):
            *way, last = change["path"].split("/")[1:]
            place: Any = entities[patch["id"]]
            for name in way:
                if isinstance(place, list) and int(name) == len(place):
                    place.append({})
                place = place[int(name)] if isinstance(place, list) else place[name]
            place[last] = place.get(last, "") + change["value"] if change["op"] == "append" else change["value"]
    return entities


def agents(patches: Iterable[Any]) -> list[tuple[str, str]]:
    """Return who said what in patches of a transcript of Notion's agents, as the page puts them together."""
    who = {"user_message": "user", "assistant_message": "assistant"}
    return [
        (who[one["kind"]], "".join(written(piece["text"]) for piece in one["content"]))
        for one in sorted(applied(patches).values(), key=lambda one: one["sequence"])
        if one["kind"] in who
    ]


def written(text: Any) -> str:
    """Return the words of a text of Notion's, which may be in pieces with their marks."""
    return text if isinstance(text, str) else "".join(piece[0] for piece in text)


def spark(body: bytes) -> Shown:
    text, finished = "", False
    for _, data in events(body):
        if data == "<end>" or data.endswith("<sid>"):
            finished = True
        else:
            assert not finished, "what comes after the end is not shown"
            text += base64.b64decode(data, validate=True).decode()
    return Shown(text, finished)


PAGES: dict[str, Callable[[bytes], Shown]] = {
    "chatgpt-web": chatgpt,
    "claude-web": claude,
    "deepseek-web": deepseek,
    "doubao-web": doubao,
    "yiyan-web": yiyan,
    "perplexity-web": perplexity,
    "kimi-web": kimi,
    "qwen-web": qwen,
    "chatglm-web": chatglm,
    "yuanbao-web": yuanbao,
    "grok-web": grok,
    "gemini-web": gemini,
    "huggingchat-web": huggingchat,
    "you-web": you,
    "notion-web": notion,
    "spark-web": spark,
}
"""By the adapter's id."""
