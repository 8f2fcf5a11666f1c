"""Names of tools that chat completions do not have, told as names of functions and read back from the model's calls.

Enters: a tool of Responses (a function, a free-form tool, one of a namespace). Leaves: the name under which the
company's model is offered it, which alone says what its calls are: whoever writes the answer has not seen the request.
"""

from dataclasses import dataclass
from typing import Final

FREE: Final = "custom_tool--"
"""Begins the name of a tool that takes free text; as a function it has the one argument `input`."""

WITHIN: Final = "--in--"
"""Stands between a tool's name and that of its namespace."""

INPUT: Final = "input"


@dataclass(frozen=True, slots=True)
class ToolName:
    """What a client calls one of its tools."""

    name: str
    namespace: str = ""
    free: bool = False
    """Whether it takes free text instead of arguments in JSON."""

    @property
    def as_function(self) -> str:
        """The name of the function that stands for it."""
        return FREE * self.free + self.name + (WITHIN + self.namespace if self.namespace else "")


def tool_name(function: str) -> ToolName:
    """Return the tool that a function stands for."""
    name, _, namespace = function.removeprefix(FREE).partition(WITHIN)
    return ToolName(name, namespace, function.startswith(FREE))
