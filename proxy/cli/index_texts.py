"""The text of a document that is registered by its fingerprints, read as the proxy reads uploads.

Enters: a file's name and bytes. Leaves: its text, or none, and what of it could not be read, to be told: a file passed
over in silence would be taken for a registered one. Plain text is decoded as `sluice scan` does; all else is read in a
process of its own, without OCR.
"""

from collections.abc import Iterator
from typing import Final

from detectors.company.text_files import LARGEST, text_of
from policies.decision import Text
from proxy.cli.scan_files import SECONDS, WHY
from proxy.documents.document import Limits, Opaque, joined
from proxy.documents.kind import TEXTUAL, kind_of
from proxy.documents.reader import Reader

NO_TEXT: Final = frozenset({"unknown", "picture", "macro", "script"})
"""Reasons why a part of a file has no text that a passage could be taken from."""
SCANNED: Final = Text("it is a scanned page, or shows a picture", "是扫描页，或含有图片")


class Texts:
    """Reads documents one after the other; what could not be read is kept for the end."""

    def __init__(self) -> None:
        """Start no process before a document needs one."""
        self._reader = Reader(Limits(size=2 * LARGEST, seconds=SECONDS, ocr=False, processes=1))
        self._missed: list[tuple[str, Opaque]] = []
        self._without = 0

    def __call__(self, name: str, data: bytes) -> str | None:
        """Return the text of the file called `name`, as far as it can be read; None where there is none."""
        if kind_of(data, name) in TEXTUAL:
            text = text_of(name, data)
            self._without += text is None
            return text
        document = self._reader.read(data, name)
        text = "\n".join(part.text for part in document.parts)
        told = [one for one in document.opaque if one.reason not in NO_TEXT or one.pointer.startswith("#page")]
        self._missed += ((name, one) for one in told)
        self._without += not (text or told)
        return text or None

    def close(self) -> None:
        """End the process that reads."""
        self._reader.close()

    def missed(self) -> Iterator[Text]:
        """Give a line for each part of a document that could not be read, then how many held no text."""
        for name, one in self._missed:
            why = SCANNED if one.reason == "picture" else WHY[one.reason]
            where = joined(name, one.pointer)
            yield Text(f"{where}: could not be read: {why.en}", f"{where}：无法读取：{why.zh}")
        if self._without:
            files = "1 file holds" if self._without == 1 else f"{self._without} files hold"
            yield Text(
                f"{files} no text and cannot be recognised: pictures, programs, unknown encodings",
                f"{self._without} 个文件不含文本，无法识别其内容：图片、程序或未知编码",
            )
