"""Indexes of a few made-up rows and documents, for the tests of this room."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from detectors.company.exact import ExactMatch
from detectors.company.exact_build import ExactBuilder, Plan, column_of
from detectors.company.fingerprint_build import FingerprintBuilder
from detectors.company.fingerprints import Fingerprints
from detectors.company.index_file import open_index
from detectors.company.keys import index_key
from detectors.company.text_files import Document, text_of

SALT = b"\x07" * 16
COLUMNS = ("姓名:name", "公司:text", "账号:account", "手机:phone", "证件:id", "邮箱:email")
ROWS = (
    ("欧阳明月", "上海北斗（集团）有限公司", "6222 0212 3456 7890", "+86 138-1234-0001", "E88776655", "moon@star.cn"),
    (
        "Maria Lopez",
        "Falcon Heavy Industries",
        "99887766554433",
        "0086 13912340002",
        "K12345678",
        "M.Lopez@Example.org",
    ),
    ("王伟", "", "6222021299998888", "13712340003", "11010119900307001X", ""),
    ("測試員", "", "123456789", "13800138000", "", "test@example.com"),
)


def folder_in(tmp_path: Path) -> Path:
    """Return a folder for indexes in a state directory that has a key."""
    folder = tmp_path / "indexes"
    folder.mkdir(exist_ok=True)
    key = tmp_path / "keys" / "index.key"
    if not key.exists():  # the same in every run: which pieces of a document are registered hangs on it
        key.parent.mkdir(mode=0o700, exist_ok=True)
        key.touch(mode=0o600)
        key.write_bytes(b"\x2a" * 32)
    return folder


def plan(
    columns: Sequence[str] = COLUMNS,
    alone: Sequence[str] = (),
    need: int = 2,
    near: int = 100,
    stop: Sequence[str] = (),
) -> Plan:
    return Plan("customers", tuple(column_of(each, alone) for each in columns), {"kind": "csv"}, need, near, stop)


def exact(tmp_path: Path, rows: Iterable[Sequence[str]] = ROWS, asked: Plan | None = None) -> ExactMatch:
    """Return a detector of `rows`."""
    folder, key = folder_in(tmp_path), index_key(tmp_path, make=True)
    ExactBuilder(folder, asked or plan(), key, SALT, "2026-12-01").build(rows)
    return ExactMatch("CUSTOMER", open_index(folder / "customers.idx", key))


def values(detector: ExactMatch | Fingerprints, text: str) -> list[str]:
    """Return what is found in a text, as it stands there."""
    return [text[one.start : one.end] for one in detector.find(text, detector.entities)]


def documents(texts: dict[str, str]) -> list[Document]:
    return [Document(name, str(hash(text)), text.encode) for name, text in texts.items()]


def prints(tmp_path: Path, texts: dict[str, str], common: dict[str, str] | None = None) -> Fingerprints:
    """Return a detector of documents."""
    folder, key = folder_in(tmp_path), index_key(tmp_path, make=True)
    builder = FingerprintBuilder(folder, "plans", {"kind": "folder"}, key, SALT, "2026-12-01")
    builder.build(documents(texts), text_of, documents(common or {}))
    return Fingerprints("DOCUMENT", open_index(folder / "plans.idx", key))
