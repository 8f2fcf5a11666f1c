"""The section `detection` of `sluice.yaml`: nodes in, `Detection` out.

Every mistake is noted in the reader's report with its place. Files are named here and opened later, by what loads them.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from detectors.entities import ENTITIES
from detectors.rulebook import ENTITY_NAME
from policies.problem import nearest
from policies.source import Node
from proxy.settings.detection import DEVICES, LEAST, PROFILES, Detection, ModelServer, NameModel
from proxy.settings.read_canary import secret
from proxy.settings.read_values import ValueReader

MOST_THREADS: Final = 256
MOST_PROCESSES: Final = 64
CLASS: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
SERVER: Final = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?(?:/[\w./-]*)?", re.ASCII)
PIPELINE: Final = re.compile(r"[a-z]{2,3}_\w+", re.ASCII)
"""Name of an installed spaCy pipeline: language, then whatever its makers called it."""


def read_detection(reader: ValueReader, node: Node) -> Detection:
    """Return what the administrator says of detection."""
    readers: dict[str, Callable[[Node], Any]] = {
        "names": lambda value: reader.choice(value, PROFILES),
        "device": lambda value: reader.choice(value, DEVICES),
        "threads": lambda value: reader.whole(value, MOST_THREADS),
        "processes": lambda value: reader.whole(value, MOST_PROCESSES, 0),
        "remote": lambda value: _remote(reader, value),
        "models": lambda value: tuple(filter(None, (_model(reader, item) for item in reader.items(value)))),
        "spacy": lambda value: _named(reader, value, PIPELINE, "an installed pipeline such as zh_core_web_sm"),
        "rules": lambda value: tuple(filter(None, map(reader.path, reader.items(value)))),
        "presidio": lambda value: tuple(filter(None, map(reader.path, reader.items(value)))),
        "recognizers": lambda value: _named(reader, value, CLASS, "package.module:Class"),
    }
    entries = reader.entries(node, frozenset(readers))
    values = {key: readers[key](value) for key, value in entries.items()}
    return Detection(**{key: value for key, value in values.items() if value is not None})


def _remote(reader: ValueReader, node: Node) -> ModelServer | None:
    entries = reader.entries(node, frozenset({"url", "ca", "token_env", "token_file", "seconds"}))
    url = reader.text(entries["url"]) if "url" in entries else None
    if url is None:
        reader.wrong(node.mark, "`remote` needs `url`, as https://triton.example:8000", "`remote` 须写明 `url`")
        return None
    if not SERVER.fullmatch(url):
        told = "an address such as https://triton.example:8000 is expected here"
        reader.wrong(entries["url"].mark, told, "此处应为地址，如 https://triton.example:8000")
    return ModelServer(
        url=url,
        ca=reader.path(entries["ca"]) if "ca" in entries else None,
        token=secret(reader, entries, "token"),
        seconds=reader.positive_number(entries["seconds"]) if "seconds" in entries else ModelServer(url).seconds,
    )


def _named(reader: ValueReader, node: Node, form: re.Pattern[str], what: str) -> tuple[str, ...]:
    found = []
    for item in reader.items(node):
        text = reader.text(item)
        if text is not None and not form.fullmatch(text):
            reader.wrong(item.mark, f"{what} is expected here", f"此处应为 {what}")
        elif text is not None:
            found.append(text)
    return tuple(found)


def _model(reader: ValueReader, node: Node) -> NameModel | None:
    entries = reader.entries(node, frozenset({"path", "labels", "minimum"}))
    path = reader.path(entries["path"]) if "path" in entries else None
    if path is None:
        reader.wrong(node.mark, "a model needs `path`, its folder", "模型须写明 `path`（所在文件夹）")
        return None
    labels = {}
    for label, value in (reader.entries(entries["labels"], None) if "labels" in entries else {}).items():
        labels[label] = reader.text(value) or ""
        if not ENTITY_NAME.fullmatch(labels[label]):
            meant = nearest(labels[label], ENTITIES)
            hint = f"did you mean `{meant}`?" if meant else ""
            reader.wrong(value.mark, "an entity such as PERSON is expected here", "此处应为实体名，如 PERSON", hint)
    minimum = reader.positive_number(entries["minimum"]) if "minimum" in entries else LEAST
    if minimum > 1:
        reader.wrong(entries["minimum"].mark, "a number from 0 to 1 is expected here", "此处应为 0 到 1 之间的数")
    return NameModel(path, labels, minimum)
