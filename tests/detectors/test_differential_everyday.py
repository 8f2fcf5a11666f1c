"""Against stock Presidio, over texts that people wrote: cards, IBANs, mail, addresses of the web, telephones.

The texts are the development parts of two sets and our own English pages. Into every fifth line of a set a value is
put as people write it, with and without a word that tells what it is. What stock Presidio reports and ours does not
must have its reason here, and every reason must have its cases.
"""

import gzip
import json
import re
from collections import Counter
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest
from presidio_analyzer import AnalyzerEngine, predefined_recognizers
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from detectors.find import Finder, shipped_patterns
from detectors.spacy_pipeline import BlankEngine

ROOT = Path(__file__).parents[2]
SETS = ("btc", "gum_ccby")
PAGES = ("deploy", "operations")
RECOGNIZERS = {
    "CREDIT_CARD": "CreditCardRecognizer",
    "IBAN_CODE": "IbanRecognizer",
    "EMAIL_ADDRESS": "EmailRecognizer",
    "URL": "UrlRecognizer",
    "PHONE_NUMBER": "PhoneRecognizer",
}
PLANTED = (
    *("4111 1111 1111 1111", "card 5500-0000-0000-0004", "pay with 378282246310005 today", "4111 1111 1111 1112"),
    *("DE89 3704 0044 0532 0130 00", "IBAN: GB82WEST12345698765432", "FR14 2004 1010 0505 0001 3M02 606"),
    *("jane.roe@contoso.org", "mail <bob+tag@mail.fabrikam.co.uk>", "write to o_neil@northwind.travel now"),
    *(
        "https://wiki.contoso.com/a/b?id=3",
        "see www.fabrikam.net.",
        "at northwind.co.uk/team",
        "'https://adatum.org/x'",
    ),
    *("+1 650 253 2222", "call (212) 555-0123", "phone: 020 7946 0958", "tel 650-253-2222", "+44 20 7946 0958"),
    *("order 6502532222 is late", "tel. 6502532222", "GB82WEST12345698765433", "ref 00 1 650 253 2222"),
    *("clone git@github.com:contoso/tool", "ask on README.md", "obj.strftime is called", "log 2026.11.28"),
)


@cache
def corpus():
    """Return documents of some 4,000 characters, the same in every run."""
    planted, lines = cycle(PLANTED), []
    for name in SETS:
        with gzip.open(ROOT / "detectors/ner/train/data" / name / "dev.jsonl.gz", "rt") as file:
            for number, line in enumerate(file):
                text = json.loads(line)["text"]
                lines.append(f"{text} {next(planted)}\n" if number % 5 == 0 else text)
    whole = "\n".join(lines)
    whole += "\n".join((ROOT / "docs" / f"{page}.md").read_text() for page in PAGES)
    return tuple(whole[first : first + 4000] for first in range(0, len(whole), 4000))


@cache
def compared():
    recognizers = [getattr(predefined_recognizers, name)(supported_language="en") for name in RECOGNIZERS.values()]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    stock = AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(["en"]), supported_languages=["en"])
    ours = Finder(shipped_patterns())
    answers = []
    for text in corpus():
        scan = ours.find(text, frozenset(RECOGNIZERS))
        assert not scan.unknown
        there = {(one.entity_type, one.start, one.end) for one in stock.analyze(text, "en")}
        answers.append((text, there, {(one.entity, one.start, one.end) for one in scan.findings}))
    return answers


def in_something_found(here, _entity, value, _before, _after, start, end):
    """Quotes and full stops are none of an address; what stands in an address of mail is that address's."""
    start, end = start + len(value) - len(value.lstrip(MARKS)), end - len(value) + len(value.rstrip(MARKS))
    return any(first <= start and end <= last for _, first, last in here)


MARKS = "'\"`”….,"


def in_a_longer_token(_here, entity, _value, before, after, _start, _end):
    return entity == "URL" and bool(re.match(r"[\w\-]", after) or re.search(r"[\w@./\-]$", before))


def no_host(_here, entity, value, _before, _after, _start, _end):
    return entity == "URL" and "/" not in value and (value.startswith(".") or not re.search(HOSTS, value))


HOSTS = r"\.(?i:com|cn|net|org|edu|gov|mil|int|co|eu|uk|de|jp|fr|hk|tw|us)$"
"""Ends by which a bare name is taken for a host. Others, such as `.md`, `.so` or `.py`, end names of files and code."""


def login_of_git(_here, entity, _value, _before, after, _start, _end):
    return entity == "EMAIL_ADDRESS" and after.startswith(":")


def digits_alone(_here, entity, value, before, _after, _start, _end):
    return entity == "PHONE_NUMBER" and not value.startswith("+") and not re.search(r"(?i)\b(?:tel|phone|call)", before)


REASONS = {
    "within what is found": in_something_found,
    "within a longer word": in_a_longer_token,
    "the name of a file, or code": no_host,
    "git's login": login_of_git,
    "digits with neither country code nor a word": digits_alone,
}


def reason(text, here, entity, start, end):
    case = (here, entity, text[start:end], text[max(0, start - 30) : start], text[end : end + 10], start, end)
    return next((why for why, holds in REASONS.items() if holds(*case)), None)


def test_all_that_stock_presidio_finds_in_everyday_texts_is_found_or_left_out_for_a_reason():
    found, left, missed = Counter(), Counter(), []
    for text, there, here in compared():
        for entity, start, end in there:
            if any(one == entity and first <= start and end <= last for one, first, last in here):
                found[entity] += 1
            elif why := reason(text, here, entity, start, end):
                left[why] += 1
            else:
                missed.append((entity, text[max(0, start - 30) : end + 10]))
    assert missed == []
    assert found.keys() == RECOGNIZERS.keys(), "the texts must hold all of it"
    assert left.keys() == REASONS.keys(), "a reason that nothing needs is no reason"


@pytest.mark.parametrize("entity", ["CREDIT_CARD", "IBAN_CODE"])
def test_no_card_or_account_is_found_that_stock_presidio_does_not_find(entity):
    alone = [
        text[max(0, start - 30) : end + 10]
        for text, there, here in compared()
        for one, start, end in here
        if one == entity and not any(two == entity and first < end and start < last for two, first, last in there)
    ]
    assert alone == []
