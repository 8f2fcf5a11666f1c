"""HTML, SVG and XML files that people send: text between tags, and the attributes that a reader is shown or follows.

Enters: text, however ill formed. Leaves: woven texts; every character is a tag's own or is text. Scripts, styles and
comments are read as they stand. References such as `&#49;` are read as what they mean.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Final

from detectors.headings import heading, is_password
from proxy.documents.pieces import Edit, Piece, Weaver, Woven, sign
from proxy.documents.reading import Reading

TOKEN: Final = re.compile(
    r"""(?xs)
    <!--(?P<comment>.*?)(?:-->|\Z)
    | <!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)
    | <(?P<raw>script|style)\b(?P<head>[^>]*)>(?P<code>.*?)(?=</(?P=raw)|\Z)
    | <(?=/?[A-Za-z]|/?[\u00b7-\uffdc][^\s<>/]*(?:\s+[^\s=<>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>)
      (?P<tag>/?[^\s/>]+)(?P<about>(?:[^>"']|"[^"]*"|'[^']*')*+)>
    | <(?P<other>[!?][^>]*)>
    | (?P<text>(?:[^<]+|<(?![A-Za-z\u00b7-\uffdc/!?]))+|<)
    """,
    re.IGNORECASE,
)
ATTRIBUTE: Final = re.compile(r"([^\s=\"'/<>]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.DOTALL)
INLINE: Final = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "label", "mark", "nobr", "o:p", "q", "rp", "rt", "ruby", "s", "samp", "small", "span"),
        *("strike", "strong", "sub", "sup", "time", "tspan", "tt", "u", "var", "wbr", "img"),
    }
)
"""Elements within a line."""
CELLS: Final = frozenset({"td", "th"})
AROUND_CELLS: Final = frozenset(
    {"table", "tbody", "td", "th", "thead", "tr", "/table", "/tbody", "/td", "/th", "/thead", "/tr"}
)
"""Tags between which blanks are no text."""
HTML: Final = (
    INLINE
    | CELLS
    | frozenset(
        {
            *(
                "address",
                "article",
                "aside",
                "audio",
                "base",
                "blockquote",
                "body",
                "br",
                "button",
                "canvas",
                "caption",
            ),
            *("circle", "col", "colgroup", "dd", "defs", "details", "dialog", "div", "dl", "dt", "embed", "fieldset"),
            *(
                "figcaption",
                "figure",
                "footer",
                "form",
                "g",
                "h1",
                "h2",
                "h3",
                "h4",
                "h5",
                "h6",
                "head",
                "header",
                "hr",
            ),
            *("html", "iframe", "input", "legend", "li", "line", "link", "main", "meta", "nav", "noscript", "object"),
            *(
                "ol",
                "optgroup",
                "option",
                "p",
                "path",
                "picture",
                "polygon",
                "pre",
                "rect",
                "script",
                "section",
                "select",
            ),
            *("source", "style", "summary", "svg", "table", "tbody", "template", "text", "textarea", "tfoot", "thead"),
            *("title", "tr", "ul", "use", "video"),
        }
    )
)
"""Elements of pages and drawings."""
NAMES: Final = ("key", "name", "field", "property", "id", "label", "title")
"""Attributes that name what an element holds, or what another attribute does."""
VALUES: Final = frozenset({"content", "data", "default", "data-value", "string", "val", "value"})
FORMS: Final = frozenset({"class", "style", "id", "rel", "type", "lang", "charset", "width", "height", "d", "xmlns"})
"""Attributes that hold how it looks; they are read where what they hold looks like something else."""
TELLING: Final = re.compile(r"@|[0-9]{7}|[\u3400-\u9fff]")
WORD: Final = re.compile(r"[^\s/\"'=<>]+")
PLAIN: Final = re.compile(r"/?(?![^@]*[0-9]{7})[A-Za-z_:][A-Za-z0-9_:.-]*", re.ASCII)
"""Names of elements and attributes; any other is read, for an address of mail in angle brackets looks like one."""


def weave(text: str, reading: Reading) -> list[Woven]:
    """Return the texts; places count bytes of the UTF-8 of `text`."""
    lines, beside, names = Weaver("#", reading), Weaver("@", reading), Weaver("@name", reading)
    place = Places(text)
    here = before = named = ""
    for found in TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if found["tag"]:
            tag = found["tag"].lower().rpartition(":")[2]
            here = heading(named) if named and tag in VALUES else label_in(found, here)
            named = "" if tag in VALUES else named
        if kind == "text":
            piece = Piece(unescape(found[0]), *place.of(found.start(), found.end()), write_text, label=here)
            if piece.text.strip():
                lines.add(piece)
                named = piece.text.strip() if before.rpartition(":")[2] in NAMES else named
            elif found[0] and before not in AROUND_CELLS:
                lines.add(sign(" " if "\n" not in found[0] else "\n"))
        elif kind in ("comment", "data", "other"):
            lines.gap("\n")
            content = found[kind]
            if content.strip():
                write = write_verbatim if kind != "other" else None
                label = here if kind == "data" else ""
                beside.add(Piece(content, *place.of(*found.span(kind)), write, label=label))
                beside.gap("\n")
        else:
            _take_tag(found, lines, beside, names, place)
        before = (found["tag"] or "").lower()
    return lines.texts() + beside.texts() + names.texts()


def _take_tag(found: re.Match[str], lines: Weaver, beside: Weaver, names: Weaver, place: "Places") -> None:
    group = "head" if found["raw"] else "about"
    named = naming(found[group])
    for one in ATTRIBUTE.finditer(found[group]):
        number = next(each for each in (2, 3, 4) if one[each] is not None)
        name, value = one[1].lower(), unescape(one[number])
        forms = name in FORMS or name.startswith("xmlns")
        if value.strip() and (not forms or (name != "d" and TELLING.search(value))):
            start = found.start(group)
            span = place.of(start + one.start(number), start + one.end(number))
            label = label_of(name, named, found["tag"] or "")
            beside.add(Piece(value, *span, write_quoted if number < 4 else write_bare, label=label))
            beside.gap("\n")
    for start, end in odd_names(found, group):
        names.add(Piece(found.string[start:end], *place.of(start, end), write_verbatim))
        names.gap("\n")
    name = (found["tag"] or found["raw"]).lower()
    if found["raw"] and found["code"].strip():
        lines.gap("\n")
        lines.add(Piece(found["code"], *place.of(*found.span("code")), write_verbatim))
        lines.gap("\n")
    elif name in CELLS:
        lines.next_cell()
    elif name.lstrip("/") in ("tr", "table"):
        lines.row()
        if name.endswith("table"):
            lines.table()
    elif name.lstrip("/") not in INLINE and name not in AROUND_CELLS:
        lines.gap("\n")


def label_in(found: re.Match[str], here: str) -> str:
    """Return what is said of the text right after a tag: by its name, or by the name that it is given."""
    tag = found["tag"].lower()
    if tag.lstrip("/") in INLINE:
        return here
    if tag.startswith("/") or found["about"].endswith("/"):
        return ""
    return label_of(tag, naming(found["about"]), tag, value=True)


def label_of(name: str, named: str, tag: str, *, value: bool = False) -> str:
    """Return what is said of a value by its attribute, or by what stands beside it (`<add key=… value=…>`).

    Of pages, whose names say how it looks, only what names a password.
    """
    words = (named if value or name in VALUES else "", name.rpartition(":")[2])
    told = next((word for word in words if word and (is_password(word) or tag.rpartition(":")[2] not in HTML)), "")
    return heading(told)


def naming(about: str) -> str:
    """Return what a tag names what it holds, by its attributes."""
    given = {
        one[1].lower(): next(each for each in one.groups()[1:] if each is not None) for one in ATTRIBUTE.finditer(about)
    }
    return next((unescape(given[one]) for one in NAMES if one in given), "")


def odd_names(found: re.Match[str], group: str) -> Iterator[tuple[int, int]]:
    """Yield where in a tag something stands that is no attribute's value, and no name that a page would have."""
    if found["tag"] and not PLAIN.fullmatch(found["tag"]):
        yield found.span("tag")
    begin, at = found.start(group), 0
    for one in (*ATTRIBUTE.finditer(found[group]), None):
        end = one.start() if one else len(found[group])
        words = [word.span() for word in WORD.finditer(found[group], at, end)] + ([one.span(1)] if one else [])
        yield from ((begin + i, begin + j) for i, j in words if not PLAIN.fullmatch(found[group], i, j))
        at = one.end() if one else end


class Places:
    """From characters to bytes, for places that only go on."""

    def __init__(self, text: str) -> None:
        """Take the text."""
        self._text = text
        self._plain = text.isascii()
        self._at = self._bytes = 0

    def of(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch stands in the UTF-8 of the text."""
        if self._plain:
            return start, end
        return self._to(start), self._to(end)

    def _to(self, at: int) -> int:
        if at < self._at:
            return len(self._text[:at].encode("utf-8", "surrogatepass"))
        self._bytes += len(self._text[self._at : at].encode("utf-8", "surrogatepass"))
        self._at = at
        return self._bytes


def write_text(piece: Piece, new: str) -> Iterator[Edit]:
    """Write text between tags."""
    yield piece.start, piece.end, escape(new, quote=False).encode("utf-8", "replace")


def write_quoted(piece: Piece, new: str) -> Iterator[Edit]:
    """Write the value of an attribute between its quotes."""
    yield piece.start, piece.end, escape(new).encode("utf-8", "replace")


def write_bare(piece: Piece, new: str) -> Iterator[Edit]:
    """Write the value of an attribute that had no quotes."""
    yield piece.start, piece.end, f'"{escape(new)}"'.encode("utf-8", "replace")


def write_verbatim(piece: Piece, new: str) -> Iterator[Edit]:
    """Write text that has no escapes."""
    yield piece.start, piece.end, new.encode("utf-8", "replace")
