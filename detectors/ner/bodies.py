"""Rules for organisations: keys of forms, endings, who works, buys or complains there, departments, authorities.

Enters: a block of a view's text, Chinese in simplified characters. Leaves: mentions. Pure. A body often is called by
ordinary words, so capitals alone make none: a key, an ending or what is said beside it must speak for it, and a model
that is surer of something else wins.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.chinese import person_ends
from detectors.ner.known import has_known_name, is_common, is_ordinary
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists
from detectors.technical import is_technical

WORDS: Final = word_lists("bodies")
CHINESE: Final = word_lists("chinese")
STOP: Final = word_lists("stop")
NO_BODIES: Final = frozenset((*WORDS["not_bodies"], *STOP["all"], *STOP["things"], *STOP["ORGANIZATION"]))
HAN: Final = "[\u3400-\u9fff]"
UPPER: Final = "A-Z\u00c0-\u00de"
LETTER: Final = "A-Za-z\u00c0-\u024f"

WORD: Final = rf"[{UPPER}](?:[{LETTER}0-9]|['’\-](?=[{LETTER}]))*"
PHRASE: Final = re.compile(
    rf"(?<![\w@#$/\\.\-'’`]){WORD}(?:[ ](?:(?:&|of|de|du|del|la)[ ])?{WORD}){{0,4}}(?![\w@/\\(=\[`]|[.\-:]\w)"
)
"""Words in capitals with what joins them; no part of an identifier, a path or a call."""

AHEAD: Final = re.compile(r"[ ],?[A-Za-z&/\-]+(?:[ ][A-Za-z&/\-]+){0,2}")
"""Up to three words before a place, read backwards: a search for what ends there would begin anew at each character."""

ARTICLE: Final = re.compile(r"[ ](?:the|our|their)(?=[ ]\Z)")
LONGEST_LEAD: Final = 40
SURE, UNSURE = 0.85, 0.6
LEADS: Final = frozenset(WORDS["leads"])
NOUNS: Final = frozenset(WORDS["nouns"])
TRADES: Final = frozenset(WORDS["trades"])
ANY_TRADE: Final = TRADES | frozenset(WORDS["trades_too"])
ENDS: Final = ANY_TRADE | frozenset(word_lists("english")["company_ends"])

KEY: Final = re.compile(
    rf"(?im)(?:^|[*/#>|\-;,{{(]|[ ]{{2}}|\t)[ \t]?[\"']?({any_of((*WORDS['keys'], *WORDS['party_keys']))})"
    r"[\"']?[ \t]*(?:[:=]|-(?=[ ]))[ \t]*[\"']?(?=[^\s\"':=])"
)
VALUE: Final = re.compile(
    rf"[{UPPER}0-9][{LETTER}0-9'’.\-]*"
    rf"(?:(?:[ ](?:&|of|de|du|del|la|and|the|für)[ ]|,?[ ])[{UPPER}0-9][{LETTER}0-9'’\-]*){{0,6}}"
    r"\.?(?=[\"']?[ \t]*(?:[\n,;|<(/}]|-[ ]|[ ]{2}|\Z))"
)
SURE_KEYS: Final = frozenset(WORDS["keys"])
CAPITAL: Final = re.compile(f"[{UPPER}]")


def _written(name: str) -> str:
    return name.upper() if len(name) <= 3 else name.title()


DEPARTMENT: Final = re.compile(
    rf"(?<![\w@#$/\\.&\-])(?:{any_of(tuple(map(_written, WORDS['departments'])))})(?![\w@/\\(=&\-]|[.:]\w|[ ][{UPPER}])"
)
ASKED: Final = re.compile(
    rf"(?i)(?<![a-z])(?:{any_of(WORDS['asked'])})[ ](?:the[ ])?\Z|{any_of(WORDS['asked_zh'])}[ ]?\Z"
)
SAY: Final = re.compile(rf"[ ]{any_of(WORDS['say'])}\b|[ ]?{any_of(WORDS['say_zh'])}")

KEY_ZH: Final = re.compile(
    f"(?<!{HAN})({any_of((*WORDS['keys_zh'], *WORDS['party_keys_zh']))})"
    "(?:\\([^()\\n]{1,12}\\))?[\"']?[ \\t]*[:=][ \\t]*[\"']?"
)
VALUE_ZH: Final = re.compile(f"(?:{HAN}|[A-Za-z0-9()·&])+(?:[ ][A-Za-z]+)*")
SURE_KEYS_ZH: Final = frozenset(WORDS["keys_zh"])
HEADINGS: Final = frozenset((*WORDS["keys"], *WORDS["party_keys"], *WORDS["keys_zh"], *WORDS["party_keys_zh"]))
"""What heads a column of organisations."""

FUNCTION: Final = re.compile("[的了我你您他她请不为在有把被和与及由是从到对]")
"""Characters that no name of a firm holds."""

COMPANY_ENDS: Final = (*CHINESE["company_ends"], *CHINESE["body_ends"], *WORDS["trades_zh"])
ENDS_ZH: Final = re.compile(f"(?:{any_of(COMPANY_ENDS)}|[厂店行社所部])\\Z")
TRADE_ZH: Final = re.compile(any_of(WORDS["trades_zh"]))
FIRM: Final = frozenset("".join(WORDS["firm_characters"]))
LEADS_ZH: Final = WORDS["leads_zh"]
AUTHORITY_ZH: Final = re.compile(any_of(WORDS["authorities_zh"]))
"""What is looked for first: that is quick, for all of it begins with one of a few characters."""

AUTHORITY: Final = re.compile(f"[省市区县镇]?{AUTHORITY_ZH.pattern}(?![面长部势限])")
ANY_DEPARTMENT_ZH: Final = re.compile(any_of(WORDS["departments_zh"]))
DEPARTMENT_ZH: Final = re.compile(
    f"{any_of(WORDS['departments_zh'])}{{1,2}}(?:部(?![门分队长件署落位级委])|[科处组](?![室长学技目分员织成装合理方罚于])|中心(?![思点位词句人主]))"
)


def bodies(text: str) -> Iterator[Mention]:
    """Yield what the rules see in a block."""
    if CAPITAL.search(text):
        yield from keyed(text)
        yield from led(text)
        yield from departments(text)
    if re.search(HAN, text):
        yield from keyed_in_chinese(text)
        yield from firms(text)
        yield from authorities(text)


def keyed(text: str) -> Iterator[Mention]:
    """Yield what stands after a key such as `Vendor:`, no person where people may stand as well."""
    for key in KEY.finditer(text):
        word = key.group(1).casefold()
        value = VALUE.match(text, key.end())
        if value is not None and (surely := how_sure(value.group(), sure=word in SURE_KEYS)):
            yield Mention(*value.span(), "ORGANIZATION", surely, (f"cue:{word}",), firm=surely == SURE)


def how_sure(words: str, *, sure: bool) -> float:
    """Return how surely the value of a form or a table is an organisation; without `sure`, a person may stand there."""
    parts = words.split()
    if not words[:1].isalpha() or len(words) < 3 or len(parts) > 7 or words.casefold() in NO_BODIES:
        return 0.0
    if parts[-1].casefold().strip(".") in ENDS and len(parts) > 1:
        return SURE
    if parts[0].casefold() in NO_BODIES or (len(parts) == 1 and (is_technical(words) or is_common(words))):
        return 0.0
    if sure:
        return SURE
    return 0.0 if has_known_name(words) or len(parts) == 1 or words.isupper() else UNSURE


def led(text: str) -> Iterator[Mention]:
    """Yield words in capitals that end as an organisation does, or that somebody works for, buys from, complains to."""
    for phrase in PHRASE.finditer(text):
        start, words = phrase.start(), phrase.group().split()
        while len(words) > 1 and words[0].casefold() in NO_BODIES:
            start += len(words.pop(0)) + 1
        start = phrase.end() - len(" ".join(words))
        name = text[start : phrase.end()]
        if len(name) < 3 or words[0].casefold() in NO_BODIES:
            continue
        trade = words[-1].casefold() if len(words) > 1 else ""
        if is_led(text, start):
            if trade in ANY_TRADE or not (has_known_name(name) or all(map(is_common, words)) or is_technical(name)):
                yield Mention(start, phrase.end(), "ORGANIZATION", 0.8, ("cue:lead",))
        elif trade in TRADES and not all(
            map(is_common, words[1 if len(words) > 2 and begins(text, start) else 0 : -1])
        ):
            yield Mention(start, phrase.end(), "ORGANIZATION", 0.7, ("cue:trade",))


def begins(text: str, start: int) -> bool:
    """Tell whether a sentence begins at a place, where every word is in capitals."""
    return text[:start].rstrip(" \t\"'(")[-1:] in ("", "\n", ".", "!", "?", ":", ";")


def is_led(text: str, start: int) -> bool:
    """Tell whether what stands before a place leads to an organisation."""
    if text[start - 1 : start] != " ":
        return False
    before = ARTICLE.sub("", text[max(0, start - LONGEST_LEAD) : start])
    tail = AHEAD.match(before[::-1])
    if tail is None:
        return False
    words = tail.group()[::-1].split()
    last = words[-1].rstrip(",")
    if last in NOUNS:
        return True
    small = [*map(str.casefold, words)]
    return any(" ".join(small[at:]) in LEADS for at in range(len(small)))


def departments(text: str) -> Iterator[Mention]:
    """Yield departments that are asked something, or say something."""
    for match in DEPARTMENT.finditer(text):
        if ASKED.search(text[max(0, match.start() - LONGEST_LEAD) : match.start()]) or SAY.match(text, match.end()):
            yield Mention(*match.span(), "ORGANIZATION", 0.8, ("cue:department",), firm=True)


def keyed_in_chinese(text: str) -> Iterator[Mention]:
    """Yield what stands after a key such as 供应商：, and is no person."""
    for key in KEY_ZH.finditer(text):
        value = VALUE_ZH.match(text, key.end())
        if value is not None and (surely := how_sure_in_chinese(value.group(), sure=key.group(1) in SURE_KEYS_ZH)):
            yield Mention(*value.span(), "ORGANIZATION", surely, (f"cue:{key.group(1)}",), firm=surely == SURE)


def how_sure_in_chinese(words: str, *, sure: bool) -> float:
    """Return how surely the value of a form or a table is an organisation; without `sure`, a person may stand there."""
    if not re.search(HAN, words):
        return how_sure(words, sure=sure) if words[:1].isupper() else 0.0
    if not (3 <= len(words) <= 28) or FUNCTION.search(words) or is_ordinary(words) or words in NO_BODIES:
        return 0.0
    if ENDS_ZH.search(words):
        return SURE
    return SURE if sure and len(words) <= 12 and not person_ends(words, anyone=False) else 0.0


def in_cell(words: str, key: str) -> float:
    """Return how surely a cell under such a heading is an organisation; nought under any other heading."""
    if key not in HEADINGS or "\n" in words:
        return 0.0
    sure = key in SURE_KEYS or key in SURE_KEYS_ZH or key == "公司"
    if re.search(HAN, words):
        return how_sure_in_chinese(words, sure=sure) if VALUE_ZH.fullmatch(words) else 0.0
    return how_sure(words, sure=sure) if VALUE.fullmatch(words) else 0.0


def firms(text: str) -> Iterator[Mention]:
    """Yield two or three characters that are no word before the trade of a firm (恒远包装), where a word can begin."""
    for trade in TRADE_ZH.finditer(text):
        for length in (2, 3):
            start = trade.start() - length
            name = text[max(0, start) : trade.start()]
            if start < 0 or not FIRM.issuperset(name) or is_ordinary(name):
                continue
            if not re.match(HAN, text[start - 1 : start]) or text[max(0, start - 4) : start].endswith(LEADS_ZH):
                yield Mention(start, trade.end(), "ORGANIZATION", 0.75, ("cue:trade",))
                break


def authorities(text: str) -> Iterator[Mention]:
    """Yield authorities and departments as people call them: 区人社局, 证监会, 售后服务部."""
    if first := AUTHORITY_ZH.search(text):
        for match in AUTHORITY.finditer(text, max(0, first.start() - 1)):
            yield Mention(*match.span(), "ORGANIZATION", 0.8, ("cue:authority",))
    first = ANY_DEPARTMENT_ZH.search(text)
    for match in DEPARTMENT_ZH.finditer(text, first.start()) if first else ():
        before = text[max(0, match.start() - 4) : match.start()]
        if not re.match(HAN, before[-1:]) or before.endswith(LEADS_ZH):
            yield Mention(*match.span(), "ORGANIZATION", 0.75, ("cue:department",))
