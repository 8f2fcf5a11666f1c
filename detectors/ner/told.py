"""Secrets that a sentence tells: what the models' second answer becomes.

Enters: a view's text and the stretches that models take for a password, a code or a key. Leaves: mentions under the
label `SECRET`. Pure. A model learnt from sentences, so it is asked about sentences alone: in code, logs and settings
patterns answer. It need be less sure where somebody speaks of what is opened, and surer of mere words. It says where a
secret is told, not where it ends to the letter: what is glued to it belongs to it, and quotes round it do not.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from detectors.allowance import spend
from detectors.kind import Kind
from detectors.ner.believe import BY_HASHED, OURS, Kinds, Seen
from detectors.ner.mention import Mention
from detectors.ner.script import has_others
from detectors.ner.settle import IN_ONE
from detectors.ner.tags import SECRET
from detectors.ner.words import any_of, word_lists
from detectors.plausible import MASK, VARIABLE, WORD
from detectors.traditional import simplified

STRICTER: Final = {Kind.PROSE: 0.0, Kind.TABLE: 0.1, Kind.CONFIG: 0.3}
"""What is added to the threshold, by the kinds of text in which models are believed at all."""

UNSAID: Final = 0.2
"""What is added where nothing near speaks of what is opened, and of a value without a figure in it."""

ALL_BUT_CERTAIN: Final = 0.99
"""The least score of what looks like something else where nothing near speaks of what is opened: mere words that the
hashed model sees are mostly titles, sayings and terms of a trade, and joined words are files, modules and builds."""

JOINED: Final = re.compile(r"~?[^\W_]+(?:[-._][^\W_]+){4,}|~?[A-Za-z]\w*(?:\.[A-Za-z]\w*)+")
"""`cp313-abi3-linux_x86_64`, `pkg.module.name`, `math.so`."""

AROUND: Final = 160
WORDS: Final = word_lists("told")
OPENED: Final = re.compile(rf"\b{any_of(WORDS['english'])}|{any_of(WORDS['chinese'])}", re.IGNORECASE)
FIGURE: Final = re.compile(r"\d")

NUMBER: Final = re.compile(r"[\d ./+-]+")
LONGEST_NUMBER: Final = 10
"""Figures of a code that somebody tells; longer numbers are of cards, papers and telephones, which patterns know."""

PUBLIC: Final = re.compile(r"11[029]|12[02]|911|999|116[0-9]{3}|100(?:00|01|10|16|86)|123(?:06|15|48|66)")
"""Numbers that everybody calls, for help or for a service; hardly a door opens with one of them."""

CELL: Final = re.compile(r"(?:^|(?<=[,;|\t]))[ ]*[\d.]+[ ]?[%a-zA-Z]{0,3}[ ]*(?=[,;|\t\n]|$)", re.MULTILINE)
MANY_CELLS: Final = 3
"""Numbers between the marks of columns, on one line: such a row is a table of figures."""

FIGURES: Final = re.compile(r"[ ]*[\d.,]+[ ]*")
NEAR: Final = 60
"""A line of nothing but a number, and how far on either side such lines are counted: a column of figures."""

EQUATION: Final = re.compile(r"\)[ ]?=[ ]?\Z")
ASSIGNED: Final = re.compile(r"[\w\])][=<][^=]")
"""What the value of a function, and an assignment or a comparison, look like."""

LETTERS: Final = r"\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u024f\u0300-\u052f\u1e00-\u1fff€"
"""What passwords are made of beside ASCII: Latin letters with accents and their signs, Greek and Cyrillic letters."""
GLUED: Final = re.compile(rf"[!#$%&*+\-./0-9=?@A-Z\\^_a-z~{LETTERS}]*")
"""What goes on with a secret behind it, where no white space, quote, bracket, dash or stop parts them, and no script
begins that is written without blanks."""
BEFORE: Final = re.compile(rf"[!#$%&*+\-.0-9?@A-Z\\^_a-z~{LETTERS}]*")
"""The same before it, read backwards."""
EDGES: Final = " \t\n\"'`“”‘’«»()[]{}<>,;:：，。、|"
STOP: Final = re.compile(r"[.?…]+\Z|\A[0-9]+!+\Z")
"""The end of a sentence. An exclamation mark belongs to many a password, and to no number."""

LED: Final = re.compile('[:：“「『"]([\u3400-\u9fff]{1,8})\\Z')
"""Chinese words between a colon or a quote and the rest of a value: 小猪佩奇2024."""

ADDRESS: Final = re.compile(r"@|://|\bwww\.", re.IGNORECASE)
"""A sign that is in every mail or web address."""

SHORTEST_ELSEWHERE: Final = 4
MOST_ELSEWHERE: Final = 32
"""Characters of a value that is looked for elsewhere in its text, and how many values are."""

LONGEST: Final = 200
"""Characters; what goes on for longer is no secret that somebody tells."""
SHORTEST: Final = 3


def is_told(seen: Seen) -> bool:
    """Tell whether one of our own models sees a secret, whose score it has learnt from sentences."""
    return seen[0].label == SECRET and seen[0].because in OURS


def told(text: str, seen: Iterable[Seen]) -> list[Mention]:
    """Return the secrets among what models see, whole, where they can judge the text; raises `CannotTell`."""
    kinds = Kinds(text)
    found: list[Mention] = []
    for one, least in seen:
        spend()
        stricter = STRICTER.get(kinds.at(one.start))
        if stricter is None or one.score < least or one.end - one.start > LONGEST:
            continue
        start, end = whole(text, one)
        if not (SHORTEST <= end - start <= LONGEST and is_a_value(text, start, end)):
            continue
        if one.score >= needed(text, start, end, one, least) + stricter:
            found.append(replace(one, start=start, end=end))
    return [*found, *elsewhere(text, found)]


def elsewhere(text: str, found: Sequence[Mention]) -> Iterator[Mention]:
    """Yield where else in the text the values stand as whole words: what is told once is not plain in the next line."""
    best: dict[str, Mention] = {}
    for one in sorted(found, key=lambda one: one.score):
        if one.end - one.start >= SHORTEST_ELSEWHERE:
            best[text[one.start : one.end]] = one
    if not best or len(best) > MOST_ELSEWHERE:
        return
    starts = {one.start for one in found}
    spend(len(text) // LONGEST)
    for match in re.finditer(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, best))})(?![^\W_])", text):
        if match.start() not in starts:
            yield replace(best[match.group()], start=match.start(), end=match.end())


def needed(text: str, start: int, end: int, one: Mention, least: float) -> float:
    """Return the score that a value must have in prose, by what it is made of and what is said around it."""
    around = simplified(f"{text[max(0, start - AROUND) : start]} {text[end : end + AROUND]}")
    opened, figures = OPENED.search(around), FIGURE.search(text, start, end)
    by_hashed, chinese = one.because == BY_HASHED, has_others(around)
    joined = JOINED.fullmatch(text, start, end)
    if opened and figures and not joined:
        return least
    if joined or (by_hashed and not figures):  # other things look like it: something must speak for it
        trusted = opened and (chinese or not by_hashed)
        return least + UNSAID if trusted else ALL_BUT_CERTAIN
    return least + UNSAID


def whole(text: str, one: Mention) -> tuple[int, int]:
    """Return where the secret begins and ends of which a model saw a part, or too much."""
    start, end = one.start, one.end
    if text[start].isascii() and (before := BEFORE.match(text[max(0, start - LONGEST) : start][::-1])):
        start -= before.end()
        if start > 0 and FIGURE.search(text, start, end) and (led := LED.search(text, max(0, start - LONGEST), start)):
            start = led.start(1)
    if text[end - 1].isascii() and (glued := GLUED.match(text, end, end + LONGEST)):
        end = glued.end()
    while start < end and text[start] in EDGES:
        start += 1
    while end > start and (text[end - 1] in EDGES or STOP.search(text[start:end])):
        end -= 1
    return start, end


def is_a_value(text: str, start: int, end: int) -> bool:
    """Tell whether a stretch may be a secret: neither a stand-in for one, nor a piece of something else."""
    value = text[start:end]
    if MASK.fullmatch(value) or WORD.fullmatch(value) or VARIABLE.match(value) or ASSIGNED.search(value):
        return False
    line = max(text.rfind("\n", max(0, start - LONGEST), start) + 1, start - LONGEST, 0)
    if EQUATION.search(text, line, start):
        return False
    if NUMBER.fullmatch(value):
        if PUBLIC.fullmatch(value) or len(FIGURE.findall(value)) > LONGEST_NUMBER:
            return False
        stop = text.find("\n", end, end + LONGEST)
        if len(CELL.findall(text, line, stop if stop >= 0 else end + LONGEST)) >= MANY_CELLS:
            return False
        near = text[max(0, start - NEAR) : start].split("\n")[1:] + text[end : end + NEAR].split("\n")[1:-1]
        if sum(FIGURES.fullmatch(one) is not None for one in near) >= MANY_CELLS:
            return False
    if not ADDRESS.search(text, line, end + LONGEST):
        return True  # as nearly always, and much sooner told
    around = IN_ONE.finditer(text, line, min(len(text), end + LONGEST))
    return not any(match.start() < end and start < match.end() for match in around)
