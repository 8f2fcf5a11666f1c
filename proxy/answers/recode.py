"""Answers in another charset than UTF-8, as UTF-8: placeholders are read in one charset, and values fit into it.

Enters: bytes of an answer in chunks cut anywhere, and the charset that it claims. Leaves: the same text in UTF-8, and
the content type that says so. Many answers are UTF-8 whatever they claim: these pass byte for byte. Nothing is lost but
bytes that are against their charset, in whose place the client would show the same sign.
"""

import codecs
from typing import Final

from proxy.wire.body import CHARSETS
from proxy.wire.charset import charset_in

ALREADY: Final = frozenset({"utf-8", "ascii"})


def codec_in(content_type: str) -> str:
    """Return Python's codec of the charset that a content type names, where an answer must be written anew."""
    named = {value for one in content_type.split(";")[1:] if (value := charset_in(one)) is not None}
    codec = CHARSETS.get(next(iter(named)), "") if len(named) == 1 else ""
    return "" if codec in ALREADY else codec


def as_utf8(content_type: str) -> str:
    """Return a content type that names UTF-8 in place of its charset."""
    kind, *parameters = content_type.split(";")
    others = [one.strip() for one in parameters if one.strip() and charset_in(one) is None]
    return "; ".join((kind.strip(), *others, "charset=utf-8"))


class Recoder:
    """Writes one answer in UTF-8, given in chunks."""

    __slots__ = ("codec", "decoder", "held")

    def __init__(self, codec: str) -> None:
        """Start an answer that claims to be written in `codec`."""
        self.codec = codec
        self.decoder: codecs.IncrementalDecoder | None = None
        self.held = b""

    def feed(self, chunk: bytes, *, ended: bool = False) -> bytes:
        """Return in UTF-8 what is certain once `chunk` has come."""
        if self.decoder is None:
            chunk, self.held = self.held + chunk, b""
            codec = self.codec if self.codec.startswith("utf-16") else self.told(chunk, ended=ended)
            if not codec:
                done = len(chunk) if chunk.isascii() else next(at for at, one in enumerate(chunk) if one > 0x7F)
                self.held = chunk[done:]
                return chunk[:done]
            # Bytes that are no text come back as they were from UTF-8, which is what they would have been read as.
            self.decoder = codecs.getincrementaldecoder(codec)("surrogateescape" if codec == "utf-8" else "replace")
        return self.decoder.decode(chunk, ended).encode("utf-8", "surrogateescape")

    def told(self, chunk: bytes, *, ended: bool) -> str:
        """Return which codec the first signs beyond ASCII are written in; nothing before there are any."""
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(chunk, ended)
        except UnicodeDecodeError:
            return self.codec
        return "" if text.isascii() else "utf-8"
