"""Where a name begins and ends: without marks, titles and the next word, with initials and all that belongs to it.

Enters: a view's text and a mention. Leaves: the mention with its edges set right, or nothing where no name can be left.
Pure. English titles stay outside (Dr. ⟦Smith⟧), initials inside (⟦A. Rossi⟧, ⟦Rosie O.⟧).
"""

import re
from dataclasses import replace
from typing import Final

from detectors.ner.known import has_known_name
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists
from detectors.traditional import simplified

LISTS: Final = word_lists("stop")
EVERY: Final = frozenset((*LISTS["all"], *LISTS["things"]))
STOP: Final = {label: EVERY | frozenset(listed) for label, listed in LISTS.items() if label not in ("all", "things")}
EDGES: Final = ' \t\r\n"`,;:!?()[]{}<>|*，、；：！？（）【】《》「」“”。'
"""Marks that are never the first or the last of a name; a full stop may be: D.C."""

HAN: Final = re.compile("[\u3400-\u9fff]")
LETTER: Final = re.compile(r"[^\W\d_]")
REGIONS: Final = word_lists("english")["regions"]
TITLES: Final = word_lists("english")["titles"]
TITLE: Final = re.compile(
    rf"(?:{any_of((*map(str.title, TITLES), *map(str.upper, TITLES), 'mr', 'mrs', 'ms', 'dr', 'prof'))})"
    r"(?:\.[ ]?|[ ]+)(?=[^\W\d_])"
)
INITIALS: Final = re.compile(r"(?<![\w.])(?:[A-Z]\.[ ]?){1,3}\Z")
LAST_INITIAL: Final = re.compile(r"[ ][A-Z]\.(?=[ \t]*(?:$|[^\sA-Z]))", re.M)
SHORTENED: Final = re.compile(r"(?:[ .][A-Z]|[ ](?:Jr|Sr))\Z")
POSSESSIVE: Final = re.compile(r"['’]s\Z")
ANOTHER_SCRIPT: Final = re.compile("(?<=[A-Za-z])[ ]+(?=[\u3400-\u9fff])")
NEXT_WORD: Final = re.compile(
    "(?<=[\u3400-\u9fff]{2})(?:(?<![顾顧学學访訪])[问問]|[说說的嘅了和跟与與同在是被把给給对對向]|[一二三四五六七八九十]+[日月时時点點])\\Z"
)
"""What a model takes for the end of a Chinese name, and is the word after it: no given name ends so."""

CHINESE: Final = word_lists("chinese")
WHOLE: Final = re.compile(
    f"(?!{any_of(CHINESE['double_surnames'])})(?:{any_of(CHINESE['surnames'])})(?![总副代原前老小大])[\u3400-\u9fff]{{1,2}}"
    f"(?={any_of(CHINESE['full_name_titles'])}\\Z)"
)
"""A whole Chinese name before a title, which stays outside as in English: 章鹏飞同学."""

ALWAYS: Final = re.compile("[总總](?=[是爱愛])")

EPONYM: Final = re.compile(
    rf"(?:['’]s?)?[ \-]{any_of(word_lists('english')['things'])}\b|[ ]?{any_of(word_lists('chinese')['things'])}"
)
"""What follows a name that stands for a thing, not for a person."""

PRODUCT: Final = re.compile(
    rf"[ ]{any_of(word_lists('english')['products'])}\b(?![ ]?['’])|[ ]?{any_of(word_lists('chinese')['products'])}"
)
"""What follows the name of a program or a breed in Latin letters, and no person's: Jenkins pipeline, Julia 语言."""

GOODS: Final = re.compile(any_of(word_lists("chinese")["goods"]))
ENDS_IN_GOODS: Final = re.compile(rf"{GOODS.pattern}\Z")

PHRASES: Final = tuple(phrase for listed in word_lists("phrases").values() for phrase in listed)
ALL_PHRASES: Final = "\n".join(PHRASES)
LONGEST_PHRASE: Final = max(map(len, PHRASES))

INVENTION: Final = re.compile(any_of(word_lists("chinese")["inventions"]))

REGION: Final = re.compile(rf"[^,], ?(?:{any_of((*map(str.title, REGIONS), *REGIONS))})\Z")
"""A town with its state or country, which a model takes for a person with a family name first."""

GAP: Final = re.compile(r"[ ]*\t\s*|[ ]{2,}(?![ \n])")
"""What parts the cells of a table."""

COMMA: Final = re.compile("[,;:、][ ]?[\u3400-\u9fff]|[\u3400-\u9fff][,;:、]")
"""What no Chinese name holds."""

TONGUE: Final = re.compile(
    "(?:语(?![音气文言])|話(?![題劇費說])|话(?![题剧费说])|語(?![音氣文言])|方言|官话|官話|裔|[节節](?![日目点點前后後约約水电電能假]))"
)
"""What makes a language, a people or a feast out of a place: 孟加拉语, 泉州话, 重阳节."""

GOES_ON: Final = re.compile(r"[ ]?[^\W\d_]")
LONGEST_INITIALS: Final = 9


def edged(text: str, mention: Mention) -> Mention | None:
    """Return the mention with its edges set right; nothing where no name can be left."""
    start, end = unmarked(text, mention.start, mention.end)
    if mention.label == "PERSON" and not mention.firm:
        if REGION.search(text[start:end]):
            return replace(mention, start=start, end=end, label="LOCATION")
        start, end = of_person(text, start, end)
    words = text[start:end]
    if not words or (not LETTER.search(words) and mention.label != "ADDRESS"):
        return None
    if not mention.firm and words.casefold().replace("–", "-") in STOP.get(mention.label, EVERY):
        return None
    if mention.label == "PERSON" and not mention.firm and (EPONYM.match(text, end) or COMMA.search(words)):
        return None
    if mention.label == "PERSON" and not mention.firm and PRODUCT.match(text, end) and not HAN.search(words):
        return None
    if not mention.firm and (
        in_phrase(text, start, end) or (mention.label == "ORGANIZATION" and is_sold(text, start, end))
    ):
        return None
    behind = mention.label == "LOCATION" and not mention.firm
    if behind and (TONGUE.match(text, end) or TONGUE.match(text, end - 1) or INVENTION.match(text, end)):
        return None
    if len(words) == 1 and not (mention.label == "LOCATION" and HAN.match(words)) and not mention.firm:
        return None
    return moved(mention, start, end)


def moved(mention: Mention, start: int, end: int) -> Mention:
    """Return the mention with these edges."""
    return mention if (start, end) == (mention.start, mention.end) else replace(mention, start=start, end=end)


def is_sold(text: str, start: int, end: int) -> bool:
    """Tell whether what looks like a body is goods, or the maker's name before them: 小米手环, 格力 + 空调."""
    around = simplified(text[start : end + 5])
    length = end - start
    return ENDS_IN_GOODS.search(around, 0, length) is not None or GOODS.match(around, length) is not None


def in_phrase(text: str, start: int, end: int) -> bool:
    """Tell whether a name is part of a saying or the name of a thing: Bob's your uncle, 身在曹营心在汉."""
    words = plain(text[start:end])
    if words not in ALL_PHRASES:
        return False  # of nearly every name
    first = max(0, start - LONGEST_PHRASE)
    around = plain(text[first : end + LONGEST_PHRASE])
    if len(around) != min(len(text), end + LONGEST_PHRASE) - first:
        return False
    start, end = start - first, end - first
    words = around[start:end]
    for phrase in PHRASES:
        at = phrase.find(words)
        while at >= 0:
            if around.startswith(phrase, max(0, start - at)) and at <= start:
                return True
            at = phrase.find(words, at + 1)
    return False


def plain(text: str) -> str:
    """Return a text in small letters and simplified characters, with one kind of apostrophe."""
    return simplified(text).lower().replace("’", "'")


def unmarked(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the edges without blanks and marks, but with a bracket that is closed just behind."""
    while start < end and (text[start] in EDGES or text.startswith("# ", start)):
        start += 1
    while end > start and text[end - 1] in EDGES:
        end -= 1
    if text[end : end + 1] == ")" and "(" in text[start:end] and ")" not in text[start:end]:
        end += 1
    return start, end


def of_person(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the edges of a person: no title, no possessive, no word of another script or of the sentence, initials."""
    while (title := TITLE.match(text, start, end)) is not None:
        start = title.end()
    if (gap := GAP.search(text, start, end)) is not None:
        start, end = (start, gap.start()) if has_known_name(text[start : gap.start()]) else (gap.end(), end)
    if (other := ANOTHER_SCRIPT.search(text, start, end)) is not None:
        end = other.start()
    if (tail := POSSESSIVE.search(text[start:end])) is not None and tail.start():
        end = start + tail.start()
    if GOES_ON.match(text, end) and (tail := NEXT_WORD.search(text[start:end])) is not None:
        end = start + tail.start()
    if ALWAYS.match(text, end - 1) and end - start > 2:
        end -= 1
    if (whole := WHOLE.match(simplified(text[start:end]))) is not None:
        end = start + whole.end()
    if not HAN.search(text, start, end):
        start, end = with_initials(text, start, end)
    return start, end


def with_initials(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the edges with the initials before and behind, and the full stop of the last one."""
    first = max(0, start - LONGEST_INITIALS)
    if (before := INITIALS.search(text[first:start])) is not None:
        start = first + before.start()
    if (behind := LAST_INITIAL.match(text, end)) is not None:
        return start, behind.end()
    if text[end : end + 1] == "." and SHORTENED.search(text[start:end]):
        end += 1
    return start, end
