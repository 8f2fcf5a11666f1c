"""Postal addresses by their grammar, Chinese and English, and after the key of a form.

Enters: a block of a view's text, Chinese in simplified characters. Leaves: mentions. Pure. A street without a number is
left to the models: what is found here is fine enough to ring at a door.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.ner.mention import Mention
from detectors.ner.words import any_of, word_lists

HAN: Final = "[\u3400-\u9fff]"
CHINESE: Final = word_lists("chinese")
ENGLISH: Final = word_lists("english")
NUMBER: Final = "(?:[0-9]{1,5}|[A-Za-z](?:[0-9]{1,4})?|[一二三四五六七八九十百零〇]{1,5}|[甲乙丙丁东西南北])"
NUMBERS: Final = rf"{NUMBER}(?:[\-之~、]{NUMBER}){{0,3}}"
ENDS: Final = "省市区县旗镇乡盟州"
"""What ends the name of an area, one character of it."""

ROAD: Final = (
    "(?:大街|大道|小区|公寓|花园|广场|大厦|家园|新村|胡同|[路街道巷弄里村屯庄园苑城湾坊])"
    "(?:[一二三四五六七八九十0-9]{1,2}段)?"
)
UNIT: Final = f"(?:{NUMBERS}[ ]?(?:号楼|号院|号|弄|巷|栋|幢|座|单元|层|楼|室|房|户|铺|组|排|门|F|f))"
HOUSE: Final = f"(?:小区|公寓|花园|广场|大厦|家园|新村|中心|大楼|[座楼苑园城里村])(?={NUMBER}|[ ,]|$|(?!{HAN}))"
INSIDE: Final = f"(?:[ ,]?(?:{UNIT}|{HAN}{{1,10}}?{HOUSE}))"
ROOM: Final = "(?:[ ]?[0-9]{3,4}(?:室|房)?(?![0-9A-Za-z]))"
STREET: Final = re.compile(f"{ROAD}[ ]?{UNIT}{INSIDE}{{0,6}}{ROOM}?")
"""From the word for the road on: what stands before it is looked at only where one is found."""

LONGEST_HEAD: Final = 48
HEAD: Final = re.compile(f"(?:(?:(?![{ENDS}]){HAN}){{0,8}}[{ENDS}][ ]?){{0,9}}(?:{HAN}|[0-9]){{1,8}}\\Z")
"""Areas, each up to its own ending, and the name of the road."""

HOME: Final = re.compile(
    "(?:家住|现住|租住|住在|家在|[我他她]住|搬到|寄到|送到)(?:了|的|于)?[ ]?"
    f"(?P<place>{HAN}{{2,12}}(?:[ ]?(?:[A-Za-z]{{2,8}}|[0-9]{{2,3}}(?=[A-Z])))?"
    "[ ]?(?:[A-Za-z][0-9]{0,2}(?:座|栋|幢|号楼|塔|楼)?|[0-9]{1,3}(?:座|栋|幢|号楼|塔|楼|(?=[ \\-,])))"
    "(?:[ \\-,]?(?:[0-9]{1,2}|[一二三四五六七八九])(?:单元|门|-))?[ \\-,]?[0-9]{3,4}(?:室|房|号)?)"
    "(?![ ]?[0-9A-Za-z年月日元个块点米件天人次套箱吨斤])"
)
"""Where somebody lives, told without a road: an estate, its tower, the room."""

LEADS: Final = re.compile(any_of(CHINESE["address_leads"]))
PROVINCE: Final = re.compile(any_of(CHINESE["provinces"]))
KEY: Final = re.compile(f"{any_of(CHINESE['address_keys'])}[\"']?[ \\t]*(?:[:=]|是|为)[ \\t]*[\"']?")
VALUE: Final = re.compile(r"[^\n。;\"'|\t<>{}]{4,90}")
VALUE_ENDS: Final = re.compile(
    "[ ,]*(?:(?:联系)?(?:电话|手机|方式)|邮编|邮政编码|收[件货]人|联系人|姓名|邮箱|微信|电邮|注册|法定|开户|身份证)"
    "|(?<![0-9])1[3-9][0-9]{9}"
)
LOOKS_LIKE: Final = re.compile("[省市区县镇乡村路街道巷弄号栋幢座室楼苑园]")

DOOR: Final = r"(?<![\w.\-/])[0-9]{1,5}(?:[\-/][0-9]{1,4})?[A-Za-z]?"
WORD: Final = "[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'.\\-]{0,24}|[0-9]{1,3}(?:st|nd|rd|th)"
STREET_END: Final = any_of(tuple(dict.fromkeys((*(one.title() for one in ENGLISH["streets"]), *ENGLISH["streets"]))))
FLAT: Final = r"(?:,?[ \n](?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Flat|Room|Rm|#)\.?[ ]?#?[0-9A-Za-z\-]{1,6})"
CITY: Final = rf"(?:(?:,[ ]?|[ ]|,?\n)(?:{WORD})(?:[ ](?:{WORD})){{0,2}})"
REGION: Final = (
    r"(?:,?[ \n]*[A-Z]{2}[ ,]+[0-9]{5}(?:-[0-9]{4})?|,?[ \n]+[A-Z]{1,2}[0-9][0-9A-Z]?[ ][0-9][A-Z]{2}|,[ ][0-9]{4,6}"
    r"|,?[ \n]+(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)[ ][0-9]{4}\b"
    r"|,?[ \n]+(?:\(?[A-Z][A-Za-zé]{1,9}\)?,?[ ])?[A-Z][0-9][A-Z][ \-]?[0-9][A-Z][0-9]\b)"
)
"""State and ZIP code, a British postcode, a postcode of digits after a comma, or those of Australia and Canada."""

LEAD: Final = (
    r"(?:(?<![\w.\-/])(?:(?:Flat|Apt\.?|Apartment|Unit|Suite|Level|Room|Villa|Office|Shop|Block)[ ][0-9A-Z]{1,5}"
    r"|[0-9]{1,2}(?:st|nd|rd|th)[ ]Floor|Ground[ ]Floor),?[ ]?\n?"
    rf"(?:(?:{WORD})(?:[ ](?:{WORD})){{0,2}},[ ]?\n?){{0,2}})"
)
"""A flat, or a floor, and the house by its name, before the door."""

ENGLISH_STREET: Final = re.compile(
    rf"{LEAD}?{DOOR},?[ ](?:[NSEW]{{1,2}}\.?[ ])?(?:(?:{WORD})[ ]){{1,4}}?{STREET_END}\b\.?"
    rf"(?:[ ][NSEW]{{1,2}}\b)?{FLAT}?(?:{CITY}{{1,2}}{REGION}|{REGION})?"
)
POSTCODE: Final = r"[A-Z]{1,2}[0-9][0-9A-Z]?[ ][0-9][A-Z]{2}(?![0-9A-Za-z])"
TOWN: Final = "[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'\\-]{1,24}"
BRITISH: Final = re.compile(
    rf"{DOOR}[ ]{TOWN}(?:[ ]{TOWN}){{0,3}}(?:,[ ]{TOWN}(?:[ ]{TOWN}){{0,2}}){{1,3}},?[ ]{POSTCODE}"
)
"""A door, a road of any name, a town and its postcode."""

FLOOR: Final = r"(?:,[ ][0-9]{1,2}(?:\.|o)?(?:[ ][A-Za-z]{1,3}\.?)?)"
CODE: Final = r"(?:[A-Z]{1,2}-)?(?!(?:19|20)[0-9]{2}[ ])[0-9]{4,5}"
"""A postcode in digits; what looks like a year is none."""

EUROPEAN: Final = re.compile(
    rf"(?<![\w.,\-]){TOWN}\.?(?:[ ](?:{TOWN}\.?|de|del|della|der|den|du|la|van|von|zum|zur)){{0,4}}"
    rf"[ ][0-9]{{1,4}}[a-zA-Z]?{FLOOR}?,[ ]{CODE}[ ]{TOWN}(?:[ ](?:{TOWN}|[A-Z]\b)){{0,2}}"
)
"""A road and its number, the postcode in digits and the town."""

ROADS: Final = any_of(ENGLISH["roads_before"])
ROAD_ENDS: Final = any_of(ENGLISH["road_ends"])
EUROPEAN_LINES: Final = re.compile(
    rf"(?m)^[ \t]*((?:{ROADS}[ ](?:(?:{TOWN}|de|des|du|la|le|les|del|della|dei)[ ]){{1,4}}"
    rf"|(?:{TOWN}[ ]){{0,2}}[A-Z\u00c0-\u00de][\w\-]{{0,20}}{ROAD_ENDS}[ ])"
    rf"[0-9]{{1,4}}[a-zA-Z]?(?:[ ,/].{{1,12}})?"
    rf"\n[ \t]*(?:[A-Z]{{1,2}}-)?[0-9]{{2,5}}(?:[ \-][0-9]{{2,3}})?[ ]{TOWN}(?:[ ](?:{TOWN}|[A-Z]\b)){{0,2}}"
    rf"(?:\n[ \t]*{any_of(tuple(map(str.title, ENGLISH['regions'])))}(?=[ \t]*(?:\n|\Z)))?)"
)
"""The same on two lines, where the road ends as roads do."""


def addresses(text: str) -> Iterator[Mention]:
    """Yield the addresses of a block."""
    if re.search(HAN, text):
        yield from after_keys(text)
        yield from chinese_streets(text)
        yield from homes(text)
    for pattern, whole in ((ENGLISH_STREET, False), (BRITISH, True), (EUROPEAN, True)):
        for match in pattern.finditer(text):
            yield Mention(*match.span(), "ADDRESS", 0.85, ("cue:street",), firm=whole)
    for match in EUROPEAN_LINES.finditer(text) if "\n" in text else ():
        yield Mention(*match.span(1), "ADDRESS", 0.85, ("cue:street",), firm=True)


def after_keys(text: str) -> Iterator[Mention]:
    """Yield what stands after 地址： and its kin, where it looks like an address."""
    for key in KEY.finditer(text):
        value = VALUE.match(text, key.end())
        if value is None:
            continue
        over = VALUE_ENDS.search(text, value.start(), value.end())
        end = len(text[: over.start() if over else value.end()].rstrip(" ,、)"))
        if end - value.start() >= 4 and len(set(LOOKS_LIKE.findall(text, value.start(), end))) >= 2:
            yield Mention(value.start(), end, "ADDRESS", 0.9, ("cue:地址",))


def chinese_streets(text: str) -> Iterator[Mention]:
    """Yield areas, road and number in their order, without the words that lead to them."""
    for match in STREET.finditer(text):
        first = max(0, match.start() - LONGEST_HEAD)
        head = HEAD.search(text[first : match.start()])
        if head is None:
            continue
        start = begin(text, first + head.start(), match.end())
        if match.end() - start >= 5:
            yield Mention(start, match.end(), "ADDRESS", 0.85, ("cue:street",))


def homes(text: str) -> Iterator[Mention]:
    """Yield an estate with tower and room, behind a word that says that somebody lives there."""
    for match in HOME.finditer(text):
        yield Mention(*match.span("place"), "ADDRESS", 0.85, ("cue:家住",))


def begin(text: str, start: int, end: int) -> int:
    """Return where the address between `start` and `end` really begins: at its province, or after what leads to it."""
    head = text[start : min(end, start + 10)]
    if (province := PROVINCE.search(head)) is not None:
        return start + province.start()
    led = 0
    for lead in LEADS.finditer(head):
        if len(head) - lead.end() >= 2 and lead.end() <= 6:
            led = lead.end()
    return start + led
