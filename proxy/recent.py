"""Keeps the end of each person's last text to each service, so that values split over several requests are found.

Digests of the secrets found in earlier requests (`known`) are kept beside it, so that these are found again where they
come without their context.

Enters: the end of a text that has gone out, the texts of the next request. Leaves: what is found in both together. Ends
are kept in the store, for some hours, sealed with the person's own key, so that every process, every node and whoever
is started again knows of them: as they went out (what was taken out of them is not there either), never in a log or a
`repr`; and few of them: so many characters as may be the share of one value, with what says what it is. An end that
can be no piece of a value is not kept, and a request that can hold none asks for nothing.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby, takewhile
from typing import Any, Final

from detectors.headings import is_program
from detectors.interface import ANSWERING, Scan, Searcher, keyed
from detectors.plausible import random_key
from detectors.vault import VaultError
from detectors.views.seams import AROUND, FARTHEST, HEAD, KEY, LONGEST, TAIL, TOKEN
from detectors.views.through import joined
from proxy.audit import fingerprint
from proxy.errors import SluiceError, StoreError
from proxy.exchange import Part
from proxy.known import Mark, marks_of
from proxy.store.interface import Store
from proxy.vault import Vault

ROLES: Final = {"system": 0, "user": 1, "tool": 2, "other": 3, "assistant": ANSWERING}
NEAR: Final = FARTHEST - 1
"""Ends that are read before the newest text: with it, so many as one value is looked for in."""
KEPT: Final = 32
"""Ends for each person and service: as many as there are characters in the longest value that is spelt one by one,
with the words before it."""
KEPT_FOUND: Final = 32
"""Requests of which it is kept what was found in them, for each person and service."""
LENGTH: Final = LONGEST + AROUND
LASTS: Final = timedelta(hours=8)
"""A working day."""
RENEWED: Final = timedelta(hours=1)
"""After so long a secret told again is kept anew; marks are kept for so much longer, so that none lasts less."""
ORDINARY: Final = re.compile(r"[A-Za-z]?[a-z]*(?:[-'][A-Za-z]?[a-z]*)*\.?")
"""A word at the edge of a text that is no piece of a value, unless it is as long as a key, or all of the text."""
LONGEST_SECRET: Final = 256
LIKE_A_NAME: Final = re.compile(r"[A-Za-z]+(?:['._\-]+[A-Za-z]+)*[0-9]{0,4}")
"""A name as accounts have it. Under the key of a password all else is one, or stands for one."""
SMALL: Final = re.compile(rf"\s*({TOKEN}{{1,4}}?)[\s,.;:，。；：、]*")
"""A text of a few characters, of which more than one value is looked for in may make up one."""

type Earlier = Callable[[], Sequence["Tail"]]
"""Asks for the ends of what was said before; raises `StoreError`."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a text."""

    sent: str = field(repr=False)
    """As it went out."""
    mark: str = field(repr=False)
    """By which the end of the same text is known again, in whatever way that goes out."""
    found: Sequence[Mark] = field(default=(), repr=False)
    """The secrets of the whole request, to be known again where they come bare."""


def tail_of(text: str, sent: str) -> Tail:
    """Return the end of a text that goes out as `sent`."""
    return Tail(sent[-LENGTH:], mark_of(text))


def mark_of(text: str) -> str:
    """Return the mark of a text's end."""
    return sha256(text[-LENGTH:].encode("utf-8", "surrogatepass")).hexdigest()[:16]


def may_be_piece(text: str) -> bool:
    """Tell whether a value may have gone on here from another text, or may go on from here in another."""
    if (small := SMALL.fullmatch(text[:LENGTH])) and (len(small[1]) == 1 or any(map(str.isdigit, small[1]))):
        return True
    for match in (HEAD.match(text[:LONGEST]), TAIL.search(text[-LONGEST:])):
        share = match[match.lastindex or 1] if match else ""
        if len(share) >= KEY or not ORDINARY.fullmatch(share):
            return True
    return False


def nearest(tails: Sequence[Tail]) -> Sequence[Tail]:
    """Return the last ends that one value can be spread over: some, and of those that are small, all that follow."""
    small = sum(1 for _ in takewhile(lambda one: SMALL.fullmatch(one.sent), reversed(tails)))
    return tails[-max(NEAR, small + 1) :]


def run_together(ends: Sequence[str]) -> Sequence[str]:
    """Return ends of which small ones that follow each other are one text, as if they had been said in one go."""
    made: list[str] = []
    for small, run in groupby(ends, lambda end: SMALL.fullmatch(end) is not None):
        if small:
            made.append("".join(match[1] for end in run if (match := SMALL.fullmatch(end))))
        else:
            made.extend(run)
    return made


def unrepeated(tails: Sequence[Tail], texts: Sequence[str]) -> Sequence[str]:
    """Return the ends that are to be read before some texts, but those that these repeat."""
    marks = {mark_of(text) for text in texts}
    return tuple(one.sent for one in tails if one.mark not in marks)


def last_place(parts: Sequence[Part]) -> int | None:
    """Return which part holds the person's last words: those of a user, or where nobody is called so, the last."""
    for roles in (("user",), ("system", "tool", "other")):
        for place in range(len(parts) - 1, -1, -1):
            if parts[place].role in roles and parts[place].text:
                return place
    return None


def last_said(
    parts: Sequence[Part], sent: Sequence[str], scans: Sequence[Scan], key: bytes, head: int = 0
) -> Tail | None:
    """Return the end of the person's last words in a body, of which each part goes out as `sent`, or nothing does.

    With it go the marks of the secrets that were found in all of it. The first `head` parts stand before the body.
    """
    place = last_place(parts[head:])
    if place is None:
        return None
    end = tail_of(parts[head + place].text, sent[head + place] if sent else "")
    return replace(end, found=marks_of(parts, scans, key))


def note_said(error: SluiceError, parts: Sequence[Part], scans: Sequence[Scan], key: bytes, head: int = 0) -> None:
    """Note in an error what `last_said` tells of a request that does not go out.

    Where that fails, too, nothing is noted: this error, and no other, is why the request must not pass.
    """
    with suppress(Exception):
        error.said = last_said(parts, (), scans, key, head)


def find_after(
    before: Earlier, finder: Searcher, parts: Sequence[Part], head: int, entities: frozenset[str]
) -> list[Scan]:
    """Return the findings in each part, with its share of values that are split over parts and over the earlier text.

    That is read between the `head` parts and those of the body, as if the same person had said it there; and before the
    person's last words alone, for what stands between may be there to part them.
    """
    texts, said = [part.text for part in parts], [group_of(part) for part in parts]
    place = last_place(parts[head:])
    role = ROLES.get(parts[head + place].role) if place is not None else None
    earlier: Sequence[str] = ()
    if place is not None and entities and may_go_on(parts[head:], role):
        others = [text for number, text in enumerate(texts) if number != head + place]
        earlier = run_together(unrepeated(nearest(before()), others))
    found = finder.find_spread(
        [*texts[:head], *earlier, *texts[head:]], [*said[:head], *[role] * len(earlier), *said[head:]], entities
    )
    result = [*found[:head], *found[head + len(earlier) :]]
    if place and earlier:
        at = head + place
        beside = finder.find_spread([*earlier, texts[at]], [role] * (len(earlier) + 1), entities)[-1]
        result[at] = joined(result[at], beside.findings, beside.unknown)
    return result


def may_go_on(parts: Sequence[Part], role: int | None) -> bool:
    """Tell whether the first texts of a role, or its last one, may go on with a value that was begun before."""
    told = [part.text for part in parts if part.text and ROLES.get(part.role) == role]
    return any(map(may_be_piece, (*told[:NEAR], *told[-1:])))


def group_of(part: Part) -> int | None:
    """Return with which others a part may hold one value: those of its role, and its neighbours."""
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


@dataclass(frozen=True, slots=True)
class Recent:
    """What was said last, for all people of one running proxy; it calls the store."""

    store: Store
    vault: Vault
    rules: str = ""
    """Digest of the rules that find. What was found by others is never known again: one of them may have been wrong."""

    def before(self, person: str, service: str, now: datetime) -> Sequence[Tail]:
        """Return the ends of what a person has said last to a service, the earliest first; raises `StoreError`."""
        try:
            held = self._held(person, self._place(person, service), now)
            found = [(datetime.fromisoformat(at), Tail(sent, mark)) for at, sent, mark in held]
        except (ValueError, TypeError) as error:
            raise StoreError("what was said last cannot be opened") from error
        return tuple(one for at, one in found if abs(now - at) < LASTS)

    def _held(self, person: str, place: str, now: datetime) -> Iterator[Sequence[Any]]:
        """Yield what is kept at a place, opened; raises `ValueError` for what is no JSON."""
        sealed = self.store.get_ends(self.vault.traces(person), place, now)
        if not sealed:
            return
        with suppress(VaultError):  # it was forgotten with all that was kept of this person
            opens = self.vault.opener(person)
            for one in sealed:
                with suppress(VaultError):  # that alone, which was said while the person was being forgotten
                    yield json.loads(opens(f"end of {place}", one))

    def known(self, person: str, service: str, now: datetime) -> Sequence[Mark]:
        """Return the marks of what was found in a person's requests to a service; raises `StoreError`."""
        return tuple(dict.fromkeys(mark for _, mark in self._marks(person, service, now)))

    def _marks(self, person: str, service: str, now: datetime) -> Sequence[tuple[timedelta, Mark]]:
        """Return the marks with their age, the earliest first."""
        try:
            held = [
                (abs(now - datetime.fromisoformat(at)), marks)
                for at, *marks in self._held(person, self._found(person, service), now)
            ]
            return [(age, Mark(*one)) for age, marks in held if age < LASTS + RENEWED for one in marks]
        except (ValueError, TypeError) as error:
            raise StoreError("what was found before cannot be opened") from error

    def asked(self, person: str, service: str, now: datetime, key: bytes) -> "Asked":
        """Return what asks for them, where they are needed; `key` is the person's, that marks are made with."""
        return Asked(self, person, service, now, key)

    def remember(self, person: str, service: str, tail: Tail, now: datetime) -> None:
        """Remember what was found, and the end of what goes out, where that may be a piece; raises `StoreError`."""
        if may_be_piece(tail.sent):
            # in ASCII: it may hold halves of characters
            said = [now.isoformat(), tail.sent, tail.mark]
            self._put(person, self._place(person, service), said, now, now + LASTS, KEPT)
        if not tail.found:
            return
        young = {mark for age, mark in self._marks(person, service, now) if age < RENEWED}
        if fresh := [one.plain() for one in tail.found if one not in young]:
            found = [now.isoformat(), *fresh]
            self._put(person, self._found(person, service), found, now, now + LASTS + RENEWED, KEPT_FOUND)

    def _put(self, person: str, place: str, held: Sequence[object], now: datetime, until: datetime, most: int) -> None:
        sealed = self.vault.seal(person, "", f"end of {place}", json.dumps(held), now)
        self.store.put_end(self.vault.traces(person), place, sealed, until, now, most)

    def _place(self, person: str, service: str) -> str:
        return fingerprint(self.vault.sealer.user_key("ends"), f"{person}\0{service}")

    def _found(self, person: str, service: str) -> str:
        return fingerprint(self.vault.sealer.user_key("ends"), f"found\0{person}\0{service}\0{self.rules}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Fetches a person's earlier ends and marks for one service, if the request needs them."""

    recent: Recent
    person: str
    service: str
    now: datetime
    key: bytes = field(repr=False)

    def __call__(self) -> Sequence[Tail]:
        """Return the ends of what was said last; raises `StoreError`."""
        return self.recent.before(self.person, self.service, self.now)

    def known(self) -> Sequence[Mark]:
        """Return the marks of what was found; raises `StoreError`."""
        return self.recent.known(self.person, self.service, self.now)
