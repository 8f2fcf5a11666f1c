"""The files in a request, read: what stands in them are parts like any other, and go back into the files changed.

Enters: an adapter with a body, and a reader of files. Leaves: a prompt whose parts are the adapter's and those of all
files. A file that cannot be read stays opaque; one that holds what must be taken out, and cannot be written anew, is an
error, so that it is refused and never sent as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from proxy.adapters.fallback import CHARSET, NEVER_TEXT
from proxy.adapters.interface import Adapter, Prompt
from proxy.adapters.prompt import Carrier
from proxy.documents.document import Document, FileReader, joined
from proxy.documents.kind import TEXTUAL
from proxy.embedded import inlaid, written
from proxy.errors import TooLargeToTell, Unreadable
from proxy.exchange import Part, Role

WHOLE: Role = "user"
"""Who wrote a file that is sent by itself."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A prompt with the files that it carries."""

    prompt: Carrier
    documents: tuple[Document, ...]
    """The files, in the prompt's order."""
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
        own, contents = texts[:at], {}
        for number, document in enumerate(self.documents):
            data = written(document, texts[at : at + len(document.parts)])
            at += len(document.parts)
            if data is not document.data:
                contents[number] = data
        return self.prompt.rewrite(own, contents)


@dataclass(frozen=True, slots=True)
class Alone:
    """A body that is a file and nothing else."""

    document: Document
    parts: tuple[Part, ...] = field(repr=False)
    opaque: tuple[str, ...]
    model: str = ""
    stream: bool = False

    def rewrite(self, texts: Sequence[str]) -> bytes:
        """Return the file with all texts in their places; raises `SealedFile`."""
        return written(self.document, texts)


def read_prompt(adapter: Adapter, body: bytes, content_type: str, reader: FileReader | None) -> Prompt:
    """Read a body with the files in it, those in the midst of its texts too; without a reader these stay opaque.

    Raises `Unreadable`, `WireError` or `TooLarge`.
    """
    prompt: Prompt
    try:
        prompt = adapter.read(body, content_type)
    except TooLargeToTell:
        raise  # the body is not here, so there is no file to look for
    except Unreadable:
        alone = None if reader is None else read_alone(body, content_type, reader)
        if alone is None:
            raise
        prompt = alone
    if reader is not None and isinstance(prompt, Carrier) and prompt.files:
        prompt = attach(prompt, reader)
    return inlaid(prompt, reader)


def attach(prompt: Carrier, reader: FileReader) -> Attached:
    """Return the prompt with its files read."""
    documents = tuple(reader.read(file.data, file.name) for file in prompt.files)
    parts, opaque = list(prompt.parts), [one for one in prompt.opaque if one not in {f.pointer for f in prompt.files}]
    for file, document in zip(prompt.files, documents, strict=True):
        parts += parts_of(document, file.pointer, file.role)
        opaque += (joined(file.pointer, one.pointer) for one in document.opaque)
    return Attached(prompt, documents, tuple(parts), tuple(opaque))


def read_alone(body: bytes, content_type: str, reader: FileReader) -> Alone | None:
    """Return a body that no adapter can read as the file that it is; None where it is none that we know.

    Bytes that look like text stay unread where the service is told that they are something else.
    """
    if CHARSET.search(content_type):
        return None
    document = reader.read(body, "")
    kind = content_type.partition(";")[0].strip().lower()
    if (document.opaque and not document.parts) or (document.kind in TEXTUAL and NEVER_TEXT.fullmatch(kind)):
        return None
    return Alone(document, parts_of(document, "", WHOLE), tuple(one.pointer for one in document.opaque))


def parts_of(document: Document, pointer: str, role: Role) -> tuple[Part, ...]:
    """Return the texts of a file as parts of a request."""
    return tuple(
        Part(joined(pointer, one.pointer), role, one.text, fields=one.fields, bounded=one.bounded)
        for one in document.parts
    )
