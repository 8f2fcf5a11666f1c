"""Rules for names in Chinese: keys of forms (姓名：), titles (王总, 李老师), nicknames (小李), companies by ending.

Enters: a block of a view's text, in simplified characters. Leaves: mentions. Pure. A rule finds what a model misses; a
family name that could as well be the end or the beginning of another word counts only where a word can begin.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.known import can_be_given, has_known_name, is_ordinary
from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists
from detectors.technical import is_technical

HAN: Final = "[\u3400-\u9fff]"
WORDS: Final = word_lists("chinese")
STANDS_IN: Final = frozenset(word_lists("stop")["all"])
"""What stands in forms in place of a name, and for whole groups of people."""

STOP: Final = STANDS_IN.union(word_lists("stop")["things"], word_lists("stop")["PERSON"])
FAMILY: Final = any_of((*WORDS["double_surnames"], *WORDS["surnames"]))
PLAIN: Final = frozenset(WORDS["plain_surnames"])
BEFORE: Final = WORDS["before"]
AFTER: Final = frozenset("".join(WORDS["after"]))
NOT_NAMES: Final = WORDS["not_names"]
NO_FIRST: Final = frozenset(word_lists("english")["not_names"])
"""English words that begin no name."""
SHORT: Final = {title[0]: frozenset(title[2:]) for title in WORDS["short_titles"]}
FUNCTION: Final = re.compile("[的了和在是与及或也就都把被让给为]")
"""Characters that no given name holds."""

KEY: Final = re.compile(
    f"{any_of((*WORDS['keys'], *WORDS['party_keys']))}(?:\\([^()\\n]{{1,12}}\\))?[\"']?[ \\t]*[:=][ \\t]*"
)
ITEM: Final = re.compile(rf"[\"'(\[]?({HAN}+(?:·{HAN}+)*|[A-Z][A-Za-z'.\-]+(?:[ ][A-Z][A-Za-z'.\-]*){{0,3}})")
NEXT: Final = re.compile(r"[\"')\]]?[ \t]*(?:<[^<>\n]{1,80}>|\([^()\n]{1,40}\))?[ \t]*[,;、/][ \t]*")
KEYED: Final = re.compile("[\"']?[ \\t]*[:=]")
OWN_NAME: Final = re.compile(f"{FAMILY}{HAN}{{1,2}}")
FOREIGN_NAME: Final = re.compile(f"{HAN}{{1,8}}(?:·{HAN}{{1,10}}){{1,3}}")
ANY_NAME_KEYS: Final = frozenset(
    {"姓名", "真实姓名", "曾用名", "患者姓名", "学生姓名", "客户姓名", "员工姓名", "本人姓名", "开户名", "户名"}
)
ANY_TITLE: Final = re.compile(any_of(WORDS["titles"]))
"""Without one there is no need to look at every family name."""

TITLE: Final = re.compile(f"({FAMILY})(?:{any_of(WORDS['titles'])})(?!师|事务所|函|费|团|协会)")
SHORTLY: Final = re.compile(f"({FAMILY})([{''.join(SHORT)}])")
CALLED: Final = re.compile(
    f"(?:{any_of(WORDS['called_who'])}(?:的名字)?(?:名叫|叫做|叫)|名叫)({FAMILY}{HAN}{{1,2}})(?=[,。.;!、\\s]|\\Z)"
)
"""Who says or is told to be called something: 我叫程诺, 男朋友叫宋词."""

SOMEBODY: Final = re.compile(f"(?:{FAMILY})某{{1,2}}")
"""How reports write of people whom they do not name in full."""

DOUBLE: Final = re.compile(f"({any_of((*WORDS['sure_double_surnames'], *WORDS['double_surnames_too']))})({HAN}{{1,2}})")
SURE: Final = frozenset(WORDS["sure_double_surnames"])
NO_GIVEN: Final = frozenset(WORDS["no_given_names"])
VERBS: Final = frozenset("说问过写来去到已还又也都就是会要发做给找叫")
"""Characters that begin the next word rather than end a given name."""

LATIN: Final = re.compile(
    r"(?<![A-Za-z0-9_@./\\\-'&:])(?<![A-Za-z0-9][ ])"
    r"(?:[A-Z\u00c0-\u00de][a-z\u00df-\u024f]+[ ])?[A-Z\u00c0-\u00de][a-z\u00df-\u024f]{2,}"
    r"(?![A-Za-z0-9_@/\\\-'(\u00c0-\u024f]|[.:][A-Za-z0-9/]|[ ]?[A-Z])"
)
ASKED: Final = tuple(WORDS["asked"])
SAYS: Final = frozenset("".join(WORDS["says"]))
ANY_FULL_TITLE: Final = re.compile(any_of(WORDS["full_name_titles"]))
FULL: Final = re.compile(f"({FAMILY}{HAN}{{1,2}})(?={ANY_FULL_TITLE.pattern})")
NICK: Final = re.compile(f"[小老阿]({any_of(WORDS['nick_surnames'])})")
SPELT: Final = "".join(WORDS["foreign_characters"])
WORD_ABROAD: Final = f"[{SPELT}]+(?:·[{SPELT}]+)*"
ABROAD: Final = re.compile(
    f"(?:{any_of(WORDS['offices'])}|(?<![{SPELT}·]))({WORD_ABROAD})({any_of(WORDS['speaking'])})?"
)
"""A word from abroad in Chinese characters, by its sound, with what stands right before and behind."""

LEAST_SPELT: Final = 3
MOST_SPELT: Final = 8
NEXT_SPELT: Final = "于因当提"
"""Characters that begin the next word at times, though they spell names as well."""

FOLLOWS: Final = re.compile(
    any_of(
        (
            *WORDS["titles"],
            *WORDS["keys"],
            "电话",
            "手机",
            "联系",
            "身份证",
            "性别",
            "男",
            "女",
            "部门",
            "职务",
            "邮箱",
            "地址",
            "微信",
        )
    )
)
COMPANY: Final = re.compile(any_of(WORDS["company_ends"]))
COMPANY_NAME: Final = re.compile(f"(?:{HAN}|[A-Za-z0-9()·&])+\\Z")
LONGEST_COMPANY: Final = 24
COMPANY_LEADS: Final = re.compile(f"(?<!华)为|{any_of(tuple(one for one in WORDS['company_leads'] if one != '为'))}")
BOUNDS: Final = frozenset("".join(WORDS["company_bounds"]))


def chinese(text: str) -> Iterator[Mention]:
    """Yield what the rules see in a block."""
    if not re.search(HAN, text):
        return
    yield from forms(text)
    yield from titles(text)
    yield from somebodies(text)
    yield from called(text)
    yield from nicknames(text)
    yield from doubles(text)
    yield from foreign_names(text)
    yield from spelt(text)
    yield from companies(text)


def forms(text: str) -> Iterator[Mention]:
    """Yield the people named after a form's key and a colon, several where they are listed."""
    for key in KEY.finditer(text):
        name = re.split("[\"'(:= \t]", key.group(), maxsplit=1)[0]
        place = key.end()
        while item := ITEM.match(text, place):
            end = item.start(1) + person_ends(item.group(1), anyone=name in ANY_NAME_KEYS)
            if end == item.start(1) or (place > key.end() and KEYED.match(text, item.end())):
                break
            yield Mention(item.start(1), end, "PERSON", 0.9, (f"cue:{name}",), firm=True)
            further = NEXT.match(text, item.end())
            if further is None or end != item.end():
                break
            place = further.end()


def person_ends(words: str, *, anyone: bool) -> int:
    """Return how many characters of `words`, a value in a form, are a person's name; nought where none is.

    With `anyone`, two to four characters are a name whatever the first one is, and although they are a word as well.
    """
    if not re.match(HAN, words):
        return len(words) if words.casefold() not in STOP and " " in words else 0
    if FOREIGN_NAME.fullmatch(words):
        return len(words)
    if words in (STANDS_IN if anyone else STOP) or any(words.startswith(one) for one in NOT_NAMES):
        return 0
    if OWN_NAME.fullmatch(words) and not FUNCTION.search(words):
        return len(words)
    if anyone and 2 <= len(words) <= 4 and not FUNCTION.search(words):
        return len(words)
    if titled := TITLE.fullmatch(words):
        return titled.end()
    for length in (4, 3, 2):
        name = words[:length]
        if FOLLOWS.match(words, length) and OWN_NAME.fullmatch(name) and not FUNCTION.search(name):
            return length
    return 0


def titles(text: str) -> Iterator[Mention]:
    """Yield family names with a title, and whole names before one."""
    whole: set[int] = set()
    for match in FULL.finditer(text) if ANY_FULL_TITLE.search(text) else ():
        name = match.group(1)
        if _begins(text, match.start(), name) and not _is_no_name(text, match.start(), name):
            whole.update(range(*match.span(1)))
            yield Mention(*match.span(1), "PERSON", 0.8, ("cue:title",))
    for match in TITLE.finditer(text) if ANY_TITLE.search(text) else ():
        family = match.group(1)
        if match.start() in whole or _is_no_name(text, match.start(), match.group()):
            continue
        if family in PLAIN or _word_begins(text, match.start()):
            yield Mention(*match.span(), "PERSON", 0.85, ("cue:title",))
    for match in SHORTLY.finditer(text) if any(title in text for title in SHORT) else ():
        after = text[match.end() : match.end() + 1]
        if after in SHORT[match.group(2)] and after:
            continue
        known = match.group(1) in PLAIN and match.group(2) in "总董工"
        if (known or _word_begins(text, match.start())) and _word_ends(text, match.end()):
            yield Mention(*match.span(), "PERSON", 0.8, ("cue:title",))


def somebodies(text: str) -> Iterator[Mention]:
    """Yield people whom a report does not name in full: 焦某, 王某某."""
    for match in SOMEBODY.finditer(text) if "某" in text else ():
        if match.group()[0] in PLAIN or _word_begins(text, match.start()):
            yield Mention(*match.span(), "PERSON", 0.85, ("cue:某",))


def called(text: str) -> Iterator[Mention]:
    """Yield people of whom it is said what they are called."""
    for match in CALLED.finditer(text) if "叫" in text else ():
        name = match.group(1)
        words = is_ordinary(name) or is_ordinary(name[:2]) or not can_be_given(name[1:])
        if not (words or _is_no_name(text, match.start(1), name)):
            yield Mention(*match.span(1), "PERSON", 0.8, ("cue:called",))


def nicknames(text: str) -> Iterator[Mention]:
    """Yield 小李 and 老王, where they are words of their own."""
    for match in NICK.finditer(text):
        if _word_begins(text, match.start()) and _word_ends(text, match.end()):
            yield Mention(*match.span(), "PERSON", 0.75, ("cue:nickname",))


def doubles(text: str) -> Iterator[Mention]:
    """Yield whole names with a double family name (司马相如), which models cut or miss, where they stand as words."""
    for match in DOUBLE.finditer(text):
        family, given = match.groups()
        sure = family in SURE
        if len(given) == 2 and (given[1] in VERBS or not _word_ends(text, match.end())):
            given = given[:1]
        end = match.end(1) + len(given)
        if (
            given[0] in VERBS
            or (len(given) == 1 and not sure)
            or given in NO_GIVEN
            or is_ordinary(given)
            or FUNCTION.search(given)
        ):
            continue
        if _word_begins(text, match.start()) and (_word_ends(text, end) or text[end] in VERBS):
            yield Mention(match.start(), end, "PERSON", 0.8 if sure else 0.7, ("cue:double",), firm=sure)


def spelt(text: str) -> Iterator[Mention]:
    """Yield names from abroad in Chinese characters, behind an office or before what somebody says: 总统季莫申科."""
    for match in ABROAD.finditer(text):
        if match.start() == match.start(1) and not match.group(2):
            continue
        name = match.group(1).rstrip(NEXT_SPELT)
        if LEAST_SPELT <= len(name.replace("·", "")) <= MOST_SPELT and not is_ordinary(name) and name not in STOP:
            yield Mention(match.start(1), match.start(1) + len(name), "PERSON", 0.75, ("cue:office",))


def foreign_names(text: str) -> Iterator[Mention]:
    """Yield names in Latin letters that people are known to bear, right beside Chinese; one word where it is asked."""
    for match in LATIN.finditer(text):
        words = match.group()
        before, behind = text[max(0, match.start() - 4) : match.start()], text[match.end() : match.end() + 2]
        lone = " " not in words and not (
            before.rstrip().endswith(ASKED) or (behind.strip() and behind.lstrip()[0] in SAYS)
        )
        if (
            re.search(HAN, before[-2:] + behind)
            and not lone
            and has_known_name(words)
            and not is_technical(words)
            and words.casefold() not in STOP
            and words.split()[0].casefold() not in NO_FIRST  # Project Falcon
        ):
            yield Mention(*match.span(), "PERSON", 0.75, ("cue:name",))


def companies(text: str) -> Iterator[Mention]:
    """Yield names that end as a company's does, back to where a sentence's own words stand."""
    for ending in COMPANY.finditer(text):
        match = COMPANY_NAME.search(text[max(0, ending.start() - LONGEST_COMPANY) : ending.start()])
        if match is None:
            continue
        name = match.group()
        bound = max((at for at, one in enumerate(name) if one in BOUNDS), default=-1) + 1
        lead = max((found.end() for found in COMPANY_LEADS.finditer(name)), default=0)
        start = ending.start() - len(name) + max(bound, lead)
        if ending.start() - start >= 2:
            yield Mention(start, ending.end(), "ORGANIZATION", 0.8, ("cue:company",))


def _begins(text: str, start: int, name: str) -> bool:
    return name[0] in PLAIN or name[:2] in PLAIN or _word_begins(text, start)


def _is_no_name(text: str, start: int, name: str) -> bool:
    """Tell whether `name` is, or sits in, words that only look like one."""
    around = text[max(0, start - 1) : start + 3]
    return (
        name in STOP
        or bool(FUNCTION.search(name))
        or any(name.startswith(one) or around.startswith(one) for one in NOT_NAMES)
    )


def _word_begins(text: str, start: int) -> bool:
    """Tell whether a word can begin at `start`: after no Chinese character, or after a word that goes before names."""
    return not re.match(HAN, text[start - 1 : start]) or text[max(0, start - 4) : start].endswith(BEFORE)


def _word_ends(text: str, end: int) -> bool:
    return not re.match(HAN, text[end : end + 1]) or text[end] in AFTER
