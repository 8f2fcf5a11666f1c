"""Telephone numbers of the world, by libphonenumber's tables.

Enters: a text that was read, and where in it digits stand. Leaves: findings in original offsets. The library tries
every run of digits for every region, which is dear, so it sees only runs that can be a number: with a country code, in
a form of its region, or beside a word that says so. Chinese numbers have rules of their own in `rules/contact.yaml`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from detectors.allowance import spend
from detectors.combined import Combined
from detectors.context import Words, words
from detectors.gates import gate_of
from detectors.interface import CannotTell, Finding
from detectors.reading import Reading, Span
from detectors.sieve import Opening

CANDIDATE: Final = re.compile(
    r"[+(0-9](?<![0-9A-Za-z.].)(?<![0-9A-Fa-f]{4}-.)(?:(?<=[0-9])|(?<=[+(])[+(]?[0-9])"
    r"(?:[ ()./\-]{0,3}[0-9]){6,}(?![0-9A-Za-z])"
)
"""A run of digits that is no part of a word, nor the last group of an identifier such as a UUID.

It looks behind its first character, not before it: what begins with a class is found without a try at each place.
"""
SEVEN_DIGITS: Final = r"[0-9](?:[ ()./\-]{0,3}[0-9]){6}"
"""What every candidate has; most texts have none, and the engine says so at once."""

NO_NUMBER: Final = re.compile(
    r"""(?x)
    (?:[0-9]{1,3}\.){3}[0-9]{1,3}                                   # an IPv4 address
    | (?:19|20)[0-9]{2}[-/. ]?[01]?[0-9][-/. ]?[0-3]?[0-9](?:[ -].*)?  # a date, or a date and more
    | [0-3]?[0-9][-/.][01]?[0-9][-/.](?:19|20)[0-9]{2}(?:[ ].*)?
    | [0-9]+\.[0-9]+                                                # a decimal fraction
    """
)
FRACTION: Final = re.compile(r"\+[0-9]{4,}\.[0-9]+|\+[0-9]{1,3}\.[0-9]{1,6}")
"""A figure with its sign, such as a coordinate. A country code, a dot and all of a number is a way to write one."""

FORM: Final = re.compile(r"(?:1[ .\-])?\(?[0-9]{2,5}\)?[ .\-]{1,2}[0-9]{3,5}(?:[ .\-][0-9]{3,4})?")
"""National numbers with their groups; a longer row of groups is a table."""

PUBLIC: Final = re.compile(r"(?:\+?86[ \-]?)?(?:400[ \-]?[0-9]{3}[ \-]?[0-9]{4}|800-[0-9]{3}-[0-9]{4})")
"""Lines of companies in China that whoever calls need not pay alone: they are printed on what is sold."""
LINES: Final = words(("phone", "tel", "telephone", "mobile", "call", "电话", "手机", "致电", "拨打", "電話"), within=12)
COMPANIES: Final = words(
    (
        *("hotline", "service", "support", "toll-free", "customer"),
        *("热线", "客服", "服务", "售后", "咨询", "投诉", "官方", "總機", "熱線", "客戶"),
    ),
    within=12,
)
"""Written in a row beside a word for telephones, such a number is one like any other, unless a word says whose."""

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
            "my number",
            "our number",
            "number is",
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

REGIONS: Final = ("CN", "US", "GB", "DE", "FR", "IN", "BR", "IL", "HK", "TW", "JP", "SG", "AU", "CA")
"""Whose national numbers are known, beside a word that says so."""

PLAIN_REGIONS: Final = ("US", "GB", "BR")
"""Whose national numbers are taken by form alone: others' forms are those of tables of figures, too."""

ELSE: Final = re.compile(
    r"(?i)(?:(?<![a-z])qq|扣扣|企鹅)\s?(?:[/、和]\s?(?:微信|wechat|wx|vx))?\s?(?:群号|群|号码|帐号|账号|号|number|account|id)?"
    r"\s?(?:是|为|is)?\s?[:=]?\s?\Z"
    r"|(?:(?<![a-z])(?:imei(?:sv)?[12]?|meid)|串号|串码|设备识别码)\s?[号码]?\s?(?:是|为|is)?\s?[:=]?\s?\Z"
)
"""What stands right before digits that have a name of their own. Chinese mobile numbers are looked for elsewhere."""
NAMED: Final = 24
"""How far before a run that is looked at."""

NO_DIGIT: Final = re.compile("[^0-9]")
MOST_DIGITS: Final = 15
"""Digits of a number by E.164; a longer run may have one among its parts."""


KINDS: Final = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)
"""Kinds of numbers that a plan of the library describes; what is of none of them is not valid."""


ANYWHERE: Final = "ZZ"
"""In place of a region, where a country code says which."""
NOWHERE: Final = "001"
"""The library's region of numbers that belong to no country."""
NEVER: Final = "(?!)"


@cache
def library() -> Any:
    """Return the library, imported for the first number: its tables take a tenth of a second."""
    import phonenumbers

    return phonenumbers


@dataclass(frozen=True, slots=True)
class Plan:
    """What the library knows of the numbers of a region."""

    code: int
    """Its country code."""
    prefix: Any
    """Compiled: what may stand before a national number, as within the region, and is no part of it; or none."""
    abroad: Any
    """Compiled: how a number of another region begins, dialled from here; or its own country code."""
    leading: Any
    """Compiled: how its numbers begin, where that tells them from others with its country code; or none."""
    kinds: tuple[tuple[frozenset[int], Any], ...]
    """Lengths and form of all its numbers, then of each kind of them; no lengths where any will do."""

    def has(self, number: str) -> bool:
        """Tell whether a national number is one of some kind."""
        fits = ((not sizes or len(number) in sizes) and form.fullmatch(number) for sizes, form in self.kinds)
        return bool(next(fits)) and any(fits)


@cache
def plan_within(region: str) -> Plan:
    """Return the plan of a region."""
    plan: Any = library().PhoneMetadata.metadata_for_region(region)
    kinds = [one for one in (plan.general_desc, *(getattr(plan, kind) for kind in KINDS)) if one is not None]
    return Plan(
        code=plan.country_code,
        prefix=re.compile(plan.national_prefix_for_parsing) if plan.national_prefix_for_parsing else None,
        abroad=re.compile(f"{plan.country_code}|{plan.international_prefix or NEVER}"),
        leading=re.compile(plan.leading_digits) if plan.leading_digits else None,
        kinds=tuple(
            (frozenset(one.possible_length), re.compile(one.national_number_pattern or NEVER)) for one in kinds
        ),
    )


@cache
def plan_of(region: str) -> re.Pattern[str]:
    """Return what the digits of a national number of the region look like, with its prefix or without.

    It is asked first: a thousandth of what asking the library costs.
    """
    plan: Any = library().PhoneMetadata.metadata_for_region(region)  # there is one: `REGIONS` are the library's
    before = plan.national_prefix_for_parsing or plan.national_prefix or ""
    kinds = [getattr(plan, kind).national_number_pattern for kind in KINDS if getattr(plan, kind) is not None]
    return re.compile(f"(?:(?:00)?{plan.country_code})?(?:{before})?(?:{'|'.join(filter(None, kinds))})")


WITH_CODE, BY_FORM, BY_WORD = 0.8, 0.5, 0.75
MOST: Final = 20_000
TRIED: Final = 20
"""Steps that asking the library about one run of digits counts for."""


class Numbers:
    """The seeker of telephone numbers."""

    entity: Final = "PHONE_NUMBER"
    spoken: Final[Words | None] = None
    formless: Final = False
    figures: Final = 7
    openings: Final = (Opening(gate_of(SEVEN_DIGITS).pattern, (), LONGEST_RUN),)

    def seek(self, reading: Reading, spans: Sequence[Span]) -> list[Finding]:
        """Return the telephone numbers; raises `CannotTell` for a text with too many runs of digits to try."""
        findings = []
        tried = 0
        for first, end in spans:
            for candidate in CANDIDATE.finditer(reading.text, first, end + LONGEST_RUN):
                if candidate.start() >= end:
                    break
                tried += 1
                spend(TRIED)
                if tried > MOST:
                    raise CannotTell("too many runs of digits in one text")
                for start, stop, score, because in _numbers(reading.text, *candidate.span()):
                    findings.append(Finding(*reading.view.span(start, stop), self.entity, score, "phone", because))
        return findings


class Phone(Combined):
    """A detector of telephone numbers."""

    def __init__(self) -> None:
        """Take nothing: the plans of all countries come with the library."""
        super().__init__([Numbers()], name="phone")


type Number = tuple[int, int, float, tuple[str, ...]]


def _numbers(text: str, start: int, end: int) -> Iterator[Number]:
    """Yield what of one run of digits is a telephone number, with a score and what speaks for it."""
    run = text[start:end]
    tried = min(end, start + LONGEST_RUN)
    in_row = run.isdigit()
    if in_row and not WORDS.near(text, start, tried):  # digits in a row have no form
        return
    if FRACTION.fullmatch(run):
        return
    if PUBLIC.fullmatch(run.strip(" ()")) and not (
        in_row and LINES.near(text, start, end) and not COMPANIES.near(text, start, end)
    ):
        return
    if "+" in run:
        yield from _match(run[:LONGEST_RUN], start, (ANYWHERE,), WITH_CODE, "form:country code")
    elif NO_NUMBER.fullmatch(run):
        return
    elif word := WORDS.near(text, start, tried):
        if in_row and ELSE.search(text[max(0, start - NAMED) : start]):
            return
        yield from _match(run[:LONGEST_RUN], start, REGIONS, BY_WORD, f"context:{word}")
    elif FORM.fullmatch(run):
        yield from _match(run, start, PLAIN_REGIONS, BY_FORM, "form:grouping", strict=True)


def _match(
    run: str, start: int, regions: Sequence[str], score: float, because: str, *, strict: bool = False
) -> Iterator[Number]:
    """Yield the run where it is a number of one of the regions, else what the first that knows any finds in it.

    Where it is to be `strict`, its groups must be those of the region, too.
    """
    digits = NO_DIGIT.sub("", run)
    if not strict:
        for region in regions:
            if _likely(digits, region) and _valid(run, region):
                yield start, start + len(run), score, _reasons(region, because)
                return
    leniency = library().Leniency.STRICT_GROUPING if strict else library().Leniency.VALID
    in_parts = not strict and MOST_DIGITS < len(digits) < len(run)
    for region in regions:
        found: list[Any] = []
        if in_parts or _likely(digits, region):
            found = list(library().PhoneNumberMatcher(run, region, leniency))
        if found:
            reasons = _reasons(region, because)
            yield from ((start + match.start, start + match.end, score, reasons) for match in found)
            return


def _likely(digits: str, region: str) -> bool:
    return region == ANYWHERE or bool(plan_of(region).fullmatch(digits))


def _valid(run: str, region: str) -> bool:
    """Tell whether the whole run is a valid number of the region; a fraction of what searching in it costs."""
    if surely_valid(NO_DIGIT.sub("", run), region):
        return True
    try:
        return bool(library().is_valid_number(library().parse(run, None if region == ANYWHERE else region)))
    except library().NumberParseException:
        return False


def surely_valid(digits: str, region: str) -> bool:
    """Tell whether digits are a valid number of a region as they stand, by the library's plans and not by itself.

    It is the same answer in a fifth of the time; of those that can be read in another way, or are none, it says no.
    """
    if region == ANYWHERE:
        codes = library().COUNTRY_CODE_TO_REGION_CODE
        size = next((size for size in (1, 2, 3) if int(digits[:size]) in codes), 0)
        code, number = int(digits[:size] or "0"), digits[size:]
        home = codes.get(code, (NOWHERE,))[0]
        if home == NOWHERE or digits[0] == "0":
            return False
    else:
        home, number, code = region, digits, plan_within(region).code
        if plan_within(region).abroad.match(number):
            return False
    plan = plan_within(home)
    if number[:1] == "0" or (plan.prefix and plan.prefix.match(number)):
        return False
    regions = library().COUNTRY_CODE_TO_REGION_CODE[code]
    for one in map(plan_within, regions):
        if len(regions) == 1 or (one.leading.match(number) if one.leading else one.has(number)):
            return one.has(number)
    return False


def _reasons(region: str, because: str) -> tuple[str, ...]:
    return ("rule:phone", f"check:numbering plan {'of the world' if region == ANYWHERE else region}", because)
