"""What models and rules say of a text, brought to one answer.

Enters: a view's text and mentions. Leaves: mentions in order, none overlapping another. Pure. A word of the stop list
is no name because a model took it for one; an address keeps its city and stands as one piece; a name seen surely once
is found wherever else it stands.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from detectors.ner.mention import Mention
from detectors.ner.words import word_lists

EVERY: Final = frozenset(word_lists("stop")["all"])
STOP: Final = {label: EVERY | frozenset(listed) for label, listed in word_lists("stop").items() if label != "all"}
EDGES: Final = ' \t\r\n"`,;:!?()[]{}<>|，、；：！？（）【】《》「」“”。'
"""Marks that are never the first or the last of a name; a full stop may be: D.C."""

BETWEEN: Final = re.compile("[ ,\n号]{0,3}")
"""What may stand between two pieces of one address."""

SURE: Final = 0.9
"""The least score of a person who is found again elsewhere."""
AGAIN: Final = 0.8
MOST_OF_IT: Final = 0.6
"""A model that sees so much of an address that a rule finds knows its edges better."""

MOST_NAMES: Final = 400
IN_ONE: Final = re.compile(
    r"(?i)[a-z0-9._%+\-]{1,64}@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+|(?:(?:https?|ftp|wss?|git|ssh)://|\bwww\.)[^\s\u3400-\u9fff,;\"'<>()]+"
)
"""Mail and web addresses: no part of one is a name."""

HAN: Final = re.compile("[\u3400-\u9fff]")
LETTER: Final = re.compile(r"[^\W\d_]")


def settle(text: str, mentions: Iterable[Mention]) -> list[Mention]:
    """Return one answer out of all mentions."""
    kept = beside_addresses(text, [one for mention in mentions if (one := trimmed(text, mention)) is not None])
    chosen = choose(kept)
    chosen = choose([*chosen, *repeated(text, chosen)])
    return join_addresses(text, chosen)


def trimmed(text: str, mention: Mention) -> Mention | None:
    """Return the mention without blanks and marks at its edges; nothing where no name can be left."""
    start, end = mention.start, mention.end
    while start < end and text[start] in EDGES:
        start += 1
    while end > start and text[end - 1] in EDGES:
        end -= 1
    if text[end : end + 1] == ")" and "(" in text[start:end] and ")" not in text[start:end]:
        end += 1
    words = text[start:end]
    if not words or (not LETTER.search(words) and mention.label != "ADDRESS"):
        return None
    if not mention.firm and words.casefold() in STOP.get(mention.label, EVERY):
        return None
    if len(words) == 1 and not (mention.label == "LOCATION" and HAN.match(words)) and not mention.firm:
        return None
    return replace(mention, start=start, end=end)


def beside_addresses(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions that do not lie inside a mail or web address."""
    spans = [match.span() for match in IN_ONE.finditer(text)] if "@" in text or "/" in text or "www" in text else []
    if not spans:
        return list(mentions)
    starts = [start for start, _ in spans]

    def inside(one: Mention) -> bool:
        at = bisect_left(starts, one.start + 1) - 1
        return at >= 0 and one.start < spans[at][1]

    return [one for one in mentions if not inside(one)]


def choose(mentions: Sequence[Mention]) -> list[Mention]:
    """Return mentions of which none overlap.

    Those of one label that overlap are one, with a model's edges rather than a rule's. Of two labels the certain edges
    win, then an address over what it holds, then the better score.
    """
    alike: list[Mention] = []
    for label in sorted({one.label for one in mentions}):
        alike += unite([one for one in mentions if one.label == label])
    left: list[Mention] = []
    for one in sorted(
        alike, key=lambda one: (one.label == "ADDRESS", one.firm, one.score, one.end - one.start), reverse=True
    ):
        rivals = [other for other in left if other.start < one.end and one.start < other.end]
        if not rivals:
            left.append(one)
        elif one.label in ("LOCATION", "ADDRESS") and rivals[0].label == "ADDRESS" and len(rivals) == 1:
            left[left.index(rivals[0])] = _both(rivals[0], one)
    return sorted(left)


def unite(mentions: Sequence[Mention]) -> list[Mention]:
    """Return mentions of one label with overlapping ones made one; where an edge is certain it stays."""
    united: list[Mention] = []
    for one in sorted(mentions):
        if not united or one.start >= united[-1].end:
            united.append(one)
            continue
        last = united[-1]
        if last.firm != one.firm and last.label == "PERSON":
            firm, loose = (last, one) if last.firm else (one, last)
            united[-1] = replace(firm, score=max(firm.score, loose.score), because=_reasons(firm, loose))
        elif _is_cue(one) != _is_cue(last) and (last.label == "ADDRESS" or not (last.firm or one.firm)):
            cue, model = (one, last) if _is_cue(one) else (last, one)
            whole = model.label != "ADDRESS" or model.end - model.start >= MOST_OF_IT * (cue.end - cue.start)
            better = replace(model, score=max(cue.score, model.score), because=_reasons(model, cue))
            united[-1] = better if whole else _both(better, cue)
        else:
            united[-1] = _both(last, one)
    return united


def _is_cue(mention: Mention) -> bool:
    return bool(mention.because) and all(reason.startswith("cue:") for reason in mention.because)


def _both(one: Mention, other: Mention) -> Mention:
    return replace(
        one,
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        score=max(one.score, other.score),
        because=_reasons(one, other),
        firm=one.firm or other.firm,
    )


def _reasons(one: Mention, other: Mention) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one.because, *other.because)))


def repeated(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the other places of persons who are named surely somewhere in the text."""
    names = {
        text[one.start : one.end]
        for one in mentions
        if one.label == "PERSON" and one.score >= SURE and _telling(text[one.start : one.end])
    }
    if not names or len(names) > MOST_NAMES:
        return []
    alternatives = sorted(names, key=lambda name: (-len(name), name))
    pattern = re.compile("|".join(_whole(name) for name in alternatives))
    starts = [one.start for one in mentions]
    found = []
    for match in pattern.finditer(text):
        at = bisect_left(starts, match.end())
        if at == 0 or mentions[at - 1].end <= match.start():
            found.append(Mention(*match.span(), "PERSON", AGAIN, ("cue:repeated",)))
    return found


def _telling(name: str) -> bool:
    """Tell whether a name is long enough to mean the same person wherever it stands."""
    if HAN.match(name):
        return len(name) >= 2 and len(set(name)) >= 2
    return len(name) >= 4 and name[0].isupper() and not name.casefold().isnumeric()


def _whole(name: str) -> str:
    return re.escape(name) if HAN.match(name) else rf"(?<![^\W_]){re.escape(name)}(?![^\W_])"


def join_addresses(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions with the pieces of an address, and the place beside it, made one."""
    joined: list[Mention] = []
    for one in mentions:
        last = joined[-1] if joined else None
        if (
            last is not None
            and {last.label, one.label} <= {"ADDRESS", "LOCATION"}
            and "ADDRESS" in (last.label, one.label)
            and BETWEEN.fullmatch(text, last.end, one.start)
        ):
            joined[-1] = replace(_both(last, one), label="ADDRESS")
        else:
            joined.append(one)
    if len(joined) != len(mentions):
        return join_addresses(text, joined)
    return joined
