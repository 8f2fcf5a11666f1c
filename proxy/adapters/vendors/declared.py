"""Strings that an interface declares to be base64, however short: what they hold is read, or named as not looked into.

Enters: a prompt as it was read, and the places that hold such strings. Leaves: the prompt with the text in them as
parts. Elsewhere only long base64 is taken for such, for a short word may look like it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from proxy.adapters.pointer import Hop, Steps, pointer, walk
from proxy.adapters.prompt import Rules, TreePrompt
from proxy.adapters.shape import find
from proxy.adapters.wrapped import inner_text, is_blob
from proxy.exchange import Part

RULES: Final = Rules()


def with_declared(prompt: TreePrompt, places: Sequence[str]) -> TreePrompt:
    """Return `prompt` with what is in the strings at `places`, pointers in which `*` stands for any index."""
    declared = {path for place in places for path, _ in find(prompt.tree, place)}
    paths: list[Steps] = []
    parts: list[Part] = []
    opaque = list(prompt.opaque)
    for path, part in zip(prompt.paths, prompt.parts, strict=True):
        if path not in declared or not part.text or not is_blob(part.text, declared=True):
            paths.append(path)
            parts.append(part)
        elif (text := inner_text(part.text, declared=True)) is None:
            opaque.append(part.pointer)
        else:
            for leaf in walk(text):
                inside: Steps = (*path, Hop.DATA, *leaf.path)
                if leaf.kind == "blob":
                    opaque.append(pointer(inside))
                elif RULES.reads(leaf):
                    paths.append(inside)
                    parts.append(Part(pointer(inside), part.role, leaf.text))
    return replace(prompt, paths=tuple(paths), parts=tuple(parts), opaque=tuple(opaque))
