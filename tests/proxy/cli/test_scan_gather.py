"""What is scanned of a folder: every file, whatever `.gitignore` says; and nothing goes unsaid."""

from pathlib import Path

import pytest

from proxy.cli.scan_gather import Globs, fits, gather
from proxy.errors import SettingsError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.py", ".env", ".gitignore", "sub/c.py", "sub/deep/d.py", "node_modules/e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(".env\nsub/\n", "utf-8")
    return tmp_path


def ways(folder: Path, **globs: tuple[str, ...]) -> list[str]:
    return [source.path.relative_to(folder).as_posix() for source in gather([folder], Globs(**globs)).sources]


def test_a_folder_is_taken_whole_and_in_order_whatever_gitignore_says(folder: Path) -> None:
    assert ways(folder) == [
        ".env",
        ".gitignore",
        "a.py",
        "b.txt",
        "node_modules/e.py",
        "sub/c.py",
        "sub/deep/d.py",
    ]


@pytest.mark.parametrize(
    ("globs", "taken"),
    [
        ({"include": ("*.txt", ".env")}, [".env", "b.txt"]),
        ({"include": ("*.py",), "exclude": ("node_modules",)}, ["a.py", "sub/c.py", "sub/deep/d.py"]),
        ({"include": ("*.py",), "exclude": ("sub/*", "node_modules/")}, ["a.py"]),
        ({"include": ("sub/*.py",)}, ["sub/c.py", "sub/deep/d.py"]),
        ({"include": ("sub",), "exclude": ("deep",)}, ["sub/c.py"]),
    ],
    ids=["names", "a folder left out", "paths", "a slash is any character", "all in a folder"],
)
def test_globs_choose_among_the_files_of_a_folder(folder: Path, globs: dict, taken: list[str]) -> None:
    assert ways(folder, **globs) == taken


def test_globs_say_nothing_of_a_file_that_is_named(folder: Path) -> None:
    [source] = gather([folder / "a.py"], Globs(exclude=("*.py",))).sources
    assert source.named and source.size == 10


def test_links_are_counted_and_not_followed(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "link.py").symlink_to(folder / "a.py")
    found = gather([folder], Globs())
    assert found.links == 2 and len(found.sources) == 7


def test_a_named_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="gone: cannot be read"):
        gather([tmp_path / "gone"], Globs())


def test_a_folder_that_cannot_be_listed_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from proxy.cli import scan_gather

    def walk(top, onerror):
        onerror(PermissionError(13, "Permission denied", str(top)))
        return iter(())

    monkeypatch.setattr(scan_gather.os, "walk", walk)
    [one] = gather([folder], Globs()).unreadable
    assert (one.name, one.problem) == (str(folder), "Permission denied")


@pytest.mark.parametrize(
    ("glob", "way", "fit"),
    [
        ("*.py", "a/b.py", True),
        ("b", "a/b/c", True),
        ("B", "a/b/c", False),
        ("a/*", "a/b/c", True),
        ("/a/b", "a/b/c", True),
        ("b/c", "a/b/c", False),
        ("[ab].txt", "c.txt", False),
    ],
)
def test_a_glob_fits_a_name_or_a_path(glob: str, way: str, fit: bool) -> None:
    assert fits(glob, way) is fit
