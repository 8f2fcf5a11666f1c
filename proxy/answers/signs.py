"""Signs and words by which programs join texts, and what else stands between them.

Data only: what ends a word, what opens a template's slot, what is a comment, which operators join at once and which
only with what follows, and how prose is told from code. The language is unknown: a sign counts if it joins in any.
"""

import re
from typing import Final

from proxy.answers.hosts import SIGNS_OF_START, STARTS_URL

QUOTES: Final = "\"'`"
BREAK: Final = re.compile("[\\s<\"'`]")
"""What ends a word in which an address may stand."""
LONGEST_WORD: Final = 2048
LONGEST: Final = 2048
"""Characters over which a joint lasts at most."""
OPEN_END: Final = re.compile(r"[=&?#]\Z|%[sv]|%\(\w*\)s|\{[^{}]*\}|\$\w")
"""What of an address awaits a value: an empty query, a place for one."""
PRINTED: Final = re.compile("%[sv]")
"""A place that a shell's `printf` fills with its next word."""
UNCLOSED: Final = re.compile(r"[$#%]?(?<!\{)\{++[^{}]*+\Z|\$\([^()]*\Z")
"""A slot that is still open where a word ends."""
FILLED: Final = "-"
"""Stands for what a slot was filled with."""
NAMED: Final = "https://-"
"""Stands for an address that is spoken of by its name."""
NAMES: Final = 16
"""Names of addresses that are remembered."""
IDENTIFIER: Final = re.compile(r"[^\W\d]\w*")
EMPHASIS: Final = "*_~"
OPENING: Final = "([{"
CLOSING: Final = ")]}"
GOES_ON: Final = frozenset("+,.&|\\%([{~^<>")
"""Signs after which a statement goes on in the next line."""
COMMENTS: Final = {"/*": "*/", "//": "\n", "(*": "*)", "{-": "-}", "{#": "#}", "--": "\n"}
"""What begins a comment behind an address, and what ends it."""
COMMENTS_WITHIN: Final = 2
"""Comments behind an address within each other; each reads all that is in it."""
INSIDE: Final = {"/*": "*/", "//": "\n", "--": "\n", "#": "\n"}
"""The same in what is joined already, where a bracket may be a bracket."""
JOIN: Final = "joins"
BESIDE: Final = "is a string beside"
DECIDED: Final = {
    ".": {".": JOIN, "=": JOIN, "$": JOIN, "quote": JOIN, "blank": ".+", "letter": "name"},
    ".+": {"$": JOIN, "quote": JOIN, "blank": ".+"},
    "name": {"(": JOIN, "letter": "name", "digit": "name", ".": ".", "?": "?", "!": "?", "blank": "name+"},
    "name+": {"blank": "name+"},
    "?": {".": "."},
    "!": {".": "."},
    "-": {">": "->"},
    "->": {"letter": "name"},
    "&": {"quote": JOIN, "blank": JOIN},
    "|": {"|": JOIN, ">": JOIN},
    "<": {">": JOIN, "<": JOIN},
    "/": {"quote": JOIN, "blank": "/+"},
    "/+": {"quote": JOIN, "blank": "/+"},
    "*": {"quote": JOIN, "blank": "/+"},
    "@": {"quote": BESIDE},
    "$": {"quote": BESIDE},
    "l": {"quote": BESIDE, "letter": "ll", "digit": "ll"},
    "ll": {"quote": BESIDE},
    ",": {"blank": JOIN},
    "(": {},
    "{": {},
}
"""Signs behind an address that join, or do not, with what follows them."""
BEFORE_WORDS: Final = re.compile(r"(?:await|new|typeof|not|async|lambda|return|if|else)\s+\Z")
"""Words of programs behind which another word stands."""
SENTENCE: Final = re.compile(
    r"(?<![\w.])(?!(?:if|else|or|and|not|in|is|await|new|typeof|return|for|of|unless)\b)[A-Za-z]\w*[ \t]+"
    r"(?!(?:if|else|or|and|not|in|is|for|of|unless)\b)[A-Za-z]\w*\s\Z"
)
STOPS: Final = frozenset("，。！？；：、（）")
"""What no slot has, but a sentence behind a bracket that is there by mistake."""
WIDE_WORD: Final = re.compile("[\u3400-\u9fff]\\s+\\Z")
CALLED_ON: Final = re.compile(r"[\s\])}]{0,16}(?:[.?!]{1,2}[A-Za-z_]|-[A-Za-z]{2}|\|>|->|::)")
"""What makes one text of a list, behind its end."""
MAY_BE_CALLED: Final = re.compile(r"[\s\])}]{0,16}[.?!|:-]{0,2}-?[A-Za-z]?")
"""What may become that."""


def starts(word: str) -> bool:
    """Say whether an address has started in a word."""
    return SIGNS_OF_START.search(word) is not None and STARTS_URL.search(word) is not None


def is_word(char: str) -> bool:
    """Say whether a character is one of a name."""
    return char.isalnum() or char == "_"


def kind(char: str) -> str:
    """Return what a character is to a sign before it; a sign is itself."""
    if char.isspace():
        return "blank"
    if char in "\"'":
        return "quote"
    if char.isascii() and char.isalnum():
        return "digit" if char.isdigit() else "letter"
    return "letter" if char == "_" else char
