"""Rules for names in English: greetings, sign-offs, headers, keys of data, titles, companies by their endings.

Enters: a block of a view's text. Leaves: mentions. Pure. A name here is one to four capitalised words, none of them a
word that merely stands where a name could; a header's or a key's value may be Chinese too.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.beside import beside
from detectors.ner.chinese import person_ends
from detectors.ner.edges import HAN
from detectors.ner.known import has_known_name
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists
from detectors.technical import is_technical

WORDS: Final = word_lists("english")
NOT_NAMES: Final = frozenset(WORDS["not_names"])
STOP: Final = frozenset[str]().union(*(word_lists("stop")[label] for label in ("all", "things", "PERSON")))
UPPER: Final = "A-Z\u00c0-\u00de"
LETTER: Final = "A-Za-z\u00c0-\u024f"
WORD: Final = rf"(?:[{UPPER}][{LETTER}]?\.|[{UPPER}](?:[{LETTER}]|['\-](?=[{LETTER}]))*)"
"""A full stop ends a sentence, unless it is one of an initial or of something as short: J., St."""
NAME: Final = rf"{WORD}(?:[ ](?:(?:van|von|de|der|den|la|le|da|di|del|bin|al)[ ])*{WORD}){{0,3}}"
HAN_NAME: Final = "[\u3400-\u9fff]{2,4}(?![\u3400-\u9fff])"
MR: Final = rf"(?:(?i:{any_of(WORDS['titles'])})\.?[ ])?"
"""A title, which stays outside."""

GREETING: Final = re.compile(
    rf"(?m)^[ \t>]{{0,16}}(?i:{any_of(WORDS['greetings'])})[ ,:]+{MR}({NAME})(?=[ ]*[,!:;.\-\n]|[ ]*$)"
)
SIGN_OFF: Final = re.compile(
    rf"(?m)^[ \t>]{{0,16}}(?i:{any_of(WORDS['sign_offs'])})[ ]*[,.!]?[ \t]*\n(?:[ \t>]*\n)?"
    rf"[ \t>]*-{{0,2}}[ ]?({NAME})[ \t]*(?=\n|\Z|,|\|)"
)
VALUE: Final = rf"[\"']?[ \t]*[:=]>?[ \t]*(?=[\"'{UPPER}\u3400-\u9fff])"
HEADER: Final = re.compile(rf"(?m)(?:^|[*/#>|\-;,{{(]|@|[ ]{{2}}|\t)[ \t]?[\"']?((?i:{any_of(WORDS['keys'])})){VALUE}")
DATA: Final = re.compile(rf"[\"']?\b((?i:{any_of(WORDS['data_keys'])})){VALUE}")
TAG: Final = re.compile(
    r"(?i:@author|\bauthored by|\bwritten by|\bmaintained by|\bcreated by)[ \t]*:?[ \t]+(?=[\"'A-Z\u3400-\u9fff])"
)
SMALL_VALUE: Final = re.compile(
    r"(?mi)(?:^|[\"'&?,{ \t])(?:first|last|given|family|full|customer|patient|contact)[_ ]?name"
    r"[\"']?[ \t]*[:=][ \t]*[\"']?"
    r"((?-i:[a-z]{3,20}(?:[ ][a-z]{3,20})?))(?=[\"']?[ \t]*(?:$|[,&}]))"
)
"""A name in small letters behind a key of data."""

SETS: Final = re.compile("[:=]")
"""What stands in every line with a key."""
BY: Final = ("ed by", "en by", "@author")
"""What every tag holds, in small letters."""

ITEM: Final = re.compile(rf"[\"']?{MR}((?:{NAME}|{HAN_NAME}))(?=[\"']?[ \t]*(?:$|[\n,;<(\[|/}}\"')]|\\n|and\b|&))")
NEXT: Final = re.compile(r"[\"']?[ \t]*(?:<[^<>\n]{1,80}>|\([^()\n]{1,40}\))?[ \t]*(?:[,;&]|and\b)[ \t]*")
TITLED: Final = re.compile(
    rf"(?<![{LETTER}0-9_])(?:{any_of(tuple(one.title() for one in WORDS['titles']))})\.?[ ]({NAME})"
)
COMPANY: Final = re.compile(
    rf"(?<![{LETTER}0-9_])((?:[{UPPER}0-9][{LETTER}0-9'.\-]{{0,30}}(?:[ ]&[ ]|[ ](?:and|of|the)[ ]|,?[ ])){{1,5}})"
    rf"(?i:{any_of(WORDS['company_ends'])})(?![{LETTER}0-9])(?!(?i:[ \n]+(?:#[ ]*)?to\b))\.?"
)
COMPANY_LEAD: Final = re.compile(
    r"(?i).*\b(?:copyright|(?:19|20)[0-9]{2}(?:-(?:19|20)?[0-9]{2})?|but|not|or|including)[, ]+"
)
"""What stands before a company's name in capitals, too, and is no part of it."""
ENDING: Final = re.compile("[A-Z]|[a-z]\\.")
SURE_KEYS: Final = frozenset(
    {"from", "to", "cc", "bcc", "name", "authors", "author", "manager", "driver", "doctor", "guest"}
)
"""Keys that often stand before other things than names: there a name has two words at least."""


def english(text: str) -> Iterator[Mention]:
    """Yield what the rules see in a block."""
    yield from correspondence(text)
    yield from keyed(text)
    yield from in_small_letters(text)
    yield from titled(text)
    yield from companies(text)
    yield from beside(text)


def correspondence(text: str) -> Iterator[Mention]:
    """Yield who is greeted and who signs."""
    for pattern, cue, score in ((GREETING, "greeting", 0.85), (SIGN_OFF, "sign-off", 0.8)):
        for match in pattern.finditer(text):
            name = match.group(1).rstrip(".")
            if is_name(name):
                yield Mention(match.start(1), match.start(1) + len(name), "PERSON", score, (f"cue:{cue}",))


def keyed(text: str) -> Iterator[Mention]:
    """Yield the people named after a header, a form's key, a tag of documentation or a key of data."""
    small = text.lower()
    tags = TAG.finditer(text) if any(sign in small for sign in BY) else iter(())
    for pattern, sure in ((HEADER, False), (DATA, True), (TAG, True)):
        for key in tags if pattern is TAG else set_in_lines(pattern, text):
            word = key.group(1).casefold() if pattern is not TAG else "author"
            place = key.end()
            while item := ITEM.match(text, place):
                name = item.group(1) if item.group(1).endswith(("Jr.", "Sr.")) else item.group(1).rstrip(".")
                if not is_name(name, words=1 if sure or word not in SURE_KEYS else 2) or is_technical(name):
                    break
                if FIRM.match(text, item.end()) or (
                    word == "name" and not has_known_name(name) and not HAN.match(name)
                ):
                    break
                yield Mention(item.start(1), item.start(1) + len(name), "PERSON", 0.9, (f"cue:{word}",), firm=True)
                further = NEXT.match(text, item.end())
                if further is None:
                    break
                place = further.end()


def in_small_letters(text: str) -> Iterator[Mention]:
    """Yield known names in small letters where a key of data says that a name stands."""
    for match in SMALL_VALUE.finditer(text) if "ame" in text.lower() else ():
        if has_known_name(match.group(1)) and not is_technical(match.group(1)):
            yield Mention(*match.span(1), "PERSON", 0.85, ("cue:name",), firm=True)


def set_in_lines(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield what a pattern of keys, which crosses no line, finds in the lines where something is set."""
    place = 0
    while found := SETS.search(text, place):
        end = text.find("\n", found.end())
        place = len(text) if end < 0 else end + 1
        yield from pattern.finditer(text, text.rfind("\n", 0, found.start()) + 1, place)


def titled(text: str) -> Iterator[Mention]:
    """Yield names with Mr, Dr and the like before them."""
    for match in TITLED.finditer(text):
        name = match.group(1).rstrip(".")
        if is_name(name):
            yield Mention(match.start(1), match.start(1) + len(name), "PERSON", 0.85, ("cue:title",))


def companies(text: str) -> Iterator[Mention]:
    """Yield names that end as a company's does."""
    for match in COMPANY.finditer(text):
        lead = COMPANY_LEAD.match(match.group(1))
        start = match.start() + (lead.end() if lead else 0)
        words = text[start : match.end(1)].split()
        ending = match.group()[len(match.group(1)) :]
        if words and ENDING.search(ending) and words[0].casefold() not in NOT_NAMES and not words[0].isdigit():
            end = match.end() - (ending.endswith(".") and text[match.end() : match.end() + 1] in ("", "\n"))
            yield Mention(start, end, "ORGANIZATION", 0.85, ("cue:company",))


def is_name(name: str, words: int = 1) -> bool:
    """Tell whether `name`, with or without a title, can be one of at least `words` words."""
    if "\u3400" <= name[0] <= "\u9fff":
        return person_ends(name, anyone=False) == len(name)
    parts = [part.strip(".'").casefold() for part in name.split()]
    bare = [part for part in parts if part not in TITLES]
    if len(bare) < words or not any(len(part) > 1 for part in bare):
        return False
    return (
        not any(part in NOT_NAMES for part in bare)
        and bare[-1] not in BODIES
        and " ".join(bare) not in STOP
        and not name.isupper() | (len(bare) > 3)
    )


TITLES: Final = frozenset(WORDS["titles"])
FIRM: Final = re.compile(rf"[\"']?,?[ ](?i:{any_of(WORDS['company_ends'])})\b")
BODIES: Final = frozenset(part for one in (*WORDS["company_ends"], *WORDS["bodies"]) for part in one.split())
"""Words that end the name of a company, an authority or a team."""
