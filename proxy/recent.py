"""The ends of what each person has said last to each service, so that a value is found that comes in several requests.

Enters: the end of a text that has gone out. Leaves: the ends of the last few, for a while. They are in memory alone,
as they went out (what was taken out of them is not here either), never in a log, a file or a `repr`; and few of them:
so many characters as may be the share of one value, with what says what it is.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from detectors.headings import is_program
from detectors.interface import Scan, Searcher, keyed
from detectors.plausible import random_key
from detectors.views.seams import AROUND, FARTHEST, LONGEST
from proxy.exchange import Part

ROLES: Final = {"system": 0, "user": 1, "tool": 2, "other": 3}
KEPT: Final = FARTHEST - 1
"""Ends for each person and service: with the newest text, so many as one value is looked for in."""
LENGTH: Final = LONGEST + AROUND
LASTS: Final = timedelta(hours=1)
LONGEST_SECRET: Final = 256
LIKE_A_NAME: Final = re.compile(r"[A-Za-z]+(?:['._\-]+[A-Za-z]+)*[0-9]{0,4}")
"""A name as accounts have it. Under the key of a password all else is one, or stands for one."""
MOST: Final = 20_000
"""Pairs of person and service; who has been silent for longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a text."""

    sent: str = field(repr=False)
    """As it went out."""
    mark: int = field(repr=False)
    """By which the end of the same text is known again; means nothing outside this process."""


def tail_of(text: str, sent: str) -> Tail:
    """Return the end of a text that goes out as `sent`."""
    return Tail(sent[-LENGTH:], hash(text[-LENGTH:]))


def unrepeated(tails: Sequence[Tail], texts: Sequence[str]) -> Sequence[str]:
    """Return the ends that are to be read before some texts: none where these repeat what was said."""
    marks = {hash(text[-LENGTH:]) for text in texts}
    return () if any(one.mark in marks for one in tails) else tuple(one.sent for one in tails)


def last_place(parts: Sequence[Part]) -> int | None:
    """Return which part holds the person's last words: those of a user, or where nobody is called so, the last."""
    for roles in (("user",), ("system", "tool", "other")):
        for place in range(len(parts) - 1, -1, -1):
            if parts[place].role in roles and parts[place].text:
                return place
    return None


def last_said(parts: Sequence[Part], sent: Sequence[str]) -> Tail | None:
    """Return the end of the person's last words in a body, of which each part goes out as `sent`."""
    place = last_place(parts)
    return None if place is None else tail_of(parts[place].text, sent[place])


def find_after(
    before: Sequence[Tail], finder: Searcher, parts: Sequence[Part], head: int, entities: frozenset[str]
) -> list[Scan]:
    """Return what is found in each part, its share of what is spread over them and over what was said before.

    That is read between the `head` parts and those of the body, as if the same person had said it there.
    """
    texts, said = [part.text for part in parts], [group_of(part) for part in parts]
    place = last_place(parts[head:])
    earlier = unrepeated(before, texts) if place is not None else ()
    role = ROLES.get(parts[head + place].role) if place is not None else None
    found = finder.find_spread(
        [*texts[:head], *earlier, *texts[head:]], [*said[:head], *[role] * len(earlier), *said[head:]], entities
    )
    return [*found[:head], *found[head + len(earlier) :]]


def group_of(part: Part) -> int | None:
    """Return with which others a part may hold one value: those of its role; what the assistant said, with none."""
    role = ROLES.get(part.role)
    return role if role is None or not part.keyed else keyed(role, secret=is_secret_value(part.label, part.text))


def is_secret_value(label: str, value: str) -> bool:
    """Tell whether a value is a secret by its key and its form, so that it holds no name: one word, not like one.

    Whether it is a real one is for detectors to say.
    """
    if not (value.isascii() and 0 < len(value) <= LONGEST_SECRET) or any(map(str.isspace, value)):
        return False
    if label == "password":
        return LIKE_A_NAME.fullmatch(value) is None
    return is_program(label) and random_key(value)


class Recent:
    """What was said last; may be used from several threads."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with nothing."""
        self._most = most
        self._said: OrderedDict[tuple[str, str], list[tuple[datetime, Tail]]] = OrderedDict()
        self._lock = Lock()

    def before(self, person: str, service: str, now: datetime) -> Sequence[Tail]:
        """Return the ends of what a person has said last to a service, the earliest first."""
        with self._lock:
            return tuple(one for at, one in self._said.get((person, service), ()) if abs(now - at) < LASTS)

    def remember(self, person: str, service: str, tail: Tail, now: datetime) -> None:
        """Remember the end of what has just gone out."""
        with self._lock:
            said = self._said.pop((person, service), [])
            self._said[person, service] = [*said, (now, tail)][-KEPT:]
            while self._said and (len(self._said) > self._most or self._is_old(now)):
                self._said.popitem(last=False)

    def _is_old(self, now: datetime) -> bool:
        last, _ = next(iter(self._said.values()))[-1]
        return now - last >= LASTS
