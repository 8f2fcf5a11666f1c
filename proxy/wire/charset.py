"""JSON, text and forms in another charset than UTF-8, as UTF-8: old clients in China send GBK, and Windows UTF-16.

Enters: a decoded body and its content type. Leaves: the same in UTF-8, and the content type that says so; both are
what goes on, so that the server reads what was read here, whatever it would have made of the old bytes: so a guess,
where nobody has said the charset, can spoil a text and never hide one. Strict: bytes that are against their charset, or
whose marks and labels disagree, are refused.
"""

import codecs
from typing import Final

from detectors import decode_text
from proxy.adapters.forms import FORM, form_as_utf8, unescaped
from proxy.errors import WireError
from proxy.wire.body import CHARSETS, is_json

CODECS: Final = {"GB18030": ("gb18030",), "Big5": ("big5hkscs",), "UTF-16": ("utf-16", "utf-16-le", "utf-16-be")}
"""Of what the content of a body shows; without a mark Python takes UTF-16 for little-endian, whatever it is."""

UTF8: Final = frozenset({"utf-8", "utf8"})

WIDE: Final = {b"{\0": "utf-16-le", b"[\0": "utf-16-le", b"\0{": "utf-16-be", b"\0[": "utf-16-be"}
"""How JSON begins in UTF-16 without a mark (RFC 4627, section 3)."""


def as_utf8(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return JSON, or text that declares it, as UTF-8 with its new content type.

    These are the same bytes and nothing where there is nothing to do.

    Raises `WireError` for bytes that are not in the charset that they claim.
    """
    kind, *parameters = content_type.split(";")
    charsets = {value for one in parameters if (value := charset_in(one)) is not None}
    media = kind.strip().lower()
    read = is_json(media) or (media == "text/plain" and charsets and charsets.isdisjoint(UTF8))
    codec = codec_of(body, charsets) if body and read else ""
    if not codec:
        return body, ""
    made = recoded(body, codec)
    others = [one.strip() for one in parameters if one.strip() and charset_in(one) is None]
    return made, "; ".join((kind.strip(), *others, "charset=utf-8"))


def any_as_utf8(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return a body of no known format as `as_utf8` does, and a form and any text, too; of no charset, as it looks.

    Raises `WireError` for bytes that are not in the charset that they claim.
    """
    kind, *parameters = content_type.split(";")
    charsets = {value for one in parameters if (value := charset_in(one)) is not None}
    media = kind.strip().lower()
    form = media == FORM
    if not (form or media in ("", "text/json") or media.startswith("text/") or is_json(media)) or not body:
        return as_utf8(body, content_type)
    plain = unescaped(body) if form else body
    codec = codec_of(plain, charsets) or ("" if charsets else codec_by_content(plain))
    if not codec:
        return body, ""
    made = recoded(body, codec, form=form)
    others = [one.strip() for one in parameters if one.strip() and charset_in(one) is None]
    return made, "; ".join((kind.strip() or "text/plain", *others, "charset=utf-8"))


def recoded(body: bytes, codec: str, *, form: bool = False) -> bytes:
    """Return a body in UTF-8; raises `WireError` for bytes that are not in `codec`."""
    try:
        return form_as_utf8(body, codec) if form else body.decode(codec).encode("utf-8")
    except UnicodeError:
        pass  # it holds the body, so ours is raised outside: not even its context may
    raise WireError("the body is not written in the charset that it claims")


def codec_by_content(body: bytes) -> str:
    """Return the codec in which a body that is not UTF-8 is Chinese; nothing where that is not plain to see."""
    try:
        seen = decode_text.decode(body)
    except (decode_text.NotText, decode_text.Undecided):
        return ""
    return next((codec for codec in CODECS.get(seen.encoding, ()) if reads(body, codec, seen.text)), "")


def reads(body: bytes, codec: str, text: str) -> bool:
    """Tell whether a body is this text in a codec."""
    try:
        return body.decode(codec) == text
    except UnicodeError:
        return False


def charset_in(parameter: str) -> str | None:
    """Return the charset that a parameter of a media type names, in lower case; none if it names something else."""
    name, _, value = parameter.partition("=")
    return value.strip(" \t\"'").lower() if name.strip().lower() == "charset" else None


def codec_of(body: bytes, charsets: set[str]) -> str:
    """Return Python's codec for the body where it is surely another than UTF-8; nothing where it is not."""
    if len(charsets) > 1 or not charsets <= CHARSETS.keys():
        return ""  # nobody knows which one the server heeds
    declared = CHARSETS[next(iter(charsets))] if charsets else ""
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if declared in ("", "utf-8") and body.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if not declared:
        return "utf-16" if wide else WIDE.get(body[:2], "")
    if declared == "utf-16":
        return "utf-16" if wide else ""
    return declared if declared != "utf-8" and not wide and not body.startswith(codecs.BOM_UTF8) else ""
