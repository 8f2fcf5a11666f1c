"""The data classes of a policy: entities that detectors know, and the company's own terms, indexes and labels.

Enters: the nodes of the section, and a function that reads a list of terms beside the policy. Leaves: data classes by
folded name, and the lists that were read. Terms are secrets: a message about a list names its line and never quotes it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from policies import messages
from policies.decision import Text
from policies.define import named
from policies.model import DataClass, Mark, fold
from policies.own import TermList
from policies.problem import Problem, say
from policies.read import QUOTES, Reader
from policies.source import FORBIDDEN, Entries, Items, Node, Scalar, canonical

PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
MOST_TERMS = 100_000
SHORTEST_TERM = 2
"""One character alone stands in nearly every text; no detector takes it."""
LONGEST_TERM = 200
MARKS = (*QUOTES, "《", "〈", "【", "〔")
"""What a term begins with by mistake: it would count as part of the term, and then the term is never found."""
KEYS = ("entities", "terms", "terms_file", "variants", "index", "labels", "minimum_score", "placeholder")
OWN = frozenset({"terms", "terms_file", "index", "labels"})
"""Keys by any of which a class has an entity of its own."""
VARIANTS = ("pinyin", "initials", "separated", "plural")
"""Ways of writing a term besides those that always count: `detectors.company.variants` knows what each means."""
INDEX_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SCORE = re.compile(r"0(?:\.[0-9]{1,4})?|1(?:\.0{1,4})?")


@dataclass(slots=True)
class Classifier:
    """Reads the section `data_classes` of one policy."""

    read: Reader
    read_file: Callable[[str], str]
    """Reads a file beside the policy; raises `OSError` or `UnicodeError`."""
    classes: dict[str, DataClass] = field(default_factory=dict)
    """What was defined, by folded name."""
    files: list[tuple[str, str]] = field(default_factory=list, repr=False)
    """Name and canonical text of each list of terms."""

    def define(self, section: Node) -> None:
        """Define all classes of the section."""
        for name, node, mark in named(self.read, section, messages.CLASS):
            fields = self.read.fields(node, messages.A_CLASS, KEYS)
            entities = self._entities(fields["entities"]) if "entities" in fields else frozenset()
            terms = self._terms(name, fields, mark)
            own = frozenset({terms.entity}) if terms else frozenset[str]()
            self.classes[fold(name)] = DataClass(name, entities | own, terms, mark, self._minimum(fields))

    def _entities(self, node: Node) -> frozenset[str]:
        """Return the entities that a class names; a name that cannot stand in a placeholder is refused."""
        named = self.read.words(node, messages.ENTITY, self.read.entities, messages.WHOSE_ENTITY)
        for entity in sorted(named):
            if not PLACEHOLDER.fullmatch(entity):
                self.read.report.add(node.mark, say(messages.BAD_PLACEHOLDER, word=entity), messages.RENAME_ENTITY)
        return named

    def _terms(self, name: str, fields: Mapping[str, Node], mark: Mark) -> TermList | None:
        """Return what is the company's own in a class."""
        listed = {"terms", "terms_file"} & fields.keys()
        if "variants" in fields and not listed:
            self.read.report.add(fields["variants"].mark, messages.NOTHING_TO_VARY, messages.REMOVE_IT)
        if not OWN & fields.keys():
            if "placeholder" in fields:
                self.read.report.add(fields["placeholder"].mark, messages.NO_TERMS, messages.REMOVE_IT)
            return None
        groups = [*self._written(fields), *self._filed(fields)]
        terms = dict.fromkeys(group[0] for group in groups)
        aliases = dict.fromkeys(alias for group in groups for alias in group[1:] if alias not in terms)
        if len(terms) + len(aliases) > MOST_TERMS:
            self.read.report.add(mark, say(messages.TOO_MANY_TERMS, most=str(MOST_TERMS)))
        variants = self.read.words(fields["variants"], messages.VARIANT, VARIANTS) if "variants" in fields else ()
        indexes, labels = tuple(self._indexes(fields)), tuple(dict.fromkeys(self._labels(fields)))
        entity = self._entity(name, fields, mark)
        return TermList(entity, tuple(terms), tuple(aliases), frozenset(variants), indexes, labels) if entity else None

    def _written(self, fields: Mapping[str, Node]) -> Iterator[list[str]]:
        """Give the terms that stand in the policy itself, each before its aliases."""
        if "terms" not in fields:
            return
        for each in self.read.items(fields["terms"], messages.TERMS):
            if not isinstance(each, Entries):
                scalar = self.read.scalar(each, messages.TERMS)
                yield from self._group([scalar] if scalar else [])
                continue
            for key, value in each.entries:
                items = value.items if isinstance(value, Items) else (value,)
                aliases = [self.read.scalar(one, messages.TERMS) for one in items]
                yield from self._group([key, *(one for one in aliases if one is not None)])

    def _group(self, scalars: Iterable[Scalar]) -> Iterator[list[str]]:
        """Give a term with its aliases, as far as they are well written."""
        good = []
        for scalar in scalars:
            if scalar.plain and scalar.text.startswith(MARKS):
                self.read.report.add(scalar.mark, messages.WIDE_QUOTES_IN_TERMS, messages.USE_QUOTES)
            if scalar.plain and any(sign in scalar.text for sign in "，、"):
                self.read.report.add(scalar.mark, messages.WIDE_COMMA_IN_TERMS, messages.USE_COMMA)
            trouble = _trouble(scalar.text)
            if trouble:
                self.read.report.add(scalar.mark, trouble)
            else:
                good.append(_clean(scalar.text))
        if good:
            yield good

    def _indexes(self, fields: Mapping[str, Node]) -> Iterator[str]:
        """Give the names of the indexes; whether they were built is seen where they are opened."""
        for name, mark in self.read.names(fields["index"], messages.INDEX) if "index" in fields else ():
            if INDEX_NAME.fullmatch(name):
                yield name
            else:
                self.read.report.add(mark, say(messages.BAD_INDEX, word=name), messages.WRITE_INDEX)

    def _labels(self, fields: Mapping[str, Node]) -> Iterator[str]:
        for name, mark in self.read.names(fields["labels"], messages.LABEL) if "labels" in fields else ():
            trouble = _trouble(name)
            if trouble:
                self.read.report.add(mark, trouble)
            else:
                yield _clean(name)

    def _minimum(self, fields: Mapping[str, Node]) -> float:
        """Return the score from which findings count for a class."""
        scalar = self.read.scalar(fields["minimum_score"], messages.SCORE) if "minimum_score" in fields else None
        if scalar is None:
            return 0.0
        if SCORE.fullmatch(scalar.text):
            return float(scalar.text)
        self.read.report.add(scalar.mark, say(messages.BAD_SCORE, word=scalar.text), messages.WRITE_SCORE)
        return 0.0

    def _filed(self, fields: Mapping[str, Node]) -> Iterable[list[str]]:
        """Return the terms of the file beside the policy: one a line, aliases after tabs; `#` begins a comment."""
        scalar = self.read.scalar(fields["terms_file"], messages.TERMS) if "terms_file" in fields else None
        if scalar is None:
            return ()
        if not _beside(scalar.text):
            self.read.report.add(scalar.mark, say(messages.BAD_TERMS_FILE, word=scalar.text), messages.WRITE_FILE)
            return ()
        try:
            text = canonical(self.read_file(scalar.text))
        except UnicodeError:
            self._unread(scalar.text, scalar.mark, messages.NOT_UTF8_HERE)
            return ()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or messages.NOT_THERE
            self._unread(scalar.text, scalar.mark, why)
            return ()
        self.files.append((scalar.text, text))
        return self._lines(scalar.text, text)

    def _unread(self, name: str, mark: Mark, why: Text | str) -> None:
        self.read.report.add(mark, say(messages.UNREAD_TERMS, word=name, why=why))

    def _lines(self, name: str, text: str) -> list[list[str]]:
        groups = []
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            written = [each for each in line.split("\t") if each.strip()]
            marked = any(each.lstrip().startswith(MARKS) for each in written)
            troubles = [messages.WIDE_QUOTES_IN_TERMS] if marked else [each for each in map(_trouble, written) if each]
            if troubles:
                self.read.report.note(Problem(name, number, 1, troubles[0]))
            else:
                groups.append([_clean(each) for each in written])
        return groups

    def _entity(self, name: str, fields: Mapping[str, Node], mark: Mark) -> str:
        """Return the entity name of a class's own terms: its placeholder, or the class's name in capitals."""
        at = mark
        if "placeholder" in fields:
            scalar = self.read.scalar(fields["placeholder"], messages.PLACEHOLDER)
            if scalar is None:
                return ""
            at, entity = scalar.mark, scalar.text
        elif PLAIN_NAME.fullmatch(name):
            entity = name.upper().replace("-", "_")
        else:
            self.read.report.add(mark, say(messages.NO_PLACEHOLDER, word=name), messages.WRITE_PLACEHOLDER)
            return ""
        if not PLACEHOLDER.fullmatch(entity):
            self.read.report.add(at, say(messages.BAD_PLACEHOLDER, word=entity), messages.WRITE_PLACEHOLDER)
            return ""
        if entity in self.read.entities:
            self.read.report.add(at, say(messages.PLACEHOLDER_TAKEN, word=entity), messages.OTHER_PLACEHOLDER)
            return ""
        for other in self.classes.values():
            if other.terms and other.terms.entity == entity:
                self.read.report.add(at, say(messages.PLACEHOLDER_TWICE, word=entity, other=other.name))
        return entity


def _clean(term: str) -> str:
    return unicodedata.normalize("NFC", term.strip())


def _trouble(term: str) -> Text | None:
    """Return what is wrong with a term."""
    clean = _clean(term)
    if not any(each.isalnum() for each in clean):
        return messages.BAD_TERM
    if len(fold(clean)) < SHORTEST_TERM:
        return say(messages.TERM_TOO_SHORT, least=str(SHORTEST_TERM))
    if len(clean) > LONGEST_TERM:
        return say(messages.TOO_LONG, most=str(LONGEST_TERM))
    bad = FORBIDDEN.search(clean)
    return say(messages.BAD_CHARACTER, code=f"U+{ord(bad.group()):04X}") if bad else None


def _beside(name: str) -> bool:
    """Tell whether a name stays in the policy's own folder."""
    path = PurePosixPath(name)
    strange = any(each in name for each in "\\:~") or not name.isprintable()
    return bool(path.name) and not path.is_absolute() and ".." not in path.parts and not strange
