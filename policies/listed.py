"""The services of the catalogue as policy sees them, for tools that try a policy without a request.

Enters: a word that a person wrote for a service. Leaves: the service, or None. Values only; the catalogue itself is a
room of the proxy, which policy never imports.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from policies.model import fold

UNLISTED: Final = "unlisted"
"""Tag, and the word in tests, for a host that looks like AI and that no catalogue lists."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One service."""

    id: str
    category: str
    country: str
    tags: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    """What people call it, in any language."""
    words: bool = True
    """Whether something can be added to its answers: a label, a notice."""


NOBODYS: Final = Listed(UNLISTED, "", "", frozenset({UNLISTED}), ("未收录",))
"""A service outside the catalogue."""


@dataclass(frozen=True, slots=True)
class Services:
    """All services, by id and by the names people use."""

    all: tuple[Listed, ...]
    by_word: Mapping[str, Listed]

    def called(self, word: str) -> Listed | None:
        """Return the service that `word` means; nothing, or `unlisted`, is one that no catalogue lists."""
        if not word or word in (NOBODYS.id, *NOBODYS.names):
            return NOBODYS
        return self.by_word.get(fold(word))


def list_services(services: Iterable[Listed]) -> Services:
    """Return `services`, ready to be asked; an id comes before a name that another service shares with it."""
    known = tuple(services)
    named = {fold(name): each for each in reversed(known) for name in each.names}
    return Services(known, MappingProxyType(named | {fold(each.id): each for each in known}))
