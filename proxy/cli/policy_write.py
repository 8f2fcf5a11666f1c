"""`sluice policy fmt`, `new`, `schema` and `when`: what is written for people who write policies.

Enters: files and answers. Leaves: a policy in the other language, a policy begun, the schema, the next windows. A file
is written only after what goes into it was read back and found to mean what it should, and never over another one.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from policies.decision import Text
from policies.format import translate
from policies.load import parse_folder, parse_policy, policy_files
from policies.model import Policy
from policies.problem import PolicyError, as_written, key_of
from policies.schema import policy_schema, suite_schema
from policies.suite import read_suite
from policies.template import Question, fill, questions
from policies.when import coming
from proxy.cli.policy import SUFFIX, Desk, tested
from proxy.errors import SettingsError, unreadable, unwritable

SHIPPED = Path(str(files("policies") / "shipped"))


def reformat(desk: Desk, path: Path, language: str) -> tuple[str, str]:
    """Return the text of a file, and the same in the other language; raises `PolicyError` or `SettingsError`.

    What comes out is read again, and must mean the same.
    """
    text = _read(path)
    suite = path.stem.endswith(SUFFIX)
    written = translate(text, language, suite=suite, name=str(path))
    if suite:
        policy = desk.policy(tested(path))
        same = read_suite(text, str(path), policy).cases == read_suite(written, str(path), policy).cases
    else:
        same = _meaning(text, path, desk) == _meaning(written, path, desk) and _same_folder(written, path, desk)
    if not same:
        raise SettingsError(
            f"{path}: a name in it is also a word of the language; rename that first",
            f"{path}：其中有一个名称同时是政策语言的词；请先改名",
        )
    return text, written


def _meaning(text: str, path: Path, desk: Desk) -> object:
    """Return what a policy file means: the policy, or for a part of a folder all that is wrong with it alone."""
    try:
        policy = parse_policy(text, str(path), lambda name: _read(path.parent / name), *desk.known)
    except PolicyError as error:
        # words of the language stand in a message as in the file, so they are compared in one language
        told = [(problem.line, Text(key_of(problem.message.en))) for problem in error.problems]
        return [(line, as_written(text, chinese=True).en) for line, text in told]
    return _meant(policy)


def _same_folder(written: str, path: Path, desk: Desk) -> bool:
    """Tell whether the folder means the same with `written` in the place of a file, if it is the policy of a folder."""
    folder = path.parent

    def meaning(texts: list[tuple[str, str]]) -> object:
        return _meant(parse_folder(texts, str(folder), lambda name: _read(folder / name), *desk.known))

    try:
        files = policy_files(folder)
        texts = [(str(each), _read(each)) for each in files]
        before = meaning(texts)
    except (PolicyError, SettingsError):
        return True  # it is none
    try:
        return meaning([(name, written if Path(name) == path else text) for name, text in texts]) == before
    except PolicyError:
        return False


def _meant(policy: Policy) -> object:
    return [getattr(policy, name) for name in MEANT]


MEANT = (
    *("name", "version", "otherwise", "rules", "owner", "time_zone", "hours", "groups", "services", "classes"),
    *("record", "notices", "quotas", "approved_by", "effective", "review", "signs"),
)


def write(path: Path, text: str, *, new: bool = False) -> None:
    """Write a file whole or not at all; with `new`, never over another. Raises `SettingsError`."""
    try:
        if new:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
            return
        path = path.resolve()  # a link stays one
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="")
            return
        made = path.with_name(f".{path.name}.new")
        try:
            made.write_bytes(text.encode())
            if path.exists():
                shutil.copymode(path, made)
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
    except FileExistsError:
        raise SettingsError(
            f"{path}: is there already; name another file", f"{path}：已经存在；请指定另一个文件"
        ) from None
    except OSError as error:
        raise unwritable(path, error.strerror) from None


def templates() -> dict[str, Path]:
    """Return the shipped policies that one can begin with, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml")) if not path.stem.endswith(SUFFIX)}


def template_text(name: str) -> str:
    """Return the text of a shipped policy; raises `SettingsError`."""
    known = templates()
    if name not in known:
        raise SettingsError(
            f"there is no template {name}; there are {', '.join(known)}",
            f"没有名为 {name} 的模板；可用的有：{'、'.join(known)}",
        )
    return _read(known[name])


def begin(desk: Desk, name: str, answers: Mapping[str, str], ask: Callable[[Question], str] | None, into: Path) -> str:
    """Return a policy begun from a template; `ask` is put every question that `answers` does not answer.

    What comes out is read back as the policy of `into`; raises `PolicyError` for an answer that does not fit.
    """
    template = template_text(name)
    given, asked = dict(answers), questions(template)
    for key in sorted(given.keys() - {question.key for question in asked}):
        raise SettingsError(
            f"the template {name} has no place for an answer about its {key}", f"模板 {name} 中没有 {key} 这一项可填"
        )
    for question in asked:
        if question.key not in given and ask is not None:
            given[question.key] = ask(question)
    text = fill(template, given)
    parse_policy(text, str(into), lambda file: _read(SHIPPED / file), *desk.known)
    return text


def begun(file: Path, template: str, language: str | None) -> tuple[Path, str]:
    """Return where the tests of a policy begun from `template` go, and their text; raises `SettingsError`."""
    text = _read(SHIPPED / f"{template}{SUFFIX}.yaml")
    if not file.stem:
        raise SettingsError(f"{file}: name a file, as policy.yaml", f"{file}：请指定文件，例如 policy.yaml")
    return file.with_name(f"{file.stem}{SUFFIX}.yaml"), translate(text, language, suite=True) if language else text


def next_steps(file: Path, tests: Path, language: str) -> Iterator[str]:
    """Give what to do with a policy that was just begun."""
    zh = language == "zh"
    yield f"{file}  {'政策' if zh else 'the policy'}"
    told = "它的测试；改了上下班时间，测试里的时间也要改" if zh else "its tests; change their clocks with its hours"
    yield f"{tests}  {told}"
    yield f"{'接下来' if zh else 'Next'}: sluice policy check {file}; sluice policy test {file}"
    yield f"{'启用：在 sluice.yaml 中写' if zh else 'To put it in force, write into sluice.yaml'}: policy: {file}"


def schema(desk: Desk, *, tests: bool) -> str:
    """Return the JSON Schema of policies, with the company's own entities, or of their tests."""
    made = suite_schema() if tests else policy_schema(desk.equipment.own_entities)
    return json.dumps(made, ensure_ascii=False, indent=2)


def windows(policy: Policy, start: datetime, days: int, language: str) -> Iterator[str]:
    """Give the next windows of every named hours, one day a line."""
    if not policy.hours:
        yield "本政策没有定义时段。" if language == "zh" else "This policy defines no hours."
    for hours in policy.hours:
        yield f"{hours.name} ({hours.zone})"
        yield from (f"    {day.said(language)}" for day in coming(hours, start, days))


def plain_windows(policy: Policy, start: datetime, days: int) -> list[dict[str, Any]]:
    """Return the next windows for machines."""
    return [
        {
            "hours": hours.name,
            "zone": hours.zone,
            "days": [
                {
                    "day": day.day.isoformat(),
                    "opens": day.opens.isoformat() if day.opens else None,
                    "closes": day.closes.isoformat() if day.closes else None,
                    "special": {"en": day.special.en, "zh": day.special.zh},
                }
                for day in coming(hours, start, days)
            ],
        }
        for hours in policy.hours
    ]


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeError:
        raise SettingsError(f"{path}: the text is not UTF-8", f"{path}：文本不是 UTF-8 编码") from None
    except OSError as error:
        raise unreadable(path, error.strerror) from None
