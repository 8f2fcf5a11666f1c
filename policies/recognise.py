"""From what people call a service to its id: the word that stands in a policy or a command enters, ids leave.

Pure. A word that is no id is looked for in ids, names and vendors: whole, as one of their words, at their beginning,
inside them. Only where all that finds nothing does likeness of spelling count. What it must never do: pick one of
several services for the author, for a rule about the wrong service protects nothing.
"""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from policies.model import fold
from policies.problem import WORD_SHOWN, clip

MOST_OFFERED = 6
LIKE = 0.75
"""Least likeness of two spellings, as `difflib` measures it."""
NO_MATCH = 5
"""Rank of what does not match at all; see `_rank`."""
SEPARATORS = re.compile(r"[\W_]+")


def names_of(services: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return names and vendor of each service by id; a plain collection of ids has none."""
    return services if isinstance(services, Mapping) else dict.fromkeys(services, ())


def by_name(word: str, services: Collection[str]) -> tuple[str, ...]:
    """Return the ids of all services that the word names, the best first."""
    wanted = _squash(word)
    if not wanted:
        return ()
    ranks = {id_: min(_rank(wanted, text) for text in (id_, *names)) for id_, names in names_of(services).items()}
    return tuple(sorted((id_ for id_, rank in ranks.items() if rank < NO_MATCH), key=lambda id_: (ranks[id_], id_)))


def by_likeness(word: str, services: Collection[str]) -> tuple[str, ...]:
    """Return the ids of the services whose id or name is spelt much like the word, the best first."""
    owners: dict[str, list[str]] = {}
    for id_, names in sorted(names_of(services).items()):
        for text in (id_, *names):
            for piece in {_squash(text), *_words(text)}:
                owners.setdefault(piece, []).append(id_)
    near = get_close_matches(_squash(word[:WORD_SHOWN]), sorted(owners), n=MOST_OFFERED, cutoff=LIKE)
    return tuple(dict.fromkeys(id_ for piece in near for id_ in owners[piece]))


def offer(word: str, services: Collection[str]) -> str:
    """Return the services that may be meant, as `ChatGPT: openai-chatgpt; …`, or an empty string."""
    found = by_name(word, services) or by_likeness(word, services)
    named = names_of(services)
    shown = [": ".join([*(clip(name) for name in list(named[id_])[:1]), id_]) for id_ in found[:MOST_OFFERED]]
    return "; ".join(shown + ["…"] * (len(found) > MOST_OFFERED))


def _rank(wanted: str, text: str) -> int:
    """Return how well a squashed word names what `text` names; 0 is best."""
    whole, words = _squash(text), _words(text)
    short = len(wanted) < (3 if wanted.isascii() else 2)
    if wanted == whole:
        return 0
    if wanted in words:
        return 1
    if short:
        return NO_MATCH
    if whole.startswith(wanted):
        return 2
    if wanted in whole:
        return 3
    # “ChatGPT Plus”, “豆包网页版”: what is written holds a whole name.
    held = len(whole) >= (4 if whole.isascii() else 2) and whole in wanted
    return 4 if held else NO_MATCH


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in SEPARATORS.split(fold(text)) if word)


def _squash(text: str) -> str:
    """Return the letters and digits of a text, folded, so that “Chat-GPT” and “ChatGPT” are the same."""
    return "".join(_words(text))
