"""What is wrong with a file, in English and Chinese: where it stands, what it is and what to do, a line for each slip.

Enters: places and sentences. Leaves: a `DetectorError` that has both languages. Of a library's own words only the place
and what it looked for are passed on.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from types import MappingProxyType, TracebackType
from typing import Final, NamedTuple

from detectors.interface import DetectorError

SYSTEMS: Final[dict[type[Exception], str]] = {
    FileNotFoundError: "没有这个文件或文件夹",
    PermissionError: "没有权限",
    IsADirectoryError: "这是一个文件夹",
    NotADirectoryError: "路径中有一段不是文件夹",
}
"""What the system says of a file, in Chinese."""


class Where(NamedTuple):
    """A place in a file, as both languages name it."""

    en: str
    zh: str

    def under(self, key: str) -> "Where":
        """Return the place of a key there."""
        return Where(f"{self.en}: {key}", f"{self.zh}：{key}")

    def wrong(self, en: str, zh: str) -> DetectorError:
        """Return the error that says what is wrong there."""
        return DetectorError(f"{self.en}: {en}", f"{self.zh}：{zh}")


class Slips:
    """What is wrong with a file, gathered: each `with` goes on behind a slip, and `stop` raises them all."""

    def __init__(self) -> None:
        """Begin with none."""
        self.errors: list[DetectorError] = []

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> bool:
        """Keep a `DetectorError`; let all else go on."""
        if isinstance(error, DetectorError):
            self.errors.append(error)
        return isinstance(error, DetectorError)

    def add(self, error: DetectorError) -> None:
        """Keep a slip."""
        self.errors.append(error)

    def stop(self) -> None:
        """Raise `DetectorError` with all of them, a line each, where there are any."""
        if self.errors:
            raise DetectorError("\n".join(map(str, self.errors)), "\n".join(error.chinese for error in self.errors))


def meant(word: str, known: Collection[str], habits: Mapping[str, str] = MappingProxyType({})) -> tuple[str, str]:
    """Ask whether the nearest known word was meant, in English and Chinese; empty where none is near.

    `habits` are words that other tools or people have for a known one; spelling would not lead from one to the other.
    """
    called = habits.get(word.strip().lower(), "")
    near = [called] if called in known else get_close_matches(word, sorted(known), 1)
    return (f"did you mean `{near[0]}`? ", f"是否想写 `{near[0]}`？") if near else ("", "")


def unread(file: str, error: Exception) -> DetectorError:
    """Return the error that says in one line why a file cannot be read, and where in it."""
    where = Where(file, file)
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        line, column = mark.line + 1, mark.column + 1
        problem = getattr(error, "problem", None) or "no YAML"
        return where.wrong(
            f"cannot be read: line {line}, column {column}: {problem}",
            f"无法读取：第 {line} 行第 {column} 列不是有效的 YAML（{problem}）；请检查缩进、冒号、引号和括号",
        )
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return where.wrong(
            f"cannot be read: line {line}: it is not written in UTF-8; save it as UTF-8",
            f"无法读取：第 {line} 行不是 UTF-8 编码；请另存为 UTF-8",
        )
    said = str(getattr(error, "strerror", None) or error)
    return where.wrong(f"cannot be read: {said}", f"无法读取：{SYSTEMS.get(type(error), said)}")
