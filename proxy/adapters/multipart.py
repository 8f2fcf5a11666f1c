"""Uploads: `multipart/*` bodies to sections and back (RFC 2046, section 5.1; RFC 7578).

Enters: the body and its boundary. Leaves: sections with their names and content, and a body in which only changed ones
are written anew, in the same envelope. What stands around the sections, which RFC 2046 allows and servers pass over, is
given too, for nothing may travel where no detector looks; who has no place for it refuses it, and a missing end. Folded
and unknown header fields are refused.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from proxy.errors import TooLarge, WireError

MOST_SECTIONS: Final = 1_000
BOUNDARY: Final = re.compile(r";\s*boundary=(?:\"([^\"]{1,70})\"|([^\s\";]{1,70}))", re.IGNORECASE)
PARAMETER: Final = re.compile(
    r";[ \t]*(name|filename|filename\*)=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\";]+))", re.IGNORECASE
)
HEADERS: Final = frozenset({"content-disposition", "content-type", "content-length", "content-transfer-encoding"})
TOKENS: Final = re.compile(r"[A-Za-z0-9._+/=;:\"\s-]{0,200}")
LENGTH: Final = re.compile(r"^(content-length:\s*)\d+", re.IGNORECASE | re.MULTILINE)
PRINTABLE: Final = re.compile(rb"(?:[\t !-<>-~]|=[0-9A-F]{2}|=\r\n|(?<![\t ])\r\n)*+")
"""Quoted-printable that is read in one way only: no blank at the end of a line, no stray sign, no bare line feed."""
EXTENDED: Final = re.compile(r"utf-8'[A-Za-z-]{0,20}'(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a multipart body."""

    head: str = field(repr=False)
    """Its header block, line endings included."""
    content: bytes = field(repr=False)
    disposition: str = field(repr=False)
    """Value of `Content-Disposition`, or empty."""
    parameters: tuple[tuple[str, str], ...] = field(repr=False)
    """The parameters `name`, `filename`, `filename*` that are there, decoded."""
    content_type: str
    """In lower case; empty when none is given."""
    coding: str = ""
    """The transfer coding that hides the content, if one does."""

    @property
    def plain(self) -> bytes | None:
        """The content without its transfer coding; None where that is unknown or broken."""
        return DECODERS[self.coding](self.content) if self.coding in DECODERS else None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A multipart body, cut up: every byte of it is a boundary's, a section's, or stands around them."""

    before: bytes = field(repr=False)
    """Ahead of the first boundary, without the end of its line."""
    sections: tuple[Section, ...]
    after: bytes | None = field(repr=False)
    """Behind the last boundary, its closing dashes included; None where none follows the last section."""

    @property
    def usual(self) -> bool:
        """Whether it is closed, and nothing stands around its sections."""
        return not self.before and self.after in (b"--", b"--\r\n")

    def write(self, boundary: bytes, sections: Sequence[bytes], before: bytes, after: bytes | None) -> bytes:
        """Return a body with other sections, and other words around them; raises `WireError`."""
        line = b"\r\n--" + boundary
        around = [new for new, old in ((before, self.before), (after or b"", self.after)) if new != old]
        if any(line in b"\r\n" + one for one in (*sections, *around)):
            raise WireError("what is written anew holds the multipart boundary")
        first = b"\r\n" + before if before else b""
        return line.join((first, *sections, *(() if after is None else (after,)))).removeprefix(b"\r\n")


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a media type names; raises `WireError`."""
    found = BOUNDARY.findall(content_type)
    if len(found) != 1:
        raise WireError("the multipart type must name exactly one boundary")
    boundary: str = found[0][0] or found[0][1]
    if not boundary.isascii():
        raise WireError("the multipart boundary is not ASCII")
    return boundary.encode("ascii")


def parse_multipart(body: bytes, boundary: bytes) -> list[Section]:
    """Return the sections of a usual body; raises `WireError` or `TooLarge`."""
    envelope = open_envelope(body, boundary)
    if not envelope.usual:
        raise WireError("the multipart body has text around its sections, or no closing boundary")
    return list(envelope.sections)


def open_envelope(body: bytes, boundary: bytes) -> Envelope:
    """Return all of `body`, cut at its boundaries; raises `WireError` or `TooLarge`."""
    line = b"\r\n--" + boundary
    first, *pieces = (b"\r\n" + body).split(line)
    if len(pieces) > MOST_SECTIONS + 1:
        raise TooLarge(f"the upload has more than {MOST_SECTIONS} sections")
    if not pieces:
        raise WireError("the multipart body has no boundary, not even a closing boundary")
    last = next((place for place, piece in enumerate(pieces) if piece[:2] == b"--" or not piece.strip()), len(pieces))
    after = line.join(pieces[last:]) if last < len(pieces) else None
    return Envelope(first.removeprefix(b"\r\n"), tuple(map(parse_section, pieces[:last])), after)


def parse_section(piece: bytes) -> Section:
    """Return the section between two boundaries."""
    head, blank, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not piece.startswith(b"\r\n") or not blank:
        raise WireError("a multipart section has no header block")
    try:
        lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError:
        raise WireError("a multipart header is not UTF-8") from None
    fields = dict(parse_header(line) for line in lines)
    if len(fields) != len(lines):
        raise WireError("a multipart section repeats a header field")
    disposition = fields.get("content-disposition", "")
    coding = fields.get("content-transfer-encoding", "").strip().lower()
    kind = fields.get("content-type", "").strip().lower()
    return Section(
        head="\r\n".join(lines),
        content=content,
        disposition=disposition,
        parameters=parse_parameters(disposition),
        content_type=kind,
        coding="" if coding in ("", "binary", "8bit", "7bit") else coding,
    )


def parse_header(line: str) -> tuple[str, str]:
    """Return name and value of a header line; raises `WireError` for what a section has no use for."""
    name, colon, value = line.partition(":")
    name = name.lower()
    if not colon or name not in HEADERS or "\r" in value or "\n" in value:
        raise WireError("a multipart section has an unknown or broken header field")
    if name != "content-disposition" and TOKENS.fullmatch(value) is None:
        raise WireError("a multipart section has a header field with text in it")
    return name, value


def parse_parameters(disposition: str) -> tuple[tuple[str, str], ...]:
    """Return name and file names in a `Content-Disposition`; raises `WireError` if anything else is in it."""
    left = PARAMETER.sub("", disposition).strip().lower()
    if left not in ("", "form-data", "attachment", "inline", "file"):
        raise WireError("a multipart section has an unknown content disposition")
    matches = PARAMETER.findall(disposition)
    found = tuple((key.lower(), decode(key.lower(), quoted or bare)) for key, quoted, bare in matches)
    if len({key for key, _ in found}) != len(found):
        raise WireError("a multipart section repeats a parameter of its disposition")
    return found


def decode(key: str, value: str) -> str:
    """Return a parameter's value (RFC 5987 for `filename*`, HTML's escapes for the others)."""
    if key != "filename*":
        return value.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
    extended = EXTENDED.fullmatch(value)
    if extended is None:
        raise WireError("an extended file name is not UTF-8")
    try:
        return unquote_to_bytes(extended[1]).decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("an extended file name is not UTF-8") from None


def encode(key: str, value: str) -> str:
    """Return a parameter as it is written."""
    if key == "filename*":
        return f"; {key}=UTF-8''{quote(value, safe='')}"
    escaped = value.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return f'; {key}="{escaped}"'


def from_base64(content: bytes) -> bytes | None:
    """Return what lines of base64 stand for; None where they are broken."""
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        return None


def from_printable(content: bytes) -> bytes | None:
    """Return what quoted-printable stands for; None where two readers could read it differently."""
    return quopri.decodestring(content) if PRINTABLE.fullmatch(content) else None


DECODERS: Final[dict[str, Callable[[bytes], bytes | None]]] = {
    "": bytes,
    "base64": from_base64,
    "quoted-printable": from_printable,
}


def coded(section: Section, plain: bytes) -> bytes:
    """Return content in the section's own transfer coding."""
    if section.coding == "base64":
        return base64.encodebytes(plain).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    if section.coding == "quoted-printable":
        return quopri.encodestring(plain).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return plain


def write_section(section: Section, parameters: tuple[tuple[str, str], ...], content: bytes) -> bytes:
    """Return a section with new parameters and content, as it is sent; its own bytes where they are the old ones."""
    head = section.head
    if parameters != section.parameters:
        kind = PARAMETER.sub("", section.disposition)
        head = head.replace(section.disposition, kind + "".join(encode(key, value) for key, value in parameters), 1)
    if content != section.content:
        head = LENGTH.sub(rf"\g<1>{len(content)}", head)
    return b"\r\n" + head.encode("utf-8") + b"\r\n\r\n" + content
