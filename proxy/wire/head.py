"""What a request says outside its body: its address and its header fields, read together.

Enters: a request, and the fields that go no further. Leaves: parts, and the way back to an address and to fields.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from proxy.adapters.interface import Adapter
from proxy.adapters.sign_in import SignIn
from proxy.exchange import Headers, Part, Request
from proxy.route import NEVER_FORWARDED
from proxy.wire.fields import Fields, read_fields
from proxy.wire.target import Target, read_target


@dataclass(frozen=True, slots=True)
class Head:
    """What a request says outside its body, read."""

    target: Target
    fields: Fields

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text of the address, then that of the header fields."""
        return (*self.target.parts, *self.fields.parts)

    def rewrite(self, texts: Sequence[str]) -> tuple[str, Headers]:
        """Return path and query, and the header fields that change, with part *i* reading `texts[i]`."""
        count = len(self.target.parts)
        return self.target.rewrite(texts[:count]), self.fields.rewrite(texts[count:])


def read_head(request: Request, stripped: Set[str], adapter: Adapter | None = None) -> Head:
    """Read all that goes on of a request's head, the fields `stripped` do not; raises `WireError`.

    Of one that `adapter` reads as a sign-in, the account in the query passes.
    """
    gone = NEVER_FORWARDED | stripped
    return Head(
        read_target(request.path, signing_in=isinstance(adapter, SignIn)),
        read_fields(tuple(one for one in request.headers if one[0] not in gone)),
    )
