"""Where registered data comes from: CSV files, database queries, folders, git repositories.

Enters: what was written on the command line. Leaves: rows or documents, one after the other, and by what the source is
known again. Nothing of the data stands in a message; a line or a column is named instead.
"""

import csv
import importlib
import os
import secrets
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from detectors.company.text_files import LARGEST, Document
from policies.decision import Text
from proxy.cli.index_databases import NO_FILE, cause_of, no_file, place_of
from proxy.errors import SettingsError, unreadable

ENCODINGS: Final = ("utf-8", "gb18030", "utf-16")
TAB: Final = "\t"
DELIMITERS: Final = (",", ";", TAB, "|")
LOOKED_AT: Final = 1 << 20
LONGEST_FIELD: Final = 1 << 20
DATABASE: Final = "INDEX_DATABASE_URL"
"""The environment variable with the SQLAlchemy URL, unless another one is named."""
AT_A_TIME: Final = 8_192


@dataclass(slots=True)
class Rows:
    """Rows of a source, as cells of the wanted columns."""

    about: Mapping[str, Any]
    """By what the source is known again."""
    cells: Iterator[Sequence[str]]
    total: int | None = None
    """How much there is to read, in the unit of `done`."""
    said: Text | None = None
    """What was found out about the source, for people."""
    odd: list[int] = field(default_factory=list)
    """Of rows with more or fewer cells than there are columns: the line in which the first ends, and how many."""
    _at: list[int] = field(default_factory=lambda: [0])

    @property
    def done(self) -> int:
        """How much was read."""
        return self._at[0]


def csv_rows(path: Path, columns: Sequence[str], encoding: str | None, delimiter: str | None) -> Rows:
    """Return the rows of a CSV file with a line of names; raises `SettingsError`."""
    try:
        about = path.stat()
        with path.open("rb") as file:
            encoding = encoding or detected(path, file.read(LOOKED_AT))
        with _opened(path, encoding) as text:
            first = text.readline(LONGEST_FIELD)
        delimiter = delimiter or max(DELIMITERS, key=first.count)
        names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    except OSError as error:
        raise unreadable(path, error.strerror) from None
    except (UnicodeError, csv.Error):
        raise SettingsError(
            f"{path}: the first line cannot be read as {encoding}; name it with --encoding",
            f"{path}：第一行无法按 {encoding} 读取；请用 --encoding 说明编码",
        ) from None
    wanted = [_place(path, name, names) for name in columns]
    source = {"kind": "csv", "file": path.name, "size": about.st_size, "changed": about.st_mtime_ns}
    told = {**source, "encoding": encoding, "delimiter": delimiter}
    at = [0]
    by = Text("tab", "制表符") if delimiter == TAB else Text(delimiter)
    said = Text(
        f"{path.name}: {encoding}, columns parted by {by.en}", f"{path.name}：{encoding}，列以 {by.zh or by.en} 分隔"
    )
    rows = Rows(told, iter(()), about.st_size, said, _at=at)
    rows.cells = _cells(path, encoding, delimiter, wanted, at, len(names), rows.odd)
    return rows


def _cells(
    path: Path, encoding: str, delimiter: str, wanted: Sequence[int], at: list[int], width: int, odd: list[int]
) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_FIELD)
    line = 0
    try:
        with _opened(path, encoding) as text:
            reader = csv.reader(text, delimiter=delimiter)
            next(reader, None)
            for number, row in enumerate(reader, start=1):
                line = reader.line_num
                if len(row) != width and row:
                    odd[:] = (odd[0], odd[1] + 1) if odd else (line, 1)
                yield [row[place] if place < len(row) else "" for place in wanted]
                if number % AT_A_TIME == 0:
                    at[0] = text.buffer.tell()  # type: ignore[attr-defined]  # a file knows its place
    except UnicodeError:
        raise SettingsError(
            f"{path}: after line {line} something is not {encoding}; name the encoding with --encoding",
            f"{path}：第 {line} 行之后有内容不是 {encoding}；请用 --encoding 说明编码",
        ) from None
    except csv.Error as error:
        raise SettingsError(f"{path}: after line {line}: {error}", f"{path}：第 {line} 行之后：{error}") from None


def uneven(name: str, odd: Sequence[int]) -> Text:
    """Return what to say of rows that have not as many cells as there are columns."""
    return Text(
        f"{name}: rows with more or fewer cells than the first line: {odd[1]}; the first ends in line {odd[0]}. See"
        " whether a quote is not closed there, or the sign between columns stands in a value",
        f"{name}：单元格数与第一行不同的行：{odd[1]} 行；第一处在第 {odd[0]} 行结束。"
        "请检查那里是否有引号没有闭合，或值中含有分隔符",
    )


def _opened(path: Path, encoding: str) -> TextIOWrapper:
    return path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")


def detected(path: Path, start: bytes) -> str:
    """Return the encoding of a file by its first bytes; raises `SettingsError` where they do not tell it."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    whole = start[: start.rfind(b"\n") + 1] or start
    for encoding in ("utf-8", "gb18030"):
        try:
            whole.decode(encoding)
        except UnicodeError:
            continue
        return encoding
    raise SettingsError(
        f"{path}: neither UTF-8 nor GB18030; name its encoding with --encoding",
        f"{path}：既不是 UTF-8 也不是 GB18030；请用 --encoding 说明编码",
    )


def _place(path: Path, name: str, names: Sequence[str]) -> int:
    if names.count(name) != 1:
        there = ", ".join(names[:50])
        none = name not in names
        trouble, zh = ("there is no column", "没有列") if none else ("several columns are called", "有多列名为")
        raise SettingsError(
            f"{path}: {trouble} {name}; the first line names: {there}", f"{path}：{zh} {name}；第一行的列名：{there}"
        )
    return names.index(name)


def query_rows(sql: str, columns: Sequence[str], variable: str) -> Rows:
    """Return the rows of a query; raises `SettingsError`. The URL of the database stands in an environment variable."""
    url = os.environ.get(variable)
    if not url:
        raise SettingsError(
            f"set the environment variable {variable} to the SQLAlchemy URL of the database",
            f"请把环境变量 {variable} 设为数据库的 SQLAlchemy URL",
        )
    try:
        alchemy = importlib.import_module("sqlalchemy")
    except ImportError:
        raise SettingsError(
            "reading a database needs SQLAlchemy: pip install 'sluice[databases]'",
            "读取数据库需要 SQLAlchemy：pip install 'sluice[databases]'",
        ) from None
    about = {"kind": "query", "query": blake2b(f"{url}\0{sql}".encode(), digest_size=16).hexdigest()}
    if "order by" not in " ".join(sql.lower().split()):
        about["unordered"] = secrets.token_hex(8)  # rows may come in another order each time: no build can go on
    at = [0]

    def cells() -> Iterator[list[str]]:
        engine = None
        try:
            engine = _engine(alchemy, url, variable)
            with engine.connect().execution_options(stream_results=True) as connection:
                result = connection.execute(alchemy.text(sql))
                names = list(result.keys())
                wanted = [_place(Path("--query"), name, names) for name in columns]
                for batch in result.partitions(AT_A_TIME):
                    for row in batch:
                        yield ["" if row[place] is None else str(row[place]) for place in wanted]
                    at[0] += len(batch)
        except SettingsError:
            raise
        except Exception as error:  # drivers raise what they like, and quote the URL and the query
            raise _not_asked(cause_of(error, url), url, variable) from None
        finally:
            if engine is not None:
                engine.dispose()

    return Rows(about, cells(), None, _at=at)


def _engine(alchemy: Any, url: str, variable: str) -> Any:
    if no_file(url):
        raise _not_asked(NO_FILE, url, variable)
    return alchemy.create_engine(url)


def _not_asked(why: Text, url: str, variable: str) -> SettingsError:
    place = place_of(url)
    return SettingsError(
        f"the database ({place or 'of ' + variable}) cannot be asked: {why.en}. The URL stands in {variable},"
        " the query in --query",
        f"无法查询数据库（{place or variable}）：{why.zh}。URL 在 {variable} 中，查询在 --query 中",
    )


def folder_documents(root: Path) -> list[Document]:
    """Return the files below a folder, without hidden ones and links; raises `SettingsError`."""
    if not root.is_dir():
        raise SettingsError(f"{root}: this is no folder", f"{root}：不是目录")
    found = []
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                about = path.stat()
                if about.st_size <= 2 * LARGEST:
                    mark = f"{about.st_size}:{about.st_mtime_ns}"
                    found.append(Document(path.relative_to(root).as_posix(), mark, path.read_bytes))
    return found


def git_documents(root: Path) -> Iterator[Document]:
    """Give the files of a git repository as they are in its HEAD; raises `SettingsError`."""
    listed = _git(root, "ls-tree", "-r", "-z", "-l", "HEAD")
    with subprocess.Popen(
        ["git", "-C", str(root), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as batch:
        for line in listed.split(b"\0"):
            about, _, name = line.partition(b"\t")
            fields = about.split()
            if len(fields) == 4 and fields[1] == b"blob" and fields[0] != b"120000" and int(fields[3]) <= LARGEST:
                blob = fields[2].decode()
                yield Document(name.decode("utf-8", "replace"), blob, partial(_blob, batch, blob))
        assert batch.stdin is not None
        batch.stdin.close()


def count_git(root: Path) -> int:
    """Return how many files a repository's HEAD has; raises `SettingsError`."""
    return _git(root, "ls-tree", "-r", "-z", "HEAD").count(b"\0")


def _blob(batch: "subprocess.Popen[bytes]", blob: str) -> bytes:
    assert batch.stdin is not None and batch.stdout is not None
    batch.stdin.write(f"{blob}\n".encode())
    batch.stdin.flush()
    size = int(batch.stdout.readline().split()[2])
    data = batch.stdout.read(size)
    batch.stdout.read(1)
    return data


def _git(root: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except OSError:
        raise SettingsError(
            "git is not installed; register the working tree with --folder", "未安装 git；请用 --folder 登记工作目录"
        ) from None
    if done.returncode:
        raise SettingsError(
            f"{root}: git cannot read HEAD there; is it a repository with a commit?",
            f"{root}：git 无法读取其 HEAD；这是有提交的仓库吗？",
        )
    return done.stdout


def stop_list(path: Path | None) -> Iterable[str]:
    """Return the lines of a stop list; raises `SettingsError`."""
    if path is None:
        return ()
    try:
        return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())
    except (OSError, UnicodeError):
        raise SettingsError(
            f"{path}: the stop list cannot be read as UTF-8 text", f"{path}：停用词表无法按 UTF-8 文本读取"
        ) from None
