"""What `sluice index` does: builds, lists, shows, checks and removes indexes in the state directory.

Enters: settings, and what was asked. Leaves: indexes, and lines about them. One build of an index runs at a time; an
index is replaced as a whole, so that whoever reads the old one goes on reading it.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from detectors.company.exact_build import ExactBuilder, Plan, column_of
from detectors.company.fingerprint_build import FORM as DOCUMENTS
from detectors.company.fingerprint_build import FingerprintBuilder, entries_of
from detectors.company.index_file import SALT, Index, open_index
from detectors.company.keys import derive, index_key
from detectors.company.text_files import Document
from detectors.interface import DetectorError
from policies.classify import INDEX_NAME
from policies.decision import Text
from proxy.cli.common import clean_line, err, language
from proxy.cli.index_sources import (
    Rows,
    count_git,
    csv_rows,
    folder_documents,
    git_documents,
    query_rows,
    stop_list,
    uneven,
)
from proxy.cli.index_texts import Texts
from proxy.company import ENDING, FOLDER, index_path
from proxy.errors import SettingsError
from proxy.keys import private_directory

LEAST_NEED: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be built."""

    name: str
    csv: Path | None = None
    query: str | None = None
    database: str = ""
    folder: Path | None = None
    git: Path | None = None
    columns: str = ""
    alone: str = ""
    need: int = LEAST_NEED
    near: int = 300
    encoding: str | None = None
    delimiter: str | None = None
    stop: Path | None = None
    common: Sequence[Path] = field(default=())


def build(state: Path, asked: Asked) -> Index:
    """Build the index that is asked for, or go on with it; return it. Raises `SettingsError` or `DetectorError`."""
    if not INDEX_NAME.fullmatch(asked.name):
        raise SettingsError(
            "an index is named with small letters a-z, digits and hyphens, 40 at most",
            "索引名只能用小写字母 a-z、数字和连字符，至多 40 个字符",
        )
    sources = [one for one in (asked.csv, asked.query, asked.folder, asked.git) if one is not None]
    if len(sources) != 1:
        raise SettingsError(
            "name one source: --csv FILE, --query SQL, --folder DIR or --git DIR",
            "请指明一个来源：--csv 文件、--query SQL、--folder 目录 或 --git 目录",
        )
    key = index_key(private_directory(state), make=True)
    folder = private_directory(state / FOLDER)
    with alone(folder, asked.name), _progress() as progress:
        if asked.csv is not None or asked.query is not None:
            _build_rows(folder, key, asked, progress)
        else:
            _build_documents(folder, key, asked, progress)
    return open_index(index_path(state, asked.name), key)


def _build_rows(folder: Path, key: bytes, asked: Asked, progress: Progress) -> None:
    names_alone = {name.strip() for name in asked.alone.split(",") if name.strip()}
    columns = tuple(column_of(each, names_alone) for each in asked.columns.split(",") if each.strip())
    names = [one.name for one in columns]
    if not columns or len(set(names)) < len(names):
        raise SettingsError(
            "--columns names each column once, as NAME:KIND,NAME:KIND",
            "--columns 中每列只写一次，写法为 列名:类型,列名:类型",
        )
    if strange := sorted(names_alone - set(names)):
        raise SettingsError(
            f"--alone: no column is called {', '.join(strange)}; --columns names {', '.join(names)}",
            f"--alone：没有名为 {'、'.join(strange)} 的列；--columns 中有 {'、'.join(names)}",
        )
    need = asked.need
    if not LEAST_NEED <= need <= max(LEAST_NEED, len(columns)):
        raise SettingsError(
            f"--need is {LEAST_NEED} at least, and no more than there are columns",
            f"--need 至少为 {LEAST_NEED}，且不超过列数",
        )
    if len(columns) < need and not any(one.alone for one in columns):
        raise SettingsError(
            "one column matches nothing by itself; name it with --alone, or register more columns",
            "单独一列不会匹配任何内容；请用 --alone 指明，或登记更多列",
        )
    rows = _rows(asked, names)
    stop = frozenset(stop_list(asked.stop))
    plan = Plan(asked.name, columns, rows.about, need, asked.near, stop)
    builder = ExactBuilder(folder, plan, key, secrets.token_bytes(SALT), _now())
    if rows.said is not None:
        err.print(rows.said.in_language(language()), markup=False)
    if builder.rows:
        on = Text(f"going on after {builder.rows} rows", f"从第 {builder.rows} 行之后接着做")
        err.print(on.in_language(language()), markup=False)
        for _ in zip(range(builder.rows), rows.cells, strict=False):
            pass
    task = progress.add_task(asked.name, total=rows.total, said="")

    def told(done: int) -> None:
        progress.update(task, completed=rows.done, said=Text(f"{done} rows", f"{done} 行").in_language(language()))

    builder.build(rows.cells, told)
    if rows.odd and asked.csv is not None:
        err.print(uneven(asked.csv.name, rows.odd).in_language(language()), markup=False)


def _rows(asked: Asked, names: Sequence[str]) -> Rows:
    if asked.csv is not None:
        return csv_rows(asked.csv, names, asked.encoding, asked.delimiter)
    return query_rows(asked.query or "", names, asked.database)


def _build_documents(folder: Path, key: bytes, asked: Asked, progress: Progress) -> None:
    root = asked.folder or asked.git or Path()
    source = {"kind": "git" if asked.git else "folder", "folder": str(root.absolute())}
    before = _before(folder / f"{asked.name}{ENDING}", key, source)
    salt = before.salt if before else secrets.token_bytes(SALT)
    builder = FingerprintBuilder(folder, asked.name, source, key, salt, _now())
    if before and builder.salt != before.salt:
        before = None  # a build that was cut off goes on, and it began with another key
    documents: Iterator[Document]
    if asked.git is not None:
        documents, total = git_documents(root), count_git(root)
    else:
        listed = folder_documents(root)
        documents, total = iter(listed), len(listed)
    common = (one for each in asked.common for one in folder_documents(each))
    task = progress.add_task(asked.name, total=total, said="")

    def told(done: int) -> None:
        progress.update(task, completed=done, said=Text(f"{done} documents", f"{done} 份文档").in_language(language()))

    texts = Texts()
    try:
        builder.build(documents, texts, common, before, told)
    finally:
        texts.close()
    for line in texts.missed():
        err.print(clean_line(line.in_language(language())), markup=False)


def _before(path: Path, key: bytes, source: dict[str, Any]) -> Index | None:
    """Return the index as it was, if it can be gone on from."""
    try:
        index = open_index(path, key)
    except DetectorError:
        return None
    return index if index.form == DOCUMENTS and index.about["source"] == source else None


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Hold an index for building; raises `SettingsError` where somebody else does."""
    lock_file = os.open(folder / f"{name}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(lock_file, "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"{name}: another build of this index is running", f"{name}：此索引正由另一个进程建立"
            ) from None
        yield


def all_indexes(state: Path) -> list[tuple[str, Index | Text]]:
    """Return every index by name, with its content, or with what is wrong with it."""
    found: list[tuple[str, Index | Text]] = []
    for path in sorted((state / FOLDER).glob(f"*{ENDING}")):
        try:
            found.append((path.stem, open_index(path, index_key(state), whole=False)))
        except DetectorError as error:
            found.append((path.stem, Text(str(error), error.chinese)))
    return found


def one_index(state: Path, name: str, *, whole: bool = False) -> Index:
    """Return one index; raises `DetectorError`."""
    if not INDEX_NAME.fullmatch(name):
        raise SettingsError(
            "an index is named with small letters a-z, digits and hyphens, 40 at most",
            "索引名只能用小写字母 a-z、数字和连字符，至多 40 个字符",
        )
    return open_index(index_path(state, name), index_key(state), whole=whole)


def summary(index: Index) -> Text:
    """Return one line about an index."""
    of = index.about
    rows = Text(f"{of['rows']} rows", f"{of['rows']} 行") if index.form != DOCUMENTS else None
    amount = rows or Text(f"{of['documents']} documents", f"{of['documents']} 份文档")
    size = f"{index.path.stat().st_size / 1e6:.1f} MB"
    return Text(*(f"{index.name}  {index.form}  {each}  {size}  {of['created']}" for each in (amount.en, amount.zh)))


def details(index: Index) -> Iterator[Text]:
    """Give what is known of an index, without any of its data."""
    source = index.about["source"]
    where = source.get("file") or source.get("folder")
    yield Text(
        f"source: {source['kind']}: {where or 'a database query'}", f"来源：{source['kind']}：{where or '数据库查询'}"
    )
    if index.form == DOCUMENTS:
        return
    need, near = index.about["need"], index.about["near"]
    yield Text(
        f"columns of one row that must stand near each other: {need}, within {near}",
        f"同一行须有 {need} 列的值出现在彼此附近，相距不超过 {near} 个字符",
    )
    for column in index.about["columns"]:
        name, kind, values = column["name"], column["kind"], column["values"]
        en, zh = (", matches alone", "，单独出现即匹配") if column["alone"] else ("", "")
        yield Text(f"column {name}: {kind}, {values} values{en}", f"列 {name}：{kind}，{values} 个值{zh}")


def documents_of(state: Path, index: Index) -> Iterator[Text]:
    """Give number and name of every document of an index; a finding tells the number."""
    for number, entry in enumerate(entries_of(index, derive(index_key(state), index.salt, "names"))):
        en, zh = ("", "") if entry.kept else ("  (no fingerprints of its own)", "  （没有自己的指纹）")
        yield Text(f"{number}  {entry.name}{en}", f"{number}  {entry.name}{zh}")


def remove(state: Path, name: str) -> None:
    """Take an index away, and what is left of a build; raises `SettingsError`."""
    path = index_path(state, name)
    if not INDEX_NAME.fullmatch(name) or not (path.exists() or path.with_suffix(".building").exists()):
        raise SettingsError(f"{path}: there is no such index", f"{path}：没有这个索引")
    with alone(state / FOLDER, name):
        path.unlink(missing_ok=True)
        shutil.rmtree(path.with_suffix(".building"), ignore_errors=True)
    path.with_suffix(".lock").unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, *times, console=err, transient=True, disable=not err.is_terminal)
