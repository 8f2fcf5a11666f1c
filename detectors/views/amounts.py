"""Numbers of people that are written as an amount is: with tens, ten thousands and hundred millions.

Enters: the reading of a text. Leaves: each such number as plain digits and its place. Reports are full of amounts, so
none counts that has a measure behind it, or a word of money or of counting beside it.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.allowance import spend
from detectors.context import words
from detectors.reading import Reading
from detectors.views.numbers import NUMERALS

TENS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
THOUSANDS, MILLIONS = frozenset("万萬"), frozenset("亿億")
SIGNS: Final = frozenset((*NUMERALS, *TENS, *THOUSANDS, *MILLIONS, *"0123456789"))
AMOUNT: Final = re.compile(f"[{''.join(sorted(SIGNS))}]{{5,}}")
MILLION: Final = re.compile("[亿億]")
FEWEST, MOST = 11, 19
"""Digits of what is looked for."""
MEASURE: Final = frozenset(
    "元圆块美人股吨个平立件台次条张户度千瓦字港欧日英镑瓶斤公克米升亩步辆只头颗门家名位笔份年倍%."
)
"""What is counted."""
COUNTED: Final = words(
    (
        *(
            "收入",
            "利润",
            "资产",
            "负债",
            "金额",
            "市值",
            "预算",
            "合计",
            "总计",
            "总额",
            "人口",
            "产量",
            "销量",
            "成交",
        ),
        *(
            "价值",
            "投资",
            "贷款",
            "存款",
            "营收",
            "规模",
            "超过",
            "达到",
            "约",
            "共",
            "增至",
            "降至",
            "revenue",
            "total",
        ),
    ),
    within=12,
)


def amounts(reading: Reading) -> Iterator[tuple[int, int, str, str]]:
    """Yield where each such number stands, its digits, and how it is written."""
    text = reading.text
    if "亿" not in text and "億" not in text:
        return
    end = 0
    for sign in MILLION.finditer(text):
        start = sign.start()
        if start < end:  # of the one before
            continue
        while start > end and text[start - 1] in SIGNS:
            start -= 1
        if (match := AMOUNT.match(text, start)) is None:
            continue
        spend()
        end = match.end()
        digits = str(value(match[0]))
        if not FEWEST <= len(digits) <= MOST:
            continue
        if text[end : end + 1] not in MEASURE and not COUNTED.near(text, start, end):
            yield start, end, digits, "amount"


def value(amount: str) -> int:
    """Return the number that is written."""
    total = added = ten_thousands = tens = digits = 0
    positional = again = False
    for sign in amount:
        if sign in TENS:
            tens, digits = tens + (digits or 1) * TENS[sign], 0
        elif sign in THOUSANDS:
            ten_thousands, tens, digits = (ten_thousands + tens + digits) * 10_000, 0, 0
        elif sign in MILLIONS:
            group = ten_thousands + tens + digits
            total, added = (total - added + added * 10**8, 0) if again else (total + group * 10**8, group * 10**8)
            ten_thousands = tens = digits = 0
        else:
            digit = int(NUMERALS.get(sign, sign))
            digits = digits * 10 + digit if positional else digit
        again = sign in MILLIONS  # 亿亿 is one unit; 零亿 is none of them
        positional = sign not in TENS and sign not in THOUSANDS and not again
    return total + ten_thousands + tens + digits
