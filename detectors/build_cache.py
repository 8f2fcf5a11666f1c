"""The build cache: what was worked out from patterns alone, kept from one start to the next. This room does I/O.

Enters: pure functions of texts, marked as `kept`. Leaves: the same answers, sooner. Kept is only what is worked out in
a `with building():` block; the file stands in the user's cache folder, for its owner only. A file that is damaged, of
other code or packages, or that anybody else could have written is not believed, for it says which gates are shut.
Whatever goes wrong here costs time and nothing else.
"""

import hashlib
import importlib.util
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import RLock
from typing import Any, Final, get_type_hints

import orjson

from detectors.plain import Unfit, plain, reader_of

MAGIC: Final = b"sluice build cache 1\n"
LARGEST: Final = 32 << 20
"""Bytes of a file that is read at most."""
MOST: Final = 20_000
"""Answers in a file; beyond them it is begun anew with those that were asked for."""
FILES: Final = 4
"""Files of other versions that are left."""
NAME: Final = re.compile(r"build-[0-9a-f]{32}\.cache")

PACKAGES: Final = ("google-re2", "regex")
"""What answers depend on besides the code here; of Presidio, the very files count."""
LENT: Final = "presidio_analyzer"


class BuildCache:
    """Answers by the digest of their questions."""

    def __init__(self, path: Path | None) -> None:
        """Take the file, if there is a place for one; it is read when the first question comes."""
        self._path = path
        self._kept: dict[str, Any] | None = None
        self._asked: dict[str, Any] = {}
        self._new = False
        self._building = 0
        self._lock = RLock()

    def get(self, question: str) -> Any:
        """Return the answer kept; none where there is none, for an answer is never none."""
        with self._lock:
            if self._kept is None:
                self._kept = read_file(self._path) if self._path else {}
            answer = self._kept.get(question)
            if answer is not None and self._building:
                self._asked[question] = answer
            return answer

    def put(self, question: str, answer: Any) -> None:
        """Keep an answer, where that is wanted."""
        with self._lock:
            if self._building and self._path:
                self._asked[question] = answer
                self._new = True

    @contextmanager
    def building(self) -> Iterator[None]:
        """Keep what is worked out inside, and write it at the end of the outermost block."""
        with self._lock:
            self._building += 1
        try:
            yield
        finally:
            with self._lock:
                self._building -= 1
                if not self._building:
                    self._write()

    def _write(self) -> None:
        if self._new and self._path:
            whole = {**(self._kept or {}), **self._asked}
            self._kept = whole if len(whole) <= MOST else dict(self._asked)
            write_file(self._path, self._kept)
        self._new = False
        self._asked = {}


def kept[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Keep what a pure function of texts and flags answers; its answers are never none."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
        store = shared()
        question = digest(repr((name, args, sorted(kwargs.items()))).encode())
        answer = store.get(question)
        if answer is not None:
            with suppress(Unfit):
                value: R = reader_of(_returned(function))(answer)
                return value
        value = function(*args, **kwargs)
        store.put(question, plain(value))
        return value

    return remembering


@cache
def _returned(function: Callable[..., Any]) -> Any:
    return get_type_hints(function)["return"]


def building() -> Any:
    """Return the block in which answers are kept."""
    return shared().building()


@cache
def shared() -> BuildCache:
    """Return the cache of this process."""
    folder, mark = cache_folder(), inputs()
    return BuildCache(folder / f"build-{mark}.cache" if folder and mark else None)


def cache_folder() -> Path | None:
    """Return where files are kept; none where there is no place."""
    given = os.environ.get("CACHE_DIRECTORY", "").split(":")[0]  # what systemd made for us
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        places = (Path(given), Path(base) / "sluice", Path.home() / ".cache" / "sluice")
    except RuntimeError:  # an account without a home
        places = (Path(given), Path(base) / "sluice", Path())
    return next((place for place in places if place.is_absolute()), None)


def inputs() -> str:
    """Return a digest of all that answers depend on besides their questions; empty where that cannot be told."""
    mark = hashlib.blake2b(MAGIC + sys.version.encode(), digest_size=16)
    try:
        for package in PACKAGES:
            mark.update(f"{package} {version(package)}\0".encode())
        spec = importlib.util.find_spec(LENT)
        lent = Path(spec.origin).parent if spec and spec.origin else None
        files = sorted(Path(__file__).parent.glob("*.py"))
        if lent is None or not files:
            return ""
        for file in (*files, *sorted(lent.glob("*.py")), *sorted((lent / "predefined_recognizers").rglob("*.py"))):
            text = file.read_bytes()
            mark.update(f"{file.name} {len(text)}\0".encode() + text)
    except (OSError, PackageNotFoundError):
        return ""
    return mark.hexdigest()


def digest(octets: bytes) -> str:
    """Return the digest of a question or of a file."""
    return hashlib.blake2b(octets, digest_size=16).hexdigest()


def read_file(path: Path) -> dict[str, Any]:
    """Return what a file keeps; nothing where it is not there or not to be believed."""
    try:
        if not ours(path.parent.lstat(), stat.S_ISDIR):
            return {}
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not ours(about, stat.S_ISREG) or about.st_size > LARGEST:
                return {}
            octets = file.read(LARGEST + 1)
    except OSError:
        return {}
    head, _, body = octets.removeprefix(MAGIC).partition(b"\n")
    if not octets.startswith(MAGIC) or head != digest(path.name.encode() + body).encode():
        return {}
    try:
        answers = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answers if isinstance(answers, dict) else {}


def ours(about: os.stat_result, kind: Callable[[int], bool]) -> bool:
    """Tell whether only this account, or the system's, can have written what stands there."""
    return kind(about.st_mode) and about.st_uid in (os.geteuid(), 0) and not about.st_mode & 0o022


def write_file(path: Path, answers: dict[str, Any]) -> None:
    """Write a file in one piece, and take away those of versions long gone; where that cannot be, do nothing."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        body = orjson.dumps(answers)
        if len(body) > LARGEST - 1024:
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not ours(path.parent.lstat(), stat.S_ISDIR):
            return
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(MAGIC + digest(path.name.encode() + body).encode() + b"\n" + body)
        partial.replace(path)
        others = [one for one in path.parent.iterdir() if NAME.fullmatch(one.name) and one != path]
        for one in sorted(others, key=lambda each: each.stat().st_mtime, reverse=True)[FILES:]:
            one.unlink()
    except (OSError, orjson.JSONEncodeError):
        with suppress(OSError):
            partial.unlink(missing_ok=True)
