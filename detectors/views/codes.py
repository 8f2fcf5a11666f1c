"""What is encoded in a text: in hex, base32, quoted-printable, the words of mail, UU, and packed in base64.

Enters: the reading of a text. Leaves: each text that decodes to text, with the place of the whole code, for a part of a
code cannot be taken out of it; and the places of what is there but cannot be read: encrypted, an archive, too deep.
Patterns and names look into base64 by themselves (`detectors.inside`); all others, the company's terms and documents,
see it here, and what it holds in another code.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from itertools import chain
from typing import Final

from detectors.engine import Match, Pattern, compiled
from detectors.inside import CODES, LINE, PLAIN, URL_SAFE, end_of, strings
from detectors.reading import Reading
from detectors.views.broken import broken
from detectors.views.budget import Budget
from detectors.views.dumps import dumps
from detectors.views.opaque import is_asked, is_closed, is_noise, is_random
from detectors.views.packed import GZIP, LEAST, PACKED, UNPRINTABLE, otherwise, text_of, unpacked
from detectors.views.printed import UNSURE, printed
from detectors.views.scripts import scripts
from detectors.views.signs import seen

FEW_TOKENS: Final = 8
"""Long tokens that are looked through one by one."""
PADDED: Final = 8
"""Characters behind a token in which what fills it up begins."""
HEX: Final = compiled(r"(?:0[xX])?(?:[0-9A-Fa-f]{2}){11,}", "hex")
AMONG: Final = " among bytes"
"""What is said of a text that stands among bytes that are none: of a code that was turned round it may be chance."""
MOSTLY: Final = 0.8
"""Share of letters, digits and blanks in a text that a table of numbers could be, too."""
BASE32: Final = compiled(r"[A-Z2-7]{16,}={0,6}|[a-z2-7]{24,}={0,6}", "base32")
MOBILE: Final = compiled(
    r"[0-9A-Za-z+/_\-]*MT[MQUYcgk][w-z0-5][0-9A-Za-z+/_\-]{11}[0-9A-Za-z+/_\-]*=?", "base64 of figures"
)
SHORT_CODE: Final = re.compile("MT[MQUYcgk][w-z0-5](?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){2}[MNO][DTjz][AEIMQUYcgk]=?")
"""A mobile number in base64: too short for a token, but hardly anything else."""
PRINTABLE: Final = compiled(r"[!-~]*(?:=[0-9A-Fa-f]{2}){2}(?:[ -~\t]|=\r?\n)*", "quoted-printable")
UTF7: Final = compiled(r"[!-*,-~]*(?:\+A[C-H][0-9A-Za-z+/]+-?[!-*,-~]*)+", "utf-7")
"""Characters of ASCII in the shifted code of UTF-7, which other programs write as they are."""
MAIL_WORD: Final = compiled(
    r"=\?[!->@-~]{2,40}\?[BbQq]\?(?:[!->@-~]|\?[!-<>@-~]){4,}\??\?="
    r"(?:\s+=\?[!->@-~]{2,40}\?[BbQq]\?(?:[!->@-~]|\?[!-<>@-~]){4,}\??\?=)*",
    "words",
)
UU: Final = compiled(
    r"begin [0-7]{3} [^\n]{1,80}\n(?:[ -`][ -`]{0,84}\r?\n)+(?:[` ]?\r?\n)?(?:`?\r?\n)?end", "uuencode"
)
ASCII85: Final = compiled(r"<~[!-u\sz]{10,}~>", "ascii85")

HEXADECIMAL: Final = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2})+)")
NO_DIGIT: Final = re.compile("[^0-9]*")
ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
SHORT: Final = 40
"""Characters of a code of base64 from which on it may have no digit, if it is not padded: names have none."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code in a view."""

    start: int
    end: int
    kind: str
    text: str | None = field(repr=False)
    """What it stands for; none where it cannot be read."""


type Decode = Callable[[str], "bytes | str | None"]
type Way = tuple[str, str, Pattern, Decode]
"""The name of a code, that of the view which tells whether a text may hold one, and how it is found and read. Without a
view it is a long token."""


def codes(reading: Reading, budget: Budget) -> Iterator[Code]:
    """Yield the codes in a text; raises `Exceeded`."""
    data = reading.skeleton
    busy: bytearray | None = None
    may_hold = reading.made(seen)
    for kind, view, pattern, decode in WAYS:
        if view not in may_hold if view else not reading.tokens:
            continue
        for match in pattern.finditer(data) if view else among_tokens(reading, pattern):
            start, end = match.span()
            if pattern is CODES:
                end = end_of(reading.text, start, end)
            if busy is None:
                busy = bytearray(len(data))
            elif busy.find(1, start, end) >= 0:
                continue
            budget.spend(end - start)
            made = decode(reading.text[start:end])
            code = None if made is None else _read(kind, reading.text, start, end, made)
            if not view and made is not None and (code is None or code.kind.endswith(AMONG)):
                code = _turned(kind, reading.text, start, end, decode) or code
            if code is not None:
                budget.spend(len(code.text or ""))
                busy[start:end] = b"\1" * (end - start)
                yield code
    yield from _of_several(reading, budget)


def among_tokens(reading: Reading, pattern: Pattern) -> Iterator[Match]:
    """Yield the matches of a pattern that begin in long tokens, as all of it do; of few tokens only these are read."""
    data, tokens = reading.skeleton, reading.tokens
    if len(tokens) > FEW_TOKENS:
        yield from pattern.finditer(data)
        return
    place = 0
    for first, last in tokens:
        place = max(place, first)
        while place < last and (match := pattern.search(data, place, min(len(data), last + PADDED))):
            if match.end() >= last:  # it may go on behind the token, over lines and with signs that fill it up
                match = pattern.match(data, match.start()) or match
            place = match.end()
            yield match


def _of_several(reading: Reading, budget: Budget) -> Iterator[Code]:
    """Yield the codes that are no one token: bytes in a row of numbers, and what is in pieces."""
    may_hold = reading.made(seen)
    rows = (find(reading) for view, find in (("printed", printed), ("dumps", dumps)) if view in may_hold)
    for start, end, kind, stands_for in chain.from_iterable(rows):
        budget.spend(end - start)
        code = _read(kind, reading.text, start, end, stands_for)
        if code is not None and (kind not in UNSURE or code.text is None or _is_likely(code.text)):
            budget.spend(len(code.text or ""))
            yield code
    for ways in broken(reading):
        budget.spend(sum(end - start for start, end, _ in ways))
        among: Code | None = None
        for start, end, pieces in ways:
            code = _of_pieces(reading.text, start, end, pieces)
            if code is not None and not code.kind.endswith(AMONG):
                among = code
                break
            among = among or code
        if among is not None:
            budget.spend(len(among.text or ""))
            yield among


def _of_pieces(text: str, start: int, end: int, pieces: str) -> Code | None:
    """Return what a code in pieces stands for; none where it is none."""
    for kind, decode in OF_TOKENS:
        made = decode(pieces)
        code = None if made is None else _read(f"{kind} in pieces", text, start, end, made)
        if code is not None:
            return code
    return None


def _is_likely(text: str) -> bool:
    """Tell whether most of a text are letters, digits and blanks, as of no table of numbers."""
    return sum(one.isalnum() or one == " " for one in text) >= len(text) * MOSTLY


def untouched(text: str, reading: Reading, budget: Budget) -> Iterator[Code]:
    """Yield the codes of many signs in a text as it came, where its reading took some of these for others."""
    for start, end, kind, plain in scripts(text) if reading.view.rare else ():
        budget.spend(end - start)
        yield Code(start, end, kind, plain)
    if reading.text == text or ("begin " not in text and "<~" not in text):
        return
    data = text.encode("ascii", "replace")
    for kind, _, pattern, decode in MANY_SIGNS:
        for match in pattern.finditer(data):
            start, end = match.span()
            budget.spend(end - start)
            made = decode(text[start:end])
            if made is not None and (code := _read(kind, text, start, end, made)) is not None:
                budget.spend(len(code.text or ""))
                yield code


def _read(kind: str, text: str, start: int, end: int, made: bytes | str) -> Code | None:
    """Return what a code stands for; none where it is no code after all."""
    if isinstance(made, str):
        return Code(start, end, kind, made)
    if len(made) < LEAST and made[:1] not in PACKED:
        return None
    if (plain := text_of(made)) is not None:
        return Code(start, end, kind, plain)
    if (plain := unpacked(made)) is not None:
        return Code(start, end, f"{kind} packed", plain)
    if is_closed(made) or (is_noise(made) and is_random(text[start:end]) and is_asked(text, start, end)):
        return Code(start, end, kind, None)
    if (plain := strings(made)) is not None:
        return Code(start, end, f"{kind}{AMONG}", plain)
    return None


def _turned(kind: str, text: str, start: int, end: int, decode: Decode) -> Code | None:
    """Return what a long token stands for that is read from its end; none where that is no text."""
    made = decode(text[start:end][::-1])
    if not isinstance(made, bytes):
        return None
    plain = unpacked(made) if made[:2] == GZIP else text_of(made)
    return None if plain is None else Code(start, end, f"{kind} reversed", plain)


def from_base64(code: str) -> bytes | None:
    """Return what base64 stands for, of either alphabet, padded or not."""
    if len(code) < SHORT and code[-1:] != "=" and NO_DIGIT.fullmatch(code):
        return None
    return from_pieces(code)


def from_pieces(code: str) -> bytes | None:
    """Return what base64 stands for, however short; none for names and paths of programs."""
    if code.islower() or PLAIN.fullmatch(code):
        return None
    plain = LINE.sub("", code).rstrip("=").translate(URL_SAFE)
    if len(plain) % 4 == 1:
        return None
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


def from_figures(code: str) -> bytes | None:
    """Return the mobile number that base64 stands for, where it stands for one and nothing else."""
    return base64.b64decode(code.rstrip("=") + "=") if SHORT_CODE.fullmatch(code) else None


def from_hex(code: str) -> bytes | None:
    """Return what hexadecimal digits stand for."""
    match = HEXADECIMAL.fullmatch(code)
    return bytes.fromhex(match[1]) if match else None


def from_base32(code: str) -> bytes | None:
    """Return what base32 stands for, padded or not."""
    plain = code.rstrip("=").upper()
    if not (code.isupper() or code.islower()) or not ALPHABET.issuperset(plain):
        return None
    try:
        return base64.b32decode(plain + "=" * (-len(plain) % 8))
    except binascii.Error:
        return None


def from_printable(code: str) -> str | None:
    """Return what quoted-printable stands for."""
    data = quopri.decodestring(code.encode("utf-8", "replace"))
    return text_of(data) or otherwise(data)


def from_mail(code: str) -> str | None:
    """Return what the encoded words of a mail's head stand for."""
    try:
        pieces = decode_header(code)
        return "".join(one if isinstance(one, str) else one.decode(charset or "ascii") for one, charset in pieces)
    except (HeaderParseError, LookupError, UnicodeDecodeError, ValueError):
        return None


def from_uu(code: str) -> bytes | None:
    """Return what lines of uuencode stand for."""
    try:
        return b"".join(binascii.a2b_uu(line) for line in code.splitlines()[1:-1])
    except binascii.Error:
        return None


def from_ascii85(code: str) -> bytes | None:
    """Return what Adobe's base 85 stands for."""
    try:
        return base64.a85decode(code, adobe=True)
    except ValueError:
        return None


def from_utf7(code: str) -> str | None:
    """Return what UTF-7 stands for."""
    try:
        text = code.encode().decode("utf-7")
    except UnicodeDecodeError:
        return None
    return None if UNPRINTABLE.search(text) else text


MANY_SIGNS: Final = (("uuencode", "uuencode", UU, from_uu), ("ascii85", "ascii85", ASCII85, from_ascii85))
"""What is written with signs of others, too: `%72` may stand in it, and is no letter."""
WAYS: Final[tuple[Way, ...]] = (
    *MANY_SIGNS,
    ("mail word", "mail word", MAIL_WORD, from_mail),
    ("quoted-printable", "quoted-printable", PRINTABLE, from_printable),
    ("utf-7", "utf-7", UTF7, from_utf7),
    ("base64", "base64 of figures", MOBILE, from_figures),
    ("hex", "", HEX, from_hex),
    ("base32", "", BASE32, from_base32),
    ("base64", "", CODES, from_base64),
)
"""Narrow codes first: what is hex may be base64, too, but hardly the other way round."""

OF_TOKENS: Final[tuple[tuple[str, Decode], ...]] = (
    ("base64", from_figures),
    ("hex", from_hex),
    ("base32", from_base32),
    ("base64", from_pieces),
)
"""How what is in pieces is read."""
