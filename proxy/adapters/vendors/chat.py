"""Pieces of OpenAI chat requests, for all the formats that are translated into them.

Parts of other formats go in, parts of a chat request come out. What the company's model cannot be shown raises
`Untranslatable`; no error holds text of the body.
"""

import base64
import binascii
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from proxy.adapters.anthropic_blocks import Chat, text_part
from proxy.adapters.wrapped import is_text_type
from proxy.errors import Untranslatable, WireError
from proxy.wire.json_text import dump

SOUNDS: Final = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
"""Media types of sound that a chat request has a name for."""

STANDARD: Final = str.maketrans("-_", "+/")
"""From base64's alphabet for addresses, in which Google's own library writes all data, to the one of `data:` URIs."""


def parts_of(content: Any, part_of: Callable[[Chat], list[Chat]]) -> list[Chat]:
    """Return the parts of a content: a string, or a list of parts that `part_of` translates; raises `WireError`."""
    if content is None or isinstance(content, str):
        return text_part(content or "")
    return [made for part in objects(content, "content") for made in part_of(part)]


def turns_of(body: Chat, key: str) -> list[Chat]:
    """Return the messages under `key`, of which there must be one at least; raises `WireError`."""
    turns = body.get(key)
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        raise WireError(f"{key} must be a list of messages and not be empty")
    return turns


def objects(value: Any, where: str) -> list[Chat]:
    """Return a list of objects, empty where nothing is given; one object alone is a list of one. Raises `WireError`."""
    if value is None:
        return []
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise WireError(f"{where} must be a list of objects")
    return found


def entries(value: Chat, key: str) -> Chat:
    """Return the object under `key`, empty where nothing is given; raises `WireError`."""
    found = value.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise WireError(f"{key} must be an object")
    return found


def word(value: Chat, key: str) -> str:
    """Return the string under `key`; raises `WireError`."""
    found = value.get(key)
    if not isinstance(found, str):
        raise WireError(f"{key} must be a string")
    return found


def renamed(source: Chat, names: Mapping[str, str]) -> Chat:
    """Return those fields of `source` that mean the same under another name; null means that nothing is asked for."""
    return {new: source[old] for old, new in names.items() if source.get(old) is not None}


def streaming(stream: bool) -> Chat:
    """Return the fields that ask for a stream, with a count of tokens at its end."""
    return {"stream": True, "stream_options": {"include_usage": True}} if stream else {}


def image(url: str) -> Chat:
    """Return a picture at an address, or as a `data:` URI."""
    return {"type": "image_url", "image_url": {"url": url}}


def media(kind: str, data: str, name: str = "") -> list[Chat]:
    """Return base64 `data` (either alphabet) of a media type as parts; raises `WireError`."""
    kind = kind.partition(";")[0].strip().lower()
    data = standard(data)
    uri = f"data:{kind};base64,{data}"
    if kind.startswith("image/"):
        return [image(uri)]
    if kind in SOUNDS:
        return [{"type": "input_audio", "input_audio": {"data": data, "format": SOUNDS[kind]}}]
    if kind == "application/pdf":
        return [{"type": "file", "file": {"filename": name or "document.pdf", "file_data": uri}}]
    if is_text_type(kind):
        try:
            return text_part(base64.b64decode(data).decode("utf-8"))
        except (binascii.Error, ValueError):
            raise WireError("data of a text type is not UTF-8 in base64") from None
    raise Untranslatable("the internal model cannot be given data of this media type")


def standard(data: str) -> str:
    """Return base64 in the alphabet that model servers read, padded and on one line."""
    plain = "".join(data.split()).translate(STANDARD).rstrip("=")
    return plain + "=" * (-len(plain) % 4)


def call(id: str, name: str, arguments: Any) -> Chat:
    """Return a call of a tool; `arguments` are an object, or its JSON."""
    written = arguments if isinstance(arguments, str) else dump(arguments).decode("utf-8")
    return {"id": id, "type": "function", "function": {"name": name, "arguments": written}}


def result(id: str, content: str) -> Chat:
    """Return the message with what a tool answered."""
    return {"role": "tool", "tool_call_id": id, "content": content}


def function(name: str, description: Any, parameters: Any) -> Chat:
    """Return a tool that the model may call."""
    described: Chat = {"name": name}
    if isinstance(description, str):
        described["description"] = description
    described["parameters"] = parameters if isinstance(parameters, dict) else {"type": "object", "properties": {}}
    return {"type": "function", "function": described}


def json_schema(schema: Any) -> Chat:
    """Return the `response_format` of answers in JSON, that keep `schema` where it is one."""
    if not isinstance(schema, dict):
        return {"response_format": {"type": "json_object"}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}}


class Calls:
    """Ids for calls and their results, in formats that match them by name and order."""

    def __init__(self) -> None:
        """Start a conversation."""
        self.count = 0
        self.open: defaultdict[str, list[str]] = defaultdict(list)

    def begin(self, name: str, id: Any = None) -> str:
        """Return the id of a call, made where it has none."""
        self.count += 1
        given = id if isinstance(id, str) and id else f"call_{self.count}"
        self.open[name].append(given)
        return given

    def end(self, name: str, id: Any = None) -> str:
        """Return the id of the call that a result answers; raises `WireError` where there was none."""
        if isinstance(id, str) and id:
            if id in self.open[name]:
                self.open[name].remove(id)
            return id
        if not self.open[name]:
            raise WireError("the result of a tool answers no call")
        return self.open[name].pop(0)
