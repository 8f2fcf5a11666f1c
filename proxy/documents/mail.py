"""Mails as files: header fields, texts and attachments, and pages saved as one file (MHTML).

Enters: bytes. Leaves: a document whose text cannot be put back; each part is read as the file that it is.
"""

import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from typing import Final

from proxy.documents.bundle import Bundle
from proxy.documents.document import Document
from proxy.documents.reading import Reading, Unread

FIELD: Final = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]")
FIRST: Final = frozenset(
    {
        *(b"from", b"to", b"subject", b"date", b"received", b"return-path", b"delivered-to", b"message-id"),
        *(b"mime-version", b"content-type", b"cc", b"reply-to", b"sender", b"x-mailer", b"dkim-signature", b"bcc"),
    }
)
ENOUGH: Final = 3
"""Known fields at the beginning that make a mail."""
CODED: Final = frozenset({b"mime-version", b"content-type"})
"""Fields without one of which a mail is plain text: there is nothing in it to decode."""
MOST_PARTS: Final = 1_000


def is_mail(data: bytes) -> bool:
    """Tell whether a text begins as a mail does."""
    head = data[:8192].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    lines = [line for line in head.split(b"\n") if line[:1] not in (b" ", b"\t")]
    found = [FIELD.match(line) for line in lines]
    if not lines or not all(found[: len(lines) - (len(head) == 8192)]):
        return False
    named = {one[1].lower() for one in found if one}
    return len(named & FIRST) >= ENOUGH and not CODED.isdisjoint(named)


def read_mail(data: bytes, reading: Reading) -> Document:
    """Return the mail; raises `Unread`."""
    bundle = Bundle(fixed=True)
    try:
        message = message_from_bytes(data, EmailMessage, policy=default)
        for number, part in enumerate(message.walk()):
            reading.file()
            if number > MOST_PARTS:
                raise Unread("too_many_files")
            _take(part, str(number), bundle, reading)
    except (
        MessageError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        AssertionError,
    ):
        raise Unread("broken") from None
    return bundle.document("mail", data)


def _take(part: Message, pointer: str, bundle: Bundle, reading: Reading) -> None:
    said = [f"{name}: {value}" for name, value in part.items()]
    said += [text for text in (part.preamble, part.epilogue) if isinstance(text, str)]
    text = "\n".join(said)
    reading.text(len(text))
    bundle.say(f"@{pointer}", text)
    if part.is_multipart():
        return
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return
    charset = part.get_content_charset()
    if part.get_content_maintype() == "text" and charset not in (None, "utf-8", "us-ascii"):
        try:
            content = content.decode(charset or "ascii").encode("utf-8")
        except (LookupError, UnicodeError):
            bundle.close(pointer, "encoding")
            return
    name = part.get_filename() or f"{part.get_content_subtype()}"
    bundle.add(pointer, reading.within(content, name))
