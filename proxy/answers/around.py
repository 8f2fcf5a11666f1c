"""The context before an address in a text that may be code: open brackets, and the name that it is assigned to.

Enters: the end of the text before an address, and the address. Leaves: whether it is an argument of a call, a member of
a list, the value of a key, or a field of a row of data; and its name, by which code may speak of it later. Strings
before it are passed over; what is left open in a paragraph before, or in a statement before, is none of its.
"""

import re
from dataclasses import dataclass
from typing import Final

REACH: Final = 512
"""Characters before an address that are looked at."""
CALL, LIST, KEYED = "c", "l", "k"
"""What a bracket opens: arguments, members, or pairs of which the address is a value."""
NOWHERE: Final = ""

STRINGS: Final = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*+\"|(?<!\w)'(?:[^'\\\n]|\\.)*+'|`[^`\n]*+`|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/", re.DOTALL
)
"""What may hold brackets that open nothing."""
BRACKET: Final = re.compile(r"[()\[\]{}]")
CALLED: Final = re.compile(
    r"""(?: (?<![\w.])(?!(?:values|in|and|or|return)\s*\()[\w.:$]*[\w!>] | [\])?%+~&|.] )\s*\(\Z
      | (?:\w|!\w+\s*)\[\Z""",
    re.IGNORECASE | re.VERBOSE,
)
"""A name, or an operator, before a bracket of arguments, or in use of one; rows of SQL are none."""
BLOCK: Final = re.compile(r"[)>\w]\s*\{\Z")
"""A bracket behind which statements stand."""
BORDER: Final = re.compile(r".*(?:\n[ \t]*\n|;[ \t]*\n)", re.DOTALL)
PREFIX: Final = re.compile(r"(?<![\w)\]])(?:[A-Za-z]{1,2}|[@$]{1,2})\Z")
"""Letters that belong to a string: `f"…"`, `@"…"`."""
ROW: Final = re.compile(r"(?:\A|\n)(?:[^\n,\"(\[{]*,|\"[^\"\n]*\",)*+\Z")
"""Fields of a row before another."""
NAMED: Final = re.compile(
    r"(?<![\w.])([^\W\d]\w*)\s*(?::\s*[\w<>\[\]?., ]{1,40})?\s*(?::=|<-|(?<![=!<>+\-*/%&|^~.])=(?![=>]))\s*"
    r"(?:\(\s*|(?:new\s+|await\s+|&)?[\w.:]*(?:ur[il]|str|build|path|buffer|text|template)\w*!?\s*[({\[]\s*)?\Z",
    re.IGNORECASE,
)
"""A name that is given a text, or what is made of one text: an address, a builder of texts."""
GIVEN: Final = re.compile(
    r"([^\W\d]\w*)\s*(?:\.|->|<<)\s*(?:(?:append|add|push|write|concat|insert)\w*\s*\(\s*)?\Z", re.I
)
"""A name of what is given a piece of text, and may be given another."""
ASSIGNED: Final = re.compile(r"([^\W\d]\w*)=(?=\S)")
"""The same in a shell, without quotes."""
SIGIL: Final = re.compile(r"(?:[$#%@]?\{\{?[ \t]*|[$%]|\\\([ \t]*)\Z")
"""What begins a name within a string."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before an address."""

    brackets: str = NOWHERE
    """What is open, the innermost last."""
    before: str = ""
    """The last sign on the line that is no blank."""
    row: bool = False
    """Whether the address is a field of a row."""
    span: bool = False
    """Whether it stands in a code span of Markdown."""
    name: str = ""


def around(tail: str, quote: str) -> Around:
    """Return what stands before an address that a quote ends; `tail` is what is before its word."""
    opened = tail.rfind(quote, tail.rfind("\n") + 1)
    head = PREFIX.sub("", tail[: opened if opened >= 0 else len(tail)].rstrip("\\"))
    line = head[head.rfind("\n") + 1 :]
    before = line.rstrip()[-1:]
    return Around(
        brackets(head, before),
        before,
        row=opened >= 0 and ROW.search(head) is not None,
        span=quote != "`" and line.count("`") % 2 == 1,
        name=name_of(head[-256:]),
    )


def name_of(head: str) -> str:
    """Return the name that is given what stands behind a text; none where it is given none."""
    pattern = NAMED if "=" in head or "<-" in head else GIVEN if head.endswith((" ", "(", "<")) else None
    named = pattern.search(head) if pattern else None
    if named is None and pattern is NAMED:
        named = GIVEN.search(head)
    return named[1] if named else ""


def brackets(head: str, before: str = NOWHERE) -> str:
    """Return what is open at the end of a text."""
    border = BORDER.match(head)
    text = STRINGS.sub('""', head[border.end() if border else 0 :])
    opened: list[int] = []
    for found in BRACKET.finditer(text):
        if found[0] in ")]}":
            del opened[-1:]
        elif found[0] == "{" and BLOCK.search(text[max(0, found.start() - 8) : found.end()]):
            opened.clear()
        else:
            opened.append(found.start())
    kinds = [CALL if CALLED.search(text[max(0, at - 48) : at + 1]) else LIST for at in opened]
    if kinds and kinds[-1] == LIST and before in (":", ">", "="):
        kinds[-1] = KEYED
    return "".join(kinds)
