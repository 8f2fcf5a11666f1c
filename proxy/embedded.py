"""Files in base64 in the midst of a text: pictures in pasted pages and Markdown, archives in source code and in mails.

Enters: a prompt, and a reader of files. Leaves: the prompt with what stands in these files as parts of their own. One
that cannot be read is opaque, and without a reader every one is. One that changes is put back where its code stood; if
the code itself was cut into by what was taken out of the text, that is an error, and nothing is sent.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from detectors.interface import Scan
from detectors.views.packed import text_of, unpacked
from proxy.adapters.interface import Prompt
from proxy.adapters.wrapped import DOCUMENTS, from_base64, wrap_data
from proxy.documents.document import Document, FileReader, FixedText, joined
from proxy.errors import SealedFile
from proxy.exchange import Part

LEAST: Final = 64
"""Bytes of a file; fewer hold no more than a text of that length, and are mostly examples cut short."""

MOST: Final = 200
"""Files that are read in the texts of one request; those beyond are opaque."""

WRAPPED: Final = 100
"""Characters of a line of base64 that may go on in the next one: mails have 76. Longer ones end with their line."""

HEAD: Final = re.compile(r"data:[^,;\s\"'<>()]{0,127}(?:;[^,;\s\"'<>()]{1,127}){0,4},", re.IGNORECASE)
"""The head of a `data:` address."""

BARE: Final = re.compile(
    r"(?<![A-Za-z0-9+/_=-])(?:UEsDB|N3q8ry|UmFyI|[/_]Td6WF|QlpoO|KLUv[/_]|JVBERi0|0M8R4K|e1xydG"
    r"|iVBORw0KGgo|[/_]9j[/_]|R0lGOD|UklGR)(?=[A-Za-z0-9+/_-]{20})"
)
"""How archives, documents and pictures begin in base64."""

IN_BARE: Final = (
    *("UEsDB", "N3q8ry", "UmFyI", "Td6WF", "QlpoO", "KLUv", "JVBERi0", "0M8R4K", "e1xydG"),
    *("iVBORw0KGgo", "9j", "R0lGOD", "UklGR"),
)
"""One of these stands in whatever `BARE` matches; they are looked for sooner than that is tried everywhere."""

CODE: Final = re.compile(r"(?:[A-Za-z0-9+/_-]|\\/|%2[BbFf])*+(?:=|%3[Dd]){0,2}")
"""Base64, its slashes escaped as some write them in JSON, or percent-encoded as in an address."""

NEXT: Final = re.compile(r"\r?\n[ \t]*(?=[A-Za-z0-9+/_-])")
ADDRESS: Final = re.compile(r"[^\s\"'<>()\\`]*")
"""What follows the head of a `data:` address that is not in base64."""

TAIL: Final = re.compile(r"(?:\s*[^\s]{1,15}(?!\S))*\s*")
"""Words that a code of several lines may seem to go on with; nothing in base64 is that short."""


@dataclass(frozen=True, slots=True)
class Inset:
    """A file in a text."""

    start: int
    end: int
    data: bytes | None = field(repr=False)
    """None where it cannot be decoded."""
    code: str = field(default="", repr=False)
    """Its base64 as it stands in the text; nothing for a file in another code, which is never written anew."""


@dataclass(frozen=True, slots=True)
class Inlaid:
    """A prompt with the files that its texts hold."""

    prompt: Prompt
    read: tuple[tuple[int, Inset, Document], ...] = field(repr=False)
    """The files that were read, each with the number of the part it stands in."""
    parts: tuple[Part, ...]
    opaque: tuple[str, ...]

    @property
    def model(self) -> str:
        """The model asked for."""
        return self.prompt.model

    @property
    def stream(self) -> bool:
        """Whether a streamed answer is asked for."""
        return self.prompt.stream

    def rewrite(self, texts: Sequence[str]) -> bytes:
        """Return the body with all texts in their places; raises `SealedFile`."""
        at = len(self.prompt.parts)
        own = list(texts[:at])
        for number, inset, document in self.read:
            data = written(document, texts[at : at + len(document.parts)])
            at += len(document.parts)
            if data is not document.data:
                if not inset.code or inset.code not in own[number]:
                    raise SealedFile("a file in a text holds confidential data and cannot be written anew")
                own[number] = own[number].replace(inset.code, wrap_data("", data))
        return self.prompt.rewrite(own)


def inlaid(prompt: Prompt, reader: FileReader | None) -> Prompt:
    """Return the prompt with the files in its texts read; itself where they hold none."""
    found = [(number, inset) for number, part in enumerate(prompt.parts) for inset in insets(part.text)]
    if not found:
        return prompt
    parts, more, opaque = list(prompt.parts), list[Part](), list(prompt.opaque)
    read: list[tuple[int, Inset, Document]] = []
    for count, (number, inset) in enumerate(found):
        part = parts[number]
        pointer = f"{part.pointer}#{count}"
        if reader is None or inset.data is None or count >= MOST:
            opaque.append(pointer)
            continue
        document = reader.read(inset.data, "")
        read.append((number, inset, document))
        more += (
            Part(
                joined(pointer, one.pointer),
                part.role,
                one.text,
                fields=one.fields,
                signed=part.signed,
                bounded=one.bounded,
            )
            for one in document.parts
        )
        opaque += (joined(pointer, one.pointer) for one in document.opaque)
        parts[number] = replace(part, read=(*part.read, (inset.start, inset.end)))
    return Inlaid(prompt, tuple(read), (*parts, *more), tuple(opaque))


def insets(text: str) -> Iterator[Inset]:
    """Yield the files in a text, in order; what decodes to text is none: detectors read it where it stands."""
    heads = HEAD.finditer(text) if ":" in text and "data:" in text.lower() else ()
    bare = BARE.finditer(text) if any(map(text.__contains__, IN_BARE)) else ()
    begins = sorted(
        [(one.start(), one.end(), one[0].lower()) for one in heads]
        + [(one.start(), one.start(), ";base64,") for one in bare]
    )
    until = 0
    for start, at, head in begins:
        if start < until:
            continue
        inset = coded(text, start, at) if head.endswith(";base64,") else spelt(text, start, at)
        until = max(at, inset.end)
        if inset.data is None or is_file(inset.data):
            yield inset


def is_file(data: bytes) -> bool:
    """Tell whether bytes are more than a text that the detectors read in its code."""
    if len(data) < LEAST:
        return False
    return data.startswith(DOCUMENTS) or (text_of(data) is None and unpacked(data) is None)


def coded(text: str, start: int, at: int) -> Inset:
    """Return what is in base64 from `at` on; nothing where it is too short to be a file."""
    end, line = at, at
    while True:
        end = end_of(text, end)
        goes_on = NEXT.match(text, end) if end - line <= WRAPPED and text[end - 1 : end] != "=" else None
        if goes_on is None or end == line:
            break
        length, line = end - line, goes_on.end()
        if end_of(text, line) - line > length:  # a line longer than the one before it is another thing
            break
        end = line
    code = text[at:end]
    data = from_base64(unquote(code.replace("\\/", "/")) if "\\" in code or "%" in code else code)
    if data is None and (end - at) * 3 < LEAST * 4:
        data = b""
    return Inset(start, end, data, code)


def end_of(text: str, at: int) -> int:
    """Return where a line of base64 that begins at `at` ends."""
    found = CODE.match(text, at)
    return found.end() if found else at


def spelt(text: str, start: int, at: int) -> Inset:
    """Return the bytes of a `data:` address without base64."""
    found = ADDRESS.match(text, at)
    end = found.end() if found else at
    return Inset(start, end, unquote_to_bytes(text[at:end]))


def without_read(parts: Sequence[Part], scans: Sequence[Scan]) -> list[Scan]:
    """Return the scans of parts without what cannot be read as text, and was read as the file that it is."""
    return [
        replace(
            scan, opaque=tuple(one for one in scan.opaque if not any(covers(file, one, part) for file in part.read))
        )
        if scan.opaque and part.read
        else scan
        for part, scan in zip(parts, scans, strict=True)
    ]


def covers(file: tuple[int, int], code: tuple[int, int], part: Part) -> bool:
    """Tell whether a code is a file that was read; what may follow it in the code is too short for one of its own."""
    return file[0] <= code[0] < file[1] and TAIL.fullmatch(part.text[file[1] : code[1]]) is not None


def written(document: Document, texts: Sequence[str]) -> bytes:
    """Return the file with these texts; raises `SealedFile`."""
    try:
        return document.rewrite(texts)
    except FixedText:
        raise SealedFile("a file holds confidential data and cannot be written anew") from None
