"""One file → what `sluice scan` tells of it: a text as it stands, any other file part by part; on several processes.

Enters: a file to read. Leaves: what came of it; where values were not asked for, none leaves the process that read the
file. A file, a part of one, or a byte that cannot be read or decoded is unknown, never clean.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from detectors.decode_text import NotText, Undecided, mend
from detectors.find import Finder
from policies.decision import Text
from proxy.cli.scan_gather import Source
from proxy.cli.scan_look import (
    NO_TEXT,
    Looked,
    Wish,
    look,
    lost,
    no_text_but_called_so,
    not_in,
    too_large,
    unreadable,
)
from proxy.documents.document import Document, Limits, Opaque, Reason, joined
from proxy.documents.kind import TEXTUAL, kind_of

if TYPE_CHECKING:
    from proxy.documents.reader import Reader

LARGEST: Final = 1 << 34
"""Bytes of a file where no limit is asked for."""
SECONDS: Final = 120.0
"""For one file: who scans can wait longer than who chats."""

CALLED_TEXT: Final = (
    *(".txt", ".text", ".log", ".md", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".toml", ".ini"),
    *(".conf", ".cfg", ".env", ".properties", ".xml", ".html", ".htm", ".sql", ".srt", ".rst", ".tex"),
)
"""Names of files that somebody takes for text: where one is none, that is told, not only counted."""

WHY: Final[dict[Reason, Text]] = {
    "encrypted": Text("it is encrypted", "已加密"),
    "broken": Text("it is damaged or cut short", "已损坏或不完整"),
    "unknown": NO_TEXT,
    "encoding": Text("its encoding cannot be told", "无法判断编码"),
    "entities": Text("it defines entities of its own", "含有自定义实体"),
    "too_large": Text("it unpacks to more than is allowed", "解压后超出大小限制"),
    "too_deep": Text("it is nested too deep", "嵌套层数过多"),
    "too_many_files": Text("it holds too many files", "所含文件过多"),
    "too_many_pages": Text("it has too many pages or pictures", "页数或图片过多"),
    "too_slow": Text("reading it takes too long", "读取耗时过长"),
    "failed": Text("it could not be read", "读取失败"),
    "macro": Text("it is a macro", "是宏代码"),
    "embedded": Text("it is an embedded object", "是嵌入对象"),
    "legacy": Text("it is in an old format, of which only some words are seen", "为旧版格式，只能看到部分文字"),
    "hidden": Text("it has bytes that belong to no part of it", "含有不属于任何部分的数据"),
    "picture": Text("it is a picture; read it with --ocr", "是图片，可用 --ocr 识别"),
    "illegible": Text("what is written in it cannot be made out", "其中的文字无法辨认"),
    "script": Text("it holds a program", "含有脚本程序"),
}
"""Each reason why something in a file cannot be looked into."""


class Files:
    """What reads the files of one process that are no text; it is made, and imported, for the first of them."""

    def __init__(self, wish: Wish) -> None:
        """Take what is asked of every file."""
        self._limits = Limits(size=wish.most or LARGEST, seconds=SECONDS, ocr=wish.ocr, processes=1)
        self._reader: Reader | None = None

    def read(self, data: bytes, name: str) -> Document:
        """Return what is in a file."""
        if self._reader is None:
            from proxy.documents.reader import Reader

            self._reader = Reader(self._limits)
        return self._reader.read(data, name)

    def close(self) -> None:
        """End the processes that read, if there are any."""
        if self._reader is not None:
            self._reader.close()


def look_into(finder: Finder, wish: Wish, source: Source, reader: Files) -> tuple[Looked, ...]:
    """Read a file and return what is found in it, part by part where it has parts."""
    name = str(source.path)
    if wish.most and source.size > wish.most:
        return (Looked(name, problem=too_large(f"{source.size / 1e6:.1f} MB"), named=source.named),)
    try:
        with source.path.open("rb") as file:
            data = file.read(wish.most + 1 if wish.most else -1)
    except OSError as error:
        return (Looked(name, problem=unreadable(error.strerror or ""), named=source.named),)
    if wish.most and len(data) > wish.most:  # a pipe, or a file that grows
        return (Looked(name, problem=too_large(f"over {wish.most / 1e6:.1f} MB"), named=source.named),)
    return tuple(replace(one, named=source.named) for one in look_at(finder, wish, name, data, reader))


def look_at(finder: Finder, wish: Wish, name: str, data: bytes, reader: Files) -> Iterator[Looked]:
    """Give what is found in the bytes of a file: the whole of a text, and of any other file what there is to tell."""
    if wish.encoding or kind_of(data, name) in TEXTUAL:
        yield look_at_text(finder, wish, name, data)
        return
    document = reader.read(data, name)
    told = [look(finder, wish, joined(name, part.pointer), part.text) for part in document.parts]
    told = [one for one in told if one.sights or one.unsure]
    told += [missed(name, one) for one in document.opaque]
    for number, one in enumerate(told or [Looked(name)]):
        yield replace(one, inner=number > 0)


def look_at_text(finder: Finder, wish: Wish, name: str, data: bytes) -> Looked:
    """Return what is found in the bytes of a text, and how many of them are no text; nothing is sent from here."""
    try:
        decoded = mend(data, wish.encoding)
    except NotText:
        if name.lower().endswith(CALLED_TEXT):
            return Looked(name, problem=no_text_but_called_so())
        return Looked(name, problem=NO_TEXT, binary=True)
    except Undecided:
        return Looked(name, problem=not_in(wish.encoding))
    looked = look(finder, wish, name, decoded.text, decoded.encoding)
    return replace(looked, problem=lost(decoded.lost, decoded.encoding), partly=True) if decoded.lost else looked


def missed(name: str, one: Opaque) -> Looked:
    """Return that something in a file was not looked into; a whole picture or program is no text."""
    whole = not one.pointer and one.reason in ("unknown", "picture")
    return Looked(joined(name, one.pointer), problem=NO_TEXT if whole else WHY[one.reason], binary=whole)


def look_into_all(
    sources: Iterable[Source], wish: Wish, jobs: int, finder: Finder, load: Callable[[], Finder]
) -> Iterator[tuple[Looked, ...]]:
    """Yield what is found in each file, in order; `load`, which can be pickled, makes the finder of another process."""
    if jobs <= 1:
        reader = Files(wish)
        try:
            for source in sources:
                yield look_into(finder, wish, source, reader)
        finally:
            reader.close()
        return
    context = multiprocessing.get_context("spawn")  # a copy of this one would inherit the locks of its threads
    with ProcessPoolExecutor(jobs, context, _begin, (load, wish)) as pool:
        waiting: deque[Future[tuple[Looked, ...]]] = deque()
        left = iter(sources)
        try:
            for source in islice(left, jobs * 4):
                waiting.append(pool.submit(_work, source))
            while waiting:
                yield waiting.popleft().result()
                for source in islice(left, 1):
                    waiting.append(pool.submit(_work, source))
        finally:
            for future in waiting:
                future.cancel()


_OWN: list[tuple[Finder, Wish, Files]] = []
"""The finder of a process that works for another, what is asked of it, and what reads its files."""


def _begin(load: Callable[[], Finder], wish: Wish) -> None:
    _OWN.append((load(), wish, Files(wish)))


def _work(source: Source) -> tuple[Looked, ...]:
    finder, wish, reader = _OWN[0]
    return look_into(finder, wish, source, reader)
