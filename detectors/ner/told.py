"""Secrets that a sentence tells: what the models' second answer becomes.

Enters: a view's text and the stretches that models take for a password, a code or a key. Leaves: mentions under the
label `SECRET`. Pure. A model learnt from sentences, so it is asked about sentences alone: in code, logs and settings
patterns answer. It says where a secret is told, not where it ends to the letter: what is glued to it belongs to it,
and quotes round it do not.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from detectors.kind import Kind
from detectors.ner.believe import OURS, Kinds, Seen
from detectors.ner.mention import Mention
from detectors.ner.settle import IN_ONE
from detectors.ner.tags import SECRET
from detectors.plausible import MASK, VARIABLE, WORD

STRICTER: Final = {Kind.PROSE: 0.0, Kind.TABLE: 0.1, Kind.CONFIG: 0.1}
"""What is added to the threshold, by the kinds of text in which models are believed at all."""

GLUED: Final = re.compile(r"[^\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef\"'`“”‘’«»()\[\]{}<>|,;:：，。、]*")
"""What goes on with a secret behind it, where no white space, quote, bracket or stop parts them."""
BEFORE: Final = re.compile(r"[^\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef\"'`“”‘’«»()\[\]{}<>|,;:：，。、/=]*\Z")
EDGES: Final = " \t\n\"'`“”‘’«»()[]{}<>,;:：，。、|"
STOP: Final = re.compile(r"[.?…]+\Z|\A[0-9]+!+\Z")
"""The end of a sentence. An exclamation mark belongs to many a password, and to no number."""

LONGEST: Final = 200
"""Characters; what goes on for longer is no secret that somebody tells."""
SHORTEST: Final = 3


def is_told(seen: Seen) -> bool:
    """Tell whether one of our own models sees a secret, whose score it has learnt from sentences."""
    return seen[0].label == SECRET and seen[0].because in OURS


def told(text: str, seen: Iterable[Seen]) -> list[Mention]:
    """Return the secrets among what models see, whole, where the text is one that they can judge."""
    kinds = Kinds(text)
    found: list[Mention] = []
    for one, least in seen:
        stricter = STRICTER.get(kinds.at(one.start))
        if stricter is None or one.score < least + stricter:
            continue
        start, end = whole(text, one)
        if SHORTEST <= end - start <= LONGEST and is_a_value(text, start, end):
            found.append(replace(one, start=start, end=end))
    return found


def whole(text: str, one: Mention) -> tuple[int, int]:
    """Return where the secret begins and ends of which a model saw a part, or too much."""
    start, end = one.start, one.end
    if text[start].isascii() and (before := BEFORE.search(text, max(0, start - LONGEST), start)):
        start = before.start()
    if text[end - 1].isascii() and (glued := GLUED.match(text, end, end + LONGEST)):
        end = glued.end()
    while start < end and text[start] in EDGES:
        start += 1
    while end > start and (text[end - 1] in EDGES or STOP.search(text[start:end])):
        end -= 1
    return start, end


def is_a_value(text: str, start: int, end: int) -> bool:
    """Tell whether a stretch may be a secret: neither a stand-in for one, nor a piece of an address on the web."""
    value = text[start:end]
    if MASK.fullmatch(value) or WORD.fullmatch(value) or VARIABLE.match(value):
        return False
    line = text.rfind("\n", 0, start) + 1
    around = IN_ONE.finditer(text, max(line, start - LONGEST), min(len(text), end + LONGEST))
    return not any(match.start() < end and start < match.end() for match in around)
