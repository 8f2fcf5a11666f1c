"""One line of the register of wire formats: an adapter, and the requests that speak it.

Enters: the head of a request. Leaves: whether it speaks the format. Nothing of the body is known here.
"""

import re
from dataclasses import dataclass
from typing import Final

from proxy.adapters.forms import FORM
from proxy.adapters.interface import Adapter, Asked

JSON: Final = re.compile(rf"|text/plain|{re.escape(FORM)}|.*json.*", re.DOTALL)
"""Types of a body that may be JSON to the service: a client may call it a form, or nothing at all. Chat services look
for JSON whatever it is called, so whatever else is sent to them as a form is refused."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One wire format and the requests that speak it."""

    adapter: Adapter
    path: re.Pattern[str]
    """Matched against the whole path, query left out."""
    wires: frozenset[str] = frozenset()
    """Wire formats of the catalogue, one of which the service must have; none asks for none."""
    method: str = "POST"
    """Any, where it is empty."""
    types: re.Pattern[str] = JSON
    """Matched against the media type of the body, parameters left out, in lower case."""

    def fits(self, asked: Asked) -> bool:
        """Return whether a request speaks this format."""
        kind = asked.content_type.partition(";")[0].strip().lower()
        return (
            self.method in ("", asked.method)
            and (not self.wires or asked.wire in self.wires)
            and self.path.fullmatch(asked.bare) is not None
            and self.types.fullmatch(kind) is not None
        )
