"""Traditional characters as their simplified forms, one for one.

Enters: any text. Leaves: a text of the same length. The table `tables/traditional.txt` (a line of traditional
characters, below it a line of their simplified forms) is the single-character part of OpenCC's conversion t2s,
version 1.4.2, Apache-2.0; where a word decides between two forms, the commoner one stands.
"""

import re
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("tables") / "traditional.txt"
FORMS: Final = dict(zip(*TABLE.read_text(encoding="utf-8").split(), strict=True))
ANY: Final = re.compile(f"[{''.join(FORMS)}]")


def simplified(text: str) -> str:
    """Return `text` with every traditional character exchanged for its simplified form."""
    return ANY.sub(lambda match: FORMS[match.group()], text)
