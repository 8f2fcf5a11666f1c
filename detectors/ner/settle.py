"""What models and rules say of a text, brought to one answer.

Enters: a view's text and mentions. Leaves: mentions in order, no two names overlapping. Pure. A word of the stop list
is no name because a model took it for one; an address keeps its city and stands as one piece; a name seen surely once
is found wherever else it stands.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from detectors.allowance import spend
from detectors.ner.again import companions, employers, one_sense, repeated
from detectors.ner.alone import backed
from detectors.ner.edges import HAN, edged
from detectors.ner.known import has_known_name, is_ordinary
from detectors.ner.mention import Mention
from detectors.ner.tags import LABELS
from detectors.ner.words import any_of, word_lists
from detectors.traditional import simplified

BETWEEN: Final = re.compile("[ ,\n号]{0,3}")
"""What may stand between two pieces of one address."""

CELL_BORDER: Final = re.compile("[\t\f]")
"""What parts the cells of a table, and the lines within one."""

MOST_OF_IT: Final = 0.6
"""A model that sees so much of an address that a rule finds knows its edges better."""

IN_ONE: Final = re.compile(
    r"(?i)[a-z0-9._%+\-]{1,64}@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+|(?:(?:https?|ftp|wss?|git|ssh)://|\bwww\.)[^\s\u3400-\u9fff,;\"'<>()]+"
)
"""Mail and web addresses: no part of one is a name."""

PARTICLE: Final = re.compile(
    r"[ ](?:bin|binti|bint|ibn|ap|van|von|de|del|della|da|di|dos|al|el|y|zu)(?:[ ](?:der|den|la|las|los))?[ ]"
)
"""What stands between two parts of one person's name."""

FAMILY: Final = re.compile(r"(?<=[a-z])[ ][A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'’\-]{2,}(?![\w@])")
"""A word behind a given name that may be the rest of it."""

BEHIND: Final = re.compile("[ ]?([\u3400-\u9fff])")
AHEAD: Final = re.compile("([\u3400-\u9fff]{0,4})([\u3400-\u9fff])[ ]?\\Z")
CHINESE: Final = word_lists("chinese")
BESIDE: Final = frozenset((*CHINESE["nick_surnames"], *CHINESE["mixed_surnames"]))
PLAIN: Final = frozenset(CHINESE["plain_surnames"]) & BESIDE
BEFORE: Final = CHINESE["before"]
AFTER: Final = frozenset("".join(CHINESE["after"]))
"""Family names beside a given name in Latin letters, and what may stand round them."""

BODY: Final = re.compile(any_of(word_lists("chinese")["body_ends"]))


def settle(text: str, mentions: Iterable[Mention]) -> list[Mention]:
    """Return one answer out of all mentions, in order.

    Persons, bodies, places and addresses are of one kind, so that of those that overlap one is left. What else a model
    from elsewhere calls by a name of its own (`EMPLOYEE_ID`, `PRODUCT_NAME`) is another question: it is neither taken
    for a name nor takes one away.
    """
    told = list(mentions)
    kinds = sorted({one.label for one in told}.difference(LABELS))
    settled = one_answer(text, [one for one in told if one.label in LABELS])
    for kind in kinds:
        settled += one_answer(text, [one for one in told if one.label == kind])
    return sorted(settled) if kinds else settled


def one_answer(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return one answer to one question, in order, without any that overlap."""
    kept: list[Mention] = []
    for mention in mentions:
        spend()
        kept += (one for share in within_cells(text, mention) if (one := edged(text, share)) is not None)
    kept = beside_companies(beside_addresses(text, kept))
    chosen = one_sense(text, join_persons(text, choose([grown(text, one) for one in choose(kept)])))
    chosen = choose([*chosen, *companions(text, chosen), *employers(text, chosen)])
    chosen = choose([*chosen, *beside_addresses(text, repeated(text, chosen))])
    return backed(text, join_addresses(text, chosen))


def within_cells(text: str, mention: Mention) -> Iterator[Mention]:
    """Yield what of a mention stands in each cell of a table: no name goes on in the next one."""
    if not CELL_BORDER.search(text, mention.start, mention.end):
        yield mention
        return
    at = mention.start
    for border in (*CELL_BORDER.finditer(text, mention.start, mention.end), None):
        end = border.start() if border else mention.end
        if text[at:end].strip():
            yield replace(mention, start=at, end=end)
        at = border.end() if border else end


def grown(text: str, mention: Mention) -> Mention:
    """Return a name with what belongs to it: 欧洲 + 央行, 上海音乐学院 + 附中, Vikram + Subramanian."""
    if mention.label == "PERSON" and (mixed := mixed_name(text, mention)) is not None:
        return mixed
    if mention.label == "PERSON" and not mention.firm and (family := FAMILY.match(text, mention.end)):
        return replace(mention, end=family.end()) if has_known_name(family.group()) else mention
    if mention.firm or mention.label == "ADDRESS" or not HAN.match(text, mention.end):
        return mention
    body = BODY.match(text, mention.end)
    if body is None or not HAN.search(text, mention.start, mention.end):
        return mention
    return replace(mention, end=body.end(), label="ORGANIZATION", because=(*mention.because, "cue:body"))


def mixed_name(text: str, mention: Mention) -> Mention | None:
    """Return a known given name in Latin letters with the Chinese family name beside it: Tom 王, 张Lily."""
    words = text[mention.start : mention.end]
    if HAN.search(words) or not has_known_name(words):
        return None
    behind = BEHIND.match(text, mention.end)
    if behind and simplified(behind.group(1)) in BESIDE and _stands_alone(text, *behind.span(1)):
        return replace(mention, end=behind.end(1), because=(*mention.because, "cue:family"))
    ahead = AHEAD.search(text, max(0, mention.start - 6), mention.start)
    if (
        ahead
        and simplified(ahead.group(2)) in BESIDE
        and (not ahead.group(1) or simplified(ahead.group(1)).endswith(BEFORE))
    ):
        return replace(mention, start=ahead.start(2), because=(*mention.because, "cue:family"))
    return None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a family name is a word: nothing Chinese behind it, or another word, for the commonest names."""
    if not HAN.match(text, end):
        return True
    after = simplified(text[end : end + 2])
    return (
        simplified(text[start]) in PLAIN
        and not is_ordinary(text[start : end + 1])
        and (after[0] in AFTER or is_ordinary(after))
    )


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


def beside_companies(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions without persons and places that a company's ending belongs to: Klara Moden KG is no woman."""
    ends = {one.end: one.start for one in mentions if "cue:company" in one.because}
    return [
        one
        for one in mentions
        if one.firm or one.label not in ("PERSON", "LOCATION") or ends.get(one.end, one.start + 1) > one.start
    ]


def choose(mentions: Sequence[Mention]) -> list[Mention]:
    """Return mentions of which none overlap.

    Those of one label that overlap are one, with a model's edges rather than a rule's. Of two labels an address wins
    over what it holds, then certain edges, then the better score, then the longer one; never which model came first.
    """
    spend(len(mentions))
    alike: list[Mention] = []
    for label in sorted({one.label for one in mentions}):
        alike += unite([one for one in mentions if one.label == label])
    left: list[Mention] = []
    starts: list[int] = []
    for one in sorted(
        alike, key=lambda one: (one.label == "ADDRESS", one.firm, one.score, one.end - one.start), reverse=True
    ):
        last = bisect_left(starts, one.end)  # none of those taken overlap, so that their ends are in order, too
        first = last
        while first and left[first - 1].end > one.start:
            first -= 1
        if first == last:
            left.insert(first, one)
            starts.insert(first, one.start)
        elif one.label in ("LOCATION", "ADDRESS") and left[first].label == "ADDRESS" and last - first == 1:
            left[first] = _both(left[first], one)
            starts[first] = left[first].start
    return left


def unite(mentions: Sequence[Mention]) -> list[Mention]:
    """Return mentions of one label with overlapping ones made one; where an edge is certain it stays."""
    united: list[Mention] = []
    for one in sorted(mentions):
        if not united or one.start >= united[-1].end:
            united.append(one)
            continue
        last = united[-1]
        if last.firm != one.firm and last.label != "ADDRESS":
            firm, loose = (last, one) if last.firm else (one, last)
            united[-1] = replace(firm, score=max(firm.score, loose.score), because=_reasons(firm, loose))
        elif _is_cue(one) != _is_cue(last) and not (last.firm or one.firm):
            cue, model = (one, last) if _is_cue(one) else (last, one)
            if model.label == "ORGANIZATION" and model.start == cue.start and model.end < cue.end:
                model = replace(model, end=cue.end)  # a model stops before the trade: 恒远 + 包装
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


def join_persons(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions with the parts of a person's name round a `bin` or a `van der` made one."""
    joined: list[Mention] = []
    for one in mentions:
        last = joined[-1] if joined else None
        if last and last.label == one.label == "PERSON" and PARTICLE.fullmatch(text, last.end, one.start):
            joined[-1] = _both(last, one)
        else:
            joined.append(one)
    return joined


def join_addresses(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions with the pieces of an address, and the place beside it, made one."""
    joined: list[Mention] = []
    for mention in mentions:
        one = mention
        while joined and _are_one(text, joined[-1], one):
            one = replace(_both(joined.pop(), one), label="ADDRESS")
        joined.append(one)
    return joined


def _are_one(text: str, one: Mention, other: Mention) -> bool:
    labels = {one.label, other.label}
    return (
        "ADDRESS" in labels
        and labels <= {"ADDRESS", "LOCATION"}
        and BETWEEN.fullmatch(text, one.end, other.start) is not None
    )
