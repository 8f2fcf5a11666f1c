"""Patches by which Notion's page fetches what an agent has said: entries that are put, and texts that go on in pieces.

Enters: the patches of one answer. Leaves: patches that make the same of the page, in which each text stands in one
piece, so that a placeholder which was cut can be read. What is cut between two answers stays cut. Pure; a patch of any
other form stays as it is, and what comes behind it is put together anew.
"""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,5}")
TEXT: Final = "/text"
"""How the place of a text ends."""


def whole_texts(patches: Sequence[Any]) -> Sequence[Any]:
    """Return the patches with what goes on with a text put where the text is; themselves where nothing goes on."""
    if not any(is_more(one) for patch in patches for one in changes_of(patch)):
        return patches
    return Joining().all_of(deepcopy(list(patches)))


def changes_of(patch: Any) -> Sequence[Any]:
    """Return what a patch changes in an entry."""
    changes = patch.get("ops") if isinstance(patch, dict) else None
    return changes if isinstance(changes, list) else ()


def is_more(change: Any) -> bool:
    """Return whether a change goes on with a text; elsewhere, what is appended is one more of a list."""
    if not isinstance(change, dict) or change.get("op") != "append" or not isinstance(change.get("value"), str):
        return False
    path = change.get("path")
    return isinstance(path, str) and path.startswith("/") and path.endswith(TEXT)


class Joining:
    """Follows the patches of one answer."""

    def __init__(self) -> None:
        """Know no entry yet."""
        self.entries: dict[str, Any] = {}
        """Those that were put and not changed since but by texts that went on."""
        self.texts: dict[str, dict[str, dict[str, Any]]] = {}
        """Changes that go on with a text of an entry that was not put here, by its id, and by the place in it."""

    def all_of(self, patches: list[Any]) -> list[Any]:
        """Return what is left of patches, which are changed."""
        return [patch for patch in patches if self.stays(patch)]

    def stays(self, patch: Any) -> bool:
        """Take a patch in, and return whether anything of it is left."""
        name = patch.get("id") if isinstance(patch, dict) else None
        changes = changes_of(patch)
        if isinstance(name, str) and patch.get("op") == "patch" and changes:
            patch["ops"] = [change for change in changes if self.remains(name, change)]
            return bool(patch["ops"])
        entry = patch.get("entity") if isinstance(patch, dict) and patch.get("op") == "put" else None
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            self.forget(entry["id"])
            self.entries[entry["id"]] = entry
        else:  # it may change whatever there is
            self.entries, self.texts = {}, {}
        return True

    def remains(self, name: str, change: Any) -> bool:
        """Return whether a change of an entry remains one of its own."""
        if not is_more(change):
            self.forget(name)
            return True
        if name in self.entries:
            if appended(self.entries[name], change["path"], change["value"]):
                return False
            self.forget(name)  # whatever stands there, it is no text
            return True
        before = self.texts.setdefault(name, {}).setdefault(change["path"], change)
        if before is not change:
            before["value"] += change["value"]
        return before is change

    def forget(self, name: str) -> None:
        """Put nothing more together with what is known of an entry."""
        self.entries.pop(name, None)
        self.texts.pop(name, None)


def appended(entry: Any, path: str, text: str) -> bool:
    """Go on with the text at a path of an entry; return whether there was one."""
    *way, last = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    holder = entry
    for step in way:
        holder = below(holder, step)
    if not isinstance(holder, dict) or not isinstance(holder.get(last), str):
        return False
    holder[last] += text
    return True


def below(holder: Any, step: str) -> Any:
    """Return what stands at one step, or None."""
    if isinstance(holder, list):
        return holder[int(step)] if NUMBER.fullmatch(step) and int(step) < len(holder) else None
    return holder.get(step) if isinstance(holder, dict) else None
