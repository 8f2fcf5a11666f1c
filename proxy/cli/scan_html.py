"""What `sluice scan --format html` writes: one page that needs nothing else, for people who do not use a terminal.

Enters: what came of each text. Leaves: HTML without any script, image or address; its own policy lets a browser load
nothing and take only its own style sheet, so that whatever stood in a file stays text. A filter by entity is made of
radio buttons and CSS alone. Values are masked before they come here, unless they were asked for.
"""

import hashlib
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from detectors.decode_text import UTF8
from detectors.entities import ENTITIES
from policies.decision import Text
from proxy.cli.common import clean_line
from proxy.cli.reasons import because
from proxy.cli.scan_forms import plain
from proxy.cli.scan_look import Looked, Row, Sight
from proxy.cli.scan_view import NOT_LOOKED_FOR, NOT_LOOKED_INTO, STRONG, Sum

WORDS: Final = {
    "title": Text("What is confidential", "敏感信息扫描报告"),
    "files": Text("files looked into", "已检查文件"),
    "findings": Text("findings", "发现"),
    "hit": Text("files with findings", "有发现的文件"),
    "unknown": Text("unknown, which is not the same as clean", "无法判断（不等于无敏感信息）"),
    "binary": Text("left out: no text", "未检查：非文本文件"),
    "links": Text("left out: links and devices", "未检查：链接与设备"),
    "all": Text("everything", "全部"),
    "show": Text("Show", "显示"),
    "entity": Text("kind", "类别"),
    "detector": Text("detector or rule", "检测器或规则"),
    "count": Text("findings", "发现"),
    "masked": Text("Values are masked.", "敏感值已遮盖。"),
    "shown": Text(
        "This page shows the values themselves: treat it as confidential.", "本页包含敏感值原文，请按机密资料保管。"
    ),
    "line": Text("line", "行"),
    "score": Text("score", "置信度"),
    "not looked for": NOT_LOOKED_FOR,
    "not looked into": NOT_LOOKED_INTO,
    "nothing": Text("Nothing was found.", "没有发现敏感信息。"),
    "made": Text("made", "生成时间"),
}
STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --mark: #ffd54f; --strong: #ff8a80; --ink: #000; }
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1rem; overflow-wrap: anywhere; margin: 0 0 .5rem; }
dl { display: flex; flex-wrap: wrap; gap: 1rem 2rem; } dt { font-size: .8rem; opacity: .75; }
dd { margin: 0; font-size: 1.4rem; font-weight: 600; }
table { border-collapse: collapse; margin: 0 2rem 1rem 0; } th, td { padding: .2rem .8rem .2rem 0; text-align: left; }
th { font-size: .8rem; opacity: .75; } td + td { text-align: right; font-variant-numeric: tabular-nums; }
fieldset { border: 1px solid var(--line); border-radius: .4rem; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
section { border: 1px solid var(--line); border-radius: .4rem; padding: .8rem 1rem; margin: 1rem 0; }
ol { list-style: none; margin: 0; padding: 0; } ol ul { margin: 0 0 .6rem; padding-left: 4.2rem; font-size: .85rem; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .85rem/1.6 ui-monospace, "Noto Sans Mono CJK SC",
  monospace; padding-left: 4rem; text-indent: -4rem; }
pre b { display: inline-block; width: 3.4rem; margin-right: .6rem; text-align: right; text-indent: 0; opacity: .6;
  font-weight: 400; user-select: none; }
mark { background: var(--mark); color: var(--ink); border-radius: .2rem; } mark.strong { background: var(--strong); }
.masked mark { color: #0005; }
i { opacity: .7; font-style: normal; } .notice { font-weight: 600; } .tables { display: flex; flex-wrap: wrap; }
@media print { fieldset { display: none; } section { break-inside: avoid; } }
"""


def page(all_looked: Sequence[Looked], sums: Sum, language: str, made: str, *, show: bool) -> Iterator[str]:
    """Give the page piece by piece; `made` is when it was."""
    said = {key: escape(text.in_language(language)) for key, text in WORDS.items()}
    entities = Counter(one.finding.entity for looked in all_looked for one in looked.sights)
    numbers = {entity: number for number, entity in enumerate(sorted(entities))}
    style = STYLE + _filters(len(numbers))
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    yield (
        f'<!doctype html>\n<html lang="{"zh-Hans" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">\n"
        '<meta name="referrer" content="no-referrer">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>Sluice: {said["title"]}</title>\n'
        f"<style>{style}</style>\n</head>\n<body{'' if show else ' class="masked"'}>\n"
        f"<header>\n<h1>{said['title']}</h1>\n"
        f'<p>{said["made"]} {escape(made)} · <span class="notice">{said["shown" if show else "masked"]}</span></p>\n'
    )
    yield from _sums(sums, said)
    yield "</header>\n"
    if numbers:
        yield from _choice(entities, numbers, language, said)
        yield from _tables(all_looked, entities, language, said)
    elif not sums.unknown:
        yield f"<p>{said['nothing']}</p>\n"
    for looked in all_looked:
        if (looked.sights or looked.unsure) and not looked.left_out:
            yield from _section(looked, numbers, language, said)
    yield "</body>\n</html>\n"


def _filters(count: int) -> str:
    """Return the rules that hide all but one entity while its button is pressed."""
    return "".join(
        f"body:has(#f{number}:checked) :is(section, section li):not(.e{number}) {{ display: none; }}\n"
        for number in range(count)
    )


def _sums(sums: Sum, said: dict[str, str]) -> Iterator[str]:
    counts = (
        ("files", sums.files),
        ("findings", sums.findings),
        ("hit", sums.with_findings),
        ("unknown", sums.unknown),
        ("binary", sums.binary),
        ("links", sums.links),
    )
    yield "<dl>\n"
    for number, (key, count) in enumerate(counts):
        if count or number < 2:
            yield f"<div><dt>{said[key]}</dt><dd>{count}</dd></div>\n"
    yield "</dl>\n"


def _choice(entities: Counter[str], numbers: dict[str, int], language: str, said: dict[str, str]) -> Iterator[str]:
    yield f"<fieldset><legend>{said['show']}</legend>\n"
    yield f'<label><input type="radio" name="f" checked> {said["all"]}</label>\n'
    for entity, number in numbers.items():
        label = f"{escape(called(entity, language))} ({entities[entity]})"
        yield f'<label><input type="radio" name="f" id="f{number}"> {label}</label>\n'
    yield "</fieldset>\n"


def _tables(all_looked: Sequence[Looked], entities: Counter[str], language: str, said: dict[str, str]) -> Iterator[str]:
    detectors = Counter(one.finding.detector for looked in all_looked for one in looked.sights)
    named = {called(entity, language): count for entity, count in entities.items()}
    yield '<div class="tables">\n'
    for head, counts in (("entity", named), ("detector", detectors)):
        yield f"<table><tr><th>{said[head]}</th><th>{said['count']}</th></tr>\n"
        for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
            yield f"<tr><td>{escape(name)}</td><td>{count}</td></tr>\n"
        yield "</table>\n"
    yield "</div>\n"


def _section(looked: Looked, numbers: dict[str, int], language: str, said: dict[str, str]) -> Iterator[str]:
    encoding = f" <i>{escape(looked.encoding)}</i>" if looked.encoding != UTF8 and not looked.failed else ""
    yield f'<section class="{_classes(looked.sights, numbers)}">\n'
    yield f"<h2>{escape(plain(looked.name))}{encoding}</h2>\n<ol>\n"
    for row in looked.rows:
        there = sorted({number for piece in row.pieces for number in piece.sights})
        sights = [looked.sights[number] for number in there]
        yield f'<li class="{_classes(sights, numbers)}"><pre><b>{row.line}</b>{_marked(row, looked.sights)}</pre>\n'
        beginning = [sight for sight in sights if sight.line == row.line]
        if beginning:
            yield "<ul>\n"
            for sight in beginning:
                yield _told(sight, numbers, language, said)
            yield "</ul>"
        yield "</li>\n"
    yield "</ol>\n"
    for entity in sorted(looked.unknown):
        yield f'<p class="notice">{escape(called(entity, language))}: {said["not looked for"]}</p>\n'
    for one in looked.closed:
        yield f'<p class="notice">{one.line}:{one.column}: {escape(one.told.in_language(language))}</p>\n'
    if looked.failed:
        why = escape(looked.problem.in_language(language))
        yield f'<p class="notice">{said["not looked into"]}: {why}</p>\n'
    yield "</section>\n"


def _marked(row: Row, sights: Sequence[Sight]) -> str:
    told = []
    for piece in row.pieces:
        text = escape(clean_line(piece.text.replace("\t", "    ")))
        if piece.sights:
            best = max(sights[number].finding.score for number in piece.sights)
            text = f'<mark class="strong">{text}</mark>' if best >= STRONG else f"<mark>{text}</mark>"
        told.append(text)
    return "".join(told)


def _told(sight: Sight, numbers: dict[str, int], language: str, said: dict[str, str]) -> str:
    one = sight.finding
    told = (called(one.entity, language), f"{said['score']} {one.score:.2f}", one.detector, because(one, language))
    return f'<li class="e{numbers[one.entity]}">{" · ".join(map(escape, told))}</li>\n'


def _classes(sights: Sequence[Sight], numbers: dict[str, int]) -> str:
    return " ".join(f"e{number}" for number in sorted({numbers[one.finding.entity] for one in sights}))


def called(entity: str, language: str) -> str:
    """Return an entity's name with what it means."""
    known = ENTITIES.get(entity)
    return f"{entity} {known.zh if language == 'zh' else known.en}" if known else entity
