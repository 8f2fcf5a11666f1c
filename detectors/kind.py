"""What sort of text is this: prose, code, a log, a table or configuration, as a whole and piece by piece.

Enters: any string. Leaves: its kind, or regions of one kind each that cover it without gaps. It is judged line by line
from a few signs, so a long text is sampled where only the whole is asked for. Nothing here decides what is
confidential: names are believed less readily in code and logs, and that is for those who ask to weigh.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from detectors.engine import compiled


class Kind(StrEnum):
    """A sort of text."""

    PROSE = "prose"
    CODE = "code"
    LOG = "log"
    TABLE = "table"
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a text that is of one kind."""

    start: int
    """First code point."""
    end: int
    """One past the last code point."""
    kind: Kind


LINES_SAMPLED: Final = 72
"""Lines that are looked at to judge a whole text: from its beginning, its middle and its end alike."""

LOOKED_AT: Final = 200
"""Characters of a line that are looked at."""

WEIGHT: Final = 100
"""Characters after which a longer line counts no more."""

WIDEST: Final = 60
"""Characters of a cell of a table, at most."""


def any_of(*signs: str) -> Any:
    """Return a pattern of the linear-time engine that a line matches when it begins with one of the signs."""
    return compiled(rf"[ \t]*(?:{'|'.join(signs)})", "kinds of text")


LEVEL: Final = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL|PANIC|信息|警告|错误|调试|严重)"
LOG: Final = any_of(
    r"[\[(<]?[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}[T ,_] ?[0-9]{2}:[0-9]{2}",
    r"[\[(]?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?[\])]?\s",
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-9]{1,2} [0-9]{2}:[0-9]{2}:",
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3} \S+ \S+ \[",
    rf"[\[<(【]{LEVEL}[\])>】]|{LEVEL}(?: *[:|\]\[]|  +| +[\w.]+ ?[:\[(])|[IWEF][0-9]{{4}} [0-9]{{2}}:",
    r"(?:level|lvl|ts|time|severity)=[\"\w]|\{[\"'](?:ts|time|timestamp|@timestamp|level|severity|msg)[\"']:",
    r"Traceback \(|File \"[^\"]*\", line [0-9]+|Caused by:|\.\.\. [0-9]+ more",
    r"at [\w.$<>/]+ ?\([^)]*\)|at (?:async )?[\w./\\:$]+:[0-9]+",
    r"[A-Za-z_.]+(?:Error|Exception|Warning)(?:: |$)",
    r"(?:npm|yarn|pip|cargo|go|make(?:\[[0-9]\])?) (?:ERR!|WARN|error|warning|notice) |make(?:\[[0-9]\])?: \*\*\*",
    r"={3,} .* ={3,}$|-{5,} .* -{5,}$|[\w/.\-]+\.py(?:::\w+)+.*(?:PASSED|FAILED|ERROR|SKIPPED)",
    r"(?:PASSED|FAILED|SKIPPED|XFAIL) [\w/.\-]+\.py|[\w/.\-]+\.[a-z]{1,4}:[0-9]+:(?:[0-9]+:)? ",
    r"(?:Collecting|Downloading|Requirement already|Successfully (?:installed|built|tagged)) ",
    r"(?:Step|#[0-9]+) [0-9.]+(?:/[0-9]+)? ?:|kernel:|systemd\[|\[ *[0-9]+\.[0-9]+\] ",
)
CODE: Final = any_of(
    r"(?:async )?def \w+ ?\(|class \w+ ?(?:[:({]|(?:extends|implements) )",
    r"from [\w.]+ import |import [\w.]+(?: as \w+)?(?:, [\w.]+)*;?$",
    r"import [\w{*].* from [\"']|import (?:static )?[\w.*]+;",
    r"import (?:\(|\")|@\w+(?:\.\w+)*(?:\(.*\))?$|# ?(?:include|define|ifn?def|endif|pragma|undef)\b|#!/",
    r"(?:public|private|protected|internal|static|final|export|abstract|override|virtual|extern|pub) [^。，]*[({;=]",
    r"(?:func|function|fn|sub|fun) (?:\([^)]*\) )?[\w<>.:]+ ?[({<]|function ?\(",
    r"(?:const|let|var|val|auto|int|long|float|double|bool|boolean|char|string|String|void) [\w{\[<*&:, ]+(?:=|;|\()",
    r"(?:package|namespace|using|use|mod) [\w.:\\{}, *]+(?:;| \{);?$|package \w+$",
    r"SELECT\s[^。]*\sFROM\s|select [\w.*,() ]+ from [\w.]+(?:;|$| (?:where|join|left|inner|order|group|limit)\b)",
    r"(?i:insert\s+into\s\S+ ?\(?|update\s[\w.]+\sset\s[\w.]+ ?=|delete\s+from\s[\w.]+(?:;|\swhere\s))",
    r"(?i:(?:create|alter|drop|truncate)\s(?:table|index|view|database|user|unique|or)\b)",
    r"(?:if|else if|elif|for|while|switch|catch|foreach|until|unless) ?\(.*\) ?(?:\{|$|\w+.*;$)",
    r"(?:if|elif|for|while|with|except|match|case|async for|async with) [^，。]*:$",
    r"(?:else|try|finally|except) ?:?(?: ?\{)?$",
    r"(?:return|raise|throw|yield|await|assert|print|echo|del|new) (?:[\w.]*[(\[{\"'].*|[\w.]+ [-+*/%<>=!]=? .*)$",
    r"(?:return|break|continue|pass|raise|goto)(?: [\w.]+)?;?$|return (?:not|await|new|-?[0-9]|lambda)",
    r"[})\]] ?(?:[;,)\]}]|else|catch|finally|while|as|\.\w+\(.*)*.{0,3}$",
    r"[\w.\[\]\"'*$>-]+ ?(?:: ?[\w\[\], .|]+)? ?(?:[-+*/|&%^:]|<<|>>|\*\*|\?\?|\|\|)?= ?"
    r"(?:[\w.]*[(\[{].*|.*;|f?[\"'].*[\"'])",
    r"[\w.\[\]]+ = (?:[\w.]+ ?[-+*/%<>=!&|]+ ?|(?:await|new|not|lambda|async) )",
    r"[\w.$]+(?:\.|->|::)\w+ ?\(.*[)({,];?(?: *(?:#|//).*)?$|\w+\([^，。]*\);?$|\w+\($",
    r"//|/\*|\*/|\*\* @|-- \w+|<!--|\{\{|\{%|<\?(?:php|xml)",
    r"(?:\$|>>>|\.\.\.|In \[[0-9]+\]:|PS [A-Z]:.*>|\w+@[\w\-]+:.*[$#]) \S",
    r"(?:git|docker|kubectl|pip|npm|npx|yarn|sudo|apt(?:-get)?|curl|wget|ssh|scp|chmod|grep|cd|mkdir|python3?|helm) "
    r"(?:-{1,2}\w|[\w./~$:@\-]+$|(?:install|run|commit|push|pull|clone|apply|get|exec|build|checkout|http\S+) )",
    r"[^，。]*(?:\{|[^ ];|=> ?[({]?|\) ?-> ?[\w\[\].]+:|&&| \\) *(?://.*|/\*.*)?$",
)
PAGE: Final = any_of(
    r"</?(?:!DOCTYPE|html|head|body|div|span|p|a|ul|li|script|style|template|table|tr|td|input|button|img|form)\b.*>",
)
"""Markup of a page, which would pass for configuration."""

RULE: Final = any_of(r"\+[-=+]{3,}\+$|\|[ :|\-]{3,}\|$")
"""A line drawn in a table."""

CONFIG: Final = any_of(
    r"[\[{] ?[,}\]]*$|[}\]],?$|\[\[?[\w.\-:\"/ ]+\]?\]$|\{ ?\".*[}\],]+$",
    r"\"[^\"]{1,80}\" ?: ?(?:\".*|-?[0-9.]+|true|false|null|[\[{].*),?$|\"[^\"]*\",?$",
    r"['\"][^'\"]{1,80}['\"] ?: ?(?:[\[{(]|u?['\"]|-?[0-9]).*,$|(?:u?['\"][^'\"]{0,80}['\"], ?){2,}|'[^']{0,80}',$",
    r"(?:export )?[A-Z][A-Z0-9_]{1,60} ?= ?\S*(?: \S+){0,3}$",
    r"(?:- )?[\"']?[a-z_$/][\w.\-/]{0,60}[\"']? ?:(?:$| (?:[|>&*!\[{\"'$].*|\S+(?: \S+){0,2}(?: +#.*)?)$)",
    r"[a-z_][\w.\-]{0,80} ?= ?(?:[^\s(]+(?: [^\s(]+){0,2})?[^\s(;,{]$|[a-z_][\w.\-]{0,80} ?=$|- [\w./\-:@${}]+$",
    r"<[\w:.\-]+(?: [^>]*)?>[^<>]*</[\w:.\-]+>$|</?[\w:.\-]+(?: [\w:.\-]+=\"[^\"]*\")* ?/?>$",
    r"FROM [\w./:\-]+(?: AS \w+)?$|(?:RUN|CMD|ENV|COPY|EXPOSE|WORKDIR|ENTRYPOINT|ARG|LABEL|VOLUME) \S",
    r"(?:server_name|listen|proxy_pass|location|upstream|root|include) .*[;{]$",
)
HEAD: Final = re.compile(r"[ \t]*(?:#(?!#| ?\w+$)|//)")
"""A comment that may stand above a blank line and speak of the code below: a licence, a note of a generator."""

COMMENT: Final = re.compile(r"[ \t]*(?:#(?!#| ?\w+$)|;|--|%|//|/?\*)[ \t]?")
SIGNS: Final = re.compile(r"[{}();=<>\[\]|&]|->|::|\w_\w|[a-z][A-Z]|\w\(|\"\"")
CELL: Final = re.compile(r"\t|(?<!\|)\|(?!\|)|,(?! )|;(?! |$)")
"""What stands between the cells of a table."""

NO_ROW: Final = re.compile(r"[(){}=。？]")
END: Final = re.compile(r"[.。！？!?]\s*$")

FENCE: Final = re.compile(r"^[ \t>]{0,8}(```+|~~~+)[ \t]*([A-Za-z0-9_+#.\-]{0,24})[^`\n]{0,40}$", re.M)
LANGUAGES: Final[dict[str, Kind]] = {
    **dict.fromkeys(("json", "jsonc", "yaml", "yml", "toml", "ini", "env", "dotenv", "properties", "xml"), Kind.CONFIG),
    **dict.fromkeys(("hcl", "tf", "conf", "cfg", "nginx", "plist"), Kind.CONFIG),
    **dict.fromkeys(("log", "logs", "console", "output", "traceback"), Kind.LOG),
    **dict.fromkeys(("csv", "tsv"), Kind.TABLE),
    **dict.fromkeys(("text", "txt", "markdown", "md", "plain", "plaintext", "mail", "email"), Kind.PROSE),
}
"""What the word after a fence says; any other word is a programming language."""


def kind_of(text: str) -> Kind:
    """Return what sort of text this is, as far as the most of it goes; prose where nothing says otherwise."""
    lines = _sample(text)
    weights: Counter[Kind] = Counter()
    for line, kind in zip(lines, _judged(lines), strict=True):
        if kind is not None:
            weights[kind] += min(len(line), WEIGHT) + 8
    return max(Kind, key=lambda kind: weights[kind])


def regions(text: str) -> tuple[Region, ...]:
    """Return stretches of one kind each, in order, that cover `text` without gaps."""
    found: list[Region] = []
    place = 0
    for start, end, kind in _fenced(text):
        found += _unfenced(text, place, start)
        found.append(Region(start, end, kind))
        place = end
    found += _unfenced(text, place, len(text))
    return tuple(_joined(found))


def kind_of_line(line: str) -> Kind | None:
    """Return what sort of line this is, as far as it tells by itself; none for a blank one."""
    line = line[:LOOKED_AT].rstrip()
    if not line or line.isspace() or FENCE.match(line):
        return None
    data = line.encode("utf-8", "replace")
    if LOG.match(data):
        return Kind.LOG
    if RULE.match(data):
        return Kind.TABLE
    if PAGE.match(data):
        return Kind.CODE
    if CONFIG.match(data) and not _reads_on(line.split()):
        return Kind.CONFIG
    if CODE.match(data):
        return Kind.CODE
    signs = len(SIGNS.findall(line))
    return Kind.CODE if signs >= 4 and signs * 9 >= len(line) else Kind.PROSE


def _sample(text: str) -> list[str]:
    """Return lines from the beginning, the middle and the end; a long text is not cut into lines as a whole."""
    third = LINES_SAMPLED // 3
    reach = third * LOOKED_AT
    if len(text) <= 3 * reach:
        lines = text.splitlines()
        if len(lines) <= LINES_SAMPLED:
            return lines
        middle = len(lines) // 2 - third // 2
        return lines[:third] + lines[middle : middle + third] + lines[-third:]
    middle = len(text) // 2
    pieces = (text[:reach], text[middle : middle + reach], text[-reach:])
    return [line for piece in pieces for line in piece.splitlines()[1 : third + 1]] or [text[:LOOKED_AT]]


def _judged(lines: Sequence[str]) -> list[Kind | None]:
    """Return the kind of each line, seen together with the lines beside it."""
    kinds = [kind_of_line(line) for line in lines]
    cells = [_cells(line) for line in lines]
    below: Kind | None = None
    for place in reversed(range(len(lines))):
        if kinds[place] is Kind.PROSE and below is Kind.CODE and HEAD.match(lines[place]):
            kinds[place] = Kind.CODE
        below = kinds[place] or below
    for place, kind in enumerate(kinds):
        before = kinds[place - 1] if place else None
        after = kinds[place + 1] if place + 1 < len(kinds) else None
        if kind in (None, Kind.LOG):
            continue
        if cells[place] and place and (cells[place] == cells[place - 1]):
            kinds[place - 1] = kinds[place] = Kind.TABLE
        elif kind is Kind.PROSE and before in (Kind.CODE, Kind.LOG) and lines[place][:1] in " \t":
            kinds[place] = before
        elif (kind is Kind.PROSE and Kind.CODE in (before, after) and COMMENT.match(lines[place])) or (
            kind is Kind.CONFIG and before is Kind.CODE and lines[place][:1] in " \t)}]"
        ):
            kinds[place] = Kind.CODE
    return kinds


def _cells(line: str) -> int:
    """Return how many times cells of a table are parted in a line; nought for one that is no row."""
    parts = CELL.split(line.strip().strip("|,;")) if len(line) < 2000 else []
    if len(parts) < 2 or NO_ROW.search(line) or max(map(len, parts)) > WIDEST or END.search(line):
        return 0
    return len(parts) - 1


def _reads_on(words: Sequence[str]) -> bool:
    """Tell whether the words read like a sentence: small letters, one after the other."""
    return len(words) > 4 and sum(word.isalpha() and word.islower() for word in words) > len(words) * 0.6


def _fenced(text: str) -> Iterator[tuple[int, int, Kind]]:
    """Yield the fenced blocks with their fences; one that is never closed runs to the end."""
    place = 0
    while opening := FENCE.search(text, place):
        closed = re.compile(rf"^[ \t>]{{0,8}}{re.escape(opening[1])}[ \t]*$", re.M).search(text, opening.end())
        end = closed.end() if closed else len(text)
        inside = text[opening.end() : closed.start() if closed else end]
        word = opening[2].lower()
        yield opening.start(), end, LANGUAGES.get(word, Kind.CODE) if word else kind_of(inside)
        place = end


def _unfenced(text: str, start: int, end: int) -> Iterator[Region]:
    """Yield the lines of a stretch as regions; a blank line goes with what stands before it."""
    lines = text[start:end].splitlines(keepends=True)
    last = Kind.PROSE
    for line, kind in zip(lines, _judged([line.rstrip("\r\n") for line in lines]), strict=True):
        last = kind or last
        yield Region(start, start + len(line), last)
        start += len(line)


def _joined(found: Sequence[Region]) -> Iterator[Region]:
    """Yield the regions with neighbours of one kind made one."""
    current: Region | None = None
    for region in found:
        if current and current.kind is region.kind:
            current = Region(current.start, region.end, current.kind)
        else:
            if current:
                yield current
            current = region
    if current:
        yield current
