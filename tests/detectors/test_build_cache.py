"""What is kept is what would be worked out anew, and no file is believed that may be somebody else's or damaged."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import build_cache
from detectors.build_cache import FILES, MAGIC, BuildCache, cache_folder, digest, inputs, kept, read_file, write_file
from tests.thorough import THOROUGH

ROOT = Path(__file__).parents[2]
NAME = f"build-{'0' * 32}.cache"
ANSWERS = {"a": ["x", 1.5], "b": [None, True]}


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    length: int


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BuildCache]:
    cache = BuildCache(tmp_path / "sluice" / NAME)
    monkeypatch.setattr(build_cache, "shared", lambda: cache)
    yield cache


def counted():
    """Return a kept function, and the list of what it was really asked."""
    asked = []

    @kept
    def measured(text: str, twice: bool = False) -> Answer:
        asked.append(text)
        return Answer(text * 2 if twice else text, len(text))

    return measured, asked


def anew(store: BuildCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin another process, as far as the cache is concerned."""
    again = BuildCache(store._path)
    monkeypatch.setattr(build_cache, "shared", lambda: again)


def test_an_answer_is_kept_from_one_start_to_the_next(store, monkeypatch):
    measured, asked = counted()
    with build_cache.building():
        first = [measured("a"), measured("a", twice=True), measured("密码")]
    anew(store, monkeypatch)
    assert [measured("a"), measured("a", twice=True), measured("密码")] == first and asked == ["a", "a", "密码"]
    assert store._path.stat().st_mode & 0o777 == 0o600 and store._path.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_is_kept_outside_a_block_nor_written_within(store):
    measured, _ = counted()
    measured("a")
    with build_cache.building():
        with build_cache.building():
            measured("b")
        assert not store._path.exists()
    assert len(read_file(store._path)) == 1


def test_an_answer_of_another_form_is_worked_out_anew(store, monkeypatch):
    measured, asked = counted()
    with build_cache.building():
        measured("a")
    (question,) = read_file(store._path)
    for wrong in (["a"], ["a", "1"], {"text": "a"}, "a", [1, 1]):
        write_file(store._path, {question: wrong})
        anew(store, monkeypatch)
        assert measured("a") == Answer("a", 1)
    assert len(asked) == 6


def file_at(folder: Path) -> Path:
    path = folder / "sluice" / NAME
    write_file(path, ANSWERS)
    return path


def test_a_file_is_read_as_it_was_written(tmp_path):
    assert read_file(file_at(tmp_path)) == ANSWERS


def rewritten(path: Path, body: bytes) -> None:
    path.write_bytes(MAGIC + digest(path.name.encode() + body).encode() + b"\n" + body)


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def folder_linked(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))
    path.parent.symlink_to(path.parent.with_name("elsewhere"))


def of_another(path: Path) -> None:
    other = path.with_name(f"build-{'1' * 32}.cache")
    write_file(other, ANSWERS)
    other.replace(path)


UNBELIEVED = {
    "others may write it": lambda path: path.chmod(0o602),
    "its group may write it": lambda path: path.chmod(0o620),
    "others may write its folder": lambda path: path.parent.chmod(0o777),
    "it is a link": linked,
    "its folder is a link": folder_linked,
    "it was made for other code or packages": of_another,
    "it is a folder": lambda path: (path.unlink(), path.mkdir()),
    "it is a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "it is empty": lambda path: path.write_bytes(b""),
    "it is cut off": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "it has more at the end": lambda path: path.write_bytes(path.read_bytes() + b" "),
    "it is of another form": lambda path: path.write_bytes(path.read_bytes().replace(b"cache 1", b"cache 2")),
    "it is no JSON": lambda path: rewritten(path, b"{"),
    "it is another JSON": lambda path: rewritten(path, b'["a"]'),
    "it is too large": lambda path: os.truncate(path, build_cache.LARGEST + 1),
    "it is gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("spoil", UNBELIEVED.values(), ids=UNBELIEVED)
def test_a_file_is_not_believed_where(spoil, tmp_path):
    path = file_at(tmp_path)
    spoil(path)
    assert read_file(path) == {}


@pytest.mark.parametrize("whose", ["file", "folder"])
def test_a_file_of_another_account_is_not_believed(whose, tmp_path, monkeypatch):
    path = file_at(tmp_path)
    strange = path.stat().st_ino if whose == "file" else path.parent.stat().st_ino
    ours = build_cache.ours

    def as_if(about, kind):
        if about.st_ino == strange:
            about = os.stat_result((*about[:4], os.geteuid() + 1, *about[5:]))
        return ours(about, kind)

    monkeypatch.setattr(build_cache, "ours", as_if)
    assert read_file(path) == {}


@given(st.data())
def test_a_file_with_any_other_byte_is_not_believed(tmp_path_factory, data):
    path = file_at(tmp_path_factory.mktemp("cache"))
    octets = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(octets) - 1))
    octets[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(octets)
    assert read_file(path) == {}


def test_where_nothing_can_be_written_nothing_is_kept_and_all_goes_on(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    cache = BuildCache(tmp_path / "file" / NAME)
    monkeypatch.setattr(build_cache, "shared", lambda: cache)
    measured, _ = counted()
    with build_cache.building():
        assert measured("a") == Answer("a", 1)


def test_a_folder_that_others_may_write_gets_no_file(tmp_path):
    (tmp_path / "sluice").mkdir()
    (tmp_path / "sluice").chmod(0o777)
    assert not file_at(tmp_path).exists()


def test_files_of_other_versions_are_few_and_strange_ones_are_left(tmp_path):
    folder = tmp_path / "sluice"
    for number in range(FILES + 5):
        write_file(folder / f"build-{number:032x}.cache", ANSWERS)
    (folder / "notes.txt").write_text("mine")
    path = file_at(tmp_path)
    assert path.exists() and len(list(folder.glob("build-*.cache"))) == FILES + 1
    assert (folder / "notes.txt").exists() and len(list(folder.iterdir())) == FILES + 2


def test_a_file_does_not_grow_without_end(store, monkeypatch):
    monkeypatch.setattr(build_cache, "MOST", 10)
    for first in range(0, 40, 4):
        anew(store, monkeypatch)
        measured, _ = counted()
        with build_cache.building():
            for number in range(first, first + 4):
                measured(str(number))
        assert len(read_file(store._path)) <= 10
    assert orjson.dumps(["39", 2]) in store._path.read_bytes()


def test_many_at_once_leave_one_whole_file(tmp_path):
    path = tmp_path / "sluice" / NAME
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write_file(path, {"n": [number] * 1000}), range(40)))
    assert len(set(read_file(path)["n"])) == 1 and [one.name for one in path.parent.iterdir()] == [NAME]


def no_home():
    raise RuntimeError


def test_the_folder_is_where_the_system_says(monkeypatch, tmp_path):
    for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "sluice"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert cache_folder() == tmp_path / ".cache" / "sluice"
    monkeypatch.setenv("CACHE_DIRECTORY", "relative")
    assert cache_folder() == tmp_path / ".cache" / "sluice", "never where somebody happens to stand"
    monkeypatch.setattr(Path, "home", no_home)
    assert cache_folder() is None
    monkeypatch.undo()
    monkeypatch.delenv("CACHE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache_folder() == Path("/x/sluice")
    monkeypatch.setenv("CACHE_DIRECTORY", "/y:/z")
    assert cache_folder() == Path("/y")


def test_other_code_other_packages_and_another_python_are_other_files(monkeypatch):
    marks = {inputs()}
    monkeypatch.setattr(build_cache, "version", lambda package: f"{package} 0")
    marks.add(inputs())
    monkeypatch.setattr(build_cache, "PACKAGES", ("numpy",))
    marks.add(inputs())
    monkeypatch.setattr(sys, "version", "3.99")
    marks.add(inputs())
    monkeypatch.setattr(build_cache, "LENT", "rich")
    marks.add(inputs())
    assert len(marks) == 5 and "" not in marks
    monkeypatch.setattr(build_cache, "LENT", "no_such_package")
    assert inputs() == "", "where it cannot be told, nothing is kept"


LOOK = """
import hashlib, json, sys
from pathlib import Path
from detectors.find import shipped_patterns
from detectors.patterns import shipped_rules
from detectors.presidio import shipped_recognizers

(every,) = shipped_patterns()
texts = [text for one in (*shipped_rules(), *shipped_recognizers()) for text in (*one.examples, *one.counterexamples)]
for path in sorted(Path("tests/cases").rglob("*")):
    if path.is_file():
        text = path.read_bytes().decode("utf-8", "replace")
        texts += [text[first : first + 20000] for first in range(0, len(text), 20000)]
texts = texts[:: int(sys.argv[1])]
mark, number = hashlib.sha256(), 0
for text in texts:
    for one in every.find(text, every.entities):
        mark.update(repr((one, one.because)).encode())
        number += 1
json.dump([len(texts), number, mark.hexdigest()], sys.stdout)
"""


def test_what_is_found_is_the_same_with_a_cache_and_without(tmp_path):
    folder = tmp_path / "sluice"

    def look() -> list:
        environment = {**os.environ, "CACHE_DIRECTORY": str(folder), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", LOOK, "1" if THOROUGH else "20"],
            capture_output=True,
            env=environment,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return orjson.loads(done.stdout)

    first = look()
    (file,) = folder.iterdir()
    stamp = file.stat().st_mtime_ns
    second = look()
    assert first == second and first[0] > 100 and first[1] > 30
    assert file.stat().st_mtime_ns == stamp, "a later start works nothing out and writes nothing"
