"""Telephone numbers of the world, by libphonenumber's tables.

Enters: one text. Leaves: findings in its original offsets. The library tries every run of digits for every region,
which is dear, so it sees only runs that can be a number: with a country code, in a form of its region, or beside a word
that says so. Chinese numbers have rules of their own in `rules/contact.yaml`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import phonenumbers
from phonenumbers import Leniency

from detectors.context import words
from detectors.engine import compiled
from detectors.interface import CannotTell, Finding
from detectors.normalise import normalise

CANDIDATE: Final = re.compile(r"(?<![0-9A-Za-z.])[+(]{0,2}[0-9](?:[ ()./\-]{0,3}[0-9]){6,}(?![0-9A-Za-z])")
SEVEN_DIGITS: Final = compiled(r"[0-9](?:[ ()./\-]{0,3}[0-9]){6}", "phone")
"""What every candidate has; most texts have none, and the engine says so at once."""

NO_NUMBER: Final = re.compile(
    r"""(?x)
    (?:[0-9]{1,3}\.){3}[0-9]{1,3}                                   # an IPv4 address
    | (?:19|20)[0-9]{2}[-/. ]?[01]?[0-9][-/. ]?[0-3]?[0-9](?:[ -].*)?  # a date, or a date and more
    | [0-3]?[0-9][-/.][01]?[0-9][-/.](?:19|20)[0-9]{2}(?:[ ].*)?
    | [0-9]+\.[0-9]+                                                # a decimal fraction
    """
)
FORM: Final = re.compile(r"\(?[0-9]{2,5}\)?[ .\-]{1,2}[0-9]{3,5}(?:[ .\-][0-9]{3,4})?")
"""National numbers with their groups; a longer row of groups is a table."""

LONGEST_RUN: Final = 60
"""How much of a run is tried, in characters; what follows on one line without a comma is figures."""

WORDS: Final = words(
    (
        *(
            "phone",
            "phones",
            "telephone",
            "tel",
            "mobile",
            "cell",
            "cellphone",
            "call",
            "dial",
            "fax",
            "sms",
            "text me",
        ),
        *(
            "whatsapp",
            "wechat",
            "hotline",
            "contact",
            "reach me",
            "ring",
            "telefon",
            "téléphone",
            "teléfono",
            "telefone",
        ),
        *(
            "电话",
            "手机",
            "联系",
            "致电",
            "拨打",
            "传真",
            "热线",
            "座机",
            "短信",
            "微信",
            "号码",
            "電話",
            "手機",
            "聯絡",
            "聯繫",
        ),
    ),
    within=30,
)

REGIONS: Final = ("CN", "US", "GB", "DE", "FR", "IN", "BR", "IL", "HK", "TW", "JP", "SG", "AU")
"""Whose national numbers are known, beside a word that says so; North America shares one plan."""

PLAIN_REGIONS: Final = ("US", "GB", "BR")
"""Whose national numbers are taken by form alone: others' forms are those of tables of figures, too."""

WITH_CODE, BY_FORM, BY_WORD = 0.8, 0.5, 0.75
MOST: Final = 20_000


class Phone:
    """A detector of telephone numbers."""

    name = "phone"
    entities: Final = frozenset({"PHONE_NUMBER"})

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        """Return the telephone numbers; raises `CannotTell` for a text with too many runs of digits to try."""
        if not self.entities & entities:
            return ()
        view = normalise(text)
        if not SEVEN_DIGITS.search(view.text.encode()):
            return ()
        findings = []
        for tried, candidate in enumerate(CANDIDATE.finditer(view.text)):
            if tried >= MOST:
                raise CannotTell("too many runs of digits in one text")
            for start, end, score in _numbers(view.text, *candidate.span()):
                first, last = view.span(start, end)
                findings.append(Finding(first, last, "PHONE_NUMBER", score, self.name))
        return tuple(findings)


def _numbers(text: str, start: int, end: int) -> Iterator[tuple[int, int, float]]:
    """Yield what of one run of digits is a telephone number, with a score."""
    run = text[start:end]
    if "+" in run:
        yield from _match(run[:LONGEST_RUN], start, ("ZZ",), Leniency.VALID, WITH_CODE)
    elif NO_NUMBER.fullmatch(run):
        return
    elif WORDS.near(text, start, min(end, start + LONGEST_RUN)):
        yield from _match(run[:LONGEST_RUN], start, REGIONS, Leniency.VALID, BY_WORD)
    elif FORM.fullmatch(run):
        yield from _match(run, start, PLAIN_REGIONS, Leniency.STRICT_GROUPING, BY_FORM)


def _match(
    run: str, start: int, regions: Iterable[str], leniency: int, score: float
) -> Iterator[tuple[int, int, float]]:
    """Yield what the first region that knows any number in the run finds in it."""
    for region in regions:
        found = list(phonenumbers.PhoneNumberMatcher(run, region, leniency))
        if found:
            yield from ((start + match.start, start + match.end, score) for match in found)
            return
