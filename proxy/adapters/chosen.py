"""Where the keys in the body of a known interface are the user's own: arguments, schemas, metadata, records.

Enters: a body and the path of a leaf in it. Leaves: whether one of the objects above it has keys that are no words of
the interface, so that each says what stands under it as any word of a person does. Told by the names of such objects,
which all interfaces have in common, and not interface by interface: one that is not listed is read as a known one.
"""

from typing import Any, Final

from proxy.adapters.pointer import Steps

CHOSEN: Final = frozenset(
    {
        "args",
        "arguments",
        "biz_params",
        "custom_variables",
        "documents",
        "env",
        "functionCall",
        "functionResponse",
        "function_call",
    }
    | {"function_response", "inputs", "json", "kwargs", "labels", "metadata", "outputs", "parameter_definitions"}
    | {
        "promptVariables",
        "prompt_variables",
        "properties",
        "requestMetadata",
        "structuredContent",
        "structured_content",
    }
    | {"toolResult", "toolUse", "tool_results", "user_defined_params", "variables"}
)
"""Names of objects, or of lists of them, whose keys the interface leaves to whoever asks."""

OF_CALLS: Final = frozenset({"input", "output", "parameters", "response", "result"})
"""Names that mean this only in the call of a tool, in its result or in its definition."""

CALLS: Final = frozenset({"call_id", "name", "toolUseId", "tool_call_id", "tool_use_id"})
"""Keys by which such an object is known."""


def is_chosen(tree: Any, path: Steps) -> bool:
    """Tell whether somebody has chosen the key of the leaf at `path` of `tree`, which is not inside of a string."""
    above = tree
    for step in path[:-1]:
        if step in CHOSEN or (step in OF_CALLS and not CALLS.isdisjoint(above) and isinstance(above[step], dict)):
            return True
        above = above[step]
    return False
