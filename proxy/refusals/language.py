"""Which language a refusal speaks: request headers enter, `zh`, `en` or `both` leaves.

`Accept-Language` is read as RFC 9110 (section 12.5.4) writes it and matched by its primary subtags. A header that
makes no sense must never raise: its broken items count as absent.
"""

import re
from typing import Final, Literal

from proxy.exchange import Headers

type Language = Literal["zh", "en"]
type Choice = Literal["zh", "en", "both"]

CHINESE: Final = frozenset({"zh", "cmn", "yue", "wuu", "hak", "nan", "gan", "hsn", "cdo", "lzh"})
"""Primary subtags whose readers read Chinese: the macrolanguage and its members (ISO 639-3)."""

WEIGHT: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)
RANGE: Final = re.compile(r"\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*", re.ASCII)

MOST_ITEMS: Final = 64
"""Items read of one header; browsers send a dozen at most."""


def pick(headers: Headers, default: Language, silent: Choice = "both") -> Choice:
    """Return the language to answer in.

    `default` is for people who name neither Chinese nor English; `silent` is for clients that say nothing of language,
    or only `*`, as SDKs do.
    """
    field = ",".join(value for name, value in headers if name == "accept-language")
    ranges = read_ranges(field)
    if not ranges.keys() - {"*"}:
        return silent
    weights = {"zh": weight(ranges, CHINESE), "en": weight(ranges, frozenset({"en"}))}
    if weights["zh"] == weights["en"]:
        return first_named(ranges, default) if weights["zh"] else default
    return "zh" if weights["zh"] > weights["en"] else "en"


def read_ranges(field: str) -> dict[str, float]:
    """Return the weight (0 to 1) of each primary subtag, in the order of the field; broken items are left out."""
    ranges: dict[str, float] = {}
    for item in field.lower().split(",", MOST_ITEMS)[:MOST_ITEMS]:
        tag, _, parameter = (piece.strip() for piece in item.partition(";"))
        name, _, value = (piece.strip() for piece in (parameter or "q=1").partition("="))
        if RANGE.fullmatch(tag) and name == "q" and WEIGHT.fullmatch(value):
            primary = tag.partition("-")[0]
            ranges[primary] = max(ranges.get(primary, 0.0), float(value))
    return ranges


def weight(ranges: dict[str, float], subtags: frozenset[str]) -> float:
    """Return how much a language is wanted; `*` speaks for those that are not named."""
    named = [value for primary, value in ranges.items() if primary in subtags]
    return max(named) if named else ranges.get("*", 0.0)


def first_named(ranges: dict[str, float], default: Language) -> Language:
    """Return the language named first among equals."""
    for primary in ranges:
        if primary in CHINESE:
            return "zh"
        if primary == "en":
            return "en"
    return default
