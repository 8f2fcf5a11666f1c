"""What is the company's own in a data class: its words, the rows and documents it has registered, its markings.

Values only. Words are the company's secrets: they must never reach a `repr` or a log.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TermList:
    """What is the company's own in a data class, words above all, and the entity that each of it is."""

    entity: str
    terms: tuple[str, ...] = field(default=(), repr=False)
    aliases: tuple[str, ...] = field(default=(), repr=False)
    """What the same things are called besides."""
    variants: frozenset[str] = frozenset()
    """Other ways of writing terms and aliases that count: words of `policies.classify.VARIANTS`."""
    indexes: tuple[str, ...] = ()
    """Names of indexes of registered rows or documents."""
    labels: tuple[str, ...] = ()
    """Markings that a text or a file carries."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing by which it could be found."""
        return not (self.terms or self.aliases or self.indexes or self.labels)
