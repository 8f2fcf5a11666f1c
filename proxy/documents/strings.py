"""Words in bytes that nobody can parse here: runs of printable characters, as they stand in programs and old documents.

Enters: bytes. Leaves: the runs in order. What is found this way is searched, and the file still counts as one that
cannot be looked into.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

LEAST: Final = 6
"""Characters of a run."""
PLAIN: Final = re.compile(rb"[\t\x20-\x7e]{%d,}" % LEAST)
CHINESE: Final = re.compile(
    rb"[\x20-\x7e]*(?:[\xb0-\xf7][\xa1-\xfe]){3}(?:[\x20-\x7e]|[\xa1-\xa3\xb0-\xf7][\xa1-\xfe])*"
)
"""Latin letters and Chinese characters in GB 2312."""
WIDE_LATIN: Final = re.compile(rb"(?:[\t\x20-\x7e]\0){%d,}" % LEAST)


def strings(data: bytes) -> Iterator[str]:
    """Yield the runs, those in UTF-16 first."""
    for found in WIDE_LATIN.finditer(data):
        yield found[0].decode("utf-16-le")
    for start in (0, 1):
        for wide in _wide().finditer(data[start : len(data) - (len(data) - start) % 2].decode("utf-16-le", "replace")):
            raw = wide[0].encode("utf-16-le")
            if not wide[0].isascii() and (b"\0" in raw or not raw.isascii()):
                yield wide[0]  # two plain letters may look like one Chinese character
    for found in CHINESE.finditer(data):
        yield found[0].decode("gb18030", "replace")
    for found in PLAIN.finditer(data):
        yield found[0].decode("ascii")


@cache
def _wide() -> re.Pattern[str]:
    """Return what matches runs of Latin letters and of those Chinese characters that people use."""
    known = "".join(
        bytes((first, last)).decode(codec, "ignore")
        for codec, rows in (("gb2312", range(0xA1, 0xF8)), ("big5", range(0xA1, 0xC7)))
        for first in rows
        for last in range(0xA1, 0xFF)
    )
    return re.compile(f"[\t -~{re.escape(known)}]{{{LEAST - 1},}}")
