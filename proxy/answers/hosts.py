"""Names of hosts and addresses of mail in a text for people, in whichever signs they are written.

Enters: a text before a value, or what follows one. Leaves: whether an address has started in it, or whether what
follows makes the value part of one. Any spelling counts that a browser or a renderer would take for the plain
one: domains in other scripts, other dots, invisible signs, entities, and markup that disappears when shown.
"""

import re
from html import unescape
from html.entities import html5
from importlib.resources import files
from typing import Final
from unicodedata import normalize

from detectors.redact import OPENING

LATIN: Final = (
    "com|net|org|cn|hk|tw|io|ai|dev|app|top|xyz|info|biz|co|me|cc|tv|site|online|club|vip|link|live|tech|shop"
)
"""How names of hosts often end: behind an ideographic full stop, which browsers take for a dot, nothing else is one."""
CHINESE, OTHER = (part.split() for part in (files("proxy.answers") / "domains.txt").read_text("utf-8").split("\n\n"))
"""Top-level domains that are not in ASCII, of the public suffix list: in Chinese and Japanese signs, and in others."""

CHINESE_ENDS: Final = "|".join(sorted(CHINESE, key=len, reverse=True))
OTHER_ENDS: Final = "|".join(sorted(OTHER, key=len, reverse=True))
ENDS: Final = frozenset([*CHINESE, *OTHER, *LATIN.split("|")])
BEGINNINGS: Final = frozenset(end[:size] for end in ENDS for size in range(len(end)))

DOT: Final = r"[.\u2024\ufe52]"
STOP: Final = r"[。．｡]"
"""Dots to a browser, and full stops to a reader."""
SLASH: Final = r"(?:\\{0,16}:\d{1,5})?\\{0,16}[/?\#]"
HARMLESS: Final = (
    r"(?:0{0,6}(?:34|38|39|60|62|160)|x0{0,6}(?:22|26|27|3c|3e|a0));"
    r"|0{0,6}(?:3[489]?|6[02]?|1(?:60?)?)?\Z|x0{0,6}(?:2[267]?|3[ce]?|a0?)?\Z"
)
"""Numbers of entities for quotes, `&`, angles and blanks, and what may become one."""
STARTS_URL: Final = re.compile(
    rf"""(?<![a-z0-9])(?:https?|ftps?|wss?|data|mailto|xmpp|javascript|vbscript): | www\.
      | /\\{{0,16}}/
      | [\w-]\\{{0,16}}{DOT}(?:[a-z][a-z0-9-]{{1,62}}|{CHINESE_ENDS}|{OTHER_ENDS})\.?{SLASH}
      | (?:\d{{1,3}}(?:{DOT}|{STOP})){{3}}\d{{1,3}}{SLASH}
      | (?<![\w:\\.])\\\\
      | (?:{STOP}(?:{LATIN}|{OTHER_ENDS})|(?:[．｡]|[a-z0-9-]。)(?:{CHINESE_ENDS})){SLASH}
      | (?:[a-z0-9-]。|[\w-][．｡])[a-z][a-z0-9-]{{1,62}}{SLASH}
      | (?<![a-z0-9])(?:sms|smsto|mms|mmsto):[^\s<>"']{{0,40}}[?&;]
      | (?<![a-z0-9])tel:[+0-9()-]{{5,24}}(?:,,|[;pw*\#])
      | (?<![a-z0-9])[a-z][a-z0-9+.-]{{1,15}}:[^\s<>"'?]{{0,40}}\?[^\s<>"'?=]{{0,24}}=
      | (?<![a-z0-9.-])(?:[a-z0-9-]{{0,62}}[a-z][a-z0-9-]{{0,62}}\\{{0,16}}:\d{{1,5}}|localhost)\\{{0,16}}[/?\#]
      | (?<![a-z0-9])0x[0-9a-f]{{1,8}}(?:{DOT}(?:0x)?[0-9a-f]{{1,8}}){{0,3}}{SLASH}
      | \[[0-9a-f]{{0,4}}:[0-9a-f.:]{{1,40}}\]{SLASH}
      | &\#(?!{HARMLESS})(?:\d{{1,8}}|x[0-9a-f]{{1,8}})
      | &(?:period|sol|colon|commat|bsol|shy|zwn?j|lrm|rlm|zerowidthspace|nobreak|lowbar|hyphen|dash);""",
    re.IGNORECASE | re.VERBOSE,
)
"""A scheme, two slashes, a domain or number with a path, a network's share (`\\\\host`), a sign of an address or one
that nobody sees as an HTML entity, a name without a dot but with a port, a number in hexadecimal or of IPv6; what a
link to a message, to tones behind a call, or of any scheme with a query takes along. A link that only calls, or writes
to, the value itself is none: it goes to nobody else."""
LONGEST_START: Final = 96
SIGNS_OF_START: Final = re.compile(r"[:/?#\\&Ww](?:(?<![Ww])|[Ww]{2}\.)")
"""One of these stands in each of them: cheap, with one class in front, and absent from most texts."""

INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]+"
)
"""What nobody sees, and browsers take out of a name."""
STYLED: Final = re.compile(
    "[\u2100-\u214f\u2460-\u24ff\uff0d\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\U0001f110-\U0001f16f]"
)
"""Letters and digits in other forms: full-width, circled, of mathematics."""
MARKUP: Final = re.compile(r"[*~`]+")
"""Markdown that disappears when the text is shown."""

ANY: Final = r"\\{0,4}[\[［【][A-Za-z][A-Za-z0-9_\\\r\n]{9,127}[\]］】]"
"""A placeholder, however it is written, and more."""
INNER: Final = r"""[^<>"']|"[^"]*+"|'[^']*+'"""
TAG: Final = (
    rf"(?:</?[a-z][a-z0-9-]{{0,31}}(?:>|[\s/](?:(?:{INNER})*+>|[^<>]*+>))|<!--(?:(?!-->)[\s\S])*+-->|<[!?][^<>]*+>)"
)
"""A tag with its attributes, or a comment: a browser shows neither."""
UNSPACED: Final = (
    "\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3040-\u31ff\u3400-\u9fff"
    "\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Letters of scripts in which words stand without blanks between: behind them, a word in Latin letters begins anew."""
FOREIGN: Final = (
    r"(?-i:[^\x00-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u206f\u3000-\u303f\ufe10-\ufe6f\uff00-\uffef"
    rf"{UNSPACED}])"
)
"""Other letters outside of ASCII, and symbols, which a name of a host may have. A large class that minds no case takes
long to compile, and none of these has a case that is not here, too."""
SHOWN: Final = rf"(?:[*~`]|{TAG})*+"
PART: Final = rf"(?:[A-Za-z0-9_+%*~`$=-]|{FOREIGN}|{ANY}|{TAG})*+"
STEM: Final = re.compile(rf"{PART}\\*+", re.IGNORECASE)
WORDS: Final = re.compile(rf"(?:{PART}(?-i:[{UNSPACED}]++))++{SHOWN}\\*+", re.IGNORECASE)
"""The same in Chinese and the like, up to the last letter of it."""
JOINT: Final = re.compile(rf"(?:{DOT}|[@\uff20\ufe6b]){SHOWN}", re.IGNORECASE)
JOINT_OF_WORDS: Final = re.compile(rf"{DOT}{SHOWN}", re.IGNORECASE)
LATIN_LABEL: Final = re.compile(rf"[a-z0-9-]|{ANY}", re.IGNORECASE)
LABELS: Final = re.compile(rf"((?:[\w-]++{DOT})*+)([\w-]*+)")
LABEL: Final = re.compile(rf"[\w-]|{ANY}")
USER: Final = re.compile(rf"(?:[A-Za-z0-9_+%*~`.:;,&=$\\-]|{ANY}|{TAG})*+", re.IGNORECASE)
"""A password behind a user, or the rest of a mailbox's name, as renderers take them into a link."""
QUOTED_USER: Final = re.compile(rf"(?:[A-Za-z0-9_+%*~`.:;,&=$\\!#'/?^{{|}}-]|{ANY})*+")
"""The same in `<…>`, where Markdown takes more signs for a mailbox's (CommonMark 6.5)."""
CHAIN: Final = re.compile(
    rf"(?:。((?:[a-z0-9-]+(?:{STOP}|{DOT}))*+)|[．｡]((?:[\w-]+(?:{STOP}|{DOT}))*+))", re.IGNORECASE
)
"""A full stop and labels behind it, each with its dot."""
WORD: Final = re.compile(r"[a-z0-9-]+|[^\W_]*+", re.IGNORECASE)
TOP: Final = re.compile(r"[a-z]{2,63}")
ENTITY: Final = re.compile(r"&#(?:x[0-9a-f]{1,8}+|[0-9]{1,8}+);?|&([a-z][a-z0-9]{1,31}+);?", re.IGNORECASE)
QUOTES_AND_ANGLES: Final = frozenset("<>\"'")
UNFINISHED: Final = re.compile(
    rf"(?:\\{{1,4}}|\\{{0,4}}[{re.escape(OPENING)}](?:[a-z][a-z0-9_\\\r\n]{{0,127}})?|&[#a-z0-9]{{0,33}}"
    rf"|<(?:/?(?:[a-z][a-z0-9-]{{0,31}}(?:[\s/](?:{INNER})*+(?:\"[^\"]*+|'[^']*+)?)?)?|!--(?:(?!-->)[\s\S])*+|[!?][^<>]*+))\Z",
    re.IGNORECASE,
)
"""The beginning of a placeholder, an entity or a tag, at the end of a text that goes on."""
MAY_BE_UNFINISHED: Final = (*OPENING, "\\", "&", "<")
"""One of these stands in each of them."""


def plain(text: str) -> str:
    """Return a text as a browser reads it in a name: without what is invisible, letters in their plain form."""
    if text.isascii() and text.isprintable():
        return text
    return STYLED.sub(lambda letter: normalize("NFKC", letter[0]), INVISIBLE.sub("", text))


def makes_host(after: str, ended: bool, quoted: bool = False) -> bool | None:
    """Say whether `after`, right behind a value, makes it part of a host name or mail address; None: it may yet.

    `ended` says that no more will follow, `quoted` that the value stands in `<…>`. A dot and `@` count with a letter,
    digit, hyphen or placeholder behind them.
    """
    cut = UNFINISHED.search(after) if not ended and any(map(after.__contains__, MAY_BE_UNFINISHED)) else None
    text = after[: cut.start()] if cut else after
    text = plain(ENTITY.sub(character, text) if "&" in text else text)
    verdicts = (behind_name(text, ended), behind_user(text, ended, quoted))
    return True if True in verdicts else None if None in verdicts else False


def behind_name(text: str, ended: bool) -> bool | None:
    """Say whether the value begins the name of a host or a mailbox."""
    at = STEM.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
    if words := WORDS.match(text, at):
        return behind_words(text, words.end(), ended)
    if chain := CHAIN.match(text, at):
        return behind_stop(text, chain, ended)
    if joint := JOINT.match(text, at):
        if LABEL.match(text, joint.end()):
            return True
        at = joint.end()
    return None if at == len(text) and not ended else False


def behind_words(text: str, at: int, ended: bool) -> bool | None:
    """Say the same behind words in Chinese and the like: they may end a sentence, or lead to another's host."""
    if chain := CHAIN.match(text, at):
        return behind_stop(text, chain, ended)
    if joint := JOINT_OF_WORDS.match(text, at):
        if LATIN_LABEL.match(text, joint.end()):
            return True
        labels = LABELS.match(text, joint.end())
        at = labels.end() if labels else joint.end()
        if labels and (at < len(text) or ended):
            return (labels[2] or re.split(DOT, f"..{labels[1]}")[-2]).lower() in ENDS
    else:
        at = STEM.match(text, at).end()  # type: ignore[union-attr]  # as above
    return None if at == len(text) and not ended else False


def behind_user(text: str, ended: bool, quoted: bool) -> bool | None:
    """Say whether the value begins what stands before the `@` of an address."""
    at = (QUOTED_USER if quoted else USER).match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
    if text[at : at + 2] in ('"@', '"'):  # a quote right before the sign is taken into a mailbox's name, too
        at += 1
    if text[at : at + 1] == "@":
        at += 1
        if LABEL.match(text, at):
            return True
    return None if at == len(text) and not ended else False


def behind_stop(text: str, chain: re.Match[str], ended: bool) -> bool | None:
    """Say whether what follows a full stop is the rest of a host's name, and not the next sentence.

    Chinese words end one where something foreign stands before them, or a dot that few sentences end with.
    """
    word = WORD.match(text, chain.end())
    last = word[0].lower() if word else ""
    wide, labels = chain[0][0] != "。", chain[1] or chain[2]
    open_end = chain.end() + len(last) == len(text) and not ended
    if open_end and (wide or last.isascii() or last in BEGINNINGS or last in ENDS):
        return None
    if not last and labels:
        last = re.split(f"{STOP}|{DOT}", labels.lower())[-2]
    if last in CHINESE:
        return wide or bool(labels)
    return last in ENDS or last.startswith("xn--") or (wide and bool(labels) and TOP.fullmatch(last) is not None)


def character(entity: re.Match[str]) -> str:
    """Return what an HTML entity stands for, also where its semicolon is missing; a blank for what begins no tag."""
    sign = (entity[1] and html5.get(f"{entity[1]};")) or unescape(entity[0])
    return " " if sign in QUOTES_AND_ANGLES else sign
