"""`sluice scan`: what is confidential in texts, files and folders? A public contract: see docs/scan.md.

Enters: files, folders, standard input, or JSON lines. Leaves: findings by offset, in the order of the input, in the
form that was asked for; the values only if they were asked for. What could not be looked into is told and counted.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from detectors.decode_text import UTF8
from detectors.entities import ENTITIES
from detectors.find import Finder
from detectors.interface import Scan
from policies.decision import Text, lowest
from policies.load import load_policy
from policies.model import Policy
from policies.read import near
from policies.words import alias, canonical
from proxy.cli.common import err, language, settings_of
from proxy.cli.scan_files import Files, look_at, look_into_all
from proxy.cli.scan_forms import answer, spelt
from proxy.cli.scan_gather import Gathered, Globs, gather
from proxy.cli.scan_look import Looked, Wish, look, seen, unlisted
from proxy.cli.scan_view import Sum
from proxy.cli.scan_write import Asked, write
from proxy.equip import Equipment, detectors_of
from proxy.errors import SettingsError, unreadable
from proxy.findable import asked_for_names, needs_models
from proxy.settings.interface import Settings

STDIN: Final = "(standard input)"
ENTRY: Final = '{"id": …, "text": "…"}'
WORTH_A_PROCESS: Final = 2_000_000
"""Bytes of all files from which on it pays to start more processes, which takes each some seconds."""
MOST_JOBS: Final = 8
PATIENCE: Final = 3600.0
"""Seconds that looking for names in one text may take, and more where it is long: nobody's answer waits for a scan, and
a machine that is busy must not leave a file unread."""


def finder_for(
    policy_path: Path | None, entities: str | None, config: Path | None = None
) -> tuple[Finder, frozenset[str]]:
    """Return the finder and the entities asked for; raises `SettingsError` for a name nobody detects.

    Rules and models of the company's own come from the settings, where there are any.
    """
    finder, wanted, _ = searched(policy_path, entities, config)
    return finder, wanted


def searched(
    policy_path: Path | None, entities: str | None, config: Path | None = None
) -> tuple[Finder, frozenset[str], dict[str, float]]:
    """Return the same, and the least score that the policy's data classes ask of an entity, where they do.

    What two classes name counts from the lower score of both, as it does when the policy decides.
    """
    settings, policy = both(policy_path, config)
    floors = lowest(dict.fromkeys(one.entities, one.minimum) for one in policy.classes) if policy is not None else {}
    wanted = names_in(entities)
    finder = finder_of(settings, policy, wanted)
    if wanted is None:
        return finder, entities_of(policy) if policy is not None else finder.default, floors
    must_be_found(wanted, finder)
    return finder, wanted, floors


def both(policy_path: Path | None, config: Path | None) -> tuple[Settings, Policy | None]:
    """Return the settings, and the policy where one is named; raises `SettingsError` and `PolicyError`."""
    settings = settings_of(config)
    if policy_path is None:
        return settings, None
    return settings, load_policy(policy_path, own_entities=Equipment(settings.detection).own_entities)


def finder_of(settings: Settings, policy: Policy | None, asked: frozenset[str] | None) -> Finder:
    """Return what finds all of `asked`, or where that is none of what the policy names, or else what is the default.

    Models that look for nothing of it stay unloaded: to open them takes longer than all the rest.
    """
    detection = settings.detection
    names = asked_for_names(policy, detection) if asked is None and policy else needs_models(asked, detection)
    return Finder(detectors_of(policy, settings, PATIENCE, names=names), failed=could_not)


@cache
def could_not(why: str) -> None:
    """Tell once which detector could not tell, and why; the lines say of which texts."""
    err.print(why, markup=False)


def names_in(entities: str | None) -> frozenset[str] | None:
    """Return the entities in a list with commas, as Chinese keyboards write them, too; none where there is no list.

    Their official Chinese names count, as they do in a policy. Raises `SettingsError` for a list that names none:
    where nothing is looked for, everything would seem clean.
    """
    if not entities:
        return None
    names = filter(None, map(str.strip, re.split("[,，、]", entities)))
    found = frozenset(canonical(name, ENTITIES) for name in names)
    if not found:
        raise SettingsError(
            "--entities names none; write them as CN_ID_CARD,PHONE_NUMBER",
            "--entities 没有写出任何实体；写法如 人名,电话号码",
        )
    return found


def must_be_found(entities: Iterable[str], finder: Finder) -> None:
    """Raise `SettingsError` for a name that nobody detects, with the entity that is meant where one is near."""
    for name in sorted(frozenset(entities) - finder.entities):
        meant = near(name, finder.entities)
        hint = Text("the policy reference lists all entities", "实体列表见政策语言参考")
        if meant:
            called = f"{meant}（{alias(meant)}）" if alias(meant) != meant else meant
            hint = Text(f"did you mean {meant}?", f"是否指 {called}？")
        raise SettingsError(f"no detector finds {name}; {hint.en}", f"没有检测器识别 {name}；{hint.zh}")


def must_be_known(encoding: str) -> None:
    """Raise `SettingsError` for an encoding of text that Python does not know."""
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, UnicodeError):  # Python's own `undefined` encodes nothing
        raise SettingsError(
            f"no encoding is called {encoding}; write it as gb18030, big5 or utf-16",
            f"没有名为 {encoding} 的编码；写法如 gb18030、big5、utf-16",
        ) from None


def another_finder(policy_path: Path | None, entities: str | None, config: Path | None) -> Finder:
    """Return the finder of one more process, for the same question."""
    return finder_for(policy_path, entities, config)[0]


def entities_of(policy: Policy) -> frozenset[str]:
    """Return every entity that one of the policy's data classes names."""
    return frozenset[str]().union(*(each.entities for each in policy.classes))


# -- JSON lines in and out --------------------------------------------------------------------------------------------


def scan_lines(
    finder: Finder, wanted: frozenset[str], lines: Iterable[bytes], out: TextIO, asked: Asked | None = None
) -> tuple[int, int]:
    """Answer each JSON line with one; return how many findings there were, and how many lines could not be read.

    Each of those is told on standard error, by its number: one bad line must not leave the others unsearched.
    """
    asked = asked or Asked()
    wish = replace(asked.wish, wanted=wanted)
    total = refused = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            name, text = entry["id"], entry["text"]
            if not isinstance(text, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            refused += 1
            bad = Text(f"line {number}: expected {ENTRY} in UTF-8", f"第 {number} 行：应为 UTF-8 编码的 {ENTRY}")
            err.print(bad.in_language(language()), markup=False, highlight=False)
            continue
        looked = look(finder, wish, "", text)
        total += len(looked.sights)
        out.write(spelt(answer(name, looked, explain=asked.explain)) + "\n")
        out.flush()
    return total, refused


def told(name: Any, scan: Scan) -> dict[str, Any]:
    """Return one answer line."""
    return answer(name, seen(Wish(frozenset()), "", "", scan))


def read_lines(files: Iterable[Path]) -> Iterator[Iterable[bytes]]:
    """Yield the lines of every file, or of standard input where none is named; raises `SettingsError`."""
    named = tuple(files)
    if not named:
        yield sys.stdin.buffer
    for file in named:
        try:
            with file.open("rb") as lines:
                yield lines
        except OSError as error:
            raise unreadable(file, error.strerror) from None


# -- files, folders and standard input --------------------------------------------------------------------------------


def scan_input(finder: Finder, wish: Wish, data: bytes) -> Iterator[Looked]:
    """Look into what came on standard input; raises `SettingsError` where nothing of it can be read."""
    reader = Files(wish)
    try:
        for one in look_at(finder, wish, STDIN, data, reader):
            if one.failed and not one.partly and one.name == STDIN:
                raise SettingsError(
                    f"what came on standard input cannot be looked into: {one.problem.en}; "
                    "a text in another encoding than UTF-8 is named with --encoding",
                    f"标准输入的内容无法查看：{one.problem.zh or one.problem.en}；文本若不是 UTF-8，"
                    "请用 --encoding 说明编码",
                )
            yield one
    finally:
        reader.close()


def scan_files(
    finder: Finder, asked: Asked, gathered: Gathered, load: Callable[[], Finder], sums: Sum
) -> Iterator[Looked]:
    """Yield what is in each file, counting it in `sums`; a bar shows on standard error how far it is."""
    sums.links = gathered.links
    for folder in gathered.unreadable:
        yield counted(Looked(folder.name, problem=unlisted(folder.problem)), sums, asked)
    sizes = [source.size for source in gathered.sources]
    with bar(sum(sizes), asked.screen or err, len(sizes)) as step:
        jobs = asked.jobs or jobs_for(gathered)
        looked = look_into_all(gathered.sources, asked.wish, jobs, finder, load)
        for source, parts in zip(gathered.sources, looked, strict=True):
            for one in parts:
                yield counted(one, sums, asked)
            step(source.size)


def counted(looked: Looked, sums: Sum, asked: Asked) -> Looked:
    """Return it, counted; where it was not in UTF-8, that is told on standard error, unless it is seen anyway."""
    sums.add(looked)
    if looked.encoding != UTF8 and asked.screen is None and not asked.wish.encoding:
        as_what = Text(
            f"{looked.name}: not UTF-8; read as {looked.encoding}",
            f"{looked.name}：不是 UTF-8，按 {looked.encoding} 读取",
        )
        err.print(as_what.in_language(language()), markup=False)
    return looked


def jobs_for(gathered: Gathered) -> int:
    """Return how many processes are worth their start."""
    if len(gathered.sources) < 2 or sum(source.size for source in gathered.sources) < WORTH_A_PROCESS:
        return 1
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MOST_JOBS)


SCANNING: Final = Text("Scanning", "正在检查")
SCANNING_FILES: Final = Text("Scanning, {} of {} files", "正在检查，第 {} 个，共 {} 个文件")


@contextmanager
def bar(size: int, screen: Console = err, files: int = 0) -> Iterator[Callable[[int], None]]:
    """Show how much of `size` is done, where there is a terminal: below what is printed on it meanwhile.

    Of how many `files` it is shown, too, where there are any.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        plainly, counting = SCANNING.in_language(language()), SCANNING_FILES.in_language(language())
        task = progress.add_task(plainly, total=max(size, 1))
        finished = count(1)

        def step(done: int) -> None:
            told = counting.format(next(finished), files) if files else plainly
            progress.update(task, advance=done, description=told)

        yield step


def run(
    files: Sequence[Path], globs: Globs, asked: Asked, load: Callable[[], Finder], finder: Finder, out: TextIO
) -> Sum:
    """Scan and write; return what came of it. Raises `SettingsError` for what was named and is not there."""
    sums = Sum()
    if not files:
        data = sys.stdin.buffer.read()
        write([counted(one, sums, asked) for one in scan_input(finder, asked.wish, data)], asked, sums, out)
    else:
        write(scan_files(finder, asked, gather(files, globs), load, sums), asked, sums, out)
    return sums
