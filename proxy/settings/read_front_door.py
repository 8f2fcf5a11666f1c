"""The section `front_door` of `sluice.yaml`: nodes in, a `FrontDoor` out. Every mistake is noted with its place.

An address that a browser could read in two ways must be an error here: people are sent there without a question.
"""

from typing import Final
from urllib.parse import urlsplit

from policies.source import Node
from proxy.refusals.front_door import FrontDoor
from proxy.settings.read_values import ValueReader

NOT_A_PAGE: Final = "write the whole address of a page, such as https://ai.corp.example/start"
NOT_A_PAGE_ZH: Final = "请写页面的完整地址，例如 https://ai.corp.example/start"


def read_front_door(reader: ValueReader, node: Node) -> FrontDoor:
    """Return where the company sends people."""
    entries = reader.entries(node, frozenset({"address", "how"}))
    if "address" not in entries:
        reader.wrong(node.mark, NOT_A_PAGE, NOT_A_PAGE_ZH)
        return FrontDoor()
    how = reader.choice(entries["how"], ("redirect", "link")) if "how" in entries else "redirect"
    return FrontDoor(_address(reader, entries["address"]), "link" if how == "link" else "redirect")


def _address(reader: ValueReader, node: Node) -> str:
    text = reader.text(node) or ""
    try:
        parts = urlsplit(text)
        good = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        good = False
    if not good or not text.isascii() or " " in text or "\\" in text:
        reader.wrong(node.mark, NOT_A_PAGE, NOT_A_PAGE_ZH)
        return ""
    return text
