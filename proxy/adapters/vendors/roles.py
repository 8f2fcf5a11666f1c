"""Declarative roles (who wrote which part of a request): lists of messages that name a role, and fields with one.

Enters: pointers of a format. Leaves: what `JsonAdapter.roles` asks for. A role that nobody knows is `other`.
"""

from collections.abc import Mapping
from typing import Any, Final

from proxy.adapters.json_adapter import Roles
from proxy.adapters.pointer import Steps
from proxy.exchange import Role

NAMES: Final[Mapping[str, Role]] = {
    "system": "system", "developer": "system", "user": "user", "human": "user", "assistant": "assistant",
    "model": "assistant", "chatbot": "assistant", "ai": "assistant", "bot": "assistant", "tool": "tool",
    "function": "tool",
}  # fmt: skip
"""Roles as vendors name them, in lower case."""


def roles(
    fields: Mapping[str, Role],
    *lists: str,
    key: str = "role",
    names: Mapping[str, Role] = NAMES,
) -> Roles:
    """Return who wrote a leaf: `fields` are pointers with their role, `lists` those of messages with `key`."""
    known = [(steps(pointer), role) for pointer, role in fields.items()]
    talks = [steps(pointer) for pointer in lists]

    def tell(tree: Any, path: Steps) -> Role:
        for at in talks:
            if path[: len(at)] == at and len(path) > len(at):
                return role_of(message_at(tree, path[: len(at) + 1]), key, names)
        return next((role for at, role in known if path[: len(at)] == at), "other")

    return tell


def role_of(message: Any, key: str, names: Mapping[str, Role]) -> Role:
    """Return the role that a message says."""
    said = message.get(key) if isinstance(message, dict) else None
    return names.get(said.lower(), "other") if isinstance(said, str) else "other"


def message_at(tree: Any, path: Steps) -> Any:
    """Return the message at `path`, or None where the tree has another form there."""
    for step in path:
        if isinstance(tree, dict) and isinstance(step, str):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step]
        else:
            return None
    return tree


def steps(pointer: str) -> Steps:
    """Return the keys of a pointer."""
    return tuple(pointer.split("/")[1:])
