"""Documents are registered once, brought up to date cheaply, and none of their text is kept."""

from itertools import islice
from pathlib import Path

import pytest

from detectors.company import fingerprint_build
from detectors.company.fingerprint_build import FingerprintBuilder, entries_of
from detectors.company.fingerprints import Fingerprints
from detectors.company.index_file import open_index
from detectors.company.keys import derive, index_key
from detectors.company.text_files import Document, text_of
from detectors.interface import DetectorError
from tests.detectors.company.samples import SALT, documents, folder_in, values
from tests.detectors.company.test_fingerprints import CODE, MEMO, PLAN

TEXTS = {"合同/plan.txt": PLAN, "memo.txt": MEMO, "settle.py": CODE, "copy of plan.txt": PLAN, "empty.txt": ""}


def build(folder: Path, given, *, before=None, reads=text_of) -> FingerprintBuilder:
    builder = FingerprintBuilder(folder, "plans", {"kind": "folder"}, index_key(folder.parent), SALT, "then")
    builder.build(given, reads, before=before)
    return builder


def test_neither_text_nor_name_stands_in_the_files(tmp_path: Path):
    folder = folder_in(tmp_path)
    build(folder, documents(TEXTS))
    data = (folder / "plans.idx").read_bytes()
    for word in ("合同", "memo", "settle", "恒温仓库", "Thursday", "rate_table", "林查班"):
        assert all(word.encode(encoding) not in data for encoding in ("utf-8", "utf-16-le", "utf-32-le"))


def test_the_names_are_told_to_whoever_has_the_key(tmp_path: Path):
    folder = folder_in(tmp_path)
    build(folder, documents(TEXTS))
    key = index_key(tmp_path)
    index = open_index(folder / "plans.idx", key)
    told = entries_of(index, derive(key, index.salt, "names"))
    assert [(one.name, one.kept) for one in told] == [
        *[("合同/plan.txt", True), ("memo.txt", True), ("settle.py", True)],
        *[("copy of plan.txt", False), ("empty.txt", False)],
    ]
    with pytest.raises(DetectorError, match="names"):
        entries_of(index, b"x" * 32)


def cut_off(given, after: int):
    yield from islice(given, after)
    raise RuntimeError


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_build_that_was_cut_off_goes_on_and_comes_to_the_same_index(tmp_path: Path, monkeypatch, after: int):
    monkeypatch.setattr(fingerprint_build, "BATCH", 1)
    folder = folder_in(tmp_path)
    build(folder, documents(TEXTS))
    whole = open_index(folder / "plans.idx", index_key(tmp_path))
    with pytest.raises(RuntimeError):
        build(folder, cut_off(documents(TEXTS), after))
    work = folder / "plans.building"
    assert all(b"plan" not in path.read_bytes().replace(b'"plans"', b"") for path in work.iterdir())
    with (work / "prose-digests").open("ab") as spool:
        spool.write(b"half of what came after the last note")
    builder = FingerprintBuilder(folder, "plans", {"kind": "folder"}, index_key(tmp_path), b"other salt, 16 b", "later")
    assert [entry.name for entry in builder.entries] == list(TEXTS)[:after]
    builder.build(documents(TEXTS), text_of)
    again = open_index(folder / "plans.idx", index_key(tmp_path))
    assert again.about == whole.about
    for name, array in whole.arrays.items():
        assert name == "documents" or array.tolist() == again.arrays[name].tolist(), name
    assert not work.exists()


def test_only_what_changed_is_read_again(tmp_path: Path):
    folder, read = folder_in(tmp_path), []
    build(folder, documents(TEXTS))
    before = open_index(folder / "plans.idx", index_key(tmp_path))
    changed = {**TEXTS, "memo.txt": MEMO.replace("Dublin", "Madrid"), "new.txt": PLAN[::-1]}
    del changed["settle.py"]

    def noted(name: str, data: bytes) -> str | None:
        read.append(name)
        return text_of(name, data)

    build(folder, documents(changed), before=before, reads=noted)
    assert [name for name in read if name != "empty.txt"] == ["memo.txt", "new.txt"]
    updated = open_index(folder / "plans.idx", index_key(tmp_path))
    (tmp_path / "afresh").mkdir()
    fresh_folder = folder_in(tmp_path / "afresh")
    (tmp_path / "afresh" / "keys" / "index.key").write_bytes(index_key(tmp_path))
    build(fresh_folder, documents(changed))
    fresh = open_index(fresh_folder / "plans.idx", index_key(tmp_path))
    for name, array in fresh.arrays.items():
        assert name == "documents" or array.tolist() == updated.arrays[name].tolist(), name
    detector = Fingerprints("DOCUMENT", updated)
    assert values(detector, CODE) == [], "what was taken away is forgotten"
    assert len(values(detector, PLAN)) == 1, "what stayed is recognised"


def test_a_file_that_was_only_touched_is_read_and_not_cut_again(tmp_path: Path):
    folder, cut = folder_in(tmp_path), []
    build(folder, documents(TEXTS))
    before = open_index(folder / "plans.idx", index_key(tmp_path))
    touched = [Document("memo.txt", "another time", MEMO.encode)]
    build(folder, touched, before=before, reads=lambda name, _: cut.append(name))
    assert cut == []
    assert len(values(Fingerprints("D", open_index(folder / "plans.idx", index_key(tmp_path))), MEMO)) == 1


def test_a_document_that_cannot_be_read_is_named_and_nothing_is_built(tmp_path: Path):
    def gone() -> bytes:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(DetectorError, match=r"^secret\.txt: cannot be read: Permission denied"):
        build(folder_in(tmp_path), [Document("secret.txt", "1", gone)])
    assert not (tmp_path / "indexes" / "plans.idx").exists()
